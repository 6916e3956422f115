"""Which events are wanted: each filter against a plain one in Python on the same lines."""

from __future__ import annotations

import datetime
import itertools
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from code_ops import LogAnalyzer, _engine
from code_ops.errors import EngineError
from code_ops.log_events import LogFilter, LogQuestion

pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)

LEVELS = ("trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
START = datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC)


class Line(NamedTuple):
    """An event and what it is made of."""

    text: str
    time: datetime.datetime
    level: str
    user: str
    ms: int


def _lines(count: int) -> Iterator[Line]:
    chance = random.Random(5)
    for index in range(count):
        level = chance.choice(LEVELS)
        user = chance.choice(("anna", "Bert", "o'neil", "dora.e"))
        ms = chance.randrange(3000)
        time = START + datetime.timedelta(milliseconds=250 * index)
        stamp = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = f"{stamp} {level.upper():9} [m] request {index} user={user} took_ms={ms}"
        if index % 10 == 3:
            text += "\nTraceback (most recent call last):\n  File x.py\nKeyError: 'deep'"
        yield Line(text, time, level, user, ms)


EVENTS = list(_lines(2_000))
TEXT = "".join(f"{line.text}\n" for line in EVENTS).encode()


def shown(matching: LogFilter, source: bytes = TEXT) -> list[str]:
    raw = b"".join(LogAnalyzer().render_events([source], "raw", matching=matching)).decode()
    return re.findall(r"^2026.*(?:\n(?!2026).+)*", raw, re.MULTILINE)


def at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def rank(line: Line) -> int:
    return LEVELS.index(line.level)


FILTERS: list[tuple[dict[str, Any], Callable[[Line], bool]]] = [
    ({}, lambda line: line.text != ""),
    ({"level": "error"}, lambda line: line.level == "error"),
    ({"level": "ERR,warn"}, lambda line: line.level in ("error", "warning")),
    ({"level": "warn+"}, lambda line: rank(line) >= LEVELS.index("warning")),
    ({"level": "info-"}, lambda line: rank(line) <= LEVELS.index("info")),
    ({"level": "info- , fatal+"}, lambda line: rank(line) <= 2 or rank(line) >= 6),
    ({"level": "unknown"}, lambda line: line.level == "unknown"),
    ({"since": at(100)}, lambda line: line.time >= at(100)),
    ({"until": at(100)}, lambda line: line.time < at(100)),
    ({"since": at(7.25), "until": at(7.5)}, lambda line: line.time == at(7.25)),
    ({"since": at(7.5), "until": at(7.25)}, lambda line: line.text == ""),
    ({"since": "2026-11-20T10:01"}, lambda line: line.time >= at(60)),
    (
        {"since": "2026-11-20 11:01", "time_zone": "+01:00"},
        lambda line: line.time >= at(60),
    ),
    ({"grep": ["request 1.7 "]}, lambda line: bool(re.search("request 1.7 ", line.text))),
    (
        {"grep": ["user=(anna|Bert)", "7$"]},
        lambda line: bool(
            re.search("user=(anna|Bert)", line.text) and re.search("7$", line.text, re.MULTILINE)
        ),
    ),
    ({"grep": ["^KeyError"]}, lambda line: "\nKeyError" in line.text),
    ({"grep": ["last\\):\n  File"]}, lambda line: "\n" in line.text),
    ({"exclude": ["deep", "anna"]}, lambda line: "deep" not in line.text and line.user != "anna"),
    (
        {"grep": ["o'neil"], "exclude": ["ms=1"]},
        lambda line: line.user == "o'neil" and "ms=1" not in line.text,
    ),
    ({"grep": ["dora.e"], "literal": True}, lambda line: line.user == "dora.e"),
    ({"grep": ["(m"], "literal": True}, lambda line: "(m" in line.text),
    ({"grep": ["BERT"], "ignore_case": True}, lambda line: line.user == "Bert"),
    (
        {"exclude": ["DORA.E"], "ignore_case": True, "literal": True},
        lambda line: line.user != "dora.e",
    ),
    ({"where": ["took_ms > 2.5s"]}, lambda line: line.ms > 2500),
    (
        {"where": ["took_ms <= 10", 'user != "anna"']},
        lambda line: line.ms <= 10 and line.user != "anna",
    ),
    (
        {"where": ["level >= warn and not user in ('anna', 'Bert')"]},
        lambda line: rank(line) >= 4 and line.user not in ("anna", "Bert"),
    ),
    ({"where": ["line == 1"]}, lambda line: line is EVENTS[0]),
    (
        {"level": "error", "grep": ["request"], "where": ["took_ms < 100"], "since": at(5)},
        lambda line: line.level == "error" and line.ms < 100 and line.time >= at(5),
    ),
]


@pytest.mark.parametrize(("settings", "is_wanted"), FILTERS, ids=lambda value: str(value)[:60])
def test_a_filter_is_what_python_finds(
    settings: dict[str, Any], is_wanted: Callable[[Line], bool]
) -> None:
    matching = LogFilter(**settings)
    expected = [line.text for line in EVENTS if is_wanted(line)]
    assert shown(matching) == expected
    # Every way to ask agrees.
    analyzer = LogAnalyzer()
    assert analyzer.summarize(TEXT, matching=matching).report()["total"] == len(expected)
    assert len(list(analyzer.iter_events(TEXT, matching=matching))) == len(expected)
    report = analyzer.ask(TEXT, LogQuestion.stats(), matching=matching).report()
    assert (report["events"], report["filtered"]) == (
        len(expected),
        len(EVENTS) - len(expected),
    )


@pytest.mark.skipif(shutil.which("grep") is None, reason="no grep")
@pytest.mark.parametrize("pattern", ["user=o", "ms=[0-9]{2}$", "ERROR|ALERT", "^2026.*00Z"])
def test_grep_finds_the_same_lines(pattern: str, tmp_path: Path) -> None:
    path = tmp_path / "one.log"
    path.write_text("".join(line.text.split("\n")[0] + "\n" for line in EVENTS))
    expected = subprocess.run(["grep", "-E", pattern, path], capture_output=True, check=True)
    shown = LogAnalyzer().render_events([path], "raw", matching=LogFilter(grep=[pattern]))
    assert b"".join(shown) == expected.stdout


def test_an_event_without_a_time_is_outside_of_all_times() -> None:
    text = b'{"msg":"a"}\n{"time":"2026-11-20T10:00:00Z","msg":"b"}\n{"time":"never","msg":"c"}\n'
    analyzer = LogAnalyzer()
    for matching in (LogFilter(since="1970-01-01"), LogFilter(until="2100-01-01")):
        events = analyzer.iter_events(text, matching=matching)
        assert [event.message for event in events] == ["b"]


def test_the_edges_of_time() -> None:
    """Since is inclusive, until is not, to the microsecond; years without room are the last."""
    text = b"2026-11-20T10:00:00.000001Z INFO a\n2026-11-20T10:00:00.000002Z INFO b\n"
    first, second = (START.replace(microsecond=count) for count in (1, 2))
    analyzer = LogAnalyzer()

    def found(**settings: Any) -> list[str | None]:
        events = analyzer.iter_events(text, matching=LogFilter(**settings))
        return [event.message for event in events]

    assert found(since=first, until=second) == ["a"]
    assert found(since=second) == ["b"]
    assert found(until=first) == []
    assert found(since=first.replace(tzinfo=None)) == ["a", "b"]
    assert found(since="0001-01-01", until="9999-12-31") == ["a", "b"]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"level": "wrn+,x"}, 'level "wrn+,x" is none of trace, debug'),
    ({"level": ""}, 'level "" is none of'),
    ({"level": "warn++"}, 'level "warn++"'),
    ({"since": "yesterda"}, "'yesterda' is no time"),
    ({"grep": ["a", "(("]}, 'pattern "((": unclosed group'),
    ({"exclude": ["a{999999999}"]}, 'pattern "a{999999999}":'),
    ({"grep": ["(?=a)"]}, "look-around"),
    ({"where": ["status >="]}, "expected a value"),
    ({"where": ["a == 1", "b == 'x"]}, "\n  b == 'x\n       ^"),
    ({"where": ["not levle >= warn"]}, "\n  not levle >= warn\n               ^~~~"),
]


@pytest.mark.parametrize(("settings", "message"), MISTAKES)
def test_a_mistake_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        LogFilter(**settings)


def test_filters_need_the_rust_engine() -> None:
    with pytest.raises(EngineError, match="need the rust engine"):
        LogFilter(level="error", engine="python")
    with pytest.raises(EngineError, match="need the rust engine"):
        LogAnalyzer(engine="python").analyze_logs("x\n", matching=LogFilter(level="error"))


def stamped(name: str, seconds: list[int | None]) -> bytes:
    lines = []
    for index, second in enumerate(seconds):
        time = (
            "" if second is None else f'"time":"2026-11-20T10:{second // 60:02}:{second % 60:02}Z",'
        )
        lines.append(f'{{{time}"msg":"{name}{index}"}}\n')
    return "".join(lines).encode()


def merged(sources: list[bytes], **settings: Any) -> list[str]:
    events = LogAnalyzer().iter_events(*sources, by_time=True, **settings)
    return [event.message or "" for event in events]


@pytest.mark.parametrize("files", [1, 2, 3, 20])
def test_files_merge_by_time_and_equal_times_by_their_order(files: int) -> None:
    chance = random.Random(files)
    times = [sorted(chance.randrange(300) for _ in range(200)) for _ in range(files)]
    sources = [stamped(f"{index:02}-", list(each)) for index, each in enumerate(times)]
    everything = [
        (time, file, f"{file:02}-{place}")
        for file, each in enumerate(times)
        for place, time in enumerate(each)
    ]
    assert merged(sources) == [name for *_, name in sorted(everything, key=lambda row: row[:2])]


MERGES: list[tuple[list[list[int | None]], list[str]]] = [
    # Without a time they stay behind theirs, and before the first they come first.
    ([[1, None, 4], [2, 3]], ["a0", "a1", "b0", "b1", "a2"]),
    ([[None, 5], [2]], ["a0", "b0", "a1"]),
    ([[None, None], [2], [1]], ["a0", "a1", "c0", "b0"]),
    # What is out of order in a file stays so.
    ([[5, 1, 6], [2, 5]], ["b0", "a0", "a1", "b1", "a2"]),
    ([[], [1], []], ["b0"]),
]


@pytest.mark.parametrize(("times", "expected"), MERGES)
def test_a_merge(times: list[list[int | None]], expected: list[str]) -> None:
    sources = [stamped(name, each) for name, each in zip("abc", times, strict=False)]
    assert merged(sources) == expected


def test_an_event_without_a_time_stays_behind_one_that_is_filtered() -> None:
    sources = [stamped("a", [1, 9, None]), stamped("b", [2, 3])]
    matching = LogFilter(where=['message != "a1"'])
    assert merged(sources, matching=matching) == ["a0", "b0", "b1", "a2"]


LIMITS = [
    ({"first": 1}, slice(0, 1)),
    ({"first": 7}, slice(0, 7)),
    ({"first": 99}, slice(0, 99)),
    ({"last": 1}, slice(-1, None)),
    ({"last": 7}, slice(-7, None)),
    ({"last": 99}, slice(0, 99)),
]


@pytest.mark.parametrize(("settings", "expected"), LIMITS)
@pytest.mark.parametrize("by_time", [False, True])
def test_the_first_and_the_last(settings: dict[str, Any], expected: slice, by_time: bool) -> None:
    sources = [stamped("a", [1, 3, 5, 7, 9, 11]), stamped("b", [2, 4, 6, 8, 10])]
    lines = [source.splitlines(keepends=True) for source in sources]
    pairs = itertools.zip_longest(*lines, fillvalue=b"")
    in_order = pairs if by_time else lines
    everything = [line for part in in_order for line in part if line]
    chunks = LogAnalyzer().render_events(sources, "raw", by_time=by_time, **settings)
    assert b"".join(chunks) == b"".join(everything[expected])
    assert chunks.events == len(everything[expected])


@pytest.mark.parametrize("last", [1, 1000, 40_000])
def test_the_last_of_many_blocks_are_those_of_tail(last: int) -> None:
    lines = [f"2026-11-20T10:00:00Z INFO {index:060}\n".encode() for index in range(45_000)]
    chunks = LogAnalyzer(threads=3).render_events([b"".join(lines)], "raw", last=last)
    assert b"".join(chunks) == b"".join(lines[-last:])
