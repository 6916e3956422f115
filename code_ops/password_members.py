"""The members of a JSON object with their places, so that one can be replaced and the rest stays.

Numbers are not read as such: a row that is written again keeps ``1.10`` and integers of any size.
"""

from __future__ import annotations

import json
import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_BLANK = re.compile(r"[ \t\r\n]*")


class Member(NamedTuple):
    """A member: its value, and where the name and the value stand in the text."""

    value: Any
    name_start: int
    name_end: int
    start: int
    end: int


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


# Its scanner in C wants a place and gives back another; the types do not tell of it.
_DECODER: Any = json.JSONDecoder(
    parse_int=lambda _: 0, parse_float=lambda _: 0.0, parse_constant=_no_constant
)


def members(text: str, at: int = 0) -> dict[str, Member]:
    """The members of the object that begins at a place, the whole text with ``at`` 0.

    Raises ValueError, whose message holds nothing of the text.
    """
    try:
        found, end = _object(text, _blank(text, at))
    except (JSONDecodeError, StopIteration, RecursionError):
        raise ValueError("no JSON object") from None
    if at == 0 and _blank(text, end) != len(text):
        raise ValueError("text after the JSON object")
    return found


def find(text: str, top: dict[str, Member], name: str) -> Member | None:
    """The member of a name, or by a path with dots where none has the whole name."""
    if name in top:
        return top[name]
    first, dot, rest = name.partition(".")
    inner = top.get(first)
    if not dot or inner is None or not isinstance(inner.value, dict):
        return None
    return find(text, members(text, inner.start), rest)


def _object(text: str, at: int) -> tuple[dict[str, Member], int]:
    if not text.startswith("{", at):
        raise StopIteration(at)
    found: dict[str, Member] = {}
    at = _blank(text, at + 1)
    if text.startswith("}", at):
        return found, at + 1
    while True:
        if not text.startswith('"', at):
            raise StopIteration(at)
        name, name_end = scanstring(text, at + 1, True)
        colon = _blank(text, name_end)
        if not text.startswith(":", colon):
            raise StopIteration(colon)
        start = _blank(text, colon + 1)
        value, end = _DECODER.raw_decode(text, start)
        if name in found:
            raise ValueError("a name stands twice in the JSON object")
        found[name] = Member(value, at, name_end, start, end)
        at = _blank(text, end)
        if text.startswith("}", at):
            return found, at + 1
        if not text.startswith(",", at):
            raise StopIteration(at)
        at = _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
