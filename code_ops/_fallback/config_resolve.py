"""What an untagged plain scalar is, by the tables of YAML 1.2.2 (chapter 10) and of PyYAML."""

from __future__ import annotations

import datetime
import re
from typing import Any

TEXT = object()
"""The scalar is text."""

_CHUNK_DIGITS = 600
"""Below the least limit that an interpreter can have on digits in one conversion."""
_SEXAGESIMAL_DIGITS = 4_300
_WORD_DIGITS = 18

_WORDS = {"null": None, "true": True, "false": False}
_CORE_WORDS = (
    _WORDS
    | {"": None, "~": None}
    | {change(word): value for word, value in _WORDS.items() for change in (str.title, str.upper)}
)
_YAML11_WORDS = _CORE_WORDS | {
    change(word): word in ("yes", "on")
    for word in ("yes", "no", "on", "off")
    for change in (str.lower, str.title, str.upper)
}
_CORE_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_CORE_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = (".nan", ".NaN", ".NAN")
_JSON_INT = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_JSON_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?", re.ASCII)
_YAML11_INT = re.compile(
    r"[-+]?(0b[01_]*[01][01_]*|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*"
    r"|[1-9][0-9_]*(:[0-5]?[0-9])+)",
    re.ASCII,
)
_YAML11_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*",
    re.ASCII,
)
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"((?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?"
    r"(?:[ \t]*(?:(Z)|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?)?",
    re.ASCII,
)


class TooLongError(ValueError):
    """An integer of more digits than allowed."""


def resolve(text: str, schema: str, most_digits: int) -> Any:
    """The value of a plain scalar, or ``TEXT``. Raises TooLongError."""
    if schema == "failsafe":
        return TEXT
    words = {"json": _WORDS, "core": _CORE_WORDS, "yaml11": _YAML11_WORDS}[schema]
    if text in words:
        return words[text]
    if not text or text[0] not in "+-.0123456789":
        return TEXT
    if schema == "json":
        if _JSON_INT.fullmatch(text):
            return _decimal(text, most_digits)
        return float(text) if _JSON_FLOAT.fullmatch(text) else TEXT
    if match := _INFINITY.fullmatch(text):
        return float(match[1] + "inf")
    if text in _NAN:
        return float("nan")
    return (_core if schema == "core" else _yaml11)(text, most_digits)


def _core(text: str, most_digits: int) -> Any:
    if _CORE_INT.fullmatch(text):
        radix = {"0o": 8, "0x": 16}.get(text[:2])
        if radix is None:
            return _decimal(text, most_digits)
        _check(text[2:], most_digits)
        return int(text[2:], radix)
    return float(text) if _CORE_FLOAT.fullmatch(text) else TEXT


def _yaml11(text: str, most_digits: int) -> Any:
    bare = text.replace("_", "")
    sign = -1 if bare.startswith("-") else 1
    unsigned = bare.lstrip("+-")
    if _YAML11_INT.fullmatch(text):
        if ":" in unsigned:
            _check(unsigned, min(most_digits, _SEXAGESIMAL_DIGITS))
            total = 0
            for part in unsigned.split(":"):
                total = total * 60 + int(part)
            return sign * total
        radix = {"0b": 2, "0x": 16}.get(unsigned[:2])
        if radix is None and unsigned.startswith("0"):
            radix = 8
        if radix is None:
            return _decimal(bare, most_digits)
        _check(unsigned, most_digits)
        return sign * int(unsigned, radix)
    if not _YAML11_FLOAT.fullmatch(text):
        return TEXT
    if ":" not in unsigned:
        return float(bare)
    base, result = 1, 0.0
    for digit in map(float, reversed(unsigned.split(":"))):
        result += digit * base
        base *= 60
    return sign * result


def _check(digits: str, most_digits: int) -> None:
    # Machine words have no limit, whatever zeros stand before them.
    if len(digits) > most_digits and len(digits.lstrip("0_")) > _WORD_DIGITS:
        raise TooLongError


def _decimal(text: str, most_digits: int) -> int:
    """An integer of any length, joined of pieces in pairs: Python limits one conversion."""
    digits = text.lstrip("+-")
    _check(digits, most_digits)
    parts = [
        int(digits[max(0, end - _CHUNK_DIGITS) : end])
        for end in range(len(digits), 0, -_CHUNK_DIGITS)
    ]
    scale = 10**_CHUNK_DIGITS
    while len(parts) > 1:
        pairs = zip(parts[::2], [*parts[1::2], 0], strict=False)
        parts = [low + high * scale for low, high in pairs]
        scale *= scale
    return -parts[0] if text.startswith("-") else parts[0]


def timestamp(text: str) -> datetime.date | None:
    """The date or time that a text is in YAML 1.1, or None; days must exist."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, time, hour, minute, second, fraction, utc, sign, hours, minutes = (
        match.groups()
    )
    try:
        if time is None:
            return datetime.date.fromisoformat(text) if len(text) == 10 else None
        zone = datetime.UTC if utc else None
        if sign:
            offset = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0))
            zone = datetime.timezone(-offset if sign == "-" else offset)
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        numbers = [int(number) for number in (year, month, day, hour, minute, second)]
        return datetime.datetime(*numbers, microsecond, tzinfo=zone)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
