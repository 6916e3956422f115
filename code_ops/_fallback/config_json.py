"""JSON (RFC 8259) as events, with the errors of the native engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from code_ops._fallback.config_build import Event, TextError

_WHITE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"true|false|null")
_GLUED = re.compile(r"[0-9A-Za-z._+-]")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_UNIT = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPES = dict(zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True))
_NO_VALUE = {
    "'": ": JSON has double quotes only",
    "/": ": JSON has no comments",
    "#": ": JSON has no comments",
    "N": ": JSON has neither NaN nor Infinity",
    "I": ": JSON has neither NaN nor Infinity",
    "T": ": `true` and `false` are in small letters",
    "F": ": `true` and `false` are in small letters",
}
_DIGITS = re.compile(r"[0-9]+")


def events(text: str, start: int, end: int, depth: int) -> Iterator[Event]:
    """The events of the one value in a part of a text. Raises TextError."""
    return _Reader(text, start, end, depth).events()


class _Reader:
    def __init__(self, text: str, start: int, end: int, depth: int) -> None:
        self._text, self._at, self._end, self._depth = text, start, end, depth
        # The brackets open, each with its place.
        self._open: list[tuple[str, int]] = []

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _skip_white(self) -> None:
        match = _WHITE.match(self._text, self._at, self._end)
        self._at = match.end() if match else self._at

    def events(self) -> Iterator[Event]:
        expect = "value"
        self._skip_white()
        while self._open or expect != "comma":
            inside = self._open[-1][0] if self._open else ""
            byte, at = self._peek(), self._at
            if expect == "comma" and byte == ",":
                self._at += 1
                expect = "key" if inside == "{" else "value"
            elif expect in ("key", "key or end") and byte == '"':
                yield Event("scalar", at, self._string())
                self._skip_white()
                if self._peek() != ":":
                    raise TextError("expected `:` after the key", self._at)
                self._at += 1
                expect = "value"
            elif (expect in ("key or end", "comma") and byte == "}" and inside == "{") or (
                expect in ("value or end", "comma") and byte == "]" and inside == "["
            ):
                self._at += 1
                self._open.pop()
                yield Event("end", at)
                expect = "comma"
            elif expect.startswith("value") and byte and byte in "[{":
                self._at += 1
                self._open.append((byte, at))
                self._check_depth(at)
                yield Event("mapping" if byte == "{" else "sequence", at)
                expect = "key or end" if byte == "{" else "value or end"
            elif self._is_value(expect, byte):
                is_text = byte == '"'
                yield Event("scalar", at, self._string() if is_text else self._bare(), not is_text)
                expect = "comma"
            else:
                raise self._unexpected(expect)
            self._skip_white()
        if self._at < self._end:
            raise TextError("expected the end after the value", self._at)

    def _is_value(self, expect: str, byte: str) -> bool:
        is_early_end = expect == "value" and byte == "]" and self._open
        is_cut_off = self._at >= self._end and self._open
        return expect.startswith("value") and not is_early_end and not is_cut_off

    def _check_depth(self, at: int) -> None:
        if len(self._open) > self._depth:
            message = f"collections are nested deeper than {self._depth} (limit depth)"
            raise TextError(message, at, "raise the limit if the input is to be trusted")

    def _unexpected(self, expect: str) -> TextError:
        if self._at >= self._end and self._open:
            bracket, at = self._open[-1]
            return TextError(f"`{bracket}` is not closed", at)
        inside = self._open[-1][0] if self._open else ""
        expected = {
            "key": "a key in double quotes",
            "key or end": "a key in double quotes or `}`",
            "comma": "`,` or `}`" if inside == "{" else "`,` or `]`",
        }.get(expect, "a value")
        if expect == "key" and self._peek() == "}":
            expected = "a key: JSON has no comma before `}`"
        if expect == "value" and self._peek() == "]":
            expected = "a value: JSON has no comma before `]`"
        return TextError(f"expected {expected}", self._at)

    def _bare(self) -> str:
        start = self._at
        if self._peek() and self._peek() in "-0123456789":
            self._number()
        else:
            match = _WORD.match(self._text, start, self._end)
            if match is None:
                raise TextError("expected a value" + _NO_VALUE.get(self._peek(), ""), start)
            self._at = match.end()
        if _GLUED.match(self._text, self._at, self._end):
            raise TextError("expected `,` or the end after the value", self._at)
        return self._text[start : self._at]

    def _number(self) -> None:
        if self._peek() == "-":
            self._at += 1
        if self._peek() == "0":
            self._at += 1
            if _DIGITS.match(self._text, self._at, self._end):
                raise TextError("expected a number without zeros before it", self._at)
        else:
            self._digits()
        if self._peek() == ".":
            self._at += 1
            self._digits()
        if self._peek() and self._peek() in "eE":
            self._at += 1
            if self._peek() and self._peek() in "+-":
                self._at += 1
            self._digits()

    def _digits(self) -> None:
        match = _DIGITS.match(self._text, self._at, self._end)
        if match is None:
            raise TextError("expected a digit", self._at)
        self._at = match.end()

    def _string(self) -> str:
        start = self._at
        self._at += 1
        parts = []
        while True:
            match = _PLAIN.match(self._text, self._at, self._end)
            parts.append(match[0] if match else "")
            self._at += len(parts[-1])
            byte = self._peek()
            if byte == '"':
                self._at += 1
                return "".join(parts)
            if byte != "\\":
                if not byte:
                    raise TextError("the string is not closed", start)
                hint = "write it as an escape in double quotes"
                message = f"character U+{ord(byte):04X} is not allowed here"
                raise TextError(message, self._at, hint)
            parts.append(self._escape())

    def _escape(self) -> str:
        start = self._at
        code = self._text[start + 1 : min(start + 2, self._end)]
        if code in _ESCAPES and code:
            self._at += 2
            return _ESCAPES[code]
        match = _UNIT.match(self._text, start, self._end)
        unit = int(match[1], 16) if match else 0xDC00
        self._at += 6
        if 0xD800 <= unit < 0xDC00:
            # A character beyond U+FFFF is a pair of units; one alone is no character.
            match = _UNIT.match(self._text, self._at, self._end)
            low = int(match[1], 16) if match else 0
            self._at += 6
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
            if not 0xDC00 <= low < 0xE000:
                unit = 0xDC00
        if 0xDC00 <= unit < 0xE000:
            hint = "write `\\\\` for a backslash"
            raise TextError("unknown escape in double quotes", start, hint)
        return chr(unit)
