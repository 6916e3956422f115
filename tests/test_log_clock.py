"""Times as people name them."""

from __future__ import annotations

import datetime

import pytest

from code_ops.log_times import parse_time

NOW = datetime.datetime(2026, 11, 21, 23, 30, 15, 250_000, tzinfo=datetime.UTC)
HOUR = 3_600

TIMES = [
    ("2026-11-20", 0, "2026-11-20T00:00:00+00:00"),
    ("2026-11-20", HOUR, "2026-11-19T23:00:00+00:00"),
    ("2026/11/20 10:00", 0, "2026-11-20T10:00:00+00:00"),
    ("20261120", 0, "2026-11-20T00:00:00+00:00"),
    ("2026-11-20 10:00", -5 * HOUR, "2026-11-20T15:00:00+00:00"),
    ("2026-11-20T10:00:00.5", 0, "2026-11-20T10:00:00.500000+00:00"),
    ("2026-11-20T10:00:00Z", HOUR, "2026-11-20T10:00:00+00:00"),
    ("2026-11-20T10:00:00+05:30", HOUR, "2026-11-20T04:30:00+00:00"),
    ("10:30", 0, "2026-11-21T10:30:00+00:00"),
    # An hour ahead it is the 22nd already.
    ("10:30", HOUR, "2026-11-22T09:30:00+00:00"),
    ("9:05:07", 0, "2026-11-21T09:05:07+00:00"),
    ("now", HOUR, "2026-11-21T23:30:15.250000+00:00"),
    ("today", 0, "2026-11-21T00:00:00+00:00"),
    ("Today", HOUR, "2026-11-21T23:00:00+00:00"),
    ("yesterday", 0, "2026-11-20T00:00:00+00:00"),
    ("tomorrow", -HOUR, "2026-11-22T01:00:00+00:00"),
    ("-2h", 0, "2026-11-21T21:30:15.250000+00:00"),
    ("-90m", HOUR, "2026-11-21T22:00:15.250000+00:00"),
    ("- 1.5 h", 0, "2026-11-21T22:00:15.250000+00:00"),
    ("2h ago", 0, "2026-11-21T21:30:15.250000+00:00"),
    ("3 d ago", 0, "2026-11-18T23:30:15.250000+00:00"),
    ("-1w", 0, "2026-11-14T23:30:15.250000+00:00"),
    ("-250ms", 0, "2026-11-21T23:30:15+00:00"),
    ("-0s", 0, "2026-11-21T23:30:15.250000+00:00"),
    ("@0", HOUR, "1970-01-01T00:00:00+00:00"),
    ("@1795219200.5", 0, "2026-11-21T00:00:00.500000+00:00"),
    ("  2026-11-20  ", 0, "2026-11-20T00:00:00+00:00"),
]


def _zone(seconds: int) -> datetime.tzinfo:
    return datetime.timezone(datetime.timedelta(seconds=seconds))


@pytest.mark.parametrize(("text", "offset", "expected"), TIMES)
def test_a_time(text: str, offset: int, expected: str) -> None:
    assert parse_time(text, zone=_zone(offset), now=NOW).isoformat() == expected


NO_TIMES = [
    "",
    "yesterda",
    "2h",
    "+2h",
    "-2x",
    "--2h",
    "-2h ago ago",
    "25:00",
    "10:60",
    "2026-13-01",
    "2026-02-30",
    "20/11/2026",
    "@",
    "@-",
    "@1e99",
    "@99999999999999999999",
    "-99999999999999d",
    "10",
]


@pytest.mark.parametrize("text", NO_TIMES)
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time: use 2026-11-20T10:00, 10:30, today"):
        parse_time(text, now=NOW)
