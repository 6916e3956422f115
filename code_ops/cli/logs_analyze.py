"""``code-ops logs analyze``: what files of logs say, on one screen or in another form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from code_ops import log_reports
from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity
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
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, engine_option, option

if TYPE_CHECKING:
    from code_ops.log_events import LogFilter
    from code_ops.log_inputs import LogInput
    from code_ops.log_thresholds import Condition, Verdict
    from code_ops.logs import LogAnalyzer, LogSummary

EXAMPLES = """\b
Examples:
  code-ops logs analyze /var/log/syslog
  code-ops logs analyze access.log --rotated --format json
  code-ops logs analyze /srv/app/logs 'archive/**/*.log.gz'
  journalctl -o json --since today | code-ops logs analyze -
  code-ops logs analyze app.log --fail-if 'errors > 0' --fail-if 'p99(duration_ms) > 500'
  code-ops logs analyze app.log --time-zone +01:00
  code-ops logs analyze app.log --output report.html
"""

_FORMATS = ("auto", "table", *log_reports.FORMATS)


def command(
    files: FilesArgument = None,
    rotated: RotatedOption = False,
    fail_if: Annotated[
        list[str] | None,
        option(
            "--fail-if",
            metavar="CONDITION",
            help="Such as 'errors > 0', 'error_rate > 1%', 'p99(duration_ms) > 500': then exit 1. "
            "May be given several times.",
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
    output: OutputOption = "-",
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
    engine: Annotated[str | None, engine_option("auto, rust or python.")] = None,
) -> None:
    """Tell what logs say: how many events, of which level, and when.

    Also from where they came and what they are about.
    The format is found by itself: syslog, access logs, JSON lines, logfmt, what containers and
    Kubernetes write, and any text whose lines have a time; it may change within a file. Several
    files make one report. Levels come from a field, a priority or the head of a line, never
    from a word in a message.

    Exit 0 when all is well, 1 when a condition of --fail-if is met or cannot be judged, 3 when a
    file could not be read; the rest is told.
    """
    wanted = Wanted(
        level, since, until, grep or (), exclude or (), where or (), literal, ignore_case
    )
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    analyze(
        named(files),
        rotated,
        fail_if or [],
        wanted,
        Reading(threads, time_zone, encoding, levels_from_status, pattern or (), engine),
        format,
        output,
        console,
    )


@dataclass(frozen=True, slots=True)
class File:
    """What became of an input; ``error`` is None when it was read."""

    name: str
    report: dict[str, Any] | None
    error: str | None


@parameters.exits
def analyze(
    files: Sequence[str],
    rotated: bool,
    fail_if: Sequence[str],
    wanted: Wanted,
    reading: Reading,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Reads all, writes one report, and judges it."""
    from code_ops.log_thresholds import parse_condition

    conditions = [parse_condition(text) for text in fail_if]
    analyzer = reading.analyzer()
    matching = None if wanted.is_all() else wanted.matching(reading.time_zone)
    inputs = inputs_of(files, rotated, console)
    summary, read, is_interrupted = _read(analyzer, inputs, matching)
    report = read[0].report if len(read) == 1 and read[0].report else summary.report()
    verdicts = [condition.verdict(report) for condition in conditions]
    with open_output(output) as target:
        if form == "auto":
            on_terminal = "table" if target.stream.isatty() else "json"
            form = log_reports.format_of(output) or on_terminal
        if form == "table":
            from code_ops.cli.logs_table import write_table

            shown = [(file.name, file.report) for file in read]
            write_table(target.stream, report, shown, reading.time_zone)
        else:
            document = log_reports.document(
                report,
                files=_files(read),
                conditions=_conditions(verdicts),
                time_zone=reading.time_zone,
                is_interrupted=is_interrupted,
            )
            target.stream.write(log_reports.render(document, form))
    code = _judged(console, read, conditions, verdicts)
    if is_interrupted:
        console.error("interrupted: the report is of what was read until then")
        return ExitCode.INTERRUPTED
    return code


def _read(
    analyzer: LogAnalyzer, inputs: Sequence[LogInput], matching: LogFilter | None
) -> tuple[LogSummary, list[File], bool]:
    """The summary of all inputs, what became of each, and whether Ctrl-C ended it."""
    whole = analyzer.summarize("")
    files: list[File] = []
    for found in inputs:
        name = found.name
        if found.problem is not None:
            files.append(File(name, None, found.problem))
            continue
        try:
            part = analyzer.summarize_file(found.path, matching=matching)
        except KeyboardInterrupt:
            rest = analyzer.interrupted()
            if rest is None:
                raise
            whole.merge(rest)
            files.append(File(name, rest.report(), None))
            return whole, files, True
        except OSError as error:
            files.append(File(name, None, (error.strerror or str(error)).lower()))
            continue
        files.append(File(name, part.report(), part.problem and part.problem.lower()))
        whole.merge(part)
    return whole, files, False


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
