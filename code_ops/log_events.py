"""The events of logs one by one, which of them are wanted, and questions to them.

``LogFilter`` says which events are wanted, ``LogQuestion`` what is asked of them; the methods of
``LogAnalyzer`` take both. All of it needs the Rust engine.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from code_ops import _engine
from code_ops.log_times import parse_time
from code_ops.log_zones import WallClock, wall_clock

__all__ = [
    "EventForm",
    "LogAnswer",
    "LogEvent",
    "LogFilter",
    "LogFollower",
    "LogQuestion",
    "RenderedEvents",
]

EventForm = Literal["raw", "pretty", "coloured", "ndjson", "csv"]
"""How events are written: their lines as they stand, for eyes (also with colours), an object a
line, or RFC 4180."""

_COMPLAINT = "events, filters and questions need the rust engine"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)

Moment = datetime.datetime | str


class LogFilter:
    """Which events are wanted: those for which all that is given is true.

    ``level`` is a name, a list such as ``error,warn``, ``warn+`` for a level and worse, ``info-``
    for a level and finer. ``since`` and ``until`` are datetimes or texts that
    :func:`code_ops.log_times.parse_time` reads; events without a time are outside. ``grep`` are
    regular expressions that are all found in the lines of an event, ``exclude`` ones of which none
    is; with ``literal`` they stand for themselves. ``where`` are expressions, such as
    ``status >= 500 and path ~ "^/api"``, that are all true of it. Raises ValueError for what cannot
    be read, and EngineError without the Rust engine.
    """

    __slots__ = ("_native",)

    def __init__(
        self,
        *,
        level: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        grep: Sequence[str] = (),
        exclude: Sequence[str] = (),
        where: Sequence[str] = (),
        literal: bool = False,
        ignore_case: bool = False,
        time_zone: str = "UTC",
        engine: str | None = None,
    ) -> None:
        clock = wall_clock(time_zone)
        self._native = _engine.native(_COMPLAINT, engine).LogFilter(
            levels=level,
            since=_nanoseconds(since, clock),
            until=_nanoseconds(until, clock),
            found=list(grep),
            not_found=list(exclude),
            conditions=list(where),
            offset_seconds=clock.offset_seconds,
            offset_changes=list(clock.changes),
            is_literal=literal,
            ignores_case=ignore_case,
        )


def _nanoseconds(moment: Moment | None, clock: WallClock) -> int | None:
    """Nanoseconds since 1970, as much as 64 bits hold."""
    if moment is None:
        return None
    if isinstance(moment, str):
        moment = parse_time(moment, zone=clock.zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone)
    nanoseconds = (moment - _EPOCH) // _MICROSECOND * 1000
    return max(-(2**63), min(nanoseconds, 2**63 - 1))


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An event. What it does not have is None, and ``level`` then ``unknown``.

    ``trace`` is a stack trace: that of a field, or the lines behind the first. ``fields`` has what
    the log names besides, those of objects within by their path: ``http.status``. ``line`` is the
    number of the first line in its input, from 1. ``is_parsed`` is False for a line that no format
    reads, which is then the message.
    """

    time: datetime.datetime | None
    level: str
    source: str | None
    host: str | None
    message: str | None
    trace: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
    line: int = 0
    is_parsed: bool = True


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """What is asked of events; ``top``, ``stats`` and ``histogram`` make one."""

    kind: Literal["top", "stats", "histogram"]
    field: str | None = None
    by: tuple[str, ...] = ()
    most: int = 20
    every_seconds: int | None = None

    @classmethod
    def top(cls, field: str, *, most: int = 20) -> LogQuestion:
        """The most frequent values of a field: ``rows`` of ``value``, ``count``, ``errors``,
        ``first`` and ``last``; ``missing`` events have no such field."""
        return cls("top", field=field, most=most)

    @classmethod
    def stats(cls, field: str | None = None, *, by: Iterable[str] = ()) -> LogQuestion:
        """How many events there are ``by`` the values of fields, and of a field's values
        ``missing``, ``distinct`` and, of ``numbers``, count, min, max, sum and percentiles
        (within 1 %)."""
        return cls("stats", field=field, by=tuple(by))

    @classmethod
    def histogram(cls, *, by: Iterable[str] = (), every_seconds: int | None = None) -> LogQuestion:
        """How many events there are over time, ``by`` the values of fields: ``rows`` of
        ``buckets``, those with events, of ``bucket_seconds`` each."""
        return cls("histogram", by=tuple(by), every_seconds=every_seconds)


class LogAnswer:
    """What events answered; those of parts merge to that of the whole, in any order."""

    __slots__ = ("_native",)

    def __init__(self, native: Any) -> None:
        self._native = native

    @property
    def problem(self) -> str | None:
        """Why the input was not read to its end, or None."""
        problem: str | None = self._native.problem
        return problem

    @property
    def is_full(self) -> bool:
        """Whether there were more than 20,000 groups: then it is of a part of the events."""
        is_full: bool = self._native.is_full
        return is_full

    def merge(self, other: LogAnswer) -> None:
        """Takes in another answer to the same question, which stays as it is."""
        self._native.merge(other._native)

    def report(self) -> dict[str, Any]:
        """``events`` that were counted, ``filtered`` ones that were not, and ``rows``."""
        report: dict[str, Any] = self._native.report()
        return report


class RenderedEvents:
    """Events as they are written, an iterator of bytes with many events each.

    After ``stop`` the rest of what was read can still be taken, before the iterator ends.

    ``events`` and ``filtered`` count those that were given and those that did not pass the filter;
    ``problems`` has the number of each source that was not read to its end, and why.
    """

    __slots__ = ("_native",)

    def __init__(self, native: Any) -> None:
        self._native = native

    def __iter__(self) -> Iterator[bytes]:
        chunks: Iterator[bytes] = iter(self._native)
        return chunks

    @property
    def events(self) -> int:
        """Events that were given so far."""
        events: int = self._native.events
        return events

    def stop(self) -> None:
        """Reads nothing more, also where the end of a pipe is waited for."""
        self._native.stop()

    @property
    def filtered(self) -> int:
        """Events so far that did not pass the filter."""
        filtered: int = self._native.filtered
        return filtered

    @property
    def dropped(self) -> int:
        """Bytes so far of lines longer than 1 MiB that were left out."""
        dropped: int = self._native.dropped
        return dropped

    @property
    def problems(self) -> list[tuple[int, str]]:
        """Sources by their number that were not read to their end so far, and why."""
        problems: list[tuple[int, str]] = self._native.problems
        return problems


class LogFollower:
    """Files that are followed."""

    __slots__ = ("_native",)

    def __init__(self, native: Any) -> None:
        self._native = native

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come: all are pipes that ended."""
        is_over: bool = self._native.is_over
        return is_over

    def poll(
        self, timeout_ms: int = 200, *, counts: bool = False
    ) -> tuple[bytes, int, list[tuple[int, str]]]:
        """Waits until something came or the time is over.

        Gives the events as they are written, their number, and what happened to files by their
        number, in words. With ``counts`` events go to the summary and are not written.
        """
        polled: tuple[bytes, int, list[tuple[int, str]]] = self._native.poll(timeout_ms, counts)
        return polled

    def report(self) -> dict[str, Any]:
        """The report on what was counted so far: see ``code_ops.logs``."""
        report: dict[str, Any] = self._native.summary().report()
        return report


def read_event(line: bytes) -> LogEvent:
    """The event of a line of NDJSON."""
    members = json.loads(line)
    time = members.get("time")
    return LogEvent(
        time=datetime.datetime.fromisoformat(time) if time else None,
        level=members["level"],
        source=members.get("source"),
        host=members.get("host"),
        message=members.get("message"),
        trace=members.get("trace"),
        fields=members.get("fields", {}),
        file=members.get("file"),
        line=members.get("line", 0),
        is_parsed="unparsed" not in members,
    )
