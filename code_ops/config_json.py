"""JSON text of a value: iterative, integers exact at any size, errors with their place.

The standard library's writer recurses, stops at integers of 4,300 digits, and lets two keys become
one. Owns no reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from code_ops.errors import ConfigError

__all__ = ["dumps"]

# No interpreter's limit on digits is below 640.
_PYTHON_BITS = 1_800
_CONSTANTS = {None: "null", True: "true", False: "false"}


class _Level:
    """An open collection: what is to come, and where it stands."""

    def __init__(self, value: Any, entries: Iterator[tuple[Any, str, Any]], end: str) -> None:
        self.value = value
        self.entries = entries
        self.end = end
        self.step: Any = None


def dumps(value: Any, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """The JSON text of a value; see ``code_ops.config.ConfigParser.dump_json``."""
    parts: list[str] = []
    levels: list[_Level] = []
    # What is open, by identity: a value inside itself has no end.
    open_values: set[int] = set()
    colon = ":" if indent is None else ": "

    def start(item: Any) -> None:
        if (text := _scalar(item, levels)) is not None:
            parts.append(text)
            return
        if id(item) in open_values:
            raise _error("a value contains itself", levels)
        bracket, entries = _entries(item, levels, colon, sort_keys)
        if not item:
            parts.append("{}" if bracket == "{" else "[]")
            return
        open_values.add(id(item))
        parts.append(bracket)
        levels.append(_Level(item, entries, "}" if bracket == "{" else "]"))

    def line() -> str:
        return "" if indent is None else "\n" + " " * (indent * len(levels))

    start(value)
    while levels:
        level = levels[-1]
        is_first = level.step is None
        entry = next(level.entries, None)
        if entry is None:
            levels.pop()
            open_values.remove(id(level.value))
            parts.append(line() + level.end)
            continue
        level.step, key, item = entry
        parts.append(("" if is_first else ",") + line() + key)
        start(item)
    return "".join(parts)


def _scalar(item: Any, levels: list[_Level]) -> str | None:
    """The text of a scalar; None for a collection."""
    if isinstance(item, str):
        return _string(item, levels)
    if item is None or item is True or item is False:
        return _CONSTANTS[item]
    if isinstance(item, int):
        return _integer(item)
    if isinstance(item, float):
        if item - item != 0:
            raise _error(f"{item!r} is no number of JSON", levels)
        return float.__repr__(item)
    if isinstance(item, (list, tuple, dict)):
        return None
    raise _error(f"JSON has no {type(item).__name__}", levels)


def _string(item: str, levels: list[_Level]) -> str:
    if not item.isascii():
        try:
            item.encode("utf-8")
        except UnicodeEncodeError as error:
            code = ord(item[error.start])
            raise _error(f"character U+{code:04X} is a surrogate alone", levels) from None
    return encode_basestring(item)


def _integer(item: int) -> str:
    # Python refuses to convert more digits than its limit; decimal has none.
    if item.bit_length() < _PYTHON_BITS:
        return int.__repr__(item)
    return format(Decimal(item), "f")


def _entries(
    item: Any, levels: list[_Level], colon: str, sort_keys: bool
) -> tuple[str, Iterator[tuple[Any, str, Any]]]:
    """The bracket that opens a collection, and of each entry step, key with colon, and value."""
    if not isinstance(item, dict):
        return "[", ((index, "", value) for index, value in enumerate(item))
    entries: dict[str, tuple[str, str, Any]] = {}
    for key, value in item.items():
        name = key if isinstance(key, str) else _key(key, levels)
        text = _string(name, levels)
        if name in entries:
            raise _error(f"two keys become {text}", levels)
        entries[name] = (name, text + colon, value)
    found = (entries[name] for name in sorted(entries)) if sort_keys else iter(entries.values())
    return "{", found


def _key(key: Any, levels: list[_Level]) -> str:
    is_scalar = key is None or isinstance(key, (int, float))
    text = _scalar(key, levels) if is_scalar else None
    if text is None:
        raise _error(f"JSON has no key that is a {type(key).__name__}", levels)
    return text


def _error(message: str, levels: list[_Level]) -> ConfigError:
    steps = (str(level.step).replace("~", "~0").replace("/", "~1") for level in levels)
    pointer = "".join(f"/{step}" for step in steps)
    return ConfigError(f"{message}, at '{pointer}'")
