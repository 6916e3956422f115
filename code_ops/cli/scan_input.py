"""What a scan reads: arguments told apart into files and targets, and their problems.

An argument that names an existing file is a list, ``-`` is standard input, everything else
is a target.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from code_ops.cli.parameters import describe, readable
from code_ops.scan import STATES, InputProblem, Targets

LIST_SIZE_MAX = 1 << 30
"""Bytes of one list."""
_ARGUMENTS = "arguments"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LIST_ENDINGS = (".txt", ".lst", ".list", ".csv", ".hosts")
_NETWORK = re.compile(r"[^/]*/[0-9]+(:.*)?|\[[^]]*/[0-9]+\](:.*)?")


@dataclass(slots=True)
class ScanInput:
    """The targets of a scan and what could not be read of them."""

    targets: Targets
    problems: list[InputProblem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Where the targets came from, for people."""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    """Grows with every text that decides what is probed."""

    def read_arguments(self, arguments: Sequence[str]) -> None:
        """Adds each argument; arguments count as lines of a source named ``arguments``."""
        for number, argument in enumerate(arguments, 1):
            if is_list(argument):
                self.read_list(argument)
                continue
            complaint = _complaint(argument)
            if complaint:
                self._complain(number, complaint)
                continue
            text = readable(argument)
            self._note(text, text)
            for problem in self.targets.add(text):
                self.problems.append(problem._replace(source=_ARGUMENTS, line=number))

    def read_list(self, path: str) -> None:
        """Adds the targets of a file, or of standard input for ``-``."""
        text = self._text(path)
        if text is not None:
            source = _source(path)
            self._note(source, text)
            self.problems += self.targets.add(text, source)

    def exclude(self, lists: Sequence[str], files: Sequence[str]) -> bool:
        """Adds exclusions from options and files; whether all of them could be read."""
        before = len(self.problems)
        for text in map(readable, lists):
            self._note("exclude", text)
            self.problems += [
                problem._replace(source="--exclude")
                for problem in self.targets.exclude(text, comma=True)
            ]
        for path in files:
            file_text = self._text(path)
            if file_text is not None:
                self._note("exclude", file_text)
                self.problems += self.targets.exclude(file_text, _source(path))
        return len(self.problems) == before

    def _text(self, path: str) -> str | None:
        source = _source(path)
        try:
            if path == "-":
                data = sys.stdin.buffer.read(LIST_SIZE_MAX + 1)
            else:
                with open(path, "rb") as file:
                    data = file.read(LIST_SIZE_MAX + 1)
        except OSError as error:
            reason = describe(error).removeprefix(f"{path}: ")
            self.problems.append(InputProblem(source, 0, 0, reason))
            return None
        problem = _no_list(data)
        if problem:
            self.problems.append(problem._replace(source=source))
            return None
        # A byte that is no UTF-8 becomes a character that no host name has, and is told so.
        return data.decode("utf-8", "replace")

    def _complain(self, number: int, message: str) -> None:
        self.problems.append(InputProblem(_ARGUMENTS, number, 1, message))

    def _note(self, name: str, text: str) -> None:
        self.names.append(name)
        self.digest.update(f"{len(text)}:".encode())
        self.digest.update(text.encode("utf-8", "surrogatepass"))


def is_list(argument: str) -> bool:
    """Whether an argument is a list and no target: a file, a pipe, or ``-``."""
    return argument == "-" or (os.path.exists(argument) and not os.path.isdir(argument))


def _source(path: str) -> str:
    return "stdin" if path == "-" else readable(path)


def _no_list(data: bytes) -> InputProblem | None:
    """Why bytes are no list: what looks like names in a program must not be scanned."""
    if len(data) > LIST_SIZE_MAX:
        return InputProblem("", 0, 0, f"larger than {LIST_SIZE_MAX:,} bytes")
    if data.startswith(_UTF16_MARKS):
        return InputProblem("", 1, 1, "the file is UTF-16, save it as UTF-8")
    place = data.find(b"\0")
    if place < 0:
        return None
    line = data.count(b"\n", 0, place) + 1
    before = data[data.rfind(b"\n", 0, place) + 1 : place]
    column = len(before.decode("utf-8", "replace")) + 1
    return InputProblem("", line, column, "a NUL byte: this is no text, nothing of it is scanned")


def _complaint(argument: str) -> str | None:
    """Why an argument is neither a file nor a target, where that is plain to see."""
    if not argument.strip():
        return "expected a target, found nothing"
    if os.path.isdir(argument):
        return f"'{argument}' is a folder, name the list in it"
    if argument in STATES:
        return f"'{argument}' is a state, quote it with its target: 'db1:5432 {argument}'"
    if argument.isdecimal():
        return f"'{argument}' is no host, write ports as host:{argument} or with -p {argument}"
    if "://" in argument or " " in argument:
        return None
    is_path = "/" in argument and _NETWORK.fullmatch(argument) is None
    if is_path or argument.endswith(_LIST_ENDINGS):
        return f"no such file: '{argument}'"
    return None
