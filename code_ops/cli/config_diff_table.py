"""Differences side by side, as wide as the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from code_ops.cli.config_diff_text import shown
from code_ops.cli.console import has_colour, printable
from code_ops.config_diff import Change, Side

_PIPED_COLUMNS = 120
# Of one value; the rest is told as a number.
_MOST_LINES = 20


def write_table(stream: TextIO, changes: Sequence[Change], names: Sequence[str]) -> None:
    """A row for each difference: path, and what stands in either file."""
    if not changes:
        return
    width = shutil.get_terminal_size().columns if stream.isatty() else _PIPED_COLUMNS
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for title, ratio in (("PATH", 2), (names[0], 3), (names[1], 3)):
        table.add_column(Text(printable(title)), ratio=ratio, overflow="fold")
    document = None
    for change in changes:
        if change.document != document:
            document = change.document
            table.add_row(Text(printable(document or ""), style="bold"))
        table.add_row(Text(printable(change.path)), *_cells(change))
    console = Console(
        file=stream, width=width, no_color=not has_colour(stream), highlight=False, soft_wrap=False
    )
    with console.capture() as captured:
        console.print(table)
    # Spaces at the ends of lines are nobody's.
    stream.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


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
