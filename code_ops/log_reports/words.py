"""What a report says in words, without looks: the table, Markdown and HTML share them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from code_ops.log_reports.rates import moment
from code_ops.numerals import binary_size, duration, number, plural
from code_ops.text import printable

INTERRUPTED = "interrupted: the report is of what was read until then"
_EXAMPLE_SHOWN = 60
# Names of numbers that are measured, by their last word; others are mostly identifiers.
_MEASURE = re.compile(
    r"""
    ms | s | us | ns | sec | secs | second | seconds | milliseconds | micros | millis | nanos
    | minutes | duration | latency | elapsed | time | took | wait | delay | age | bytes | byte
    | size | length | len | kb | mb | count | total | number | rows | rate | ratio | share |
    percent | usage | memory | cpu | load
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SECOND = "%Y-%m-%d %H:%M:%S"

_Report = Mapping[str, Any]


class Note(NamedTuple):
    """One line of our own, and a harmless piece of the log where it has one."""

    text: str
    example: str = ""


def fields(report: _Report) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields with numbers, those that are measures by their name first."""
    return sorted(report["fields"].items(), key=lambda field: not _is_measure(field[0]))


def _is_measure(name: str) -> bool:
    """Whether the last word is one, as in ``duration_ms``, ``responseTime`` and ``db.rows``."""
    found = _WORDS.findall(name)
    return bool(found) and _MEASURE.fullmatch(found[-1]) is not None


def formats(report: _Report) -> str:
    """The formats, with their events where there are several."""
    return ", ".join(
        name if len(report["formats"]) == 1 else f"{name} {number(count)}"
        for name, count in sorted(report["formats"].items(), key=lambda item: -item[1])
    )


def events(report: _Report) -> str:
    """``60 in 64 lines, 4.1 KiB, format text``."""
    lines = f"{plural(report['lines'], 'line')}, {binary_size(report['bytes'])}"
    found = formats(report)
    return f"{number(report['total'])} in {lines}" + (f", format {found}" if found else "")


def span(report: _Report) -> str:
    """From when to when, how long, and how many a second."""
    first, last = moment(report["first"]), moment(report["last"])
    seconds = (last - first).total_seconds()
    rate = f", {report['total'] / seconds:,.3g} a second" if seconds else ""
    return f"{first:{_SECOND}} to {last:{_SECOND}} UTC, {duration(seconds)}{rate}"


def is_one_day(report: _Report) -> bool:
    """Whether times need no date beside them."""
    return bool(report["first"]) and report["first"][:10] == report["last"][:10]


def short_time(text: str | None, *, is_one_day: bool) -> str:
    """A time without its date where all is of one day, and without its year."""
    start = 11 if is_one_day else 5
    return text[start:19].replace("T", " ") if text else "-"


def stretches(report: _Report, kind: str) -> str:
    """The largest of ``bursts`` or ``gaps`` first; empty where there is none."""
    ordered: Sequence[_Report] = sorted(
        report["rate"][kind], key=lambda stretch: (-stretch["events"], -stretch["seconds"])
    )
    words = []
    for stretch in ordered[:3]:
        count = f"{number(stretch['events'])} events in " if stretch["events"] else ""
        start = short_time(stretch["from"], is_one_day=is_one_day(report))
        words.append(f"{count}{duration(stretch['seconds'])} from {start}")
    rest = len(ordered) - len(words)
    return ", ".join(words) + (f", and {rest} more" if rest else "")


def notes(report: _Report, time_zone: str) -> Iterator[Note]:
    """What is to be known before the numbers are believed."""
    times = report["times"]
    if times["zone_assumed"]:
        yield Note(f"{plural(times['zone_assumed'], 'time')} without a zone: {time_zone} assumed")
    if times["year_inferred"]:
        inferred = plural(times["year_inferred"], "time")
        yield Note(f"{inferred} without a year: told from the file's date")
    if times["missing"] and report["first"] is not None:
        yield Note(f"{plural(times['missing'], 'event')} without a time")
    if times["farthest_backwards_seconds"] >= 1:
        far = duration(times["farthest_backwards_seconds"])
        backwards = plural(times["backwards"], "time")
        yield Note(f"{backwards} earlier than the one before, by up to {far}")
    if report["continuation_lines"]:
        yield Note(f"continuation lines: {number(report['continuation_lines'])}")
    if report["unparsed_lines"]:
        example = printable(report["unparsed_examples"][0])[:_EXAMPLE_SHOWN]
        yield Note(f"{plural(report['unparsed_lines'], 'line')} not understood", example)
    for key, what in (("cut_lines", "cut at 1 MiB"), ("invalid_utf8_lines", "not in UTF-8")):
        if report[key]:
            yield Note(f"{plural(report[key], 'line')} {what}")
    if not report["is_exact"]:
        yield Note("too many sources or messages to keep all: rare ones are missing")
