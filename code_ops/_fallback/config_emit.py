"""YAML text of Python values, letter by letter as the native engine writes it."""

from __future__ import annotations

import base64
import datetime
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from code_ops._fallback.config_resolve import TEXT, resolve, timestamp
from code_ops.errors import ConfigError

_DEPTH = 1_000
_KEY_DEPTH = 100
_TOO_DEEP = "collections are nested deeper than 1000, or contain themselves"
_KEY_BYTES = 1024
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_URI = re.compile(r"[0-9A-Za-z\-#;/?:@&=+$_.~*'()%]+", re.ASCII)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS = re.compile(r'["\\]|' + _ESCAPED.pattern)


def dump(documents: Iterable[Any], *, is_stream: bool) -> str:
    """The text of documents, each begun with ``---`` in a stream."""
    lines: list[str] = []
    try:
        for document in documents:
            if is_stream:
                lines.append("---\n")
            lines += _node(document, "", 0, 0)
    except RecursionError:
        raise ConfigError(_TOO_DEEP) from None
    return "".join(lines)


def _node(value: Any, head: str, indent: int, depth: int) -> Iterator[str]:
    """The lines of a value after ``head``; its entries, if any, are at ``indent``."""
    value, tag = _untagged(value)
    written = _scalar(value)
    if isinstance(value, str) and _is_literal(value):
        yield from _literal(value, _spaced(head, tag), indent)
        return
    if written is not None:
        yield f"{_spaced(_spaced(head, tag or written[1]), written[0])}\n"
        return
    pairs = _pairs(value)
    if pairs is not None and not isinstance(value, dict) and not tag:
        tag = "!!set"
    entries = _items(value) if pairs is None else pairs
    if not entries:
        yield f"{_spaced(_spaced(head, tag), '[]' if pairs is None else '{}')}\n"
        return
    if depth >= _DEPTH:
        raise ConfigError(_TOO_DEEP)
    # The first entry of a collection in a sequence stands on the line of its dash.
    first = " " * indent
    if tag or head.endswith(":"):
        yield f"{_spaced(head, tag)}\n"
    elif head:
        first = head
    for number, entry in enumerate(entries):
        start = first if number == 0 else " " * indent
        if pairs is None:
            yield from _node(entry, f"{start}- ", indent + 2, depth + 1)
        else:
            yield from _pair(entry, start, indent, depth)


def _pair(pair: tuple[Any, Any], start: str, indent: int, depth: int) -> Iterator[str]:
    key, value = pair
    written = _scalar(key)
    if written is None:
        yield f"{start}? {_flow(key, 0)}\n"
        start = " " * indent + ":"
    else:
        text = _spaced(written[1], written[0])
        if len(written[0].encode()) > _KEY_BYTES:
            yield f"{start}? {text}\n"
            start = " " * indent + ":"
        else:
            start = f"{start}{text}:"
    yield from _node(value, start, indent + 2, depth + 1)


def _spaced(head: str, text: str) -> str:
    return f"{head} {text}" if head and text and not head.endswith(" ") else head + text


def _untagged(value: Any) -> tuple[Any, str]:
    from code_ops.config import Tagged

    if not isinstance(value, Tagged):
        return value, ""
    tag = value.tag
    name = tag.removeprefix("tag:yaml.org,2002:")
    if name != tag and _URI.fullmatch(name):
        return value.value, f"!!{name}"
    if tag == "!" or (tag.startswith("!") and _URI.fullmatch(tag[1:])):
        return value.value, tag
    if ":" in tag and _URI.fullmatch(re.sub(r"[,!\[\]]", "_", tag)):
        return value.value, f"!<{tag}>"
    raise ConfigError(f"`{tag}` is no tag")


def _scalar(value: Any) -> tuple[str, str] | None:
    """A scalar as it is written, and its tag; None for collections."""
    if value is None:
        return "null", ""
    if isinstance(value, str):
        return (value if is_plain(value, in_flow=False) else _quoted(value)), ""
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if isinstance(value, int):
        try:
            return int.__repr__(value), ""
        except ValueError:
            message = "an integer has more digits than sys.set_int_max_str_digits allows"
            raise ConfigError(message) from None
    if isinstance(value, float):
        return _float(value), ""
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"', "!!binary"
    if isinstance(value, datetime.date):
        return value.isoformat(), ""
    return None


def _float(value: float) -> str:
    """As Python writes it, with the point that YAML 1.1 wants."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = float.__repr__(value).partition("e")
    return (
        f"{mantissa}.0e{exponent}" if mark and "." not in mantissa else mantissa + mark + exponent
    )


def _pairs(value: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, set | frozenset):
        # A set has no order of its own.
        return [(key, None) for key in sorted(value, key=lambda key: _flow(key, 0).encode())]
    return None


def _items(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise ConfigError(f"a value of type `{type(value).__name__}` cannot be written as YAML")


def _flow(value: Any, depth: int) -> str:
    """A value in flow style, for keys."""
    if depth > _KEY_DEPTH:
        raise ConfigError("a key is nested deeper than 100")
    if isinstance(value, str):
        return value if is_plain(value, in_flow=True) else _quoted(value)
    written = _scalar(value)
    if written is not None:
        return _spaced(written[1], written[0])
    if not isinstance(value, frozenset):
        return f"[{', '.join(_flow(item, depth + 1) for item in _items(value))}]"
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        message = "a set in a key that is not of pairs cannot be written as YAML"
        raise ConfigError(message)
    # What reading makes of a mapping that is a key.
    pairs = [f"{_flow(key, depth + 1)}: {_flow(item, depth + 1)}" for key, item in value]
    return f"{{{', '.join(sorted(pairs, key=str.encode))}}}"


def _quoted(text: str) -> str:
    return f'"{_MARKS.sub(lambda match: _escape(match[0]), text)}"'


def _escape(character: str) -> str:
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def is_plain(text: str, *, in_flow: bool) -> bool:
    """Whether text stays that text without quotes, for readers of YAML 1.1 and 1.2."""
    return _has_plain_shape(text, in_flow) and not _has_meaning(text)


def _has_plain_shape(text: str, in_flow: bool) -> bool:
    if not text or text[-1] in " :" or text.startswith(("---", "...")):
        return False
    is_mark = text[:1] in " ,[]{}#&*!|>'\"%@`"
    is_dash = text[0] in "-?:" and (len(text) == 1 or text[1] in " ,[]{}")
    # PyYAML takes ``?`` for the end of a plain scalar in brackets.
    is_cut = ": " in text or " #" in text or (in_flow and any(mark in text for mark in ",?[]{}"))
    return not (is_mark or is_dash or is_cut or _ESCAPED.search(text))


def _has_meaning(text: str) -> bool:
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    digits = len(text) + 1
    return (
        text in ("", "=", "<<", "y", "Y", "n", "N")
        or unsigned.startswith(("0b", "0x", "._"))
        or resolve(text, "core", digits) is not TEXT
        or resolve(text, "yaml11", digits) is not TEXT
        or timestamp(text) is not None
    )


def _is_literal(text: str) -> bool:
    """Whether a text of several lines can be a literal block, and be read as one by people."""
    if "\n" not in text or not text.strip("\n"):
        return False
    if _ESCAPED.search(text.replace("\n", "").replace("\t", "")):
        return False
    # A line of spaces alone is lost to the eye, and to editors.
    return all(not line or line.strip(" \t") for line in text.split("\n"))


def _literal(text: str, head: str, indent: int) -> Iterator[str]:
    first = text.lstrip("\n")
    ends = len(text) - len(text.rstrip("\n"))
    header = "|" + ("2" if first.startswith(" ") else "") + ("-", "", "+")[min(ends, 2)]
    yield f"{_spaced(head, header)}\n"
    # Alone, or below the entry that it belongs to.
    spaces = " " * (indent or 2)
    for line in text.removesuffix("\n").split("\n"):
        yield f"{spaces}{line}\n" if line else "\n"
