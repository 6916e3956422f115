"""``code-ops logs show``: the events that are wanted, as they stand or in another form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity, has_colour
from code_ops.cli.interrupts import Interrupts
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
    ended,
    form_of_name,
    inputs_of,
    named,
    note_if_none,
    readable,
)
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from code_ops.log_events import EventForm, RenderedEvents

EXAMPLES = """\b
Examples:
  code-ops logs show app.log --level warn+
  code-ops logs show app.log --since -2h --grep 'order \\d+' --not health
  code-ops logs show access.log --where 'status >= 500 and path ~ "^/api"'
  code-ops logs show web1.log web2.log db.log --merge
  code-ops logs show app.json --format csv --columns time,level,status,path
  code-ops logs show /var/log/syslog --last 20
  code-ops logs show app.log --level error+ --count
"""

# As many as an index of the machine can be.
_MOST = 2**31 - 1
_FORMATS = ("auto", "pretty", "raw", "ndjson", "csv")


def command(
    files: FilesArgument = None,
    rotated: RotatedOption = False,
    level: LevelOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    grep: GrepOption = None,
    exclude: NotOption = None,
    where: WhereOption = None,
    literal: LiteralOption = False,
    ignore_case: IgnoreCaseOption = False,
    merge: Annotated[
        bool, option("--merge", "-m", help="Events of all files by their times.")
    ] = False,
    first: Annotated[
        int | None,
        option("--first", "-n", metavar="N", min=1, max=_MOST, help="The first N events."),
    ] = None,
    last: Annotated[
        int | None, option("--last", metavar="N", min=1, max=_MOST, help="The last N.")
    ] = None,
    format: Annotated[
        str,
        choice_option(
            _FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="pretty, raw (the lines as they stand), ndjson, csv, or auto: as the name of "
            "--output ends, else pretty on a terminal and raw elsewhere.",
        ),
    ] = "auto",
    count: Annotated[
        bool, option("--count", help="Only how many events are wanted, as grep -c does.")
    ] = False,
    columns: Annotated[
        str | None,
        option("--columns", "-c", metavar="FIELD,...", help="The fields of ndjson and csv."),
    ] = None,
    pattern: PatternOption = None,
    levels_from_status: StatusOption = False,
    time_zone: TimeZoneOption = "UTC",
    encoding: EncodingOption = "auto",
    output: OutputOption = "-",
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show the events that are wanted, each with all its lines.

    An event is a line and those that belong to it, such as a stack trace. Fields are time, level,
    source, host, message, trace, template, format, line, raw, and all that the log names itself:
    status or http.status of JSON, key=value pairs, status, path, client of access logs.

    Exit 0, also when no event is wanted, 3 when a file could not be read.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    if first is not None and last is not None:
        raise typer.BadParameter("--first and --last exclude each other")
    names = [column.strip() for column in columns.split(",")] if columns else []
    if "" in names:
        raise typer.BadParameter("--columns: a name is empty")
    if count and (format != "auto" or names):
        raise typer.BadParameter("--count has no --format and no --columns")
    show(
        named(files),
        rotated,
        wanted,
        merge,
        first,
        last,
        "count" if count else format,
        names,
        Reading(threads, time_zone, encoding, levels_from_status, pattern or ()),
        output,
        Console(Verbosity.QUIET if quiet else Verbosity.NORMAL),
    )


@parameters.exits
def show(
    files: Sequence[str],
    rotated: bool,
    wanted: Wanted,
    merge: bool,
    first: int | None,
    last: int | None,
    form: str,
    columns: Sequence[str],
    reading: Reading,
    output: str,
    console: Console,
) -> ExitCode:
    """Writes the events chunk by chunk."""
    analyzer = reading.analyzer()
    matching = wanted.matching(reading.time_zone)
    inputs, problems = readable(inputs_of(files, rotated, console))
    partial: str | None = None
    with open_output(output) as target:
        chosen = _form(form, output, target.stream)
        if columns and chosen not in ("ndjson", "csv"):
            raise typer.BadParameter("--columns needs --format ndjson or csv")
        rendered = analyzer.render_events(
            [Path(one.path) for one in inputs],
            chosen,
            matching=matching,
            columns=columns,
            names=[one.name for one in inputs] if len(inputs) > 1 else None,
            by_time=merge,
            first=first,
            last=last,
        )
        is_interrupted = _write(rendered, target.stream, form == "count")
        if is_interrupted:
            partial = target.keep_partial()
    if is_interrupted:
        if sys.stderr.isatty():
            # The terminal has shown the key itself.
            console.talk("")
        place = f": the events until then are in {partial}" if partial else ""
        console.error(f"interrupted{place}")
        return ExitCode.INTERRUPTED
    problems += [f"{inputs[index].name}: {text.lower()}" for index, text in rendered.problems]
    code = ended(console, problems)
    if rendered.dropped and form != "count":
        console.warning(f"{rendered.dropped:,} bytes of lines longer than 1 MiB are left out")
    if form != "count":
        note_if_none(console, rendered.events, rendered.filtered)
    return code


def _write(rendered: RenderedEvents, stream: TextIO, is_count: bool) -> bool:
    """Writes chunk by chunk, or only their number; whether a signal ended the reading."""
    with Interrupts(rendered.stop) as interrupts:
        for chunk in rendered:
            if not is_count:
                stream.flush()
                stream.buffer.write(chunk)
    if is_count:
        stream.write(f"{rendered.events}\n")
    return interrupts.asked


def _form(form: str, output: str, stream: TextIO) -> EventForm:
    """The form that the options and the place of the data come to."""
    if form == "auto":
        form = form_of_name(output, ("ndjson", "csv")) or ("pretty" if stream.isatty() else "raw")
    if form == "ndjson":
        return "ndjson"
    if form == "csv":
        return "csv"
    if form == "pretty":
        return "coloured" if has_colour(stream) else "pretty"
    return "raw"
