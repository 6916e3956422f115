"""Files that change while they are read, that are none, and lines without end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from code_ops import _engine
from code_ops._fallback import logs as fallback
from code_ops.cli.logs_analyze import _read
from code_ops.log_inputs import find_logs
from code_ops.logs import LogAnalyzer

PROGRAM = Path(sys.executable).parent / "code-ops"
LINE = b"2026-11-20T10:00:00Z ERROR [a] x 1\n"
MIB = 1 << 20
has_native = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)
has_program = pytest.mark.skipif(not PROGRAM.exists(), reason="no code-ops beside this Python")


@has_native
@pytest.mark.parametrize("lines", [0, 3, 100_000])
def test_a_file_that_is_cut_while_it_is_read(lines: int, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINE * lines)
    # A hole that takes far longer to read than the wait.
    os.truncate(path, 1 << 37)
    cut = threading.Timer(0.3, os.truncate, (path, 5))
    cut.start()
    try:
        summary = LogAnalyzer(engine="rust").summarize_file(path)
    finally:
        cut.join()
    assert summary.problem == f"cut from {1 << 37} to 5 bytes while it was read"
    assert summary.report()["errors"] == lines


def test_a_file_that_is_cut_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fallback reads at once, so that it is cut right after its length was taken."""
    path = tmp_path / "a.log"
    path.write_bytes(LINE * 3)
    fstat = os.fstat

    def cutting(number: int) -> os.stat_result:
        status = fstat(number)
        os.truncate(path, len(LINE))
        return status

    monkeypatch.setattr(f"{fallback.__name__}.os.fstat", cutting)
    summary = LogAnalyzer(engine="python").summarize_file(path)
    assert summary.problem == f"cut from {3 * len(LINE)} to {len(LINE)} bytes while it was read"
    assert summary.report()["errors"] == 1


def test_a_file_that_grows(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINE)
    with path.open("ab") as file:
        file.write(LINE)
    summary = LogAnalyzer(engine=engine).summarize_file(path)
    assert (summary.problem, summary.report()["errors"]) == (None, 2)


def test_what_fails_is_a_record_and_the_rest_goes_on(engine: str, tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a.log", "gone.log", "b.log")]
    for name in names:
        Path(name).write_bytes(LINE)
    inputs = find_logs([*names, "/proc/self/mem", "/dev/null", "/proc/version", "/"[:0]]).inputs
    os.unlink(names[1])
    summary, files, is_interrupted = _read(LogAnalyzer(engine=engine), inputs, None)
    assert [(file.name, file.error) for file in files] == [
        (names[0], None),
        (names[1], "no such file or directory"),
        (names[2], None),
        ("/proc/self/mem", "input/output error"),
        ("/dev/null", None),
        ("/proc/version", None),
        ("", "no such file or directory"),
    ]
    # Files of the kernel have no length.
    lines = [file.report["lines"] for file in files if file.report is not None]
    assert lines == [1, 1, 0, 1]
    assert (summary.report()["errors"], is_interrupted) == (2, False)


def test_files_of_the_kernel_that_are_shorter_than_said(engine: str) -> None:
    path = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not path.exists() or path.stat().st_size == 0:
        pytest.skip("no such file here")
    summary = LogAnalyzer(engine=engine).summarize_file(path)
    assert (summary.problem, summary.report()["lines"]) == (None, 1)


@has_native
@has_program
@pytest.mark.timeout(60)
def test_a_pipe_that_nobody_writes_to_can_be_left(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [str(PROGRAM), "logs", "analyze", str(pipe), "--engine", "rust"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # It waits for a writer, and is past its start.
        time.sleep(1.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"interrupted" in errors


def test_a_pipe_with_a_late_writer(engine: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def give() -> None:
        with pipe.open("wb", buffering=0) as stream:
            for _ in range(3):
                time.sleep(0.1)
                stream.write(LINE)

    writer = threading.Timer(0.3, give)
    writer.start()
    assert LogAnalyzer(engine=engine).summarize_file(pipe).report()["errors"] == 3
    writer.join()


@pytest.mark.parametrize("end", ["", "\n", "\r\n2026-11-20 WARN y\r\n"])
def test_a_format_is_found_in_a_line_that_is_cut(engine: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = f"2026-11-20T10:00:00Z ERROR [a] {'x' * 3 * MIB}{end}"
    path.write_text(text, newline="")
    for content in (path, text):
        found = LogAnalyzer(engine=engine).analyze_logs(content)
        assert (found["errors"], found["cut_lines"], list(found["formats"])) == (1, 1, ["text"])


_MEASURE = """
import json, resource, sys
from code_ops.logs import LogAnalyzer
analyzer = LogAnalyzer(engine="rust", threads=2)
analyzer.summarize(b"2026-11-20T10:00:00Z ERROR [a] x 1\\n")
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
before = peak()
report = analyzer.summarize_file(sys.argv[1]).report()
keys = ("total", "errors", "lines", "cut_lines", "bytes")
print(json.dumps([peak() - before, [report[key] for key in keys]]))
"""


@has_native
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize("kind", ["one", "several", "utf-16"])
def test_lines_of_100_mb_take_no_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    length = 100 * MIB
    head = LINE[:-1]
    if kind == "utf-16":
        length //= 2
        text = (head + b"y" * length + b"\n" + LINE).decode()
        path.write_bytes(text.encode("utf-16"))
        expected = [2, 2, 2, 1, len(text)]
        del text
    else:
        count = 1 if kind == "one" else 3
        with path.open("wb") as file:
            for _ in range(count):
                file.write(head + b"y" * length + b"\n" + LINE)
        expected = [2 * count, 2 * count, 2 * count, count, count * (length + 2 * len(LINE))]
    output = subprocess.run(
        [sys.executable, "-c", _MEASURE, path], stdout=subprocess.PIPE, check=True
    )
    path.unlink()
    found: tuple[int, Any] = json.loads(output.stdout)
    assert found[1] == expected
    assert found[0] < 60 << 10
