"""The clock of times that name no zone: UTC, an offset, or a zone of the IANA database."""

from __future__ import annotations

import datetime
import functools
import re
from dataclasses import dataclass

__all__ = ["WallClock", "wall_clock"]

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_STEP = datetime.timedelta(days=7)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class WallClock:
    """A clock on the wall.

    It is ``offset_seconds`` ahead of UTC at first, and for each of ``changes``, from a time on the
    wall (seconds since 1970 there), so many seconds. ``zone`` is the same as Python's.
    """

    offset_seconds: int
    changes: tuple[tuple[int, int], ...]
    zone: datetime.tzinfo


@functools.cache
def wall_clock(name: str) -> WallClock:
    """The clock of ``UTC``, an offset such as ``+01:00``, a zone such as ``Europe/Berlin`` or
    ``local``, the zone of this machine; zones change until 2100. Raises ValueError for others."""
    if name in ("UTC", "Z"):
        return WallClock(0, (), datetime.UTC)
    match = _OFFSET.fullmatch(name)
    if match is not None and match[2] <= "23" and match[3] <= "59":
        offset = datetime.timedelta(hours=int(match[2]), minutes=int(match[3]))
        if match[1] == "-":
            offset = -offset
        return WallClock(int(offset.total_seconds()), (), datetime.timezone(offset))
    zone = _zone(name)
    if zone is None:
        raise ValueError(
            f"time zone {name!r} is neither UTC, an offset such as +01:00, a zone such as "
            "Europe/Berlin, nor local"
        )
    return _clock_of(zone)


def _zone(name: str) -> datetime.tzinfo | None:
    import zoneinfo

    try:
        if name == "local":
            with open("/etc/localtime", "rb") as file:
                return zoneinfo.ZoneInfo.from_file(file, key="local")
        return zoneinfo.ZoneInfo(name) if _NAME.fullmatch(name) else None
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return datetime.UTC if name == "local" else None


def _clock_of(zone: datetime.tzinfo) -> WallClock:
    moment = datetime.datetime(_FIRST_YEAR, 1, 1, tzinfo=datetime.UTC)
    end = datetime.datetime(_LAST_YEAR, 1, 1, tzinfo=datetime.UTC)
    first = before = _ahead(moment, zone)
    changes = []
    while moment < end:
        after = _ahead(moment + _STEP, zone)
        if after != before:
            change = _change(moment, moment + _STEP, zone)
            # A time on the wall that is there twice is the first, one that never is is as before.
            wall = int((change - _EPOCH).total_seconds()) + max(before, after)
            changes.append((wall, after))
            before = after
        moment += _STEP
    return WallClock(first, tuple(changes), zone)


def _ahead(moment: datetime.datetime, zone: datetime.tzinfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change(
    low: datetime.datetime, high: datetime.datetime, zone: datetime.tzinfo
) -> datetime.datetime:
    """The second between the two from which the zone has another offset."""
    before = _ahead(low, zone)
    while high - low > datetime.timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _ahead(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high
