"""What this user has seen of vaults: the highest generation of each.

An older file that is put back is signed as it was then, so that only who remembers can tell. What
is remembered is a file for each vault under the user's folder of state; a machine without it, as
in CI, remembers nothing.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from code_ops.atomic_files import create_file, replace_file


def seen_generation(vault_id: str) -> int:
    """The highest generation that was seen, 0 where none was."""
    try:
        return int(_place(vault_id).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def remember_generation(vault_id: str, generation: int) -> None:
    """Keeps a generation that is higher than those seen; what cannot be kept is forgotten."""
    if generation <= seen_generation(vault_id):
        return
    place = _place(vault_id)
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = b"%d\n" % generation
        try:
            create_file(str(place), data, mode=0o600)
        except FileExistsError:
            replace_file(str(place), data)


def _place(vault_id: str) -> Path:
    home = os.environ.get("XDG_STATE_HOME", "")
    state = Path(home) if os.path.isabs(home) else Path.home() / ".local" / "state"
    return state / "code-ops" / "vaults" / vault_id
