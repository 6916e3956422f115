"""What this user has seen of vaults: the highest generation of each, and its data keys in order.

An older file that is put back is signed as it was then, so that only who remembers can tell. Who
had a data key that was replaced can sign with it what generation they like, so data keys are
remembered too, by marks that tell nothing else of them. All this is a file for each vault under the
user's folder of state; a machine without it, as in CI, remembers nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from typing import NamedTuple

# Always as long, so that a number is written over another at once.
_FORM = b"%020d\n"
_BYTES = 21
_MARK = re.compile(rb"[0-9a-f]{16}\n")
_MOST_MARKS = 1000


class Seen(NamedTuple):
    """The highest generation, 0 where none was seen, and the marks of data keys, the last now."""

    generation: int = 0
    marks: tuple[str, ...] = ()

    def has_replaced(self, mark: str) -> bool:
        """Whether a data key was seen, and another one after it."""
        return mark in self.marks[:-1]


def seen_of(vault_id: str) -> Seen:
    """What was seen of a vault."""
    try:
        with open(_place(vault_id), "rb") as file:
            content = file.read(_BYTES + 17 * _MOST_MARKS)
            generation = int(content[:_BYTES])
    except (OSError, ValueError):
        return Seen()
    marks = (mark.decode().strip() for mark in _MARK.findall(content[_BYTES:]))
    return Seen(generation, tuple(dict.fromkeys(marks)))


def seen_generation(vault_id: str) -> int:
    """The highest generation that was seen, 0 where none was."""
    return seen_of(vault_id).generation


def remember(vault_id: str, generation: int, mark: str) -> None:
    """Keeps what is later than what was seen; what cannot be kept is forgotten.

    Of a data key that was replaced nothing is kept.
    """

    def later(seen: Seen) -> Seen:
        if seen.has_replaced(mark):
            return seen
        marks = seen.marks if mark in seen.marks else (*seen.marks, mark)
        return Seen(max(seen.generation, generation), marks)

    _keep(vault_id, later)


def accept(vault_id: str, generation: int, mark: str) -> None:
    """Keeps these as the last ones, also where later ones were seen."""

    def accepted(seen: Seen) -> Seen:
        place = seen.marks.index(mark) if mark in seen.marks else len(seen.marks)
        return Seen(generation, (*seen.marks[:place], mark))

    _keep(vault_id, accepted)


def _keep(vault_id: str, choose: Callable[[Seen], Seen]) -> None:
    import fcntl

    seen = seen_of(vault_id)
    if choose(seen) == seen:
        return
    place = _place(vault_id)
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Another program may have seen something later just now.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            now = seen_of(vault_id)
            then = choose(now)
            marks = "".join(f"{mark}\n" for mark in then.marks[-_MOST_MARKS:]).encode()
            os.pwrite(descriptor, _FORM % then.generation + marks, 0)
            os.ftruncate(descriptor, _BYTES + len(marks))
        finally:
            os.close(descriptor)


def _place(vault_id: str) -> str:
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.expanduser("~/.local/state")
    return os.path.join(state, "code-ops", "vaults", vault_id)
