"""Stack traces in the lines that belong to an event: what was thrown, and a fingerprint of where.

Known are the traces of Java, Python, Go, Node, Ruby, .NET and Rust. The fingerprint is the frames
without numbers and addresses, so that one defect has one.
"""

from __future__ import annotations

import re

from code_ops._fallback.logs_record import WHITE

# Frames that the fingerprint has, and how much of each counts, in bytes.
_MOST_FRAMES = 12
_LONGEST_FRAME = 160
_LONGEST_NAME = 120

_NUMBER = re.compile(rb"[0-9][0-9A-Fa-fx]*")
_THROWN = re.compile(rb"([A-Za-z][0-9A-Za-z._$]*)(:|$| )")
_NOT_NAME = re.compile(rb"[^0-9A-Za-z._$]")
_ENDS = (b"Error", b"Exception", b"Fault", b"Throwable")


class Trace:
    """The trace of the event at hand, line by line."""

    def __init__(self) -> None:
        self._name = b""
        self._frames: list[bytes] = []
        self._has_frames = False
        self._is_python = False

    def line(self, line: bytes) -> None:
        """A line behind the first of an event."""
        text = line.strip(WHITE)
        if text.startswith(b"Caused by: "):
            # The last one is the root.
            self._set_name(_thrown(text[len(b"Caused by: ") :]))
        elif text.startswith(b"Traceback (most recent call last)"):
            self._is_python = True
        elif line[:1] and line[:1] in WHITE:
            if _is_frame(text):
                self._has_frames = True
                if len(self._frames) < _MOST_FRAMES:
                    self._frames.append(_NUMBER.sub(b"#", text[:_LONGEST_FRAME]))
        elif text.startswith((b"panic: ", b"fatal error: ")):
            self._set_name(b"panic")
        elif not self._name or (self._is_python and self._has_frames):
            self._set_name(_thrown(text))

    def _set_name(self, name: bytes) -> None:
        self._name = name or self._name

    def key(self, message: bytes) -> bytes:
        """What was thrown and its frames, with a NUL byte between; empty without frames.

        ``message`` is the first line of the event.
        """
        if not self._has_frames:
            return b""
        name = self._name or _named_in(message) or b"unknown"
        return name + b"\0" + b"\n".join(self._frames)


def _is_frame(text: bytes) -> bool:
    """Whether an indented line is a frame."""
    if text.startswith(b"at "):
        return len(text) > len(b"at ")
    if text.startswith(b'File "'):
        return b", line " in text
    if text.startswith(b"from "):
        return b".rb:" in text
    return b".go:" in text


def _thrown(text: bytes) -> bytes:
    """The name before a colon or at the end of the line, or that of an exception by its end."""
    match = _THROWN.match(text)
    if match is None or not 1 < len(match[1]) <= _LONGEST_NAME:
        return b""
    is_telling = match[2] != b" " or match[1].endswith(_ENDS)
    return match[1] if is_telling else b""


def _named_in(message: bytes) -> bytes:
    """The last word of a message that names an exception."""
    words = _NOT_NAME.split(message)
    named = (word for word in reversed(words) if word.endswith(_ENDS))
    word = next((word for word in named if len(word) <= _LONGEST_NAME), b"")
    return word.lstrip(b"0123456789._$")
