"""Keys: their text and id, passphrases, files and variables; and that they show nowhere."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given
from hypothesis import strategies as st
from vault_samples import KEY, decrypt, expand

from code_ops import bech32
from code_ops.errors import PasswordError, VaultError
from code_ops.password_costs import PRESETS, Params
from code_ops.vault import SecureVault, key_from_text, key_id, key_text

# Of BIP 173, "Test vectors"; those in lower case.
VALID = [
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "1" + "1" + "q" * 82 + "c8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]
# There too, but for those whose prefix is none.
INVALID = ["x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff", "a1g7sgd8"]

TEXT = "cok1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sfnaaav"
CHEAP = Params(64, 2, 4)
SALT = b"salt of 16 bytes"
FORM = "a key is `cok1` and 58 characters"
CHECKSUM = "the key's checksum is wrong: a character was changed or lost"


def with_character(place: int, character: str) -> str:
    return TEXT[:place] + character + TEXT[place + 1 :]


def padded_otherwise() -> str:
    """The text of the same 32 bytes whose last bits, which mean nothing, are not zero."""
    values = [bech32._ALPHABET.index(character) for character in TEXT[4:56]]
    values[-1] |= 1
    remainder = bech32._remainder("cok", [*values, *[0] * 6]) ^ 1
    values += [remainder >> 5 * place & 31 for place in reversed(range(6))]
    return "cok1" + "".join(bech32._ALPHABET[value] for value in values)


@pytest.mark.parametrize("text", VALID)
def test_bech32_vectors(text: str) -> None:
    prefix = text[: text.rindex("1")]
    data = bech32.decode(prefix, text)
    assert data is not None
    assert bech32.encode(prefix, data) == text
    last = "q" if text[-1] != "q" else "p"
    assert bech32.decode(prefix, text[:-1] + last) is None


@pytest.mark.parametrize("text", INVALID)
def test_bech32_vectors_that_are_none(text: str) -> None:
    assert bech32.decode(text[: text.rindex("1")], text) is None


def test_bech32_of_the_specification() -> None:
    """The 32 bytes of BIP 173's address of a script, after its version, which is a value of 0."""
    script = "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"
    address = "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"
    ours = bech32.encode("bc", bytes.fromhex(script))
    assert ours[3:-6] == address[4:-6]


@given(st.binary(min_size=32, max_size=32))
def test_a_key_has_its_text(key: bytes) -> None:
    text = key_text(key)
    assert len(text) == 62
    assert text.startswith("cok1")
    assert key_from_text(text) == key
    assert key_from_text(f" \t\r\n{text}\n") == key


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", FORM),
        ("hunter2", FORM),
        (TEXT[:-1], FORM),
        (TEXT + "q", FORM),
        (TEXT.upper(), FORM),
        ("\ufeff" + TEXT, FORM),
        (TEXT.replace("cok1", "age1"), FORM),
        (TEXT[:30] + " " + TEXT[30:], FORM),
        (with_character(10, "b"), CHECKSUM),
        (with_character(10, "\u00e9"), FORM),
        (with_character(10, TEXT[10].upper()), CHECKSUM),
        (with_character(61, "q"), CHECKSUM),
        (TEXT[:20] + TEXT[21] + TEXT[20] + TEXT[22:], CHECKSUM),
        (padded_otherwise(), CHECKSUM),
    ],
)
def test_what_is_no_key(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(VaultError) as found:
        key_from_text(text)
    assert found.value.args == (complaint,)
    path = tmp_path / "key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VaultError) as found:
        SecureVault.from_key_file(path)
    assert found.value.args == (f"{path}: {complaint}",)
    monkeypatch.setenv("A_KEY", text)
    with pytest.raises(VaultError) as found:
        SecureVault.from_env("A_KEY")
    assert found.value.args == (f"A_KEY: {complaint}",)
    assert found.value.__context__ is None


def test_every_character_counts() -> None:
    for place in range(4, 62):
        other = "q" if TEXT[place] != "q" else "p"
        with pytest.raises(VaultError, match="checksum"):
            key_from_text(with_character(place, other))


@given(st.binary(min_size=32, max_size=32))
def test_the_id_is_the_specification_s(key: bytes) -> None:
    assert key_id(key) == expand(key, b"code-ops/vault/v1/kid", 4).hex()


@pytest.mark.parametrize("text", [TEXT, TEXT + "\n", f"\r\n  {TEXT}\t"])
def test_keys_of_files_and_variables(
    engine: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_text(KEY) == TEXT
    path = tmp_path / "key"
    path.write_text(text, encoding="ascii")
    monkeypatch.setenv("CODE_OPS_VAULT_KEY", text)
    for vault in (SecureVault.from_key_file(path, engine), SecureVault.from_env(engine=engine)):
        assert vault.engine == engine
        assert decrypt(vault.encrypt(b"text")) == b"text"


def test_keys_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        SecureVault.from_key_file(tmp_path / "key")
    assert missing.value.filename == str(tmp_path / "key")
    with pytest.raises(IsADirectoryError) as folder:
        SecureVault.from_key_file(tmp_path)
    assert folder.value.filename == str(tmp_path)
    monkeypatch.delenv("CODE_OPS_VAULT_KEY", raising=False)
    with pytest.raises(VaultError, match=r"^the variable CODE_OPS_VAULT_KEY is not set$"):
        SecureVault.from_env()
    with pytest.raises(VaultError, match=r"^/dev/zero: a key file has at most 4096 bytes$"):
        SecureVault.from_key_file("/dev/zero")


@pytest.mark.parametrize(
    ("passphrase", "salt", "params"),
    [
        ("correct horse", SALT, CHEAP),
        (b"\xff\0", SALT + b"more", Params(8, 1, 1)),
        ("caf\u00e9 \U0001f511", bytes(64), Params(100, 3, 5)),
        ("x" * 100_000, SALT, CHEAP),
        ("x", SALT, "rfc9106-second"),
    ],
)
def test_a_passphrase_is_argon2id(
    engine: str, passphrase: str | bytes, salt: bytes, params: Any
) -> None:
    """The key is that of OpenSSL's Argon2id."""
    costs = PRESETS["rfc9106-second"] if isinstance(params, str) else params
    data = passphrase.encode() if isinstance(passphrase, str) else passphrase
    key = Argon2id(
        salt=salt,
        length=32,
        iterations=costs.iterations,
        lanes=costs.lanes,
        memory_cost=costs.memory_kib,
    ).derive(data)
    vault = SecureVault.from_passphrase(passphrase, salt, params, engine)
    assert repr(vault) == f"SecureVault(kid={key_id(key)})"
    assert decrypt(vault.encrypt(b"text"), key=key) == b"text"
    if params == "rfc9106-second":
        assert repr(SecureVault.from_passphrase(passphrase, salt, engine=engine)) == repr(vault)


@pytest.mark.parametrize(
    ("passphrase", "salt", "params", "kind", "message"),
    [
        ("", SALT, CHEAP, VaultError, "the passphrase is empty"),
        (b"", SALT, CHEAP, VaultError, "the passphrase is empty"),
        ("hunter2\ud800", SALT, CHEAP, VaultError, "the passphrase is no valid Unicode"),
        ("x", b"15 bytes of it.", CHEAP, VaultError, "the salt has 15 bytes, it takes 16"),
        ("x", SALT, "cheap", PasswordError, "preset 'cheap' is not one of"),
        ("x", SALT, Params(8, 1, 2), PasswordError, "memory of 8 KiB is out of range"),
        ("x", SALT, Params(8, 0, 1), PasswordError, "0 iterations are out of range"),
        ("x", SALT, Params(8, 1, 0), PasswordError, "0 lanes are out of range"),
    ],
)
def test_passphrases_that_make_no_key(
    engine: str, passphrase: Any, salt: bytes, params: Any, kind: type, message: str
) -> None:
    with pytest.raises(kind, match=message) as found:
        SecureVault.from_passphrase(passphrase, salt, params, engine)
    assert found.value.__context__ is None


def test_the_key_shows_nowhere(engine: str, security: Any) -> None:
    vault = SecureVault(KEY, engine)
    derived = expand(KEY, b"code-ops/vault/v1/data", 32)
    secrets = [form(key) for key in (KEY, derived) for form in (repr, str, bytes.hex, key_text)]
    below = security.SecureVault(KEY)
    said = [repr(vault), str(vault), f"{vault}", repr(below), str(below), vault.__doc__ or ""]
    assert said[:3] == ["SecureVault(kid=deb007c3)"] * 3
    for each in (vault, below):
        assert not hasattr(each, "__dict__")
        with pytest.raises(TypeError):
            vars(each)
        for take in (copy.copy, copy.deepcopy, *_pickles()):
            with pytest.raises(TypeError) as refused:
                take(each)
            said += traceback.format_exception(refused.value)
    try:
        vault.decrypt(b"COV1" + bytes(100))
    except VaultError as error:
        said += traceback.format_exception(error)
    for secret in secrets:
        assert all(secret not in each for each in said)


def _pickles() -> list[Any]:
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    return [lambda each, protocol=protocol: pickle.dumps(each, protocol) for protocol in protocols]


def test_a_vault_is_equal_to_itself_alone(engine: str) -> None:
    one, other = SecureVault(KEY, engine), SecureVault(KEY, engine)
    assert one == one
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("missing", ["cryptography", "cryptography.cobblestone"])
def test_without_cryptography_the_python_engine_names_the_extra(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from code_ops import EngineError, SecureVault\n"
        "from code_ops._engine import load\n"
        "security = load('security', 'python')\n"
        "calls = [\n"
        "    lambda: SecureVault(bytes(32), 'python'),\n"
        "    lambda: security.seal(bytes(32), b''),\n"
        "    lambda: security.open_sealed(bytes(32), b''),\n"
        "]\n"
        "for call in calls:\n"
        "    try:\n"
        "        call()\n"
        "    except EngineError as error:\n"
        "        print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    message = "the python engine needs cryptography>=50: pip install 'code-ops[fallback]'\n"
    assert ended.stdout == message * 3
