"""The only file that prints.

Data goes to standard output, talk to standard error. Talk is one line, lower-case, without
a full stop; literals stand in backticks. Colour helps the eye and carries nothing alone;
NO_COLOR and a pipe turn it off. A reader that goes away is not an error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import TextIO

from code_ops import __version__

PROBLEMS_SHOWN = 20


class ExitCode(IntEnum):
    """What a command's end says; the same for every command."""

    OK = 0
    NOT_AS_EXPECTED = 1
    USAGE = 2
    INPUT = 3
    FAILURE = 4
    INTERRUPTED = 130


class Verbosity(IntEnum):
    """How much talk."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


def print_version() -> None:
    """The program's name and version."""
    sys.stdout.write(f"code-ops {__version__}\n")


def has_colour(stream: TextIO) -> bool:
    """Whether colours suit a stream: a terminal, and nobody who asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Console:
    """Where a command writes to."""

    def __init__(self, verbosity: Verbosity = Verbosity.NORMAL) -> None:
        self.verbosity = verbosity

    def data(self, text: str) -> None:
        """Writes a part of the result to standard output."""
        sys.stdout.write(text)

    def note(self, text: str) -> None:
        """One line of talk; not with --quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self._talk(text)

    def detail(self, text: str) -> None:
        """One line of talk for those who asked for more with --verbose."""
        if self.verbosity >= Verbosity.VERBOSE:
            self._talk(text)

    def warning(self, text: str) -> None:
        """Something that may matter; not with --quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self._talk(self._label("warning", "33") + text)

    def error(self, text: str) -> None:
        """Why there is no result, or not all of it; always."""
        self._talk(self._label("error", "31") + text)

    def hint(self, text: str) -> None:
        """What would help, after an error."""
        if self.verbosity >= Verbosity.NORMAL:
            self._talk(self._label("hint", "36") + text)

    def problems(self, problems: Iterable[object]) -> None:
        """Each problem a line as it prints itself, the first twenty."""
        lines = [str(problem) for problem in problems]
        for line in lines[:PROBLEMS_SHOWN]:
            self._talk(self._label("error", "31") + line)
        if len(lines) > PROBLEMS_SHOWN:
            self._talk(self._label("error", "31") + f"and {len(lines) - PROBLEMS_SHOWN:,} more")

    def _label(self, word: str, colour: str) -> str:
        if has_colour(sys.stderr):
            return f"\x1b[1;{colour}m{word}:\x1b[0m "
        return f"{word}: "

    def _talk(self, text: str) -> None:
        # A closed standard error must not end a scan.
        try:
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()
        except OSError:
            pass


def printable(text: str) -> str:
    """The text without control characters, which could move a terminal's cursor."""
    if text.isprintable():
        return text
    kept = ("\x1b", "\n")
    return "".join(c if c.isprintable() or c in kept else f"\\x{ord(c):02x}" for c in text)


def forget_broken_pipe() -> None:
    """Keeps the interpreter's last flush from complaining about a reader that went away."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
