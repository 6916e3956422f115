"""Time stamps of logs: their shapes as regular expressions, and RFC 3339.

A stamp is what a text begins with; what follows it does not matter to most shapes. Numbers are
ASCII digits, for all patterns are of bytes.
"""

from __future__ import annotations

import datetime
import enum
import functools
import re
from typing import Literal, NamedTuple

NANOSECONDS = 1_000_000_000
"""In a second."""
DAY_SECONDS = 86_400
_LIMIT = 2**63
_EPOCH = datetime.date(1970, 1, 1).toordinal()
# Dates repeat after so many years and days.
_ERA_YEARS, _ERA_DAYS = 400, 146_097

# The years 1990 to 2100, so that not every number is a time.
_EPOCHS = range(631_152_000, 4_102_444_800)


class Stamp(NamedTuple):
    """A time as it was read."""

    seconds: int
    """Since 1970-01-01 00:00, of UTC or of the clock on the wall."""
    nanoseconds: int
    zone: Literal["given", "missing"]
    """Whether it names its zone; without one the seconds are those of the clock on the wall."""
    end: int
    """Where it ends in the text."""


class Shape(enum.IntEnum):
    """How a time stamp is written; fractions of seconds and zones may follow or not."""

    ISO = 0
    """``2026-11-20T10:00:00``, also with other marks, also the date alone (RFC 3339, ISO 8601)."""
    COMPACT = 1
    """``20261120T100000``, ``20261120-10:00:00``."""
    SHORT_YEAR = 2
    """``26/11/20 10:00:00``."""
    SHORT_COMPACT = 3
    """``261120 100000``."""
    SYSLOG = 4
    """``Nov 20 10:00:00``, also with a year before or after the time (RFC 3164, 4.1.2)."""
    CTIME = 5
    """``Fri Nov 20 10:00:00 2026`` (C's ``asctime``)."""
    DAY_FIRST = 6
    """``20/Nov/2026:10:00:00 +0100`` (Apache's access logs)."""
    MAIL = 7
    """``Fri, 20 Nov 2026 10:00:00 +0100`` (RFC 5322, section 3.3)."""
    AMERICAN = 8
    """``11/20/2026 10:00:00 AM``."""
    MONTH_DAY = 9
    """``11-20 10:00:00``: without a year."""
    KLOG = 10
    """``1120 10:00:00.5``: klog's, without a year."""
    EPOCH = 11
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits."""

    @property
    def may_lack_year(self) -> bool:
        """Whether the year has to come from elsewhere; of ``SYSLOG`` where none was written."""
        return self in (Shape.SYSLOG, Shape.MONTH_DAY, Shape.KLOG)

    def month(self, line: bytes) -> int | None:
        """The month that a line begins with whose stamps have no year."""
        match = _LINE_MONTH[self].match(line)
        return None if match is None else _month_number(match["month"])

    def parse(self, text: bytes, year: int = 0, at: int = 0) -> Stamp | None:
        """The stamp that stands at a place; ``year`` is that of stamps without one."""
        if self is Shape.EPOCH:
            return _epoch(text, at)
        for pattern in _PATTERNS[self]:
            match = pattern.match(text, at)
            if match is not None:
                return _stamp(match, year)
        return None


SEARCHED = (
    Shape.ISO,
    Shape.DAY_FIRST,
    Shape.CTIME,
    Shape.MAIL,
    Shape.SYSLOG,
    Shape.COMPACT,
    Shape.SHORT_YEAR,
    Shape.AMERICAN,
    Shape.MONTH_DAY,
    Shape.SHORT_COMPACT,
    Shape.EPOCH,
    Shape.KLOG,
)
"""The shapes that can be looked for anywhere, the telling ones first."""

_MONTH_NAMES = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
# Those of RFC 5322, section 4.3, and of Central Europe; hours ahead of UTC.
_ZONES = {
    b"UTC": 0,
    b"GMT": 0,
    b"Z": 0,
    b"EST": -5,
    b"CDT": -5,
    b"EDT": -4,
    b"CST": -6,
    b"MDT": -6,
    b"MST": -7,
    b"PDT": -7,
    b"PST": -8,
    b"CET": 1,
    b"CEST": 2,
}

_YEAR = rb"(?P<year>\d{4})"
_SHORT_YEAR = rb"(?P<short_year>\d\d)"
_MONTH = rb"(?P<month>\d\d)"
_TWELVE = rb"(?P<month>0[1-9]|1[0-2])"
_NAME = rb"(?P<month>(?i:" + b"|".join(_MONTHS) + rb"))"
_DAY = rb"(?P<day>\d\d)"
# Of one or two digits, also with a space before the one.
_LOOSE_DAY = rb"(?P<day> \d|\d\d?+)"
_WEEKDAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
# A minute can have 61 seconds.
_HOUR = rb"(?P<hour>[01]\d|2[0-3])"
_MINUTE = rb"(?P<minute>[0-5]\d)"
_SECOND = rb"(?P<second>[0-5]\d|60)"
_CLOCK = _HOUR + b":" + _MINUTE + b":" + _SECOND
_LOOSE_CLOCK = (
    rb"(?P<hour>[01]\d|2[0-3]|\d(?!\d)):(?P<minute>[0-5]\d|\d(?!\d)):"
    rb"(?P<second>[0-5]\d|60|\d(?!\d))"
)
_END = rb"(?![0-9A-Za-z])"
# Behind a colon stand milliseconds, as some applications write them: `:7` is seven of them.
_FRACTION = rb"(?>(?:[.,](?P<fraction>\d+)|:(?P<milliseconds>\d{1,3})(?!\d))?)"
_ZONE = (
    rb"(?:(?P<utc>[Zz])(?!\w)"
    rb"| ?(?P<sign>[+-])(?P<zone_hours>[01]\d|2[0-3])(?P<zone_minutes>:?[0-5]\d|(?!:))(?!\w)"
    rb"| (?P<zone_name>" + b"|".join(_ZONES) + rb")(?!\w))"
)
_TAIL = _FRACTION + b"(?>" + _ZONE + b"?)"
_DAY_FIRST = (
    _LOOSE_DAY + rb"(?P<mark>[-/ ])" + _NAME + rb"(?P=mark)" + _YEAR + rb"[: ]" + _CLOCK + _TAIL
)
# Since Java 20 a narrow space stands before the half of the day.
_AMERICAN_CLOCK = (
    rb"(?:, |[- ,T])(?P<hour>[01]\d|2[0-3]|\d(?=:)):" + _MINUTE + b":" + _SECOND + _FRACTION
) + (rb"(?>(?:(?: |\xe2\x80\xaf)(?P<half>AM|PM|am|pm)|" + _ZONE + rb")?)")
_ISO_DATE = _YEAR + rb"(?P<mark>[-/.])" + _MONTH + rb"(?P=mark)" + _DAY
_NAMED_DATE = _NAME + b" " + _LOOSE_DAY + b" "
_COMPACT_DATE = _YEAR + _MONTH + _DAY + rb"[T _-]"

# For each shape the patterns of which the first that matches counts.
_SHAPES: dict[Shape, tuple[bytes, ...]] = {
    Shape.ISO: (
        _ISO_DATE + rb"[-Tt _:]" + _CLOCK + _TAIL,
        _ISO_DATE + b"-" + _HOUR + rb"\." + _MINUTE + rb"\." + _SECOND + _TAIL,
        _ISO_DATE + rb"(?<!\.\d\d)" + _END + _TAIL,
    ),
    Shape.COMPACT: (
        _COMPACT_DATE + _LOOSE_CLOCK + _TAIL,
        _COMPACT_DATE + _HOUR + _MINUTE + _SECOND + rb"(?!\d)" + _TAIL,
    ),
    Shape.SHORT_YEAR: (
        _SHORT_YEAR + rb"(?P<mark>[-/])" + _MONTH + rb"(?P=mark)" + _DAY + b"[ T]" + _CLOCK + _TAIL,
    ),
    Shape.SHORT_COMPACT: (
        _SHORT_YEAR + _MONTH + _DAY + b" " + _HOUR + _MINUTE + _SECOND + _END + _TAIL,
    ),
    Shape.SYSLOG: (
        _NAMED_DATE + _YEAR + b" " + _CLOCK + _TAIL,
        _NAMED_DATE + _CLOCK + rb" (?P<year>19[7-9]\d|20\d\d)" + _END + _TAIL,
        _NAMED_DATE + _CLOCK + _TAIL,
    ),
    # Four digits behind the time are the year and no zone.
    Shape.CTIME: (
        (_WEEKDAY + b" " + _NAMED_DATE + _CLOCK + _FRACTION)
        + (rb"(?>(?:(?!.\d{4}(?!\d))" + _ZONE + rb")?) " + _YEAR + _END),
    ),
    Shape.DAY_FIRST: (_DAY_FIRST,),
    Shape.MAIL: (_WEEKDAY + b", " + _DAY_FIRST,),
    Shape.AMERICAN: (
        rb"(?P<month>\d\d?+)/(?P<day>\d\d?+)/" + _YEAR + _AMERICAN_CLOCK,
        _NAME + b" " + _LOOSE_DAY + b", " + _YEAR + _AMERICAN_CLOCK,
    ),
    Shape.MONTH_DAY: (_MONTH + rb"[-./]" + _DAY + b" " + _CLOCK + _TAIL,),
    Shape.KLOG: (_MONTH + _DAY + b" " + _CLOCK + rb"(?=\.)" + _TAIL,),
}
_PATTERNS = {
    shape: tuple(re.compile(pattern, re.DOTALL) for pattern in patterns)
    for shape, patterns in _SHAPES.items()
}
_NUMBER = re.compile(rb"(\d{9,10}|\d{13}|\d{16}|\d{19})(?!\d)")
_NUMBER_FRACTION = re.compile(rb"(?>(?:\.(\d+))?)" + _END)
# A priority, a bracket or klog's letter can stand before the date.
_LINE_START = rb"(?:<[^>]{0,4}>|\[|[IWEF](?=\d))?"
_LINE_MONTH = {
    Shape.SYSLOG: re.compile(_LINE_START + _NAMED_DATE),
    Shape.MONTH_DAY: re.compile(_LINE_START + _TWELVE + rb"[-./]\d\d "),
    Shape.KLOG: re.compile(_LINE_START + _TWELVE + rb"\d\d "),
}


def _month_number(month: bytes) -> int:
    return _MONTHS.get(month.lower()) or int(month)


@functools.lru_cache(maxsize=4096)
def _days(year: int, month: int, day: int) -> int | None:
    """The days from 1970-01-01 to a date of the Gregorian calendar; None when it is no date."""
    eras, year = divmod(year, _ERA_YEARS)
    try:
        # Year 0 is none of Python's; 400 has the same days.
        date = datetime.date(year + _ERA_YEARS, month, day)
    except ValueError:
        return None
    return date.toordinal() - _EPOCH + (eras - 1) * _ERA_DAYS


def _stamp(match: re.Match[bytes], missing_year: int) -> Stamp | None:
    parts = match.groupdict()
    month, day = _month_number(parts["month"]), int(parts["day"])
    days = _days(_year(parts, missing_year, month, day), month, day)
    if days is None:
        return None
    hour = int(parts.get("hour") or 0)
    half = parts.get("half")
    if half is not None:
        hour = hour % 12 + (12 if half in (b"PM", b"pm") else 0)
    seconds = days * DAY_SECONDS + hour * 3_600
    seconds += int(parts.get("minute") or 0) * 60 + int(parts.get("second") or 0)
    if parts["milliseconds"] is not None:
        nanoseconds = int(parts["milliseconds"]) * 1_000_000
    else:
        nanoseconds = _nanoseconds(parts["fraction"])
    offset = _offset(parts)
    if offset is None:
        return Stamp(seconds, nanoseconds, "missing", match.end())
    return Stamp(seconds - offset, nanoseconds, "given", match.end())


def _year(parts: dict[str, bytes], missing: int, month: int, day: int) -> int:
    if parts.get("year"):
        return int(parts["year"])
    if parts.get("short_year"):
        # The century as in POSIX's `%y`.
        year = int(parts["short_year"])
        return year + (2000 if year < 69 else 1900)
    if parts["month"].isalpha() and (month, day) == (2, 29) and _days(missing, 2, 29) is None:
        # A day that leaps, and a year that was guessed.
        return missing - missing % 4
    return missing


def _nanoseconds(fraction: bytes | None) -> int:
    """Of the digits behind a point; those past the ninth are dropped."""
    return int(fraction[:9].ljust(9, b"0")) if fraction else 0


def _offset(parts: dict[str, bytes]) -> int | None:
    """The seconds that the zone of a stamp is ahead of UTC; None without a zone."""
    if parts["zone_name"] is not None:
        return _ZONES[parts["zone_name"]] * 3_600
    if parts["sign"] is not None:
        minutes = int(parts["zone_minutes"].lstrip(b":") or 0)
        seconds = int(parts["zone_hours"]) * 3_600 + minutes * 60
        return -seconds if parts["sign"] == b"-" else seconds
    return None if parts["utc"] is None else 0


def _epoch(text: bytes, at: int) -> Stamp | None:
    match = _NUMBER.match(text, at)
    if match is None:
        return None
    unit = 10 ** max(0, len(match[1]) - 10)
    seconds, rest = divmod(int(match[1]), unit)
    nanoseconds, end = rest * (NANOSECONDS // unit), match.end()
    if unit == 1:
        fraction = _NUMBER_FRACTION.match(text, end)
        if fraction is None:
            return None
        nanoseconds, end = _nanoseconds(fraction[1]), fraction.end()
    elif text[end : end + 1].isalnum():
        return None
    return Stamp(seconds, nanoseconds, "given", end) if seconds in _EPOCHS else None


def year_of(seconds: int) -> int:
    """The year of a time in seconds since 1970."""
    days = seconds // DAY_SECONDS + _EPOCH - 1
    eras, days = divmod(days, _ERA_DAYS)
    return datetime.date.fromordinal(days + 1).year + eras * _ERA_YEARS


def nanoseconds_since_1970(seconds: int, nanoseconds: int) -> int | None:
    """One number of both; None for years that 64 bits have no room for."""
    whole = seconds * NANOSECONDS
    return whole + nanoseconds if whole >= -_LIMIT and whole + nanoseconds < _LIMIT else None


def rfc3339(nanoseconds: int | None) -> str | None:
    """A time in UTC with as many digits of the fraction as it has in groups of three."""
    if nanoseconds is None or not -_LIMIT <= nanoseconds < _LIMIT:
        return None
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    start = datetime.datetime(1970, 1, 1)
    text = (start + datetime.timedelta(seconds=seconds)).isoformat()
    digits = f"{fraction:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z" if digits else f"{text}Z"
