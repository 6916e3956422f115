"""``code-ops logs follow``: the events of files that grow, or a live table of them."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity, has_colour
from code_ops.cli.logs_common import (
    GrepOption,
    IgnoreCaseOption,
    LevelOption,
    LiteralOption,
    NotOption,
    PatternOption,
    QuietOption,
    Reading,
    SinceOption,
    StatusOption,
    TimeZoneOption,
    UntilOption,
    Wanted,
    WhereOption,
    named,
)
from code_ops.cli.parameters import choice_option, duration_ms, option

if TYPE_CHECKING:
    from rich.text import Text

    from code_ops.log_events import EventForm, LogFollower

EXAMPLES = """\b
Examples:
  code-ops logs follow /var/log/syslog --level warn+
  code-ops logs follow app.log worker.log --format table
  kubectl logs -f my-pod | code-ops logs follow - --where 'status >= 500'
  code-ops logs follow app.log --grep 'ready to serve' --first 1 --for 60s
"""

_FORMATS = ("auto", "pretty", "raw", "ndjson", "table")
_POLL_MS = 250
_REFRESH_SECONDS = 1.0
_STANDARD_INPUT = "-"
_STANDARD_INPUT_FILE = "/dev/stdin"


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="Files that grow, - for standard input."),
    ] = None,
    level: LevelOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    grep: GrepOption = None,
    exclude: NotOption = None,
    where: WhereOption = None,
    literal: LiteralOption = False,
    ignore_case: IgnoreCaseOption = False,
    first: Annotated[
        int | None,
        option("--first", "-n", metavar="N", min=1, help="End after N events that came."),
    ] = None,
    last: Annotated[
        int,
        option("--last", metavar="N", min=0, help="The last N events that are there already."),
    ] = 10,
    duration: Annotated[
        str | None,
        option("--for", metavar="DURATION", help="End after that time, such as 60s or 5m."),
    ] = None,
    format: Annotated[
        str,
        choice_option(
            _FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="pretty, raw (the lines as they stand), ndjson, table (what came so far, live on "
            "a terminal), or auto: pretty on a terminal, else raw.",
        ),
    ] = "auto",
    pattern: PatternOption = None,
    levels_from_status: StatusOption = False,
    time_zone: TimeZoneOption = "UTC",
    quiet: QuietOption = False,
) -> None:
    """Follow files that grow and show the events that are wanted as they come.

    A file that is rotated, cut or deleted is followed on, as by tail -F, and one that is not there
    yet is waited for. An event comes when the next one begins, or 0.3 s after its last line.

    Exit 0 when --first events came, the time of --for is over or all inputs ended, 1 when fewer
    than --first came until then, 130 after Ctrl-C.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    seconds = None if duration is None else duration_ms(duration) / 1000
    # --first counts what comes from now on.
    kept = 0 if first is not None else last
    follow(
        named(files),
        wanted,
        first,
        kept,
        seconds,
        format,
        Reading(None, time_zone, "auto", levels_from_status, pattern or ()),
        console,
    )


@parameters.exits
def follow(
    files: Sequence[str],
    wanted: Wanted,
    first: int | None,
    last: int,
    seconds: float | None,
    form: str,
    reading: Reading,
    console: Console,
) -> ExitCode:
    """Polls until enough came, the time is over or nothing more can come."""
    stream = sys.stdout
    chosen = _form(form, stream)
    follower = reading.analyzer().follow(
        [_STANDARD_INPUT_FILE if name == _STANDARD_INPUT else name for name in files],
        "raw" if chosen is None else chosen,
        matching=wanted.matching(reading.time_zone),
        names=[parameters.readable(name) for name in files] if len(files) > 1 else None,
        last=last,
    )
    end = None if seconds is None else time.monotonic() + seconds
    run = _Run(follower, files, first, end, console)
    if chosen is None:
        _live(run, stream, reading.time_zone)
    else:
        while run.goes_on():
            text = run.poll(counts=False)
            if text:
                stream.flush()
                stream.buffer.write(text)
                stream.buffer.flush()
    return ExitCode.OK if first is None or run.events >= first else ExitCode.NOT_AS_EXPECTED


class _Run:
    """What came so far, and whether more is wanted."""

    def __init__(
        self,
        follower: LogFollower,
        files: Sequence[str],
        first: int | None,
        end: float | None,
        console: Console,
    ) -> None:
        self.follower = follower
        self.events = 0
        self._files = files
        self._first = first
        self._end = end
        self._console = console

    def goes_on(self) -> bool:
        """Whether more is wanted and can come."""
        is_enough = self._first is not None and self.events >= self._first
        is_late = self._end is not None and time.monotonic() >= self._end
        return not (is_enough or is_late or self.follower.is_over)

    def poll(self, *, counts: bool) -> bytes:
        """What came, as it is written; what happened to files is told."""
        wait_ms = _POLL_MS
        if self._end is not None:
            wait_ms = max(0, min(wait_ms, int((self._end - time.monotonic()) * 1000)))
        text, events, notes = self.follower.poll(wait_ms, counts=counts)
        self.events += events
        # A pipe that ended needs no word.
        for index, note in (told for told in notes if told[1] != "ended"):
            self._console.note(f"{parameters.readable(self._files[index])} {note}")
        return text


def _form(form: str, stream: TextIO) -> EventForm | None:
    """The form of events; None for a table."""
    if form == "table":
        return None
    if form == "ndjson":
        return "ndjson"
    if form == "raw" or (form == "auto" and not stream.isatty()):
        return "raw"
    return "coloured" if has_colour(stream) else "pretty"


def _live(run: _Run, stream: TextIO, time_zone: str) -> None:
    """A table that is drawn anew each second on a terminal, else once at the end."""
    from code_ops.cli.logs_table import write_table

    if not stream.isatty():
        try:
            while run.goes_on():
                run.poll(counts=True)
        finally:
            write_table(stream, run.follower.report(), [], time_zone)
        return
    from rich.console import Console as RichConsole
    from rich.live import Live

    with Live(
        console=RichConsole(file=stream, highlight=False),
        auto_refresh=False,
        vertical_overflow="crop",
    ) as live:
        drawn = 0.0
        try:
            while run.goes_on():
                run.poll(counts=True)
                if time.monotonic() - drawn >= _REFRESH_SECONDS:
                    live.update(_screen(run, time_zone), refresh=True)
                    drawn = time.monotonic()
        finally:
            live.update(_screen(run, time_zone), refresh=True)


class _Terminal(io.StringIO):
    """A text that is written as to a terminal."""

    def isatty(self) -> bool:
        return True


def _screen(run: _Run, time_zone: str) -> Text:
    """The table as text with colours."""
    from rich.text import Text

    from code_ops.cli.logs_table import write_table

    drawn = _Terminal()
    write_table(drawn, run.follower.report(), [], time_zone)
    return Text.from_ansi(drawn.getvalue())
