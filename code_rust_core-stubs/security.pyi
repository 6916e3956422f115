"""Passwords stored as Argon2 hashes.

The library's functions in ``code_ops.passwords`` stand over these; see there for every parameter's
meaning and unit.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

__all__ = ["available_memory", "hash_passwords_batch", "verify_batch"]

class _Costs(Protocol):
    @property
    def memory_kib(self) -> int: ...
    @property
    def iterations(self) -> int: ...
    @property
    def lanes(self) -> int: ...

def available_memory() -> int:
    """The bytes of memory that are free for this process, in the machine, its control group and
    its limit of address space.
    """

def hash_passwords_batch(
    passwords: Iterable[str | bytes],
    *,
    params: _Costs | str = ...,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[str]:
    """PHC strings of passwords, in their order."""

def verify_batch(
    pairs: Iterable[tuple[str, str | bytes]],
    *,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    max_memory_kib: int = 2097152,
    max_iterations: int = 16,
    max_lanes: int = 16,
    progress: Callable[[int, int], object] | None = None,
) -> list[tuple[str, str]]:
    """State and reason of pairs of a stored hash and a password, in their order."""
