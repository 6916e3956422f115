"""Names of rotated logs: which belong to one set, and which of them is older.

Names alone are looked at, no files. A set has the name of its live file: ``app.log`` for
``app.log.1``, ``app.log.2.gz``, ``app.1.log``, ``app.log-20261119.xz``, ``app-2026-11-19.log`` and
``app.log.2026-11-19``.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Age", "RotatedName", "in_sets", "rotated_name"]

_PACKED = re.compile(r"(?<=[^/])\.(?:gz|zst|zstd|xz|bz2|zip)\Z", re.IGNORECASE)
_EXTENSION = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
_NUMBER = re.compile(r"(?<=.)\.([0-9]{1,5})\Z")
_OLD = re.compile(r"(?<=.)\.(?:old|prev|previous)\Z", re.IGNORECASE)
# A day with or without marks, a time of day behind it, and a number of several in that time.
_DATE = re.compile(
    r"(?<=.)[-._]((?:19|20)[0-9]{2})([-._]?)([0-9]{2})\2([0-9]{2})"
    r"(?:[-._T]?([0-9]{2})(?:[-._:]?([0-9]{2})(?:[-._:]?([0-9]{2}))?)?Z?)?"
    r"(?:[-._]([0-9]{1,5}))?\Z"
)
_MONTH = re.compile(r"(?<=.)[-._]((?:19|20)[0-9]{2})[-_]([0-9]{2})\Z")
_EPOCH = re.compile(r"(?<=.)[-.]([0-9]{10})\Z")


class Age(IntEnum):
    """The kinds of names, the oldest first."""

    DATED = 0
    NUMBERED = 1
    OLD = 2
    LIVE = 3


@dataclass(frozen=True, slots=True)
class RotatedName:
    """What the name of a file says: the set, and its place in there.

    ``plain`` is the name without the ending of a compression; ``order`` sorts the oldest first.
    """

    set_name: str
    plain: str
    age: Age
    order: tuple[int, ...]


def rotated_name(name: str) -> RotatedName:
    """What a file's name says; a path keeps its folder in the name of the set."""
    folder, base = os.path.split(name)
    plain = _PACKED.sub("", base)
    is_packed = int(plain != base)
    stem, age, order = _stamped(plain)
    if age == Age.LIVE:
        # `app.1.log`, `app-2026-11-19.log`: what tells them apart is before the extension.
        extension = _EXTENSION.search(plain)
        if extension is not None:
            stem, age, order = _stamped(plain[: extension.start()])
            stem += extension[0]
    if age != Age.LIVE and stem.startswith("."):
        stem, age, order = plain, Age.LIVE, ()
    return RotatedName(
        set_name=os.path.join(folder, stem),
        plain=os.path.join(folder, plain),
        age=age,
        order=(int(age), *order, is_packed),
    )


def _stamped(name: str) -> tuple[str, Age, tuple[int, ...]]:
    """A name without what rotation put to its end, and the place that this gives it."""
    for pattern, order_of in ((_DATE, _of_date), (_MONTH, _of_month), (_EPOCH, _of_epoch)):
        match = pattern.search(name)
        order = order_of(match) if match else None
        if match and order:
            return name[: match.start()], Age.DATED, order
    match = _NUMBER.search(name)
    if match:
        # The higher the number, the older.
        return name[: match.start()], Age.NUMBERED, (-int(match[1]),)
    match = _OLD.search(name)
    if match:
        return name[: match.start()], Age.OLD, (0,)
    return name, Age.LIVE, ()


def _of_date(match: re.Match[str]) -> tuple[int, ...] | None:
    fields = [int(match[group] or 0) for group in (1, 3, 4, 5, 6, 7)]
    try:
        datetime.datetime(*fields)  # type: ignore[arg-type]
    except ValueError:
        return None
    # Of one time the highest number is the latest; the one without a number came last.
    return (*fields, int(match[8]) if match[8] else 1 << 20)


def _of_month(match: re.Match[str]) -> tuple[int, ...] | None:
    year, month = int(match[1]), int(match[2])
    return (year, month, 0, 0, 0, 0, 0) if 1 <= month <= 12 else None


def _of_epoch(match: re.Match[str]) -> tuple[int, ...] | None:
    moment = datetime.datetime.fromtimestamp(int(match[1]), datetime.UTC)
    return (*moment.timetuple()[:6], 1 << 20)


def in_sets(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by set, the oldest of each first; sets in the order of their first names."""
    sets: dict[str, list[str]] = {}
    for name in names:
        sets.setdefault(rotated_name(name).set_name, []).append(name)
    for members in sets.values():
        members.sort(key=lambda name: (rotated_name(name).order, name))
    return sets
