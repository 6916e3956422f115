"""Tables and cells that the reports on logs share."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_NUMBERS = {
    "BEFORE",
    "AFTER",
    "COUNT",
    "SHARE",
    "DISTINCT",
    "MIN",
    "MEAN",
    "P50",
    "P90",
    "P95",
    "P99",
    "MAX",
    "EVENTS",
    "ERRORS",
}


def moment(text: str | None) -> Text:
    """A time without its fraction."""
    return Text(text[:19].replace("T", " ") if text else "-")


def print_table(
    console: Console,
    titles: Sequence[str],
    rows: Sequence[Sequence[Text]],
    *,
    wraps: bool = False,
) -> None:
    """Only the last column gives way where there is no room: it is cut, or wraps."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for index, title in enumerate(titles):
        is_last = index == len(titles) - 1
        table.add_column(
            title,
            justify="right" if title in _NUMBERS else "left",
            no_wrap=not (is_last and wraps),
            overflow="fold" if is_last and wraps else "ellipsis",
            ratio=1 if is_last else None,
            min_width=None if is_last else max([len(title), *(len(row[index]) for row in rows)]),
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)
