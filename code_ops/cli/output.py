"""Where a command's data goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TextIO

_TEMPORARY = ".code-ops-"
# Shortages that a scan can meet as well: they say nothing of the file.
_NOT_OF_THE_FILE = (None, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Output:
    """An open output. ``keep_partial`` makes an unfinished file stay beside its place."""

    def __init__(self, stream: TextIO, path: str | None = None) -> None:
        self.stream = stream
        self.partial: str | None = None
        self._path = path

    def keep_partial(self) -> str | None:
        """Not to replace the file but to leave the data beside it; returns where."""
        if self._path is not None:
            self.partial = f"{self._path}.partial"
        return self.partial


@contextlib.contextmanager
def open_output(path: str, new_mode: int | None = None) -> Iterator[Output]:
    """Standard output for ``-``; else a temporary file that replaces ``path`` at the end.

    After an exception the file is as it was. A device or a pipe is written to directly.
    ``new_mode`` is for a file that is not there yet, by default what the umask says.
    """
    try:
        if path == "-":
            yield _standard_output()
            sys.stdout.flush()
        elif os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w", encoding="utf-8", newline="") as stream:
                yield Output(stream)
        else:
            # The file that a link stands for is replaced, not the link.
            place = os.path.realpath(path) if os.path.islink(path) else path
            with _replacing(place, new_mode) as output:
                yield output
    except OSError as error:
        # What the system says of a temporary file is true of the file wanted.
        is_other = error.filename and not _is_temporary(error.filename)
        if error.errno in _NOT_OF_THE_FILE or is_other:
            raise
        name = "standard output" if path == "-" else path
        raise OSError(error.errno, error.strerror, name) from error


def _standard_output() -> Output:
    # Written as UTF-8 whatever the locale says: data does not depend on it.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return Output(sys.stdout)


@contextlib.contextmanager
def _replacing(path: str, new_mode: int | None) -> Iterator[Output]:
    folder = os.path.dirname(path) or "."
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=_TEMPORARY)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            output = Output(stream, path)
            yield output
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(path, new_mode))
        os.replace(temporary, output.partial or path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _is_temporary(name: object) -> bool:
    return isinstance(name, str) and os.path.basename(name).startswith(_TEMPORARY)


def _mode(path: str, new_mode: int | None) -> int:
    """The permissions of the file to replace, else what a new one shall have."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        if new_mode is not None:
            return new_mode
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
