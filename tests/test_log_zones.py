"""Time zones of times that name none, beside Python's own."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_ops.log_zones import wall_clock
from code_ops.logs import LogAnalyzer

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Pyongyang",
)


def _is_known(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        return False
    return True


pytestmark = pytest.mark.skipif(
    not all(map(_is_known, ZONES)), reason="the machine has no data of time zones"
)


def _first(text: str, zone: str, engine: str) -> datetime.datetime:
    report = LogAnalyzer(time_zone=zone, engine=engine).analyze_logs(f"{text} ERROR it failed\n")
    return datetime.datetime.fromisoformat(report["first"])


@pytest.mark.parametrize(
    ("zone", "wall", "utc"),
    [
        ("Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00"),
        ("Europe/Berlin", "2026-07-15T12:00:00", "2026-07-15T10:00:00"),
        # Summer time begins: the hour from 02:00 is not there, and counts on from the one before.
        ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59"),
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00"),
        ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        # It ends: the hour from 02:00 is there twice, and the first is meant.
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ("Asia/Kolkata", "2026-11-20T10:00:00", "2026-11-20T04:30:00"),
        ("America/New_York", "2026-11-20T10:00:00", "2026-11-20T15:00:00"),
        ("-03:30", "2026-11-20T10:00:00", "2026-11-20T13:30:00"),
    ],
)
def test_times(zone: str, wall: str, utc: str, engine: str) -> None:
    assert _first(wall, zone, engine) == datetime.datetime.fromisoformat(f"{utc}+00:00")


@given(
    zone=st.sampled_from(ZONES),
    wall=st.datetimes(datetime.datetime(1975, 1, 1), datetime.datetime(2090, 1, 1)),
)
@settings(max_examples=200, deadline=None)
def test_as_python_has_it(zone: str, wall: datetime.datetime) -> None:
    """Within seconds, which offsets before 1980 can have."""
    wall = wall.replace(microsecond=0)
    expected = wall.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    clock = wall_clock(zone)
    seconds = int((wall - datetime.datetime(1970, 1, 1)).total_seconds())
    ahead = clock.offset_seconds
    for start, after in clock.changes:
        if seconds >= start:
            ahead = after
    offset = expected.utcoffset()
    assert offset is not None
    assert ahead == offset.total_seconds()


def test_changes_are_found_by_both_engines() -> None:
    """Each change of a zone in some years, a second before and at it."""
    for start, _ in wall_clock("Australia/Lord_Howe").changes[-4:]:
        for seconds in (start - 1, start):
            wall = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
            found = {
                _first(wall.isoformat(), "Australia/Lord_Howe", engine)
                for engine in ("rust", "python")
            }
            assert len(found) == 1


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "../etc/passwd", "+25:00", "Europe/", "posix"]
)
def test_no_zones(name: str) -> None:
    with pytest.raises(ValueError, match="is neither UTC"):
        wall_clock(name)


def test_filters_and_expressions_know_the_zone() -> None:
    pytest.importorskip("code_rust_core", reason="filters need the native module")
    from code_ops.log_events import LogFilter

    log = "".join(f"2026-07-15T{hour:02}:00:00 INFO at {hour}\n" for hour in range(24))
    analyzer = LogAnalyzer(time_zone="Europe/Berlin")
    for matching in (
        LogFilter(since="2026-07-15T10:00", until="2026-07-15T12:00", time_zone="Europe/Berlin"),
        LogFilter(where=['time >= "2026-07-15T08:00Z" and time < "2026-07-15T10:00Z"']),
        LogFilter(
            where=['time >= "2026-07-15T10:00" and time < "2026-07-15T12:00"'],
            time_zone="Europe/Berlin",
        ),
    ):
        messages = [event.message for event in analyzer.iter_events(log, matching=matching)]
        assert messages == ["at 10", "at 11"]
