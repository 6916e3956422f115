"""Both engines against two other implementations of Argon2, both ways, on random inputs.

argon2-cffi is the reference implementation in C, which has all variants and both versions, and
pyca's is OpenSSL's, which takes a pepper. The pure-Python engine stands on the first itself.
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import argon2
import pytest
from argon2 import low_level
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2d, Argon2i, Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from code_ops.passwords import Params

CFFI_TYPES = {
    "argon2id": low_level.Type.ID,
    "argon2i": low_level.Type.I,
    "argon2d": low_level.Type.D,
}
PYCA_KINDS: dict[str, Any] = {"argon2id": Argon2id, "argon2i": Argon2i, "argon2d": Argon2d}

properties = settings(deadline=None, max_examples=150, derandomize=True)


class Case(NamedTuple):
    """What a hash is made of."""

    variant: str
    version: int
    params: Params
    salt: bytes
    length: int


@st.composite
def all_params(draw: st.DrawFn) -> Params:
    """Small costs, with memory that is no multiple of what the lanes divide."""
    lanes = draw(st.integers(1, 4))
    memory_kib = 8 * lanes + draw(st.integers(0, 70))
    return Params(memory_kib, draw(st.integers(1, 3)), lanes)


passwords = st.one_of(st.binary(max_size=300), st.text(max_size=60))
peppers = st.one_of(st.none(), st.binary(min_size=1, max_size=70))
cases = st.builds(
    Case,
    st.sampled_from(sorted(CFFI_TYPES)),
    st.sampled_from([16, 19]),
    all_params(),
    st.binary(min_size=8, max_size=40),
    st.integers(4, 90),
)


@properties
@given(case=cases, password=passwords, other=passwords)
def test_hashes_of_argon2_cffi_are_verified(
    security: Any, case: Case, password: str | bytes, other: str | bytes
) -> None:
    tag = low_level.hash_secret_raw(
        _bytes(password),
        case.salt,
        case.params.iterations,
        case.params.memory_kib,
        case.params.lanes,
        case.length,
        CFFI_TYPES[case.variant],
        case.version,
    )
    rows = [(_string(case, tag), password), (_string(case, tag), other)]
    is_same = _bytes(password) == _bytes(other)
    wanted = [("match", ""), ("match" if is_same else "mismatch", "")]
    assert security.verify_batch(rows) == wanted


@properties
@given(case=cases, password=passwords, pepper=peppers, place=st.integers(0, 719))
def test_hashes_of_pyca_are_verified(
    security: Any, case: Case, password: str | bytes, pepper: bytes | None, place: int
) -> None:
    """And one bit of the tag makes it another; OpenSSL's is version 19 alone."""
    case = case._replace(version=19)
    tag = PYCA_KINDS[case.variant](
        salt=case.salt,
        length=case.length,
        iterations=case.params.iterations,
        lanes=case.params.lanes,
        memory_cost=case.params.memory_kib,
        secret=pepper,
    ).derive(_bytes(password))
    wrong = bytearray(tag)
    wrong[place // 8 % len(wrong)] ^= 1 << place % 8
    rows = [(_string(case, tag), password), (_string(case, bytes(wrong)), password)]
    found = security.verify_batch(rows, pepper=pepper)
    assert found == [("match", ""), ("mismatch", "")]
    found = security.verify_batch(rows[:1], pepper=(pepper or b"") + b"k")
    assert found == [("mismatch", "")]


@properties
@given(params=all_params(), password=passwords)
def test_argon2_cffi_verifies_ours(security: Any, params: Params, password: str | bytes) -> None:
    (made,) = security.hash_passwords_batch([password], params=params)
    hasher = argon2.PasswordHasher(*_cffi_order(params))
    assert hasher.verify(made, password)
    assert not hasher.check_needs_rehash(made)
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        hasher.verify(made, _bytes(password) + b"x")


@properties
@given(params=all_params(), password=passwords, pepper=peppers)
def test_pyca_verifies_ours(
    security: Any, params: Params, password: str | bytes, pepper: bytes | None
) -> None:
    (made,) = security.hash_passwords_batch([password], params=params, pepper=pepper)
    Argon2id.verify_phc_encoded(_bytes(password), made, secret=pepper)
    with pytest.raises(InvalidKey):
        Argon2id.verify_phc_encoded(_bytes(password) + b"x", made, secret=pepper)


@properties
@given(params=all_params(), password=passwords, pepper=peppers)
def test_each_engine_verifies_the_other(
    params: Params, password: str | bytes, pepper: bytes | None
) -> None:
    native = pytest.importorskip("code_rust_core.security")
    from code_ops._fallback import security as fallback

    for maker, reader in ((native, fallback), (fallback, native)):
        made = maker.hash_passwords_batch([password], params=params, pepper=pepper)
        rows = [(made[0], password), (made[0], _bytes(password) + b"x")]
        found = reader.verify_batch(rows, pepper=pepper)
        assert found == [("match", ""), ("mismatch", "")]


VALID = "$argon2id$v=19$m=16,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR"
PIECES = st.one_of(
    st.sampled_from(["$", ",", "=", "v=19$", "v=16$", "m=16", "t=2", "p=1", "0", "9", "A", "$$"]),
    st.text(max_size=3),
)


@properties
@given(edits=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), PIECES), max_size=3))
def test_both_engines_read_alike(edits: list[tuple[int, int, str]]) -> None:
    """A hash with parts cut out and others put in: the same state, the same reason."""
    native = pytest.importorskip("code_rust_core.security")
    from code_ops._fallback import security as fallback

    text = VALID
    for start, cut, piece in edits:
        text = text[:start] + piece + text[start + cut :]
    limits: dict[str, Any] = {"max_memory_kib": 4096, "max_iterations": 20, "max_lanes": 8}
    rows = [(text, "x")]
    assert native.verify_batch(rows, **limits) == fallback.verify_batch(rows, **limits), text


def _cffi_order(params: Params) -> tuple[int, int, int]:
    return params.iterations, params.memory_kib, params.lanes


def _bytes(password: str | bytes) -> bytes:
    return password.encode("utf-8") if isinstance(password, str) else password


def _string(case: Case, tag: bytes) -> str:
    memory_kib, iterations, lanes = case.params
    costs = f"m={memory_kib},t={iterations},p={lanes}"
    return f"${case.variant}$v={case.version}${costs}${_base64(case.salt)}${_base64(tag)}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
