"""Differences side by side, as wide as the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.table import Table
from rich.text import Text

from code_ops.cli.config_diff_text import shown
from code_ops.cli.console import printable
from code_ops.cli.tables import table_console
from code_ops.config_diff import Change, Side

# Of one value; the rest is told as a number.
_MOST_LINES = 20


def write_table(stream: TextIO, changes: Sequence[Change], names: Sequence[str]) -> None:
    """A row for each difference: path, and what stands in either file."""
    if not changes:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for title, ratio in (("PATH", 2), (names[0], 3), (names[1], 3)):
        table.add_column(Text(printable(title)), ratio=ratio, overflow="fold")
    document = None
    for change in changes:
        if change.document != document:
            document = change.document
            table.add_row(Text(printable(document or ""), style="bold"))
        table.add_row(Text(printable(change.path)), *_cells(change))
    with table_console(stream) as console:
        console.print(table)


def _cells(change: Change) -> tuple[Text, Text]:
    if change.new_path is not None:
        return Text("renamed to"), Text(printable(change.new_path), style="yellow")
    if change.kind == "moved":
        old, new = (_ordinal(side) for side in (change.old, change.new))
        return Text(f"entry {old}", style="yellow"), Text(f"entry {new}", style="yellow")
    return _cell(change.old, "red"), _cell(change.new, "green")


def _ordinal(side: Side | None) -> str:
    return side.pointer.rpartition("/")[2] if side else ""


def _cell(side: Side | None, style: str) -> Text:
    if side is None:
        return Text("")
    lines = [printable(line) for line in shown(side).split("\n")]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"and {len(lines) - _MOST_LINES:,} more lines"]
    return Text("\n".join(lines), style=style)
