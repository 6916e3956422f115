"""A vault's lists on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from rich.table import Table
from rich.text import Text

from code_ops.cli.tables import table_console
from code_ops.numerals import plural


def write_table(stream: TextIO, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each secret; the state where one is not as it was signed."""
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("NAME", "TYPE", "VERSION", "SET", "AGE"):
        table.add_column(heading, justify="right" if heading == "VERSION" else "left")
    has_states = any(row["state"] in ("added", "replaced") for row in rows)
    if has_states:
        table.add_column("STATE")
    for row in rows:
        age = plural(row["age_days"], "day") if row["age_days"] else "today"
        cells = [row["name"], row["type"], str(row["version"]), row["date"], age]
        if has_states:
            cells.append(row["state"])
        style = "red" if row["state"] in ("added", "replaced") else ""
        table.add_row(*(Text(cell) for cell in cells), style=style)
    with table_console(stream) as console:
        console.print(table)


def write_slots(stream: TextIO, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each who can open it; long recipients are cut in the middle."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("LABEL", "TYPE", "DETAIL"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        detail = row["detail"]
        detail = detail.replace("_", " ", 1) if detail.startswith("ssh-") else detail
        shown = detail if len(detail) <= 64 else f"{detail[:40]}...{detail[-16:]}"
        table.add_row(*(Text(cell) for cell in (row["label"], row["type"], shown)))
    with table_console(stream) as console:
        console.print(table)
