"""A scan's state on disk, so that a killed scan goes on where it was.

The file is a journal: a head with the key of targets and options, then a line for each batch
with the places that are done and the results to keep. Lines are appended as results come and
synchronised to disk every second, so that a kill loses nothing that was reported; a torn last
line is dropped. When the journal grows far beyond its content it is written anew, whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from code_ops.errors import CheckpointError
from code_ops.scan import ScanResult

VERSION = 1
SYNC_SECONDS = 1.0
COMPACT_BYTES = 64 << 20
LINE_MAX = 64 << 20
# Far from LINE_MAX, however long the numbers are.
RANGES_A_LINE = 100_000


class _Entry(NamedTuple):
    """A line of the journal: places that are done, and the results to keep of them."""

    done: list[tuple[int, int]]
    results: list[ScanResult]


class Places:
    """A set of whole numbers as ranges, grown one number at a time.

    Each range is known by both its ends, so that adding costs the same however many there are.
    """

    def __init__(self) -> None:
        self._last_of: dict[int, int] = {}
        self._first_of: dict[int, int] = {}

    def add(self, first: int, last: int) -> None:
        """Adds a range that does not overlap any other, inclusive."""
        before = self._first_of.pop(first - 1, None)
        if before is not None:
            first = before
        after = self._last_of.pop(last + 1, None)
        if after is not None:
            del self._first_of[after]
            last = after
        self._last_of[first] = last
        self._first_of[last] = first

    def ranges(self) -> list[tuple[int, int]]:
        """The sorted ranges, inclusive."""
        return sorted(self._last_of.items())

    def count(self) -> int:
        """How many numbers."""
        return sum(last - first + 1 for first, last in self._last_of.items())


class Checkpoint:
    """The journal of one scan. Results stay on disk; memory holds only what is done."""

    def __init__(self, path: str, key: str, keep: Callable[[ScanResult], bool] | None) -> None:
        self.path = path
        # What a link stands for is replaced, not the link.
        self._place = os.path.realpath(path)
        self._key = key
        self._keep = keep
        self._done = Places()
        self._file: IO[bytes] | None = None
        self._size = 0
        self._compact_size = 0
        self._synced = time.monotonic()

    @property
    def skip(self) -> list[tuple[int, int]]:
        """The ranges of ``ScanResult.ordinal`` that are done."""
        return self._done.ranges()

    @property
    def done(self) -> int:
        """How many probes are done."""
        return self._done.count()

    def open(self) -> None:
        """Reads what an earlier run left and makes the file ready to go on.

        Raises CheckpointError for a file of another scan, one that is in use, and one that is
        no checkpoint; it is left alone then.
        """
        if os.path.exists(self._place):
            if not os.path.isfile(self._place):
                raise CheckpointError(f"{self.path}: not a regular file, it is left alone")
            with open(self._place, "rb") as file:
                self._lock(file)
                for entry in self._entries():
                    for first, last in entry.done:
                        self._done.add(first, last)
        self._write_anew()

    def earlier(self) -> Iterator[list[ScanResult]]:
        """The results that earlier runs kept, in batches; to be read before any is written."""
        for entry in self._entries():
            if entry.results:
                yield entry.results

    def write(self, results: Sequence[ScanResult]) -> None:
        """Appends a batch; on disk for good within a second."""
        if results:
            ranges = self._add(result.ordinal for result in results)
            self._append(ranges, filter(self._keep, results))
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            self._sync()
        if self._size > max(COMPACT_BYTES, 4 * self._compact_size):
            self._write_anew()

    def close(self) -> None:
        """Leaves the file for a later run."""
        if self._file:
            self._sync()
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Ends the journal of a scan that came to its end."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._place)
        self.close()

    def _add(self, places: Iterable[int]) -> list[tuple[int, int]]:
        """Adds the places of a batch; returns them as ranges."""
        batch = Places()
        for place in places:
            batch.add(place, place)
        ranges = batch.ranges()
        for first, last in ranges:
            self._done.add(first, last)
        return ranges

    def _append(self, ranges: list[tuple[int, int]], results: Iterable[ScanResult]) -> None:
        self._put({"done": ranges, "results": [list(result) for result in results]})

    def _put(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            raise CheckpointError(f"{self.path}: not open")
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._named():
            self._file.write(line)
            self._file.flush()
        self._size += len(line)

    def _sync(self) -> None:
        if self._file:
            os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def _write_anew(self) -> None:
        """Writes the whole state to a new file and puts it in place of the old one."""
        temporary = f"{self._place}.new"
        before, self._file = self._file, self._new_file(temporary)
        try:
            self._write_state()
            with self._named():
                os.replace(temporary, self._place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        if before:
            before.close()
        self._compact_size = self._size

    def _new_file(self, path: str) -> IO[bytes]:
        """An empty file, or one that a killed run left, for nobody else to write to."""
        with self._named():
            # Results can name hosts of an internal network: nobody else needs to read them.
            flags = os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW
            file = os.fdopen(os.open(path, flags, 0o600), "wb")
            try:
                self._lock(file)
                file.truncate()
            except BaseException:
                file.close()
                raise
        return file

    def _write_state(self) -> None:
        self._size = 0
        self._put({"code_ops_checkpoint": VERSION, "key": self._key})
        if os.path.exists(self._place):
            for entry in self._entries():
                if entry.results:
                    self._append([], entry.results)
        done = self._done.ranges()
        for start in range(0, len(done), RANGES_A_LINE):
            self._append(done[start : start + RANGES_A_LINE], ())
        self._sync()

    def _lock(self, file: IO[bytes]) -> None:
        """Keeps the same command, started twice, from writing to one journal."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{self.path}: in use by a scan that is still running"
            raise CheckpointError(message) from None
        except OSError:
            # Some network file systems know no locks.
            return

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Makes errors name the file that the user named, not the one in its place for now."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from error

    def _entries(self) -> Iterator[_Entry]:
        """The whole lines after the head; nothing for an empty file."""
        with open(self._place, "rb") as file:
            head = file.readline(LINE_MAX)
            if not head:
                return
            self._check_head(_parse(head))
            while line := file.readline(LINE_MAX):
                entry = _entry(line)
                if entry is None:
                    if file.read(1):
                        raise CheckpointError(f"{self.path}: a line in the middle is damaged")
                    return
                yield entry

    def _check_head(self, head: dict[str, Any] | None) -> None:
        if head is None or "code_ops_checkpoint" not in head:
            raise CheckpointError(f"{self.path}: not a checkpoint of code-ops, it is left alone")
        if head["code_ops_checkpoint"] != VERSION:
            raise CheckpointError(f"{self.path}: a checkpoint of another version of code-ops")
        if head.get("key") != self._key:
            raise CheckpointError(
                f"{self.path}: a checkpoint of other targets or options, "
                "remove it or name another file"
            )


def _parse(line: bytes) -> dict[str, Any] | None:
    """The object of a whole line; None for a torn one."""
    if not line.endswith(b"\n"):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _entry(line: bytes) -> _Entry | None:
    """The content of a line after the head; None for a torn one."""
    entry = _parse(line)
    if entry is None:
        return None
    try:
        done = [(int(first), int(last)) for first, last in entry["done"]]
        return _Entry(done, [ScanResult(*values) for values in entry["results"]])
    except (KeyError, TypeError, ValueError):
        return None
