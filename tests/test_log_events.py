"""Events one by one: how they are cut, written and read back, against json, csv and the text."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops import LogAnalyzer, _engine
from code_ops.log_events import EventForm

pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)

TRACE = [
    "Traceback (most recent call last):",
    '  File "app.py", line 3, in main',
    "",
    "ValueError: no",
]


def rendered(source: bytes | Path, form: EventForm, *, threads: int = 2, **settings: Any) -> bytes:
    return b"".join(LogAnalyzer(threads=threads).render_events([source], form, **settings))


def objects(source: bytes | Path, **settings: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rendered(source, "ndjson", **settings).splitlines()]


def time_of(index: int) -> str:
    minutes, seconds = divmod(index // 100, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2026-11-20T{hours:02}:{minutes:02}:{seconds:02}.{index % 100:02}0Z"


def long_log(events: int) -> list[list[str]]:
    """The lines of each event; every 50th has a stack trace of 100 lines."""
    log = []
    for index in range(events):
        level = "ERROR" if index % 7 == 0 else "INFO"
        lines = [f"{time_of(index)} {level} [m] request {index} {'x' * 60}"]
        if index % 50 == 0:
            lines += [*TRACE[:2], *(f"    frame {number} of it" for number in range(97)), TRACE[-1]]
        log.append(lines)
    return log


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_events_with_many_lines_are_one_across_blocks(threads: int, tmp_path: Path) -> None:
    log = long_log(24_000)
    text = "".join(f"{line}\n" for lines in log for line in lines)
    assert len(text) > 3 << 20
    path = tmp_path / "long.log"
    path.write_text(text)
    events = objects(path, threads=threads)
    assert len(events) == len(log)
    number = 1
    for event, lines in zip(events, log, strict=True):
        assert event["line"] == number
        assert event.get("trace", "") == "\n".join(lines[1:])
        assert event["message"] == lines[0].split("] ")[1]
        number += len(lines)
    assert rendered(path, "raw", threads=threads) == text.encode()


FORMS: list[EventForm] = ["raw", "pretty", "coloured", "ndjson", "csv"]


@pytest.mark.parametrize("form", FORMS)
def test_the_number_of_threads_changes_nothing(form: EventForm, tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_text("".join(f"{line}\n" for lines in long_log(16_000) for line in lines))
    settings: dict[str, Any] = {"names": ["a"]}
    one = rendered(path, form, threads=1, **settings)
    assert rendered(path, form, threads=2, **settings) == one
    assert rendered(path, form, threads=5, **settings) == one
    # Merging alone changes nothing either.
    assert rendered(path, form, by_time=True, **settings) == one


RAW = [
    b"2026-11-20T10:00:00Z INFO a\r\n2026-11-20T10:00:01Z INFO b\r\n",
    b"2026-11-20T10:00:00Z INFO a\r\n2026-11-20T10:00:01Z INFO b\n",
    b"2026-11-20T10:00:00Z INFO a\x00b\n2026-11-20T10:00:01Z INFO \x00\n",
    b"2026-11-20T10:00:00Z INFO \xff\xfe\n2026-11-20T10:00:01Z \xe2\x82\n",
    b"2026-11-20T10:00:00Z ERROR \x1b[31mred\x1b[0m\n2026-11-20T10:00:01Z INFO b\n",
    b'{"time":"2026-11-20T10:00:00Z",  "msg": "a"}\n{"msg":"no brace"\nnothing\n',
    b"2026-11-20T10:00:00Z ERROR a\r\nTraceback (most recent call last):\r\n\r\nE: x\r\n",
    b"one\rtwo\nthree\n",
]


@pytest.mark.parametrize("text", RAW)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_raw_is_the_input(text: bytes, end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(text.removesuffix(b"\n") + end)
    # The last line has an end, that another event can follow.
    assert rendered(path, "raw") == text


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12))
def test_raw_has_every_line_that_is_not_blank(lines: list[bytes]) -> None:
    text = b"".join(line + b"\n" for line in lines)
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or text[:3] == b"\xef\xbb\xbf":
        return
    shown = rendered(text, "raw", threads=1).split(b"\n")
    # What Python calls blank beside a blank line's end: a form feed alone is a line to others.
    assert [line for line in shown if line.strip()] == [line for line in lines if line.strip()]


# Names whose text needs an escape are told as they stand, with it.
NAME = st.text("abcxyz_- é日/", max_size=5)
JSON_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(NAME.map(lambda name: f"x{name}"), JSON_VALUE, max_size=5)


def flat(members: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Members of objects by their path; an object without members is a value."""
    found: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found


@given(MEMBERS)
def test_every_member_of_a_json_event_is_kept(members: dict[str, Any]) -> None:
    head = {"time": "2026-11-20T10:00:00Z", "level": "warn", "msg": "as it is"}
    line = json.dumps({**head, **members}, ensure_ascii=False)
    (event,) = objects(line.encode("utf-8", "surrogatepass") + b"\n", threads=1)
    fields = event.pop("fields", {})
    assert event == {
        "line": 1,
        "time": "2026-11-20T10:00:00Z",
        "level": "warning",
        "message": "as it is",
    }
    assert fields == flat(members)


KEPT: list[tuple[str, str]] = [
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("1.10", "1.10"),
    ("-0", "-0"),
    ("0.1e-7", "0.1e-7"),
    ("[1, [ ] ,{ }]", "[1, [ ] ,{ }]"),
    ("{}", "{}"),
    ("null", "null"),
    ('"\\u00e9\\ud83d\\ude00\\n\\u0000"', '"é😀\\n\\u0000"'),
    ('"\\ud800"', '"\ufffd"'),
]


@pytest.mark.parametrize(("value", "shown"), KEPT)
def test_a_value_is_written_as_it_stands(value: str, shown: str) -> None:
    line = f'{{"time":"2026-11-20T10:00:00Z","level":"info","msg":"m","x":{value}}}\n'
    text = rendered(line.encode(), "ndjson").decode()
    assert text == (
        '{"line":1,"time":"2026-11-20T10:00:00Z","level":"info","message":"m",'
        f'"fields":{{"x":{shown}}}}}\n'
    )


def test_of_a_member_that_is_there_twice_the_last_is_read_back() -> None:
    line = b'{"time":"2026-11-20T10:00:00Z","level":"info","msg":"m","x":1,"x":"b"}\n'
    assert objects(line)[0]["fields"] == {"x": "b"}


LINES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.binary(max_size=20).map(lambda tail: b"2026-11-20T10:00:00Z ERROR [a] " + tail),
        st.binary(max_size=20).map(lambda tail: b'{"msg":"a","k":' + tail + b"}"),
        st.binary(max_size=20).map(lambda tail: b'level=info msg="a" k=' + tail),
    ).map(lambda line: line.replace(b"\n", b"")),
    max_size=8,
)


@given(LINES)
def test_ndjson_and_csv_are_valid_for_any_bytes(lines: list[bytes]) -> None:
    text = b"\n".join(lines)
    events = objects(text, threads=1)
    assert all(isinstance(event["line"], int) for event in events)
    written = rendered(text, "csv", threads=1).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(written, newline=""), strict=True))
    assert len(rows) == len(events)
    for row, event in zip(rows, events, strict=True):
        assert None not in row
        message = event.get("message", "")
        # An apostrophe keeps a spreadsheet from running it.
        assert row["message"] in (message, f"'{message}")
        assert json.loads(row["fields"] or "{}") == event.get("fields", {})


@given(LINES)
def test_nothing_that_a_terminal_obeys_is_shown(lines: list[bytes]) -> None:
    text = b"\n".join(lines)
    for form in ("pretty", "coloured"):
        shown = rendered(text, form, threads=1).decode("utf-8")
        shown = re.sub(r"\x1b\[[0-9;]*m", "", shown) if form == "coloured" else shown
        assert all(char.isprintable() or char in "\t\n" or ord(char) > 0xFF for char in shown)


CSV_TEXTS = [
    "plain",
    "a,b",
    'say "hi"',
    "tab\there",
    "-5",
    "é 日本",
    "a'b",
]


@pytest.mark.parametrize("message", CSV_TEXTS)
def test_csv_reads_back_with_python_and_duckdb(message: str, tmp_path: Path) -> None:
    log = [{"time": "2026-11-20T10:00:00Z", "level": "info", "msg": message, "n": 1}] * 2
    text = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in log).encode()
    written = rendered(text, "csv", columns=["time", "msg", "message", "n", "none"])
    rows = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert rows[0] == ["time", "msg", "message", "n", "none"]
    assert rows[1:] == [["2026-11-20T10:00:00Z", message, message, "1", ""]] * 2
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "a.csv"
    path.write_bytes(written)
    found = duckdb.sql(f"select message, n from read_csv('{path}', all_varchar=true)").fetchall()
    assert found == [(message, "1")] * 2


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_csv_holds_no_formula(start: str) -> None:
    text = json.dumps({"msg": f"{start}cmd()", "level": "info"}).encode() + b"\n"
    written = rendered(text, "csv", columns=["msg"]).decode()
    assert written == f'msg\r\n"\'{start}cmd()"\r\n'


def test_columns_are_null_where_an_event_has_none() -> None:
    text = b'{"msg":"a","k":{"n":1.50}}\n{"msg":"b","k":null}\nplain\n'
    columns = ["message", "k.n", "k", "level", "template", "format"]
    assert objects(text, columns=columns) == [
        dict(zip(columns, ["a", 1.5, None, "unknown", "a", "json"], strict=True)),
        dict(zip(columns, ["b", None, None, "unknown", "b", "json"], strict=True)),
        dict(zip(columns, ["plain", None, None, "unknown", "plain", "none"], strict=True)),
    ]


def test_columns_of_every_event_have_one_form_in_all_logs() -> None:
    text = b'{"level":30,"time":1531171074631,"host":5,"msg":"hi"}\n'
    columns = ["time", "level", "message", "line"]
    expected = ["2018-07-09T21:17:54.631Z", "info", "hi", "1"]
    assert objects(text, columns=columns) == [dict(zip(columns, expected, strict=True))]
    written = rendered(text, "csv", columns=columns).decode()
    assert written.splitlines() == [",".join(columns), ",".join(expected)]


def test_events_are_python_values(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("2026-11-20T10:00:00.25+01:00 ERROR [db] lost user=7\n" + "\n".join(TRACE))
    (event,) = LogAnalyzer().iter_events(path)
    assert event.time is not None
    assert event.time.isoformat() == "2026-11-20T09:00:00.250000+00:00"
    assert (event.level, event.source, event.message) == ("error", "db", "lost user=7")
    assert (event.trace, event.line, event.is_parsed) == ("\n".join(TRACE), 1, True)
    missing = LogAnalyzer().iter_events(path, tmp_path / "none.log")
    next(missing)
    with pytest.raises(OSError, match=r"none\.log"):
        next(missing)
