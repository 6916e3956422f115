"""Files that appear whole or not at all, as the native engine writes them."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeAlias

Path: TypeAlias = "str | os.PathLike[str]"

_PREFIX = ".code-ops-"


def replace(target: Path, mode: int, write: Callable[[BinaryIO], int]) -> int:
    """Lets ``write`` fill a temporary file beside the target, which takes its place when all of
    it is on the disk; returns what ``write`` does.

    A new file has the mode that the umask leaves of ``mode``, one that is there keeps its own. A
    link's target is replaced, not the link. After an error the target is as it was; an OSError
    without a name has the target's.
    """
    place = _place(target)
    folder = os.path.dirname(place) or "."
    temporary = os.path.join(folder, _PREFIX + secrets.token_hex(8))
    with named(target, temporary):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        handle = os.open(temporary, flags, mode)
        try:
            with open(handle, "wb", buffering=0) as file:
                done = write(file)
                with contextlib.suppress(FileNotFoundError):
                    os.fchmod(handle, stat.S_IMODE(os.stat(place).st_mode))
                os.fsync(handle)
            os.rename(temporary, place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _sync_folder(folder)
    return done


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


def _place(target: Path) -> str:
    try:
        return os.path.realpath(target, strict=True)
    except OSError:
        return os.fspath(target)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
