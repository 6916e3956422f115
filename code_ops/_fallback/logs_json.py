"""JSON lines: the members of one object, those of objects within by their path.

Arrays are passed over, and so is everything that tells a line from JSON only to a validator: what
matters is that lines which are objects are read, whole and in one pass.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_access import split
from code_ops._fallback.logs_keys import Key, Keys, Role
from code_ops._fallback.logs_levels import Level, Scale
from code_ops._fallback.logs_record import WHITE, Record, Request, number
from code_ops._fallback.logs_times import SEARCHED, Shape, Stamp

# Objects in objects that are looked into.
_DEEPEST = 16

_STRING = rb'"((?>(?:[^"\\]+|\\.)*))"'
_BLANKS = re.compile(rb"[ \t]*+")
_KEY = re.compile(_STRING + rb"[ \t]*+:[ \t]*+", re.DOTALL)
_OPEN = re.compile(rb"\{[ \t]*+(\}?)")
_TEXT = re.compile(_STRING, re.DOTALL)
_BARE = re.compile(rb'[^,} \t"\[{][^,} \t]*+')
_COLLECTION = re.compile(_STRING + rb'|["\[\]{}]', re.DOTALL)
_ESCAPE = re.compile(
    rb"\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\(.)",
    re.DOTALL,
)
_BYTE = re.compile(rb"0*(?:[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])")
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()
_WHOLE = re.compile(rb"([+-]?)0*([0-9]{1,19})")
_SIGN = re.compile(rb"[+-]")
_LIMIT = 2**63
_WORDS = (b"null", b"true", b"false")


class _Scalar(NamedTuple):
    """A value that is no array or object; texts without quotes, their escapes as they stand."""

    path: bytes
    word: bytes
    is_text: bool
    is_bytes: bool = False
    """Whether it was an array of bytes, as the journal writes what is no UTF-8."""

    @property
    def is_null(self) -> bool:
        return self.word == b"null" and not (self.is_text or self.is_bytes)

    @property
    def text(self) -> bytes:
        return decoded(self.word) if self.is_text else self.word


class Wrapped(NamedTuple):
    """A line that Docker wrote around another one."""

    time: Stamp | None
    line: bytes


class _NotJsonError(Exception):
    """The line is no JSON object."""


class JsonReader:
    """Reads lines of JSON; it remembers keys from line to line."""

    def __init__(self) -> None:
        self._keys = Keys()

    def parse(self, line: bytes) -> Record | Wrapped | None:
        """Reads a line; None when it is no JSON object."""
        text = line.rstrip(WHITE)
        if not (text.startswith(b"{") and text.endswith(b"}")):
            return None
        try:
            scalars, members = _scalars(text)
            return self._record(scalars, members)
        except _NotJsonError:
            return None

    def _record(self, scalars: list[_Scalar], members: int) -> Record | Wrapped:
        best: dict[Role, tuple[Key, _Scalar]] = {}
        request: dict[str, _Scalar] = {}
        numbers = []
        for scalar in scalars:
            key = self._keys.look_up(scalar.path)
            if scalar.is_bytes and key.role is not Role.MESSAGE:
                continue
            if not (scalar.is_text or scalar.is_bytes or scalar.word in _WORDS):
                value = number(scalar.word)
                if value is None:
                    # A word that is no number makes the line something else than JSON.
                    raise _NotJsonError
                if key.role is Role.NONE and key.is_kept:
                    numbers.append((scalar.path, value))
            if key.request is not None and not scalar.is_bytes:
                request.setdefault(key.request, scalar)
            is_better = key.role not in best or key.rank < best[key.role][0].rank
            if is_better and not scalar.is_null:
                best[key.role] = key, scalar
        record = Record(numbers=tuple(numbers))
        if Role.TIME in best:
            record.time = time_of(best[Role.TIME][1].word)
        if Role.LEVEL in best:
            key, level = best[Role.LEVEL]
            record.found(_level(level.word, key.scale), "field")
        if Role.SOURCE in best:
            record.source = best[Role.SOURCE][1].text
        if Role.TRACE in best:
            record.trace = best[Role.TRACE][1].text
        if Role.MESSAGE in best:
            record.message = best[Role.MESSAGE][1].text
            if members == len(scalars) == 3 and _is_docker(scalars):
                return Wrapped(record.time, record.message.rstrip(b"\r\n"))
        elif request:
            _request(request, record)
        return record


def _request(parts: dict[str, _Scalar], record: Record) -> None:
    """The request of a line without a message, if it has a status and tells what was asked for."""
    texts = {name: scalar.text for name, scalar in parts.items() if scalar.is_text}
    status = _count(parts.get("status"))
    if status is None or not 100 <= status < 600 or not {"line", "target"} & texts.keys():
        return
    method, target = texts.get("method", b""), texts.get("target", b"")
    record.message = target
    if line := texts.get("line"):
        record.message = line
        split_method, split_target = split(line)
        if split_method:
            method, target = split_method, split_target
    record.request = Request(
        texts.get("client", b""),
        method,
        target,
        status,
        _count(parts.get("bytes")),
        texts.get("agent", b""),
    )


def _count(scalar: _Scalar | None) -> int | None:
    """A whole number of 64 bits, also as text."""
    if scalar is None or not scalar.word.isdigit():
        return None
    digits = scalar.word.lstrip(b"0")
    value = int(digits[:21] or b"0")
    return value if value < 2**64 else None


def _is_docker(scalars: list[_Scalar]) -> bool:
    """Whether these are the three keys of Docker's json-file."""
    # Only the stream may be null.
    paths = {scalar.path for scalar in scalars}
    streams = paths - {b"log", b"time"}
    is_whole = (
        len(paths) == 3
        and not any(scalar.is_bytes for scalar in scalars)
        and {path.lower() for path in streams} == {b"stream"}
    )
    return is_whole and not any(scalar.is_null for scalar in scalars if scalar.path not in streams)


def _scalars(text: bytes) -> tuple[list[_Scalar], int]:
    """All scalars of the object and of those within, and the number of the object's members."""
    found: list[_Scalar] = []
    members = 0
    prefixes = [b""]
    at = _skip(text, 1)
    is_closed = text[at : at + 1] == b"}"
    while not is_closed:
        key = _KEY.match(text, at)
        if key is None:
            raise _NotJsonError
        path = prefixes[-1] + key[1]
        members += len(prefixes) == 1
        inner = _OPEN.match(text, key.end()) if len(prefixes) < _DEEPEST else None
        if inner is None:
            at = _value(text, key.end(), path, found)
        elif inner[1]:
            at = inner.end()
        else:
            prefixes.append(path + b".")
            at = inner.end()
            continue
        at = _skip(text, at)
        # Behind a value: more members, or the ends of objects.
        while text[at : at + 1] == b"}" and len(prefixes) > 1:
            prefixes.pop()
            at = _skip(text, at + 1)
        is_closed = text[at : at + 1] == b"}"
        if not is_closed:
            if text[at : at + 1] != b",":
                raise _NotJsonError
            at = _skip(text, at + 1)
    if at + 1 != len(text):
        raise _NotJsonError
    return found, members


def _skip(text: bytes, at: int) -> int:
    match = _BLANKS.match(text, at)
    return at if match is None else match.end()


def _value(text: bytes, at: int, path: bytes, found: list[_Scalar]) -> int:
    """Reads one value that is no object to look into; returns its end."""
    if text[at : at + 1] in (b"[", b"{"):
        end = _collection_end(text, at)
        if text[at + 1 : at + 2].isdigit():
            data = _bytes(text[at + 1 : end - 1])
            if data is not None:
                found.append(_Scalar(path, data, is_text=False, is_bytes=True))
        return end
    quoted = _TEXT.match(text, at)
    if quoted is not None:
        found.append(_Scalar(path, quoted[1], is_text=True))
        return quoted.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise _NotJsonError
    found.append(_Scalar(path, bare[0], is_text=False))
    return bare.end()


def _bytes(array: bytes) -> bytes | None:
    """The bytes of an array; None where it has anything but numbers below 256."""
    numbers = [word.strip(WHITE) for word in array.split(b",")]
    if not all(_BYTE.fullmatch(word) for word in numbers):
        return None
    return bytes(int(word[-3:]) for word in numbers)


def _collection_end(text: bytes, at: int) -> int:
    depth = 0
    for match in _COLLECTION.finditer(text, at):
        if match[0] == b'"':
            break
        if match[0] in b"[{":
            depth += 1
        elif match[0] in b"]}":
            depth -= 1
            if depth == 0:
                return match.end()
    raise _NotJsonError


def time_of(word: bytes) -> Stamp | None:
    """The time of a field: of any shape that has a year."""
    if word[:9].isdigit():
        # No other shape begins so, and logs are full of these.
        return Shape.EPOCH.parse(word)
    stamps = (shape.parse(word) for shape in SEARCHED if not shape.may_lack_year)
    return next((stamp for stamp in stamps if stamp is not None), None)


def _level(word: bytes, scale: Scale) -> Level | None:
    whole = _WHOLE.fullmatch(word)
    if whole is not None and -_LIMIT <= int(whole[1] + whole[2]) < _LIMIT:
        return logs_levels.of_number(int(whole[1] + whole[2]), scale)
    # MongoDB's letters, `D1` to `D5` among them.
    if len(word) == 1 or (len(word) == 2 and word[:1] == b"D" and word[1:] in b"12345"):
        return logs_levels.of_letter(word[:1])
    return logs_levels.of_word(without_offset(word))


def without_offset(word: bytes) -> bytes:
    """slog's ``ERROR`` of ``ERROR+4``."""
    return _SIGN.split(word, maxsplit=1)[0].strip(WHITE)


def decoded(text: bytes) -> bytes:
    """The text of a string with its escapes read (RFC 8259, section 7); what is none stays."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[bytes]) -> bytes:
    high, low, unit, other = match.groups()
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00).encode()
    if unit is not None and not 0xD800 <= int(unit, 16) < 0xE000:
        return chr(int(unit, 16)).encode()
    # Half a pair of units is no character, nor are less than four digits.
    return _REPLACEMENT if other in (None, b"u") else _CONTROLS.get(other, other)
