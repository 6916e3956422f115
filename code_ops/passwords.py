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
from typing import Any, Literal, NamedTuple, TypeAlias

from code_ops import _engine
from code_ops.errors import PasswordError

__all__ = [
    "PRESETS",
    "Limits",
    "Params",
    "Password",
    "Preset",
    "Progress",
    "Verification",
    "hash_password",
    "hash_passwords_batch",
    "verify_batch",
    "verify_password",
]

Password: TypeAlias = "str | bytes"  # noqa: S105
Preset: TypeAlias = Literal["owasp", "rfc9106-first", "rfc9106-second"]
State: TypeAlias = Literal["match", "mismatch", "invalid hash", "invalid password", "refused"]
Progress: TypeAlias = Callable[[int, int], object]
"""Called with the numbers done and to do, in the caller's thread and at most 20 times a second."""


class Params(NamedTuple):
    """What a new hash costs: memory in KiB, passes over it, and lanes, as RFC 9106 names them."""

    memory_kib: int
    iterations: int
    lanes: int


PRESETS: dict[Preset, Params] = {
    "owasp": Params(19456, 2, 1),
    "rfc9106-first": Params(2097152, 1, 4),
    "rfc9106-second": Params(65536, 3, 4),
}
"""Settings by name: OWASP's minimum, and the two choices of RFC 9106, section 4."""


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
    chosen = _chosen(params)
    security = _engine.load("security", engine)
    hashes: list[str] = security.hash_passwords_batch(
        list(passwords),
        params=chosen,
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


def _chosen(params: Params | Preset) -> Params:
    if not isinstance(params, str):
        return Params(*params)
    if params not in PRESETS:
        raise PasswordError(f"preset {params!r} is not one of {', '.join(PRESETS)}")
    return PRESETS[params]
