"""Sealed files on both engines: what they hold, their names and permissions, what does not open."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import vault_samples as samples
from cryptography.cobblestone import Cobblestone256Decryptor
from vault_samples import KEY, OTHER_KEY, names, refused

from code_ops import _engine
from code_ops.errors import VaultError
from code_ops.vault import SecureVault

DAMAGED = dict(samples.damaged())
MIB = 1 << 20


@pytest.fixture
def vault(engine: str) -> SecureVault:
    return SecureVault(KEY, engine)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"plain")
    return path


@pytest.mark.parametrize("length", samples.FILE_LENGTHS)
@pytest.mark.parametrize("context", [b"", b"db/password"])
def test_files_are_what_the_specification_says(
    vault: SecureVault, tmp_path: Path, length: int, context: bytes
) -> None:
    plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
    data = samples.text(length)
    plain.write_bytes(data)
    written = vault.encrypt_file(plain, sealed, context)
    assert samples.decrypt(sealed.read_bytes(), context) == data
    assert vault.decrypt(sealed.read_bytes(), context) == data
    assert written == sealed.stat().st_size
    sealed.write_bytes(samples.encrypt(data, context))
    assert vault.decrypt_file(str(sealed), str(opened), context) == length
    assert opened.read_bytes() == data
    assert names(tmp_path) == ["opened", "plain", "sealed"]


def test_the_body_of_a_file_is_cobblestone(vault: SecureVault, source: Path) -> None:
    target = source.with_name("target")
    data = samples.text(5 * MIB + 7)
    source.write_bytes(data)
    vault.encrypt_file(source, target, b"backup")
    form, body = target.read_bytes()[:4], target.read_bytes()[4:]
    key = samples.expand(KEY, b"code-ops/vault/v1/data", 32)
    decryptor = Cobblestone256Decryptor(key, b"code-ops/vault/v1/data\0backup")
    assert form == b"COV1"
    assert decryptor.update(body) + decryptor.finalize() == data


def test_each_engine_opens_the_other_s_files(source: Path) -> None:
    if (error := _engine.native_error()) is not None:
        pytest.skip(f"the rust engine does not import: {error}")
    sealed, opened = source.with_name("sealed"), source.with_name("opened")
    data = samples.text(3 * MIB)
    source.write_bytes(data)
    for one, other in (("rust", "python"), ("python", "rust")):
        SecureVault(KEY, one).encrypt_file(source, sealed, b"x")
        SecureVault(KEY, other).decrypt_file(sealed, opened, b"x")
        assert opened.read_bytes() == data
        opened.unlink()


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_does_not_open_leaves_nothing(vault: SecureVault, source: Path, damage: str) -> None:
    target = source.with_name("target")
    source.write_bytes(DAMAGED[damage])
    refused(lambda: vault.decrypt_file(source, target))
    assert names(source.parent) == ["source"]
    target.write_bytes(b"before")
    refused(lambda: vault.decrypt_file(source, target))
    refused(lambda: vault.decrypt_file(source, source))
    assert target.read_bytes() == b"before"
    assert source.read_bytes() == DAMAGED[damage]
    assert names(source.parent) == ["source", "target"]


@pytest.mark.parametrize("place", [60, 64 * samples.SEALED_CHUNK, -1])
def test_what_was_changed_far_behind_leaves_nothing(
    vault: SecureVault, source: Path, place: int
) -> None:
    sealed = bytearray(samples.encrypt(samples.text(3 * MIB)))
    sealed[place] ^= 1
    source.write_bytes(sealed)
    refused(lambda: vault.decrypt_file(source, source.with_name("target")))
    refused(lambda: SecureVault(OTHER_KEY, vault.engine).decrypt_file(source, source))
    assert names(source.parent) == ["source"]


def test_a_file_can_take_its_own_place(vault: SecureVault, source: Path) -> None:
    source.chmod(0o640)
    for length in samples.FILE_LENGTHS:
        data = samples.text(length)
        source.write_bytes(data)
        vault.encrypt_file(source, source)
        assert samples.decrypt(source.read_bytes()) == data
        vault.decrypt_file(source, source)
        assert source.read_bytes() == data
    assert stat.S_IMODE(source.stat().st_mode) == 0o640
    assert names(source.parent) == ["source"]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_permissions(vault: SecureVault, source: Path, tmp_path: Path) -> None:
    sealed, opened = tmp_path / "sealed", tmp_path / "opened"

    def modes() -> list[int]:
        vault.encrypt_file(source, sealed)
        vault.decrypt_file(sealed, opened)
        return [stat.S_IMODE(path.stat().st_mode) for path in (sealed, opened)]

    assert modes() == [0o640, 0o600]
    # Those that are there keep theirs, also what the umask would take away.
    sealed.chmod(0o604)
    opened.chmod(0o666)
    assert modes() == [0o604, 0o666]


def test_a_link_s_target_is_replaced(vault: SecureVault, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(b"before")
    link = tmp_path / "link"
    link.symlink_to("folder/file")
    vault.encrypt_file(source, link)
    assert link.is_symlink()
    assert samples.decrypt((folder / "file").read_bytes()) == b"plain"
    vault.decrypt_file(link, link)
    assert link.is_symlink()
    assert (folder / "file").read_bytes() == b"plain"
    assert names(folder) == ["file"]


def test_names_without_a_folder(
    vault: SecureVault, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    vault.encrypt_file("source", "target")
    vault.decrypt_file("target", "target")
    assert Path("target").read_bytes() == b"plain"


# ``null`` is a device. It is no target here: were it replaced, this machine had none any more.
@pytest.mark.parametrize(
    ("source_name", "target_name", "kind", "number", "named"),
    [
        ("missing", "target", FileNotFoundError, errno.ENOENT, "missing"),
        ("folder", "target", IsADirectoryError, errno.EISDIR, "folder"),
        ("pipe", "target", OSError, errno.EINVAL, "pipe"),
        ("null", "target", OSError, errno.EINVAL, "null"),
        ("loop", "target", OSError, errno.ELOOP, "loop"),
        ("source", "missing/target", FileNotFoundError, errno.ENOENT, "missing/target"),
        ("source", "source/target", NotADirectoryError, errno.ENOTDIR, "source/target"),
        ("source", "folder", IsADirectoryError, errno.EISDIR, "folder"),
        ("source", "pipe", OSError, errno.EINVAL, "pipe"),
        ("source", "loop", OSError, errno.ELOOP, "loop"),
        ("source", "x" * 300, OSError, errno.ENAMETOOLONG, "x" * 300),
    ],
)
@pytest.mark.parametrize("way", ["encrypt_file", "decrypt_file"])
def test_errors_name_the_file(
    vault: SecureVault,
    tmp_path: Path,
    way: str,
    source_name: str,
    target_name: str,
    kind: type[OSError],
    number: int,
    named: str,
) -> None:
    (tmp_path / "source").write_bytes(vault.encrypt(b"plain"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    before = names(tmp_path)
    with pytest.raises(kind) as found:
        getattr(vault, way)(tmp_path / source_name, tmp_path / target_name)
    assert (found.value.errno, found.value.filename) == (number, str(tmp_path / named))
    assert names(tmp_path) == before


def test_a_file_that_does_not_tell_its_size(vault: SecureVault, tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    with pytest.raises(OSError, match="does not tell its size: '/proc/self/status'"):
        vault.encrypt_file("/proc/self/status", tmp_path / "target")
    assert names(tmp_path) == []


@pytest.fixture
def long_file() -> Iterator[Path]:
    """A file of 4 PiB with nothing in it: in memory, where files can be as long."""
    try:
        folder = tempfile.TemporaryDirectory(dir="/dev/shm")
    except OSError as error:
        pytest.skip(f"no files of 4 PiB here: {error}")
    with folder:
        path = Path(folder.name) / "long"
        path.touch()
        try:
            os.truncate(path, 1 << 52)
        except OSError as error:
            pytest.skip(f"no files of 4 PiB here: {error}")
        yield path


def test_more_than_4_pib(vault: SecureVault, tmp_path: Path, long_file: Path) -> None:
    with pytest.raises(VaultError) as found:
        vault.encrypt_file(long_file, tmp_path / "target")
    assert str(found.value) == "a message of 4 PiB or more cannot be sealed"
    assert names(tmp_path) == []
