"""The pieces of a header: words, and what brackets hold, between blanks and marks."""

from __future__ import annotations

import re
from typing import NamedTuple

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_record import WHITE

MOST_PIECES = 8
"""How far a header is looked at."""
_LONGEST_BRACKET = 400
LONGEST_NAME = 120
"""Of a logger, a thread or a program, in bytes."""

# Blanks and the marks that part columns; Ruby's `--`, Spring's `---`.
_BETWEEN = re.compile(rb"(?>(?:[ \t|\],;]|[-:](?=[ \t]|\Z)|-(?=-[ -]))*)")
# Blanks and brackets before a time.
_OPEN = re.compile(rb"(?>(?:[\[ (](?=[0-9\[ ]|[A-Z]..[ ,]))*)", re.DOTALL)
_WORD = re.compile(rb"[^ \t|]*")
_COMMAND = re.compile(rb"##\[([^\]]*)\]|::([^ :]*)(?=[ :])(?=.*?::)", re.DOTALL)
_BRACKETS = {
    ord("["): re.compile(rb"[\[\]]"),
    ord("("): re.compile(rb"[()]"),
    ord("<"): re.compile(rb"[<>]"),
}


class Piece(NamedTuple):
    """A part of the header: its text without brackets, and where it ends."""

    text: bytes
    end: int
    is_bracketed: bool

    @property
    def is_emphatic(self) -> bool:
        """Whether it is written as levels are in columns: not in small letters."""
        return self.is_bracketed or self.text[:1].isupper()

    @property
    def is_shouted(self) -> bool:
        """Whether it is a word in capitals before a colon: a level wherever it stands."""
        word = self.text[:-1]
        is_capitals = len(word) > 2 and word.isalpha() and word.isupper()
        return not self.is_bracketed and self.text.endswith(b":") and is_capitals

    @property
    def name(self) -> bytes:
        """The text as the name of a logger, a thread or a program; empty when it can be none."""
        if not self.text[:1].isalpha() or len(self.text) > LONGEST_NAME:
            return b""
        return self.text.removesuffix(b":")

    @property
    def level(self) -> Level | None:
        """The level that it names, as in ``E``, ``ERROR:``, ``I,`` and Apache's ``core:error``."""
        if len(self.text) == 1 and not self.is_bracketed:
            return logs_levels.of_letter(self.text)
        word = self.text[:-1] if self.text.endswith((b":", b",")) else self.text
        if len(word) == 1:
            return logs_levels.of_letter(word) if len(self.text) == 2 else None
        if self.is_bracketed:
            return logs_levels.of_word(word.rpartition(b":")[2])
        # `INFO/MainProcess]` of Celery.
        head, slash, _ = word.partition(b"/")
        is_level = len(head) > 2 and head.isalpha() and head.isupper()
        level = logs_levels.of_word(head) if slash and is_level else None
        if level is not None:
            return level
        # `ch.WARNING` of Monolog; not the end of a name such as `x.error`.
        _channel, dot, last = word.rpartition(b".")
        if dot and not (last.isalpha() and last.isupper()):
            return None
        return logs_levels.of_word(last)


def skip(text: bytes, at: int) -> int:
    """Past blanks and marks."""
    match = _BETWEEN.match(text, at)
    return at if match is None else match.end()


def skip_open(text: bytes, at: int) -> int:
    """Past blanks and opening brackets before what looks like a time."""
    match = _OPEN.match(text, at)
    return at if match is None else match.end()


def piece(text: bytes, at: int) -> Piece | None:
    """The piece at a place; None at the end and where a bracket does not close."""
    if at >= len(text):
        return None
    brackets = _BRACKETS.get(text[at])
    if brackets is None:
        word = _WORD.match(text, at)
        return None if word is None else Piece(word[0], word.end(), is_bracketed=False)
    depth = 0
    for match in brackets.finditer(text, at, at + _LONGEST_BRACKET):
        depth += 1 if match[0][0] == text[at] else -1
        if depth == 0:
            inner = text[at + 1 : match.start()].strip(WHITE)
            return Piece(inner, match.end(), is_bracketed=True)
    return None


def opening_level(message: bytes) -> Level | None:
    """The level that opens a message, before a colon or in brackets: ``ERROR: ``, ``[warn]``."""
    if message.startswith((b"#", b":")):
        return command_level(message)
    first = piece(message, 0)
    if first is None or not (first.is_bracketed or first.text.endswith(b":")):
        return None
    return logs_levels.of_word(first.text.removesuffix(b":"))


def command_level(message: bytes) -> Level | None:
    """The level of a command to a runner of jobs: ``##[error]``, ``::warning file=x::``."""
    match = _COMMAND.match(message[:_LONGEST_BRACKET])
    return None if match is None else logs_levels.of_word(match[1] or match[2] or b"")
