"""``LogAnalyzer`` in pure Python: the same reports as the native engine.

Owns the lines: their cutting, the sample that formats are learnt from, and the years of times that
have none. What is different:

- it reads JSON, access logs, syslog, CRI, klog, logfmt, text with times and plain text; what has
  a format of its own beyond them is native only;
- the whole text is in memory and read on one thread, whatever number is asked for;
- every count is exact and ``is_exact`` true, where the native engine goes over to estimates past
  20,000 different keys (count-min sketches and HyperLogLog); memory grows with them;
- ``count_words``, summaries as bytes, zstd and what was read before an interrupt are native only.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from code_ops._fallback import logs_encoding
from code_ops._fallback.logs_formats import Format, Reader
from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_outputs import Outputs
from code_ops._fallback.logs_record import WHITE, Record, is_continuation, without_escapes
from code_ops._fallback.logs_report import report
from code_ops._fallback.logs_summary import Ahead, Summary
from code_ops._fallback.logs_times import DAY_SECONDS, Shape, year_of
from code_ops._fallback.logs_trace import is_thrown
from code_ops._fallback.logs_unpack import unpacked

_MOST_THREADS = 256
_MARK = b"\xef\xbb\xbf"
# A line is read up to this length in bytes; what is behind is counted and dropped.
_LINE_LIMIT = 1 << 20

# The sample of a text: lines from so many places; lines are looked for in so many bytes.
_PARTS = 5
_PART_LINES = 50
_WINDOW = 1 << 20
# The sample of a file: pieces of so many bytes from so many places.
_PLACES = 16
_PIECE = 32 << 10

_TRACES = (
    b"Traceback (most recent call last)",
    b"panic: ",
    b"Exception in thread ",
    b"Caused by: ",
    b"thread '",
)


class LogSummary:
    """What many events come to; those of parts merge to that of the whole."""

    def __init__(self, summary: Summary, problem: str | None = None) -> None:
        self._summary = summary
        self.problem = problem
        """Why the input was not read to its end, or None."""

    def merge(self, other: LogSummary) -> None:
        """Takes in another summary, which stays as it is."""
        self._summary.merge(other._summary)

    def report(self) -> dict[str, Any]:
        """The report: see ``code_ops.logs``."""
        return report(self._summary)


class LogAnalyzer:
    """Finds out what logs say. ``offset_seconds`` is what clocks without a zone are ahead of UTC at
    first, and ``offset_changes`` from which times on the wall they are how much ahead.

    Raises ValueError for an encoding that is none and a number of threads out of range (there is
    one, whatever the number), EngineError for an encoding that is native only.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        offset_seconds: int = 0,
        offset_changes: Sequence[tuple[int, int]] = (),
        encoding: str = "auto",
    ) -> None:
        if threads is not None and not 1 <= threads <= _MOST_THREADS:
            raise ValueError(f"threads {threads} is out of range 1-{_MOST_THREADS}")
        self._ahead = Ahead(offset_seconds, offset_changes)
        self._encoding = logs_encoding.known(encoding)
        self._changed = int(time.time())

    def analyze_logs(self, content: str | bytes) -> dict[str, Any]:
        """The report on a text."""
        return self.summarize(content).report()

    def summarize(self, content: str | bytes) -> LogSummary:
        """The summary of a text."""
        if not isinstance(content, (str, bytes)):
            raise TypeError(f"a log is str or bytes, not {type(content).__name__}")
        if isinstance(content, str):
            # Text, whatever it begins with.
            text, problem = content.encode().removeprefix(_MARK), None
            sample = _sample(text)
        else:
            text, problem = unpacked(content, self._encoding)
            sample = _sample(text if _is_raw(text, content) else text[:_WINDOW])
        return LogSummary(self._summarize(text, sample, self._changed), problem)

    def summarize_file(self, path: str | os.PathLike[str]) -> LogSummary:
        """The summary of a file; raises OSError when it cannot be read.

        Missing years are told from its last change.
        """
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            packed = file.read()
            cut = _cut_while_read(file, status, len(packed))
        text, problem = unpacked(packed, self._encoding)
        is_file = stat.S_ISREG(status.st_mode)
        changed = max(0, int(status.st_mtime)) if is_file else self._changed
        if is_file and _is_raw(text, packed) and len(packed) > _PLACES * _PIECE:
            sample = _sample(_pieces(packed) or text[:_WINDOW])
        else:
            sample = _sample(text[:_WINDOW])
        return LogSummary(self._summarize(text, sample, changed), cut or problem)

    def _summarize(self, text: bytes, sample: Sequence[bytes], changed: int) -> Summary:
        sample = [without_escapes(line) for line in sample]
        formats = Reader().detect(sample)
        lines = text.split(b"\n")
        if not lines[-1]:
            lines.pop()
        years = _Years(_first_year(lines, sample, formats, changed), _yearless(formats))
        summary = Summary()
        summary.lines.bytes = len(text)
        outputs = Outputs(formats, text)
        # The first line of the event at hand.
        event: bytes | None = None
        behind = 0
        for line in lines:
            behind += len(line) + 1
            line = _counted(summary, line.removesuffix(b"\r"))
            plain = without_escapes(line)
            years.look_at(plain)
            if outputs.goes_on(plain):
                summary.joined(plain, has_event=event is not None)
                continue
            format_name, record = "", None
            for form in formats:
                whole = outputs.joined(form.name, plain, text, behind)
                record = form.parse(whole, years.year)
                if record is not None:
                    format_name = form.name
                    break
            if record is not None:
                summary.end_event(event or b"")
                outputs.event(record.level)
                _mark_trace(record, text, behind)
                summary.event(record, format_name, self._ahead)
                event = line
            else:
                _count_other(summary, plain, formats, event is not None)
        summary.end_event(event or b"")
        return summary


def _cut_while_read(file: IO[bytes], before: os.stat_result, length: int) -> str | None:
    """A file that ends before its length was cut, but those of the kernel, which are shorter."""
    now = os.fstat(file.fileno()).st_size
    if length >= before.st_size or now >= before.st_size or not stat.S_ISREG(before.st_mode):
        return None
    return f"cut from {before.st_size} to {now} bytes while it was read"


def _is_raw(text: bytes, whole: bytes) -> bool:
    """Whether the text is what was given, but for a byte order mark."""
    return text is whole or (whole.startswith(_MARK) and text == whole[len(_MARK) :])


def _counted(summary: Summary, line: bytes) -> bytes:
    """Counts a line; returns as much of it as is read."""
    summary.lines.total += 1
    try:
        line.decode()
    except UnicodeDecodeError:
        summary.lines.invalid_utf8 += 1
    if len(line) > _LINE_LIMIT:
        summary.lines.cut += 1
    return line[:_LINE_LIMIT]


def _read(formats: Sequence[Format], line: bytes, year: int) -> tuple[str, Record | None]:
    for form in formats:
        record = form.parse(line, year)
        if record is not None:
            return form.name, record
    return "", None


def _mark_trace(record: Record, text: bytes, at: int) -> None:
    """A stack trace that opens an event without a level is an error."""
    if record.level or record.request is not None:
        return
    if record.message.startswith(_TRACES) or is_thrown(record.message, text, at):
        record.found(Level.ERROR, "exception")


def _count_other(summary: Summary, line: bytes, formats: Sequence[Format], has_event: bool) -> None:
    """Counts a line that is no event."""
    if not line.strip(WHITE):
        summary.lines.blank += 1
    elif has_event and (is_continuation(line) or any(form.has_continuations for form in formats)):
        summary.continuation(line)
    else:
        summary.unparsed(line)


def _sample(text: bytes) -> list[bytes]:
    """Lines from the head, the middle and the tail of a text."""
    lines: list[bytes] = []
    # No line twice, where the parts are small.
    taken = 0
    for part in range(_PARTS):
        start = len(text) // _PARTS * part
        if part > 0:
            # Between the parts a line is cut.
            end = text.find(b"\n", start)
            start = len(text) if end < 0 else end + 1
        taken = start = min(max(start, taken), len(text))
        wanted = len(lines) + _PART_LINES
        for whole in text[start : start + _WINDOW].split(b"\n"):
            if len(lines) == wanted:
                break
            taken += len(whole) + 1
            line = whole.removesuffix(b"\r")
            if line.strip(WHITE) and len(line) < _LINE_LIMIT:
                lines.append(line)
    if not lines:
        # A log of one overlong line, or one at its start: what is read of it.
        first = text[: _LINE_LIMIT - 1].partition(b"\n")[0].removesuffix(b"\r")
        lines += [first] if first.strip(WHITE) else []
    return lines


def _pieces(text: bytes) -> bytes:
    """Pieces of a file at the same distances, whole lines each."""
    pieces = []
    for place in range(_PLACES):
        start = (len(text) - _PIECE) // (_PLACES - 1) * place
        piece = text[start : start + _PIECE]
        if place > 0:
            piece = piece.partition(b"\n")[2]
        pieces.append(piece[: piece.rfind(b"\n") + 1])
    return b"".join(pieces)


class _Years:
    """Follows the year through lines that have none: December goes over to January."""

    def __init__(self, year: int, shape: Shape | None) -> None:
        self.year = year
        self._shape = shape
        self._month: int | None = None

    def look_at(self, line: bytes) -> None:
        """Looks at the month of a line."""
        month = None if self._shape is None else self._shape.month(line)
        if month is None:
            return
        # Half a year back is the next year; half a year ahead is a late line of the last one.
        if self._month is not None and abs(month - self._month) > 6:
            self.year += 1 if month < self._month else -1
        self._month = month


def _yearless(formats: Sequence[Format]) -> Shape | None:
    shapes = (form.yearless for form in formats)
    return next((shape for shape in shapes if shape is not None), None)


def _first_year(
    lines: Sequence[bytes], sample: Sequence[bytes], formats: Sequence[Format], changed: int
) -> int:
    """The year of the first line without one, so that the last is not after the last change."""
    shape = _yearless(formats)
    if shape is None:
        return 0
    years = _Years(0, shape)
    for line in lines:
        years.look_at(without_escapes(line))
    last = None
    for line in sample:
        record = _read(formats, line, year_of(changed))[1]
        if record is not None and record.time is not None:
            last = record.time.seconds
    # A day for zones.
    is_ahead = last is not None and last > changed + DAY_SECONDS
    return year_of(changed) - int(is_ahead) - years.year
