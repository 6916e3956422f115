"""Git as a program: its answers, and what it says where it cannot give one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence

from code_ops.errors import GitError
from code_ops.vault_keys import keyless_environment

__all__ = ["Repository", "is_in_work_tree", "would_take_in"]

_MOST_SECONDS = 300
# Nothing that a repository's own settings name is started.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")


class Repository:
    """The repository that a folder lies in."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def run(self, *words: str, may_fail: Sequence[int] = ()) -> subprocess.CompletedProcess[bytes]:
        """Runs a command of git; GitError where it ends with another code than 0 and these."""
        ended = self._run(words)
        if ended.returncode and ended.returncode not in may_fail:
            told = ended.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = told[-1] if told else f"exit code {ended.returncode}"
            raise GitError(f"git {words[0]}: {reason.removeprefix('fatal: ')}")
        return ended

    def text(self, *words: str) -> str:
        """What a command writes, without the line end."""
        return os.fsdecode(self.run(*words).stdout).removesuffix("\n")

    def names(self, *words: str) -> Iterator[str]:
        """What a command with ``-z`` lists."""
        for name in self.run(*words).stdout.split(b"\0"):
            if name:
                yield os.fsdecode(name)

    def blob(self, name: str, most_bytes: int) -> bytes:
        """An object's content; GitError where it is larger."""
        if int(self.text("cat-file", "-s", name)) > most_bytes:
            raise GitError(f"the object {name} has more than {most_bytes:,} bytes")
        return self.run("cat-file", "blob", name).stdout

    @property
    def top(self) -> str:
        """The work tree's folder; GitError outside of one."""
        return self.text("rev-parse", "--show-toplevel")

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        # Messages are matched by nobody, but are shown among ours.
        environment = keyless_environment() | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        try:
            return subprocess.run(  # noqa: S603 - no word of it is a shell's
                [*_GIT, "-C", self.folder, *words],
                capture_output=True,
                check=False,
                env=environment,
                stdin=subprocess.DEVNULL,
                timeout=_MOST_SECONDS,
            )
        except FileNotFoundError:
            if not os.path.isdir(self.folder):
                raise
            raise GitError("git is not installed") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {words[0]} did not end within {_MOST_SECONDS} s") from None


def is_in_work_tree(folder: str) -> bool:
    """Whether a folder lies in a work tree, as far as its files tell."""
    above = os.path.realpath(folder)
    while not os.path.exists(os.path.join(above, ".git")):
        if above == os.path.dirname(above):
            return False
        above = os.path.dirname(above)
    return True


def would_take_in(path: str) -> bool:
    """Whether a file lies in a work tree whose git does not ignore it, or cannot say."""
    place = os.path.realpath(path)
    folder = os.path.dirname(place)
    if not is_in_work_tree(folder):
        return False
    words = ("check-ignore", "--quiet", "--", place)
    try:
        return Repository(folder).run(*words, may_fail=(1,)).returncode != 0
    except (GitError, OSError):
        return True
