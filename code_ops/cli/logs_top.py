"""``code-ops logs top``: the most frequent values of a field."""

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
    FormatOption,
    Report,
    Row,
    ask_all,
    column,
    write_report,
)
from code_ops.cli.parameters import option
from code_ops.numerals import number, percent

if TYPE_CHECKING:
    from code_ops.log_inputs import LogInput

EXAMPLES = """\b
Examples:
  code-ops logs top path access.log
  code-ops logs top client access.log --where 'status >= 400' --most 5
  code-ops logs top template app.log --level error+
  code-ops logs top http.status app.json --format csv
"""


def command(
    field: Annotated[
        str,
        typer.Argument(metavar="FIELD", help="level, source, template, path, http.status ..."),
    ],
    files: FilesArgument = None,
    most: Annotated[
        int, option("--most", "-n", metavar="N", min=1, max=20_000, help="So many values.")
    ] = 20,
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
    """Tell which values of a field are the most frequent.

    Each with its events, those of level error and worse among them, and when it was first and last.
    FIELD is time, level, source, host, message, template (the message with its variable words as
    <*>), format, or what the log names itself, such as status, path and client of access logs.

    Exit 0, 1 when no event has the field, 3 when a file could not be read.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    reading = Reading(threads, time_zone, encoding, levels_from_status, pattern or ())
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    check_field(field, files, "top")
    top(
        field,
        inputs_of(named(files), rotated, console),
        most,
        wanted,
        reading,
        format,
        output,
        console,
    )


@parameters.exits
def top(
    field: str,
    inputs: Sequence[LogInput],
    most: int,
    wanted: Wanted,
    reading: Reading,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Asks all files and writes one report."""
    from code_ops.log_events import LogQuestion

    asked = ask_all(inputs, LogQuestion.top(field, most=most), wanted, reading)
    write_report(output, form, asked.report, _rows, _table)
    if asked.report["rows"]:
        return asked.ended(console, None)
    return asked.ended(console, f"the field `{field}`", lambda: field_hint(field, inputs, reading))


def _rows(report: Report) -> Iterator[Row]:
    for row in report["rows"]:
        value = {column(report["field"], row): row["value"]}
        yield value | {key: row[key] for key in ("count", "errors", "first", "last")}


def _table(stream: TextIO, report: Report) -> None:
    from rich.text import Text

    from code_ops.cli.logs_cells import moment, only_day, print_table
    from code_ops.cli.tables import table_console

    day = only_day(row[key] for row in report["rows"] for key in ("first", "last"))
    rows = [
        (
            Text(number(row["count"])),
            Text(percent(row["count"] / report["events"])),
            Text(number(row["errors"])),
            moment(row["first"], day),
            moment(row["last"], day),
            Text(printable(row["value"])),
        )
        for row in report["rows"]
    ]
    with table_console(stream) as console:
        title = printable(report["field"]).upper()
        rest = report["distinct"] - len(rows)
        more = f" (and {'' if report['is_exact'] else 'about '}{number(rest)} more)"
        titles = ("COUNT", "SHARE", "ERRORS", "FIRST", "LAST", title + (more if rest > 0 else ""))
        if rows:
            print_table(console, titles, rows)
        if day:
            console.print(f"times are of {day}, UTC", style="dim")
        if report["missing"]:
            console.print(f"{number(report['missing'])} of {number(report['events'])} without it")
