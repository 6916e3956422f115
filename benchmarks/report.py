"""Results as values: measurements, goals, their judgement, and RESULTS.md.

Pure: nothing here runs a tool. One JSON file a noun is the record; RESULTS.md is
rendered from all of them, so that running one noun keeps the others' sections.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HEAD = """# Benchmark results

Written by `python benchmarks/run.py`; do not edit. A loss stands here like a win.

Times are of the whole process, from start to exit, in seconds; the tools of a row took turns
in one run. A ratio has two values, best to best and median to median, and the worse one
decides. Peak is the largest resident set of the tool's process.
"""


@dataclass(frozen=True)
class Measurement:
    """One tool's runs. `not_run` says why there are none; `failed`, that it was tried."""

    tool: str
    command: str
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    floor_mb: float = 0.0
    answers: str = ""
    not_run: str = ""
    failed: bool = False

    @property
    def absence(self) -> str:
        """Why there are no numbers, in words."""
        return f"{'failed' if self.failed else 'not run'}: {self.tool}: {self.not_run}"


@dataclass(frozen=True)
class Goal:
    """`met` is None when it could not be judged."""

    goal: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Row:
    """One comparison: who took part, what was wanted, what came out."""

    title: str
    measurements: list[Measurement]
    goals: list[Goal]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """All of one noun, as it stands in `results/<noun>.json`."""

    noun: str
    date: str
    quick: bool
    machine: dict[str, str]
    versions: dict[str, str]
    rows: list[Row]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Ours over theirs: best to best, median to median."""
    return min(ours) / min(theirs), statistics.median(ours) / statistics.median(theirs)


def ratio_goal(
    subject: str,
    limit: float,
    ours: Measurement,
    theirs: Measurement,
    seconds: Sequence[float] | None = None,
) -> Goal:
    """`subject` at most `limit` times theirs; `seconds` replaces ours (a part of the run)."""
    own = ours.seconds if seconds is None else seconds
    goal = f"{subject} <= {limit} x {theirs.tool}"
    if ours.not_run:
        return _absent(goal, ours)
    if theirs.not_run:
        return Goal(goal, theirs.absence, None)
    if not own:
        return Goal(goal, f"not run: {ours.tool} did not report it", None)
    best, median = ratios(own, theirs.seconds)
    return Goal(goal, _ratio_words(best, median), max(best, median) <= limit)


def ratio_notes(*pairs: tuple[Measurement, Measurement]) -> list[str]:
    """Ratios nobody set a goal for, of those pairs that both ran."""
    return [
        f"{ours.tool} / {theirs.tool}: {_ratio_words(*ratios(ours.seconds, theirs.seconds))}"
        for ours, theirs in pairs
        if not (ours.not_run or theirs.not_run)
    ]


def _ratio_words(best: float, median: float) -> str:
    return f"{best:.2f} x best, {median:.2f} x median"


def limit_goal(goal: str, ours: Measurement, value: float | None, limit: float, unit: str) -> Goal:
    """`value` at most `limit`; None means that it could not be had."""
    if ours.not_run:
        return _absent(goal, ours)
    if value is None:
        return Goal(goal, "not run: it could not be measured", None)
    return Goal(goal, f"{value:.1f} {unit}".rstrip(), value <= limit)


def answer_goal(goal: str, ours: Measurement, met: bool | None, measured: str) -> Goal:
    """A goal of the answers; `met` and `measured` only count when there were runs."""
    return _absent(goal, ours) if ours.not_run else Goal(goal, measured, met)


def _absent(goal: str, ours: Measurement) -> Goal:
    # Not to be there is no loss, to fail at the job is one.
    return Goal(goal, ours.absence, False if ours.failed else None)


def save(section: Section, folder: Path) -> None:
    """Writes `results/<noun>.json` below `folder` and RESULTS.md from all such files."""
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(section), indent=2, ensure_ascii=False) + "\n"
    (results / f"{section.noun}.json").write_text(text, encoding="utf-8")
    (folder / "RESULTS.md").write_text(render(load_all(results)), encoding="utf-8")


def load_all(results: Path) -> list[Section]:
    """Every noun's section, by name."""
    paths = sorted(results.glob("*.json"))
    return [section_from(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def section_from(data: dict[str, Any]) -> Section:
    """A section from what `save` wrote."""
    rows = [
        Row(
            title=row["title"],
            measurements=[Measurement(**each) for each in row["measurements"]],
            goals=[Goal(**each) for each in row["goals"]],
            notes=row["notes"],
        )
        for row in data["rows"]
    ]
    return Section(**{**data, "rows": rows})


def render(sections: Sequence[Section]) -> str:
    """The whole of RESULTS.md."""
    return "\n".join([HEAD, *(render_section(section) for section in sections)])


def render_section(section: Section) -> str:
    """One noun: when, where, against what, then its rows."""
    goals = [goal for row in section.rows for goal in row.goals]
    met = sum(goal.met is True for goal in goals)
    lost = sum(goal.met is False for goal in goals)
    unjudged = sum(goal.met is None for goal in goals)
    lines = [f"## {section.noun}", ""]
    lines.append(f"Goals: {met} met, {lost} not met, {unjudged} not judged.")
    if section.quick:
        lines.append("A quick run: fewer repeats, and the slow rivals left out.")
    lines += ["", f"- date: {section.date}"]
    lines += [f"- {name}: {value}" for name, value in section.machine.items()]
    lines += [f"- {name}: {value}" for name, value in section.versions.items()]
    for row in section.rows:
        lines += ["", *render_row(row)]
    return "\n".join(lines) + "\n"


def render_row(row: Row) -> list[str]:
    """One comparison: the measurements, the goals, the notes and the commands."""
    lines = [f"### {row.title}", ""]
    heads = ["tool", "runs", "best s", "median s", "processor s", "peak MB", "answers"]
    lines += _table(heads, [_cells(each) for each in row.measurements])
    lines.append("")
    lines += _table(
        ["goal", "measured", "met"],
        [[goal.goal, goal.measured, _met(goal.met)] for goal in row.goals],
    )
    if row.notes:
        lines += ["", *(f"- {note}" for note in row.notes)]
    commands = [each.command for each in row.measurements if each.command]
    return [*lines, "", "```", *commands, "```"]


def _met(met: bool | None) -> str:
    return "-" if met is None else "yes" if met else "**no**"


def _cells(measurement: Measurement) -> list[str]:
    if measurement.not_run:
        why = f"{'failed' if measurement.failed else 'not run'}: {measurement.not_run}"
        return [measurement.tool, "0", "-", "-", "-", "-", why]
    # A peak at the floor is the starting process's own, so only an upper bound is known.
    at_floor = measurement.peak_mb <= measurement.floor_mb
    return [
        measurement.tool,
        str(len(measurement.seconds)),
        f"{min(measurement.seconds):.3f}",
        f"{statistics.median(measurement.seconds):.3f}",
        f"{statistics.median(measurement.processor_seconds):.3f}",
        f"{'<= ' if at_floor else ''}{measurement.peak_mb:.1f}",
        measurement.answers,
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    # A bar inside a cell would end it.
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
