"""Sealed files that several can open, in the form ``code-ops-file/1`` of docs/vault-format.md.

``encrypt_file`` seals a file of any size for holders of keys, for age and SSH recipients and for
who knows a passphrase, ``read_head`` tells who they are, and ``decrypt_file`` opens it. ``-`` is
standard input and standard output, which may be pipes of any length. The native engine alone has
these files; ``SecureVault`` seals files with one key on both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn, TypeAlias

from code_ops.errors import VaultClosedError, VaultError
from code_ops.vault import checked_source, checked_target
from code_ops.vault_file import (
    Credentials,
    Slot,
    _encoded,
    _given,
    _of,
    _openers,
    native_module,
)
from code_ops.vault_keys import checked_key

if TYPE_CHECKING:
    from code_ops.password_costs import Params, Preset

__all__ = [
    "STANDARD",
    "NewSlot",
    "SealedFile",
    "decrypt_file",
    "encrypt_file",
    "key_slot",
    "passphrase_slot",
    "read_head",
    "recipient_slot",
]

STANDARD = "-"

_Path: TypeAlias = "str | os.PathLike[str]"
Progress: TypeAlias = "Callable[[int], object] | None"
"""Called now and then with the bytes that were read."""


class NewSlot(NamedTuple):
    """Somebody who shall be able to open a file; see ``key_slot`` and the like."""

    label: str
    kind: Literal["key", "age", "passphrase"]
    secret: bytes

    def __reduce__(self) -> NoReturn:
        raise TypeError("a slot to be made is neither copied nor pickled: it holds a secret")

    def __repr__(self) -> str:
        return f"NewSlot({self.label!r}, {self.kind!r})"


def key_slot(label: str, key: bytes) -> NewSlot:
    """For the holder of a key of 32 bytes."""
    return NewSlot(label, "key", checked_key(key))


def recipient_slot(label: str, recipient: str) -> NewSlot:
    """For the holder of the identity of an age recipient or an SSH public key."""
    return NewSlot(label, "age", _encoded(recipient, "recipient"))


def passphrase_slot(label: str, passphrase: str | bytes) -> NewSlot:
    """For who knows a passphrase."""
    secret = _encoded(passphrase, "passphrase")
    if not secret:
        raise VaultError("the passphrase is empty")
    return NewSlot(label, "passphrase", secret)


class SealedFile:
    """A sealed file whose head was read; see ``read_head``."""

    def __init__(self, name: str, native: Any) -> None:
        self.name = name
        self._native = native

    def __repr__(self) -> str:
        return f"SealedFile({self.name!r})"

    @property
    def id(self) -> str:
        """26 characters that no other file has."""
        return str(self._native.id)

    @property
    def slots(self) -> list[Slot]:
        """Who can open it; verified when ``decrypt`` has come back."""
        return [Slot(*row) for row in self._native.slots()]

    def decrypt(
        self,
        target: _Path,
        credentials: Credentials,
        *,
        replace: bool = False,
        progress: Progress = None,
    ) -> int:
        """Opens the content, and returns its length.

        The target appears when all of it has verified, for its owner alone (mode 600).
        FileExistsError where there is a file, unless it is to be replaced, which then keeps its
        permissions. Standard output gets what has verified so far, and has all of it only when
        this comes back. VaultClosedError where nothing opens it, VaultChangedError where its head
        or content is not what was sealed.
        """
        with _of(self.name):
            openers = _openers(credentials)
            try:
                opened = self._native.open(
                    _target(target), replace=replace, progress=progress, **openers
                )
            except VaultClosedError as error:
                raise VaultClosedError(f"{error}; {_given(credentials)}") from None
        return int(opened)


def encrypt_file(
    source: _Path,
    target: _Path,
    slots: Sequence[NewSlot],
    *,
    params: Params | Preset = "rfc9106-second",
    replace: bool = False,
    progress: Progress = None,
) -> int:
    """Seals a file for all who have a slot, and returns the bytes written.

    The target appears when it is whole. FileExistsError where there is a file, unless it is to be
    replaced. What trying a passphrase costs is ``params``, as of passwords. Raises OSError that
    names the file, and VaultRequestError for labels that are none or stand twice.
    """
    with _of(os.fsdecode(source)):
        written = native_module().seal_file(
            _source(source),
            _target(target),
            [tuple(slot) for slot in slots],
            params=params,
            replace=replace,
            progress=progress,
        )
    return int(written)


def decrypt_file(
    source: _Path, target: _Path, credentials: Credentials, *, replace: bool = False
) -> int:
    """Opens a sealed file into another, and returns the bytes written; see ``decrypt``."""
    return read_head(source).decrypt(target, credentials, replace=replace)


def read_head(source: _Path) -> SealedFile:
    """Reads who can open a file; VaultError with the line where it is no sealed file.

    Of standard input the head is gone then, so that this object alone can open the rest.
    """
    name = os.fsdecode(source)
    shown = "standard input" if name == STANDARD else name
    with _of(shown):
        return SealedFile(shown, native_module().SealedFile.read(_source(source)))


def _source(path: _Path) -> str | None:
    return None if os.fsdecode(path) == STANDARD else checked_source(path)


def _target(path: _Path) -> str | None:
    return None if os.fsdecode(path) == STANDARD else checked_target(path)
