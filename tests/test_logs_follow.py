"""``code-ops logs follow`` on real files that grow, are rotated, cut and deleted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from code_ops.logs import LogAnalyzer

pytest.importorskip("code_rust_core", reason="following needs the native module")

_COMMAND = [sys.executable, "-m", "code_ops", "logs", "follow"]
_SECONDS = 20.0


def _line(second: int, text: str, level: str = "INFO") -> str:
    return f"2026-11-20T10:00:{second:02}Z {level} [app] {text}\n"


class _Followed:
    """A command that follows, and what it wrote so far."""

    def __init__(self, arguments: Sequence[str], **settings: object) -> None:
        self.process = subprocess.Popen(
            [*_COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **settings,  # type: ignore[call-overload]
        )
        self.out: list[str] = []
        self.talk: list[str] = []
        self._threads = []
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.talk)):
            thread = threading.Thread(target=_collect, args=(stream, lines))
            thread.start()
            self._threads.append(thread)

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        end = time.monotonic() + _SECONDS
        while not is_there():
            assert time.monotonic() < end, (self.out, self.talk)
            assert self.process.poll() is None or is_there(), (self.out, self.talk)
            time.sleep(0.02)

    def wait_for_line(self, text: str) -> None:
        self.wait_for(lambda: any(text in line for line in self.out))

    def wait_for_talk(self, text: str) -> None:
        self.wait_for(lambda: any(text in line for line in self.talk))

    def end(self) -> int:
        self.process.wait(_SECONDS)
        for thread in self._threads:
            thread.join(_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return int(self.process.returncode)


def _collect(stream: Iterator[str], lines: list[str]) -> None:
    lines.extend(iter(stream))


@pytest.fixture
def follow() -> Iterator[Callable[..., _Followed]]:
    started = []

    def start(*arguments: object, **settings: object) -> _Followed:
        started.append(_Followed([str(argument) for argument in arguments], **settings))
        return started[-1]

    yield start
    for followed in started:
        followed.process.kill()
        followed.end()


def _append(path: Path, text: str) -> None:
    with path.open("a") as stream:
        stream.write(text)


def test_growth_rotation_cut_and_deletion(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "app.log"
    log.write_text("".join(_line(second, f"old {second}") for second in range(20)))
    followed = follow(log, "--last", "2")
    followed.wait_for_line("old 19")

    _append(log, _line(20, "grown"))
    followed.wait_for_line("grown")
    # The rest of a rotated file comes before the new one.
    _append(log, _line(21, "rest"))
    log.rename(tmp_path / "app.log.1")
    log.write_text(_line(22, "rotated"))
    followed.wait_for_line("rotated")
    followed.wait_for_talk("was rotated")
    # As logrotate's copytruncate does.
    log.write_text("")
    followed.wait_for_talk("was cut")
    _append(log, _line(23, "cut"))
    followed.wait_for_line("cut")
    log.unlink()
    followed.wait_for_talk("is not there")
    log.write_text(_line(24, "again"))
    followed.wait_for_line("again")

    followed.process.send_signal(signal.SIGINT)
    assert followed.end() == 130
    texts = ["old 18", "old 19", "grown", "rest", "rotated", "cut", "again"]
    assert followed.out == [_line(18 + index, text) for index, text in enumerate(texts)]
    assert not any("Traceback" in line for line in followed.talk)


def test_written_anew_at_the_same_length(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(1, "one") + _line(2, "two"))
    followed = follow(log)
    followed.wait_for_line("two")
    # The same file, longer than before, with other bytes: only these tell.
    log.write_text(_line(3, "tre") + _line(4, "for") + _line(5, "five"))
    followed.wait_for_line("five")
    followed.process.kill()
    followed.end()
    assert [line.split()[-1] for line in followed.out] == ["one", "two", "tre", "for", "five"]


def test_lines_of_an_event_come_together(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(0, "start"))
    followed = follow(log, "--level", "error", "--for", "4s")
    time.sleep(0.5)
    _append(log, _line(1, "it failed", "ERROR") + "Traceback (most recent call last):\n")
    time.sleep(0.05)
    _append(log, "  File 'a.py', line 1\nValueError: x\n")
    _append(log, _line(2, "after"))
    assert followed.end() == 0
    assert "".join(followed.out) == (
        _line(1, "it failed", "ERROR")
        + "Traceback (most recent call last):\n  File 'a.py', line 1\nValueError: x\n"
    )


def test_a_file_that_is_not_there_yet(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "late.log"
    followed = follow(log, "--first", "2")
    followed.wait_for_talk("is not there")
    log.write_text(_line(1, "one") + _line(2, "two") + _line(3, "three"))
    assert followed.end() == 0
    assert followed.out[:2] == [_line(1, "one"), _line(2, "two")]


def test_time_is_over_before_enough_came(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(1, "one"))
    followed = follow(log, "--first", "1", "--for", "500ms")
    assert followed.end() == 1
    assert followed.out == []


def test_several_files_and_json(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text(_line(1, "one"))
    second.write_text('{"time":"2026-11-20T10:00:02Z","level":"warn","msg":"two","size":3}\n')
    followed = follow(first, second, "--format", "ndjson", "--for", "1s")
    assert followed.end() == 0
    assert [json.loads(line) for line in followed.out] == [
        {
            "file": str(first),
            "time": "2026-11-20T10:00:01Z",
            "level": "info",
            "source": "app",
            "message": "one",
        },
        {
            "file": str(second),
            "time": "2026-11-20T10:00:02Z",
            "level": "warning",
            "message": "two",
            "fields": {"size": 3},
        },
    ]


def test_a_pipe_to_its_end(follow: Callable[..., _Followed]) -> None:
    read, write = os.pipe()
    followed = follow("-", "--format", "raw", stdin=read)
    os.close(read)
    os.write(write, _line(1, "one").encode())
    followed.wait_for_line("one")
    os.write(write, _line(2, "two").encode() + b"no end of line")
    os.close(write)
    assert followed.end() == 0
    assert "".join(followed.out) == _line(1, "one") + _line(2, "two") + "no end of line\n"


def test_a_table_counts_what_came(tmp_path: Path, follow: Callable[..., _Followed]) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(1, "one") + _line(2, "two", "ERROR"))
    followed = follow(log, "--format", "table", "--for", "1s")
    assert followed.end() == 0
    assert followed.out[0].startswith("events    2 in 2 lines")
    assert "error 1 (50%), info 1 (50%)" in followed.out[1]


def test_the_reader_goes_away(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(1, "one"))
    script = f"{' '.join(_COMMAND)} {log} --for 15s | head -n 1; echo ${{PIPESTATUS[0]}}"
    with subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == _line(1, "one")
        start = time.monotonic()
        while shell.poll() is None and time.monotonic() - start < _SECONDS:
            _append(log, _line(2, "two"))
            time.sleep(0.2)
        assert shell.stdout.read() == "0\n"


def test_from_python(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(_line(1, "one") + _line(2, "two"))
    follower = LogAnalyzer().follow([log], last=1)
    text, events, notes = follower.poll(1_000)
    assert (text.decode(), events, notes) == (_line(2, "two"), 1, [])
    assert follower.poll(10) == (b"", 0, [])
    assert not follower.is_over
    _append(log, _line(3, "three"))
    assert follower.poll(5_000)[0].decode() == _line(3, "three")


def test_columns_that_the_start_of_a_large_file_names(tmp_path: Path) -> None:
    """Of a file over a MiB only the end is read, and what comes has no header."""
    log = tmp_path / "ex.log"
    with log.open("w") as stream:
        stream.write("#Version: 1.0\n#Fields: date time cs-method cs-uri-stem sc-status\n")
        stream.writelines(f"2026-11-20 10:00:00 GET /{number} 200\n" for number in range(50_000))
    follower = LogAnalyzer().follow([log], "ndjson", last=1)
    assert json.loads(follower.poll(2_000)[0])["fields"]["path"] == "/49999"
    _append(log, "2026-11-20 10:00:01 PUT /new 201\n")
    event = json.loads(follower.poll(5_000)[0])
    assert (event["time"], event["message"]) == ("2026-11-20T10:00:01Z", "PUT /new")
    assert event["fields"]["status"] == 201
