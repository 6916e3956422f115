"""Argon2 hashes as strings: the one reader, for verifying, for judging costs and for reports.

Owns the form ``$argon2id$v=19$m=65536,t=3,p=4$salt$tag`` and the reasons why a text does not have
it. It is strict: what it reads has one way to be written. Computes nothing, and knows no limits
but those of RFC 9106.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["LANES", "LONGEST", "NUMBERS", "Argon2String", "InvalidHashError", "Variant", "read"]

Variant: TypeAlias = Literal["argon2id", "argon2i", "argon2d"]

LONGEST: Final = 1024
"""Characters; longer than any hash with a salt and a tag of sensible sizes."""
NUMBERS: Final = 2**32 - 1
"""The largest memory and the largest number of iterations, RFC 9106, section 3.1."""
LANES: Final = 2**24 - 1

_LEAST_SALT = 8
_LEAST_TAG = 4
_SHOWN_VERSION = 20
_VERSIONS: dict[str, Literal[16, 19]] = {"16": 16, "19": 19}
_COSTS_EXPECTED = "expected m=, t= and p=, once each and in this order"
_NUMBER = "(0|[1-9][0-9]{0,9})"
_COSTS = re.compile(f"m={_NUMBER},t={_NUMBER},p={_NUMBER}")
_BASE64 = re.compile("[A-Za-z0-9+/]*")


class InvalidHashError(ValueError):
    """The reason why a value is no Argon2 string; no part of a salt or a tag stands in it."""


@dataclass(frozen=True, slots=True)
class Argon2String:
    """What an Argon2 string says. Its ``repr`` is without the salt and the tag."""

    variant: Variant
    version: Literal[16, 19]
    memory_kib: int
    iterations: int
    lanes: int
    salt: bytes = field(repr=False)
    tag: bytes = field(repr=False)


def read(text: object) -> Argon2String:
    """The parts of an Argon2 string; raises InvalidHashError for anything else, whatever it is."""
    if not isinstance(text, str):
        raise InvalidHashError("not a str")
    if len(text) > LONGEST:
        raise InvalidHashError(f"longer than {LONGEST} characters")
    variant, parts = _variant(text)
    version: Literal[16, 19] = 16
    if parts and parts[0].startswith("v="):
        version = _version(parts.pop(0).removeprefix("v="))
    memory_kib, iterations, lanes = _costs(parts[0] if parts else "")
    if len(parts) != 3:
        raise InvalidHashError("expected a salt and a tag after the costs")
    _check_range("p", lanes, 1, LANES)
    _check_range("t", iterations, 1, NUMBERS)
    _check_range("m", memory_kib, 8 * lanes, NUMBERS)
    salt = _bytes(parts[1], "salt", _LEAST_SALT)
    tag = _bytes(parts[2], "tag", _LEAST_TAG)
    return Argon2String(variant, version, memory_kib, iterations, lanes, salt, tag)


def _variant(text: str) -> tuple[Variant, list[str]]:
    for variant in get_args(Variant):
        if text.startswith(f"${variant}$"):
            return variant, text.split("$")[2:]
    raise InvalidHashError("no Argon2 hash")


def _version(text: str) -> Literal[16, 19]:
    if text not in _VERSIONS:
        raise InvalidHashError(f"version {text[:_SHOWN_VERSION]} is not 16 or 19")
    return _VERSIONS[text]


def _costs(text: str) -> tuple[int, int, int]:
    found = _COSTS.fullmatch(text)
    numbers = [int(number) for number in found.groups()] if found else []
    if not numbers or max(numbers) > NUMBERS:
        raise InvalidHashError(_COSTS_EXPECTED)
    return numbers[0], numbers[1], numbers[2]


def _check_range(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise InvalidHashError(f"{name} is out of range {least}-{most}")


def _bytes(text: str, name: str, least: int) -> bytes:
    # One character over whole groups of four holds no byte; unused bits have to be 0.
    is_base64 = _BASE64.fullmatch(text) is not None and len(text) % 4 != 1
    value = base64.b64decode(text + "=" * (-len(text) % 4)) if is_base64 else b""
    if not is_base64 or base64.b64encode(value).decode().rstrip("=") != text:
        raise InvalidHashError(f"the {name} is no base64")
    if len(value) < least:
        raise InvalidHashError(f"the {name} has {len(value)} bytes, at least {least} are needed")
    return value
