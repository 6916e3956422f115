"""``code-ops logs diff``: what is new, gone, more or less from one log to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity, printable
from code_ops.cli.logs_common import (
    EncodingOption,
    GrepOption,
    IgnoreCaseOption,
    LevelOption,
    LiteralOption,
    NotOption,
    OutputOption,
    PatternOption,
    QuietOption,
    Reading,
    SinceOption,
    StatusOption,
    ThreadsOption,
    TimeZoneOption,
    UntilOption,
    Wanted,
    WhereOption,
    ended,
    inputs_of,
    readable,
)
from code_ops.cli.logs_questions import FormatOption, Row, write_report
from code_ops.cli.parameters import option
from code_ops.numerals import number, percent

if TYPE_CHECKING:
    from code_ops.log_events import LogFilter
    from code_ops.log_inputs import LogInput
    from code_ops.logs import LogAnalyzer, LogSummary

EXAMPLES = """\b
Examples:
  code-ops logs diff yesterday.log today.log
  code-ops logs diff app.log --split 2026-11-20T02:12
  code-ops logs diff 'release-41/*.log' 'release-42/*.log' --fail-on new-error
"""

_CHANGES = ("new", "gone", "more", "less")
_CONDITIONS = ("new", "new-error", "more", "more-error")
_ERRORS = ("error", "critical", "alert", "emergency")
_ROWS = 20


def command(
    before: Annotated[
        str | None,
        typer.Argument(metavar="BEFORE", help="A file, folder or pattern, - for standard input."),
    ] = None,
    after: Annotated[
        str | None, typer.Argument(metavar="AFTER", help="The same, of the later time.")
    ] = None,
    split: Annotated[
        str | None,
        option(
            "--split",
            metavar="TIME",
            help="Compare what is before a time with what comes from then on, of one input.",
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        option(
            "--fail-on",
            metavar="CHANGE",
            help="new-error, new, more-error or more: exit 1 when there is such a change. May be "
            "given several times.",
        ),
    ] = None,
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
    """Tell what has changed from one log to another: messages and exceptions that are new, gone,
    more frequent or less.

    Messages are compared without their variable words. More and less are those whose share of all
    events has at least doubled or halved, where that is no chance.

    Exit 0, 1 when there is a change that --fail-on names, 3 when a file could not be read.
    """
    if before is None or (after is None) == (split is None):
        raise typer.BadParameter("name two inputs, or one and --split TIME")
    for name in fail_on or ():
        if name not in _CONDITIONS:
            known = ", ".join(_CONDITIONS)
            raise typer.BadParameter(f"--fail-on: expected one of {known}, found '{name}'")
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    reading = Reading(threads, time_zone, encoding, levels_from_status, pattern or ())
    diff(before, after, split, fail_on or (), wanted, reading, format, output, console)


@parameters.exits
def diff(
    before: str,
    after: str | None,
    split: str | None,
    fail_on: Sequence[str],
    wanted: Wanted,
    reading: Reading,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Summarizes both sides, compares them and judges the changes."""
    analyzer = reading.analyzer()
    problems: list[str] = []
    sides = []
    for name, only in _sides(before, after, split, wanted):
        inputs, unreadable = readable(inputs_of([name], False, console))
        problems += [text for text in unreadable if text not in problems]
        matching = only.matching(reading.time_zone)
        sides.append(_summary(analyzer, inputs, matching, problems))
    report = sides[0].compare(sides[1])
    write_report(output, form, report, _rows, _table)
    code = ended(console, problems)
    found = [name for name in fail_on if _has(report, name)]
    for name in found:
        console.error(f"`--fail-on {name}`: there is such a change")
    return ExitCode.NOT_AS_EXPECTED if found and code == ExitCode.OK else code


def _sides(
    before: str, after: str | None, split: str | None, wanted: Wanted
) -> Iterator[tuple[str, Wanted]]:
    """The input of each side and which of its events are wanted."""
    if after is not None:
        yield before, wanted
        yield after, wanted
        return
    if wanted.since or wanted.until:
        raise typer.BadParameter("--split excludes --since and --until")
    import dataclasses

    yield before, dataclasses.replace(wanted, until=split)
    yield before, dataclasses.replace(wanted, since=split)


def _summary(
    analyzer: LogAnalyzer, inputs: Sequence[LogInput], matching: LogFilter, problems: list[str]
) -> LogSummary:
    whole = analyzer.summarize("")
    for one in inputs:
        try:
            part = analyzer.summarize_file(one.path, matching=matching)
        except OSError as error:
            problems.append(f"{one.name}: {(error.strerror or str(error)).lower()}")
            continue
        if part.problem:
            problems.append(f"{one.name}: {part.problem.lower()}")
        whole.merge(part)
    return whole


def _has(report: dict[str, Any], condition: str) -> bool:
    change, _, only = condition.partition("-")
    rows = report[change]
    return any(row["level"] in _ERRORS for row in rows) if only else bool(rows)


def _rows(report: dict[str, Any]) -> Iterator[Row]:
    for change in _CHANGES:
        for row in report[change]:
            yield {"change": change, "frame": None} | row


def _table(stream: TextIO, report: dict[str, Any]) -> None:
    from rich.text import Text

    from code_ops.cli.logs_cells import print_table
    from code_ops.cli.logs_table import STYLES
    from code_ops.cli.tables import table_console

    with table_console(stream) as console:
        for side in ("before", "after"):
            console.print(f"{side:<8}{_in_short(report[side])}", highlight=False)
        if not report["is_exact"]:
            console.print("note    too many different messages: rare ones were not compared")
        for change in _CHANGES:
            rows = report[change]
            if not rows:
                continue
            console.print()
            cells = [
                (
                    Text(number(row["before"])),
                    Text(number(row["after"])),
                    Text(row["level"], style=STYLES[row["level"]]),
                    Text(_text(row)),
                )
                for row in rows[:_ROWS]
            ]
            print_table(console, ("BEFORE", "AFTER", "LEVEL", change.upper()), cells)
            if len(rows) > _ROWS:
                console.print(f"and {number(len(rows) - _ROWS)} more, see --format json")
        if not any(report[change] for change in _CHANGES):
            console.print("no change")


def _in_short(side: dict[str, Any]) -> str:
    total = side["total"]
    text = f"{number(total)} events, {number(side['errors'])} errors"
    if side["errors"]:
        text += f" ({percent(side['errors'] / total)})"
    text += f", {number(side['warnings'])} warnings"
    if side["first"]:
        first, last = (side[key][:19].replace("T", " ") for key in ("first", "last"))
        text += f", {first} to {last} UTC"
    return text


def _text(row: Row) -> str:
    if row["kind"] == "exception":
        return printable(f"{row['template']}  {row['frame']}")
    return printable(row["template"])
