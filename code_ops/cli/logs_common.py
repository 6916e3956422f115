"""What the commands of ``code-ops logs`` share: inputs, filters and what became of the inputs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option
from code_ops.cli.usage import DrawnMistake

if TYPE_CHECKING:
    from code_ops.log_events import LogFilter
    from code_ops.log_inputs import LogInput
    from code_ops.logs import LogAnalyzer

FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE...",
        help="Files of logs, folders, patterns as in 'logs/*.log', - for standard input.",
    ),
]
RotatedOption = Annotated[
    bool,
    option("--rotated", help="Also the rotated files beside each: app.log.1, app.log.2.gz ..."),
]
EncodingOption = Annotated[
    str,
    option(
        "--encoding",
        metavar="NAME",
        help="auto, utf-8, utf-16le, utf-16be, latin-1, windows-1252 or another. auto: UTF-8, "
        "and UTF-16 where it is seen.",
    ),
]
LevelOption = Annotated[
    str | None,
    option(
        "--level",
        "-l",
        metavar="LEVELS",
        help="Only events of these levels: error, or error,warn, or warn+ for that and worse.",
    ),
]
SinceOption = Annotated[
    str | None,
    option(
        "--since",
        metavar="TIME",
        help="Only events from then on: 2026-11-20T10:00, 10:30, today, yesterday, -2h.",
    ),
]
UntilOption = Annotated[
    str | None, option("--until", metavar="TIME", help="Only events before that.")
]
GrepOption = Annotated[
    list[str] | None,
    option(
        "--grep",
        "-g",
        metavar="PATTERN",
        help="Only events in whose lines this regular expression is found. May be given several "
        "times: then all of them.",
    ),
]
NotOption = Annotated[
    list[str] | None,
    option("--not", "-v", metavar="PATTERN", help="No events in whose lines this is found."),
]
WhereOption = Annotated[
    list[str] | None,
    option(
        "--where",
        "-w",
        metavar="EXPRESSION",
        help="Only events of which this is true: 'status >= 500 and path ~ \"^/api\"'. "
        "May be given several times: then all of them.",
    ),
]
LiteralOption = Annotated[
    bool, option("--literal", "-F", help="Patterns stand for themselves, as with grep -F.")
]
IgnoreCaseOption = Annotated[
    bool, option("--ignore-case", "-i", help="Patterns do not tell capital from small letters.")
]
TimeZoneOption = Annotated[
    str,
    option(
        "--time-zone",
        metavar="ZONE",
        help="Of times that name none: UTC, +01:00, Europe/Berlin, or local.",
    ),
]
StatusOption = Annotated[
    bool,
    option(
        "--levels-from-status",
        help="A status of 500 and more is an error, one of 400 and more a warning.",
    ),
]
PatternOption = Annotated[
    list[str] | None,
    option(
        "--pattern",
        metavar="PATTERN",
        help="A format of your own: a regular expression with named groups such as (?P<time>\\S+), "
        "or grok such as %{TIMESTAMP_ISO8601:time} %{WORD:level}. May be given several times.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    option("--threads", metavar="N", min=1, max=256, help="By default as many as there are cores."),
]
OutputOption = Annotated[
    str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
]
QuietOption = Annotated[bool, option("--quiet", "-q", help="Nothing but results and errors.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are wanted, as the options say it."""

    level: str | None
    since: str | None
    until: str | None
    grep: Sequence[str]
    exclude: Sequence[str]
    where: Sequence[str]
    literal: bool
    ignore_case: bool

    def is_all(self) -> bool:
        """Whether no option says anything."""
        return not (
            self.level or self.since or self.until or self.grep or self.exclude or self.where
        )

    def matching(self, time_zone: str) -> LogFilter:
        """The filter; raises BadParameter for options that cannot be read."""
        from code_ops.log_events import LogFilter

        try:
            return LogFilter(
                level=self.level,
                since=self.since,
                until=self.until,
                grep=self.grep,
                exclude=self.exclude,
                where=self.where,
                literal=self.literal,
                ignore_case=self.ignore_case,
                time_zone=time_zone,
            )
        except ValueError as error:
            message, *drawing = str(error).split("\n")
            if drawing:
                raise DrawnMistake(f"--where: {message}", drawing) from error
            raise typer.BadParameter(message) from error


@dataclass(frozen=True, slots=True)
class Reading:
    """How logs are read, as the options say it."""

    threads: int | None
    time_zone: str
    encoding: str
    levels_from_status: bool = False
    patterns: Sequence[str] = ()
    engine: str | None = None

    def analyzer(self) -> LogAnalyzer:
        """The analyzer; raises BadParameter for options that cannot be read."""
        from code_ops.logs import LogAnalyzer

        try:
            return LogAnalyzer(
                threads=self.threads,
                time_zone=self.time_zone,
                encoding=self.encoding,
                levels_from_status=self.levels_from_status,
                patterns=self.patterns,
                engine=self.engine,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def named(files: Sequence[str] | None) -> Sequence[str]:
    """The inputs; raises BadParameter where there are none."""
    if not files:
        raise typer.BadParameter("name a file, or - for standard input")
    return files


def inputs_of(names: Sequence[str], rotated: bool, console: Console) -> Sequence[LogInput]:
    """What names come to; what is to be said of it is said."""
    from code_ops.log_inputs import find_logs

    found = find_logs(names, with_rotated=rotated)
    console.notes(found.notes)
    return found.inputs


def readable(inputs: Sequence[LogInput]) -> tuple[list[LogInput], list[str]]:
    """The inputs that can be read as far as is known, and what is wrong with the others."""
    problems = [f"{one.name}: {one.problem}" for one in inputs if one.problem is not None]
    return [one for one in inputs if one.problem is None], problems


def note_if_none(console: Console, events: int, filtered: int) -> None:
    """Says so on a terminal, where an empty answer looks like none, when no event is wanted."""
    if not events and filtered and sys.stderr.isatty():
        console.note(f"none of {filtered:,} events is wanted")


def form_of_name(output: str, forms: Sequence[str]) -> str | None:
    """The form that the name of an output ends with, if it is one of these."""
    form = {"jsonl": "ndjson"}.get(suffix := output.rpartition(".")[2].lower(), suffix)
    return form if form in forms and output != "-" else None


def ended(console: Console, problems: Sequence[str]) -> ExitCode:
    """Tells of inputs that could not be read to their end; the exit code."""
    console.problems(problems)
    return ExitCode.INPUT if problems else ExitCode.OK
