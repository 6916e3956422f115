"""What logs say: events, levels, times, sources, messages and requests, in one pass.

``LogAnalyzer`` finds the format of a log by itself and reads it in constant memory. Its report is
a plain mapping that is also valid JSON:

- ``total``, ``errors`` (level error or worse), ``warnings``, ``levels`` (events by level, from
  emergency to trace and ``unknown``) and ``level_sources`` (what told them: ``field``,
  ``priority``, ``header``, ``status``, ``exception`` or ``none``);
- ``lines``, ``bytes``, ``blank_lines``, ``continuation_lines`` (those that belong to the event
  before them), ``unparsed_lines`` with ``unparsed_examples``, ``cut_lines`` (longer than 1 MiB) and
  ``invalid_utf8_lines``;
- ``formats``: events by the name of their format;
- ``first`` and ``last``: times as RFC 3339 in UTC, or None; ``times`` says what is to be known of
  them: events whose time is ``missing``, names no zone (``zone_assumed``), has no year
  (``year_inferred``) or is earlier than that of the event before (``backwards``, and by how much);
- ``rate``: events, errors and warnings in buckets of ``bucket_seconds``; ``bursts`` are runs of
  buckets with at least 10 events and 4 times those of the median one, ``gaps`` silences of at least
  10 buckets and 5 times the median one, of each the 10 largest;
- ``sources`` and ``messages``: the most frequent, messages with their variable words as ``<*>``;
  ``problems``: the most frequent messages at level warning and worse, the worst level first;
  ``exceptions``: stack traces by what was thrown and their frames without numbers;
  ``is_exact`` tells whether there were so few different ones that all counts are exact;
- ``fields``: count, min, max, sum and percentiles of numbers in structured logs; percentiles are
  within 1 % of the exact ones;
- ``http``: for access logs statuses, methods, paths, ``failures`` (statuses of 500 and more with
  their paths), clients, agents and sizes, else None.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from code_ops import _engine
from code_ops.errors import EngineError
from code_ops.log_inputs import find_logs
from code_ops.log_zones import wall_clock

if TYPE_CHECKING:
    from code_ops.log_events import (
        EventForm,
        LogAnswer,
        LogEvent,
        LogFilter,
        LogFollower,
        LogQuestion,
        RenderedEvents,
    )

__all__ = ["Content", "LogAnalyzer", "LogSummary"]

Content: TypeAlias = "str | bytes | os.PathLike[str] | IO[str] | IO[bytes]"
"""Text, bytes, the path of a file, or a file that is open. A ``str`` is always text."""

_BYTES = "summaries as bytes need the rust engine"
_EVENTS = "events, filters and questions need the rust engine"


class LogSummary:
    """What many events come to; those of parts merge to that of the whole, in any order.

    Counts are exact. Past 20,000 different sources or messages those that make up less than a
    thousandth can be missing, and counts be too high by a few ten-thousandths of the total. Without
    the Rust engine all counts stay exact, and memory grows with what is different.
    """

    __slots__ = ("_native",)

    def __init__(self, native: Any) -> None:
        self._native = native

    @property
    def problem(self) -> str | None:
        """Why the input was not read to its end, or None; the summary is of what was read."""
        problem: str | None = self._native.problem
        return problem

    def merge(self, other: LogSummary) -> None:
        """Takes in another summary, which stays as it is."""
        self._native.merge(other._native)

    def to_bytes(self) -> bytes:
        """The summary as bytes, to be kept or sent; equal summaries have equal bytes.

        Raises EngineError without the Rust engine.
        """
        data: bytes = _native_only(self._native, "to_bytes", _BYTES)()
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> LogSummary:
        """The summary that the bytes are of.

        Raises ValueError for bytes that are no summary, of another version or damaged, and
        EngineError without the Rust engine.
        """
        kind = _engine.load("infrastructure").LogSummary
        return cls(_native_only(kind, "from_bytes", _BYTES)(data))

    def report(self) -> dict[str, Any]:
        """The report: see the module."""
        report: dict[str, Any] = self._native.report()
        return report

    def compare(self, after: LogSummary) -> dict[str, Any]:
        """What has changed from this summary to a later one, in messages and exceptions.

        ``new`` and ``gone`` are those that only one of them has, ``more`` and ``less`` those whose
        share of all events has at least doubled or halved (``ratio``) where chance explains that in
        less than one case of a thousand (G-test of two Poisson rates). Each row has its ``kind``
        (message or exception), ``level``, ``template``, the counts ``before`` and ``after``, when
        it was ``first`` and ``last``, and an ``example``. ``before`` and ``after`` of the whole
        have totals. Raises EngineError without the Rust engine.
        """
        compare = _native_only(self._native, "compare", "comparing logs needs the rust engine")
        compared: dict[str, Any] = compare(after._native)
        return compared


class LogAnalyzer:
    """Finds out what logs say.

    ``threads`` is the number of threads, by default that of the cores. ``time_zone`` is that of
    times that name none: ``UTC``, an offset such as ``+01:00``, a zone such as ``Europe/Berlin`` or
    ``local``. ``encoding`` is that of bytes:
    ``auto`` for UTF-8, and UTF-16 where the bytes show it, or a name such as ``utf-8``,
    ``utf-16le``, ``latin-1`` or ``windows-1252``; what has no character becomes U+FFFD. With
    ``levels_from_status`` a status of 500 and more is an error and one of 400 and more a warning,
    where nothing else tells a level. ``patterns`` describe formats of your own, the first that fits
    a line counts: regular expressions whose groups have names, or grok. Raises ValueError for
    others, and EngineError for what needs the Rust engine without it.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        time_zone: str = "UTC",
        encoding: str = "auto",
        levels_from_status: bool = False,
        patterns: Iterable[str] = (),
        engine: str | None = None,
    ) -> None:
        module = _engine.load("infrastructure", engine)
        clock = wall_clock(time_zone)
        options: dict[str, Any] = {
            "threads": threads,
            "offset_seconds": clock.offset_seconds,
            "offset_changes": list(clock.changes),
            "encoding": encoding,
        }
        if levels_from_status:
            _engine.native("levels from statuses need the rust engine", engine)
            options["levels_from_status"] = True
        if own := list(patterns):
            _engine.native("patterns need the rust engine", engine)
            options["patterns"] = own
        self._native = module.LogAnalyzer(**options)

    def analyze_logs(
        self, content: Content, *, matching: LogFilter | None = None
    ) -> dict[str, Any]:
        """The report on a text, bytes, a file or an open file, on events that match."""
        return self.summarize(content, matching=matching).report()

    def analyze_files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        matching: LogFilter | None = None,
        with_rotated: bool = False,
    ) -> dict[str, Any]:
        """One report on several files, folders and patterns, each file once.

        See ``code_ops.log_inputs`` for what names come to. Raises OSError for the first that cannot
        be read.
        """
        whole: LogSummary | None = None
        for found in find_logs(paths, with_rotated=with_rotated).inputs:
            error = found.error()
            if error is not None:
                raise error
            part = self.summarize_file(found.path, matching=matching)
            if whole is None:
                whole = part
            else:
                whole.merge(part)
        return (self.summarize("") if whole is None else whole).report()

    def summarize(self, content: Content, *, matching: LogFilter | None = None) -> LogSummary:
        """The summary of a text, bytes, a file or an open file; it can be merged with others."""
        if isinstance(content, os.PathLike):
            return self.summarize_file(content, matching=matching)
        if not isinstance(content, (str, bytes)):
            content = content.read()
        return LogSummary(self._native.summarize(content, *self._native_filter(matching)))

    def iter_events(
        self, *sources: Content, matching: LogFilter | None = None, by_time: bool = False
    ) -> Iterator[LogEvent]:
        """The events of sources one by one in their order, or of all sources ``by_time``.

        Raises OSError for a source that cannot be read, after the events before, and EngineError
        without the Rust engine.
        """
        from code_ops.log_events import read_event

        rendered = self.render_events(sources, "ndjson", matching=matching, by_time=by_time)
        for chunk in rendered:
            for line in chunk.splitlines():
                yield read_event(line)
        for index, problem in rendered.problems:
            source = sources[index]
            name = f"{os.fspath(source)}: " if isinstance(source, os.PathLike) else ""
            raise OSError(f"{name}{problem}")

    def render_events(
        self,
        sources: Iterable[Content],
        form: EventForm,
        *,
        matching: LogFilter | None = None,
        columns: Sequence[str] = (),
        names: Sequence[str | None] | None = None,
        by_time: bool = False,
        first: int | None = None,
        last: int | None = None,
    ) -> RenderedEvents:
        """The events of sources, written in a form.

        ``columns`` are the fields of JSON and CSV, ``names`` those of the sources where each event
        is to tell its own, ``first`` or ``last`` how many events at most. Raises EngineError
        without the Rust engine.
        """
        from code_ops.log_events import LogFilter, RenderedEvents

        show = _native_only(self._native, "show", _EVENTS)
        named = list(sources)
        if names is None:
            names = [None] * len(named)
        return RenderedEvents(
            show(
                [(_native_source(source), name) for source, name in zip(named, names, strict=True)],
                form,
                (matching or LogFilter())._native,
                columns=list(columns),
                is_merged=by_time,
                first=first,
                last=last,
            )
        )

    def follow(
        self,
        paths: Iterable[str | os.PathLike[str]],
        form: EventForm = "raw",
        *,
        matching: LogFilter | None = None,
        columns: Sequence[str] = (),
        names: Sequence[str | None] | None = None,
        last: int = 10,
    ) -> LogFollower:
        """Follows files that grow, through rotation, truncation and deletion.

        Of what is there already the ``last`` events are given first. See ``render_events`` for the
        other arguments. Raises EngineError without the Rust engine.
        """
        from code_ops.log_events import LogFilter, LogFollower

        follow = _native_only(self._native, "follow", _EVENTS)
        found = [os.fspath(path) for path in paths]
        named = zip(found, names or [None] * len(found), strict=True)
        native_filter = (matching or LogFilter())._native
        return LogFollower(
            follow(list(named), form, native_filter, columns=list(columns), last=last)
        )

    def detect(self, source: Content) -> dict[str, Any]:
        """Which formats a source has: ``formats`` in the order in which a line is tried, each with
        the ``lines`` of the sample it reads and the ``reason``; ``sampled`` and ``unread`` lines,
        and the ``confidence``: the share of the sample that is read by more than plain text.

        Raises OSError when it cannot be read, and EngineError without the Rust engine.
        """
        detect = _native_only(self._native, "detect", _EVENTS)
        with _named(native := _native_source(source)):
            found: dict[str, Any] = detect(native)
            return found

    def ask(
        self, source: Content, question: LogQuestion, *, matching: LogFilter | None = None
    ) -> LogAnswer:
        """What the events of a source answer; answers of several merge.

        Raises OSError when it cannot be read, and EngineError without the Rust engine.
        """
        from code_ops.log_events import LogAnswer, LogFilter

        ask = _native_only(self._native, "ask", _EVENTS)
        with _named(native := _native_source(source)):
            answer = ask(
                native,
                question.kind,
                (matching or LogFilter())._native,
                field=question.field,
                by=list(question.by),
                most=question.most,
                every_seconds=question.every_seconds,
            )
        return LogAnswer(answer)

    def summarize_file(
        self, path: str | os.PathLike[str], *, matching: LogFilter | None = None
    ) -> LogSummary:
        """The summary of a file, a pipe or a device, read in constant memory.

        gzip, zstd, xz, bzip2, zip and tar are recognized by the first bytes, also in each other;
        the files of an archive are read one behind the other. Missing years are told from the time
        of its last change. Raises OSError when nothing can be read; ``problem`` tells of a
        file that could be read in part.
        """
        with _named(Path(path)):
            return LogSummary(
                self._native.summarize_file(os.fspath(path), *self._native_filter(matching))
            )

    def interrupted(self) -> LogSummary | None:
        """What was read of an input before Ctrl-C ended its analysis; once.

        None where nothing was, and with the pure-Python engine.
        """
        take = getattr(self._native, "interrupted", None)
        native = take() if take else None
        return None if native is None else LogSummary(native)

    def interrupted_answer(self) -> LogAnswer | None:
        """What a source answered before Ctrl-C ended its reading; once. None where nothing was."""
        from code_ops.log_events import LogAnswer

        take = getattr(self._native, "interrupted_answer", None)
        native = take() if take else None
        return None if native is None else LogAnswer(native)

    def _native_filter(self, matching: LogFilter | None) -> tuple[Any, ...]:
        """The filter as an argument; the pure-Python engine takes none."""
        if matching is None:
            return ()
        _native_only(self._native, "ask", _EVENTS)
        return (matching._native,)

    def count_words(self, content: str | bytes, words: Iterable[str]) -> list[int]:
        """How often each literal word stands in a text, as ``len(re.findall(word, text))``.

        Raises ValueError for an empty word and EngineError without the Rust engine.
        """
        count = _native_only(self._native, "count_words", "counting words needs the rust engine")
        counts: list[int] = count(content, list(words))
        return counts


@contextlib.contextmanager
def _named(source: str | bytes | os.PathLike[str]) -> Iterator[None]:
    """Gives errors of the system the name of the file: the engines know it by its number alone."""
    try:
        yield
    except OSError as error:
        if error.errno is None or not isinstance(source, os.PathLike):
            raise
        raise OSError(error.errno, error.strerror, os.fspath(source)) from error


def _native_source(source: Content) -> str | bytes | os.PathLike[str]:
    """What the engine reads: text, bytes or the path of a file."""
    if isinstance(source, (str, bytes, os.PathLike)):
        return source
    return _native_source(source.read())


def _native_only(holder: Any, name: str, complaint: str) -> Any:
    """What the pure-Python engine's objects do not have."""
    found = getattr(holder, name, None)
    if found is None:
        raise EngineError(complaint)
    return found
