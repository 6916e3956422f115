"""What logs say, on one screen: the numbers first, then what went wrong, then what is frequent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from code_ops.cli.console import printable
from code_ops.cli.logs_cells import print_table
from code_ops.cli.tables import table_console
from code_ops.log_reports import rates, words
from code_ops.numerals import duration, number, percent, three_digits

_LABEL_WIDTH = 10
_MOST_BARS = 60
# Of ` most 10,547 in 26m at 11-20 00:00:00` behind the bars.
_SUFFIX_WIDTH = 38
_ROWS = 10
STYLES = {
    "emergency": "bold red",
    "alert": "bold red",
    "critical": "bold red",
    "error": "red",
    "warning": "yellow",
    "notice": "cyan",
    "info": "green",
    "debug": "dim",
    "trace": "dim",
    "unknown": "",
}

_Report = dict[str, Any]


def write_table(
    stream: TextIO, report: _Report, files: Sequence[tuple[str, _Report | None]], time_zone: str
) -> None:
    """Writes the screen as wide as the terminal; the zone is that of times that name none."""
    with table_console(stream) as console:
        if len(files) > 1:
            _print_files(console, files)
        for label, text in _lines(report, time_zone, max(20, console.width - _LABEL_WIDTH - 1)):
            console.print(_labelled(label, text))
        for title, rows in (("PROBLEMS", report["problems"]), ("MESSAGES", report["messages"])):
            # What is all there is would stand there twice.
            if rows and not (title == "MESSAGES" and rows == report["problems"]):
                _print_messages(console, title, rows, words.is_one_day(report))
        if report["exceptions"]:
            _print_exceptions(console, report["exceptions"], words.is_one_day(report))
        if report["http"] is not None:
            _print_requests(console, report["http"])
        _print_fields(console, words.fields(report))


def _lines(report: _Report, time_zone: str, width: int) -> Iterator[tuple[str, Text]]:
    yield "events", Text(words.events(report))
    yield "levels", _levels(report)
    if report["first"] is not None:
        yield "time", Text(words.span(report))
        yield from _rate(report, width - _SUFFIX_WIDTH)
    sources = [f"{printable(row['name'])} {number(row['count'])}" for row in report["sources"][:6]]
    if sources:
        rest = report["sources_distinct"] - len(sources)
        yield "sources", Text(", ".join(sources) + (f", and {number(rest)} more" if rest else ""))
    for note in words.notes(report, time_zone):
        example = f", such as: {note.example}" if note.example else ""
        yield "note", Text(note.text + example, style="yellow")


def _labelled(label: str, text: Text) -> Text:
    return Text.assemble((f"{label:<{_LABEL_WIDTH}}", "bold"), text)


def _levels(report: _Report) -> Text:
    text = Text()
    total = report["total"] or 1
    for name, count in report["levels"].items():
        if count:
            text += Text(", " if text else "") + Text(name, style=STYLES[name])
            text += Text(f" {number(count)} ({percent(count / total)})")
    return text or Text("none")


def _rate(report: _Report, width: int) -> Iterator[tuple[str, Text]]:
    """Bars of all events, and of errors where there are some, no wider than ``width``; bursts and
    gaps."""
    seconds, bars = rates.bars(report["rate"], min(max(width, 10), _MOST_BARS))
    if len(report["rate"]["buckets"]) < 2:
        return
    for label, style in (("rate", ""), ("errors", "red")):
        counts = [bar.errors if label == "errors" else bar.events for bar in bars]
        if not any(counts):
            continue
        most = max(counts)
        start = bars[counts.index(most)].start.isoformat()
        when = words.short_time(start, is_one_day=words.is_one_day(report))
        text = Text(rates.drawn(counts), style=style)
        yield label, text + Text(f" most {number(most)} in {duration(seconds)} at {when}")
    for kind in ("bursts", "gaps"):
        if report["rate"][kind]:
            yield kind, Text(words.stretches(report, kind))


def _print_files(console: Console, files: Sequence[tuple[str, _Report | None]]) -> None:
    rows = [
        (
            Text(number(report["total"])),
            Text(number(report["errors"])),
            Text(", ".join(report["formats"]) or "-"),
            Text(printable(name)),
        )
        for name, report in files
        if report is not None
    ]
    if rows:
        print_table(console, ("EVENTS", "ERRORS", "FORMAT", "FILE"), rows)
        console.print()


def _print_exceptions(console: Console, rows: Sequence[_Report], is_one_day: bool) -> None:
    """What was thrown, with the innermost frame that the trace begins with."""
    console.print()
    cells = [
        (
            Text(number(row["count"])),
            Text(words.short_time(row["first"], is_one_day=is_one_day)),
            Text(words.short_time(row["last"], is_one_day=is_one_day)),
            Text(printable(f"{row['name']}  {row['frames'][0]}")),
        )
        for row in rows[:_ROWS]
    ]
    print_table(console, ("COUNT", "FIRST", "LAST", "EXCEPTIONS"), cells)


def _print_messages(
    console: Console, title: str, rows: Sequence[_Report], is_one_day: bool
) -> None:
    console.print()
    cells = [
        (
            Text(number(row["count"])),
            Text(row["level"], style=STYLES[row["level"]]),
            Text(words.short_time(row["first"], is_one_day=is_one_day)),
            Text(words.short_time(row["last"], is_one_day=is_one_day)),
            Text(printable(row["template"])),
        )
        for row in rows[:_ROWS]
    ]
    print_table(console, ("COUNT", "LEVEL", "FIRST", "LAST", title), cells)


def _print_requests(console: Console, http: _Report) -> None:
    console.print()
    methods = ((row["name"], row["count"]) for row in http["methods"][:6])
    for label, counts in (("statuses", http["classes"].items()), ("methods", methods)):
        text = ", ".join(f"{printable(name)} {number(count)}" for name, count in counts)
        console.print(_labelled(label, Text(text)))
    for title, key in (
        ("FAILURES", "failures"),
        ("PATHS", "paths"),
        ("CLIENTS", "clients"),
        ("AGENTS", "agents"),
    ):
        rows = [(Text(number(row["count"])), Text(printable(row["name"]))) for row in http[key][:5]]
        if rows:
            rest = http[f"{key}_distinct"] - len(rows)
            console.print()
            more = f" (and {number(rest)} more)" if rest > 0 else ""
            print_table(console, ("COUNT", title + more), rows)


def _print_fields(console: Console, fields: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    rows = []
    for name, numbers in fields[:_ROWS]:
        values = [three_digits(numbers[key]) for key in ("p50", "p90", "p95", "p99", "max")]
        cells = [number(numbers["count"]), *values, printable(name)]
        rows.append([Text(cell) for cell in cells])
    if rows:
        console.print()
        print_table(console, ("COUNT", "P50", "P90", "P95", "P99", "MAX", "FIELD"), rows)
