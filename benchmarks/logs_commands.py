"""The rows of `logs analyze`: whole processes over 100 MiB, beside the rivals of each format."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import contest, corpus_logs, machine, report

_RIVALS = Path(__file__).with_name("logs_rivals.py")
_WORDS = Path(__file__).with_name("logs_words.py")
_ANALYZE = "logs analyze -q -f json"
_SLOW_RUNS = 2
_LARGE_COPIES = 41
_PACKINGS = (("gzip", "zcat"), ("zstd", "zstdcat"))
_BY_LEVEL = {"WARN": "warning", "warn": "warning"}


def rows(context: machine.Context) -> list[report.Row]:
    """Every row."""
    folder = context.workspace / "logs"
    folder.mkdir()
    for name in corpus_logs.LOGS:
        corpus_logs.write(name, folder / name)
    (folder / "empty.log").touch()
    return [
        _application(context, folder),
        _access(context, folder),
        _json_lines(context, folder),
        *(_packed(context, folder, *packing) for packing in _PACKINGS),
        _words(context, folder),
        _memory(context, folder),
    ]


def _ours(context: machine.Context, name: str, arguments: str) -> contest.Entrant:
    entrant = contest.ours(name, "code-ops", context.code_ops, arguments, context.repeat)
    return _shown(context, entrant)


def _rival(context: machine.Context, name: str, argv: list[str], runs: int) -> contest.Entrant:
    entrant = contest.rival(name, name, " ".join(argv), runs)
    return _shown(context, replace(entrant, argv=argv))


def _python(context: machine.Context, name: str, what: str, log: Path) -> contest.Entrant:
    is_missing = what.startswith("duckdb") and importlib.util.find_spec("duckdb") is None
    argv = [sys.executable, str(_RIVALS), what, str(log)]
    entrant = contest.rival(name, name, " ".join(argv), context.repeat)
    return _shown(
        context, replace(entrant, argv=argv, why_not="not installed" if is_missing else "")
    )


def _shown(context: machine.Context, entrant: contest.Entrant) -> contest.Entrant:
    shown = entrant.shown.replace(f"{context.workspace / 'logs'}/", "")
    shown = shown.replace(sys.executable, "python").replace(str(_RIVALS.parent), "benchmarks")
    return replace(entrant, shown=shown)


def _held(
    context: machine.Context, title: str, entrants: list[contest.Entrant]
) -> tuple[dict[str, report.Measurement], dict[str, str]]:
    """Measurements, and the levels that each found as text."""
    outcomes = contest.hold([], context.workspace / title, entrants)
    said = {
        name: _levels(outcome.outputs[0]) if outcome.outputs else ""
        for name, outcome in outcomes.items()
    }
    return {name: contest.measurement(each, said[name]) for name, each in outcomes.items()}, said


def _levels(output: str) -> str:
    """`error 3, warning 4`, or what else a tool said, on a line."""
    found: dict[str, Any] | None = None
    with contextlib.suppress(ValueError):
        answer = json.loads(output)
        # lnav gives a list of one row.
        answer = answer[0] if isinstance(answer, list) and answer else answer
        found = _counted(answer)
    if found is None:
        return output.strip()[:60]
    names = {_BY_LEVEL.get(name, name).lower(): count for name, count in found.items() if count}
    return ", ".join(f"{name} {names[name]}" for name in sorted(names))


def _counted(answer: Any) -> dict[str, int] | None:
    """Events by level in any of the answers."""
    if not isinstance(answer, dict):
        return None
    if "rows" in answer:
        return {row["by"]["level"]: row["count"] for row in answer["rows"]}
    levels: dict[str, int] | None = answer.get("levels")
    return levels


def _over(ours: report.Measurement, start: report.Measurement) -> float | None:
    """The median less the start-up's best, in milliseconds."""
    if not ours.seconds or not start.seconds:
        return None
    return (statistics.median(ours.seconds) - min(start.seconds)) * 1e3


def _goal(
    share: float,
    ours: report.Measurement,
    start: report.Measurement,
    rival: report.Measurement,
) -> report.Goal:
    """Our time over start-up against a share of the rival's whole time."""
    limit = min(rival.seconds, default=0.0) * share * 1e3
    text = f"over start-up <= {share:g} x {rival.tool}'s best, {limit:.0f} ms"
    value = _over(ours, start) if rival.seconds else None
    return report.limit_goal(text, ours, value, limit, "ms")


def _application(context: machine.Context, folder: Path) -> report.Row:
    log = folder / "application.log"
    pattern = r"^\S+ (WARN|ERROR) \["
    entrants = [
        _ours(context, "analyze", f"{_ANALYZE} {log}"),
        _ours(context, "one thread", f"{_ANALYZE} --threads 1 {log}"),
        _ours(context, "start", f"{_ANALYZE} {folder / 'empty.log'}"),
        _rival(context, "rg", ["rg", "-c", pattern, str(log)], context.repeat),
        _python(context, "DuckDB", "duckdb-levels", log),
        _python(context, "script", "script", log),
        _lnav(context, log),
    ]
    measured, said = _held(context, "application", entrants)
    ours, start = measured["analyze"], measured["start"]
    one, two = _over(measured["one thread"], start), _over(ours, start)
    goals = [
        _goal(1.0, ours, start, measured["rg"]),
        _goal(0.4, ours, start, measured["DuckDB"]),
        report.answer_goal("the script's levels", ours, said["analyze"] == said["script"], "all"),
        report.answer_goal("DuckDB's levels", ours, said["analyze"] == said["DuckDB"], "all"),
        report.answer_goal("lnav's levels", ours, said["analyze"] == said["lnav"], "all"),
    ]
    if one and two:
        text = "two threads >= 1.7 x one, as seconds of one / two"
        goals.append(report.answer_goal(text, ours, one / two >= 1.7, f"{one / two:.2f} x"))
    return report.Row("logs analyze: an application's, 100 MiB", [*measured.values()], goals, [])


def _lnav(context: machine.Context, log: Path) -> contest.Entrant:
    """Events by level as JSON, with lnav's SQL."""
    query = (
        ";SELECT json_group_object(log_level, n) AS levels FROM (SELECT log_level, count(*) AS n"
    )
    argv = ["lnav", "-n", "-c", f"{query} FROM all_logs GROUP BY 1)", "-c", ":write-json-to -"]
    return _rival(context, "lnav", [*argv, str(log)], _SLOW_RUNS)


def _access(context: machine.Context, folder: Path) -> report.Row:
    log = folder / "access.log"
    goaccess = ["goaccess", str(log), "--log-format=COMBINED", "--no-progress", "-o", "json"]
    entrants = [
        _ours(context, "analyze", f"{_ANALYZE} {log}"),
        _ours(context, "start", f"{_ANALYZE} {folder / 'empty.log'}"),
        _rival(context, "GoAccess", goaccess, 1),
    ]
    outcomes = contest.hold([], context.workspace / "access", entrants)
    said = {
        name: _requests(outcome.outputs[0]) if outcome.outputs else ""
        for name, outcome in outcomes.items()
    }
    measured = {name: contest.measurement(each, said[name]) for name, each in outcomes.items()}
    ours = measured["analyze"]
    goals = [
        _goal(0.05, ours, measured["start"], measured["GoAccess"]),
        report.answer_goal("requests", ours, said["analyze"] == said["GoAccess"], said["analyze"]),
    ]
    return report.Row("logs analyze: combined access log, 100 MiB", [*measured.values()], goals, [])


def _requests(output: str) -> str:
    """The number of requests in either report."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        answer = json.loads(output)
        if "general" in answer:
            return f"{answer['general']['valid_requests']} requests"
        return f"{answer['http']['requests']} requests"
    return ""


def _json_lines(context: machine.Context, folder: Path) -> report.Row:
    log = folder / "json.log"
    entrants = [
        _ours(context, "analyze", f"{_ANALYZE} {log}"),
        _ours(context, "stats", f"logs stats duration_ms --by level -q -f json {log}"),
        _ours(context, "start", f"{_ANALYZE} {folder / 'empty.log'}"),
        _python(context, "DuckDB", "duckdb-json", log),
        _python(context, "script", "script-json", log),
    ]
    measured, said = _held(context, "json", entrants)
    ours = measured["analyze"]
    goals = [
        _goal(0.4, ours, measured["start"], measured["DuckDB"]),
        _goal(0.4, measured["stats"], measured["start"], measured["DuckDB"]),
        report.answer_goal("DuckDB's levels", ours, said["analyze"] == said["DuckDB"], "all"),
        report.answer_goal(
            "DuckDB's levels by stats", ours, said["stats"] == said["DuckDB"], "all"
        ),
    ]
    note = (
        "DuckDB, the script and `stats` give percentiles by level, `analyze` those of all events."
    )
    return report.Row("logs analyze: JSON lines, 100 MiB", [*measured.values()], goals, [note])


def _packed(context: machine.Context, folder: Path, packer: str, reader: str) -> report.Row:
    """The application's log as a packer leaves it, beside counting its lines."""
    log = folder / f"application.log.{packer}"
    with log.open("wb") as file:
        subprocess.run([packer, "-c", folder / "application.log"], stdout=file, check=True)
    count = contest.rival(reader, f"{reader} and wc", reader, context.repeat)
    argv = ["sh", "-c", f"{reader} {log} | wc -l"]
    entrants = [
        _ours(context, "analyze", f"{_ANALYZE} {log}"),
        _ours(context, "start", f"{_ANALYZE} {folder / 'empty.log'}"),
        replace(count, argv=argv, shown=f"{reader} {log.name} | wc -l"),
    ]
    measured, _ = _held(context, packer, entrants)
    goals = [_goal(1.1, measured["analyze"], measured["start"], measured[reader])]
    title = f"logs analyze: the application's packed by {packer}"
    return report.Row(title, [*measured.values()], goals, [])


def _words(context: machine.Context, folder: Path) -> report.Row:
    argv = [sys.executable, str(_WORDS), str(folder / "application.log")]
    entrant = contest.rival("words", "code-ops", " ".join(argv), context.repeat)
    entrant = _shown(context, replace(entrant, argv=argv))
    outcome = contest.hold([], context.workspace / "words", [entrant])["words"]
    answers = [json.loads(output) for output in outcome.outputs]
    ours = contest.measurement(outcome, "see the goals")
    goals = []
    for key, share in (("count_words_ms", 0.5), ("analyze_logs_ms", 3.0)):
        ratios = [answer[key] / answer["findall_ms"] for answer in answers]
        middle = statistics.median(ratios) if ratios else None
        text = f"{key.removesuffix('_ms')} <= {share:g} x re.findall twice"
        goals.append(report.limit_goal(text, ours, middle, share, "x"))
    agree = bool(answers) and all(answer["agree"] for answer in answers)
    goals.append(report.answer_goal("the same counts", ours, agree, "both words"))
    return report.Row("two words in a str of 100 MiB", [ours], goals, [])


def _memory(context: machine.Context, folder: Path) -> report.Row:
    log = folder / "application.log"
    copies = " ".join([str(log)] * _LARGE_COPIES)
    large = contest.ours("4 GiB", "code-ops", context.code_ops, f"{_ANALYZE} -", 1)
    command = " ".join(large.argv)
    # One pipe of 4 GiB: the peak of the shell and of `cat` is that of few pages.
    large = replace(
        large,
        argv=["sh", "-c", f"cat {copies} | {command}"],
        shown=f"cat application.log (41 times) | code-ops {_ANALYZE} -",
    )
    entrants = [_ours(context, "100 MiB", f"{_ANALYZE} {log}"), large]
    measured, _ = _held(context, "memory", entrants)
    goals = [
        report.limit_goal(f"peak at {name} <= 60 MB", each, each.peak_mb, 60, "MB")
        for name, each in measured.items()
    ]
    return report.Row("logs analyze: memory", [*measured.values()], goals, [])
