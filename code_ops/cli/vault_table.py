"""A vault's lists on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TextIO

from rich.table import Table
from rich.text import Text

from code_ops.cli.tables import table_console
from code_ops.numerals import plural

_STATES = ("added", "replaced")


def write_table(stream: TextIO, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each secret; the state where one is not as it was signed."""
    if not rows:
        return
    columns = {
        "NAME": [row["name"] for row in rows],
        "TYPE": [row["type"] for row in rows],
        "VERSION": [str(row["version"]) for row in rows],
        "SET": [row["date"] for row in rows],
        "AGE": [plural(row["age_days"], "day") if row["age_days"] else "today" for row in rows],
    }
    if any(row["state"] in _STATES for row in rows):
        columns["STATE"] = [row["state"] for row in rows]
    with table_console(stream) as console:
        # Names are what is looked for: other columns make room for them.
        for heading in ("SET", "VERSION", "TYPE"):
            if _width(columns) > console.width:
                del columns[heading]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for heading in columns:
            justify: Literal["left", "right"] = "right" if heading == "VERSION" else "left"
            is_name = heading == "NAME"
            table.add_column(heading, justify=justify, overflow="fold", no_wrap=not is_name)
        for row, *cells in zip(rows, *columns.values(), strict=True):
            style = "red" if row["state"] in _STATES else ""
            table.add_row(*map(Text, cells), style=style)
        console.print(table)


def _width(columns: dict[str, list[str]]) -> int:
    return sum(max(map(len, (heading, *cells))) + 2 for heading, cells in columns.items()) - 2


def write_slots(stream: TextIO, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each who can open it; long recipients are cut in the middle."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("LABEL", "TYPE", "DETAIL"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        cells = (row["label"], row["type"], shown_detail(row["detail"]))
        table.add_row(*map(Text, cells))
    with table_console(stream) as console:
        console.print(table)


def shown_detail(detail: str) -> str:
    """A slot's detail for people: an SSH key as its file has it, cut in the middle."""
    detail = detail.replace("_", " ", 1) if detail.startswith("ssh-") else detail
    return detail if len(detail) <= 64 else f"{detail[:40]}...{detail[-16:]}"
