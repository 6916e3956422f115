"""Passwords stored as Argon2 hashes; data and files sealed with a key.

The library's functions in ``code_ops.passwords`` and ``code_ops.vault`` stand over these; see
there for every parameter's meaning and unit.
"""

from collections.abc import Callable, Iterable
from os import PathLike
from typing import Protocol, final

__all__ = [
    "SecureVault",
    "available_memory",
    "hash_passwords_batch",
    "open_sealed",
    "seal",
    "verify_batch",
]

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

@final
class SecureVault:
    """Seals and opens data and files with one key of 32 bytes.

    Raises VaultError for a key of another length, and one and the same for whatever keeps data
    from opening: another key or context, or data that is not what was sealed.
    """

    def __new__(cls, key: bytes) -> SecureVault: ...
    @staticmethod
    def generate_key() -> bytes:
        """32 random bytes."""

    def encrypt(self, data: bytes, context: bytes = ...) -> bytes:
        """The sealed form of data."""

    def encrypt_batch(self, items: Iterable[bytes], context: bytes = ...) -> list[bytes]:
        """The sealed forms of several, each with a key of its own as always."""

    def decrypt(self, sealed: bytes, context: bytes = ...) -> bytes:
        """The data of a sealed form."""

    def encrypt_file(
        self,
        source: str | PathLike[str],
        target: str | PathLike[str],
        context: bytes = ...,
        *,
        threads: int | None = None,
    ) -> int:
        """Seals a file into another; returns the bytes written."""

    def decrypt_file(
        self,
        source: str | PathLike[str],
        target: str | PathLike[str],
        context: bytes = ...,
        *,
        threads: int | None = None,
    ) -> int:
        """Opens a sealed file into another; returns the bytes written."""

def seal(key: bytes, message: bytes, context: bytes = ...) -> bytes:
    """The bare construction: a message sealed with a key of 32 bytes and a context."""

def open_sealed(key: bytes, sealed: bytes, context: bytes = ...) -> bytes:
    """The message in what ``seal`` made."""
