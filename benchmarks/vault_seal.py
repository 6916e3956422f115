"""Seals and opens in memory with one library: `vault_seal.py LIBRARY BYTES`.

Prints a JSON line: seconds of one sealing and of one opening (the best of seven turns), and
whether the other library opens what was sealed. Runs in a process of its own; knows libraries,
not goals.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

TURNS = 7
# Of each turn, so that short calls are many.
TURN_BYTES = 64 << 20
MOST_CALLS = 20_000

Way = Callable[[bytes], bytes]


def ours(key: bytes) -> tuple[Way, Way]:
    """The library's class."""
    from code_ops.vault import SecureVault

    vault = SecureVault(key, engine="rust")
    return vault.encrypt, vault.decrypt


def theirs(key: bytes) -> tuple[Way, Way]:
    """cryptography's, each message at once."""
    from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor

    def seal(message: bytes) -> bytes:
        encryptor = Cobblestone256Encryptor(key, b"")
        return encryptor.update(message) + encryptor.finalize()

    def unseal(sealed: bytes) -> bytes:
        decryptor = Cobblestone256Decryptor(key, b"")
        return decryptor.update(sealed) + decryptor.finalize()

    return seal, unseal


LIBRARIES = {"code-ops": ours, "cryptography": theirs}


def best(way: Way, data: bytes) -> float:
    """Seconds a call."""
    calls = max(1, min(MOST_CALLS, TURN_BYTES // len(data)))
    taken = []
    for _ in range(TURNS):
        start = time.perf_counter()
        for _ in range(calls):
            way(data)
        taken.append((time.perf_counter() - start) / calls)
    return min(taken)


def opened_by_the_other(library: str, key: bytes, sealed: bytes) -> bytes:
    """What another implementation of the construction finds in it."""
    if library == "code-ops":
        from cryptography.cobblestone import Cobblestone256Decryptor
        from cryptography.hazmat.primitives.hashes import SHA512
        from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

        purpose = b"code-ops/vault/v1/data"
        decryptor = Cobblestone256Decryptor(
            HKDFExpand(SHA512(), 32, purpose).derive(key), purpose + b"\0"
        )
        return decryptor.update(sealed.removeprefix(b"COV1")) + decryptor.finalize()
    from code_rust_core import security

    return security.open_sealed(key, sealed)


def main(library: str, size: str) -> None:
    """Measures and prints."""
    key, message = os.urandom(32), os.urandom(int(size))
    seal, unseal = LIBRARIES[library](key)
    sealed = seal(message)
    agrees = unseal(sealed) == message == opened_by_the_other(library, key, sealed)
    print(json.dumps({"seal": best(seal, message), "open": best(unseal, sealed), "agrees": agrees}))


if __name__ == "__main__":
    main(*sys.argv[1:])
