"""Vaults as the library reads and changes them, and as an independent reader reads them."""

from __future__ import annotations

import copy
import datetime
import pickle
import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import vault_reader
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from vault_runs import CREDENTIALS, KEY, OTHER_KEY, PASSPHRASE, SECRET, made, values

from code_ops import _engine
from code_ops.errors import (
    EngineError,
    VaultChangedError,
    VaultClosedError,
    VaultError,
    VaultMissingError,
    VaultOlderError,
    VaultRequestError,
)
from code_ops.password_costs import Params
from code_ops.vault_file import (
    Credentials,
    create_vault,
    edit_vault,
    open_vault,
    read_overview,
)
from code_ops.vault_memory import seen_generation

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
CHEAP = Params(8, 1, 1)


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)


VALUES: dict[str, str | bytes] = {
    "empty": "",
    "text": "hünter2\n",
    "bytes": bytes(range(256)),
    "marker": b"\x80",
    "zeros": b"\x80" + bytes(64),
    "31": "x" * 31,
    "32": "x" * 32,
    "33": "x" * 33,
    "chunk": "y" * 16384,
    "large": random.Random(1).randbytes(100_000),
    "a/b.c-d_e": "name",
    "_": "least name",
    "n" * 255: "longest name",
}


@pytest.mark.parametrize(("kind", "secret"), [("key", KEY), ("passphrase", PASSPHRASE.encode())])
def test_an_independent_reader_reads_all(tmp_path: Path, kind: str, secret: bytes) -> None:
    path = made(tmp_path)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_passphrase("words", PASSPHRASE, Params(64, 2, 2))
        for name, value in VALUES.items():
            assert vault.set(name, value) == "added"
    with edit_vault(path, Credentials(passphrases=[PASSPHRASE])) as vault:
        vault.remove("text")
        assert vault.set("31", "changed") == "changed"
    expected = {name: v.encode() if isinstance(v, str) else v for name, v in VALUES.items()}
    del expected["text"]
    expected["31"] = b"changed"
    assert vault_reader.read(Path(path).read_bytes(), kind, secret) == expected
    assert values(path) == expected


def test_the_reader_is_strict(tmp_path: Path) -> None:
    """It would be no witness if it took everything."""
    text = Path(made(tmp_path, one="1", two="2")).read_bytes()
    lines = text.splitlines(keepends=True)
    with pytest.raises(AssertionError):
        vault_reader.read(b"".join([*lines[:4], lines[5], lines[4], lines[6]]), "key", KEY)
    with pytest.raises(AssertionError):
        vault_reader.read(text.replace(b"one", b"onf"), "key", KEY)
    with pytest.raises(InvalidSignature):
        vault_reader.read(text.replace(b"hmac ", b"slot x\nhmac "), "key", KEY)


def test_what_a_vault_tells(tmp_path: Path) -> None:
    path = made(tmp_path)
    day = datetime.date(2026, 2, 28)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.set("db/password", SECRET, day)
        vault.set("db/password", "other", day)
        vault.set("key", b"\xff", day)
        vault.add_passphrase("people", PASSPHRASE, CHEAP)
    overview = read_overview(path)
    assert [tuple(secret) for secret in overview.secrets] == [
        ("db/password", 2, day, "text"),
        ("key", 1, day, "bytes"),
    ]
    assert [slot[:2] for slot in overview.slots] == [("key", "test"), ("passphrase", "people")]
    assert overview.slots[1].detail == "m=8,t=1,p=1"
    opened = open_vault(path, CREDENTIALS)
    assert opened.overview == overview
    assert (overview.generation, opened.findings) == (2, [])


def test_one_change_changes_two_lines(tmp_path: Path) -> None:
    path = made(tmp_path)
    with edit_vault(path, CREDENTIALS) as vault:
        for number in range(200):
            vault.set(f"secret/{number:03}", f"value {number}")
    before = Path(path).read_bytes().splitlines()
    with edit_vault(path, CREDENTIALS) as vault:
        for number in range(200):
            vault.set(f"secret/{number:03}", "other" if number == 77 else f"value {number}")
    after = Path(path).read_bytes().splitlines()
    changed = [line.split()[0] for line, was in zip(after, before, strict=True) if line != was]
    assert changed == [b"secret/077", b"manifest"]


def test_what_is_the_same_writes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path, one=SECRET)
    before = Path(path).stat()
    with edit_vault(path, CREDENTIALS) as vault:
        assert vault.set("one", SECRET) == "same"
    after = Path(path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_exception_writes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path, one=SECRET)
    before = Path(path).read_bytes()

    def change() -> None:
        with edit_vault(path, CREDENTIALS) as vault:
            assert vault.set("one", "other") == "changed"
            vault.remove("two")

    with pytest.raises(VaultMissingError):
        change()
    assert Path(path).read_bytes() == before


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path = Path(made(tmp_path))
    path.chmod(0o640)
    link = tmp_path / "link.vault"
    link.symlink_to(path.name)
    with edit_vault(str(link), CREDENTIALS) as vault:
        vault.set("one", SECRET)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert values(str(path)) == {"one": SECRET.encode()}


def test_a_vault_is_never_replaced_by_an_empty_one(tmp_path: Path) -> None:
    path = made(tmp_path, one=SECRET)
    with pytest.raises(FileExistsError) as found:
        create_vault(path, "test", key=KEY)
    assert found.value.filename == path
    assert values(path) == {"one": SECRET.encode()}


# docs/vault.md has the id of KEY, from another implementation of HKDF.
CLOSED = "no slot opens with what was given; it opens with the key deb007c3 (test)"
OTHER_ID = HKDFExpand(SHA512(), 4, b"code-ops/vault/v1/kid").derive(OTHER_KEY).hex()
REFUSED: dict[str, tuple[Callable[[str], object], type[VaultError], str]] = {
    "another key": (
        lambda path: open_vault(path, Credentials([OTHER_KEY], ["no"])),
        VaultClosedError,
        f"{CLOSED}; given was the key {OTHER_ID} and a passphrase",
    ),
    "nothing": (
        lambda path: open_vault(path, Credentials()),
        VaultClosedError,
        f"{CLOSED}; nothing was given",
    ),
    "no such secret": (
        lambda path: open_vault(path, CREDENTIALS).get("two"),
        VaultMissingError,
        "there is no secret two",
    ),
    "no name": (
        lambda path: open_vault(path, CREDENTIALS).set("a b", SECRET),
        VaultRequestError,
        "a name has 1 to 255 letters, digits and _ . / -, and begins with a letter, a digit or _",
    ),
    "a reserved name": (
        lambda path: open_vault(path, CREDENTIALS).set("manifest", SECRET),
        VaultRequestError,
        "a name has 1 to 255 letters, digits and _ . / -, and begins with a letter, a digit or _",
    ),
    "no Unicode": (
        lambda path: open_vault(path, CREDENTIALS).set("two", f"{SECRET}\udc80"),
        VaultError,
        "the value is no valid Unicode",
    ),
    "a passphrase that is no Unicode": (
        lambda path: open_vault(path, Credentials(passphrases=[f"{SECRET}\udc80"])),
        VaultError,
        "the passphrase is no valid Unicode",
    ),
    "a label twice": (
        lambda path: open_vault(path, CREDENTIALS).add_key("test", OTHER_KEY),
        VaultRequestError,
        "there is a slot test already",
    ),
    "a key that is too short": (
        lambda path: open_vault(path, Credentials([b"short"])),
        VaultError,
        "a key has 32 bytes, not 5",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_file_and_no_secret(tmp_path: Path, name: str) -> None:
    call, expected, message = REFUSED[name]
    path = made(tmp_path, one=SECRET)
    with pytest.raises(VaultError) as found:
        call(path)
    assert type(found.value) is expected
    assert str(found.value) == f"{path}: {message}"
    assert SECRET not in repr(found.value)
    assert not isinstance(found.value.__context__, UnicodeError)


def test_nothing_shows_or_copies_what_is_secret(tmp_path: Path) -> None:
    vault = open_vault(made(tmp_path, one=SECRET), CREDENTIALS)
    credentials = Credentials([KEY], [PASSPHRASE])
    assert repr(credentials) == "Credentials(1 keys, 1 passphrases, 0 identities)"
    for shown in (repr(vault), str(credentials), f"{credentials}", repr(vault.secrets)):
        assert SECRET not in shown
        assert PASSPHRASE not in shown
        assert repr(KEY)[2:20] not in shown
    for held in (vault, credentials):
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="neither copied nor pickled"):
                way(held)


def test_an_older_file_is_told_and_not_changed(tmp_path: Path) -> None:
    path = made(tmp_path, one="1")
    old = Path(path).read_bytes()
    with edit_vault(path, CREDENTIALS) as vault:
        vault.set("one", "2")
    Path(path).write_bytes(old)
    opened = open_vault(path, CREDENTIALS)
    assert (opened.generation, opened.seen_generation) == (2, 3)
    with pytest.raises(VaultOlderError), edit_vault(path, CREDENTIALS):
        pytest.fail("it was opened")
    assert Path(path).read_bytes() == old
    for _ in range(2):
        with edit_vault(path, CREDENTIALS, accept_older=True) as vault:
            vault.set("one", "2")
    # What was accepted is what is known now.
    with edit_vault(path, CREDENTIALS) as vault:
        vault.set("one", "3")
    assert seen_generation(vault.id) == vault.generation == 4


def test_without_a_memory_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    path = made(tmp_path, one="1")
    assert open_vault(path, CREDENTIALS).seen_generation == 0


def test_the_python_engine_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path)
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    with pytest.raises(EngineError, match="vaults need the rust engine"):
        open_vault(path, CREDENTIALS)


def _tampered(text: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    """Each change of one bit and each cut, and lines that are valid but not in their place."""
    for place in range(len(text)):
        flipped = bytearray(text)
        flipped[place] ^= 1 << place % 8
        yield f"a bit of byte {place} flipped", bytes(flipped)
        yield f"cut to {place}", text[:place]
    lines, strange = text.splitlines(keepends=True), other.splitlines(keepends=True)
    *head, one, two, last = lines
    names = one.split(b" ")[0], two.split(b" ")[0]
    yield "values swapped", b"".join([*head, _with(one, two), _with(two, one), last])
    yield "lines swapped", b"".join([*head, two, one, last])
    yield "a line twice", b"".join([*head, one, one, two, last])
    yield "a line taken out", b"".join([*head, one, last])
    yield "a line of another vault", b"".join([*head, strange[-3], two, last])
    yield "another vault's last line", b"".join([*lines[:-1], strange[-1]])
    yield "a name changed", text.replace(names[0] + b" ", b"onf ")
    yield "another vault's hmac", b"".join([*head[:-1], strange[len(head) - 1], one, two, last])


def _with(line: bytes, other: bytes) -> bytes:
    """A line with the sealed value of another."""
    return b" ".join([*line.split(b" ")[:4], other.split(b" ")[4]])


def test_whatever_is_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Path(made(tmp_path / "other", one=SECRET, two="2")).read_bytes()
    path = Path(made(tmp_path, one=SECRET, two="2" * 1000))
    whole = path.read_bytes()
    assert len(whole) > 2000
    silent = []
    for what, text in _tampered(whole, other):
        path.write_bytes(text)
        try:
            vault = open_vault(str(path), CREDENTIALS)
            told = bool(vault.findings)
        except VaultError as error:
            told = SECRET not in str(error)
        if not told:
            silent.append(what)
    assert silent == []


def test_a_valid_line_of_before_is_a_finding(tmp_path: Path) -> None:
    path = Path(made(tmp_path, one="1", two="2"))
    before = path.read_bytes().splitlines(keepends=True)
    with edit_vault(str(path), CREDENTIALS) as vault:
        vault.set("one", "3")
        vault.set("three", "3")
    after = path.read_bytes().splitlines(keepends=True)
    # one is as it was before, three is gone.
    path.write_bytes(b"".join([*after[:-4], before[-3], after[-2], after[-1]]))
    vault = open_vault(str(path), CREDENTIALS)
    assert [(each.kind, each.name) for each in vault.findings] == [
        ("replaced", "one"),
        ("gone", "three"),
    ]
    assert vault.get("two") == b"2"
    for name in ("one", "three"):
        with pytest.raises(VaultChangedError):
            vault.get(name)
    with pytest.raises(VaultChangedError), edit_vault(str(path), CREDENTIALS) as vault:
        vault.set("two", "4")


LETTERS = string.ascii_letters + string.digits


def test_random_changes_are_those_of_a_dictionary(tmp_path: Path) -> None:
    chance = random.Random(7)
    path = made(tmp_path)
    expected: dict[str, bytes] = {}
    for _ in range(60):
        with edit_vault(path, CREDENTIALS) as vault:
            for _ in range(chance.randrange(4)):
                name = chance.choice(LETTERS)
                if name in expected and chance.random() < 0.4:
                    vault.remove(name)
                    del expected[name]
                else:
                    expected[name] = chance.randbytes(chance.randrange(100))
                    vault.set(name, expected[name])
    assert values(path) == expected
    assert vault_reader.read(Path(path).read_bytes(), "key", KEY) == expected
