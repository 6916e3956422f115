"""Sealed files with slots in the library: their form, who opens them, and what does not open."""

from __future__ import annotations

import copy
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sealed_file_reader
import vault_samples as samples
from vault_samples import names

from code_ops import _engine, sealed_file
from code_ops.errors import (
    EngineError,
    VaultChangedError,
    VaultClosedError,
    VaultError,
    VaultRequestError,
)
from code_ops.password_costs import Params
from code_ops.sealed_file import key_slot, passphrase_slot, read_head
from code_ops.vault_file import Credentials

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
KEY, OTHER_KEY = samples.KEY, samples.OTHER_KEY
OTHER_ID = samples.expand(OTHER_KEY, b"code-ops/vault/v1/kid", 4).hex()
CHEAP = Params(8, 1, 1)
TEXT = b"CREATE TABLE users;\n"
SLOTS = [key_slot("ci", KEY), passphrase_slot("ann", "correct horse")]
BY_KEY = Credentials([KEY])


def encrypt(source: Path, target: Path, *, replace: bool = False) -> int:
    return sealed_file.encrypt_file(source, target, SLOTS, params=CHEAP, replace=replace)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def sealed(source: Path) -> Path:
    target = source.with_name("sealed")
    encrypt(source, target)
    return target


@pytest.mark.parametrize("length", samples.FILE_LENGTHS)
def test_files_are_what_the_specification_says(tmp_path: Path, length: int) -> None:
    plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
    data = samples.text(length)
    plain.write_bytes(data)
    assert encrypt(plain, sealed) == sealed.stat().st_size
    content = sealed.read_bytes()
    assert sealed_file_reader.read(content, "ci", KEY) == data
    assert sealed_file_reader.read(content, "ann", b"correct horse") == data
    assert sealed_file.decrypt_file(sealed, opened, BY_KEY) == length
    assert opened.read_bytes() == data
    assert names(tmp_path) == ["opened", "plain", "sealed"]


@pytest.mark.parametrize(
    "credentials",
    [
        BY_KEY,
        Credentials([OTHER_KEY, KEY], ["wrong"]),
        Credentials(passphrases=["wrong", "correct horse"]),
        Credentials(passphrases=[b"correct horse"]),
    ],
)
def test_each_slot_opens(sealed: Path, credentials: Credentials) -> None:
    opened = sealed.with_name("opened")
    assert sealed_file.decrypt_file(str(sealed), opened, credentials) == len(TEXT)
    assert opened.read_bytes() == TEXT


def test_the_head_tells_who_can_open_it(sealed: Path) -> None:
    head = read_head(sealed)
    assert [slot[:2] for slot in head.slots] == [("key", "ci"), ("passphrase", "ann")]
    assert [slot.detail for slot in head.slots] == ["deb007c3", "m=8,t=1,p=1"]
    assert f"id {head.id}\n".encode() in sealed.read_bytes()
    assert repr(head) == f"SealedFile({str(sealed)!r})"


@pytest.mark.parametrize(
    ("credentials", "given"),
    [
        (Credentials(), "nothing was given"),
        (Credentials([OTHER_KEY]), f"given was the key {OTHER_ID}"),
        (Credentials([], ["wrong"]), "given was a passphrase"),
    ],
)
def test_what_does_not_open_names_what_would(
    sealed: Path, credentials: Credentials, given: str
) -> None:
    with pytest.raises(VaultClosedError) as found:
        sealed_file.decrypt_file(sealed, sealed.with_name("opened"), credentials)
    would = "it opens with the key deb007c3 (ci), the passphrase ann; "
    assert f"{sealed}: no slot opens with what was given; {would}" in str(found.value)
    assert str(found.value).endswith(given)
    assert names(sealed.parent) == ["sealed", "source"]


def test_each_bit_and_each_cut_is_found(sealed: Path) -> None:
    whole = sealed.read_bytes()
    opened = sealed.with_name("opened")
    for place in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        sealed.write_bytes(changed)
        with pytest.raises(VaultError):
            sealed_file.decrypt_file(sealed, opened, BY_KEY)
    for length in range(len(whole)):
        sealed.write_bytes(whole[:length])
        with pytest.raises(VaultError):
            sealed_file.decrypt_file(sealed, opened, BY_KEY)
    for more in (b"\0", whole[-16:], whole):
        sealed.write_bytes(whole + more)
        with pytest.raises(VaultChangedError, match="the content was changed or cut"):
            sealed_file.decrypt_file(sealed, opened, BY_KEY)
    assert names(sealed.parent) == ["sealed", "source"]


def test_parts_of_another_file_do_not_fit(sealed: Path) -> None:
    other = sealed.with_name("other")
    encrypt(sealed.with_name("source"), other)
    head, _, content = sealed.read_bytes().partition(b"\n\n")
    other_head, _, other_content = other.read_bytes().partition(b"\n\n")
    lines, other_lines = head.split(b"\n"), other_head.split(b"\n")
    mixed = {
        "content": (head, other_content),
        "head": (other_head, content),
        "id": (b"\n".join([lines[0], other_lines[1], *lines[2:]]), content),
        "slot": (b"\n".join([*lines[:2], other_lines[2], *lines[3:]]), content),
        "added slot": (b"\n".join([*lines[:3], b"slot new x", *lines[3:]]), content),
        "lost slot": (b"\n".join([*lines[:3], *lines[4:]]), content),
        "order": (b"\n".join([*lines[:2], lines[3], lines[2], lines[4]]), content),
    }
    for what, (head, content) in mixed.items():
        sealed.write_bytes(head + b"\n\n" + content)
        with pytest.raises(VaultError) as found:
            sealed_file.decrypt_file(sealed, sealed.with_name("opened"), BY_KEY)
        kind = VaultClosedError if what in ("id", "slot") else VaultChangedError
        assert type(found.value) is kind, what


ID = b"id aaaaaaaaaaaaaaaaaaaaaaaaaa"
MAC = b"hmac " + b"A" * 43 + b"="
BODY = b"body=" + b"A" * 139 + b"="
KEY_SLOT = b"slot key kid=deb007c3 label=a " + BODY
COSTS = b"slot passphrase m=%d,t=3,p=4 salt=AAAAAAAAAAAAAAAAAAAAAA== label=a " + BODY
HOSTILE = {
    "nothing": (b"", "line 1: expected `code-ops-file/1`"),
    "a vault": (b"code-ops-vault/1\n", "line 1: expected `code-ops-file/1`"),
    "sealed data": (b"COV1" + bytes(100), "line 1: expected `code-ops-file/1`"),
    "a later version": (b"code-ops-file/2\n\n", "line 1: the format is code-ops-file/2, this"),
    "no id": (b"code-ops-file/1\n\n", "line 2: expected the file's id"),
    "cut in the id": (b"code-ops-file/1\nid aa", "line 2: a line does not end"),
    "no hmac": (b"code-ops-file/1\n" + ID + b"\n\n", "line 3: expected a slot or the hmac"),
    "no empty line": (
        b"\n".join([b"code-ops-file/1", ID, KEY_SLOT, MAC, b""]),
        "line 5: expected an empty line after the hmac",
    ),
    "a line after the hmac": (
        b"\n".join([b"code-ops-file/1", ID, KEY_SLOT, MAC, b"x", b"", b""]),
        "line 5: expected an empty line after the hmac",
    ),
    "line ends of Windows": (
        b"\r\n".join([b"code-ops-file/1", ID, KEY_SLOT, MAC, b"", b""]),
        "line 1: a line does not end in one line feed",
    ),
    "a character": (
        b"\n".join([b"code-ops-file/1", ID, b"slot \xff", MAC, b"", b""]),
        "line 3: a character that no vault has",
    ),
    "4 TiB of memory": (
        b"\n".join([b"code-ops-file/1", ID, COSTS % (1 << 32), MAC, b"", b""]),
        "line 3: ",
    ),
    "2 TiB of memory": (
        b"\n".join([b"code-ops-file/1", ID, COSTS % (1 << 31), MAC, b"", b""]),
        "the slot a ",
    ),
    "a label twice": (
        b"\n".join([b"code-ops-file/1", ID, KEY_SLOT, KEY_SLOT, MAC, b"", b""]),
        "line 4: the label a stands twice",
    ),
    "slots without end": (
        b"code-ops-file/1\n" + ID + b"\n" + b"slot x\n" * 1_000_000,
        "line 1027: more than 1,024 slots",
    ),
    "a slot too many": (
        b"\n".join([b"code-ops-file/1", ID, *[b"slot x"] * 1025, MAC, b"", b""]),
        "line 1027: more than 1,024 slots",
    ),
    "a long slot": (
        b"\n".join([b"code-ops-file/1", ID, b"slot " + b"x" * 65_532, MAC, b"", b""]),
        "line 3: a slot of more than 65,536 bytes",
    ),
    "a long head": (
        b"\n".join([b"code-ops-file/1", ID, *[b"slot " + b"x" * 65_000] * 1000, MAC, b"", b""]),
        "line 132: a head of more than 8 MiB",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_head_that_is_none(tmp_path: Path, what: str) -> None:
    path = tmp_path / "sealed"
    content, complaint = HOSTILE[what]
    path.write_bytes(content)
    credentials = Credentials([OTHER_KEY], ["a"])
    with pytest.raises(VaultError) as found:
        sealed_file.decrypt_file(path, tmp_path / "opened", credentials)
    assert str(found.value).startswith(f"{path}: {complaint}")


@pytest.mark.parametrize("labels", [["a b"], [""], ["x" * 65], ["a", "a"], []])
def test_labels_that_no_file_takes(source: Path, labels: list[str]) -> None:
    slots = [key_slot(label, KEY) for label in labels]
    with pytest.raises(VaultRequestError):
        sealed_file.encrypt_file(source, source.with_name("sealed"), slots)
    assert names(source.parent) == ["source"]


def test_no_file_is_replaced_unless_told(source: Path, sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(FileExistsError):
        encrypt(source, sealed)
    with pytest.raises(FileExistsError):
        sealed_file.decrypt_file(sealed, source, BY_KEY)
    assert (sealed.read_bytes(), source.read_bytes()) == (before, TEXT)
    encrypt(source, sealed, replace=True)
    assert sealed.read_bytes() != before
    source.write_bytes(b"other")
    sealed_file.decrypt_file(sealed, source, BY_KEY, replace=True)
    assert source.read_bytes() == TEXT
    (link := sealed.with_name("link")).symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        encrypt(source, link)
    assert names(source.parent) == ["link", "sealed", "source"]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_what_is_opened_is_for_its_owner_alone(source: Path) -> None:
    sealed, opened = source.with_name("sealed"), source.with_name("opened")
    encrypt(source, sealed)
    sealed_file.decrypt_file(sealed, opened, BY_KEY)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (sealed, opened)] == [0o644, 0o600]


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("source_name", "target_name", "kind", "named"),
    [
        ("missing", "target", FileNotFoundError, "missing"),
        ("folder", "target", IsADirectoryError, "folder"),
        ("pipe", "target", OSError, "pipe"),
        ("source", "missing/target", FileNotFoundError, "missing/target"),
        ("source", "folder", IsADirectoryError, "folder"),
        ("source", "source/target", NotADirectoryError, "source/target"),
    ],
)
def test_errors_name_the_file(
    tmp_path: Path,
    source_name: str,
    target_name: str,
    kind: type[OSError],
    named: str,
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(kind) as found:
        encrypt(tmp_path / source_name, tmp_path / target_name, replace=True)
    assert found.value.filename == str(tmp_path / named)
    assert names(tmp_path) == ["folder", "pipe", "source"]


def test_progress_is_told(source: Path) -> None:
    """Of a file that takes a while, from time to time, and never more than it has."""
    os.truncate(source, 1 << 30)
    told: list[int] = []
    sealed_file.encrypt_file(source, source.with_name("sealed"), SLOTS[:1], progress=told.append)
    assert told == sorted(told)
    assert 0 < told[-1] <= 1 << 30


def test_no_secret_is_shown_or_kept() -> None:
    for slot in SLOTS:
        assert str(slot.secret) not in repr(slot)
        calls: tuple[Callable[[object], object], ...] = (copy.copy, copy.deepcopy, pickle.dumps)
        for call in calls:
            with pytest.raises(TypeError):
                call(slot)


def test_what_is_no_secret() -> None:
    with pytest.raises(VaultError):
        key_slot("a", b"short")
    with pytest.raises(VaultError):
        passphrase_slot("a", "")


def test_the_python_engine_has_none(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    with pytest.raises(EngineError, match="vaults need the rust engine"):
        read_head(source)
