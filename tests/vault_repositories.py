"""Real repositories of git with a vault in them, and ``code-ops vault`` as git runs it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import vault_reader
from vault_runs import COMMAND, CREDENTIALS, KEY, KEY_TEXT, environment

from code_ops import _engine
from code_ops.vault_file import Vault, edit_vault

MARKS = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]
Ended = subprocess.CompletedProcess[bytes]
# What no output of git may have: 40 characters of base64 together.
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{41,}")
_OBJECT = re.compile(rb"\b[0-9a-f]{40}\b")


_PEOPLE = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]


class Work:
    """A work tree; its git sees no settings but its own."""

    def __init__(self, folder: Path, home: Path, vault: str = "secrets.vault") -> None:
        self.folder = folder
        self.home = home
        self.vault = vault
        self.path = folder / vault
        self.env = environment(
            home,
            HOME=str(home),
            GIT_CONFIG_NOSYSTEM="1",
            GIT_CONFIG_GLOBAL=str(home / "gitconfig"),
            GIT_PAGER="cat",
            GIT_EDITOR="true",
            CODE_OPS_VAULT_KEY=KEY_TEXT,
            **{
                f"GIT_{who}_{what}": "a@b"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        )

    def git(self, *words: str, code: int | None = 0, **env: str) -> Ended:
        """Runs git; it ends with this code, or with any for None."""
        return self._run(["git", *words], code, env)

    def ops(self, *words: str, code: int | None = 0, stdin: bytes = b"", **env: str) -> Ended:
        """Runs a command of ``code-ops vault`` on the vault."""
        return self._run([COMMAND, "vault", *words], code, env, stdin)

    def _run(
        self, words: list[str], code: int | None, env: dict[str, str], stdin: bytes = b""
    ) -> Ended:
        ended = subprocess.run(
            words,
            cwd=self.folder,
            env={**self.env, "CODE_OPS_VAULT_FILE": str(self.path), **env},
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )
        assert code is None or ended.returncode == code, (words, ended)
        return ended

    def init(self) -> Work:
        """A repository whose vault has ``a``, ``b`` and ``c``, and is committed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")
        key = self.home / "key"
        key.write_text(f"{KEY_TEXT}\n", encoding="ascii")
        key.chmod(0o600)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.ops("init", "--vault", str(self.path), "--key-file", str(key))
        self.set(a="1", b="2", c="3")
        return self

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def set(self, **values: str | None) -> None:
        """Sets secrets, or takes them out, as after a change of branch."""
        for name, value in values.items():
            words = ("rm", name) if value is None else ("set", name)
            self.ops(*words, "--accept-older", stdin=(value or "").encode())

    def branch(self, name: str, /, **values: str | None) -> None:
        """A branch that changes secrets; main is checked out after it."""
        self.git("checkout", "--quiet", "-b", name, "main")
        self.set(**values)
        self.commit(name)
        self.git("checkout", "--quiet", "main")

    def change(self, **values: str | None) -> None:
        """A commit on this branch."""
        self.set(**values)
        self.commit("change")

    @contextlib.contextmanager
    def edit(self) -> Iterator[Vault]:
        """The vault to change, for what no command does; with the same memory as the commands."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", self.env["XDG_STATE_HOME"])
            with edit_vault(str(self.path), CREDENTIALS, accept_older=True) as vault:
                yield vault

    def values(self) -> dict[str, str]:
        """All that the vault holds, by a reader that is not ours, which verifies it too."""
        found = vault_reader.read(self.path.read_bytes(), "key", KEY)
        return {name: value.decode() for name, value in found.items()}

    def state(self) -> str:
        """What git says of the vault, such as ``UU`` for conflicted."""
        return os.fsdecode(self.git("status", "--porcelain", "--", self.vault).stdout)[:2]


def sealed_in(output: bytes) -> list[bytes]:
    """What looks like base64 and is no object's name."""
    return _BASE64.findall(_OBJECT.sub(b"", output))


def repository(folder: Path, vault: str = "secrets.vault") -> Work:
    """A repository that is set up, with a first commit; a copy of one that is made once."""
    if vault != "secrets.vault":
        return _new_repository(folder, vault)
    template = folder.parent / "template"
    if not template.exists():
        template.mkdir()
        _new_repository(template, vault)
    shutil.copytree(template / "work", folder / "work")
    shutil.copy2(template / "key", folder / "key")
    return Work(folder / "work", folder)


def _new_repository(folder: Path, vault: str) -> Work:
    work = Work(folder / "work", folder, vault).init()
    work.ops("git-setup")
    work.commit("first")
    return work
