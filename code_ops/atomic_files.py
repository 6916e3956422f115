"""Files that appear whole or not at all: a temporary file, flushed to disk, takes their place."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

_PREFIX = ".code-ops-"


def replace_file(path: str, data: bytes) -> None:
    """Puts data in the place of a file, which keeps its permissions; of what a link stands for.

    After an exception, and after a kill at any time, the file is as it was, or all new. An OSError
    names the file.
    """
    with _named(path):
        place = os.path.realpath(path)
        mode = os.stat(place).st_mode & 0o7777
        with _temporary(place, data) as temporary:
            os.chmod(temporary, mode)
            os.replace(temporary, place)
        _flush_folder(place)


def create_file(path: str, data: bytes, mode: int = 0o666) -> None:
    """Makes a new file, with these permissions less the umask's; FileExistsError where one is."""
    with _named(path):
        with _temporary(path, data) as temporary:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(temporary, mode & ~umask)
            # A rename would replace what came meanwhile.
            os.link(temporary, path)
        _flush_folder(path)


@contextlib.contextmanager
def _temporary(path: str, data: bytes) -> Iterator[str]:
    folder = os.path.dirname(path) or "."
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=_PREFIX)
    try:
        try:
            _write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        # A file may take less than it is given, as where the disk is nearly full.
        view = view[os.write(handle, view) :]


@contextlib.contextmanager
def _named(path: str) -> Iterator[None]:
    """What the system says of the temporary file is true of the file wanted."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _flush_folder(path: str) -> None:
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
