"""Top, stats and hist: against counts of the same values with Python alone."""

from __future__ import annotations

import collections
import datetime
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from code_ops import LogAnalyzer, _engine
from code_ops.log_events import LogFilter, LogQuestion

pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)

Event = dict[str, Any]


def _events(count: int, seed: int = 3) -> list[Event]:
    chance = random.Random(seed)
    start = datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC)
    events = []
    for index in range(count):
        event: Event = {
            "time": (start + datetime.timedelta(seconds=index // 3)).isoformat(),
            "level": chance.choice(["info", "warning", "error", "debug"]),
            "msg": f"request {index}",
            "user": f"u{int(chance.expovariate(0.05))}",
            "ms": round(chance.lognormvariate(3, 1), 3),
            "http": {"status": chance.choice([200, 200, 200, 404, 500])},
        }
        if chance.random() < 0.1:
            del event["user"]
        if chance.random() < 0.1:
            event["ms"] = None
        events.append(event)
    return events


EVENTS = _events(30_000)


def lines(events: list[Event]) -> bytes:
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def asked(
    question: LogQuestion, events: list[Event] = EVENTS, *, parts: int = 1, **settings: Any
) -> dict[str, Any]:
    """The report on events; with several parts, on answers that are merged."""
    analyzer = LogAnalyzer(threads=3)
    size = math.ceil(len(events) / parts)
    texts = [lines(events[start : start + size]) for start in range(0, len(events), size)]
    whole, *others = [analyzer.ask(text, question, **settings) for text in texts]
    for other in others:
        whole.merge(other)
    return whole.report()


def shown(time: str) -> str:
    return datetime.datetime.fromisoformat(time).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("parts", [1, 5])
def test_top_counts_each_value(parts: int) -> None:
    report = asked(LogQuestion.top("user", most=10_000), parts=parts)
    groups = collections.defaultdict(list)
    for event in EVENTS:
        if "user" in event:
            groups[event["user"]].append(event)
    assert {row["value"]: row["count"] for row in report["rows"]} == {
        user: len(events) for user, events in groups.items()
    }
    for row in report["rows"]:
        events = groups[row["value"]]
        assert row["errors"] == sum(event["level"] == "error" for event in events)
        assert (row["first"], row["last"]) == (shown(events[0]["time"]), shown(events[-1]["time"]))
    counts = [row["count"] for row in report["rows"]]
    assert counts == sorted(counts, reverse=True)
    assert report["missing"] == sum("user" not in event for event in EVENTS)
    assert report["distinct"] == len(groups)
    assert report["is_exact"]


TOPS = [
    ("http.status", ["200", "404", "500"]),
    ("level", ["debug", "error", "info", "warning"]),
    ("template", ["request <*>"]),
    ("format", ["json"]),
]


@pytest.mark.parametrize(("field", "values"), TOPS)
def test_top_of_other_fields(field: str, values: list[str]) -> None:
    report = asked(LogQuestion.top(field))
    assert sorted(row["value"] for row in report["rows"]) == values
    assert sum(row["count"] for row in report["rows"]) == len(EVENTS)
    assert report["missing"] == 0


def test_top_of_pairs_in_messages() -> None:
    text = (
        'INFO login user=anna ip="10.0.0.1"\n'
        "INFO login (user=bert, ip=10.0.0.2)\n"
        "INFO login superuser=carl user=\n"
        'INFO login {user="d e f"} user=no\n'
    )
    report = LogAnalyzer().ask(text, LogQuestion.top("user")).report()
    assert [row["value"] for row in report["rows"]] == ["anna", "bert", "d e f"]
    assert report["missing"] == 1


def test_top_with_more_values_than_there_is_room_for() -> None:
    """The frequent ones are right, the number of all an estimate."""
    events = [{"msg": "m", "id": f"id-{index}"} for index in range(60_000)]
    events += [{"msg": "m", "id": "often"}] * 5_000
    random.Random(1).shuffle(events)
    report = asked(LogQuestion.top("id", most=3), events)
    first = report["rows"][0]
    assert first["value"] == "often"
    assert 5_000 <= first["count"] <= 5_000 + len(events) * 0.001
    assert not report["is_exact"]
    assert report["distinct"] == pytest.approx(60_001, rel=0.05)


def grouped(by: list[str]) -> dict[tuple[Any, ...], list[Event]]:
    groups: dict[tuple[Any, ...], list[Event]] = collections.defaultdict(list)
    for event in EVENTS:
        flat = event | {"http.status": str(event["http"]["status"])}
        groups[tuple(flat.get(name) for name in by)].append(event)
    return groups


@pytest.mark.parametrize("parts", [1, 4])
@pytest.mark.parametrize("by", [[], ["level"], ["http.status", "level"], ["user"]])
def test_stats_are_those_of_python(by: list[str], parts: int) -> None:
    report = asked(LogQuestion.stats("ms", by=by), parts=parts)
    groups = grouped(by)
    assert report["groups"] == len(report["rows"]) == len(groups)
    for row in report["rows"]:
        events = groups[tuple(row["by"].values())]
        numbers = sorted(event["ms"] for event in events if event["ms"] is not None)
        assert (row["count"], row["missing"]) == (len(events), len(events) - len(numbers))
        distinct = len(set(numbers))
        assert row["distinct"] == (
            distinct if distinct <= 256 else pytest.approx(distinct, rel=0.05)
        )
        if not numbers:
            assert row["numbers"] is None
            continue
        found = row["numbers"]
        assert (found["count"], found["min"], found["max"]) == (
            len(numbers),
            numbers[0],
            numbers[-1],
        )
        assert found["sum"] == pytest.approx(math.fsum(numbers))
        for key, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
            # Within 1 % of the value of that rank; between ranks either may be it.
            low = numbers[math.floor(share * (len(numbers) - 1))]
            high = numbers[min(math.ceil(share * len(numbers)), len(numbers) - 1)]
            assert low * 0.99 <= found[key] <= high * 1.01


def test_stats_of_texts_and_of_numbers_in_texts() -> None:
    text = b'{"msg":"a","k":"x"}\n{"msg":"b","k":"12"}\n{"msg":"c","k":-2.5}\n{"msg":"d"}\n'
    row = LogAnalyzer().ask(text, LogQuestion.stats("k")).report()["rows"][0]
    assert (row["count"], row["missing"], row["distinct"]) == (4, 1, 3)
    assert (row["numbers"]["count"], row["numbers"]["sum"]) == (2, 9.5)


SIZES = [1, 7, 60, 3600, 86_400]


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("by", [[], ["level"], ["user", "level"]])
@pytest.mark.parametrize("size", SIZES)
def test_a_histogram_counts_each_bucket(size: int, by: list[str], parts: int) -> None:
    question = LogQuestion.histogram(by=by, every_seconds=size)
    report = asked(question, EVENTS[:3_000], parts=parts)
    expected: collections.Counter[tuple[Any, ...]] = collections.Counter()
    for event in EVENTS[:3_000]:
        seconds = datetime.datetime.fromisoformat(event["time"]).timestamp()
        group = tuple(event.get(name) for name in by)
        expected[(*group, int(seconds // size) * size)] += 1
    found = {
        (
            *row["by"].values(),
            int(datetime.datetime.fromisoformat(bucket["time"]).timestamp()),
        ): bucket["count"]
        for row in report["rows"]
        for bucket in row["buckets"]
    }
    assert found == expected
    assert report["bucket_seconds"] == size


@pytest.mark.parametrize(
    ("seconds", "size"),
    [(1, 1), (59, 1), (61, 10), (3_599, 60), (3_600, 300), (40 * 86_400, 86_400)],
)
def test_buckets_suit_the_span(seconds: int, size: int) -> None:
    """At most 60 of them, of the smallest size that does."""
    start = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
    events = [
        {"time": (start + datetime.timedelta(seconds=second)).isoformat(), "msg": "m"}
        for second in (0, seconds)
    ]
    report = asked(LogQuestion.histogram(), events)
    assert report["bucket_seconds"] == size


def test_events_without_a_time_are_told() -> None:
    report = asked(LogQuestion.histogram(), [{"msg": "a"}, {"msg": "b", "time": "never"}])
    assert (report["without_time"], report["rows"]) == (2, [])


def test_times_before_1970_have_buckets() -> None:
    events = [{"time": "1969-12-31T23:59:59Z", "msg": "a"}]
    report = asked(LogQuestion.histogram(every_seconds=60), events)
    assert report["rows"][0]["buckets"] == [{"time": "1969-12-31T23:59:00Z", "count": 1}]


def test_groups_have_a_limit() -> None:
    events = [{"msg": "m", "id": index, "time": "2026-11-20T10:00:00Z"} for index in range(20_001)]
    analyzer = LogAnalyzer(threads=1)
    for question in (LogQuestion.stats(by=["id"]), LogQuestion.histogram(by=["id"])):
        assert not analyzer.ask(lines(events[:-1]), question).is_full
        answer = analyzer.ask(lines(events), question)
        assert answer.is_full
        assert len(answer.report()["rows"]) == 20_000


def test_long_values_are_told_apart_by_their_start() -> None:
    events = [{"msg": "m", "id": "x" * length} for length in (4_095, 4_096, 5_000, 50_000)]
    rows = asked(LogQuestion.top("id"), events)["rows"]
    assert [(len(row["value"]), row["count"]) for row in rows] == [(4_096, 3), (4_095, 1)]
    rows = asked(LogQuestion.stats(by=["id", "msg"]), events)["rows"]
    assert [(len(row["by"]["id"]), row["by"]["msg"], row["count"]) for row in rows] == [
        (4_096, "m", 3),
        (4_095, "m", 1),
    ]


def test_only_events_that_match_are_asked() -> None:
    matching = LogFilter(where=["http.status == 500"], level="error")
    report = asked(LogQuestion.top("http.status"), matching=matching)
    expected = [
        event for event in EVENTS if event["http"]["status"] == 500 and event["level"] == "error"
    ]
    assert [(row["value"], row["count"]) for row in report["rows"]] == [("500", len(expected))]
    assert report["filtered"] == len(EVENTS) - len(expected)


def test_detect_tells_formats_and_why(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(lines(EVENTS[:100]))
    found = LogAnalyzer().detect(path)
    assert found["formats"][0]["name"] == "json"
    assert (found["formats"][0]["lines"], found["sampled"], found["unread"]) == (100, 100, 0)
    assert found["confidence"] == 1.0
    with pytest.raises(FileNotFoundError):
        LogAnalyzer().detect(tmp_path / "none")
