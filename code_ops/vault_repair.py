"""Vaults that are not as they were signed, settled: by accepting, by taking out, by merging.

Accepting signs lines that nobody signed, so it is what somebody wants who has looked at them. A
line that does not open is never accepted, and a head that was changed cannot be repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from code_ops.errors import VaultError
from code_ops.vault_conflicts import Conflicted
from code_ops.vault_file import Credentials, Finding, Vault, native_module, opened
from code_ops.vault_merge import Merged, merge_forms, merge_vaults

__all__ = ["Unsettled", "merged", "repair", "unsettled"]


class Unsettled(NamedTuple):
    """A secret that is not as it was signed, and whether its line opens; a gone one has none."""

    finding: Finding
    opens: bool


def unsettled(vault: Vault) -> list[Unsettled]:
    """What is not as it was signed."""
    closed = set(native_module().unopened(vault._native))
    return [Unsettled(finding, finding.name not in closed) for finding in vault.findings]


def repair(vault: Vault, dropped: Sequence[str]) -> None:
    """Takes secrets out of those that are not as they were signed, and accepts the others.

    VaultMissingError for a secret that is as it was signed, VaultChangedError for one that does
    not open; then nothing is changed.
    """
    try:
        native_module().repair_vault(vault._native, list(dropped))
    except VaultError as error:
        raise type(error)(f"{vault.path}: {error}") from None


def merged(
    path: str, found: Conflicted, credentials: Credentials, dropped: Sequence[str] = ()
) -> Merged:
    """The vault of both sides.

    Sides out of a text are accepted as they stand, less those to be taken out. The errors are those
    of ``merge_forms``.
    """
    if found.source == "git":
        return merge_forms(path, found.forms, credentials)
    base, ours, theirs = found.forms
    sides = [_accepted(f"{path} (ours)", ours, credentials, dropped)]
    sides.append(_accepted(f"{path} (theirs)", theirs, credentials, dropped))
    return merge_vaults(path, _accepted_base(path, base, credentials), *sides)


def _accepted(path: str, text: bytes, credentials: Credentials, dropped: Sequence[str]) -> Vault:
    vault = opened(path, text, credentials)
    names = {finding.name for finding in vault.findings}
    repair(vault, [name for name in dropped if name in names])
    return vault


def _accepted_base(path: str, text: bytes, credentials: Credentials) -> Vault | None:
    """A base that cannot be had only makes more conflicts."""
    if not text:
        return None
    try:
        return _accepted(f"{path} (base)", text, credentials, ())
    except VaultError:
        return None
