"""``LogAnalyzer`` on both engines: what texts come to, by hand."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from log_lines import REQUESTS, ROWS, Row

from code_ops.logs import LogAnalyzer

CHANGED = datetime(2026, 12, 31, tzinfo=UTC).timestamp()


@pytest.fixture
def report(engine: str) -> Any:
    """The report on a text with each engine."""
    return LogAnalyzer(engine=engine).analyze_logs


@pytest.fixture
def file_report(engine: str, tmp_path: Path) -> Any:
    """The report on a text in a file that was changed last at the end of 2026, or when given."""

    def analyzed(text: str | bytes, changed: float = CHANGED) -> dict[str, Any]:
        path = tmp_path / "some.log"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(path, (changed, changed))
        return LogAnalyzer(engine=engine).analyze_logs(path)

    return analyzed


def at(report: Any, place: str) -> Any:
    """The value at a place such as ``sources/0/name``."""
    for step in place.split("/"):
        report = report[int(step) if isinstance(report, list) else step]
    return report


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.format} {row.line[:40]}")
def test_lines_of_each_format(file_report: Any, row: Row) -> None:
    found = file_report(row.line + "\n")
    assert found["formats"] == {row.format: 1}
    assert found["first"] == found["last"] == row.time
    assert found["times"]["missing"] == (row.time is None)
    assert found["levels"][row.level] == found["total"] == 1
    assert [source["name"] for source in found["sources"]] == ([row.source] if row.source else [])
    if row.format != "access":
        assert [message["example"] for message in found["messages"]] == [row.message]


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row[0][:30])
def test_requests(report: Any, row: Any) -> None:
    line, client, method, path, status, size, agent = row
    found = report(line)
    http = found["http"]
    assert (found["total"], found["messages"], http["requests"]) == (1, [], 1)
    assert http["clients"] == [{"name": client, "count": 1}]
    assert http["methods"] == [{"name": method, "count": 1}]
    assert http["paths"] == [{"name": path, "count": 1}]
    assert (http["statuses"], http["classes"]) == ({status: 1}, {f"{status[0]}xx": 1})
    assert http["agents"] == ([{"name": agent, "count": 1}] if agent else [])
    assert (http["bytes"]["count"], http["bytes"]["max"]) == (size is not None, size)


TRACE = """preamble

2026-11-20T10:00:01Z ERROR [a] x 1
  at b
Caused by: c
2026-11-20T10:00:00Z WARN [a] x 2\r

2026-11-20T10:00:02+01:00 FATAL [b] x 3"""
NUMBERS = """{"level":"info","msg":"done","ms":10,"db":{"rows":-2,"share":0.25}}
{"level":"info","msg":"done","ms":30.5,"text":"7","list":[1],"db":{"rows":0}}
"""
REQUEST = '- - [10/Oct/2000:13:55:36 +0000] "GET'

# Name, text, and what the report says at some places.
REPORTS: list[tuple[str, str | bytes, dict[str, Any]]] = [
    ("no text", "", {"total": 0, "lines": 0, "bytes": 0, "first": None, "http": None,
                     "formats": {}, "messages": [], "rate/buckets": [], "is_exact": True}),
    ("a blank line", "\n", {"total": 0, "lines": 1, "blank_lines": 1, "bytes": 1}),
    ("events, a trace, what stands before and blank lines", TRACE, {
        "total": 3, "errors": 2, "warnings": 1, "levels/critical": 1, "levels/unknown": 0,
        "level_sources/header": 3, "lines": 8, "bytes": len(TRACE), "blank_lines": 2,
        "continuation_lines": 2, "unparsed_lines": 1, "unparsed_examples": ["preamble"],
        "first": "2026-11-20T09:00:02Z", "last": "2026-11-20T10:00:01Z",
        "times": {"missing": 0, "zone_assumed": 0, "year_inferred": 0, "backwards": 2,
                  "farthest_backwards_seconds": 3598.0},
        "rate/bucket_seconds": 1,
        "rate/buckets/0": {"time": "2026-11-20T09:00:02Z", "events": 1, "errors": 1, "warnings": 0},
        "sources": [{"name": "a", "count": 2, "errors": 1}, {"name": "b", "count": 1, "errors": 1}],
        "messages/0/template": "x <*>", "http": None}),
    ("returns before the ends of lines", "2026-11-20 ERROR x\r\n2026-11-21 ERROR x\r\n\r\n",
     {"total": 2, "errors": 2, "lines": 3, "blank_lines": 1, "messages/0/example": "x",
      "times/zone_assumed": 2}),
    ("a byte order mark", b"\xef\xbb\xbfERROR: x",
     {"total": 1, "errors": 1, "bytes": 8, "formats": {"plain": 1}}),
    ("lines that nothing reads", 'b\na\na\n{"level":30,\n' + '{"level":"info","msg":"x"}\n' * 9,
     {"total": 9, "lines": 13, "unparsed_lines": 4, "formats": {"json": 9},
      "unparsed_examples": ["a", "b", '{"level":30,']}),
    ("lines that continue plain ones", "Traceback (most recent call last):\n  at x\n}\n... 3 more",
     {"total": 1, "errors": 1, "continuation_lines": 3, "level_sources/exception": 1}),
    ("templates", "a 1, 2 of /x/3: ok\na 77 of y4: ok\nb <5> 'c6' 7=8\nno variable\n",
     {"messages_distinct": 3, "messages/0/count": 2, "messages/0/template": "a <*> of <*>: ok",
      "messages/0/example": "a 1, 2 of /x/3: ok", "messages/1/template": "b <<*>> '<*>' <*>=<*>",
      "messages/2/template": "no variable"}),
    ("one message of two levels", "ERROR: x 1\nWARN: x 2\nERROR: x 3\n",
     {"messages/0": {"level": "error", "template": "x <*>", "count": 2, "first": None,
                     "last": None, "example": "x 1"}, "messages/1/level": "warning"}),
    ("numbers of structured lines", NUMBERS,
     {"fields/ms/count": 2, "fields/ms/min": 10.0, "fields/ms/max": 30.5, "fields/ms/sum": 40.5,
      "fields/db.rows/min": -2.0, "fields/db.rows/max": 0.0, "fields/db.rows/sum": -2.0,
      "fields/db.share/sum": 0.25, "messages/0/count": 2}),
    ("a sum without room", '{"level":1,"msg":"a","n":1e18}\n{"level":1,"msg":"a","n":5}\n',
     {"fields/n/sum": None, "fields/n/count": 2, "fields/n/max": 1e18}),
    ("requests", f'10.0.0.1 {REQUEST} /a/17?b HTTP/1.1" 200 5\n10.0.0.2 {REQUEST} /a/18" 503 7\n',
     {"levels/unknown": 2, "http/requests": 2, "http/classes": {"2xx": 1, "5xx": 1},
      "http/paths": [{"name": "/a/*", "count": 2}], "http/clients_distinct": 2,
      "http/bytes/sum": 12.0, "formats": {"access": 2}}),
    ("buckets that grow", "".join(f"{time}\n" for time in range(1_600_000_000, 1_600_004_001)),
     {"total": 4001, "rate/bucket_seconds": 10, "rate/buckets/0/events": 10,
      "rate/buckets/0/time": "2020-09-13T12:26:40Z", "first": "2020-09-13T12:26:40Z"}),
    ("structured lines of one log", 'Nov 20 10:00:00 h a[1]: level=warn msg="x y" n=2\n',
     {"formats": {"syslog": 1}, "warnings": 1, "level_sources/field": 1, "sources/0/name": "a",
      "messages/0/example": "x y", "fields/n/sum": 2.0, "times/year_inferred": 1}),
    ("NUL", b"\0\0\n\0", {"total": 2, "lines": 2, "messages/0/template": "\0"}),
    ("bytes that are no text", b"x\xff\nERROR: \xe2\x82\nx\n",
     {"total": 3, "errors": 1, "invalid_utf8_lines": 2, "messages/0/template": "x",
      "messages/1/template": "x\ufffd", "messages/2/template": "\ufffd"}),
    ("brackets and quotes that stay open", "[" * 5000 + "\n" + '{"' * 5000 + "\n" + '"' * 5000,
     {"total": 3, "lines": 3}),
    ("a number of many digits", '{"level":' + "9" * 10_000 + ',"msg":"a","n":1' + "0" * 400 + "}\n",
     {"formats": {"plain": 1}, "levels/unknown": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in REPORTS], ids=[row[0] for row in REPORTS]
)
def test_reports(report: Any, text: str | bytes, expected: dict[str, Any]) -> None:
    found = report(text)
    assert {place: at(found, place) for place in expected} == expected


def test_percentiles_are_within_a_hundredth(report: Any) -> None:
    numbers = [*range(-500, 501), 0.001, 1e12]
    text = "".join(f'{{"level":30,"msg":"x","n":{number}}}\n' for number in numbers)
    found = report(text)["fields"]["n"]
    numbers.sort()
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
        exact = numbers[int(share * (len(numbers) - 1))]
        assert found[name] == pytest.approx(exact, rel=0.01)
    assert (found["count"], found["min"], found["max"]) == (1003, -500.0, 1e12)
    assert found["sum"] == pytest.approx(1e12 + 0.001)


def test_text_and_its_bytes_are_one(report: Any, file_report: Any) -> None:
    text = "2026-11-20 10:00:00 ERROR [é] \N{GRINNING FACE} 1\n  at x\n"
    assert report(text) == report(text.encode()) == file_report(text)
    with pytest.raises(UnicodeEncodeError):
        report("\ud800")


def test_a_long_line_is_cut_and_counted(report: Any, file_report: Any) -> None:
    head, tail = "2026-11-20T10:00:00Z ERROR [a] x\n", "2026-11-20T10:00:01Z WARN [a] y\n"
    text = f"{head}2026-11-20T10:00:00Z INFO [a] {'z' * (3 << 20)}\n{tail}"
    for found in (report(text), file_report(text)):
        assert (found["total"], found["lines"], found["cut_lines"]) == (3, 3, 1)
        assert (found["errors"], found["warnings"], found["bytes"]) == (1, 1, len(text))


def test_years_follow_the_months(file_report: Any) -> None:
    days = ["Nov 30", "Dec 31", "Jan  1", "Mar  2"]
    text = "".join(f"{day} 10:00:00 h a: x\n" for day in days)
    changed = datetime(2026, 3, 3, tzinfo=UTC).timestamp()
    found = file_report(text, changed)
    assert (found["first"], found["last"]) == ("2025-11-30T10:00:00Z", "2026-03-02T10:00:00Z")
    assert found["times"]["backwards"] == 0
    assert found["times"]["year_inferred"] == found["times"]["zone_assumed"] == 4
    # After the last change of a file there is nothing in it.
    assert file_report("Dec  1 10:00:00 h a: x\n", changed)["first"] == "2025-12-01T10:00:00Z"
    leap = datetime(2025, 3, 3, tzinfo=UTC).timestamp()
    assert file_report("Feb 29 10:00:00 h a: x\n", leap)["first"] == "2024-02-29T10:00:00Z"


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("UTC", "2026-11-20T10:00:00Z"),
        ("+01:00", "2026-11-20T09:00:00Z"),
        ("-0230", "2026-11-20T12:30:00Z"),
    ],
)
def test_a_zone_for_times_without_one(engine: str, zone: str, first: str) -> None:
    analyzer = LogAnalyzer(engine=engine, time_zone=zone)
    assert analyzer.analyze_logs("2026-11-20 10:00:00 x\n")["first"] == first
    assert analyzer.analyze_logs("2026-11-20 10:00:00Z x\n")["first"] == "2026-11-20T10:00:00Z"


PARTS = (
    "2026-11-20T10:00:00Z ERROR [a] x 1\n2026-11-20T10:00:01Z ERROR [b] x 2\n  at y\n",
    'zzz\n{"level":"error","msg":"x 3","time":"2026-11-20T10:00:02Z","ms":-1.5}\n',
    'aaa\n\n{"level":40,"msg":"y","time":"2026-11-20T09:00:00Z","ms":3,"logger":"a"}\n',
    f'10.0.0.1 {REQUEST} /a HTTP/1.1" 200 5\n10.0.0.2 {REQUEST} /b HTTP/1.1" 404 -\n',
    "",
    f'10.0.0.1 {REQUEST} /a HTTP/1.1" 200 9\n',
    "".join(f"{time}\n" for time in range(1_600_000_000, 1_600_004_001)),
)


@pytest.mark.parametrize("turn", [*range(len(PARTS)), -1])
def test_parts_merge_in_any_order(engine: str, turn: int) -> None:
    analyzer = LogAnalyzer(engine=engine)
    order = PARTS[::-1] if turn < 0 else PARTS[turn:] + PARTS[:turn]
    whole = analyzer.summarize("")
    for part in order:
        whole.merge(analyzer.summarize(part))
    found = whole.report()
    assert found["total"] == 2 + 1 + 1 + 2 + 1 + 4001
    assert found["formats"] == {"access": 3, "json": 2, "text": 4003}
    assert found["sources"] == [
        {"name": "a", "count": 2, "errors": 1},
        {"name": "b", "count": 1, "errors": 1},
    ]
    assert found["unparsed_examples"] == ["aaa", "zzz"]
    assert found["fields"]["ms"]["sum"] == 1.5
    assert found["http"]["statuses"] == {"200": 2, "404": 1}
    assert found["http"]["bytes"]["sum"] == 14.0
    assert found["first"] == "2000-10-10T13:55:36Z"
    assert found["rate"]["bucket_seconds"] == 10
    assert found == analyzer_of_rest(analyzer, order)


def analyzer_of_rest(analyzer: LogAnalyzer, parts: tuple[str, ...]) -> dict[str, Any]:
    """The same, merged from behind."""
    whole = analyzer.summarize(parts[-1])
    for part in parts[-2::-1]:
        whole.merge(analyzer.summarize(part))
    return whole.report()


def test_what_is_merged_stays_as_it_is(engine: str) -> None:
    analyzer = LogAnalyzer(engine=engine)
    summary, other = analyzer.summarize(PARTS[0]), analyzer.summarize(PARTS[1])
    before = other.report()
    summary.merge(other)
    summary.merge(other)
    assert other.report() == before
    other.merge(other)
    assert other.report()["total"] == 2


def test_several_files_are_one_report(engine: str, tmp_path: Path) -> None:
    analyzer = LogAnalyzer(engine=engine)
    paths = [tmp_path / f"{number}.log" for number in range(3)]
    for path, part in zip(paths, PARTS, strict=False):
        path.write_text(part)
    assert analyzer.analyze_files(paths)["total"] == 4
    assert analyzer.analyze_files([str(path) for path in paths])["total"] == 4
    assert analyzer.analyze_files([])["total"] == 0
    with paths[0].open() as text, paths[0].open("rb") as data:
        assert analyzer.analyze_logs(text) == analyzer.analyze_logs(data)


def test_files_that_cannot_be_read(engine: str, tmp_path: Path) -> None:
    analyzer = LogAnalyzer(engine=engine)
    with pytest.raises(FileNotFoundError):
        analyzer.analyze_logs(tmp_path / "missing.log")
    with pytest.raises(IsADirectoryError):
        analyzer.analyze_logs(tmp_path)
    with pytest.raises(FileNotFoundError, match="no logs in this folder"):
        analyzer.analyze_files([tmp_path])


def test_a_large_file_is_its_text(engine: str, tmp_path: Path) -> None:
    """Formats are learnt from pieces of a file and from places of a text."""
    text = "".join(
        f"2026-11-20T10:{line // 60 % 60:02}:{line % 60:02}Z INFO [a] request {line} done\n"
        for line in range(15_000)
    )
    path = tmp_path / "large.log"
    path.write_text("\ufeff" + text)
    analyzer = LogAnalyzer(engine=engine)
    found = analyzer.analyze_logs(path)
    assert found == analyzer.analyze_logs(text)
    assert (found["total"], found["levels"]["info"]) == (15_000, 15_000)


def test_what_is_neither_text_nor_bytes(infrastructure: Any) -> None:
    for content in (3, None, ["x"], bytearray(b"x")):
        with pytest.raises(TypeError):
            infrastructure.LogAnalyzer().summarize(content)
    with pytest.raises(TypeError):
        infrastructure.LogAnalyzer(1)


def test_messages_name_no_level(report: Any) -> None:
    messages = ["0 errors", "errors=0", "no error", "/error_log is full", "the FATAL flag"]
    for message in [*messages, "retry after error", "Failed: 0", "error.html was read"]:
        assert report(f"2026-11-20 10:00:00 INFO x: {message}\n")["levels"]["info"] == 1
        assert report(f"Nov 20 10:00:00 web app[1]: {message}\n")["levels"]["unknown"] == 1
        assert report(f"{message}\n")["levels"]["unknown"] == 1


def test_values_out_of_range(engine: str) -> None:
    for threads in (0, 257):
        with pytest.raises(ValueError, match=f"threads {threads} is out of range 1-256"):
            LogAnalyzer(engine=engine, threads=threads)
    assert LogAnalyzer(engine=engine, threads=256).analyze_logs("x")["total"] == 1
    for zone in ("CETA", "+1", "+24:00", "+00:60"):
        with pytest.raises(ValueError, match="neither UTC, an offset"):
            LogAnalyzer(engine=engine, time_zone=zone)


@pytest.mark.parametrize("colour", ["\x1b[31m", "\x1b[1;38;5;9m", "\x1b[0m\x1b[K"])
def test_colours_are_no_text(report: Any, colour: str) -> None:
    text = f"2026-11-20T10:00:00Z {colour}ERROR\x1b[0m a: it {colour}failed\n"
    found = report(text)
    assert found["levels"]["error"] == 1
    assert found["messages"][0]["example"] == "it failed"
