"""What a run of ``passwords hash`` has done, on disk, so that a killed one goes on.

The file is a journal: a head with the run's key, then a line for each chunk with its hashes, in
the order of the rows. It holds hashes and never passwords, and the key is no digest of passwords:
a fast hash of the input would let whoever reads the journal try guesses at full speed. The key
tells files by device, inode, size and time instead, and the caller verifies a hash or two.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from code_ops.errors import CheckpointError

__all__ = ["PasswordJournal"]

VERSION = 1
SYNC_SECONDS = 1.0
LINE_MAX = 64 << 20
_NAME = "code_ops_passwords_checkpoint"


class PasswordJournal:
    """The journal of one run; hashes stay on disk."""

    def __init__(self, path: str, key: str) -> None:
        self.path = path
        self.done = 0
        """How many hashes earlier runs left."""
        # What a link stands for is used, not the link.
        self._place = os.path.realpath(path)
        self._head = json.dumps({_NAME: VERSION, "key": key}).encode() + b"\n"
        self._file: BinaryIO | None = None
        self._end = 0
        self._synced = time.monotonic()

    def open(self) -> None:
        """Reads what an earlier run left and makes the file ready to go on.

        Raises CheckpointError for a file of another run, one that is in use, and one that is no
        checkpoint; it is left alone then.
        """
        if os.path.exists(self._place) and not os.path.isfile(self._place):
            raise CheckpointError(f"{self.path}: not a regular file, it is left alone")
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._named():
            file = os.fdopen(os.open(self._place, flags, 0o600), "r+b")
        try:
            self._lock(file)
            self._take_up(file)
        except BaseException:
            file.close()
            raise
        self._file = file

    def earlier(self) -> Iterator[str]:
        """The hashes that earlier runs left, in their order."""
        with open(self._place, "rb") as file:
            for hashes in self._entries(file, self._end):
                yield from hashes

    def write(self, hashes: Sequence[str]) -> None:
        """Appends a chunk; on disk for good within a second."""
        if self._file is None or not hashes:
            return
        with self._named():
            self._file.write(json.dumps({"hashes": list(hashes)}).encode() + b"\n")
            self._file.flush()
            if time.monotonic() - self._synced >= SYNC_SECONDS:
                self._sync(self._file)

    def close(self) -> None:
        """Leaves the file for a later run."""
        if self._file:
            with self._named():
                self._sync(self._file)
                self._file.close()
            self._file = None

    def remove(self) -> None:
        """Ends the journal of a run that came to its end."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._place)
        self.close()

    def _take_up(self, file: BinaryIO) -> None:
        head = file.readline(LINE_MAX)
        if self._head.startswith(head):
            # Whole, or torn while it was written, or not there yet.
            self._end = len(self._head)
            if head == self._head:
                self.done = sum(len(hashes) for hashes in self._entries(file, None))
            file.seek(0)
            with self._named():
                file.write(self._head)
                file.truncate(self._end)
                file.seek(self._end)
                self._sync(file)
            return
        try:
            content = json.loads(head)
            version = content[_NAME]
        except (ValueError, RecursionError, TypeError, KeyError):
            message = f"{self.path}: not a checkpoint of code-ops, it is left alone"
            raise CheckpointError(message) from None
        other = "input or options" if version == VERSION else "version of code-ops"
        way_out = ", remove it or name another file" if version == VERSION else ""
        raise CheckpointError(f"{self.path}: a checkpoint of another {other}{way_out}")

    def _entries(self, file: BinaryIO, end: int | None) -> Iterator[list[str]]:
        """The hashes of the lines after the head; without an end it is found and kept."""
        file.seek(len(self._head))
        at = len(self._head)
        while (end is None or at < end) and (line := file.readline(LINE_MAX)):
            hashes = _hashes(line)
            if hashes is None:
                if end is not None or file.read(1):
                    raise CheckpointError(f"{self.path}: a line in the middle is damaged")
                return
            at += len(line)
            if end is None:
                self._end = at
            yield hashes

    def _lock(self, file: BinaryIO) -> None:
        """Keeps the same command, started twice, from writing to one journal."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{self.path}: in use by a run that is still going on"
            raise CheckpointError(message) from None
        except OSError:
            # Some network file systems know no locks.
            return

    def _sync(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        self._synced = time.monotonic()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Makes errors name the file as the user did."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from error


def _hashes(line: bytes) -> list[str] | None:
    """The hashes of a whole line; None for a torn one."""
    if not line.endswith(b"\n"):
        return None
    try:
        hashes = json.loads(line)["hashes"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    is_list = isinstance(hashes, list) and all(isinstance(each, str) for each in hashes)
    return hashes if is_list else None
