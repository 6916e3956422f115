"""What commands for logs read: files, folders, patterns and standard input, each input once.

Owns what names come to: an input for each file, with the rotated files of one log behind each
other, the oldest first. What cannot be read is an input too, with its problem, so that it is told
and the rest goes on. It reads no more of a file than its first bytes; in folders those tell logs
from other files.
"""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from code_ops.log_folders import JOURNAL, Skipped, logs_in, opening
from code_ops.log_rotation import rotated_name

__all__ = ["STANDARD_INPUT", "LogInput", "LogInputs", "find_logs"]

STANDARD_INPUT = "-"
# Opened as a file, it is read in constant memory as one.
_STANDARD_INPUT_FILE = "/dev/stdin"
_MOST_INPUTS = 100_000


@dataclass(frozen=True, slots=True)
class LogInput:
    """A file to read.

    ``name`` is the path as it is shown, ``set_name`` that of the log whose part it is: the name of
    the live file. ``problem`` tells why there is nothing to read, with the ``number`` of the error,
    or is None.
    """

    path: str
    name: str
    set_name: str
    problem: str | None = None
    number: int = 0

    def error(self) -> OSError | None:
        """The problem as an exception, or None."""
        return None if self.problem is None else OSError(self.number, self.problem, self.path)


@dataclass(frozen=True, slots=True)
class LogInputs:
    """All there is to read, and what is to be said of what is not."""

    inputs: tuple[LogInput, ...]
    notes: tuple[str, ...]


def find_logs(names: Iterable[str | os.PathLike[str]], *, with_rotated: bool = False) -> LogInputs:
    """What names come to: files, folders, patterns such as ``logs/**/*.log``, and ``-``.

    Folders are searched for logs and their rotated files, without hidden ones and what is no text;
    no link leads out of them. A name that is no file is a pattern if it has one of ``*?[``. The
    files of a rotated log stand behind each other, the oldest first, where the first of them was
    named. ``with_rotated`` adds the rotated files beside those that were named.
    """
    search = _Search()
    for name in names:
        search.add(os.fspath(name))
    if with_rotated:
        search.add_rotated()
    return search.found()


@dataclass(slots=True)
class _Search:
    # By set, in the order of their first files.
    sets: dict[str, list[LogInput]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    # The shown names of files by device and number, and of standard input.
    seen: dict[object, str] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return len(self.seen) > _MOST_INPUTS

    def add(self, name: str) -> None:
        """What a name comes to."""
        if self.is_full:
            return
        if name == STANDARD_INPUT:
            self._add_standard_input()
        elif "\0" in name:
            self._fail(name, errno.EINVAL, "a name cannot have NUL")
        elif os.path.isdir(name):
            self._add_folder(name)
        elif glob.has_magic(name) and not os.path.lexists(name):
            self._add_pattern(name)
        else:
            self._add_file(name)

    def add_rotated(self) -> None:
        """Those beside all files that are of their sets."""
        files = [member for members in self.sets.values() for member in members]
        for path in {
            (os.path.dirname(file.path), file.set_name): file.path for file in files
        }.values():
            folder = os.path.dirname(path)
            with contextlib.suppress(OSError):
                names = sorted(os.listdir(folder or "."))
                for sibling in (os.path.join(folder, name) for name in names):
                    if rotated_name(sibling).set_name == rotated_name(path).set_name:
                        self._put_once(sibling, os.stat(sibling))

    def found(self) -> LogInputs:
        """All inputs, a set behind the other."""
        inputs: list[LogInput] = []
        for members in self.sets.values():
            members.sort(key=lambda member: (rotated_name(member.path).order, member.path))
            inputs += self._without_copies(members)
        if self.is_full:
            problem = f"more than {_MOST_INPUTS:,} files: name fewer at once"
            inputs = [*inputs[:_MOST_INPUTS], LogInput("", "files", "", problem, errno.E2BIG)]
        return LogInputs(tuple(inputs), tuple(self.notes))

    def _add_standard_input(self) -> None:
        if STANDARD_INPUT in self.seen:
            self.notes.append("standard input is named twice, and read once")
            return
        self.seen[STANDARD_INPUT] = "standard input"
        try:
            # Fails where it is closed.
            os.read(0, 0)
        except OSError as error:
            self._fail("standard input", error.errno, _reason(error))
        else:
            self._put(LogInput(_STANDARD_INPUT_FILE, STANDARD_INPUT, STANDARD_INPUT))

    def _add_file(self, path: str) -> None:
        """A file that was named: whatever it is, it is read if it can be."""
        try:
            status = os.stat(path)
        except OSError as error:
            self._fail(path, error.errno, _reason(error))
            return
        if stat.S_ISSOCK(status.st_mode):
            self._fail(path, errno.ENXIO, "is a socket, which cannot be read as a file")
        elif path.endswith((".journal", ".journal~")) and opening(path).startswith(JOURNAL):
            advice = f"journalctl -o json --file {shown(path)} reads it"
            self._fail(path, errno.EINVAL, f"is a systemd journal: {advice}")
        else:
            self._put_once(path, status, self.notes)

    def _add_folder(self, folder: str) -> None:
        skipped = Skipped()
        is_empty = True
        for path, error in logs_in(folder, skipped):
            is_empty = False
            self._add_found(path, error)
            if self.is_full:
                break
        self.notes += [f"{shown(folder)}: {note}" for note in skipped.notes()]
        if is_empty:
            self._fail(folder, errno.ENOENT, "no logs in this folder")

    def _add_pattern(self, pattern: str) -> None:
        skipped = Skipped()
        is_empty = True
        for path in sorted(_matches(pattern)):
            error = None
            try:
                if os.path.isdir(path) or skipped.passes_over(path):
                    continue
            except OSError as problem:
                error = problem
            is_empty = False
            self._add_found(path, error)
        self.notes += [f"{shown(pattern)}: {note}" for note in skipped.notes()]
        if is_empty:
            self._fail(pattern, errno.ENOENT, "no log matches this pattern")

    def _add_found(self, path: str, error: OSError | None) -> None:
        """A file of a folder or pattern, or why it cannot be looked at."""
        try:
            if error is not None:
                raise error
            self._put_once(path, os.stat(path), self.notes)
        except OSError as problem:
            self._fail(path, problem.errno, _reason(problem))

    def _put_once(self, path: str, status: os.stat_result, notes: list[str] | None = None) -> None:
        """Puts a file unless it is there already, perhaps by another name."""
        key = (status.st_dev, status.st_ino)
        first = self.seen.get(key)
        if first is None:
            self.seen[key] = path
            set_name = shown(rotated_name(path).set_name)
            self._put(LogInput(path, shown(path), set_name))
        elif notes is not None:
            other = "named twice" if first == path else f"the same file as {shown(first)}"
            notes.append(f"{shown(path)}: {other}, read once")

    def _put(self, found: LogInput) -> None:
        self.sets.setdefault(found.set_name, []).append(found)

    def _fail(self, path: str, number: int | None, problem: str) -> None:
        name = shown(path)
        set_name = shown(rotated_name(path).set_name)
        self._put(LogInput(path, name, set_name, problem, number or errno.EIO))

    def _without_copies(self, members: Sequence[LogInput]) -> Iterator[LogInput]:
        """Without compressed copies of files that are there, such as logrotate has for a while."""
        plain: dict[str, str] = {}
        for member in members:
            name = rotated_name(member.path).plain
            if member.problem is not None or name not in plain:
                yield member
            else:
                self.notes.append(f"{member.name}: skipped as a copy of {plain[name]}")
            if member.problem is None:
                plain.setdefault(name, member.name)


def _matches(pattern: str) -> Iterator[str]:
    """The paths that a pattern names. ``**`` is any folders, hidden ones and links apart: links
    could lead in circles."""
    parts = pattern.split(os.sep)
    if "**" not in parts:
        yield from glob.iglob(pattern)
        return
    at = parts.index("**")
    start = os.sep.join(parts[:at]) or (os.sep if at else "")
    for folder in glob.iglob(start) if start else [""]:
        for here, folders, files in os.walk(folder or "."):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inner = os.path.relpath(here, folder or ".")
            for name in files:
                path = os.path.normpath(os.path.join(inner, name))
                if not name.startswith(".") and _fits(path.split(os.sep), parts[at:]):
                    yield os.path.join(folder, path)


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the names of a path fit the parts of a pattern, one by one but for ``**``."""
    places = _beyond({0}, parts)
    for name in names:
        passed = {place for place in places if parts[place : place + 1] == ["**"]}
        matched = {
            place + 1
            for place in places - passed
            if place < len(parts) and fnmatch.fnmatchcase(name, parts[place])
        }
        places = _beyond(passed | matched, parts)
    return len(parts) in places


def _beyond(places: set[int], parts: Sequence[str]) -> set[int]:
    """The places, and those behind each ``**``, which can be no folder."""
    found = set(places)
    for place, part in enumerate(parts):
        if place in found and part == "**":
            found.add(place + 1)
    return found


def shown(path: str) -> str:
    """A path as text: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
