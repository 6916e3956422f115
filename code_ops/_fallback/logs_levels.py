"""Severity levels of logs: the words, letters and numbers that name them.

Never a search in the message: a level is a field, a priority or a word that stands in the header,
and else it is unknown.
"""

from __future__ import annotations

import enum
from typing import Literal

LevelSource = Literal["none", "field", "priority", "header", "status", "exception"]
"""What told the level of an event."""

Scale = Literal["tens", "syslog", "thousands", "telemetry", "python"]
"""Which numbers levels are: bunyan's tens, RFC 5424's severities, logback's thousands,
OpenTelemetry's bands of four, Python's ``levelno``."""


class Level(enum.IntEnum):
    """How bad an event is; ``UNKNOWN`` where nothing says so."""

    UNKNOWN = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    NOTICE = 4
    WARNING = 5
    ERROR = 6
    CRITICAL = 7
    ALERT = 8
    EMERGENCY = 9


# `log` is PostgreSQL's name for what is always told.
_NAMES = {
    Level.TRACE: b"trace trc verbose finest finer",
    Level.DEBUG: b"debug dbg fine config debug1 debug2 debug3 debug4 debug5",
    Level.INFO: b"info inf information informational log system",
    Level.NOTICE: b"notice note",
    Level.WARNING: b"warn warning wrn deprecation",
    Level.ERROR: b"error err eror fail failure severe",
    Level.CRITICAL: b"critical crit fatal ftl panic dpanic",
    Level.ALERT: b"alert",
    Level.EMERGENCY: b"emergency emerg",
}
_WORDS = {word: level for level, words in _NAMES.items() for word in words.split()}

# What klog, glog, logcat and Ruby write.
_LETTERS = {
    b"T": Level.TRACE,
    b"V": Level.TRACE,
    b"D": Level.DEBUG,
    b"I": Level.INFO,
    b"N": Level.NOTICE,
    b"W": Level.WARNING,
    b"E": Level.ERROR,
    b"C": Level.CRITICAL,
    b"F": Level.CRITICAL,
    b"A": Level.ALERT,
}

# By severity (RFC 5424, section 6.2.1).
_SEVERITIES = (
    Level.EMERGENCY,
    Level.ALERT,
    Level.CRITICAL,
    Level.ERROR,
    Level.WARNING,
    Level.NOTICE,
    Level.INFO,
    Level.DEBUG,
)

# From which number on a level is meant, the highest first.
_BANDS: dict[Scale, tuple[tuple[int, Level], ...]] = {
    "tens": (
        (60, Level.CRITICAL),
        (50, Level.ERROR),
        (40, Level.WARNING),
        (30, Level.INFO),
        (20, Level.DEBUG),
        (10, Level.TRACE),
    ),
    "python": (
        (50, Level.CRITICAL),
        (40, Level.ERROR),
        (30, Level.WARNING),
        (20, Level.INFO),
        (10, Level.DEBUG),
    ),
    "thousands": (
        (40_000, Level.ERROR),
        (30_000, Level.WARNING),
        (20_000, Level.INFO),
        (10_000, Level.DEBUG),
        (5_000, Level.TRACE),
    ),
    "telemetry": (
        (25, Level.UNKNOWN),
        (21, Level.CRITICAL),
        (17, Level.ERROR),
        (13, Level.WARNING),
        (9, Level.INFO),
        (5, Level.DEBUG),
        (1, Level.TRACE),
    ),
}
_MOST_PRIORITY = 255


def of_word(word: bytes) -> Level | None:
    """Of a word in any case, as in ``WARN`` or ``severe``; None for every other word."""
    return _WORDS.get(word.lower())


def of_letter(letter: bytes) -> Level | None:
    """Of the one letter that klog, glog, logcat and Ruby write; None for every other text."""
    return _LETTERS.get(letter)


def of_priority(priority: int) -> Level | None:
    """Of a syslog priority ``facility * 8 + severity`` or a severity; None when it is neither."""
    return _SEVERITIES[priority % 8] if 0 <= priority <= _MOST_PRIORITY else None


def of_number(number: int, scale: Scale) -> Level | None:
    """Of a number in a structured record; ``tens`` below 10 are severities as in syslog."""
    if scale == "syslog" or (scale == "tens" and number < 10):
        return of_priority(number)
    bands = _BANDS[scale]
    return next((level for start, level in bands if number >= start), Level.UNKNOWN)
