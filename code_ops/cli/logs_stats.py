"""``code-ops logs stats``: statistics of a field's values, by the values of others."""

from __future__ import annotations

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
from code_ops.cli.logs_fields import check_field, field_hint
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
from code_ops.numerals import number, three_digits

if TYPE_CHECKING:
    from code_ops.log_inputs import LogInput

EXAMPLES = """\b
Examples:
  code-ops logs stats duration_ms app.json
  code-ops logs stats bytes access.log --by status
  code-ops logs stats latency_ms app.json --by method,path --since -1h
  code-ops logs stats user app.json --by level --format csv
"""

_NUMBERS = ("min", "mean", "p50", "p90", "p95", "p99", "max", "sum")
_ROWS = 50


def command(
    field: Annotated[
        str,
        typer.Argument(metavar="FIELD", help="duration_ms, bytes, http.latency, user ..."),
    ],
    files: FilesArgument = None,
    by: ByOption = None,
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
    """Tell how many values a field has, and percentiles of numbers.

    Also how many different ones, and of numbers the least, mean, largest and sum: of all events, or
    for each of the values of other fields.

    Percentiles are within 1 % of the exact ones; past 256 the number of different values is an
    estimate within some per cent.

    Exit 0, 1 when no event has the field, 3 when a file could not be read.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    reading = Reading(threads, time_zone, encoding, levels_from_status, pattern or ())
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    fields = by_fields(by)
    check_field(field, files, "stats")
    stats(
        field,
        inputs_of(named(files), rotated, console),
        fields,
        wanted,
        reading,
        format,
        output,
        console,
    )


@parameters.exits
def stats(
    field: str,
    inputs: Sequence[LogInput],
    by: Sequence[str],
    wanted: Wanted,
    reading: Reading,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Asks all files and writes one report."""
    from code_ops.log_events import LogQuestion

    asked = ask_all(inputs, LogQuestion.stats(field, by=by), wanted, reading)
    for row in asked.report["rows"]:
        numbers = row["numbers"]
        if numbers and numbers["sum"] is not None:
            numbers["mean"] = numbers["sum"] / numbers["count"]
    write_report(output, form, asked.report, _rows, _table)
    if any(row["count"] > row["missing"] for row in asked.report["rows"]):
        return asked.ended(console, None)
    return asked.ended(console, f"the field `{field}`", lambda: field_hint(field, inputs, reading))


def _rows(report: Report) -> Iterator[Row]:
    for row in report["rows"]:
        numbers = row["numbers"] or {}
        counts = {key: row[key] for key in ("count", "missing", "distinct")}
        values = counts | {key: numbers.get(key) for key in _NUMBERS}
        yield {column(name, values): value for name, value in row["by"].items()} | values


def _table(stream: TextIO, report: Report) -> None:
    from rich.text import Text

    from code_ops.cli.logs_cells import print_table
    from code_ops.cli.tables import table_console

    has_numbers = any(row["numbers"] for row in report["rows"])
    shown = [key for key in _NUMBERS if has_numbers and key != "sum"]
    rows = []
    for row in report["rows"][:_ROWS]:
        numbers = row["numbers"] or {}
        cells = [number(row["count"] - row["missing"]), number(row["distinct"])]
        cells += ["-" if key not in numbers else three_digits(numbers[key]) for key in shown]
        names = ["-" if part is None else printable(part) for part in row["by"].values()]
        rows.append([Text(cell) for cell in (*cells, "  ".join(names))])
    with table_console(stream) as console:
        titles = ["COUNT", "DISTINCT", *(key.upper() for key in shown)]
        by = "  ".join(name.upper() for name in report["by"])
        print_table(console, [*titles, printable(by)], rows)
        rest = len(report["rows"]) - len(rows)
        if rest > 0:
            console.print(f"and {number(rest)} more, see --format csv")
