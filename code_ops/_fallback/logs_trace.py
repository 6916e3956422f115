"""Stack traces in the lines that belong to an event: what was thrown, and a fingerprint of where.

Known are the traces of Java, Python, Go, Node, Ruby, .NET and Rust. The fingerprint is the frames
without numbers and addresses, so that one defect has one.
"""

from __future__ import annotations

import re
from typing import Literal

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_record import WHITE

# Frames that the fingerprint has, and how much of each counts, in bytes.
_MOST_FRAMES = 12
_LONGEST_FRAME = 160
_LONGEST_NAME = 120

_NUMBER = re.compile(rb"[0-9][0-9A-Fa-fx]*")
_THROWN = re.compile(rb"([A-Za-z][0-9A-Za-z._$]*)(:|$| )")
_NOT_NAME = re.compile(rb"[^0-9A-Za-z._$]")
_ENDS = (b"Error", b"Exception", b"Fault", b"Throwable")
_BLANKS = (b" ", b"\t", b"\n", b"\r", b"\x0c")
# What Java puts before what ended a thread.
_UNCAUGHT = re.compile(rb'\AException in thread "(?:(?!" ).)*" ', re.DOTALL)

PYTHON = b"Traceback (most recent call last)"
"""What opens a trace of Python."""
CHAINED = (
    b"During handling of the above exception",
    b"The above exception was the direct cause",
)
"""Between two traces of Python of which the first brought the second."""

# Of another language than Python; behind Python's opening, where what was raised follows the
# frames; behind that; the next trace belongs to this one.
_Place = Literal["other", "python", "raised", "chained"]


class Trace:
    """The traces of the event at hand, line by line."""

    def __init__(self) -> None:
        self.has_lines = False
        """Whether there was a line since the event began."""
        self._ended: list[tuple[bytes, list[bytes]]] = []
        # How far lines at the margin are indented at most: journalctl indents all.
        self._depth = 0
        self._place: _Place = "other"
        self._next()

    def open(self, message: bytes) -> None:
        """The message of an event whose lines follow; it can open the trace."""
        self._place = "python" if message.startswith(PYTHON) else "other"

    def _next(self) -> None:
        """What follows is another trace."""
        self._name = b""
        self._frames: list[bytes] = []
        self._place = "other"

    def _end(self) -> None:
        if self._frames:
            self._ended.append((self._name, self._frames))
        self._next()

    def line(self, line: bytes) -> None:
        """A line behind the first of an event."""
        text = line.strip(WHITE)
        if not text:
            return
        depth = len(line) - len(line.lstrip(WHITE))
        is_frame = depth > 0 and _is_frame(text)
        if text.startswith(PYTHON) or not self.has_lines:
            self._depth = depth - is_frame
        self.has_lines = True
        if text.startswith(b"Caused by: "):
            # The last one is the root.
            self._set_name(thrown(text[len(b"Caused by: ") :]))
        elif text.startswith(PYTHON):
            if self._place != "chained":
                self._end()
            # Of several the last is what ended it; frames of all count.
            self._place = "python"
        elif is_frame:
            if len(self._frames) < _MOST_FRAMES:
                self._frames.append(_NUMBER.sub(b"#", text[:_LONGEST_FRAME]))
        elif depth <= self._depth:
            self._words(text)

    def _words(self, text: bytes) -> None:
        """A line at the margin that is no frame."""
        if text.startswith(CHAINED):
            self._place = "chained"
            return
        if text.startswith((b"panic: ", b"fatal error: ")):
            self._set_name(b"panic")
            return
        name = thrown(_UNCAUGHT.sub(b"", text))
        if self._place == "python" and self._frames and name:
            self._set_name(name)
            self._place = "raised"
        elif self._place in ("other", "raised") and self._frames and name.endswith(_ENDS):
            self._end()
            self._set_name(name)
        elif not self._name:
            self._set_name(name)

    def _set_name(self, name: bytes) -> None:
        self._name = name or self._name

    def keys(self, message: bytes) -> list[bytes]:
        """What was thrown and its frames, with a NUL byte between, of each trace with frames.

        ``message`` is the first line of the event.
        """
        self._end()
        return [
            (name or _named_in(message) or b"unknown") + b"\0" + b"\n".join(frames)
            for name, frames in self._ended
        ]


def is_thrown(message: bytes, text: bytes, at: int) -> bool:
    """Whether a message names an exception, and the line behind it is a frame: its second, or that
    which stands there in the text."""
    if not thrown(message).endswith(_ENDS):
        return False
    lines = message.split(b"\n", 2)
    end = text.find(b"\n", at)
    line = lines[1] if len(lines) > 1 else text[at : end if end >= 0 else len(text)]
    return line[:1] in _BLANKS and _is_frame(line.strip(WHITE))


def _is_frame(text: bytes) -> bool:
    """Whether an indented line is a frame."""
    if text.startswith(b"at "):
        return len(text) > len(b"at ")
    if text.startswith(b'File "'):
        return b", line " in text
    if text.startswith(b"from "):
        return b".rb:" in text
    return b".go:" in text


def thrown(text: bytes) -> bytes:
    """The name before a colon or at the end of the line, or that of an exception by its end."""
    match = _THROWN.match(text)
    if match is None or not 1 < len(match[1]) <= _LONGEST_NAME:
        return b""
    is_telling = match[2] != b" " or match[1].endswith(_ENDS)
    is_telling = is_telling and logs_levels.of_word(match[1]) is None
    return match[1] if is_telling else b""


def _named_in(message: bytes) -> bytes:
    """The last word of a message that names an exception."""
    words = _NOT_NAME.split(message)
    named = (word for word in reversed(words) if word.endswith(_ENDS))
    word = next((word for word in named if len(word) <= _LONGEST_NAME), b"")
    return word.lstrip(b"0123456789._$")
