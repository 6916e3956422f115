"""`logs show`, `top`, `stats`, `hist` and `detect` as programs: signals, pipes, files, mistakes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from code_ops import _engine

PROGRAM = Path(sys.executable).parent / "code-ops"
LINE = b"2026-11-20T10:00:00Z ERROR [a] x user=anna\n"

pytestmark = [
    pytest.mark.skipif(
        _engine.native_error() is not None, reason="the rust engine does not import"
    ),
    pytest.mark.skipif(not PROGRAM.exists(), reason="no code-ops beside this Python"),
    pytest.mark.timeout(60),
]


def run(folder: Path, *args: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PROGRAM, "logs", *args], cwd=folder, capture_output=True, check=False, **settings
    )


def interrupted(folder: Path, *args: str, text: bytes, number: int) -> tuple[int, bytes, bytes]:
    """A program that reads a pipe without end, and gets a signal once the pipe is read empty."""
    os.mkfifo(folder / "pipe")
    with subprocess.Popen(
        [PROGRAM, "logs", *args, "pipe"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        with (folder / "pipe").open("wb", buffering=0) as pipe:
            pipe.write(text)
            # What does not fit in the pipe is read when this is written.
            pipe.write(b"\n" * 65_536)
            threading.Timer(0.5, process.send_signal, [number]).start()
            output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("lines", [3, 60_000])
@pytest.mark.parametrize("options", [[], ["--merge"], ["--threads", "1"]])
def test_an_interrupt_shows_what_was_read(
    options: list[str], lines: int, number: int, tmp_path: Path
) -> None:
    code, output, errors = interrupted(tmp_path, "show", *options, text=LINE * lines, number=number)
    assert (code, errors) == (130, b"error: interrupted\n")
    assert output == LINE * lines


def test_an_interrupt_leaves_the_last_and_the_number(tmp_path: Path) -> None:
    code, output, _ = interrupted(tmp_path, "show", "--count", text=LINE * 9, number=signal.SIGINT)
    assert (code, output) == (130, b"9\n")


def test_an_interrupt_leaves_a_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "out.log").write_text("before")
    code, _, errors = interrupted(
        tmp_path, "show", "--output", "out.log", text=LINE * 9, number=signal.SIGINT
    )
    assert code == 130
    assert errors == b"error: interrupted: the events until then are in out.log.partial\n"
    assert (tmp_path / "out.log").read_text() == "before"
    assert (tmp_path / "out.log.partial").read_bytes() == LINE * 9


@pytest.mark.parametrize("question", [["top", "user"], ["stats", "user"], ["hist"]])
def test_an_interrupt_answers_of_what_was_read(question: list[str], tmp_path: Path) -> None:
    code, output, errors = interrupted(tmp_path, *question, text=LINE * 7, number=signal.SIGINT)
    assert (code, errors) == (
        130,
        b"error: interrupted: the report is of what was read until then\n",
    )
    report = json.loads(output)
    assert (report["events"], report["rows"][0]["count"]) == (7, 7)


@pytest.mark.parametrize("form", ["raw", "ndjson", "csv", "pretty"])
def test_a_reader_that_goes_away_is_no_error(form: str, tmp_path: Path) -> None:
    (tmp_path / "big.log").write_bytes(LINE * 200_000)
    with subprocess.Popen(
        [PROGRAM, "logs", "show", "big.log", "--format", form],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_the_first_of_a_pipe_without_end() -> None:
    command = f"yes '{LINE.decode().strip()}' | '{PROGRAM}' logs show - --first 3"
    ended = subprocess.run(command, shell=True, capture_output=True, timeout=30, check=True)
    assert (ended.stdout, ended.stderr) == (LINE * 3, b"")


OUTPUTS = [
    (["show", "a.log"], "out.ndjson", lambda text: json.loads(text)["source"] == "a"),
    (["show", "a.log"], "out.jsonl", lambda text: json.loads(text)["source"] == "a"),
    (["show", "a.log"], "out.csv", lambda text: text.startswith("time,level,")),
    (["show", "a.log"], "out.log", lambda text: text.encode() == LINE),
    (["top", "user", "a.log"], "out.csv", lambda text: text.startswith("user,count,errors,")),
    (["top", "user", "a.log"], "out.json", lambda text: json.loads(text)["v"] == 1),
    (["hist", "a.log"], "out.ndjson", lambda text: json.loads(text)["count"] == 1),
    (["stats", "user", "a.log"], "out.csv", lambda text: text.startswith("count,missing,")),
]


@pytest.mark.parametrize(("args", "name", "is_right"), OUTPUTS)
def test_the_name_of_an_output_tells_its_form(
    args: list[str], name: str, is_right: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    ended = run(tmp_path, *args, "--output", name)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert is_right((tmp_path / name).read_bytes().decode())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", name]


COLLISIONS = [
    (["top", "count"], "field.count,count,errors,first,last", "5"),
    (["stats", "n", "--by", "count"], "field.count,count,missing", "5"),
    (["hist", "--by", "count"], "time,field.count,count", "2026-11-20T10:00:00Z"),
]


@pytest.mark.parametrize(("args", "header", "first"), COLLISIONS)
def test_a_field_has_a_column_of_its_own(
    args: list[str], header: str, first: str, tmp_path: Path
) -> None:
    event = {"time": "2026-11-20T10:00:00Z", "msg": "m", "count": 5, "n": 1}
    (tmp_path / "a.json").write_text(json.dumps(event) + "\n")
    rows = list(
        csv.reader(io.StringIO(run(tmp_path, *args, "a.json", "-f", "csv").stdout.decode()))
    )
    assert ",".join(rows[0]).startswith(header)
    assert rows[1][0] == first


def test_too_many_groups_are_told(tmp_path: Path) -> None:
    lines = (f'{{"time":"2026-11-20T10:00:00Z","id":{index}}}\n' for index in range(20_001))
    (tmp_path / "a.json").write_text("".join(lines))
    for args in (["stats", "id", "--by", "id"], ["hist", "--by", "id"]):
        ended = run(tmp_path, *args, "a.json")
        assert ended.returncode == 3
        assert ended.stderr == (
            b"error: more than 20,000 groups or 100,000 buckets: the report is of a part\n"
        )
        assert len(json.loads(ended.stdout)["rows"]) == 20_000


MISTAKES: list[tuple[list[str], str]] = [
    (["show"], "error: name a file, or - for standard input\n"),
    (["top", "path"], "error: name a file, or - for standard input\n"),
    (
        ["top", "a.log"],
        "error: the field stands before the files, as in `code-ops logs top level a.log`\n",
    ),
    (
        ["stats", "a.log"],
        "error: the field stands before the files, as in `code-ops logs stats level a.log`\n",
    ),
    (
        ["show", "a.log", "--where", "status >= 500 and path =="],
        (
            "error: --where: expected a value: a number, a text in quotes, true, false or null, "
            "found the end\n  status >= 500 and path ==\n                           ^\n"
        ),
    ),
    (
        ["analyze", "a.log", "--where", "user > anna and\tx"],
        (
            "error: --where: `anna` has to stand in quotes: two fields cannot be compared\n"
            "  user > anna and x\n         ^~~~\n"
        ),
    ),
    (["hist", "a.log", "--grep", "(("], 'error: pattern "((": unclosed group\n'),
    (["show", "a.log", "--level", "wrn+,x"], 'error: level "wrn+,x" is none of trace, debug, '),
    (["show", "a.log", "--since", "soon"], "error: 'soon' is no time: use 2026-11-20T10:00, "),
    (["show", "a.log", "--first", "1", "--last", "1"], "error: --first and --last exclude each "),
    (["show", "a.log", "--first", "0"], "error: --first: 0 is not in the range"),
    (["show", "a.log", "--last", "9" * 20], f"error: --last: {'9' * 20} is not in the range"),
    (["show", "a.log", "--columns", "a"], "error: --columns needs --format ndjson or csv\n"),
    (["show", "a.log", "--columns", "a,,b", "-f", "csv"], "error: --columns: a name is empty\n"),
    (["show", "a.log", "--count", "-f", "csv"], "error: --count has no --format and no --columns"),
    (["show", "a.log", "--fist", "1"], "error: no such option: --fist (similar: --first"),
    (["show", "a.log", "-f", "yaml"], "error: --format: expected one of auto, pretty, raw, "),
    (["hist", "a.log", "--every", "10ms"], "error: --every: 10ms is not a whole number of sec"),
    (["hist", "a.log", "--every", "0d"], "error: --every: 0d is out of range 1s-10000d\n"),
    (["hist", "a.log", "--every", "9999999999h"], "error: --every: 9999999999h is out of range"),
    (["hist", "a.log", "--every", "5"], "error: expected a duration with its unit like 300ms, "),
    (["hist", "a.log", "--by", "a,,b"], "error: --by: a name is empty\n"),
    (["stats", "n", "a.log", "--time-zone", "Mars"], "error: time zone 'Mars' is neither UTC"),
]


@pytest.mark.parametrize(("args", "message"), MISTAKES)
def test_a_mistake_is_told_and_is_usage(args: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    ended = run(tmp_path, *args)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.decode().startswith(message)
    assert ended.stderr.decode().splitlines()[-1] == (
        f"hint: `code-ops logs {args[0]} --help` tells more"
    )


FIELDS = [
    ("pth", "hint: similar names: path"),
    ("usr", "hint: similar names: user"),
    ("nothing_like_it", "hint: fields of this log: path, n, user"),
]


@pytest.mark.parametrize(("field", "hint"), FIELDS)
@pytest.mark.parametrize("command", ["top", "stats"])
def test_a_wrong_field_is_told_with_those_there_are(
    command: str, field: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text('{"msg":"m user=7","path":"/","n":1}\n')
    ended = run(tmp_path, command, field, "a.json")
    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines() == [f"error: no event has the field `{field}`", hint]


def test_no_colours_but_on_a_terminal_that_wants_them(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    assert b"\x1b" not in run(tmp_path, "show", "a.log", "--format", "pretty").stdout
    for settings, is_coloured in (
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ):
        terminal, end = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", **settings}
        if is_coloured:
            environment.pop("NO_COLOR", None)
        subprocess.run(
            [PROGRAM, "logs", "show", "a.log"],
            cwd=tmp_path,
            stdout=end,
            env=environment,
            check=True,
        )
        shown = os.read(terminal, 65_536)
        os.close(end)
        os.close(terminal)
        assert b"ERROR" in shown
        assert (b"\x1b[31m" in shown) == is_coloured


def test_files_that_cannot_be_read_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE)
    (tmp_path / "empty.log").write_bytes(b"")
    for args in (["show"], ["top", "level"], ["hist"], ["stats", "user"], ["detect"]):
        ended = run(tmp_path, *args, "none.log", "empty.log", "a.log")
        assert ended.returncode == 3
        assert ended.stderr == b"error: none.log: no such file or directory\n"
        assert ended.stdout
    assert run(tmp_path, "show", "none.log", "a.log").stdout == LINE
    assert run(tmp_path, "show", "empty.log").returncode == 0


def test_detect_says_which_file_is_not_understood(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    ended = run(tmp_path, "detect", "a.txt")
    assert ended.returncode == 1
    assert ended.stderr == b"error: a.txt: less than half of the lines is understood\n"


def test_what_is_left_out_of_a_long_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x" * (3 << 20) + b"\n" + LINE)
    for options in ([], ["--merge"], ["--last", "2"], ["--last", "1"]):
        ended = run(tmp_path, "show", "a.log", *options)
        assert ended.returncode == 0
        kept = (3 << 20) if options == ["--last", "1"] else ended.stdout.index(b"\n")
        assert ended.stdout.endswith(LINE)
        told = ended.stderr.decode()
        assert told.endswith(" bytes of lines longer than 1 MiB are left out\n")
        if options != ["--last", "1"]:
            assert told.startswith(f"warning: {(3 << 20) - kept:,} bytes ")


def test_two_runs_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINE * 2)
    code = (
        "import sys\n"
        "from code_ops.cli.app import run\n"
        "for field in ('user', 'level'):\n"
        "    sys.argv = ['code-ops', 'logs', 'top', field, 'a.log', '--format', 'ndjson']\n"
        "    run()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True
    )
    assert [next(iter(json.loads(line).items())) for line in ended.stdout.splitlines()] == [
        ("user", "anna"),
        ("level", "error"),
    ]
