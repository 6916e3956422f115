"""Bech32 (BIP 173): bytes as text of 32 characters, with a checksum that finds what was mistyped.

For keys alone: in lower case, of any length, with the prefix that the reader expects.
"""

from __future__ import annotations

from collections.abc import Iterable

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode(prefix: str, data: bytes) -> str:
    """The text of these bytes, with prefix and checksum."""
    padding = -len(data) * 8 % 5
    number = int.from_bytes(data, "big") << padding
    length = (len(data) * 8 + padding) // 5
    values = [number >> 5 * place & 31 for place in reversed(range(length))]
    remainder = _remainder(prefix, [*values, *[0] * _CHECKSUM_LENGTH]) ^ 1
    checksum = [remainder >> 5 * place & 31 for place in reversed(range(_CHECKSUM_LENGTH))]
    return f"{prefix}1{''.join(_ALPHABET[value] for value in [*values, *checksum])}"


def decode(prefix: str, text: str) -> bytes | None:
    """The bytes of a text with this prefix; None where it is none, or not as it was written."""
    head, characters = text[: len(prefix) + 1], text[len(prefix) + 1 :]
    values = [_ALPHABET.find(character) for character in characters]
    if head != f"{prefix}1" or len(values) < _CHECKSUM_LENGTH or -1 in values:
        return None
    if _remainder(prefix, values) != 1:
        return None
    number = 0
    for value in values[:-_CHECKSUM_LENGTH]:
        number = number << 5 | value
    length, padding = divmod(5 * (len(values) - _CHECKSUM_LENGTH), 8)
    # Less than a character is left over, and it is zero: each key has one text.
    if padding >= 5 or number & (1 << padding) - 1:
        return None
    return (number >> padding).to_bytes(length, "big")


def _remainder(prefix: str, values: Iterable[int]) -> int:
    codes = [ord(character) for character in prefix]
    remainder = 1
    for value in [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes), *values]:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            remainder ^= generator if top >> place & 1 else 0
    return remainder
