"""Data and files sealed with a key: ``SecureVault``.

There is one construction, Cobblestone-256 of C2SP: AES-256-GCM in chunks, with a key of its own
for each message and a commitment to it; docs/vault-format.md has every byte. A key is 32 random
bytes. Whatever keeps data from opening (another key, another context, data that was changed or
cut) is one VaultError, which does not tell them apart.

The context is any bytes that say what the data is for; it is not kept in the sealed form, and the
same bytes are needed to open it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from typing import Literal, NoReturn, TypeAlias

from code_ops import _engine
from code_ops.errors import VaultError
from code_ops.password_costs import Params, Preset, chosen
from code_ops.vault_keys import (
    KEY_VARIABLE,
    checked_key,
    generate_key,
    key_from_text,
    key_id,
    key_text,
    read_key_file,
    read_key_variable,
)

__all__ = ["Data", "SecureVault", "key_from_text", "key_id", "key_text"]

Data: TypeAlias = "bytes | bytearray"
_Path: TypeAlias = "str | os.PathLike[str]"

_SALT_BYTES = 16


class SecureVault:
    """Seals and opens data and files with one key of 32 bytes.

    It shows its key nowhere and can be neither copied nor pickled. The native engine holds the key
    in memory that is kept out of core dumps and swap and wiped at the end; the Python one cannot.
    """

    __slots__ = ("_id", "_vault", "engine")

    engine: Literal["rust", "python"]
    """The engine that works."""

    def __init__(self, key: bytes, engine: str | None = None) -> None:
        """Raises VaultError for a key of another length: nothing is made into one silently."""
        self._id = key_id(checked_key(key))
        self.engine = _engine.choose(engine)
        self._vault = _engine.load("security", self.engine).SecureVault(key)

    @staticmethod
    def generate_key() -> bytes:
        """A new key: 32 random bytes of the system."""
        return generate_key()

    @classmethod
    def from_passphrase(
        cls,
        passphrase: str | bytes,
        salt: bytes,
        params: Params | Preset = "rfc9106-second",
        engine: str | None = None,
    ) -> SecureVault:
        """The vault of the key that Argon2id makes of a passphrase.

        The same passphrase, salt and costs give the same key, so the caller keeps the last two
        beside the data: the salt is at least 16 random bytes and no secret. A ``str`` stands for
        its UTF-8 bytes as they are. Raises VaultError for a passphrase that is empty or a salt
        that is short, PasswordError for costs out of range and MemoryError where the system does
        not give what they ask for.
        """
        costs, secret = chosen(params), _passphrase_bytes(passphrase)
        if not isinstance(salt, bytes):
            raise TypeError("the salt is not bytes")
        if len(salt) < _SALT_BYTES:
            raise VaultError(f"the salt has {len(salt)} bytes, it takes {_SALT_BYTES}")
        key = _engine.load("security", engine).derive_key(
            secret,
            salt,
            memory_kib=costs.memory_kib,
            iterations=costs.iterations,
            lanes=costs.lanes,
        )
        return cls(key, engine)

    @classmethod
    def from_key_file(cls, path: _Path, engine: str | None = None) -> SecureVault:
        """The vault of the key whose text, ``cok1…``, is in a file; see ``key_text``.

        Raises OSError where the file cannot be read, VaultError where it holds no key.
        """
        return cls(read_key_file(path), engine)

    @classmethod
    def from_env(cls, name: str = KEY_VARIABLE, engine: str | None = None) -> SecureVault:
        """The vault of the key whose text is in a variable of the environment.

        Raises VaultError where it is not set or holds no key.
        """
        return cls(read_key_variable(name), engine)

    def encrypt(self, data: Data, context: bytes = b"") -> bytes:
        """The sealed form of data, 60 bytes longer and 16 more for each 16 KiB begun."""
        sealed: bytes = self._vault.encrypt(_checked(data, "the data"), _checked_context(context))
        return sealed

    def decrypt(self, sealed: Data, context: bytes = b"") -> bytes:
        """The data of a sealed form; raises VaultError where it does not open."""
        sealed = _checked(sealed, "the sealed data")
        data: bytes = self._vault.decrypt(sealed, _checked_context(context))
        return data

    def encrypt_batch(self, items: Iterable[Data], context: bytes = b"") -> list[bytes]:
        """The sealed forms of several, in their order; each opens by itself too."""
        checked = [_checked(item, f"item {place}") for place, item in enumerate(items)]
        sealed: list[bytes] = self._vault.encrypt_batch(checked, _checked_context(context))
        return sealed

    def decrypt_batch(self, items: Iterable[Data], context: bytes = b"") -> list[bytes]:
        """The data of several sealed forms, in their order; raises VaultError where one does not
        open.
        """
        checked = [_checked(item, f"item {place}") for place, item in enumerate(items)]
        return [self.decrypt(item, context) for item in checked]

    def encrypt_file(self, source: _Path, target: _Path, context: bytes = b"") -> int:
        """Seals a file of any size into another, and returns the bytes written.

        The target appears, or is replaced, when it is whole; it may be the source. A new one has
        the permissions that the umask leaves, one that is there keeps its own. Raises OSError that
        names the file, and VaultError where the source becomes shorter meanwhile.
        """
        files = checked_source(source), checked_target(target)
        written: int = self._vault.encrypt_file(*files, _checked_context(context))
        return written

    def decrypt_file(self, source: _Path, target: _Path, context: bytes = b"") -> int:
        """Opens a sealed file into another, and returns the bytes written.

        The target appears, or is replaced, when all of it has verified. A new one is for its owner
        alone (mode 600), one that is there keeps its permissions. Raises OSError that names the
        file, and VaultError where the source does not open.
        """
        files = checked_source(source), checked_target(target)
        written: int = self._vault.decrypt_file(*files, _checked_context(context))
        return written

    def __repr__(self) -> str:
        return f"SecureVault(kid={self._id})"

    def __getstate__(self) -> NoReturn:
        raise TypeError("a SecureVault is neither copied nor pickled: it holds a key")


def _checked(data: object, name: str) -> Data:
    if not isinstance(data, bytes | bytearray):
        raise TypeError(f"{name} is not bytes")
    return data


def _checked_context(context: object) -> bytes:
    if not isinstance(context, bytes):
        raise TypeError("the context is not bytes")
    return context


def _passphrase_bytes(passphrase: object) -> bytes:
    if not isinstance(passphrase, str | bytes):
        raise TypeError("the passphrase is neither str nor bytes")
    if not passphrase:
        raise VaultError("the passphrase is empty")
    if isinstance(passphrase, bytes):
        return passphrase
    # Encoding first would raise an error that has the passphrase in it.
    if any("\ud800" <= character <= "\udfff" for character in passphrase):
        raise VaultError("the passphrase is no valid Unicode")
    return passphrase.encode("utf-8")


def checked_source(path: _Path) -> str:
    """Its size is relied on, which only regular files have, and not all of /proc."""
    name = os.fsdecode(path)
    # Without waiting for somebody to write into a named pipe.
    with open(name, "rb", buffering=0, opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        _check_regular(status.st_mode, name)
        if status.st_size == 0 and file.read(1):
            raise OSError(errno.EINVAL, "the file does not tell its size", name)
    return name


def checked_target(path: _Path) -> str:
    """A device or a pipe would be replaced by a file, and nobody wants that."""
    name = os.fsdecode(path)
    with contextlib.suppress(FileNotFoundError):
        _check_regular(os.stat(name).st_mode, name)
    return name


def _check_regular(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", name)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
