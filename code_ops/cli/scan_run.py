"""Runs a scan: input, results to their writer as they come, and the exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from code_ops import __version__
from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, has_colour
from code_ops.cli.interrupts import Interrupts
from code_ops.cli.output import Output, open_output
from code_ops.cli.progress import ProgressLine
from code_ops.cli.scan_input import ScanInput
from code_ops.cli.scan_request import ScanRequest
from code_ops.numerals import plural
from code_ops.scan import Scan, ScanProgress, ScanResult, parse_ports
from code_ops.scan_baseline import Comparison, read_baseline
from code_ops.scan_checkpoint import Checkpoint
from code_ops.scan_formats import ScanReport, compact_ports, writer
from code_ops.scan_formats.tally import Tally


@parameters.exits
def scan(request: ScanRequest) -> ExitCode:
    """``code-ops scan`` from its options to its exit code."""
    console = Console(request.verbosity)
    request.check()
    if request.ending and not request.plan:
        console.hint(
            f"{request.output} gets {request.form}, `--format {request.ending}` changes that"
        )
    source = ScanInput(request.new_targets())
    source.read_arguments(request.targets)
    excluded = source.exclude(request.exclude, request.exclude_file)
    console.problems(source.problems)
    if request.plan:
        return show_plan(request, source)
    why_not = _why_not(request, source, excluded)
    if why_not:
        # Where there are problems, they are the errors.
        tell = console.note if source.problems else console.error
        tell(f"nothing was scanned: {why_not}")
        return ExitCode.INPUT
    return ScanRun(request, source, console).run()


def _why_not(request: ScanRequest, source: ScanInput, excluded: bool) -> str | None:
    """Why a scan does not begin, if it does not."""
    if not excluded:
        # Whom the unread part would have spared cannot be known.
        return "a part of what to exclude could not be read"
    if source.problems and request.strict:
        return "a part of the input could not be read, and --strict was given"
    if not source.targets.hosts:
        if source.problems:
            return "no target could be read"
        return f"no targets in {', '.join(source.names)}"
    return None


def show_plan(request: ScanRequest, source: ScanInput) -> ExitCode:
    """Tells the cost and sends nothing."""
    from code_ops.cli.scan_plan import make_plan, render_plan

    with open_output(request.output) as output:
        output.stream.write(render_plan(make_plan(request, source.targets), request))
    return ExitCode.INPUT if source.problems else ExitCode.OK


class ScanRun:
    """One scan under way."""

    def __init__(self, request: ScanRequest, source: ScanInput, console: Console) -> None:
        self.request = request
        self.source = source
        self.console = console
        self.tally = Tally()
        self.interrupted = False
        self.progress = ScanProgress(*[0] * len(ScanProgress._fields))
        self.comparison = self._comparison()
        self.checkpoint = self._checkpoint()
        self._done_before = 0
        self._scan_seconds = 0.0

    def run(self) -> ExitCode:
        """Scans, writes, and tells how it ended."""
        report = self._first_report()
        with open_output(self.request.output) as output:
            write, finish = self._writer(output, report)
            began = time.perf_counter()
            try:
                self._scan(write)
            finally:
                if self.checkpoint:
                    self.checkpoint.close()
            self._scan_seconds = time.perf_counter() - began
            report = self._last_report(report)
            finish(report)
            if self.interrupted:
                self._tell_interrupted(output.keep_partial())
        self._end(report, began)
        return ExitCode(report.exit_code)

    def _tell_interrupted(self, partial: str | None) -> None:
        """How far the scan came; the table says so itself."""
        if partial or self.request.form != "table":
            done = self.progress.done + self._done_before
            text = (
                f"interrupted: {done:,} of {self.progress.total + self._done_before:,} probes done"
            )
            self.console.note(f"{text}, they are in {partial}" if partial else text)

    def _scan(self, write: Callable[[Sequence[ScanResult]], None]) -> None:
        if self.checkpoint:
            self._take_up(self.checkpoint, write)
        skip = self.checkpoint.skip if self.checkpoint else []
        scan = self.request.new_scanner().scan(self.source.targets, skip=skip)
        # Streams of records on a terminal would run into the progress line.
        streaming = self.request.form in ("ndjson", "csv") and sys.stdout.isatty()
        wanted = self.console.verbosity > 0 and not (streaming and self.request.output == "-")
        line = ProgressLine("scanning", wanted=wanted)
        try:
            with Interrupts() as interrupts:
                for batch in scan.batches():
                    self._take(batch, write)
                    self._show(line, scan)
                    if interrupts.asked:
                        self.interrupted = True
                        break
                for batch in scan.finish() if self.interrupted else ():
                    self._take(batch, write)
        finally:
            line.stop()
            self.progress = scan.progress()

    def _take_up(
        self, checkpoint: Checkpoint, write: Callable[[Sequence[ScanResult]], None]
    ) -> None:
        """Hands out what an earlier run found."""
        checkpoint.open()
        self._done_before = checkpoint.done
        for batch in checkpoint.earlier():
            self._hand_out(batch, write)
        if self._done_before:
            total = self.source.targets.probes
            self.console.note(f"resuming: {self._done_before:,} of {total:,} probes are done")

    def _take(self, batch: list[ScanResult], write: Callable[[Sequence[ScanResult]], None]) -> None:
        if self.checkpoint:
            self.checkpoint.write(batch)
        if batch:
            self._hand_out(batch, write)

    def _hand_out(
        self, batch: list[ScanResult], write: Callable[[Sequence[ScanResult]], None]
    ) -> None:
        self.tally.add(batch)
        if self.comparison:
            self.comparison.write(batch)
        if self.request.open_only and self.request.form != "table":
            batch = [result for result in batch if is_shown(result)]
        write(batch)

    def _show(self, line: ProgressLine, scan: Scan) -> None:
        now = scan.progress()
        text = f"{now.open:,} open, {now.in_flight:,} in flight"
        line.update(now.done + self._done_before, now.total + self._done_before, text)

    def _writer(
        self, output: Output, report: ScanReport
    ) -> tuple[Callable[[Sequence[ScanResult]], None], Callable[[ScanReport], None]]:
        if self.request.form != "table":
            form = writer(self.request.form, output.stream, report)
            return form.write, form.finish
        from code_ops.cli.scan_rows import TableCollector

        collector = TableCollector()

        def finish(last: ScanReport) -> None:
            from rich.console import Console as Screen

            from code_ops.cli.scan_table import render

            colours = has_colour(output.stream)
            screen = Screen(
                file=output.stream, highlight=False, color_system="auto" if colours else None
            )
            open_only = self.request.open_only
            render(screen, collector, last, failing_first=True, only_open=open_only)

        return collector.write, finish

    def _comparison(self) -> Comparison | None:
        path = self.request.baseline
        if path is None:
            return None
        try:
            if path == "-":
                return Comparison(read_baseline(sys.stdin.buffer, "stdin"))
            return Comparison(read_baseline(Path(path), parameters.readable(path)))
        except OSError as error:
            name = "stdin" if path == "-" else path
            reason = parameters.describe(error).removeprefix(f"{path}: ")
            raise parameters.InputError(f"{name}: {reason}") from error

    def _checkpoint(self) -> Checkpoint | None:
        if self.request.resume is None:
            return None
        digest = self.source.digest.copy()
        options = (
            self.request.port_list,
            self.request.exclude_ports,
            self.request.expect,
            # Closed ports that an open-only scan did not keep cannot be shown by a later run.
            self.request.open_only and self.request.form != "table",
        )
        digest.update(repr(options).encode())
        keep = is_shown if options[-1] else None
        return Checkpoint(self.request.resume, digest.hexdigest(), keep)

    def _first_report(self) -> ScanReport:
        ports = parse_ports(self.request.port_list, engine=self.request.engine)
        now = time.time()
        return ScanReport(
            arguments=["code-ops", *map(parameters.readable, sys.argv[1:])],
            version=__version__,
            started=now,
            finished=now,
            engine=self.source.targets.engine,
            port_count=len(ports),
            ports=compact_ports(ports),
            problems=self.source.problems,
            fail_on=self.request.failing_kinds,
        )

    def _last_report(self, report: ScanReport) -> ScanReport:
        differences = self.comparison.differences() if self.comparison else None
        report = replace(
            report,
            finished=report.started + self._scan_seconds,
            progress=self.progress,
            interrupted=self.interrupted,
            tally=self.tally,
            differences=differences,
            not_scanned=self.comparison.not_scanned if self.comparison else 0,
        )
        return replace(report, exit_code=int(self._exit_code(report)))

    def _exit_code(self, report: ScanReport) -> ExitCode:
        """The gravest of what happened; a failed check is told before unread input."""
        kinds = {difference.kind for difference in report.differences or ()}
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.tally.states["local_error"]:
            return ExitCode.FAILURE
        if self.tally.failed or kinds & report.fail_on:
            return ExitCode.NOT_AS_EXPECTED
        if self.source.problems or self.tally.unresolved_unasked:
            return ExitCode.INPUT
        return ExitCode.OK

    def _end(self, report: ScanReport, began: float) -> None:
        if self.checkpoint and not self.interrupted:
            self.checkpoint.remove()
        elif self.checkpoint:
            self.console.note(f"the same command goes on from {self.checkpoint.path}")
        if not self.tally.total and not self.interrupted:
            self.console.warning("nothing was scanned: every port or target is excluded")
        elif self.request.form != "table":
            self._sum_up(report)
        if self.request.timings:
            from code_ops.cli.timings import timings_line

            self.console.talk(timings_line(began, self._scan_seconds))

    def _sum_up(self, report: ScanReport) -> None:
        """One line for people beside data for programs; for failed checks always."""
        counts = [f"{count:,} {state}" for state, count in self.tally.states.items() if count]
        probes = plural(self.tally.total, "probe")
        text = f"{probes} in {report.seconds:.2f} s: {', '.join(counts)}"
        if self.tally.failed:
            text += f"; {self.tally.failed:,} not as expected"
        if report.differences:
            text += f"; {plural(len(report.differences), 'difference')} from the baseline"
        if self.tally.failed or report.differences or sys.stderr.isatty():
            self.console.note(text)
        else:
            self.console.detail(text)


def is_shown(result: ScanResult) -> bool:
    """Whether ``--open`` shows a result: open ports, and what is not as expected."""
    return result.state == "open" or result.as_expected is False
