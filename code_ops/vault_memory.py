"""What this user has seen of vaults: the highest generation of each.

An older file that is put back is signed as it was then, so that only who remembers can tell. What
is remembered is a file for each vault under the user's folder of state; a machine without it, as
in CI, remembers nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

# Always as long, so that a number is written over another at once.
_FORM = b"%020d\n"
_BYTES = 21


def seen_generation(vault_id: str) -> int:
    """The highest generation that was seen, 0 where none was."""
    try:
        with open(_place(vault_id), "rb") as file:
            return int(file.read(_BYTES))
    except (OSError, ValueError):
        return 0


def remember_generation(vault_id: str, generation: int) -> None:
    """Keeps a generation that is higher than those seen; what cannot be kept is forgotten."""
    if generation > seen_generation(vault_id):
        _keep(vault_id, lambda seen: max(seen, generation))


def accept_generation(vault_id: str, generation: int) -> None:
    """Keeps a generation even where a higher one was seen."""
    if generation != seen_generation(vault_id):
        _keep(vault_id, lambda _: generation)


def _keep(vault_id: str, choose: Callable[[int], int]) -> None:
    import fcntl

    place = _place(vault_id)
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Another program may have seen a higher one just now.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.pwrite(descriptor, _FORM % choose(seen_generation(vault_id)), 0)
        finally:
            os.close(descriptor)


def _place(vault_id: str) -> str:
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.expanduser("~/.local/state")
    return os.path.join(state, "code-ops", "vaults", vault_id)
