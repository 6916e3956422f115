"""Hashes with one library and tells what it cost.

`passwords_hash.py LIBRARY THREADS COUNT M T P [BUDGET]`, the budget in bytes, of code-ops alone.

Prints a JSON line: seconds of the second of two runs (after the import), the growth of the peak
memory, and whether another library verifies the first and the last hash. Runs in a process of its
own; knows libraries, not goals.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Hash = Callable[[list[str]], list[str]]


def hasher(
    library: str,
    threads: int,
    memory_kib: int,
    iterations: int,
    lanes: int,
    budget: int | None = None,
) -> Hash:
    """The library's way from passwords to PHC strings."""
    one: Callable[[str], str]
    match library:
        case "code-ops":
            from code_ops.passwords import Params, hash_passwords_batch

            params = Params(memory_kib, iterations, lanes)
            return lambda passwords: hash_passwords_batch(
                passwords, params=params, threads=threads, memory_budget=budget, engine="rust"
            )
        case "argon2-cffi":
            from argon2 import PasswordHasher

            one = PasswordHasher(iterations, memory_kib, lanes).hash
        case "cryptography":
            import os

            from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

            def one(password: str) -> str:
                argon2 = Argon2id(
                    salt=os.urandom(16),
                    length=32,
                    iterations=iterations,
                    lanes=lanes,
                    memory_cost=memory_kib,
                )
                return argon2.derive_phc_encoded(password.encode())

        case _:
            raise SystemExit(f"no library {library}")

    def pool(passwords: list[str]) -> list[str]:
        with ThreadPoolExecutor(threads) as executor:
            return list(executor.map(one, passwords))

    return pool


def verified(library: str, pairs: list[tuple[str, str]]) -> bool:
    """Whether an implementation that is not the library's finds that all match."""
    if library == "code-ops":
        from argon2 import PasswordHasher

        return all(PasswordHasher().verify(hash_, password) for hash_, password in pairs)
    from code_ops.passwords import verify_batch

    return all(verify_batch(pairs, engine="rust"))


def peak() -> int:
    """The largest resident set so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(library: str, *numbers: str) -> None:
    """Measures and prints."""
    threads, count, *costs = map(int, numbers)
    hash_all = hasher(library, threads, *costs)
    passwords = [f"password {number}" for number in range(count)]
    before = peak()
    hash_all(passwords[:threads])
    start = time.perf_counter()
    hashes = hash_all(passwords)
    seconds = time.perf_counter() - start
    growth = peak() - before
    ends = [(hashes[place], passwords[place]) for place in (0, -1)]
    print(json.dumps({"seconds": seconds, "peak": growth, "agrees": verified(library, ends)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
