"""What logs say, on one screen: the numbers first, then what went wrong, then what is frequent."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from code_ops.cli.console import printable
from code_ops.cli.logs_cells import duration, print_table, value
from code_ops.cli.scan_summary import number, plural
from code_ops.cli.tables import table_console

_LABEL_WIDTH = 10
_MOST_BARS = 60
# Of ` most 10,547 in 26m at 11-20 00:00:00` behind the bars.
_SUFFIX_WIDTH = 38
_BARS = " ▁▂▃▄▅▆▇█"
_ROWS = 10
_STYLES = {
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
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")

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
                _print_messages(console, title, rows, _is_one_day(report))
        if report["exceptions"]:
            _print_exceptions(console, report["exceptions"], _is_one_day(report))
        if report["http"] is not None:
            _print_requests(console, report["http"])
        _print_fields(console, report["fields"])


def _lines(report: _Report, time_zone: str, width: int) -> Iterator[tuple[str, Text]]:
    yield "events", Text(_events(report))
    yield "levels", _levels(report)
    if report["first"] is not None:
        yield "time", Text(_span(report))
        yield from _rate(report, width - _SUFFIX_WIDTH)
    sources = [f"{printable(row['name'])} {number(row['count'])}" for row in report["sources"][:6]]
    if sources:
        rest = report["sources_distinct"] - len(sources)
        yield "sources", Text(", ".join(sources) + (f", and {number(rest)} more" if rest else ""))
    for note in _notes(report, time_zone):
        yield "note", Text(note, style="yellow")


def _labelled(label: str, text: Text) -> Text:
    return Text.assemble((f"{label:<{_LABEL_WIDTH}}", "bold"), text)


def _events(report: _Report) -> str:
    formats = ", ".join(
        name if len(report["formats"]) == 1 else f"{name} {number(count)}"
        for name, count in sorted(report["formats"].items(), key=lambda item: -item[1])
    )
    lines = f"{plural(report['lines'], 'line')}, {_size(report['bytes'])}"
    return f"{number(report['total'])} in {lines}" + (f", format {formats}" if formats else "")


def _levels(report: _Report) -> Text:
    text = Text()
    total = report["total"] or 1
    for name, count in report["levels"].items():
        if count:
            text += Text(", " if text else "") + Text(name, style=_STYLES[name])
            text += Text(f" {number(count)} ({_share(count / total)})")
    return text or Text("none")


def _share(share: float) -> str:
    """A part is never shown as nothing, nor as all."""
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}" if share >= 0.1 else f"{max(share, 0.0001):.2%}"


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text[:19])


def _span(report: _Report) -> str:
    first, last = _time(report["first"]), _time(report["last"])
    seconds = (last - first).total_seconds()
    rate = f", {report['total'] / seconds:,.3g} a second" if seconds else ""
    return f"{first} to {last} UTC, {duration(seconds)}{rate}"


def _rate(report: _Report, width: int) -> Iterator[tuple[str, Text]]:
    """Bars of all events, and of errors where there are some, no wider than ``width``; bursts and
    gaps."""
    rate = report["rate"]
    size = rate["bucket_seconds"]
    starts = [int(_time(bucket["time"]).timestamp()) // size for bucket in rate["buckets"]]
    if len(starts) < 2:
        return
    first, last = starts[0], starts[-1]
    # A bar for each bucket, or for several.
    per_bar = -(-(last - first + 1) // min(max(width, 10), _MOST_BARS))
    start_of_time = 11 if _is_one_day(report) else 5
    for label, key, style in (("rate", "events", ""), ("errors", "errors", "red")):
        bars = [0] * ((last - first) // per_bar + 1)
        for start, bucket in zip(starts, rate["buckets"], strict=True):
            bars[(start - first) // per_bar] += bucket[key]
        if not any(bars):
            continue
        most = max(bars)
        drawn = "".join(_BARS[-(-8 * count // most)] for count in bars)
        moment = _time(rate["buckets"][0]["time"])
        moment += datetime.timedelta(seconds=bars.index(most) * per_bar * size)
        text = Text(drawn, style=style)
        when = f"{moment}"[start_of_time:]
        yield label, text + Text(f" most {number(most)} in {duration(per_bar * size)} at {when}")
    for kind in ("bursts", "gaps"):
        if rate[kind]:
            yield kind, Text(_stretches(rate[kind], start_of_time))


def _stretches(stretches: Sequence[_Report], start_of_time: int) -> str:
    """The largest ones first."""
    ordered = sorted(stretches, key=lambda stretch: (-stretch["events"], -stretch["seconds"]))
    words = []
    for stretch in ordered[:3]:
        events = f"{number(stretch['events'])} events in " if stretch["events"] else ""
        start = f"{_time(stretch['from'])}"[start_of_time:]
        words.append(f"{events}{duration(stretch['seconds'])} from {start}")
    rest = len(ordered) - len(words)
    return ", ".join(words) + (f", and {rest} more" if rest else "")


def _notes(report: _Report, time_zone: str) -> Iterator[str]:
    times = report["times"]
    if times["zone_assumed"]:
        yield f"{plural(times['zone_assumed'], 'time')} without a zone: {time_zone} assumed"
    if times["year_inferred"]:
        yield f"{plural(times['year_inferred'], 'time')} without a year: told from the file's date"
    if times["missing"] and report["first"] is not None:
        yield f"{plural(times['missing'], 'event')} without a time"
    if times["farthest_backwards_seconds"] >= 1:
        back = duration(times["farthest_backwards_seconds"])
        yield f"{plural(times['backwards'], 'time')} earlier than the one before, by up to {back}"
    if report["continuation_lines"]:
        yield f"continuation lines: {number(report['continuation_lines'])}"
    if report["unparsed_lines"]:
        example = printable(report["unparsed_examples"][0])[:60]
        yield f"{plural(report['unparsed_lines'], 'line')} not understood, such as: {example}"
    for key, what in (("cut_lines", "cut at 1 MiB"), ("invalid_utf8_lines", "not in UTF-8")):
        if report[key]:
            yield f"{plural(report[key], 'line')} {what}"


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


def _is_one_day(report: _Report) -> bool:
    return bool(report["first"]) and report["first"][:10] == report["last"][:10]


def _moment(text: str | None, is_one_day: bool) -> Text:
    """A time without its date where all is of one day, and without its year."""
    start = 11 if is_one_day else 5
    return Text(text[start:19].replace("T", " ") if text else "-")


def _print_exceptions(console: Console, rows: Sequence[_Report], is_one_day: bool) -> None:
    """What was thrown, with the innermost frame that the trace begins with."""
    console.print()
    cells = [
        (
            Text(number(row["count"])),
            _moment(row["first"], is_one_day),
            _moment(row["last"], is_one_day),
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
            Text(row["level"], style=_STYLES[row["level"]]),
            _moment(row["first"], is_one_day),
            _moment(row["last"], is_one_day),
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
    for title, key in (("PATHS", "paths"), ("CLIENTS", "clients"), ("AGENTS", "agents")):
        rows = [(Text(number(row["count"])), Text(printable(row["name"]))) for row in http[key][:5]]
        if rows:
            rest = http[f"{key}_distinct"] - len(rows)
            console.print()
            more = f" (and {number(rest)} more)" if rest > 0 else ""
            print_table(console, ("COUNT", title + more), rows)


def _print_fields(console: Console, fields: dict[str, _Report]) -> None:
    rows = []
    for name, numbers in list(fields.items())[:_ROWS]:
        values = [value(numbers[key]) for key in ("p50", "p90", "p95", "p99", "max")]
        cells = [number(numbers["count"]), *values, printable(name)]
        rows.append([Text(cell) for cell in cells])
    if rows:
        console.print()
        print_table(console, ("COUNT", "P50", "P90", "P95", "P99", "MAX", "FIELD"), rows)


def _size(count: int) -> str:
    size = float(count)
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
