"""Files that should be sealed and are not: private keys, keys of vaults, files of environment.

Owns the list, which is short on purpose and stands in docs/vault.md. What is looked at is what git
tracks or would take; outside of a repository it is what lies in the folder.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from code_ops.errors import GitError, VaultError
from code_ops.git import Repository

__all__ = ["MOST_FILES", "Found", "Listed", "is_vault", "list_files", "look_at"]

MOST_FILES = 100_000
# Of each file; a key stands at the beginning.
_READ_BYTES = 256 << 10

_NAMES = (".env", ".env.*", "*.env", "*.p12", "*.pfx")
# Names that say that nothing secret is in them.
_SAMPLES = ("*.example", "*.sample", "*.template", "*.dist")
_KEY = re.compile(rb"cok1[02-9ac-hj-np-z]{58}(?![02-9a-z])")
_AGE = re.compile(rb"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")
# Not those that are encrypted themselves.
_PRIVATE = re.compile(rb"-----BEGIN ((?!ENCRYPTED)[A-Z0-9]+ )*PRIVATE KEY-----")
_ENCRYPTED = (b"Proc-Type: 4,ENCRYPTED",)
_SEALED = (
    *(b"code-ops-vault/", b"code-ops-file/", b"COV1", b"age-encryption.org/"),
    *(b"-----BEGIN AGE ENCRYPTED FILE-----", b"$ANSIBLE_VAULT;"),
)


class Found(NamedTuple):
    """What is wrong with a file, as a rule and in words."""

    rule: str
    message: str


class Listed(NamedTuple):
    """The files below a folder; ``is_whole`` is false where there were more than are looked at."""

    paths: Sequence[str]
    is_whole: bool


def list_files(folder: str, *, below: bool = True) -> Listed:
    """What git tracks or would take; all files where there is no repository."""
    tracked = _of_git(folder)
    names = _walked(folder) if tracked is None else tracked
    paths: list[str] = []
    for name in names:
        if not below and os.sep in name:
            continue
        if len(paths) == MOST_FILES:
            return Listed(paths, is_whole=False)
        paths.append(os.path.normpath(os.path.join(folder, name)))
    return Listed(paths, is_whole=True)


def is_vault(head: bytes) -> bool:
    """Whether a file begins as a vault does."""
    return head.startswith(b"code-ops-vault/")


def look_at(path: str) -> tuple[bytes, list[Found]]:
    """The beginning of a file, and what should be sealed in it; OSError where it is not read.

    What is no regular file is empty: a link's target is in the list itself, or is elsewhere.
    """
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return b"", []
    with open(path, "rb") as file:
        head = file.read(_READ_BYTES)
    if head.startswith(_SEALED):
        return head, []
    return head, list(_found(os.path.basename(path), head))


def _found(name: str, head: bytes) -> Iterator[Found]:
    if any(_is_key(match[0]) for match in _KEY.finditer(head)):
        yield Found("vault-key", "holds a key that opens vaults")
    if _AGE.search(head):
        yield Found("age-key", "holds an identity of age")
    if _PRIVATE.search(head) and not any(mark in head for mark in _ENCRYPTED):
        yield Found("private-key", "holds a private key that is not encrypted")
        return
    if any(fnmatch.fnmatchcase(name, sample) for sample in _SAMPLES):
        return
    if head and any(fnmatch.fnmatchcase(name, each) for each in _NAMES):
        yield Found("plain-file", "is a file of secrets by its name, and not sealed")
    elif ".vault." in name:
        yield Found("plain-file", "is what a vault was opened into, by its name")


def _is_key(text: bytes) -> bool:
    from code_ops.vault_keys import key_from_text

    try:
        key_from_text(text.decode("ascii"))
    except VaultError:
        return False
    return True


def _of_git(folder: str) -> list[str] | None:
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    try:
        return sorted(set(Repository(folder).names(*words)))
    except GitError:
        return None


def _walked(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            yield os.path.relpath(os.path.join(place, name), folder)
