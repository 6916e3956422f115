"""ansible-vault's envelopes: whole files, and ``!vault`` values within YAML.

Owns the layout of the text; the keys and the cipher are the native engine's.
"""

from __future__ import annotations

import os
import re
from typing import Any

from code_ops import _engine
from code_ops.errors import EngineError, VaultClosedError, VaultError

__all__ = ["is_envelope", "opened", "sealed"]

_HEAD = re.compile(r"\$ANSIBLE_VAULT;(1\.1;AES256|1\.2;AES256;[^\s;]+)\s*")
_BEGIN = "$ANSIBLE_VAULT;"
_MAC_BYTES = 32
_SALT_BYTES = 32
# Of a salt's text; others write fewer.
_SALT_MAX = 4096
_COLUMNS = 80
_UNOPENED = "the passphrase does not open it, or it was changed or cut"


def is_envelope(text: str) -> bool:
    """Whether a text begins as one."""
    return text.lstrip().startswith(_BEGIN)


def opened(text: str, name: str, passphrase: bytes) -> bytes:
    """The content of an envelope; ``name`` stands for it in errors.

    Raises VaultError for what is none, VaultClosedError for all that does not open.
    """
    head, _, body = text.lstrip().partition("\n")
    if not head.startswith(_BEGIN):
        raise VaultError(f"{name}: expected `{_BEGIN}1.1;AES256` as the first line")
    if not _HEAD.fullmatch(head):
        raise VaultError(f"{name}: only versions 1.1 and 1.2 of ansible-vault with AES256 are read")
    try:
        # Hexadecimal digits stand for others, of three lines.
        salt, mac, data = map(bytes.fromhex, bytes.fromhex(body).decode("ascii").split("\n"))
    except ValueError:
        salt = mac = data = b""
    if len(mac) == _MAC_BYTES and len(salt) <= _SALT_MAX:
        try:
            return bytes(_module().open_ansible(_stripped(passphrase), salt, mac, data))
        except VaultClosedError:
            pass
    raise VaultClosedError(f"{name}: {_UNOPENED}")


def sealed(content: bytes, passphrase: bytes) -> str:
    """An envelope of version 1.1."""
    passphrase = _stripped(passphrase)
    if not passphrase:
        raise VaultError("the passphrase is empty")
    salt = os.urandom(_SALT_BYTES)
    mac, data = _module().seal_ansible(passphrase, salt, content)
    digits = "\n".join(part.hex() for part in (salt, mac, data)).encode().hex()
    lines = [digits[start : start + _COLUMNS] for start in range(0, len(digits), _COLUMNS)]
    return "\n".join([f"{_BEGIN}1.1;AES256", *lines, ""])


def _stripped(passphrase: bytes) -> bytes:
    # As ansible does with all passphrases.
    return passphrase.strip()


def _module() -> Any:
    if _engine.choose() != "rust":
        raise EngineError("files of ansible-vault need the rust engine")
    return _engine.load("security", "rust")
