"""Keys of vaults: 32 bytes, their text and their id, where the text is kept.

Owns what docs/vault-format.md says of keys, for both engines. No error repeats what was read.
"""

from __future__ import annotations

import os

from code_ops import bech32
from code_ops.errors import VaultError

__all__ = [
    "KEY_BYTES",
    "KEY_VARIABLE",
    "checked_key",
    "generate_key",
    "key_from_text",
    "key_id",
    "key_text",
    "keyless_environment",
    "read_key_file",
    "read_key_variable",
]

KEY_BYTES = 32
KEY_VARIABLE = "CODE_OPS_VAULT_KEY"

_PREFIX = "cok"
_TEXT_LENGTH = 62
# White space may stand around a key; what is longer than this is another file.
_FILE_BYTES = 4096
_WHITE_SPACE = " \t\n\r\f"


def generate_key() -> bytes:
    """A new key: 32 random bytes of the system."""
    return os.urandom(KEY_BYTES)


def checked_key(key: object) -> bytes:
    """The key itself; raises TypeError for what is no bytes, VaultError for another length."""
    if not isinstance(key, bytes):
        raise TypeError("a key is bytes; key_from_text gives those of a key's text")
    if len(key) != KEY_BYTES:
        raise VaultError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return key


def key_text(key: bytes) -> str:
    """The text of a key, as files and variables hold it: ``cok1`` and 58 characters."""
    return bech32.encode(_PREFIX, checked_key(key))


def key_from_text(text: str) -> bytes:
    """The key of a text, white space around it ignored; raises VaultError where it is none."""
    text = text.strip(_WHITE_SPACE)
    if not text.isascii() or len(text) != _TEXT_LENGTH or not text.startswith(f"{_PREFIX}1"):
        raise VaultError(f"a key is `{_PREFIX}1` and {_TEXT_LENGTH - 4} characters")
    key = bech32.decode(_PREFIX, text)
    if key is None:
        raise VaultError("the key's checksum is wrong: a character was changed or lost")
    return key


def key_id(key: bytes) -> str:
    """8 hexadecimal digits that tell a key from others, and nothing else of it."""
    # Here, as reading a key for a secret needs neither.
    import hmac

    # One block of HKDF-Expand (RFC 5869, section 2.3) is the HMAC of the info and the number 1.
    block = hmac.digest(checked_key(key), b"code-ops/vault/v1/kid\x01", "sha512")
    return block[:4].hex()


def read_key_file(path: str | os.PathLike[str]) -> bytes:
    """The key in a file; raises OSError where it cannot be read, VaultError where it is none."""
    name = os.fsdecode(path)
    with open(name, "rb") as file:
        content = file.read(_FILE_BYTES + 1)
    if len(content) > _FILE_BYTES:
        raise VaultError(f"{name}: a key file has at most {_FILE_BYTES} bytes")
    return _named(name, content.decode("ascii", "replace"))


def read_key_variable(name: str = KEY_VARIABLE) -> bytes:
    """The key in a variable of the environment; raises VaultError where there is none."""
    text = os.environ.get(name)
    if text is None:
        raise VaultError(f"the variable {name} is not set")
    return _named(name, text)


def keyless_environment() -> dict[str, str]:
    """Our environment without a key, for programs that open no vault and what they load."""
    return {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}


def _named(place: str, text: str) -> bytes:
    try:
        return key_from_text(text)
    except VaultError as error:
        complaint = str(error)
    # Raised here, so that no other exception hangs on it.
    raise VaultError(f"{place}: {complaint}")
