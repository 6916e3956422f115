"""Where a command's data goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TextIO


class Output:
    """An open output. ``keep_partial`` makes an unfinished file stay beside its place."""

    def __init__(self, path: str, stream: TextIO) -> None:
        self.path = path
        self.stream = stream
        self.partial: str | None = None

    def keep_partial(self) -> str | None:
        """Not to replace the file but to leave the data beside it; returns where."""
        if self.path != "-":
            self.partial = f"{self.path}.partial"
        return self.partial


@contextlib.contextmanager
def open_output(path: str) -> Iterator[Output]:
    """Standard output for ``-``; else a temporary file that replaces ``path`` at the end.

    After an exception the file is as it was. A device or a pipe is written to directly.
    """
    if path == "-":
        # Written as UTF-8 whatever the locale says: data does not depend on it.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        yield Output(path, sys.stdout)
        sys.stdout.flush()
        return
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8", newline="") as stream:
            yield Output(path, stream)
        return
    target = os.path.realpath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".code-ops-")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            output = Output(path, stream)
            yield output
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, output.partial or target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(path: str) -> int:
    """The permissions of the file to replace, else what the umask gives a new one."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
