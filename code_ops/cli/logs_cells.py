"""Tables and cells that the reports on logs share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    "BELOW",
}


def only_day(times: Iterable[str | None]) -> str | None:
    """The day that all times are of, which then need not tell it."""
    days = {time[:10] for time in times if time}
    return days.pop() if len(days) == 1 else None


def moment(text: str | None, day: str | None = None) -> Text:
    """A time without its fraction, and without its day where that is told elsewhere."""
    if not text:
        return Text("-")
    return Text(text[11:19] if day else text[:19].replace("T", " "))


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
        width = max([len(title), *(row[index].cell_len for row in rows)])
        table.add_column(
            title,
            justify="right" if title in _NUMBERS else "left",
            no_wrap=not (is_last and wraps),
            overflow="fold" if is_last and wraps else "ellipsis",
            ratio=1 if is_last else None,
            min_width=None if is_last else width,
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)
