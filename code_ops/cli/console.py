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


def print_version() -> int:
    """The program's name and version; returns the exit code."""
    try:
        sys.stdout.write(f"code-ops {__version__}\n")
    except OSError as error:
        return _lost(error)
    return ExitCode.OK


def mend_streams() -> None:
    """Puts something that fails in the place of standard streams that are closed.

    Otherwise the next file or socket would take their number, and get what is meant for them.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, this one; reading and writing fail as if closed.
            os.open(os.devnull, os.O_RDONLY if number else os.O_WRONLY)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def flushed(code: int) -> int:
    """Writes what standard output still holds; returns the exit code after that."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return _lost(error) or code
    return code


def _lost(error: OSError) -> int:
    """The exit code when standard output takes nothing more."""
    forget_output()
    if isinstance(error, BrokenPipeError):
        return ExitCode.OK
    Console().error(f"standard output: {(error.strerror or str(error)).lower()}")
    return ExitCode.FAILURE


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

    def talk(self, text: str) -> None:
        """Lines of our own words for standard error, as they are."""
        # A closed standard error must not end a scan.
        try:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
        except OSError:
            pass

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
            self._talk(text, self._label("warning", "33"))

    def error(self, text: str) -> None:
        """Why there is no result, or not all of it; always."""
        self._talk(text, self._label("error", "31"))

    def hint(self, text: str) -> None:
        """What would help, after an error."""
        if self.verbosity >= Verbosity.NORMAL:
            self._talk(text, self._label("hint", "36"))

    def problems(self, problems: Iterable[object]) -> None:
        """Each problem a line as it prints itself, the first twenty."""
        lines = [str(problem) for problem in problems]
        for line in lines[:PROBLEMS_SHOWN]:
            self.error(line)
        if len(lines) > PROBLEMS_SHOWN:
            self.error(f"and {len(lines) - PROBLEMS_SHOWN:,} more like these")

    def _label(self, word: str, colour: str) -> str:
        if has_colour(sys.stderr):
            return f"\x1b[1;{colour}m{word}:\x1b[0m "
        return f"{word}: "

    def _talk(self, text: str, label: str = "") -> None:
        self.talk(label + printable(text))


def printable(text: str) -> str:
    """One line without control characters, which could move a terminal's cursor."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def forget_output() -> None:
    """Keeps the interpreter's last flush from complaining about output that cannot be written."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
