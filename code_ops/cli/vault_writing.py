"""A vault's file opened to change, as each command that writes does it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from code_ops.cli.vault_common import reading
from code_ops.errors import VaultOlderError

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials, Vault


@contextlib.contextmanager
def changing(path: str, credentials: Credentials, accept_older: bool) -> Iterator[Vault]:
    """The vault; it is written at the end.

    Reading fails with InputError, writing with OSError, an old file with a message that names the
    option that accepts it.
    """
    from code_ops.vault_file import edit_vault

    with contextlib.ExitStack() as stack:
        opening = edit_vault(path, credentials, accept_older=accept_older)
        try:
            with reading(path):
                vault = stack.enter_context(opening)
        except VaultOlderError as error:
            raise VaultOlderError(f"{error}; --accept-older changes it") from None
        yield vault
