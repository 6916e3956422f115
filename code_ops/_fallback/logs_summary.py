"""What many events come to; summaries of parts merge to the summary of the whole, in any order.

Every count is exact and every key is kept, however many there are.
"""

from __future__ import annotations

import bisect
import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_mask import mask, mask_path
from code_ops._fallback.logs_numbers import Quantiles
from code_ops._fallback.logs_record import Record, Request
from code_ops._fallback.logs_times import NANOSECONDS, Stamp, nanoseconds_since_1970
from code_ops._fallback.logs_trace import Trace

_MOST_FIELDS = 256
_MOST_EXAMPLES = 5
# How much of a line an example shows, in bytes.
_LONGEST_EXAMPLE = 300
# Later than every time, for events without one.
_NEVER = 2**63 - 1


def _earliest(left: int | None, right: int | None) -> int | None:
    known = [time for time in (left, right) if time is not None]
    return min(known, default=None)


def _latest(left: int | None, right: int | None) -> int | None:
    known = [time for time in (left, right) if time is not None]
    return max(known, default=None)


class Ahead:
    """What a clock on the wall is ahead of UTC."""

    def __init__(self, seconds: int, changes: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in changes]
        self._seconds = [seconds, *(after for _, after in changes)]

    def at(self, wall: int) -> int:
        """So many seconds at a time on the wall."""
        return self._seconds[bisect.bisect_right(self._starts, wall)]


@dataclass(slots=True)
class Met:
    """What is known of a message or a source; times are nanoseconds since 1970."""

    count: int = 0
    errors: int = 0
    first: int | None = None
    last: int | None = None
    example: bytes = b""

    def _key(self) -> tuple[int, bytes]:
        return (_NEVER if self.first is None else self.first), self.example

    def merge(self, other: Met) -> None:
        """Adds what another part knows; of the earliest events the least text is the example."""
        if self.count == 0 or other._key() < self._key():
            self.example = other.example
        self.count += other.count
        self.errors += other.errors
        self.first = _earliest(self.first, other.first)
        self.last = _latest(self.last, other.last)


@dataclass(slots=True)
class Lines:
    """Counts of lines."""

    total: int = 0
    bytes: int = 0
    blank: int = 0
    continuations: int = 0
    unparsed: int = 0
    cut: int = 0
    invalid_utf8: int = 0

    def merge(self, other: Lines) -> None:
        """Counts what another part counted."""
        for count in fields(self):
            setattr(self, count.name, getattr(self, count.name) + getattr(other, count.name))


@dataclass(slots=True)
class Times:
    """What is known of times, in nanoseconds since 1970."""

    first: int | None = None
    last: int | None = None
    missing: int = 0
    zone_assumed: int = 0
    year_inferred: int = 0
    backwards: int = 0
    farthest_backwards: int = 0
    previous: int | None = None
    """The time of the event before."""

    def add(self, time: int) -> None:
        """Counts the time of an event."""
        if self.previous is not None and time < self.previous:
            self.backwards += 1
            back = min(self.previous - time, _NEVER)
            self.farthest_backwards = max(self.farthest_backwards, back)
        self.previous = time
        self.first = _earliest(self.first, time)
        self.last = _latest(self.last, time)

    def merge(self, other: Times) -> None:
        """Counts what another part counted; between two nobody knows which was first."""
        self.first = _earliest(self.first, other.first)
        self.last = _latest(self.last, other.last)
        self.missing += other.missing
        self.zone_assumed += other.zone_assumed
        self.year_inferred += other.year_inferred
        self.backwards += other.backwards
        self.farthest_backwards = max(self.farthest_backwards, other.farthest_backwards)


class Timeline:
    """Events over time, by level, in buckets that grow with the span.

    Parts merge in any order: the size is the smallest that fits.
    """

    # In seconds; each divides the next.
    SIZES: ClassVar = (1, 10, 60, 600, 3_600, 86_400, 864_000)
    MOST: ClassVar = 4_000

    def __init__(self) -> None:
        self._size = 0
        self._buckets: dict[int, Counter[Level]] = {}

    @property
    def bucket_seconds(self) -> int:
        """The size of a bucket."""
        return self.SIZES[self._size]

    def buckets(self) -> list[tuple[int, Counter[Level]]]:
        """The buckets with events: their start in seconds since 1970, and events by level."""
        size = self.bucket_seconds
        return [(number * size, self._buckets[number]) for number in sorted(self._buckets)]

    def add(self, seconds: int, level: Level) -> None:
        """Counts an event."""
        self._buckets.setdefault(seconds // self.bucket_seconds, Counter())[level] += 1
        self._coarsen()

    def merge(self, other: Timeline) -> None:
        """Counts what another part counted."""
        self._grow(max(self._size, other._size))
        for start, counts in other.buckets():
            self._buckets.setdefault(start // self.bucket_seconds, Counter()).update(counts)
        self._coarsen()

    def _coarsen(self) -> None:
        while len(self._buckets) > self.MOST and self._size + 1 < len(self.SIZES):
            self._grow(self._size + 1)

    def _grow(self, size: int) -> None:
        if size > self._size:
            fine = self.buckets()
            self._size, self._buckets = size, {}
            for start, counts in fine:
                self._buckets.setdefault(start // self.bucket_seconds, Counter()).update(counts)


@dataclass
class Requests:
    """What access logs tell."""

    count: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    methods: Counter[bytes] = field(default_factory=Counter)
    paths: Counter[bytes] = field(default_factory=Counter)
    failures: Counter[bytes] = field(default_factory=Counter)
    """Statuses of 500 and more with their paths, a blank between."""
    clients: Counter[bytes] = field(default_factory=Counter)
    agents: Counter[bytes] = field(default_factory=Counter)
    sizes: Quantiles = field(default_factory=Quantiles)

    def add(self, request: Request) -> None:
        """Counts a request."""
        self.count += 1
        self.statuses[request.status] += 1
        self.methods[request.method or b"-"] += 1
        path = mask_path(request.target)
        self.paths[path] += 1
        if request.status >= 500:
            self.failures[b"%d %s" % (request.status, path)] += 1
        self.clients[request.client] += 1
        if request.agent:
            self.agents[request.agent] += 1
        if request.size is not None:
            self.sizes.add(float(request.size))

    def merge(self, other: Requests) -> None:
        """Counts what another part counted."""
        self.count += other.count
        self.statuses.update(other.statuses)
        self.methods.update(other.methods)
        self.paths.update(other.paths)
        self.failures.update(other.failures)
        self.clients.update(other.clients)
        self.agents.update(other.agents)
        self.sizes.merge(other.sizes)


@dataclass
class Summary:
    """What many events come to."""

    lines: Lines = field(default_factory=Lines)
    events: int = 0
    levels: Counter[Level] = field(default_factory=Counter)
    level_sources: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    times: Times = field(default_factory=Times)
    timeline: Timeline = field(default_factory=Timeline)
    sources: dict[bytes, Met] = field(default_factory=dict)
    messages: dict[tuple[Level, bytes], Met] = field(default_factory=dict)
    exceptions: dict[bytes, Met] = field(default_factory=dict)
    """By what was thrown and its frames, with a NUL byte between."""
    numbers: dict[bytes, Quantiles] = field(default_factory=dict)
    requests: Requests | None = None
    examples: list[bytes] = field(default_factory=list)
    # Of the event at hand.
    _trace: Trace = field(default_factory=Trace)
    # Whether it had its trace in its own text.
    _is_trace_told: bool = False
    _at: int | None = None

    def event(self, record: Record, format_name: str, ahead: Ahead) -> None:
        """Counts an event; the offset is what clocks without a zone are ahead of UTC."""
        self.events += 1
        self.formats[format_name] += 1
        self.levels[record.level] += 1
        self.level_sources[record.level_source] += 1
        time = None if record.time is None else self._time(record.time, ahead)
        if record.time is not None and record.is_year_missing:
            self.times.year_inferred += 1
        if time is None:
            self.times.missing += 1
        else:
            self.times.add(time)
            self.timeline.add(time // NANOSECONDS, record.level)
        met = Met(1, int(record.level >= Level.ERROR), time, time)
        if record.source:
            self.sources.setdefault(record.source, Met()).merge(met)
        self._trace, self._at = Trace(), time
        first, _, rest = record.message.partition(b"\n")
        self._trace.open(record.message)
        for line in (record.trace or rest).split(b"\n"):
            self._trace.line(line)
        self._is_trace_told = self._trace.has_lines
        if self._is_trace_told:
            self.end_event(first)
        for name, value in record.numbers:
            self.numbers.setdefault(name, Quantiles()).add(value)
        if record.request is not None:
            self.requests = self.requests or Requests()
            self.requests.add(record.request)
            return
        met.example = record.message[:_LONGEST_EXAMPLE]
        template = mask(record.message.partition(b"\n")[0])
        self.messages.setdefault((record.level, template), Met()).merge(met)

    def continuation(self, line: bytes) -> None:
        """A line behind the first of the event at hand."""
        self.lines.continuations += 1
        if not self._is_trace_told:
            self._trace.line(line)

    def joined(self, line: bytes, *, has_event: bool) -> None:
        """A line that another event told already."""
        if has_event:
            self.continuation(line)
        else:
            self.unparsed(line)

    def end_event(self, line: bytes) -> None:
        """Counts the trace of the event at hand, of which this is the first line."""
        for key in self._trace.keys(line):
            met = Met(1, 1, self._at, self._at, line[:_LONGEST_EXAMPLE])
            self.exceptions.setdefault(key, Met()).merge(met)
        self._trace = Trace()

    def _time(self, stamp: Stamp, ahead: Ahead) -> int | None:
        seconds = stamp.seconds
        if stamp.zone == "missing":
            self.times.zone_assumed += 1
            seconds -= ahead.at(seconds)
        return nanoseconds_since_1970(seconds, stamp.nanoseconds)

    def unparsed(self, line: bytes) -> None:
        """Counts a line that no format reads."""
        self.lines.unparsed += 1
        self._show([line[:_LONGEST_EXAMPLE]])

    def _show(self, lines: list[bytes]) -> None:
        """Keeps lines that are among the first in the order of their bytes."""
        self.examples = sorted({*self.examples, *lines})[:_MOST_EXAMPLES]

    def fields(self) -> dict[bytes, Quantiles]:
        """The numbers by the paths of their keys: the first by name."""
        return {name: self.numbers[name] for name in sorted(self.numbers)[:_MOST_FIELDS]}

    def merge(self, other: Summary) -> None:
        """Takes in the summary of another part."""
        other = copy.deepcopy(other)
        self.lines.merge(other.lines)
        self.events += other.events
        self.levels.update(other.levels)
        self.level_sources.update(other.level_sources)
        self.formats.update(other.formats)
        self.times.merge(other.times)
        self.timeline.merge(other.timeline)
        for source, met in other.sources.items():
            self.sources.setdefault(source, Met()).merge(met)
        for message, met in other.messages.items():
            self.messages.setdefault(message, Met()).merge(met)
        for exception, met in other.exceptions.items():
            self.exceptions.setdefault(exception, Met()).merge(met)
        for name, numbers in other.numbers.items():
            self.numbers.setdefault(name, Quantiles()).merge(numbers)
        if other.requests is not None:
            self.requests = self.requests or Requests()
            self.requests.merge(other.requests)
        self._show(other.examples)
