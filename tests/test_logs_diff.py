"""``code-ops logs diff`` and ``LogSummary.compare``."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from code_ops.logs import LogAnalyzer

pytest.importorskip("code_rust_core", reason="comparing logs needs the native module")

_COMMAND = [sys.executable, "-m", "code_ops", "logs", "diff"]
_EXAMPLE = Path(__file__).parent.parent / "examples" / "app.log"


def _log(counts: dict[tuple[str, str], int]) -> str:
    """So many lines of each level and message, mixed up."""
    lines = [key for key, count in counts.items() for _ in range(count)]
    random.Random(7).shuffle(lines)
    return "".join(
        f"2026-11-20T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}Z {level} "
        f"[app] {text}\n"
        for second, (level, text) in enumerate(lines)
    )


def _changes(
    before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]
) -> dict[str, Any]:
    analyzer = LogAnalyzer()
    compared = analyzer.summarize(_log(before)).compare(analyzer.summarize(_log(after)))
    return {
        change: {row["template"]: (row["before"], row["after"]) for row in compared[change]}
        for change in ("new", "gone", "more", "less")
    }


def test_changes_of_known_logs() -> None:
    before = {("INFO", "a"): 1000, ("INFO", "b"): 100, ("WARN", "c"): 100, ("ERROR", "d"): 3}
    after = {("INFO", "a"): 1000, ("INFO", "b"): 110, ("WARN", "c"): 300, ("ERROR", "e"): 2}
    assert _changes(before, after) == {
        "new": {"e": (0, 2)},
        "gone": {"d": (3, 0)},
        "more": {"c": (100, 300)},
        "less": {},
    }
    assert _changes(after, before)["less"] == {"c": (300, 100)}


def test_a_longer_log_is_no_change() -> None:
    before = {("INFO", "a"): 100, ("WARN", "b"): 30}
    after = {key: 10 * count for key, count in before.items()}
    assert _changes(before, after) == {"new": {}, "gone": {}, "more": {}, "less": {}}


@pytest.mark.parametrize("count", [1, 3, 5, 8, 10, 12, 14, 20, 40])
def test_chance_is_no_change(count: int) -> None:
    """One message goes from 2 to ``count`` of 1,000: the G-test of scipy's power_divergence with
    lambda_="log-likelihood" on the counts and what equal shares expect, written out."""
    before = {("INFO", "a"): 998, ("WARN", "b"): 2}
    after = {("INFO", "a"): 1000 - count, ("WARN", "b"): count}
    expected = (2 + count) / 2
    statistic = 2 * (2 * math.log(2 / expected) + count * math.log(count / expected))
    is_change = statistic >= 10.83 and count >= 4
    assert _changes(before, after)["more"] == ({"b": (2, count)} if is_change else {})


def test_exceptions_are_compared() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nKeyError: 1\n'
    )
    line = "2026-11-20T10:00:00Z ERROR [app] it failed\n"
    analyzer = LogAnalyzer()
    compared = analyzer.summarize(line).compare(analyzer.summarize(line + trace))
    assert [(row["kind"], row["template"]) for row in compared["new"]] == [
        ("exception", "KeyError")
    ]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*_COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("condition", "code"), [("new-error", 1), ("new", 1), ("more", 0), ("more-error", 0)]
)
def test_conditions(condition: str, code: int) -> None:
    done = _run(_EXAMPLE, "--split", "2026-11-20T02:12", "--fail-on", condition)
    assert done.returncode == code
    assert [row["template"] for row in json.loads(done.stdout)["new"]] == [
        "connection to <*> refused, attempt <*>",
        "TimeoutError",
    ]


def test_two_files_as_csv(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(_log({("INFO", "a"): 3}))
    (tmp_path / "b.log").write_text(_log({("INFO", "a"): 3, ("ERROR", "=b"): 1}))
    done = _run(tmp_path / "a.log", tmp_path / "b.log", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["change"], row["level"], row["template"]) for row in rows] == [
        ("new", "error", "'=b")
    ]
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([_EXAMPLE], 2, "name two inputs, or one and --split TIME"),
        ([_EXAMPLE, _EXAMPLE, "--split", "10:00"], 2, "name two inputs"),
        ([_EXAMPLE, "--split", "whenever"], 2, "'whenever' is no time"),
        ([_EXAMPLE, "--split", "10:00", "--since", "today"], 2, "--split excludes --since"),
        ([_EXAMPLE, _EXAMPLE, "--fail-on", "old"], 2, "expected one of new, new-error"),
        ([_EXAMPLE, "missing.log"], 3, "missing.log: no such file or directory"),
        ([_EXAMPLE, _EXAMPLE], 0, ""),
    ],
)
def test_usage(arguments: list[object], code: int, message: str) -> None:
    done = _run(*arguments)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
