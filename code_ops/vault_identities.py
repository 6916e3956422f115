"""Identities: what age and SSH keep to open vaults with, and how a text is told from a key's.

Owns which text is a key, which an identity, and which a public half that opens nothing. No error
repeats what was read. How identities are read is the native engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from code_ops import _engine
from code_ops.errors import EngineError, VaultError
from code_ops.vault_keys import key_from_text

__all__ = ["Ask", "Identity", "named_opener", "opener_from_text"]

Ask: TypeAlias = Callable[[str, str], str | None]

_BEGINS = (
    b"AGE-SECRET-KEY-",
    b"AGE-PLUGIN-",
    b"-----BEGIN OPENSSH PRIVATE KEY-----",
    b"-----BEGIN RSA PRIVATE KEY-----",
    b"-----BEGIN AGE ENCRYPTED FILE-----",
    b"age-encryption.org/",
)
_PUBLIC = (b"age1", b"ssh-", b"ecdsa-sha2-", b"sk-ssh-")


class Identity:
    """The identities of a file as of ``age-keygen``, or an SSH private key.

    An SSH key that is encrypted ``is_locked`` without its passphrase, and opens nothing then. A
    plugin of age that has something to say or to ask calls ``ask`` with the kind, ``tell``,
    ``confirm``, ``public`` or ``secret``, and a message of one line; the answer is text, ``yes`` or
    ``no`` to confirm, or None where there is none. Raises VaultError for a text that is none of
    these, and for another passphrase.
    """

    __slots__ = ("_native",)

    def __init__(
        self, text: bytes, passphrase: bytes | None = None, ask: Ask | None = None
    ) -> None:
        if _engine.choose() != "rust":
            raise EngineError("age and SSH identities need the rust engine")
        module = _engine.load("security", "rust")
        self._native: Any = module.Identity.parse(text, passphrase, ask)

    @property
    def is_locked(self) -> bool:
        """Whether it is an encrypted SSH key without its passphrase."""
        return bool(self._native.is_locked)

    @property
    def recipients(self) -> list[str]:
        """The public halves, each as one word; ``age-plugin-NAME`` where a plugin has it."""
        return list(self._native.recipients())

    @property
    def names(self) -> list[str]:
        """The same for people: SSH keys are too long to be shown."""
        return [_name(recipient) for recipient in self.recipients]

    def __repr__(self) -> str:
        return f"Identity({', '.join(self.names)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Identity is neither copied nor pickled: it is a secret")


def opener_from_text(text: bytes, ask: Ask | None = None) -> bytes | Identity:
    """The key in a text, or the identities; VaultError where it is neither."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    if first.startswith(_BEGINS):
        return Identity(text, None, ask)
    if first.startswith(_PUBLIC):
        raise VaultError("this is a public key, which opens nothing: its private half does")
    if first.startswith(b"cok1"):
        return key_from_text(text.decode("ascii", "replace"))
    raise VaultError(
        "a key is `cok1` and 58 characters; this is none, no age identity and no SSH private key"
    )


def named_opener(place: str, text: bytes, ask: Ask | None = None) -> bytes | Identity:
    """``opener_from_text``, with the place in its errors."""
    try:
        return opener_from_text(text, ask)
    except VaultError as error:
        complaint = str(error)
    # Raised here, so that no other exception hangs on it.
    raise VaultError(f"{place}: {complaint}")


def _name(recipient: str) -> str:
    if recipient.startswith("age-plugin-"):
        return f"an identity of {recipient}"
    if recipient.startswith("ssh-"):
        return "an SSH key"
    return f"the identity of {recipient}"
