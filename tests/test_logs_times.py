"""Times of logs in many notations, beside dateutil where it knows them and arithmetic elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from dateutil import parser
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from log_servers import ENGINES

from code_ops.logs import LogAnalyzer

BILLION = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Notation(NamedTuple):
    """How a time is written."""

    write: Callable[[datetime], str]
    """From a time in the zone that it is written in."""
    step: int
    """The smallest difference that it shows, in nanoseconds."""
    has_zone: bool
    read: Callable[[str], datetime] | None = None
    """How dateutil reads it, where it does."""


def written(form: str, step: int = BILLION, **kind: bool) -> Notation:
    """A notation of strftime's, with ``%f`` as microseconds; dateutil reads it."""
    zone = kind.get("zone", False)
    if kind.get("odd"):
        return Notation(lambda time: time.strftime(form), step, zone)
    options = {name: True for name in ("yearfirst", "dayfirst") if kind.get(name)}
    read: Callable[[str], datetime] = lambda text: parser.parse(text, **options)  # noqa: E731
    return Notation(lambda time: time.strftime(form), step, zone, read)


def millis(form: str, mark: str, **kind: bool) -> Notation:
    """The same with milliseconds behind, after a point, a comma or a colon."""

    def write(time: datetime) -> str:
        head, tail = form.split("~")
        return f"{time.strftime(head)}{mark}{time.microsecond // 1000:03}{time.strftime(tail)}"

    zone = kind.get("zone", False)
    return Notation(write, 1_000_000, zone, None if kind.get("odd") else parser.parse)


def colon(time: datetime) -> str:
    """The offset with a colon, as in ``+05:30``."""
    text = time.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def epoch(unit: int) -> Notation:
    """Whole seconds or parts of them since 1970."""
    return Notation(lambda time: str(nanos(time) // unit), unit, True)


def nanos(time: datetime) -> int:
    """The nanoseconds since 1970; microseconds are all that a datetime has."""
    return (time - EPOCH) // timedelta(microseconds=1) * 1000


NOTATIONS = {
    # Iso.
    "rfc3339": Notation(
        lambda time: time.strftime("%Y-%m-%dT%H:%M:%S.%f") + colon(time), 1000, True, parser.parse
    ),
    "iso, offset": written("%Y-%m-%dT%H:%M:%S%z", zone=True),
    "iso, nanoseconds": Notation(
        lambda time: time.strftime("%Y-%m-%dT%H:%M:%S.%f000") + colon(time), 1000, True
    ),
    "iso, local": written("%Y-%m-%dT%H:%M:%S.%f", 1000),
    "space": written("%Y-%m-%d %H:%M:%S"),
    "space, comma": millis("%Y-%m-%d %H:%M:%S~", ","),
    "space, point, offset": millis("%Y-%m-%d %H:%M:%S~ %z", ".", zone=True),
    "slashes": written("%Y/%m/%d %H:%M:%S"),
    "slashes, microseconds": written("%Y/%m/%d %H:%M:%S.%f", 1000),
    "points": written("%Y.%m.%d %H:%M:%S"),
    "underscore": written("%Y-%m-%d_%H:%M:%S", odd=True),
    "colon": written("%Y-%m-%d:%H:%M:%S", odd=True),
    "BGL": written("%Y-%m-%d-%H.%M.%S.%f", 1000, odd=True),
    # Compact, ShortYear, ShortCompact.
    "compact": written("%Y%m%dT%H%M%S"),
    "compact, UTC": Notation(
        lambda time: time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), BILLION, True, parser.parse
    ),
    "compact, clock": millis("%Y%m%d-%H:%M:%S~", ":", odd=True),
    "short year": written("%y/%m/%d %H:%M:%S", yearfirst=True),
    "short compact": written("%y%m%d %H%M%S", odd=True),
    # Syslog with a year, Ctime.
    "syslog, year": written("%b %d %Y %H:%M:%S"),
    "syslog, year behind": written("%b %d %H:%M:%S %Y"),
    "asctime": written("%a %b %d %H:%M:%S %Y"),
    "asctime, padded": written("%a %b %e %H:%M:%S %Y"),
    "Apache's errors": written("%a %b %d %H:%M:%S.%f %Y", 1000),
    "date": Notation(
        lambda time: time.astimezone(UTC).strftime("%a %b %e %H:%M:%S UTC %Y"),
        *(BILLION, True, parser.parse),
    ),
    # DayFirst, Mail, American.
    "access": written("%d/%b/%Y:%H:%M:%S %z", zone=True, odd=True),
    "HAProxy": millis("%d/%b/%Y:%H:%M:%S~", ".", odd=True),
    "Tomcat": millis("%d-%b-%Y %H:%M:%S~", "."),
    "Redis": millis("%d %b %Y %H:%M:%S~", "."),
    "mail": Notation(format_datetime, BILLION, True, parser.parse),
    "American": written("%m/%d/%Y %H:%M:%S"),
    "American, half days": written("%m/%d/%Y %I:%M:%S %p"),
    "American, comma": written("%m/%d/%Y, %I:%M:%S %p"),
    # Epoch.
    "seconds": epoch(BILLION),
    "milliseconds": epoch(1_000_000),
    "microseconds": epoch(1000),
    "nanoseconds": epoch(1),
    "seconds, fraction": Notation(
        lambda time: f"{nanos(time) // BILLION}.{nanos(time) % BILLION:09}", 1000, True
    ),
}
DIGITS = {"milliseconds": 13, "microseconds": 16, "nanoseconds": 19}
# Without a year, which comes from the time of the file.
YEARLESS = {
    "syslog": ("%b %e %H:%M:%S web1 app[7]: it failed", BILLION),
    "syslog, microseconds": ("%b %e %H:%M:%S.%f web1 app[7]: it failed", 1000),
    "logcat": ("%m-%d %H:%M:%S.%f  1702  2395 D Window: it failed", 1000),
    "klog": ("E%m%d %H:%M:%S.%f    1234 server.go:42] it failed", 1000),
}
# Two digits of a year are those of 1969 to 2068; no number below that of 1990 in UTC is a time.
INSTANTS = st.datetimes(
    datetime(1990, 1, 2),
    datetime(2068, 12, 31),
    timezones=st.builds(
        lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-12 * 60, 14 * 60)
    ),
)


def read_back(text: str | None) -> int:
    """The nanoseconds since 1970 of a time of a report."""
    assert text is not None
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = (datetime.fromisoformat(f"{whole}+00:00") - EPOCH) // timedelta(seconds=1)
    return seconds * BILLION + int(fraction.ljust(9, "0"))


def expected(notation: Notation, time: datetime, text: str) -> int:
    """The instant that was written, as dateutil reads it where it can."""
    instant = nanos(time) if notation.has_zone else nanos(time.replace(tzinfo=UTC))
    instant -= instant % notation.step
    if notation.read is not None:
        read = notation.read(text)
        read = read if read.tzinfo else read.replace(tzinfo=UTC)
        assert nanos(read) == instant
    return instant


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("name", NOTATIONS)
@given(time=INSTANTS)
@example(datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=14))))
@example(datetime(2026, 12, 31, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30))))
@settings(max_examples=40, deadline=None)
def test_times(name: str, engine_name: str, time: datetime) -> None:
    notation = NOTATIONS[name]
    text = notation.write(time)
    instant = expected(notation, time, text)
    analyze = LogAnalyzer(engine=engine_name).analyze_logs
    # Before September 2001 these have a digit less, which no number of a log has to be a time.
    assume(name not in DIGITS or len(text) == DIGITS[name])
    lines = [
        f"{text} ERROR [db] it failed",
        f"[{text}] ERROR db: it failed",
        json.dumps({"time": text, "level": "error", "msg": "it failed"}),
    ]
    if name.startswith("syslog"):
        lines = [f"{text} web1 db[7]: error: it failed"]
    for line in lines:
        found = analyze(line)
        assert (line, read_back(found["first"])) == (line, instant)
        assert found["errors"] == 1
        assert found["times"]["zone_assumed"] == (0 if notation.has_zone else 1)


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("name", YEARLESS)
@given(time=INSTANTS, age=st.integers(0, 300 * 86_400))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_times_without_a_year(
    name: str, engine_name: str, time: datetime, age: int, tmp_path: Path
) -> None:
    """The year is the last in which the time is not after the last change of the file."""
    form, step = YEARLESS[name]
    time = time.replace(tzinfo=UTC)
    path = tmp_path / "some.log"
    path.write_text(time.strftime(form) + "\n")
    changed = nanos(time) // BILLION + 1 + age
    os.utime(path, (changed, changed))
    found = LogAnalyzer(engine=engine_name).analyze_logs(path)
    assert read_back(found["first"]) == nanos(time) - nanos(time) % step
    assert found["times"]["year_inferred"] == found["times"]["zone_assumed"] == 1


@pytest.mark.parametrize(
    "form",
    [
        "Nov 20 2026 10:00:{:02} ERROR [db] it failed",
        "[Nov 20 2026 10:00:{:02}] ERROR db: it failed",
        "Nov 20 10:00:{:02} ERROR db: it failed",
        "Nov 20 10:00:{:02},123 ERROR com.example.Main - it failed",
    ],
)
def test_levels_behind_times_as_syslogs(form: str) -> None:
    """What has no host and no tag is no syslog."""
    text = "".join(form.format(second) + "\n" for second in range(40))
    for name in ENGINES:
        found = LogAnalyzer(engine=name).analyze_logs(text)
        assert (found["total"], found["errors"]) == (40, 40)
