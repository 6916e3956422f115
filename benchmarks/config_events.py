"""The rows of events only: the project's parser beside saphyr-parser, on one thread."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks import machine, report
from benchmarks.config_objects import CORPORA, provide

MANIFEST = machine.REPOSITORY / "rust_core" / "Cargo.toml"
RATIO = 4.0
COMMAND = "cargo run --release -p config --example events -- FILE"


def rows(context: machine.Context) -> list[report.Row]:
    """A row for each corpus."""
    return [_row(context, wanted.name, wanted.title) for wanted in CORPORA]


def _row(context: machine.Context, name: str, title: str) -> report.Row:
    path = context.workspace / f"events-{name}.yaml"
    problem = provide(name, path) or ("" if shutil.which("cargo") else "cargo is not installed")
    runs: dict[str, list[float]] = {"config": [], "saphyr-parser": []}
    events: dict[str, str] = {}
    for _ in range(0 if problem else context.repeat):
        for tool, seconds, count in _measure(path):
            runs[tool].append(seconds)
            events[tool] = count
    size = path.stat().st_size / 1e6 if path.exists() else 0.0
    measured = {
        tool: report.Measurement(tool, COMMAND, not_run=problem)
        if problem
        else report.Measurement(
            tool,
            COMMAND,
            seconds,
            seconds,
            answers=f"{size / min(seconds):.0f} MB/s, {events[tool]} events",
        )
        for tool, seconds in runs.items()
    }
    ours, theirs = measured["config"], measured["saphyr-parser"]
    goals = [
        report.ratio_goal("time", 1 / RATIO, ours, theirs),
        report.answer_goal(
            "as many events", ours, events.get("config") == events.get("saphyr-parser"), "counted"
        ),
    ]
    note = "Seconds are of the parse alone, the best of seven in each process; no peak is taken."
    return report.Row(
        f"Events only: {title}, {size:.1f} MB", list(measured.values()), goals, [note]
    )


def _measure(path: Path) -> list[tuple[str, float, str]]:
    command = ["cargo", "run", "--release", "--quiet", "--locked", "-p", "config"]
    command += ["--manifest-path", str(MANIFEST), "--example", "events", "--", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(tool, round(int(time) / 1e9, 6), count) for tool, time, _, count, _ in lines]
