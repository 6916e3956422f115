"""One comparison: who takes part, their runs in turns, and what each run left behind.

Between the measuring process and a noun's rows; knows nothing of any noun.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import machine, measure
from benchmarks.report import Measurement

CODE_OPS = "code-ops"
# The native engine is asked for by name: a fallback taken silently would be measured as native.
NATIVE = {"CODE_OPS_ENGINE": "rust"}


@dataclass(frozen=True)
class Entrant:
    """A tool with its command. `name` is unique in the contest and fit for a file name.

    `shown` is the command as a reader would type it, without folders of this machine.
    """

    name: str
    tool: str
    argv: list[str]
    shown: str
    runs: int
    environment: dict[str, str] = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True)
class Outcome:
    """An entrant's runs. `problem` says why there are none, or which of them failed."""

    entrant: Entrant
    records: list[measure.RunRecord]
    floor_kib: int
    problem: str = ""

    @property
    def outputs(self) -> list[str]:
        """The text each run left; empty when a run failed."""
        return [] if self.problem else [_read(record["output"]) for record in self.records]

    @property
    def errors(self) -> list[str]:
        """What each run wrote to standard error; empty when a run failed."""
        return [] if self.problem else [_read(record["errors"]) for record in self.records]


def rival(name: str, tool: str, command: str, runs: int) -> Entrant:
    """An entrant whose program must be on PATH."""
    argv = command.split()
    missing = "" if shutil.which(argv[0]) else "not installed"
    return Entrant(name, tool, argv, _shown(command), runs, why_not=missing)


def ours(name: str, tool: str, code_ops: Sequence[str], arguments: str, runs: int) -> Entrant:
    """code-ops with the words of `arguments`, on the native engine unless they say otherwise."""
    argv = [*code_ops, *arguments.split()]
    missing = "" if code_ops else "not installed"
    return Entrant(name, tool, argv, _shown(f"{CODE_OPS} {arguments}"), runs, NATIVE, missing)


def _shown(command: str) -> str:
    return command.replace(measure.OUTPUT_PLACEHOLDER, "FILE")


def hold(
    prefix: Sequence[str],
    folder: Path,
    entrants: Sequence[Entrant],
    listen: Sequence[int] = (),
    obstacle: str = "",
) -> dict[str, Outcome]:
    """Runs the entrants in turns behind `prefix`; `obstacle` is why none of them can."""
    able = [entrant for entrant in entrants if not (obstacle or entrant.why_not)]
    commands = [
        measure.Command(
            name=entrant.name,
            argv=entrant.argv,
            runs=entrant.runs,
            environment=entrant.environment,
        )
        for entrant in able
    ]
    report = measure.Report(floor_kib=0, runs=[])
    if commands:
        try:
            report = machine.run_plan(prefix, folder, listen, commands)
        except machine.MeasureError as error:
            obstacle = str(error)
    return {entrant.name: _outcome(entrant, report, obstacle) for entrant in entrants}


def _outcome(entrant: Entrant, report: measure.Report, obstacle: str) -> Outcome:
    records = [record for record in report["runs"] if record["name"] == entrant.name]
    problem = entrant.why_not or obstacle
    failed = next((record for record in records if record["exit"] != 0), None)
    if failed:
        problem = _failure(failed)
    return Outcome(entrant, records, report["floor_kib"], problem)


def _failure(record: measure.RunRecord) -> str:
    if record["exit"] == measure.TOO_LONG_EXIT:
        return f"stopped after {measure.TIME_LIMIT_S:g} s"
    said = machine.last_line(_read(record["errors"]))
    return f"exit {record['exit']}: {said}" if said else f"exit {record['exit']}"


def measurement(outcome: Outcome, answers: str, wrapper: str = "") -> Measurement:
    """The outcome as a line of RESULTS.md; `wrapper` is shown before the command."""
    entrant, records = outcome.entrant, outcome.records
    command = wrapper + entrant.shown
    if outcome.problem:
        failed = bool(records)
        return Measurement(entrant.tool, command, not_run=outcome.problem, failed=failed)
    return Measurement(
        tool=entrant.tool,
        command=command,
        seconds=[round(record["seconds"], 4) for record in records],
        processor_seconds=[round(record["processor_seconds"], 4) for record in records],
        peak_mb=round(max(record["peak_kib"] for record in records) * 1024 / 1e6, 1),
        floor_mb=round(outcome.floor_kib * 1024 / 1e6, 1),
        answers=answers,
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
