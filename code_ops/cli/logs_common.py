"""What the commands of ``code-ops logs`` share: inputs, filters and what became of the inputs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console
from code_ops.cli.parameters import option

if TYPE_CHECKING:
    from code_ops.log_events import LogFilter
    from code_ops.logs import LogAnalyzer

STANDARD_INPUT = "-"
# Opened as a file, it is read in constant memory as one.
_STANDARD_INPUT_FILE = "/dev/stdin"

FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE...", help="Files of logs, - for standard input."),
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
    option("--time-zone", metavar="ZONE", help="Of times that name none: UTC, or as in +01:00."),
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
        from code_ops.logs import offset_seconds

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
                offset_seconds=offset_seconds(time_zone),
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def analyzer_of(threads: int | None, time_zone: str, engine: str | None = None) -> LogAnalyzer:
    """The analyzer; raises BadParameter for a time zone that cannot be read."""
    from code_ops.logs import LogAnalyzer

    try:
        return LogAnalyzer(threads=threads, time_zone=time_zone, engine=engine)
    except ValueError as error:
        raise typer.BadParameter(f"--time-zone: {error}") from error


def path_of(name: str) -> str:
    """The path of an input; raises OSError for a standard input that is closed."""
    if name != STANDARD_INPUT:
        return name
    os.read(0, 0)
    return _STANDARD_INPUT_FILE


def shown_name(name: str) -> str:
    """An input's name in words."""
    return "standard input" if name == STANDARD_INPUT else parameters.readable(name)


def named(files: Sequence[str] | None) -> Sequence[str]:
    """The inputs; raises BadParameter where there are none."""
    if not files:
        raise typer.BadParameter("name a file, or - for standard input")
    return files


def tell_problems(console: Console, problems: Iterable[tuple[str, str]]) -> bool:
    """Tells of inputs that could not be read to their end; whether there were some."""
    lines = list(_lines(problems))
    console.problems(lines)
    return bool(lines)


def _lines(problems: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{shown_name(name)}: {text.lower()}" for name, text in problems)
