"""What a stored password hash has to cost: policies, and what they say of a hash.

Owns the built-in policies, the form of requirements such as ``argon2id:m=64MiB,t=3,p=1``, and the
reasons in words. A policy names schemes; a scheme that it does not name is below it. Costs are
compared one by one with each alternative of the scheme: all of one of them have to be reached.

Sources:

- ``owasp``: OWASP's Password Storage Cheat Sheet as of 2025. It lists the equals of Argon2id and
  scrypt that stand here, bcrypt with cost 10, and PBKDF2 with 600,000 iterations of SHA-256,
  220,000 of SHA-512 and 1,400,000 of SHA-1. Of Argon2 it wants the variant id.
- ``rfc9106``: RFC 9106, section 4. Argon2id of version 19 alone, at least the memory and the passes
  of its first or its second choice, a salt of 16 bytes and a tag of 32. Its four lanes are no
  minimum here: they change how long one hash takes the defender, not what a guess costs.
- ``linux``: ``owasp``, and the schemes that crypt(5) recommends for new passwords, yescrypt and its
  two relatives, at least with the cost that libxcrypt gives them by itself (N = 4096, r = 32).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from code_ops.errors import PasswordError
from code_ops.stored_hash import StoredHash

__all__ = ["POLICIES", "Policy", "State", "own_policy"]

State: TypeAlias = Literal["ok", "below", "locked", "empty", "unknown"]
Costs: TypeAlias = "tuple[tuple[str, int], ...]"

# What every scheme has, in bytes.
_COMMON = ("salt", "tag")
_MEMORY_HARD = ("ln", "r", "p", "t")
_NAMES: dict[str, tuple[str, ...]] = {
    **{f"argon2{variant}": ("v", "m", "t", "p") for variant in ("id", "i", "d")},
    "scrypt": ("ln", "r", "p"),
    **dict.fromkeys(("yescrypt", "gost-yescrypt", "sm3-yescrypt"), _MEMORY_HARD),
    **dict.fromkeys(("bcrypt", "bcrypt-sha256", "bcrypt-sha384"), ("cost",)),
    **{f"pbkdf2-{name}": ("i",) for name in ("sha1", "sha224", "sha256", "sha384", "sha512")},
    "scram-sha-256": ("i",),
    **{f"{name}crypt": ("rounds",) for name in ("sha256", "sha512", "sha1", "bsdi", "md5")},
    **dict.fromkeys(("sunmd5", "phpass", "drupal7", "mysql-caching-sha2"), ("rounds",)),
}
# Judged as these where a policy does not name them: the same work, after or before another step.
_AS = {"bcrypt-sha256": "bcrypt", "bcrypt-sha384": "bcrypt", "scram-sha-256": "pbkdf2-sha256"}
_WORDS = {"i": "iterations", "ln": "log2 N"}

_REQUIREMENT = re.compile(r"([a-z0-9-]+)(?::(.+))?", re.DOTALL)
_COST = re.compile(r"([A-Za-z]+)=([0-9]{1,12})(KiB|MiB|GiB)?")
_KIB = {None: 1, "KiB": 1, "MiB": 1024, "GiB": 1024 * 1024}


@dataclass(frozen=True, slots=True)
class Policy:
    """Schemes, and for each the costs of which one set has to be reached; none is any cost."""

    name: str
    minimums: Mapping[str, tuple[Costs, ...]]

    def judge(self, stored: StoredHash) -> tuple[State, str]:
        """Whether a hash is as the policy wants it, and why not."""
        scheme = stored.scheme
        if scheme == "empty":
            return "empty", "an empty password"
        if scheme == "locked":
            return "locked", stored.problem
        if scheme == "unknown":
            return "unknown", stored.problem
        if scheme == "plaintext":
            return "below", "the password itself is stored"
        if ("variant", "2x") in stored.parameters:
            return "below", f"{scheme} 2x, made by an implementation with a flaw"
        wanted = self.minimums.get(scheme, self.minimums.get(_AS.get(scheme, "")))
        if wanted is None:
            return "below", f"{scheme} is not in the policy"
        values = _values(stored)
        lacking = [_lacking(values, costs) for costs in wanted]
        if not all(lacking):
            return "ok", ""
        nearest = min(range(len(wanted)), key=lambda place: len(lacking[place]))
        return "below", _reason(scheme, values, wanted, nearest)


def _values(stored: StoredHash) -> dict[str, int]:
    costs = {name: value for name, value in stored.parameters if isinstance(value, int)}
    return costs | {"salt": len(stored.salt), "tag": stored.digest_bits // 8}


def _lacking(values: Mapping[str, int], costs: Costs) -> list[str]:
    return [name for name, least in costs if values.get(name, 0) < least]


def _reason(scheme: str, values: Mapping[str, int], wanted: tuple[Costs, ...], nearest: int) -> str:
    costs = dict(wanted[nearest])
    if len(costs) == 1 and len(wanted) == 1:
        name, least = next(iter(costs.items()))
        return f"{scheme} {_WORDS.get(name, name)} {values.get(name, 0):,}, policy asks {least:,}"
    # All of a set, since each is a minimum only beside the others.
    found = " ".join(f"{name}={values.get(name, 0)}" for name in costs)
    asked = " ".join(f"{name}={least}" for name, least in costs.items())
    return f"{scheme} {found}, policy asks {asked}{' or its equal' if len(wanted) > 1 else ''}"


def own_policy(requirements: Iterable[str], base: Policy | None = None) -> Policy:
    """A policy of requirements such as ``bcrypt:cost=12``; raises PasswordError for what is none.

    A scheme given more than once has these as alternatives. With ``base`` they take the place of
    what it says of the same schemes, and the others stay.
    """
    minimums: dict[str, tuple[Costs, ...]] = {}
    for text in requirements:
        scheme, costs = _requirement(text)
        minimums[scheme] = (*minimums.get(scheme, ()), costs)
    if base is None:
        return Policy("own", minimums)
    return Policy(f"{base.name} and own", {**base.minimums, **minimums})


def _requirement(text: str) -> tuple[str, Costs]:
    found = _REQUIREMENT.fullmatch(text)
    if found is None:
        raise PasswordError(f"expected a scheme and costs as in bcrypt:cost=12, found '{text}'")
    scheme = found[1]
    if scheme not in _NAMES:
        raise PasswordError(f"'{scheme}' is not one of {', '.join(_NAMES)}")
    costs: dict[str, int] = {}
    for part in (found[2] or "").split(",") if found[2] else ():
        name, value = _cost(scheme, part)
        if name in costs:
            raise PasswordError(f"{scheme}: '{name}' is given twice")
        costs[name] = value
    return scheme, tuple(costs.items())


def _cost(scheme: str, part: str) -> tuple[str, int]:
    names = (*_NAMES[scheme], *_COMMON)
    found = _COST.fullmatch(part)
    if found is None:
        raise PasswordError(f"{scheme}: expected a cost as in {names[0]}=12, found '{part}'")
    name, value, unit = found[1], int(found[2]), found[3]
    if name == "N" and "ln" in names and unit is None:
        if value < 2 or value & value - 1:
            raise PasswordError(f"{scheme}: N={value} is no power of two")
        return "ln", value.bit_length() - 1
    if name not in names:
        raise PasswordError(f"{scheme}: '{name}' is not one of {', '.join(names)}")
    if unit and name != "m":
        raise PasswordError(f"{scheme}: '{name}' has no unit")
    return name, value * _KIB[unit]


def _sets(names: str, *values: tuple[int, ...]) -> tuple[Costs, ...]:
    return tuple(tuple(zip(names.split(), each, strict=True)) for each in values)


_OWASP: dict[str, tuple[Costs, ...]] = {
    "argon2id": _sets(
        "m t p", (19456, 2, 1), (47104, 1, 1), (12288, 3, 1), (9216, 4, 1), (7168, 5, 1)
    ),
    "scrypt": _sets("ln r p", (17, 8, 1), (16, 8, 2), (15, 8, 3), (14, 8, 5), (13, 8, 10)),
    "bcrypt": _sets("cost", (10,)),
    "pbkdf2-sha256": _sets("i", (600_000,)),
    "pbkdf2-sha512": _sets("i", (220_000,)),
    "pbkdf2-sha1": _sets("i", (1_400_000,)),
}
_RFC9106 = _sets("v m t salt tag", (19, 65536, 3, 16, 32), (19, 2097152, 1, 16, 32))
_LIBXCRYPT = _sets("ln r p", (12, 32, 1))
POLICIES: dict[str, Policy] = {
    "owasp": Policy("owasp", _OWASP),
    "rfc9106": Policy("rfc9106", {"argon2id": _RFC9106}),
    "linux": Policy(
        "linux",
        _OWASP | dict.fromkeys(("yescrypt", "gost-yescrypt", "sm3-yescrypt"), _LIBXCRYPT),
    ),
}
"""The policies by name."""
