"""The two sides of a vault that is in conflict: as git keeps them, or out of a text with markers.

Git's own are whole, each as it was signed. What stands between markers is a part: all around it
was merged as text already, so neither side of such a text is as it was signed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from code_ops.errors import GitError, VaultError
from code_ops.git import Repository
from code_ops.vault_merge import Forms

__all__ = ["Conflicted", "conflicted", "has_markers", "taken_apart"]

_MOST_BYTES = 256 << 20
_MARKER = re.compile(rb"(<{7,}|\|{7,}|={7,}|>{7,})(?: .*)?")
_STAGE = re.compile(rb"[0-7]{6} ([0-9a-f]{40,64}) ([123])\t")
# What a marker may follow, and the part that begins with it.
_NEXT = {b"<": ("both", "ours"), b"|": ("ours", "base"), b"=": ("ours base", "theirs")}


class Conflicted(NamedTuple):
    """The forms of a vault, and where they are from."""

    forms: Forms
    source: Literal["git", "text"]


def conflicted(path: str, content: bytes) -> Conflicted | None:
    """The sides of a vault's file; None where it is in no conflict.

    A file that git holds as conflicted and that is as ours was left by a merge that could not open
    it. One that is otherwise was settled already. VaultError where markers have no order.
    """
    marked = has_markers(content)
    stages = _stages(path)
    if stages is not None and (marked or content == stages.ours):
        return Conflicted(stages, "git")
    return Conflicted(taken_apart(path, content), "text") if marked else None


def has_markers(content: bytes) -> bool:
    """Whether lines of a conflict stand in a text."""
    return content.startswith(b"<<<<<<<") or b"\n<<<<<<<" in content


def taken_apart(path: str, content: bytes) -> Forms:
    """The text with our parts, with theirs and, where the markers have it, with the base's."""
    parts: dict[str, list[bytes]] = {"ours": [], "base": [], "theirs": []}
    now = "both"
    bases = conflicts = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        marker = _MARKER.fullmatch(line.rstrip(b"\r\n"))
        if marker is None:
            for name in parts if now == "both" else [now]:
                parts[name].append(line)
            continue
        before, after = _NEXT.get(marker[1][:1], ("theirs", "both"))
        if now not in before.split():
            raise VaultError(f"{path}: line {number}: a conflict's marker in the wrong place")
        now = after
        conflicts += now == "ours"
        bases += now == "base"
    if now != "both":
        raise VaultError(f"{path}: a conflict has no end")
    # Some markers without a base would make of what both added something removed.
    base = b"".join(parts["base"]) if bases == conflicts else b""
    return Forms(base, b"".join(parts["ours"]), b"".join(parts["theirs"]))


def _stages(path: str) -> Forms | None:
    """What git's index has of a conflicted file."""
    place = os.path.realpath(path)
    repository = Repository(os.path.dirname(place))
    try:
        found = dict(_objects(repository, os.path.basename(place)))
        if not {"2", "3"} <= found.keys():
            return None
        blobs = {stage: repository.blob(name, _MOST_BYTES) for stage, name in found.items()}
    except GitError:
        return None
    return Forms(*(blobs.get(stage, b"") for stage in "123"))


def _objects(repository: Repository, name: str) -> Iterator[tuple[str, str]]:
    words = ("ls-files", "--unmerged", "-z", "--", f":(literal){name}")
    for entry in repository.run(*words).stdout.split(b"\0"):
        stage = _STAGE.match(entry)
        if stage is not None:
            yield stage[2].decode(), stage[1].decode()
