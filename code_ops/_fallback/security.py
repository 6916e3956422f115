"""Argon2 hashes in batches, in pure Python over argon2-cffi: made, and verified.

Owns what is checked before any work, and the states and reasons of rows that cannot be verified.
The results and the messages are those of the native engine.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from operator import index
from typing import Any, NamedTuple

from code_ops import argon2_strings
from code_ops._fallback import argon2_tags, batch
from code_ops._fallback.memory import available_memory
from code_ops._fallback.vault import SecureVault, open_sealed, seal
from code_ops.argon2_strings import LANES, NUMBERS, Argon2String, InvalidHashError
from code_ops.errors import PasswordError
from code_ops.password_costs import Params, chosen

__all__ = [
    "SecureVault",
    "available_memory",
    "derive_key",
    "hash_passwords_batch",
    "open_sealed",
    "seal",
    "verify_batch",
]

_Progress = Callable[[int, int], object]
_Outcome = tuple[str, str]

_VERSION = 19
_SALT_BYTES = 16
_TAG_BYTES = 32
_MOST_THREADS = 1024
_NEITHER = "neither str nor bytes"
_NO_UNICODE = "no valid Unicode"


class _Limits(NamedTuple):
    """What verifying one row may cost; the budget is None where none is given."""

    memory_kib: int
    iterations: int
    lanes: int
    budget: int | None


def hash_passwords_batch(
    passwords: Iterable[str | bytes],
    *,
    params: Any = "rfc9106-second",
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    progress: _Progress | None = None,
) -> list[str]:
    """The PHC strings of passwords; see ``code_ops.passwords.hash_passwords_batch``."""
    argon2_tags.library()
    costs = _checked_costs(params)
    count = _checked_threads(threads)
    memory = costs.memory_kib * 1024
    if memory_budget is not None and memory > memory_budget:
        complaint = f"a hash takes {costs.memory_kib} KiB of memory"
        raise PasswordError(f"{complaint}, the budget is {memory_budget // 1024} KiB")
    secret = _checked_pepper(pepper)
    jobs = []
    for place, password in enumerate(passwords):
        data, complaint = _password_bytes(password)
        if data is None:
            kind = TypeError if complaint == _NEITHER else ValueError
            raise kind(f"password {place} is {complaint}")
        jobs.append(batch.Job(place, memory, _new_request(costs, data, secret)))
    hashes: list[Any] = [None] * len(jobs)
    work = batch.Work(_hash, _no_memory_to_hash)
    budget = _budget(memory_budget)
    batch.run(jobs, hashes, work, threads=count, budget=budget, progress=progress)
    return hashes


def verify_batch(
    pairs: Iterable[tuple[str, str | bytes]],
    *,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    max_memory_kib: int = 2097152,
    max_iterations: int = 16,
    max_lanes: int = 16,
    progress: _Progress | None = None,
) -> list[_Outcome]:
    """State and reason of each pair; see ``code_ops.passwords.verify_batch``."""
    argon2_tags.library()
    count = _checked_threads(threads)
    secret = _checked_pepper(pepper)
    limits = _Limits(index(max_memory_kib), index(max_iterations), index(max_lanes), memory_budget)
    outcomes: list[Any] = []
    jobs = []
    for place, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"pair {place} is no pair of a hash and a password")
        found = _read_pair(pair[0], pair[1], limits)
        is_outcome = isinstance(found[0], str)
        outcomes.append(found if is_outcome else None)
        if not is_outcome:
            stored, data = found
            request = (_stored_request(stored, data, secret), stored.tag)
            jobs.append(batch.Job(place, stored.memory_kib * 1024, request))
    work = batch.Work(_verify, _no_memory_to_verify)
    budget = _budget(memory_budget)
    batch.run(jobs, outcomes, work, threads=count, budget=budget, progress=progress)
    return outcomes


def derive_key(
    passphrase: bytes, salt: bytes, *, memory_kib: int, iterations: int, lanes: int
) -> bytes:
    """32 bytes by Argon2id; see ``code_ops.vault.SecureVault.from_passphrase``."""
    argon2_tags.library()
    costs = _checked_costs(Params(memory_kib, iterations, lanes))
    request = argon2_tags.Request(
        variant="argon2id",
        version=_VERSION,
        memory_kib=costs.memory_kib,
        iterations=costs.iterations,
        lanes=costs.lanes,
        length=_TAG_BYTES,
        password=passphrase,
        salt=salt,
        pepper=b"",
    )
    return argon2_tags.compute(request, min(costs.lanes, _cores()))


def _checked_costs(params: Any) -> Params:
    if isinstance(params, str):
        return chosen(params)  # type: ignore[arg-type]
    lanes, iterations = index(params.lanes), index(params.iterations)
    memory_kib = index(params.memory_kib)
    if not 1 <= lanes <= LANES:
        raise PasswordError(f"{lanes} lanes are out of range 1-{LANES}")
    if not 1 <= iterations <= NUMBERS:
        raise PasswordError(f"{iterations} iterations are out of range 1-{NUMBERS}")
    if not 8 * lanes <= memory_kib <= NUMBERS:
        complaint = f"memory of {memory_kib} KiB is out of range {8 * lanes}-{NUMBERS}"
        raise PasswordError(complaint)
    return Params(memory_kib, iterations, lanes)


def _checked_threads(threads: int | None) -> int:
    if threads is None:
        return min(_cores(), _MOST_THREADS)
    if not 1 <= index(threads) <= _MOST_THREADS:
        raise PasswordError(f"{threads} threads are out of range 1-{_MOST_THREADS}")
    return index(threads)


def _cores() -> int:
    """Those that this process may run on, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked_pepper(pepper: bytes | None) -> bytes:
    if pepper is not None and not isinstance(pepper, bytes):
        raise TypeError("the pepper is not bytes")
    return pepper or b""


def _budget(memory_budget: int | None) -> int:
    return available_memory() // 4 if memory_budget is None else memory_budget


def _password_bytes(password: object) -> tuple[bytes | None, str]:
    """The password's bytes, or None and the complaint."""
    if isinstance(password, bytes):
        return password, ""
    if not isinstance(password, str):
        return None, _NEITHER
    try:
        return password.encode("utf-8"), ""
    except UnicodeEncodeError:
        # That error has the password in it: nothing is raised while it is handled.
        return None, _NO_UNICODE


def _read_pair(text: object, password: object, limits: _Limits) -> tuple[Any, Any]:
    """The hash and the password's bytes, or the outcome of a pair that is not computed."""
    data, complaint = _password_bytes(password)
    if data is None:
        return "invalid password", complaint
    try:
        stored = argon2_strings.read(text)
    except InvalidHashError as error:
        return "invalid hash", str(error)
    if refusal := _refusal(stored, limits):
        return "refused", refusal
    return stored, data


def _refusal(stored: Argon2String, limits: _Limits) -> str:
    costs = (stored.memory_kib, stored.iterations, stored.lanes)
    if any(cost > limit for cost, limit in zip(costs, limits[:3], strict=True)):
        return f"costs {_named(*costs)}; the limits are {_named(*limits[:3])}"
    if limits.budget is not None and stored.memory_kib * 1024 > limits.budget:
        budget_kib = limits.budget // 1024
        return f"costs m={stored.memory_kib}; the memory budget is {budget_kib} KiB"
    return ""


def _named(memory_kib: int, iterations: int, lanes: int) -> str:
    return f"m={memory_kib}, t={iterations}, p={lanes}"


def _new_request(costs: Params, password: bytes, pepper: bytes) -> argon2_tags.Request:
    return argon2_tags.Request(
        variant="argon2id",
        version=_VERSION,
        memory_kib=costs.memory_kib,
        iterations=costs.iterations,
        lanes=costs.lanes,
        length=_TAG_BYTES,
        password=password,
        salt=secrets.token_bytes(_SALT_BYTES),
        pepper=pepper,
    )


def _stored_request(stored: Argon2String, password: bytes, pepper: bytes) -> argon2_tags.Request:
    return argon2_tags.Request(
        variant=stored.variant,
        version=stored.version,
        memory_kib=stored.memory_kib,
        iterations=stored.iterations,
        lanes=stored.lanes,
        length=len(stored.tag),
        password=password,
        salt=stored.salt,
        pepper=pepper,
    )


def _hash(request: argon2_tags.Request, threads: int) -> str:
    tag = argon2_tags.compute(request, threads)
    costs = f"m={request.memory_kib},t={request.iterations},p={request.lanes}"
    return f"$argon2id$v={_VERSION}${costs}${_base64(request.salt)}${_base64(tag)}"


def _verify(request: tuple[argon2_tags.Request, bytes], threads: int) -> _Outcome:
    wanted, tag = request
    is_match = hmac.compare_digest(argon2_tags.compute(wanted, threads), tag)
    return ("match" if is_match else "mismatch"), ""


def _no_memory_to_hash(request: argon2_tags.Request) -> str:
    raise MemoryError(f"a hash takes {request.memory_kib} KiB of memory; so much is not free")


def _no_memory_to_verify(request: tuple[argon2_tags.Request, bytes]) -> _Outcome:
    return "refused", f"costs m={request[0].memory_kib}; so much memory is not free"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")
