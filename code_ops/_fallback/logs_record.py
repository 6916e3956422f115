"""What a line of a log tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from code_ops._fallback.logs_levels import Level, LevelSource
from code_ops._fallback.logs_times import Stamp

WHITE = b" \t\n\r\x0c"
"""The bytes that are white space in ASCII without the vertical tab."""

_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+|(?:\.[0-9]*)?[eE][+-]?[0-9]+)?")
_INFINITE = (float("inf"), float("-inf"))
_CONTINUATION = re.compile(
    rb"[ \t})]|\.\.\. |Caused by: |goroutine |Suppressed: "
    rb"|During handling of the above exception|The above exception was the direct cause"
)


@dataclass(slots=True)
class Request:
    """A request of an access log."""

    client: bytes
    method: bytes
    """As in ``GET``; empty where the request is no such line."""
    target: bytes
    """The path with its query."""
    status: int
    size: int | None
    """Of the response, in bytes."""
    agent: bytes


@dataclass(slots=True)
class Record:
    """An event."""

    time: Stamp | None = None
    is_year_missing: bool = False
    """Whether the year of the time came from elsewhere."""
    level: Level = Level.UNKNOWN
    level_source: LevelSource = "none"
    source: bytes = b""
    """The program, logger, module or unit."""
    message: bytes = b""
    trace: bytes = b""
    """The stack trace that a field holds."""
    request: Request | None = None
    numbers: tuple[tuple[bytes, float], ...] = ()
    """The numbers of a structured line by the paths of their keys."""

    def found(self, level: Level | None, source: LevelSource) -> None:
        """Sets the level, if none is known."""
        if level and not self.level:
            self.level, self.level_source = level, source


# Control sequences of terminals (ECMA-48, section 5.4): colours, strings such as links, others.
_ESCAPES = re.compile(
    rb"\x1b(?:\[[\x20-\x3f]*[\x40-\x7e]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\[\]])?", re.DOTALL
)


def without_escapes(line: bytes) -> bytes:
    """The line without colours and other control sequences, which are no text."""
    return _ESCAPES.sub(b"", line) if b"\x1b" in line else line


def number(text: bytes) -> float | None:
    """A finite number as JSON writes it; None for every other text."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return None if value in _INFINITE else value


def is_continuation(line: bytes) -> bool:
    """Whether a line can only belong to the event before it: indented, or a part of a trace."""
    return _CONTINUATION.match(line) is not None
