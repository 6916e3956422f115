"""One stored password hash as a value, and what the readers of its forms share.

Owns the value and the two base 64 of stored hashes. ``password_schemes.recognise`` makes it.
"""

from __future__ import annotations

import binascii
from typing import NamedTuple

__all__ = [
    "CRYPT_VALUES",
    "NOT_RECOGNISED",
    "STANDARD",
    "StoredHash",
    "damaged",
    "decoded",
    "number_of",
    "raw",
    "unknown",
]

STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""The digits of the common base 64, RFC 4648."""
_CRYPT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CRYPT_TO_STANDARD = str.maketrans(_CRYPT, STANDARD)
NOT_RECOGNISED = "not recognised, perhaps plain text"
CRYPT_VALUES = {character: value for value, character in enumerate(_CRYPT)}
"""The digits of crypt(5)'s base 64 and what each counts."""


class StoredHash(NamedTuple):
    """One stored value, as far as its form tells."""

    scheme: str
    """Such as ``argon2id``; ``locked``, ``empty``, ``plaintext`` and ``unknown`` are no hashes."""
    parameters: tuple[tuple[str, int | str], ...] = ()
    """What it costs, in the scheme's own names and order."""
    salt: bytes = b""
    """As the scheme uses it: decoded where it is encoded, characters where those are the salt."""
    digest_bits: int = 0
    problem: str = ""
    """Why it is unknown, or what is odd about it."""

    def __repr__(self) -> str:
        # A salt tells which of two tables a hash is from: none of a log's business.
        return f"StoredHash({self.scheme!r}, {self.parameters!r}, problem={self.problem!r})"


def unknown(problem: str = NOT_RECOGNISED) -> StoredHash:
    """A value of which no scheme can be told."""
    return StoredHash("unknown", problem=problem)


def damaged(scheme: str, reason: str = "") -> StoredHash:
    """A value that begins as a scheme does and goes on in another way: cut off, or of another."""
    return unknown(f"begins like {scheme} but is no whole hash{reason and ': '}{reason}")


def number_of(digits: str) -> int:
    """The number that digits of crypt(5) stand for, the lowest first."""
    # The same digits the other way round are those of the common base 64.
    whole = digits[::-1].rjust(-(-len(digits) // 4) * 4, ".").translate(_CRYPT_TO_STANDARD)
    return int.from_bytes(binascii.a2b_base64(whole), "big")


def decoded(text: str) -> bytes | None:
    """What base 64 of the standard alphabet stands for, padded or not; None for what is none."""
    bare = text.rstrip("=")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return None


def raw(text: str) -> bytes:
    """The bytes of a salt whose characters are the salt."""
    return text.encode("utf-8", "surrogatepass")
