"""Passwords stored as Argon2 hashes: in batches, within a budget of memory.

A hash is a PHC string, ``$argon2id$v=19$m=65536,t=3,p=4$salt$tag`` (RFC 9106 and the PHC string
format), with a salt of 16 random bytes from the system and a tag of 32. New hashes are Argon2id;
Argon2i, Argon2d and the version of 2015 (``v=16``) are verified. A password is ``bytes``, or a
``str`` that stands for its UTF-8 bytes as they are: no Unicode normalisation, no trimming, and
NUL is a byte like others. The empty password is one too.

Memory is what Argon2 costs, so as many hashes run at once as fit into ``memory_budget`` bytes;
without one that is a quarter of what the machine or the control group has free, but always enough
for one hash. Where fewer hashes than ``threads`` run at once, the lanes of a hash run in parallel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from code_ops import _engine, argon2_strings
from code_ops.argon2_strings import InvalidHashError
from code_ops.errors import BatchInterrupted
from code_ops.password_costs import (
    PRESETS,
    Calibration,
    Measured,
    Params,
    Preset,
    calibrate,
    chosen,
)

__all__ = [
    "PRESETS",
    "Calibration",
    "Limits",
    "Measured",
    "Params",
    "Password",
    "Preset",
    "Progress",
    "Verification",
    "calibrate",
    "hash_password",
    "hash_passwords_batch",
    "needs_rehash",
    "verify_batch",
    "verify_password",
]

Password: TypeAlias = "str | bytes"  # noqa: S105
State: TypeAlias = Literal["match", "mismatch", "invalid hash", "invalid password", "refused"]
Progress: TypeAlias = Callable[[int, int], object]
"""Called with the numbers done and to do, in the caller's thread and at most 20 times a second."""

# Of a new hash.
_SALT_BYTES = 16
_TAG_BYTES = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """What a stored hash may cost at most to be verified; what costs more is refused unread."""

    memory_kib: int = 2097152
    iterations: int = 16
    lanes: int = 16


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one password and its hash; true where they match, and nowhere else."""

    state: State
    reason: str = ""
    """Why a hash or a password is invalid, or what it would cost."""

    def __bool__(self) -> bool:
        return self.state == "match"

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}" if self.reason else self.state


def hash_passwords_batch(
    passwords: Iterable[Password],
    *,
    params: Params | Preset = "rfc9106-second",
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> list[str]:
    """The PHC strings of passwords, in their order.

    ``pepper`` is RFC 9106's secret value K, which the strings do not hold. ``threads`` is the
    number of cores unless given, ``memory_budget`` counts bytes. Raises PasswordError for
    parameters out of range and a budget below one hash, TypeError and ValueError with the index
    for what is no password, and MemoryError where the system gives no memory for one hash. Ctrl-C
    raises BatchInterrupted, whose ``results`` are the strings that were done.
    """
    costs = chosen(params)
    security = _engine.load("security", engine)
    hashes: list[str] = security.hash_passwords_batch(
        list(passwords),
        params=costs,
        pepper=pepper,
        threads=threads,
        memory_budget=memory_budget,
        progress=progress,
    )
    return hashes


def hash_password(
    password: Password,
    *,
    params: Params | Preset = "rfc9106-second",
    pepper: bytes | None = None,
    engine: str | None = None,
) -> str:
    """The PHC string of one password; see ``hash_passwords_batch``."""
    return hash_passwords_batch([password], params=params, pepper=pepper, engine=engine)[0]


def verify_batch(
    pairs: Iterable[tuple[str, Password]],
    *,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> list[Verification]:
    """What comes of pairs of a stored hash and a password, in their order.

    Never an exception for one bad row: a hash that cannot be read, whatever stands in its place,
    is ``invalid hash``, one that costs more than the limits or the budget allow is ``refused``
    before any memory is taken for it. Tags are compared in constant time; a hash that is invalid
    or refused answers sooner than one that is computed. Ctrl-C raises BatchInterrupted.
    """
    limits = limits or Limits()
    security = _engine.load("security", engine)
    try:
        outcomes: Sequence[tuple[Any, str]] = security.verify_batch(
            list(pairs),
            pepper=pepper,
            threads=threads,
            memory_budget=memory_budget,
            max_memory_kib=limits.memory_kib,
            max_iterations=limits.iterations,
            max_lanes=limits.lanes,
            progress=progress,
        )
    except BatchInterrupted as interrupt:
        interrupt.results = [found and Verification(*found) for found in interrupt.results]
        raise
    return [Verification(state, reason) for state, reason in outcomes]


def verify_password(
    hash: str,  # noqa: A002
    password: Password,
    *,
    pepper: bytes | None = None,
    limits: Limits | None = None,
    engine: str | None = None,
) -> Verification:
    """What comes of one hash and one password; see ``verify_batch``."""
    return verify_batch([(hash, password)], pepper=pepper, limits=limits, engine=engine)[0]


def needs_rehash(hash: str, params: Params | Preset = "rfc9106-second") -> bool:  # noqa: A002
    """Whether a stored hash is another than a new one with these parameters would be.

    It is when its memory, iterations or lanes are not exactly theirs, when it is not Argon2id of
    version 19, when its salt is shorter than 16 bytes or its tag than 32, and when it cannot be
    read. Higher costs differ too: who lowers them wants that. Computes nothing. Raises
    PasswordError for a preset that is none.
    """
    costs = chosen(params)
    try:
        stored = argon2_strings.read(hash)
    except InvalidHashError:
        return True
    return (
        (stored.variant, stored.version) != ("argon2id", 19)
        or (stored.memory_kib, stored.iterations, stored.lanes) != costs
        or len(stored.salt) < _SALT_BYTES
        or len(stored.tag) < _TAG_BYTES
    )
