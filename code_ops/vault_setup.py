"""What makes git treat vaults as vaults: attributes of a repository, and this user's settings.

``.gitattributes`` says which files are vaults and is committed. What git runs for them is a
setting of each clone, since git takes no programs from what it fetches.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from typing import Literal, NamedTuple

from code_ops.errors import GitError
from code_ops.git import Repository

__all__ = ["PATTERNS", "Setup"]

DRIVER = "code-ops-vault"
PATTERNS = ("*.vault",)

# Not text, so that no git of another system changes line ends; the diff is still one of lines.
_ATTRIBUTES = f"-text diff={DRIVER} merge={DRIVER}"
_WANTED = {"diff": DRIVER, "merge": DRIVER, "text": "unset"}
_MOST_BYTES = 1 << 20

Scope = Literal["local", "global"]


class Setup(NamedTuple):
    """What a repository, or with ``global`` each of this user's, needs for vaults."""

    repository: Repository
    scope: Scope
    patterns: Sequence[str]
    # What git runs: a program and its first arguments.
    program: Sequence[str]
    key_file: str | None = None

    def install(self) -> list[str]:
        """Writes what is missing; returns what was changed, in words."""
        done = []
        path = self.attributes_path()
        before = _read(path)
        missing = [line for line in self._lines() if line not in before]
        if missing:
            _write(path, [*before, *missing])
            done += [f"{path}: {line}" for line in missing]
        for name, value in self.settings().items():
            if self._setting(name) != value:
                self.repository.run("config", f"--{self.scope}", name, value)
                done.append(f"git config --{self.scope} {name}: {value}")
        return done

    def missing(self) -> list[str]:
        """What git lacks for vaults, in words; empty where all is there."""
        found = self._missing_attributes()
        for name, value in self.settings().items():
            setting = self._effective(name)
            if not setting:
                found.append(f"git config {name} is not set, so this clone does not use it")
            elif name.endswith((".driver", ".textconv")):
                program = _program(setting)
                if shutil.which(program) is None:
                    found.append(f"git config {name}: there is no program {program}")
            elif name.endswith(".cachetextconv") and setting != value:
                found.append(f"git config {name} is {setting}, expected {value}")
        return found

    def remove(self) -> list[str]:
        """Takes out what ``install`` writes; returns what was changed, in words."""
        done = []
        path = self.attributes_path()
        before = _read(path)
        lines = self._lines()
        kept = [line for line in before if line not in lines]
        if kept != before:
            _write(path, kept)
            done += [f"{path}: {line} removed" for line in before if line in lines]
        for section in (f"diff.{DRIVER}", f"merge.{DRIVER}"):
            words = ("config", f"--{self.scope}", "--remove-section", section)
            if self.repository.run(*words, may_fail=(1, 5, 128)).returncode == 0:
                done.append(f"git config --{self.scope} {section} removed")
        return done

    def settings(self) -> dict[str, str]:
        """The settings of git by name."""
        program = shlex.join(self.program)
        key_file = ""
        if self.key_file is not None:
            key_file = f" --key-file {shlex.quote(os.path.abspath(self.key_file))}"
        # Git puts %P into quotes by itself; other % of its own are doubled.
        merge = f"{program} vault merge{key_file}".replace("%", "%%")
        return {
            f"diff.{DRIVER}.textconv": f"{program} vault textconv --",
            # A failure must not be remembered in the place of a vault.
            f"diff.{DRIVER}.cachetextconv": "false",
            f"merge.{DRIVER}.name": "code-ops vaults, merged by their secrets",
            f"merge.{DRIVER}.driver": f"{merge} --path %P -- %O %A %B",
        }

    def attributes_path(self) -> str:
        """The file that says which files are vaults."""
        if self.scope == "local":
            path = os.path.join(self.repository.top, ".gitattributes")
            # What it leads to can be any file, and git does not follow it either.
            if os.path.islink(path):
                raise GitError(f"{path}: is a link, which git does not read")
            return path
        words = ("config", "--global", "--type=path", "core.attributesFile")
        named = os.fsdecode(self.repository.run(*words, may_fail=(1,)).stdout).strip()
        if named:
            return named
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        return os.path.join(home, "git", "attributes")

    def _lines(self) -> list[str]:
        return [f"{_quoted(pattern)} {_ATTRIBUTES}" for pattern in self.patterns]

    def _missing_attributes(self) -> list[str]:
        if self.scope == "global":
            path = self.attributes_path()
            there = _read(path)
            return [f"{path} lacks `{line}`" for line in self._lines() if line not in there]
        top = Repository(self.repository.top)
        found = []
        for pattern in self.patterns:
            files = list(top.names("ls-files", "-z", "--", f":(glob)**/{pattern.lstrip('/')}"))
            # Where there is none yet, what one would have.
            names = files or [pattern.replace("*", "secrets").lstrip("/")]
            lacks = ((name, lacking(top, name)) for name in names)
            found += [
                f"{name}: .gitattributes gives it no {' and no '.join(words)}"
                for name, words in lacks
                if words
            ]
        return found

    def _setting(self, name: str) -> str:
        words = ("config", f"--{self.scope}", "--get", name)
        return self.repository.run(*words, may_fail=(1,)).stdout.decode().removesuffix("\n")

    def _effective(self, name: str) -> str:
        words = ["--global"] if self.scope == "global" else []
        ended = self.repository.run("config", *words, "--get", name, may_fail=(1,))
        return ended.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def lacking(repository: Repository, name: str) -> list[str]:
    """The attributes of a vault that a file does not have, as ``.gitattributes`` has them."""
    ended = repository.run("check-attr", "-z", *_WANTED, "--", name)
    fields = ended.stdout.decode("utf-8", "surrogateescape").split("\0")
    found = dict(zip(fields[1::3], fields[2::3], strict=False))
    words = {"diff": f"diff={DRIVER}", "merge": f"merge={DRIVER}", "text": "-text"}
    return [words[each] for each, value in _WANTED.items() if found.get(each) != value]


def _program(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    return words[0].replace("%%", "%") if words else command


def _quoted(pattern: str) -> str:
    if any(letter in pattern for letter in '\n\0"'):
        raise GitError("a pattern has no quotes and no line ends")
    return f'"{pattern}"' if " " in pattern or "\t" in pattern else pattern


def _read(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return []
    if len(text) > _MOST_BYTES:
        raise GitError(f"{path}: more than 1 MiB")
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []


def _write(path: str, lines: Sequence[str]) -> None:
    from code_ops.atomic_files import replace, write_all

    if not lines:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    replace(path, 0o666, lambda file: write_all(file, data))
