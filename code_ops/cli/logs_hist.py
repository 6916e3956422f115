"""``code-ops logs hist``: events over time, by the values of fields."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity, printable
from code_ops.cli.logs_common import (
    EncodingOption,
    FilesArgument,
    GrepOption,
    IgnoreCaseOption,
    LevelOption,
    LiteralOption,
    NotOption,
    OutputOption,
    PatternOption,
    QuietOption,
    Reading,
    RotatedOption,
    SinceOption,
    StatusOption,
    ThreadsOption,
    TimeZoneOption,
    UntilOption,
    Wanted,
    WhereOption,
    inputs_of,
    named,
)
from code_ops.cli.logs_questions import (
    ByOption,
    FormatOption,
    Report,
    Row,
    ask_all,
    by_fields,
    column,
    write_report,
)
from code_ops.cli.parameters import duration_ms, option
from code_ops.numerals import duration, number

if TYPE_CHECKING:
    from code_ops.log_inputs import LogInput

EXAMPLES = """\b
Examples:
  code-ops logs hist app.log
  code-ops logs hist access.log --by status --every 5m
  code-ops logs hist app.log --level error+ --since today
  code-ops logs hist app.json --by service,level --format csv
"""

_GROUPS = 8
_DAY = 86_400
_MOST_DAYS = 10_000
_BARS = " ▁▂▃▄▅▆▇█"


def command(
    files: FilesArgument = None,
    by: ByOption = None,
    every: Annotated[
        str | None,
        option(
            "--every",
            metavar="DURATION",
            help="The size of a bucket, such as 10s, 5m, 1h, 1d; else one that suits the span.",
        ),
    ] = None,
    rotated: RotatedOption = False,
    level: LevelOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    grep: GrepOption = None,
    exclude: NotOption = None,
    where: WhereOption = None,
    literal: LiteralOption = False,
    ignore_case: IgnoreCaseOption = False,
    pattern: PatternOption = None,
    levels_from_status: StatusOption = False,
    time_zone: TimeZoneOption = "UTC",
    encoding: EncodingOption = "auto",
    format: FormatOption = "auto",
    output: OutputOption = "-",
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Draw how many events there were over time.

    Of all of them, or a line for each of the values of fields. Buckets begin at whole multiples of
    their size since 1970 in UTC.

    Exit 0, 1 when no event has a time, 3 when a file could not be read.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    reading = Reading(threads, time_zone, encoding, levels_from_status, pattern or ())
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    fields = by_fields(by)
    seconds = None if every is None else _seconds(every)
    histogram(
        inputs_of(named(files), rotated, console),
        fields,
        seconds,
        wanted,
        reading,
        format,
        output,
        console,
    )


def _seconds(text: str) -> int:
    days = re.fullmatch(r"([0-9]{1,9})d", text)
    seconds = int(days[1]) * _DAY if days else duration_ms(text) / 1000
    if not 0 < seconds <= _MOST_DAYS * _DAY:
        raise typer.BadParameter(f"--every: {text} is out of range 1s-{_MOST_DAYS}d")
    if seconds != int(seconds):
        raise typer.BadParameter(f"--every: {text} is not a whole number of seconds")
    return int(seconds)


@parameters.exits
def histogram(
    inputs: Sequence[LogInput],
    by: Sequence[str],
    every_seconds: int | None,
    wanted: Wanted,
    reading: Reading,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Asks all files and writes one report."""
    from code_ops.log_events import LogQuestion

    question = LogQuestion.histogram(by=by, every_seconds=every_seconds)
    asked = ask_all(inputs, question, wanted, reading)
    write_report(output, form, asked.report, _rows, _table)
    return asked.ended(console, None if asked.report["rows"] else "a time")


def _rows(report: Report) -> Iterator[Row]:
    for row in report["rows"]:
        by = {column(name, ("time", "count")): value for name, value in row["by"].items()}
        for bucket in row["buckets"]:
            yield {"time": bucket["time"]} | by | {"count": bucket["count"]}


def _start(bucket: Row) -> datetime.datetime:
    return datetime.datetime.fromisoformat(bucket["time"])


def _table(stream: TextIO, report: Report) -> None:
    """A row a bucket with its bar; with groups, a line of bars for each."""
    from code_ops.cli.tables import table_console

    with table_console(stream) as console:
        if report["rows"]:
            if report["by"]:
                lines = _group_lines(report, console.width)
            else:
                lines = _bucket_lines(report, console.width)
            for line in lines:
                console.print(line, markup=False)
            console.print(f"each bar is {duration(report['bucket_seconds'])}", style="dim")
        if report["without_time"]:
            console.print(f"{number(report['without_time'])} events without a time")


def _bucket_lines(report: Report, width: int) -> Iterator[str]:
    size = report["bucket_seconds"]
    buckets = {_start(bucket): bucket["count"] for bucket in report["rows"][0]["buckets"]}
    most = max(buckets.values())
    digits = len(number(most))
    room = max(10, width - 24 - digits)
    moment, last, empty = min(buckets), max(buckets), 0
    step = datetime.timedelta(seconds=size)
    while moment <= last:
        count = buckets.get(moment, 0)
        if count == 0:
            empty += 1
        else:
            if empty > 3:
                yield f"{'':19}  {'':{digits}}  ({number(empty)} without events)"
            else:
                yield from (
                    f"{_shown(moment - step * ago)}  {0:>{digits}}" for ago in range(empty, 0, -1)
                )
            empty = 0
            yield f"{_shown(moment)}  {number(count):>{digits}}  {_bar(count / most, room)}"
        # Over a long silence at once.
        if empty > 3:
            following = min(start for start in buckets if start > moment)
            empty += (following - moment) // step - 1
            moment = following
        else:
            moment += step


def _shown(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _bar(share: float, room: int) -> str:
    eighths = max(1, round(share * room * 8))
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _group_lines(report: Report, width: int) -> Iterator[str]:
    from rich.cells import cell_len, set_cell_size

    size = report["bucket_seconds"]
    starts = [_start(bucket) for row in report["rows"] for bucket in row["buckets"]]
    first = min(starts)
    span = int((max(starts) - first).total_seconds()) // size + 1
    rows = report["rows"][:_GROUPS]
    names = [
        "  ".join("-" if part is None else printable(part) for part in row["by"].values())
        for row in rows
    ]
    label = min(max(map(cell_len, names)), max(10, width // 3))
    digits = max(len(number(row["count"])) for row in rows)
    per_bar = -(-span // max(10, width - label - digits - 4))
    yield f"{_shown(first)} to {_shown(max(starts))} UTC"
    for name, row in zip(names, rows, strict=True):
        bars = [0] * ((span - 1) // per_bar + 1)
        for bucket in row["buckets"]:
            place = int((_start(bucket) - first).total_seconds()) // size // per_bar
            bars[place] += bucket["count"]
        most = max(bars)
        drawn = "".join(_BARS[-(-8 * count // most)] for count in bars)
        shown = name if cell_len(name) <= label else set_cell_size(name, label - 1) + "…"
        yield f"{set_cell_size(shown, label)}  {number(row['count']):>{digits}}  {drawn}"
    rest = len(report["rows"]) - len(rows)
    if rest > 0:
        yield f"and {number(rest)} more, see --format csv"
