"""An editor on a text that stands on no disk: a file in a folder in memory, wiped afterwards.

Owns the folder and the editor's process. What is done with the text is the caller's.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from code_ops.cli.parameters import InputError
from code_ops.errors import CodeOpsError
from code_ops.vault_keys import keyless_environment

Disk = Literal["memory only", "disk allowed"]

# These keep what is edited in files of their own, elsewhere, unless they are told not to.
_QUIET_EDITORS = ("vim", "nvim")
_NO_TRACES = ("-n", "-i", "NONE", "--cmd", "set noundofile nobackup nowritebackup")
_MEMORY_KINDS = ("tmpfs", "ramfs")
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long an editor may take to end once it is asked to.
_PATIENCE_SECONDS = 2


def editor_words() -> list[str]:
    """The command of $VISUAL, $EDITOR or vi, told to leave no traces where it is known how."""
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(wanted)
    except ValueError:
        words = []
    found = shutil.which(words[0]) if words else None
    if found is None:
        raise InputError(f"no editor `{wanted}`: set EDITOR to the one you use")
    # On many systems vi is a link to a form of vim.
    name = os.path.basename(os.path.realpath(found)).partition(".")[0]
    return [*words, *_NO_TRACES] if name in _QUIET_EDITORS else words


def check_terminal() -> None:
    """Where nobody has said which editor, it is one for a terminal."""
    is_named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not is_named and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "there is no terminal to edit on: `code-ops vault set NAME` reads a pipe, and EDITOR "
            "can name a program that needs none"
        )


@contextlib.contextmanager
def private_folder(disk: Disk) -> Iterator[str]:
    """A folder in memory for its owner alone; all that is in it is wiped and removed at the end."""
    places = [os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"]  # noqa: S108 - known to be memory
    place = next((each for each in places if _is_memory(each)), None)
    if place is None and disk == "memory only":
        raise InputError(
            "there is no place in memory for the text (/dev/shm, XDG_RUNTIME_DIR): --allow-disk "
            "puts it into a file on the disk, which can be read from there after it is removed"
        )
    folder = tempfile.mkdtemp(prefix="code-ops-", dir=place)
    try:
        yield folder
    finally:
        # Whoever ends this once more waits: it is short.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        _wipe(folder)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_memory(place: str) -> bool:
    """Whether a folder can be written and its file system is one in memory."""
    if not os.path.isabs(place) or not os.access(place, os.W_OK | os.X_OK):
        return False
    device = os.stat(place).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            mounts = [line.split() for line in file]
    except OSError:
        return False
    kinds = {mount[mount.index("-") + 1] for mount in mounts if mount[2] == number}
    return bool(kinds) and kinds <= set(_MEMORY_KINDS)


def _wipe(folder: str) -> None:
    """Writes zeros over all files, swap files and backups of the editor too, and removes them."""
    for path in Path(folder).rglob("*"):
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(OSError), open(path, "r+b", buffering=0) as file:
                file.write(bytes(os.fstat(file.fileno()).st_size))
                os.fsync(file.fileno())
    shutil.rmtree(folder, ignore_errors=True)


def edited(folder: str, name: str, text: bytes, words: Sequence[str]) -> bytes | None:
    """The text after the editor; None where its file is gone. EditorError where it failed.

    Ctrl-C is the editor's as long as it runs. When the program is ended, so is the editor.
    """
    path = os.path.join(folder, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(text)
    code = _run([*words, path], folder)
    if code:
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise EditorError(f"the editor ended with {how}: nothing is changed")
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


class EditorError(CodeOpsError):
    """An editor that did not end well."""


def _run(words: Sequence[str], folder: str) -> int:
    environment = keyless_environment() | {"TMPDIR": folder}
    # The editor's own are as they were: only caught signals become the default in a new program.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(words, env=environment) as process:  # noqa: S603 - the user's own
            try:
                return process.wait()
            finally:
                _end(process)
    finally:
        signal.signal(signal.SIGINT, before)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
