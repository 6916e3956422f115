"""Which files of a folder are logs: told by their names and by their first bytes."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from code_ops.log_encodings import wide_encoding
from code_ops.log_rotation import rotated_name

__all__ = ["JOURNAL", "Skipped", "logs_in", "opening"]

JOURNAL = b"LPKSHHRH"
"""The first bytes of a journal of systemd."""

_OPENING = 8 << 10
# Names of logs by what they end with, once rotation and compression are off, or by the word.
_ENDINGS = re.compile(
    r"\A[^.]+\Z|\.(?:log|out|err|trace|audit|txt|json|jsonl|ndjson|csv|tsv"
    r"|debug|info|notice|warn|warning|error)\Z",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![A-Za-z])logs?(?![A-Za-z])", re.IGNORECASE)
_PACKED = re.compile(
    rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18|\xfd7zXZ\0|BZh[1-9]|PK\x03\x04"
)
_TAR_MARK, _TAR_AT = b"ustar", 257
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_NAMES_SHOWN = 3

_BINARY = ("binary file", "")
_JOURNAL = ("systemd journal", ": journalctl -o json --file reads it")
_LINK = ("link that leads out of the folder", ": a pattern such as '*.log' follows it")
_SPECIAL = ("pipe, socket or device", ": name it to read it")
_OTHER = ("file that is not named as logs are", ": name it to read it")


@dataclass(slots=True)
class Skipped:
    """What was passed over, and why."""

    names: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, reason: tuple[str, str], path: str) -> None:
        self.names.setdefault(reason, []).append(path)

    def passes_over(self, path: str) -> bool:
        """Whether the first bytes of a file are those of no text; then it is kept in mind."""
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            self.add(_SPECIAL, path)
            return True
        head = opening(path)
        if head.startswith(JOURNAL):
            self.add(_JOURNAL, path)
        elif _is_binary(head):
            self.add(_BINARY, path)
        else:
            return False
        return True

    def total(self) -> int:
        """How many files."""
        return sum(map(len, self.names.values()))

    def notes(self) -> Iterator[str]:
        """A line for each reason, with the first names."""
        for (reason, advice), paths in self.names.items():
            first = ", ".join(os.path.basename(path) for path in paths[:_NAMES_SHOWN])
            more = ", ..." if len(paths) > _NAMES_SHOWN else ""
            yield f"skipped {len(paths):,} x {reason} ({first}{more}){advice}"


def logs_in(folder: str, skipped: Skipped) -> Iterator[tuple[str, OSError | None]]:
    """The logs in a folder and those below, in the order of their names; folders that cannot be
    read have an error."""
    root = os.path.realpath(folder)
    folders = [folder]
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield here, error
            continue
        entries = [entry for entry in entries if not entry.name.startswith(".")]
        folders += [e.path for e in reversed(entries) if e.is_dir(follow_symlinks=False)]
        for entry in entries:
            try:
                if _is_log(entry, root, skipped):
                    yield entry.path, None
            except OSError as error:
                yield entry.path, error


def _is_log(entry: os.DirEntry[str], root: str, skipped: Skipped) -> bool:
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not os.path.join(target, "").startswith(os.path.join(root, "")):
            skipped.add(_LINK, entry.path)
            return False
    if entry.is_dir():
        return False
    is_journal = entry.name.endswith((".journal", ".journal~"))
    if entry.is_file() and not is_journal and not _is_named_as_log(entry.name):
        skipped.add(_OTHER, entry.path)
        return False
    return not skipped.passes_over(entry.path)


def _is_named_as_log(name: str) -> bool:
    base = os.path.basename(rotated_name(name).set_name)
    return bool(_ENDINGS.search(base) or _WORD.search(name))


def opening(path: str) -> bytes:
    """The first bytes of a file; none of one that cannot be read, which is told when it is."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(number, _OPENING)
    except OSError:
        return b""
    finally:
        os.close(number)


def _is_binary(head: bytes) -> bool:
    """NUL alone is no sign: a log that was truncated under its writer begins with many."""
    if b"\0" not in head or _PACKED.match(head) or wide_encoding(head):
        return False
    if head.startswith(_TAR_MARK, _TAR_AT):
        return False
    return b"\n" not in head or _CONTROL.search(head) is not None
