"""The only file that prints.

Data goes to standard output, talk to standard error. Talk is one line, lower-case, without
a full stop; literals stand in backticks. Colour helps the eye and carries nothing alone;
NO_COLOR and a pipe turn it off. A reader that goes away is not an error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TextIO

from code_ops import __version__

PROBLEMS_SHOWN = 20
# Of one line of talk, so that a word without end does not bury what is said of it.
_SHOWN_START, _SHOWN_END = 300, 100


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
    sys.stdout.write(f"code-ops {__version__}\n")
    return ExitCode.OK


def mend_streams() -> None:
    """Puts something in the place of standard streams that are closed.

    Otherwise the next file or socket would take their number, and get what is meant for them.
    Data fails to be read and written as before; talk is lost.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # Takes the lowest free number, which is this one.
            os.open(os.devnull, mode)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)


def flushed(code: int) -> int:
    """Writes what standard output still holds; returns the exit code after that."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # After a failure it was told already, most likely this one.
        unwritten = unwritable(error, told=code == ExitCode.FAILURE)
        return unwritten or code
    return code


def unwritable(error: OSError, *, told: bool = False) -> int:
    """Tells that standard output takes nothing more; returns the exit code for that."""
    forget(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return ExitCode.OK
    if not told:
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
            forget(sys.stderr)

    def note(self, text: str) -> None:
        """One line of talk; not with --quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self._talk(text)

    def notes(self, notes: Sequence[str]) -> None:
        """Each a line of talk, the first twenty; not with --quiet."""
        for text in notes[:PROBLEMS_SHOWN]:
            self.note(text)
        if len(notes) > PROBLEMS_SHOWN:
            self.note(f"and {len(notes) - PROBLEMS_SHOWN:,} more like these")

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

    def drawing(self, lines: Iterable[str]) -> None:
        """Lines that show where a mistake is, after the error; each stays below the other."""
        for line in lines:
            self._talk(line)

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
    if len(text) > _SHOWN_START + _SHOWN_END:
        text = f"{text[:_SHOWN_START]} ... {text[-_SHOWN_END:]}"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def forget(stream: TextIO) -> None:
    """Keeps the interpreter's last flush from complaining of what can be written nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
