"""``SecureVault`` on data, on both engines: vectors, what opens and what does not."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import vault_samples as samples
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import given
from hypothesis import strategies as st
from vault_samples import KEY, OTHER_KEY, refused

from code_ops import _engine
from code_ops.errors import VaultError
from code_ops.vault import SecureVault

WYCHEPROOF = (
    Path(__file__).parent.parent.parent
    / "shared"
    / "data"
    / "wycheproof"
    / "c2sp_chunked_encryption_aes_256_gcm_test.json"
)
DAMAGED = dict(samples.damaged())

# Made by ``vault_samples.encrypt`` with 24 times `s` as salt, and opened by pyca/cryptography.
KNOWN = [
    (
        b"",
        b"",
        (
            "434f563173737373737373737373737373737373737373737373737395615fce26a01862b7d89990"
            "90c18661fddf04bff23fbd399414ce66e2a8491e3bcc4b79cb415a49a1696ee8cbea1254"
        ),
    ),
    (
        b"hunter2",
        b"db/password",
        (
            "434f5631737373737373737373737373737373737373737373737373f19a738d64a8c06feb4aa80b"
            "bb5755961da01ca3c488d72c7756598f793e5eff941e396051e612a264f2763d38c501cf14db98da"
            "8b6baf"
        ),
    ),
]

lengths = st.sampled_from(samples.LENGTHS) | st.integers(0, 3 * samples.CHUNK)
contexts = st.binary(max_size=80)


@pytest.fixture
def vault(engine: str) -> SecureVault:
    return SecureVault(KEY, engine)


def vectors() -> list[Any]:
    if not WYCHEPROOF.exists():
        skip = pytest.mark.skip(reason="no Wycheproof vectors beside the repository")
        return [pytest.param({}, marks=skip)]
    groups = json.loads(WYCHEPROOF.read_text(encoding="utf-8"))["testGroups"]
    tests = [test for group in groups for test in group["tests"]]
    assert len(tests) == 35
    return [pytest.param(test, id=f"{test['tcId']}") for test in tests]


@pytest.mark.parametrize("vector", vectors())
def test_wycheproof(security: Any, vector: dict[str, Any]) -> None:
    key, context = bytes.fromhex(vector["key"]), bytes.fromhex(vector["ctx"])
    sealed = zlib.decompress(bytes.fromhex(vector["ct"]))
    if vector["result"] == "valid":
        message = security.open_sealed(key, sealed, context)
        assert len(message) == vector["msgLength"]
        assert hashlib.sha512(message).hexdigest() == vector["msgSha512"]
    elif len(key) == 32:
        refused(lambda: security.open_sealed(key, sealed, context))
    else:
        with pytest.raises(VaultError, match=rf"^a key has 32 bytes, not {len(key)}$"):
            security.open_sealed(key, sealed, context)


@pytest.mark.parametrize(("data", "context", "sealed"), KNOWN)
def test_known_answers(vault: SecureVault, data: bytes, context: bytes, sealed: str) -> None:
    assert samples.encrypt(data, context, salt=b"s" * 24).hex() == sealed
    assert vault.decrypt(bytes.fromhex(sealed), context) == data


@pytest.mark.parametrize("length", samples.FILE_LENGTHS)
@pytest.mark.parametrize("context", [b"", b"\0", b"db/password", bytes(range(256)) * 300])
def test_it_is_what_the_specification_says(vault: SecureVault, length: int, context: bytes) -> None:
    data = samples.text(length)
    assert vault.decrypt(samples.encrypt(data, context), context) == data
    sealed = vault.encrypt(data, context)
    assert len(sealed) == 60 + length + 16 * (length // samples.CHUNK + 1)
    assert samples.decrypt(sealed, context) == data


@pytest.mark.parametrize("length", samples.LENGTHS)
def test_the_bare_construction_is_cobblestone(security: Any, length: int) -> None:
    message, context = samples.text(length), b"context"
    decryptor = Cobblestone256Decryptor(KEY, context)
    sealed = security.seal(KEY, message, context)
    assert decryptor.update(sealed) + decryptor.finalize() == message
    encryptor = Cobblestone256Encryptor(KEY, context)
    theirs = encryptor.update(message) + encryptor.finalize()
    assert security.open_sealed(KEY, theirs, context) == message
    refused(lambda: security.open_sealed(KEY, theirs))


@given(length=lengths, context=contexts)
def test_each_engine_opens_what_the_other_sealed(length: int, context: bytes) -> None:
    if (error := _engine.native_error()) is not None:
        pytest.skip(f"the rust engine does not import: {error}")
    native, fallback = (SecureVault(KEY, engine) for engine in ("rust", "python"))
    data = samples.text(length)
    assert native.decrypt(fallback.encrypt(data, context), context) == data
    assert fallback.decrypt(native.encrypt(data, context), context) == data


@given(data=st.binary(max_size=200), context=contexts, other=contexts)
def test_another_context_does_not_open(
    engine: str, data: bytes, context: bytes, other: bytes
) -> None:
    vault = SecureVault(KEY, engine)
    sealed = vault.encrypt(data, context)
    assert vault.decrypt(sealed, context) == data
    if other != context:
        refused(lambda: vault.decrypt(sealed, other))


@given(st.binary(max_size=300))
def test_any_bytes_do_not_open(engine: str, data: bytes) -> None:
    vault = SecureVault(KEY, engine)
    refused(lambda: vault.decrypt(data))
    refused(lambda: vault.decrypt(b"COV1" + data))


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_was_changed_does_not_open(vault: SecureVault, damage: str) -> None:
    refused(lambda: vault.decrypt(DAMAGED[damage]))
    # As bytes that can be changed, too.
    refused(lambda: vault.decrypt(bytearray(DAMAGED[damage])))


def test_every_bit_counts(vault: SecureVault) -> None:
    whole = vault.encrypt(b"hunter2", b"db")
    for bit in range(8 * len(whole)):
        flipped = (int.from_bytes(whole, "big") ^ 1 << bit).to_bytes(len(whole), "big")
        refused(partial(vault.decrypt, flipped, b"db"))


def test_salts_differ(vault: SecureVault) -> None:
    sealed = vault.encrypt_batch([b"same"] * 1000)
    assert len({one[4:28] for one in sealed}) == 1000
    assert len({one[60:] for one in sealed}) == 1000


def test_batches_have_the_order_of_their_items(vault: SecureVault) -> None:
    items: list[bytes | bytearray] = [samples.text(length) for length in samples.LENGTHS]
    sealed = vault.encrypt_batch(iter(items), b"batch")
    assert [samples.decrypt(one, b"batch") for one in sealed] == items
    assert vault.decrypt_batch(iter(sealed), b"batch") == items
    assert vault.encrypt_batch([]) == vault.decrypt_batch([]) == []
    refused(lambda: vault.decrypt_batch([*sealed, b""], b"batch"))


def test_bytes_that_can_be_changed_are_data_too(vault: SecureVault) -> None:
    assert vault.decrypt(bytearray(vault.encrypt(bytearray(b"text")))) == b"text"


@pytest.mark.parametrize("data", ["hunter2", None, 7, ["hunter2"], memoryview(b"hunter2")])
def test_what_is_no_bytes_is_not_repeated(vault: SecureVault, data: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: vault.encrypt(data),
        lambda: vault.decrypt(data),
        lambda: vault.encrypt(b"", data),
        lambda: vault.decrypt(b"", data),
        lambda: vault.encrypt_batch([b"", data]),
        lambda: vault.decrypt_batch([data]),
        lambda: SecureVault(data, vault.engine),
        lambda: SecureVault.from_passphrase(b"text", data),
        lambda: SecureVault.from_passphrase([b"hunter2"], b"s" * 16),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(TypeError) as found:
            call()
        assert "hunter2" not in str(found.value)


@pytest.mark.parametrize("length", [0, 1, 16, 24, 31, 33, 62, 64])
def test_a_key_has_32_bytes(security: Any, engine: str, length: int) -> None:
    key = b"k" * length
    for call in (
        lambda: SecureVault(key, engine),
        lambda: security.SecureVault(key),
        lambda: security.seal(key, b""),
        lambda: security.open_sealed(key, b""),
    ):
        with pytest.raises(VaultError, match=rf"^a key has 32 bytes, not {length}$"):
            call()


def test_keys_are_new_each_time(engine: str, security: Any) -> None:
    keys = [SecureVault.generate_key() for _ in range(100)]
    keys += [security.SecureVault.generate_key() for _ in range(100)]
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == 200
    sealed = SecureVault(keys[0], engine).encrypt(b"")
    refused(lambda: SecureVault(keys[1], engine).decrypt(sealed))
    refused(lambda: SecureVault(OTHER_KEY, engine).decrypt(sealed))
