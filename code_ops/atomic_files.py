"""Files that appear whole or not at all: a temporary file, flushed to disk, takes their place.

After an error, and after a kill at any time, a file is as it was, or all new. An OSError of the
temporary file names the file wanted.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeAlias

Path: TypeAlias = "str | os.PathLike[str]"

_PREFIX = ".code-ops-"


def replace(target: Path, mode: int, write: Callable[[BinaryIO], int]) -> int:
    """Lets ``write`` fill the temporary file, and returns what it does.

    A new file has the mode that the umask leaves of ``mode``, one that is there keeps its own. A
    link's target is replaced, not the link.
    """
    place = _place(target)
    with _temporary(target, place, mode) as (temporary, file):
        done = write(file)
        with contextlib.suppress(FileNotFoundError):
            os.chmod(file.fileno(), stat.S_IMODE(os.stat(place).st_mode))
        os.fsync(file.fileno())
        os.replace(temporary, place)
    return done


def replace_file(path: str, data: bytes) -> None:
    """Puts data in the place of a file that is there."""
    os.stat(path)
    replace(path, 0o600, lambda file: write_all(file, data))


@contextlib.contextmanager
def prepared(path: str, data: bytes) -> Iterator[tuple[str, Callable[[], None]]]:
    """Data that is on the disk beside a file, and what puts it in that file's place.

    Several can so be ready before the first takes its place. What did not is gone at the end.
    """
    place = _place(path)
    with _temporary(path, place, 0o600) as (temporary, file):
        write_all(file, data)
        os.chmod(file.fileno(), stat.S_IMODE(os.stat(place).st_mode))
        os.fsync(file.fileno())
        # Many may be ready at once, and a process has few descriptors.
        file.close()
        done = []

        def take_place() -> None:
            with named(path, temporary):
                os.replace(temporary, place)
            done.append(place)

        yield temporary, take_place
        if not done:
            os.unlink(temporary)


def create_file(path: str, data: bytes, mode: int = 0o666) -> None:
    """Makes a new file, with these permissions less the umask's; FileExistsError where one is."""
    with _temporary(path, path, mode) as (temporary, file):
        write_all(file, data)
        os.fsync(file.fileno())
        # A rename would replace what came meanwhile.
        os.link(temporary, path)
        os.unlink(temporary)


def write_all(file: BinaryIO, data: bytes) -> int:
    """Writes data into an unbuffered file, and returns its length."""
    view = memoryview(data)
    while view:
        # It may take less than it is given, as where the disk is nearly full.
        view = view[os.write(file.fileno(), view) :]
    return len(data)


@contextlib.contextmanager
def named(path: Path, instead_of: str | None = None) -> Iterator[None]:
    """OSErrors that name no file, or the other one, get this file's name."""
    try:
        yield
    except OSError as error:
        if error.filename not in (None, instead_of):
            raise
        code, reason = error.errno, error.strerror
    else:
        return
    raise OSError(code, reason, os.fspath(path))


@contextlib.contextmanager
def _temporary(target: Path, place: str, mode: int) -> Iterator[tuple[str, BinaryIO]]:
    """A file beside the place, which is gone by the end unless it took it."""
    folder = os.path.dirname(place) or "."
    temporary = os.path.join(folder, _PREFIX + os.urandom(8).hex())
    with named(target, temporary):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            # Within, as Ctrl-C can come when the file is just there.
            handle = os.open(temporary, flags, mode)
            with open(handle, "wb", buffering=0) as file:
                yield temporary, file
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _flush_folder(folder)


def _place(target: Path) -> str:
    try:
        return os.path.realpath(target, strict=True)
    except OSError:
        return os.fspath(target)


def _flush_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
