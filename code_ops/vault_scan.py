"""A vault's own secrets looked for where they should not be: in files, logs and git's history.

``find_leaks`` looks for every value in all forms that programs write (plain, by lines, base64,
hexadecimal, escaped for URLs, JSON, XML and shells), and tells places, names and fingerprints,
never a value. Packed files are unpacked. The native engine alone can do this.
"""

from __future__ import annotations

import fnmatch
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from code_ops.errors import GitError
from code_ops.vault_file import native_module
from code_ops.vault_keys import keyless_environment

if TYPE_CHECKING:
    from code_ops.vault_file import Vault

__all__ = [
    "LEAST_BYTES",
    "STANDARD_INPUT",
    "Leak",
    "Leaks",
    "Unread",
    "Unsearched",
    "find_leaks",
    "tracked_files",
]

LEAST_BYTES = 6
"""By default, of a value that is looked for."""
STANDARD_INPUT = "-"
_STANDARD_INPUT_FILE = "/dev/stdin"
_GIT_SECONDS = 3600
_PIECE_BYTES = 1 << 20
# Nothing that a repository's own settings name is started, and nothing more is written.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")


class Leak(NamedTuple):
    """Where a secret stands.

    ``form`` is plain, line, base64, hex, url, text or shell. ``column`` counts bytes. Of the
    history ``commit`` is the first one that has it, or None where no commit has; ``path`` is then
    the path in that commit, or what holds it, such as ``commit message``. ``object`` is git's name
    of the content, None outside the history.
    """

    name: str
    form: str
    path: str
    line: int
    column: int
    fingerprint: str
    commit: str | None = None
    object: str | None = None


class Unread(NamedTuple):
    """A file that was not, or not wholly, looked through, and why."""

    path: str
    reason: str


class Unsearched(NamedTuple):
    """A secret that is not looked for, or not in all forms; ``reason`` is short, common, digits,
    encoded (a long one, as it is alone), long or budget."""

    name: str
    reason: str


@dataclass
class Leaks:
    """What was found."""

    leaks: list[Leak] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    """Files and objects with more than the 10,000 findings that are told of each."""
    files: int = 0
    objects: int = 0
    """Of git."""


class _Values:
    """The vault's values, each once, with all names that have it."""

    def __init__(self, vault: Vault) -> None:
        names: dict[bytes, list[str]] = {}
        altered = {finding.name for finding in vault.findings}
        for secret in vault.secrets:
            if secret.name not in altered:
                names.setdefault(vault.get(secret.name), []).append(secret.name)
        self.values = list(names)
        self.names = list(names.values())
        mark = native_module().fingerprint
        self.fingerprints = [mark(vault._native, each[0]) for each in self.names]

    def leaks(self, rows: Iterable[tuple[int, str, int, int]], path: str) -> Iterator[Leak]:
        for number, form, line, column in rows:
            for name in self.names[number]:
                yield Leak(name, form, path, line, column, self.fingerprints[number])


def find_leaks(
    vault: Vault,
    paths: Sequence[str],
    *,
    repository: str | None = None,
    least_bytes: int = LEAST_BYTES,
    exclude: Sequence[str] = (),
    progress: Callable[[int, int], object] | None = None,
) -> Leaks:
    """Looks through files and folders; ``-`` is standard input.

    ``repository`` is a folder whose git history is looked through as well: all objects, also
    those that no branch reaches. Values with fewer bytes than ``least_bytes``, and those that many
    things have, are told as ``unsearched``. ``exclude`` are patterns of paths as the shell has
    them. Raises GitError where the history cannot be read.
    """
    values = _Values(vault)
    search = native_module().LeakSearch(values.values, least_bytes)
    result = Leaks()
    for number, reason in search.unsearched:
        result.unsearched += [Unsearched(name, reason) for name in values.names[number]]
    files = list(_files(paths, exclude, result))
    result.files = len(files)
    tell = None if progress is None else lambda done: progress(done, len(files))
    opened = [_STANDARD_INPUT_FILE if path == STANDARD_INPUT else path for path in files]
    for number, rows, is_cut, problem in search.files(opened, progress=tell):
        path = "standard input" if files[number] == STANDARD_INPUT else files[number]
        result.leaks += values.leaks(rows, path)
        if is_cut:
            result.cut.append(path)
        if problem is not None:
            result.unread.append(Unread(path, problem))
    if repository is not None:
        _add_history(repository, search, values, exclude, result)
    return result


def tracked_files(folder: str = ".") -> list[str] | None:
    """The files of the repository that a folder is in, but for those that git ignores; None where
    it is in none. The paths are relative to the folder.
    """
    try:
        top = _git(folder, "rev-parse", "--show-toplevel")
    except GitError:
        return None
    root = os.fsdecode(top.removesuffix(b"\n"))
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name)
    found = (os.path.relpath(os.path.join(root, name), folder) for name in names)
    # Links lead to files that are listed too, or to others'; folders are repositories of their own.
    return [path for path in found if _is_regular(os.path.join(folder, path))]


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _files(paths: Sequence[str], exclude: Sequence[str], result: Leaks) -> Iterator[str]:
    for path in dict.fromkeys(paths):
        if path == STANDARD_INPUT:
            yield path
        elif os.path.isdir(path):
            yield from _folder(path, exclude, result)
        elif not _is_excluded(path, exclude):
            yield path


def _folder(folder: str, exclude: Sequence[str], result: Leaks) -> Iterator[str]:
    def failed(error: OSError) -> None:
        name = os.fsdecode(error.filename)
        result.unread.append(Unread(name, (error.strerror or str(error)).lower()))

    for here, folders, names in os.walk(folder, onerror=failed):
        # The objects of git are packed: its history is looked through by itself.
        folders[:] = [
            name
            for name in sorted(folders)
            if name != ".git" and not _is_excluded(os.path.join(here, name), exclude)
        ]
        for name in sorted(names):
            path = os.path.join(here, name)
            if _is_regular(path) and not _is_excluded(path, exclude):
                yield path


def _is_excluded(path: str, patterns: Sequence[str]) -> bool:
    path = os.path.normpath(path)
    return any(
        fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(os.path.basename(path), pattern)
        for pattern in patterns
    )


def _add_history(
    folder: str, search: Any, values: _Values, exclude: Sequence[str], result: Leaks
) -> None:
    _git(folder, "rev-parse", "--git-dir")
    try:
        result.objects, objects, commits = search.git(folder)
    except OSError as error:
        raise GitError(f"the history cannot be read: {error}") from None
    blobs = {name for name, kind, *_ in objects if kind == "blob"}
    places = _first_places(folder, blobs, commits) if blobs else {}
    for name, kind, rows, is_cut in objects:
        commit, path = places.get(name, (None, f"{kind} {name[:12]}"))
        if kind == "commit":
            commit, path = name, "commit message"
        if path is not None and _is_excluded(path, exclude):
            continue
        for leak in values.leaks(rows, path):
            result.leaks.append(leak._replace(commit=commit, object=name))
        if is_cut:
            result.cut.append(path)


def _first_places(
    folder: str, blobs: set[str], commits: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """The first commit with each of these contents, and its path there."""
    # All commits, also those that nothing reaches any more, each with what it changed; parents
    # come before their children, also where clocks were wrong.
    words = ["--stdin", "--date-order", "--reverse", "--raw", "--no-abbrev", "--no-renames"]
    words += ["-m", "--root", "-z", "--format=%x01%H"]
    found: dict[str, tuple[str, str]] = {}
    commit = blob = ""
    for part in _parts(folder, words, commits):
        text = os.fsdecode(part)
        head = text.removeprefix("\n")
        if blob:
            if blob in blobs:
                found.setdefault(blob, (commit, text))
            blob = ""
        elif head.startswith("\x01"):
            commit = head[1:]
        elif head.startswith(":"):
            blob = head.split(" ")[3]
    return found


def _parts(folder: str, words: Sequence[str], commits: Sequence[str]) -> Iterator[bytes]:
    """What ``git log`` writes for these commits, between its zeros: more than memory may hold."""
    with tempfile.TemporaryFile() as names:
        names.writelines(f"{each}\n".encode() for each in commits)
        names.seek(0)
        command = [*_GIT, "-C", folder, "log", *words]
        with subprocess.Popen(  # noqa: S603 - the words are ours
            command, stdin=names, stdout=subprocess.PIPE, env=keyless_environment()
        ) as git:
            output = cast("IO[bytes]", git.stdout)
            rest = b""
            try:
                while piece := output.read(_PIECE_BYTES):
                    *parts, rest = (rest + piece).split(b"\0")
                    yield from parts
                if git.wait():
                    raise GitError(f"{folder}: git log failed")
            finally:
                git.kill()


def _git(folder: str, *words: str, stdin: bytes = b"") -> bytes:
    try:
        ended = subprocess.run(  # noqa: S603 - the words are ours
            [*_GIT, "-C", folder, *words],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_GIT_SECONDS,
            env=keyless_environment() | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git cannot be run: {error}") from None
    if ended.returncode:
        reason = ended.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        reason = reason.partition("\n")[0] or "failed"
        raise GitError(f"{folder}: git {words[0]}: {reason}")
    return ended.stdout
