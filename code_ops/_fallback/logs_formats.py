"""The formats of lines, and which of them a log has, from some of its lines.

Each line goes to the most telling format that reads it. What is kept is the list of formats with
lines, in that order: reading a line then depends on the line and the list alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from code_ops._fallback import logs_access, logs_lines, logs_requests, logs_syslog
from code_ops._fallback.logs_json import JsonReader, Wrapped
from code_ops._fallback.logs_pieces import MOST_PIECES, piece, skip, skip_open
from code_ops._fallback.logs_record import WHITE, Record, is_continuation
from code_ops._fallback.logs_text import Layout
from code_ops._fallback.logs_times import SEARCHED, Shape

# The shapes of a second time, behind that of a collector.
_SECOND_SHAPES = (Shape.ISO, Shape.SYSLOG, Shape.CTIME, Shape.DAY_FIRST, Shape.SHORT_YEAR)
_MOST_BETWEEN = 4
# How far an inner line is searched for the time behind a client.
_LONGEST_CLIENT = 160


@dataclass(frozen=True, slots=True)
class Format:
    """How lines are written."""

    name: str
    parse: Callable[[bytes, int], Record | None]
    """Reads a line; takes the year of lines without one."""
    yearless: Shape | None = None
    """The shape of its time, where a line can lack the year."""
    has_continuations: bool = False
    """Whether lines that do not look like it can belong to the event before them."""


def _text(layout: Layout) -> Format:
    yearless = layout.shape if layout.shape.may_lack_year else None
    return Format("text", layout.parse, yearless, has_continuations=True)


class Reader:
    """The formats that can be told by any one line, the most telling first, and plain lines."""

    def __init__(self) -> None:
        self._json = JsonReader()
        self._logfmt = logs_lines.LogfmtReader()
        self.structured = (
            Format("json", self._read_json),
            Format("access", lambda line, _: logs_access.parse(line)),
            Format("syslog-rfc5424", self._nested(lambda line, _: logs_syslog.rfc5424(line))),
            Format("cri", self._nested(lambda line, _: logs_lines.cri(line))),
            Format("klog", logs_lines.klog, Shape.KLOG, has_continuations=True),
            Format("syslog", self._syslog(Shape.SYSLOG), Shape.SYSLOG),
            Format("syslog-iso", self._syslog(Shape.ISO)),
            Format("logfmt", lambda line, _: self._logfmt.parse(line)),
        )
        self.plain = Format("plain", lambda line, _: logs_lines.plain(line), has_continuations=True)

    def _syslog(self, shape: Shape) -> Callable[[bytes, int], Record | None]:
        return self._nested(lambda line, year: logs_syslog.rfc3164(line, shape, year))

    def _read_json(self, line: bytes, year: int) -> Record | None:
        read = self._json.parse(line)
        if not isinstance(read, Wrapped):
            return read
        record = self._inner(read.line, year) or Record()
        record.message = record.message or read.line
        if read.time is not None:
            record.time, record.is_year_missing = read.time, False
        return record

    def _nested(
        self, parse: Callable[[bytes, int], Record | None]
    ) -> Callable[[bytes, int], Record | None]:
        """Reads also what stands in the message of a line that wraps others."""

        def read(line: bytes, year: int) -> Record | None:
            outer = parse(line, year)
            inner = None if outer is None else self._inner(outer.message, year)
            if outer is None or inner is None:
                return outer
            inner.source = inner.source or outer.source
            inner.message = inner.message or outer.message
            inner.time = outer.time or inner.time
            inner.is_year_missing = outer.is_year_missing
            inner.found(outer.level, outer.level_source)
            return inner

        return read

    def _inner(self, text: bytes, year: int) -> Record | None:
        """A structured line within another one."""
        if text.startswith(b"{"):
            record = self._json.parse(text)
            return None if isinstance(record, Wrapped) else record
        if text[:1] in (b"I", b"W", b"E", b"F") and text[1:2].isdigit():
            return logs_lines.klog(text, year)
        if text[:1].islower():
            return self._logfmt.parse(text)
        if text.startswith(b"["):
            return logs_syslog.postgres(text)
        if (text[:1].isdigit() or text[:1] == b":") and b" [" in text[:_LONGEST_CLIENT]:
            return logs_requests.haproxy(text, logs_access.split) or logs_access.parse(text)
        return None

    def detect(self, lines: Sequence[bytes]) -> list[Format]:
        """The formats of these lines, in the order in which a line is tried."""
        counts: Counter[str] = Counter()
        rest = []
        for line in lines:
            if not line.strip(WHITE) or is_continuation(line):
                continue
            known = next((form.name for form in self.structured if _is_telling(form, line)), None)
            if known is None:
                rest.append(line)
            else:
                counts[known] += 1
        layouts = _layouts(rest)
        found = [form for form in self.structured if counts[form.name]]
        found.extend(_text(layout) for layout, _ in layouts)
        unread = len(rest) - sum(count for _, count in layouts)
        # Free text between events with a header belongs to them.
        has_headers = any(form.has_continuations for form in found)
        is_free = unread > (counts.total() + len(rest)) // 2 and not has_headers
        if is_free or not found:
            found.append(self.plain)
        return found


def _is_telling(form: Format, line: bytes) -> bool:
    """Whether a line is read in a format and could not as well be another."""
    record = form.parse(line, 0)
    return record is not None and (form.name not in ("syslog", "syslog-iso") or bool(record.source))


def _layouts(lines: Sequence[bytes]) -> list[tuple[Layout, int]]:
    """The layouts of lines with a header, the most frequent first, and how many lines each has."""
    places: dict[tuple[int, Shape], list[bytes]] = {}
    for line in lines:
        place = _find_time(line)
        if place is not None:
            places.setdefault(place, []).append(line)
    # What few lines have is a time in a message.
    least = len(lines) // 50
    found = [item for item in places.items() if len(item[1]) > least]
    found.sort(key=lambda item: (-len(item[1]), item[0]))
    return [(_learn(Layout(shape, before), there), len(there)) for (before, shape), there in found]


def _find_time(line: bytes) -> tuple[int, Shape] | None:
    """Where the first time stands: the number of pieces before it, and its shape."""
    at = skip_open(line, 0)
    for before in range(MOST_PIECES):
        for shape in SEARCHED:
            stamp = shape.parse(line, at=at)
            if stamp is not None and not line[stamp.end : stamp.end + 1].isalnum():
                return before, shape
        part = piece(line, at)
        if part is None:
            return None
        at = skip_open(line, skip(line, part.end))
    return None


def _learn(layout: Layout, lines: Sequence[bytes]) -> Layout:
    """What else the lines with a time at one place have in common."""
    ends = [(line, layout.header_end(line)) for line in lines]
    seconds = Counter(_second_time(line, end) for line, end in ends if end is not None)
    del seconds[None]
    for second, count in seconds.most_common(1):
        if count * 2 > len(lines):
            layout = replace(layout, second=second)
    ahead: Counter[int] = Counter()
    behind: Counter[int] = Counter()
    for line in lines:
        index = _level_index(line, skip_open(line, 0), layout.before, is_ahead=True)
        ahead[-1 if index is None else index] += 1
        end = layout.header_end(line)
        if end is not None:
            index = _level_index(line, skip(line, end), MOST_PIECES, is_ahead=False)
            behind[-1 if index is None else index] += 1
    place = _most(behind, len(lines))
    if place is not None:
        layout = replace(layout, level_after=place)
    else:
        layout = replace(layout, level_before=_most(ahead, len(lines)))
    return replace(layout, has_names=_has_names(layout, lines))


def _has_names(layout: Layout, lines: Sequence[bytes]) -> bool:
    """Whether three fifths of the events have a word where the name of a logger would stand."""
    read = [event for event in (layout.read(line, 0) for line in lines) if event is not None]
    named = sum(is_named for _, is_named in read)
    return named > 0 and named * 5 >= len(read) * 3


def _most(counts: Counter[int], lines: int) -> int | None:
    """The index that two fifths of the lines have; of equal ones the first."""
    found = [(count, -index) for index, count in counts.items() if index >= 0]
    count, index = max(found, default=(0, 0))
    return -index if count and count * 5 >= lines * 2 else None


def _level_index(line: bytes, at: int, most: int, *, is_ahead: bool) -> int | None:
    """Which of the pieces from a place on names a level."""
    for index in range(most):
        part = piece(line, at)
        if part is None:
            return None
        is_first = index == 0 and not is_ahead
        if part.level is not None and (is_first or part.is_emphatic):
            return index
        at = skip(line, part.end)
        if is_ahead:
            at = skip_open(line, at)
    return None


def _second_time(line: bytes, end: int) -> tuple[int, Shape] | None:
    """A time within a few pieces behind the first one."""
    at = skip(line, end)
    for between in range(_MOST_BETWEEN):
        for shape in _SECOND_SHAPES:
            if shape.parse(line, at=at) is not None:
                return between, shape
        part = piece(line, at)
        if part is None:
            return None
        at = skip(line, part.end)
    return None
