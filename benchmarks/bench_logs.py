"""The benchmark of `code-ops logs` against the tools that read logs, and against scripts."""

from __future__ import annotations

import sys

from benchmarks import logs_commands, machine, report

RIVALS = {
    "ripgrep": ["rg", "--version"],
    "lnav": ["lnav", "-V"],
    "GoAccess": ["goaccess", "--version"],
    "DuckDB": [sys.executable, "-c", "import duckdb; print(duckdb.__version__)"],
}


def run(context: machine.Context) -> list[report.Row]:
    """Every row of logs."""
    return logs_commands.rows(context)
