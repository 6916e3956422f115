"""``code-ops logs analyze``: what files of logs say, on one screen or in another form."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from code_ops import log_reports
from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, engine_option, option

if TYPE_CHECKING:
    from code_ops.log_thresholds import Condition, Verdict
    from code_ops.logs import LogAnalyzer, LogSummary

EXAMPLES = """\b
Examples:
  code-ops logs analyze /var/log/syslog
  code-ops logs analyze access.log access.log.1 --format json
  journalctl -o json --since today | code-ops logs analyze -
  code-ops logs analyze app.log --fail-if 'errors > 0' --fail-if 'p99(duration_ms) > 500'
  code-ops logs analyze app.log --time-zone +01:00
  code-ops logs analyze app.log --output report.html
"""

STANDARD_INPUT = "-"
# Opened as a file, it is read in constant memory as one.
_STANDARD_INPUT_FILE = "/dev/stdin"
_FORMATS = ("auto", "table", *log_reports.FORMATS)


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="Files of logs, - for standard input."),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        option(
            "--fail-if",
            metavar="CONDITION",
            help="Such as 'errors > 0', 'error_rate > 1%', 'p99(duration_ms) > 500': then exit 1. "
            "May be given several times.",
        ),
    ] = None,
    time_zone: Annotated[
        str,
        option(
            "--time-zone", metavar="ZONE", help="Of times that name none: UTC, or as in +01:00."
        ),
    ] = "UTC",
    format: Annotated[
        str,
        choice_option(
            _FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, ndjson, csv, markdown, html, or auto: as the name of --output ends "
            "(.html, .md, .csv, .ndjson, .json), else a table on a terminal and JSON elsewhere.",
        ),
    ] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    threads: Annotated[
        int | None,
        option(
            "--threads", metavar="N", min=1, max=256, help="By default as many as there are cores."
        ),
    ] = None,
    quiet: Annotated[bool, option("--quiet", "-q", help="Nothing but results and errors.")] = False,
    engine: Annotated[str | None, engine_option("auto, rust or python.")] = None,
) -> None:
    """Tell what logs say: how many events of which level, when, from where, and what about.

    The format is found by itself: syslog, access logs, JSON lines, logfmt, what containers and
    Kubernetes write, and any text whose lines have a time; it may change within a file. Several
    files make one report. Levels come from a field, a priority or the head of a line, never
    from a word in a message.

    Exit 0 when all is well, 1 when a condition of --fail-if is met or cannot be judged, 3 when a
    file could not be read; the rest is told.
    """
    analyze(files or [], fail_if or [], time_zone, format, output, threads, quiet, engine)


@dataclass(frozen=True, slots=True)
class File:
    """What became of an input; ``error`` is None when it was read."""

    name: str
    report: dict[str, Any] | None
    error: str | None


@parameters.exits
def analyze(
    files: Sequence[str],
    fail_if: Sequence[str],
    time_zone: str,
    form: str,
    output: str,
    threads: int | None,
    quiet: bool,
    engine: str | None,
) -> ExitCode:
    """Reads all, writes one report, and judges it."""
    from code_ops.log_thresholds import parse_condition
    from code_ops.logs import LogAnalyzer

    if not files:
        raise typer.BadParameter("name a file, or - for standard input")
    conditions = [parse_condition(text) for text in fail_if]
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    try:
        analyzer = LogAnalyzer(threads=threads, time_zone=time_zone, engine=engine)
    except ValueError as error:
        raise typer.BadParameter(f"--time-zone: {error}") from error
    summary, read, is_interrupted = _read(analyzer, files)
    report = read[0].report if len(read) == 1 and read[0].report else summary.report()
    verdicts = [condition.verdict(report) for condition in conditions]
    with open_output(output) as target:
        if form == "auto":
            on_terminal = "table" if target.stream.isatty() else "json"
            form = log_reports.format_of(output) or on_terminal
        if form == "table":
            from code_ops.cli.logs_table import write_table

            shown = [(file.name, file.report) for file in read]
            write_table(target.stream, report, shown, time_zone)
        else:
            document = log_reports.document(
                report,
                files=_files(read),
                conditions=_conditions(verdicts),
                time_zone=time_zone,
                is_interrupted=is_interrupted,
            )
            target.stream.write(log_reports.render(document, form))
    code = _judged(console, read, conditions, verdicts)
    if is_interrupted:
        console.error("interrupted: the report is of what was read until then")
        return ExitCode.INTERRUPTED
    return code


def _read(analyzer: LogAnalyzer, names: Sequence[str]) -> tuple[LogSummary, list[File], bool]:
    """The summary of all inputs, what became of each, and whether Ctrl-C ended it."""
    whole = analyzer.summarize("")
    files: list[File] = []
    for name in names:
        try:
            part = analyzer.summarize_file(_path(name))
        except KeyboardInterrupt:
            rest = analyzer.interrupted()
            if rest is None:
                raise
            whole.merge(rest)
            files.append(File(name, rest.report(), None))
            return whole, files, True
        except OSError as error:
            shown = "standard input" if name == STANDARD_INPUT else parameters.readable(name)
            files.append(File(shown, None, (error.strerror or str(error)).lower()))
            continue
        files.append(File(name, part.report(), part.problem and part.problem.lower()))
        whole.merge(part)
    return whole, files, False


def _path(name: str) -> str:
    """The path of an input; raises OSError for a standard input that is closed."""
    if name != STANDARD_INPUT:
        return name
    os.read(0, 0)
    return _STANDARD_INPUT_FILE


def _files(files: Sequence[File]) -> list[dict[str, Any]]:
    """Each input as JSON has it."""
    keys = ("total", "errors", "warnings", "lines", "bytes", "formats", "first", "last")
    return [
        {"name": file.name, "error": file.error}
        | ({key: file.report[key] for key in keys} if file.report else {})
        for file in files
    ]


def _conditions(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    return [
        {"condition": verdict.condition, "value": verdict.value, "is_met": verdict.is_met}
        for verdict in verdicts
    ]


def _judged(
    console: Console,
    files: Sequence[File],
    conditions: Sequence[Condition],
    verdicts: Sequence[Verdict],
) -> ExitCode:
    """Tells what is not as wanted; returns the exit code."""
    failures = [file for file in files if file.error is not None]
    console.problems(f"{file.name}: {file.error}" for file in failures)
    is_fine = True
    for condition, verdict in zip(conditions, verdicts, strict=True):
        if verdict.value is None:
            field = f"({condition.field})" if condition.field else ""
            measure = f"{condition.measure}{field}"
            console.error(f"`{verdict.condition}` cannot be judged: no event has {measure}")
            is_fine = False
        elif verdict.is_met:
            console.error(f"`{verdict.condition}` is met: {verdict.value:,.6g}")
            is_fine = False
    if failures:
        return ExitCode.INPUT
    return ExitCode.OK if is_fine else ExitCode.NOT_AS_EXPECTED
