"""Two changed forms of a vault made into one, by the secrets in them.

The rules are those of docs/vault.md, "In git". What both sides changed differently is a conflict:
the merged vault is whole, has our value under the name and theirs under another, and the conflict
says which.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from code_ops.errors import VaultClosedError, VaultError, VaultOlderError
from code_ops.vault_file import REPLACED_KEY, Credentials, Vault, native_module, opened

__all__ = ["Conflict", "Forms", "Merged", "merge_forms", "merge_vaults", "open_sibling"]

_MOST_BYTES = 256 << 20


class Forms(NamedTuple):
    """The texts of a vault on two sides, and of what both came from; that may be empty."""

    base: bytes
    ours: bytes
    theirs: bytes


class Conflict(NamedTuple):
    """What both sides changed; ``kept`` is the secret that has their value, or empty.

    ``kind`` is ``changed``, ``removed-by-ours``, ``removed-by-theirs``, ``slot-changed``,
    ``slot-lost``, ``slot-stays`` or ``data-keys``; ``name`` is a secret's or a slot's label.
    """

    kind: str
    name: str
    kept: str
    message: str


class Merged(NamedTuple):
    """A merged vault's text, a generation later than both sides, and what is in conflict.

    ``notes`` are no conflicts, and are to be looked at by who did not expect them.
    """

    text: bytes
    conflicts: list[Conflict]
    notes: Sequence[str] = ()


def merge_forms(path: str, forms: Forms, credentials: Credentials) -> Merged:
    """Merges three texts of a vault; the path is for messages.

    VaultClosedError where a side does not open, VaultChangedError where one is not as it was
    signed, VaultError where one is no vault or they are of different vaults. Nothing is kept of
    the generations that are seen, as a merge can still be thrown away.
    """
    ours, theirs = _sides(path, forms, credentials)
    base = _base(path, forms.base, ours, theirs, credentials) if forms.base else None
    if base is not None:
        _check_keys(base, ours, theirs)
    notes = list(_older(base, ours, theirs))
    merged = merge_vaults(path, base, ours, theirs)
    if open_sibling(path, ours, forms.ours) is None:
        labels = ", ".join(slot.label or slot.kind for slot in ours.slots)
        notes.append(f"theirs has a new data key, which is taken with its slots: {labels}")
    return merged._replace(notes=notes)


def _check_keys(base: Vault, ours: Vault, theirs: Vault) -> None:
    """Refuses a side that is alone with another data key where that was replaced, as was seen."""
    own = base._native.data_key_mark()
    others = [side for side in (ours, theirs) if side._native.data_key_mark() != own]
    if len(others) == 1 and others[0].has_replaced_key:
        raise VaultOlderError(f"{others[0].path}: {REPLACED_KEY}")


def _older(base: Vault | None, ours: Vault, theirs: Vault) -> Iterator[str]:
    """Sides that are older than what they came from, as after a commit was taken back."""
    for name, side in (("ours", ours), ("theirs", theirs)):
        if base is not None and base.id == side.id and side.generation < base.generation:
            found = f"of generation {side.generation}, and what both came from of {base.generation}"
            yield f"{name} is {found}: an old file was put back, and its values count as set"


def merge_vaults(path: str, base: Vault | None, ours: Vault, theirs: Vault) -> Merged:
    """Merges three forms that are open; ``ours`` becomes the merged one."""
    base_native = None if base is None else base._native
    try:
        rows = native_module().merge_vaults(ours._native, base_native, theirs._native)
    except VaultError as error:
        raise type(error)(f"{path}: {error}") from None
    text = bytes(ours._native.finish())
    if len(text) > _MOST_BYTES:
        raise VaultError(f"{path}: a vault has 256 MiB at most")
    return Merged(text, [Conflict(*row) for row in rows])


def _sides(path: str, forms: Forms, credentials: Credentials) -> tuple[Vault, Vault]:
    """Ours and theirs; who has come in on one side opens the other by its data key."""
    names = f"{path} (ours)", f"{path} (theirs)"
    try:
        ours = opened(names[0], forms.ours, credentials)
    except VaultClosedError as error:
        with contextlib.suppress(VaultClosedError):
            theirs = opened(names[1], forms.theirs, credentials)
            found = open_sibling(names[0], theirs, forms.ours)
            if found is not None:
                return found, theirs
        raise error from None
    found = open_sibling(names[1], ours, forms.theirs)
    return ours, found or opened(names[1], forms.theirs, credentials)


def _base(
    path: str, text: bytes, ours: Vault, theirs: Vault, credentials: Credentials
) -> Vault | None:
    name = f"{path} (base)"
    for side in (ours, theirs):
        found = open_sibling(name, side, text)
        if found is not None:
            return found
    return opened(name, text, credentials)


def open_sibling(name: str, vault: Vault, text: bytes) -> Vault | None:
    """Another form of a vault that has the same data key, which costs no passphrase."""
    try:
        native = native_module().open_sibling(vault._native, text)
    except VaultError as error:
        raise type(error)(f"{name}: {error}") from None
    return None if native is None else Vault(name, native)
