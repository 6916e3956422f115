"""Events that go on in lines which look like others: messages of containers, of CRI and of Docker's
json-file, and Python's stack traces among plain lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from code_ops._fallback.logs_formats import Format
from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_record import WHITE
from code_ops._fallback.logs_trace import CHAINED, PYTHON, thrown

# How much is looked at behind a line, in bytes.
_FARTHEST = 128 << 10
# The least that a part which is not the last has in Docker's json-file, in bytes.
_LEAST = 16 << 10
# How far from its end a line is searched for the stream.
_LONGEST_END = 400

_CRI = re.compile(rb"[^ ]{0,39} (std(?:out|err)) ")
_DOCKER = b'{"log":"'
_STREAM = b'","stream":"std'


class _Outputs:
    """The streams of one format."""

    name: str

    def __init__(self) -> None:
        self._open: dict[bytes, bool] = {}

    def stream(self, line: bytes) -> tuple[bytes, int] | None:
        """The stream that a line names, and a place in the line."""
        raise NotImplementedError

    def is_partial(self, line: bytes) -> bool:
        """Whether the message goes on in a later line of the stream."""
        raise NotImplementedError

    def message(self, line: bytes, place: int) -> bytes:
        """The part of the message that a line has."""
        raise NotImplementedError

    def joined(self, line: bytes, ahead: bytes) -> bytes:
        """The line with the parts of others."""
        raise NotImplementedError

    def goes_on(self, line: bytes) -> bool:
        """Whether a line belongs to the event that another one opened."""
        found = self.stream(line)
        if found is None:
            return False
        was_open = self._open.get(found[0], False)
        self._open[found[0]] = self.is_partial(line)
        return was_open

    def ahead(self, line: bytes, rest: bytes) -> bytes:
        """What the lines behind add to the message of a partial one."""
        own = self.stream(line)
        found = []
        for text in rest[:_FARTHEST].split(b"\n"):
            text = text.removesuffix(b"\r")
            other = self.stream(text)
            if own is None or other is None:
                break
            if own[0] == other[0]:
                found.append(self.message(text, other[1]))
                if not self.has_more(text):
                    break
        return b"".join(found)

    def has_more(self, line: bytes) -> bool:
        """Whether more follows a line that is behind a partial one."""
        return self.is_partial(line)


class _Cri(_Outputs):
    """``TIME stdout|stderr P|F message``; the place is that of the tag."""

    name = "cri"

    def stream(self, line: bytes) -> tuple[bytes, int] | None:
        match = _CRI.match(line)
        return None if match is None else (match[1], match.end())

    def is_partial(self, line: bytes) -> bool:
        found = self.stream(line)
        return found is not None and line.startswith(b"P ", found[1])

    def has_more(self, line: bytes) -> bool:
        found = self.stream(line)
        return found is not None and line.startswith(b"P", found[1])

    def message(self, line: bytes, place: int) -> bytes:
        return line[place + 2 :]

    def joined(self, line: bytes, ahead: bytes) -> bytes:
        return line + ahead


class _Docker(_Outputs):
    """``{"log":"message","stream":"stdout",…``; the place is the end of the message."""

    name = "json"

    def stream(self, line: bytes) -> tuple[bytes, int] | None:
        if not line.startswith(_DOCKER):
            return None
        end = line.rfind(_STREAM, max(len(line) - _LONGEST_END, len(_DOCKER)))
        letter = line[end + len(_STREAM) : end + len(_STREAM) + 1] if end >= 0 else b""
        return (letter, end) if letter in (b"o", b"e") else None

    def is_partial(self, line: bytes) -> bool:
        found = self.stream(line) if len(line) >= _LEAST else None
        return found is not None and not line.endswith(b"\\n", 0, found[1])

    def message(self, line: bytes, place: int) -> bytes:
        return line[len(_DOCKER) : place]

    def joined(self, line: bytes, ahead: bytes) -> bytes:
        found = self.stream(line)
        return line if found is None else line[: found[1]] + ahead + line[found[1] :]


class _PythonTrace:
    """Python's stack traces among lines without a header: what was raised stands at the start of a
    line, as events do, and so does a trace that an event before it brought."""

    def __init__(self) -> None:
        self.level = Level.UNKNOWN
        """Of the event before."""
        # Where in a trace the line before was.
        self._place: Literal["outside", "frames", "raised", "chained"] = "outside"

    def goes_on(self, line: bytes) -> bool:
        """Whether a line belongs to the event before it, though it looks like one."""
        if not line.strip(WHITE) or line.startswith((b" ", b"\t")):
            return False
        before, self._place = self._place, "outside"
        if line.startswith(PYTHON):
            self._place = "frames"
            is_behind_error = before == "outside" and self.level >= Level.ERROR
            return before == "chained" or is_behind_error
        if before == "raised" and line.startswith(CHAINED):
            self._place = "chained"
        elif before == "frames" and thrown(line):
            self._place = "raised"
            return True
        return False


class Outputs:
    """The lines of a text whose messages go on in others."""

    def __init__(self, formats: Sequence[Format], text: bytes) -> None:
        self._formats: list[_Outputs] = []
        is_plain = any(form.name == "plain" for form in formats)
        self._python = _PythonTrace() if is_plain and PYTHON in text else None
        for form in formats:
            if form.name == "cri":
                self._formats.append(_Cri())
            elif form.name == "json" and text.startswith(_DOCKER):
                self._formats.append(_Docker())

    def goes_on(self, line: bytes) -> bool:
        """Whether a line belongs to the event that another one opened."""
        for form in self._formats:
            if form.stream(line) is not None:
                return form.goes_on(line)
        return self._python is not None and self._python.goes_on(line)

    def event(self, level: Level) -> None:
        """After an event of this level."""
        if self._python is not None:
            self._python.level = level

    def joined(self, name: str, line: bytes, text: bytes, at: int) -> bytes:
        """A line for a format with what lines behind it, which begin there, add to it."""
        for form in self._formats:
            if form.is_partial(line):
                ahead = form.ahead(line, text[at : at + _FARTHEST])
                return form.joined(line, ahead) if ahead and form.name == name else line
        return line
