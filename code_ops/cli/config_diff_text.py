"""Differences as text for people, and as JSON on each line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

from code_ops.cli.console import has_colour, printable
from code_ops.config import ConfigParser
from code_ops.config_diff import Change, Side

_COLOURS = {"-": "31", "+": "32", "@": "36"}
# Of one value; the rest is told as a number.
_MOST_LINES = 60


def text(stream: TextIO, changes: Sequence[Change], names: Sequence[str]) -> Iterator[str]:
    """A block for each difference, under the name of its document."""
    colour = has_colour(stream)
    is_first = True
    for document, group in groupby(changes, lambda change: change.document):
        if document is not None:
            yield "" if is_first else "\n"
            yield _painted(f"{printable(document)}\n", "1", colour)
            is_first = False
        for change in group:
            yield _painted(f"{printable(_title(change))}", "1", colour)
            yield f"  {printable(_places(change, names))}\n"
            for line in _values(change):
                yield _painted(f"  {printable(line)}\n", _COLOURS.get(line[0], ""), colour)


def lines(_: TextIO, changes: Sequence[Change], names: Sequence[str]) -> Iterator[str]:
    """An object a line; values keep their digits."""
    for change in changes:
        parts = [
            f'"{key}": {json.dumps(value, ensure_ascii=False)}'
            for key, value in (
                ("kind", change.kind),
                ("document", change.document),
                ("path", change.path),
                ("new_path", change.new_path),
            )
        ]
        sides = ((change.old, "old", names[0]), (change.new, "new", names[1]))
        parts += [f'"{key}": {_side(side, name)}' for side, key, name in sides]
        yield f"{{{', '.join(parts)}}}\n"


FORMATS: dict[str, Callable[[TextIO, Sequence[Change], Sequence[str]], Iterator[str]]] = {
    "text": text,
    "json": lines,
}


def shown(side: Side) -> str:
    """A value as YAML, a text of one line as JSON where it would be taken for something else."""
    value = ConfigParser().parse_json(side.json)
    if isinstance(value, dict | list):
        return ConfigParser().dump_yaml(value).rstrip("\n")
    if isinstance(value, str):
        if "\n" in value:
            return value
        return ConfigParser().dump_yaml(value).rstrip("\n")
    return side.json


def _side(side: Side | None, name: str) -> str:
    if side is None:
        return "null"
    place = {
        "file": name,
        "document": side.document,
        "pointer": side.pointer,
        "line": side.line,
        "column": side.column,
    }
    return f'{json.dumps(place, ensure_ascii=False)[:-1]}, "value": {side.json}}}'


def _painted(line: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{line}\x1b[0m" if colour and code else line


def _title(change: Change) -> str:
    if change.new_path is not None:
        return f"renamed {change.path} to {change.new_path}"
    return f"{change.kind} {change.path}"


def _places(change: Change, names: Sequence[str]) -> str:
    sides = ((change.old, names[0]), (change.new, names[1]))
    return ", ".join(f"{name}:{side.line}:{side.column}" for side, name in sides if side)


def _values(change: Change) -> Iterator[str]:
    """The lines that went and came; of long texts those that differ."""
    if change.kind in ("moved", "renamed"):
        return
    old, new = (shown(side).split("\n") if side else [] for side in (change.old, change.new))
    if change.old and change.new and len(old) > 1 and len(new) > 1:
        found = list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]
    else:
        found = [f"- {line}" for line in old] + [f"+ {line}" for line in new]
    yield from found[:_MOST_LINES]
    if len(found) > _MOST_LINES:
        yield f"  and {len(found) - _MOST_LINES:,} more lines"
