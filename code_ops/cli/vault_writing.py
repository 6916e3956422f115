"""A vault's file opened to change, as each command that writes does it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from code_ops.cli.vault_common import reading
from code_ops.errors import VaultChangedError, VaultOlderError

if TYPE_CHECKING:
    from code_ops.cli.console import Console
    from code_ops.vault_file import Credentials, Vault


def checked(path: str, credentials: Credentials, accept_older: bool) -> Vault:
    """The vault, which can be changed: what somebody takes time to type shall not be refused.

    The errors are those of ``changing``.
    """
    from code_ops.vault_file import REPLACED_KEY, open_vault

    with reading(path):
        vault = open_vault(path, credentials)
    is_older = vault.generation < vault.seen_generation and not accept_older
    if vault.has_replaced_key and not accept_older:
        raise VaultOlderError(f"{path}: {REPLACED_KEY}; --accept-older changes it")
    if is_older and not _is_of_branch(path):
        raise VaultOlderError(
            f"{path}: generation {vault.generation} is older than {vault.seen_generation}, which "
            "was seen before: an old file was put back; --accept-older changes it"
        )
    if vault.findings:
        told = "; ".join(finding.message for finding in vault.findings)
        raise VaultChangedError(f"{path}: the vault is not the one that was signed: {told}")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return vault


@contextlib.contextmanager
def changing(
    path: str, credentials: Credentials, accept_older: bool, console: Console
) -> Iterator[Vault]:
    """The vault; it is written at the end.

    Reading fails with InputError, writing with OSError, an old file with a message that names the
    option that accepts it. One that is as its branch of git has it is told, and changed.
    """
    from code_ops.vault_file import edit_vault

    with contextlib.ExitStack() as stack:
        try:
            with reading(path):
                opening = edit_vault(path, credentials, accept_older=accept_older)
                vault = stack.enter_context(opening)
        except VaultOlderError as error:
            complaint = f"{error}; --accept-older changes it"
            with reading(path):
                vault = stack.enter_context(edit_vault(path, credentials, accept_older=True))
                # Now that nobody else changes it.
                if vault.has_replaced_key or not _is_of_branch(path):
                    raise VaultOlderError(complaint) from None
            console.warning(
                f"{path}: generation {vault.generation} is older than {vault.seen_generation}, "
                "which was seen before, and is this branch's latest"
            )
        yield vault


def _is_of_branch(path: str) -> bool:
    """Whether a file is as HEAD has it, and none that HEAD comes from is of a later generation.

    Then it is not one that was put back, but of a branch that never had the later ones.
    """
    from code_ops.vault_file import content_at, overview_of
    from code_ops.vault_history import highest_generation

    content = content_at(path)
    overview = overview_of(path, content)
    highest = highest_generation(path, content, overview.id)
    return highest is not None and highest <= overview.generation
