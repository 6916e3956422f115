"""Elements of HTML. Text is escaped where it enters one, so that no caller can forget it.

Only ``Html`` is taken as it is, and only ``tag`` and ``joined`` make it of something else.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from code_ops.log_reports.words import short_time
from code_ops.numerals import number, percent
from code_ops.text import printable, xml

# As masked messages have it for a word that varies.
_BLANK = "<*>"


class Html(str):
    """Markup that is whole and harmless."""

    __slots__ = ()


Content = str | Html
Value = str | int | float | None


def escaped(text: str) -> Html:
    """Text of any origin as one line of an element's content, controls as visible escapes."""
    return text if isinstance(text, Html) else Html(xml(printable(text)))


def joined(parts: Iterable[Content], between: str = "") -> Html:
    """Parts one behind the other."""
    return Html(escaped(between).join(escaped(part) for part in parts))


def tag(name: str, *content: Content, **attributes: Value) -> Html:
    """An element; ``class_`` is ``class``, ``data_sort`` is ``data-sort``, None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{joined(content)}</{name}>")


class Kind(enum.Enum):
    """What a column holds: how it is aligned and sorted."""

    TEXT = "text"
    WIDE = "wide"
    NUMBER = "number"
    TIME = "time"
    LEVEL = "level"
    SHARE = "share"


# Those that are sorted by number, the largest first.
_BY_NUMBER = (Kind.NUMBER, Kind.LEVEL, Kind.SHARE)


class Cell(NamedTuple):
    """What is shown, and what is sorted by where that is something else."""

    content: Content
    sort: Value = None


Columns = Sequence[tuple[str, Kind]]


def table(label: str, columns: Columns, rows: Iterable[Sequence[Cell]]) -> Html:
    """A table in a box that scrolls by itself where the page is too narrow."""
    heads = [
        tag(
            "th",
            title,
            scope="col",
            class_=kind.value,
            data_by="number" if kind in _BY_NUMBER else "text",
        )
        for title, kind in columns
    ]
    body = [
        tag(
            "tr",
            *(
                tag("td", cell.content, class_=kind.value, data_sort=cell.sort)
                for cell, (_, kind) in zip(row, columns, strict=True)
            ),
        )
        for row in rows
    ]
    # On a telephone the wide column gets lines of its own.
    looks = "cards" if any(kind is Kind.WIDE for _, kind in columns) else None
    whole = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body), class_=looks)
    return tag("div", whole, class_="scroll", role="region", aria_label=label, tabindex="0")


def count_cell(count: int | None) -> Cell:
    return Cell("-" if count is None else number(count), -1 if count is None else count)


def time_cell(text: str | None, *, is_one_day: bool) -> Cell:
    """A time as short as it can be, with the whole of it behind."""
    if text is None:
        return Cell("-", "")
    shown = short_time(text, is_one_day=is_one_day)
    return Cell(tag("time", shown, datetime=text, title=text), text)


def share_cell(count: int, total: int) -> Cell:
    """In words, and as a bar."""
    share = count / total if total else 0.0
    bar = tag(
        "svg",
        tag("rect", width=f"{100 * share:.2f}", height=8),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    return Cell(joined((tag("span", percent(share) if count else "0%"), bar)), count)


def code(text: str, *, blanks: bool = False) -> Html:
    """Text of a log; ``blanks`` marks the words that vary."""
    if not blanks:
        return tag("code", text)
    return tag("code", joined(text.split(_BLANK), tag("i", _BLANK, class_="blank")))


class Section(NamedTuple):
    """A part of the page, with the name that links find it by."""

    name: str
    title: str
    html: Html


def section(name: str, title: str, *content: Content, small: str = "") -> Section:
    """A part of the page under a heading."""
    heading = tag("h2", title, *((" ", tag("small", small)) if small else ()))
    return Section(name, title, tag("section", heading, *content, id=name))


def shown_of(shown: int, total: int) -> str:
    """``20 of 134`` where not all are there."""
    return f"{number(shown)} of {number(total)}" if total > shown else ""
