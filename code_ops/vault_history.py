"""What git's history tells of a vault: since when each slot opens it, and who could before.

Nothing of it needs a key. A slot is told apart by type, label and key id or recipient, so that it
stays the same through a new data key. Versions of the file are read one after the other, and what
is no vault in them is passed over.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from code_ops.errors import GitError
from code_ops.git import Repository
from code_ops.vault_keys import keyless_environment

__all__ = [
    "MOST_VERSIONS",
    "Commit",
    "Departed",
    "History",
    "Who",
    "highest_generation",
    "read_history",
    "who_of",
    "who_opens",
]

MOST_VERSIONS = 2000
_MOST_BYTES = 64 << 20
_FORMAT = "--format=%x00%H %cs"


class Who(NamedTuple):
    """A slot without what changes with the data key."""

    kind: str
    label: str
    detail: str


class Commit(NamedTuple):
    """A commit and its day in its own time zone."""

    id: str
    date: str


class Departed(NamedTuple):
    """Who could open the vault and has no slot any more.

    ``left`` is the commit that took the slot away, None where that is not committed.
    ``opens_lines`` says that lines of today stood in the file together with the slot: the data key
    is still the same. ``known`` are secrets whose values are as they were then.
    """

    who: Who
    left: Commit | None
    opens_lines: bool
    known: Sequence[str]


@dataclass
class History:
    """What is known of a vault's past; ``extent`` says how much of it."""

    since: Mapping[Who, Commit] = field(default_factory=dict)
    departed: Sequence[Departed] = ()
    # ``none`` where git has no such file, ``part`` where it has more than was read.
    extent: str = "none"


def who_opens(text: bytes) -> list[Who]:
    """The slots of a vault's text, whole or not."""
    found = []
    for line in text.split(b"hmac ", 1)[0].splitlines():
        shown = line.decode("ascii", "replace")
        words = shown.split(" ")
        # What would move a terminal's cursor was never in a vault.
        if words[0] != "slot" or len(words) < 3 or not shown.isprintable():
            continue
        fields = dict(word.split("=", 1) for word in words[2:] if "=" in word)
        detail = fields.get("kid") or fields.get("recipient") or ""
        found.append(who_of(words[1], fields.get("label", ""), detail))
    return found


def who_of(kind: str, label: str, detail: str) -> Who:
    """A slot of an overview; what a passphrase costs is no part of who it is."""
    return Who(kind, label, detail if kind in ("key", "age") else "")


def read_history(path: str, current: bytes) -> History:
    """The history of the vault at a path, whose text is this now; GitError where git fails."""
    place = os.path.realpath(path)
    repository = Repository(os.path.dirname(place))
    try:
        versions = list(_versions(repository, os.path.basename(place)))
    except GitError:
        # No repository, or one without commits.
        return History()
    if not versions:
        return History()
    is_shallow = repository.text("rev-parse", "--is-shallow-repository") == "true"
    is_whole = len(versions) <= MOST_VERSIONS and not is_shallow
    past = _Past(current)
    # Oldest first, and of too many the newest.
    chosen = versions[:MOST_VERSIONS][::-1]
    with _Objects(repository) as objects:
        for commit, name in chosen:
            past.take(commit, objects.content(name))
    return History(past.since, past.departed(), "whole" if is_whole else "part")


def highest_generation(path: str, content: bytes, vault_id: str) -> int | None:
    """The highest generation of a vault in the commits that HEAD comes from, under its name.

    None where HEAD does not have exactly this content, or git does not tell all of the history.
    """
    place = os.path.realpath(path)
    repository = Repository(os.path.dirname(place))
    name = os.path.basename(place)
    try:
        blob = repository.text("rev-parse", "--verify", "--quiet", f"HEAD:./{name}")
        is_shallow = repository.text("rev-parse", "--is-shallow-repository") != "false"
        versions = list(_versions(repository, name))
    except GitError:
        return None
    if blob != _blob_name(content, len(blob)) or is_shallow or len(versions) > MOST_VERSIONS:
        return None
    wanted = b"code-ops-vault/1\nid %s\n" % vault_id.encode()
    with _Objects(repository) as objects:
        texts = (objects.content(each) for _, each in versions)
        found = [_generation(text) for text in texts if text.startswith(wanted)]
    return max(found, default=None)


def _blob_name(content: bytes, digits: int) -> str:
    """What git calls a content, in a repository whose names have so many digits."""
    import hashlib

    # Compared with what git has; SHA-1 is what most repositories are made of.
    algorithm = "sha1" if digits == 40 else "sha256"
    data = b"blob %d\0" % len(content) + content
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _generation(text: bytes) -> int:
    found = re.search(rb"\nmanifest ([0-9]{1,20}) \S+\n\Z", text)
    return int(found[1]) if found else 0


def _versions(repository: Repository, name: str) -> Iterator[tuple[Commit, str]]:
    """The commits that changed the file, the newest first, and its content's object."""
    words = ("log", _FORMAT, "--raw", "--no-abbrev", "-m", "--full-history", "--no-renames")
    limit = f"--max-count={MOST_VERSIONS + 1}"
    output = repository.run(*words, limit, "--", f":(literal){name}").stdout
    for part in output.split(b"\0")[1:]:
        head, *changes = part.decode("utf-8", "surrogateescape").splitlines()
        commit = Commit(*head.split(" ")[:2])
        # A merge has a line for each parent, all with the same new object.
        for change in [line for line in changes if line.startswith(":")][:1]:
            yield commit, change.split(" ")[3]


class _Past:
    """What was seen of the slots, version by version."""

    def __init__(self, current: bytes) -> None:
        self.since: dict[Who, Commit] = {}
        self._now = who_opens(current)
        self._lines = set(_secret_lines(current))
        self._heads = {_head(line): line.split(b" ", 1)[0].decode() for line in self._lines}
        self._opens: dict[Who, bool] = {}
        self._known: dict[Who, set[str]] = {}
        self._left: dict[Who, Commit | None] = {}
        self._before: set[Who] = set()

    def take(self, commit: Commit, text: bytes) -> None:
        """The next version."""
        slots = set(who_opens(text))
        lines = list(_secret_lines(text))
        is_shared = any(line in self._lines for line in lines)
        known = {self._heads[head] for line in lines if (head := _head(line)) in self._heads}
        for who in slots:
            self.since.setdefault(who, commit)
            self._left[who] = None
            self._opens[who] = self._opens.get(who, False) or is_shared
            self._known.setdefault(who, set()).update(known)
        for who in self._before - slots:
            self._left[who] = commit
        self._before = slots

    def departed(self) -> list[Departed]:
        """Those who have no slot now, in the order in which they came."""
        gone = (who for who in self.since if who not in self._now)
        return [
            Departed(who, self._left[who], self._opens[who], sorted(self._known[who]))
            for who in gone
        ]


def _secret_lines(text: bytes) -> Iterator[bytes]:
    for line in text.splitlines():
        if line.count(b" ") == 4 and not line.startswith((b"slot ", b"manifest ")):
            yield line


def _head(line: bytes) -> bytes:
    """Name, version, date and type."""
    return line.rsplit(b" ", 1)[0]


class _Objects:
    """Contents out of git's store, by one process."""

    def __init__(self, repository: Repository) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - no word is a shell's
            ["git", "-C", repository.folder, "cat-file", "--batch"],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=keyless_environment(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()

    def content(self, name: str) -> bytes:
        """An object's content; nothing for one that is missing, removed or too large."""
        source, target = self._process.stdout, self._process.stdin
        if source is None or target is None or not name.strip("0"):
            return b""
        target.write(name.encode() + b"\n")
        target.flush()
        words = source.readline().split()
        if len(words) != 3 or words[1] != b"blob":
            return b""
        size = int(words[2])
        content = source.read(min(size, _MOST_BYTES))
        left = size - len(content)
        while left > 0:
            left -= len(source.read(min(left, 1 << 20)))
        source.read(1)
        return content if size <= _MOST_BYTES else b""
