"""Data and files sealed with a key, in pure Python over pyca/cryptography's Cobblestone-256.

Owns the form around the construction, ``COV1`` and the key for it, and the reading and writing of
files. The results and the messages are those of the native engine; docs/vault-format.md specifies
them. A key is a Python object here: it can be neither wiped nor kept out of core dumps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache, partial
from typing import Any, BinaryIO, NamedTuple, NoReturn

from code_ops import atomic_files
from code_ops.errors import EngineError, VaultError
from code_ops.vault_keys import checked_key, generate_key

__all__ = ["SecureVault", "open_sealed", "seal"]

_MAGIC = b"COV1"
_PURPOSE = b"code-ops/vault/v1/data"
_BLOCK_BYTES = 1 << 20
_TOO_LONG_BYTES = 1 << 52
_UNOPENED = "the data cannot be opened with this key"


class _Library(NamedTuple):
    """What is used of pyca/cryptography."""

    encryptor: Any
    decryptor: Any
    refusal: type[Exception]
    expand: Any


@cache
def _library() -> _Library:
    """Raises EngineError where it is not there, or too old."""
    try:
        from cryptography import cobblestone
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.hashes import SHA512
        from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
    except ImportError as error:
        message = "the python engine needs cryptography>=50: pip install 'code-ops[fallback]'"
        raise EngineError(message) from error
    return _Library(
        cobblestone.Cobblestone256Encryptor,
        cobblestone.Cobblestone256Decryptor,
        InvalidTag,
        partial(HKDFExpand, SHA512()),
    )


def seal(key: bytes, message: bytes | bytearray, context: bytes = b"") -> bytes:
    """The bare construction: a message sealed with a key of 32 bytes and a context."""
    return b"".join(_sealed(checked_key(key), message, context))


def open_sealed(key: bytes, sealed: bytes | bytearray, context: bytes = b"") -> bytes:
    """The message in what ``seal`` made."""
    return _opened(checked_key(key), memoryview(sealed), context)


def _sealed(key: bytes, message: bytes | bytearray, context: bytes) -> tuple[bytes, bytes]:
    encryptor = _library().encryptor(key, context)
    return encryptor.update(message), encryptor.finalize()


def _opened(key: bytes, sealed: memoryview, context: bytes) -> bytes:
    library = _library()
    decryptor = library.decryptor(key, context)
    try:
        return b"".join((decryptor.update(sealed), decryptor.finalize()))
    except library.refusal:
        # Raised below, so that no other exception hangs on ours.
        pass
    raise VaultError(_UNOPENED)


class SecureVault:
    """Seals and opens data and files with one key of 32 bytes."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        expand = _library().expand
        self._key: bytes = expand(len(key), _PURPOSE).derive(checked_key(key))

    @staticmethod
    def generate_key() -> bytes:
        """32 random bytes."""
        return generate_key()

    def encrypt(self, data: bytes | bytearray, context: bytes = b"") -> bytes:
        """The sealed form of data."""
        return b"".join((_MAGIC, *_sealed(self._key, data, _bound(context))))

    def encrypt_batch(
        self, items: Iterable[bytes | bytearray], context: bytes = b""
    ) -> list[bytes]:
        """The sealed forms of several, each with a key of its own as always."""
        return [self.encrypt(data, context) for data in items]

    def decrypt(self, sealed: bytes | bytearray, context: bytes = b"") -> bytes:
        """The data of a sealed form."""
        view = memoryview(sealed)
        if view[: len(_MAGIC)] != _MAGIC:
            raise VaultError(_UNOPENED)
        return _opened(self._key, view[len(_MAGIC) :], _bound(context))

    def encrypt_file(
        self,
        source: atomic_files.Path,
        target: atomic_files.Path,
        context: bytes = b"",
        *,
        threads: int | None = None,  # noqa: ARG002 - one thread does it here
    ) -> int:
        """Seals a file into another; returns the bytes written."""
        with open(source, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size >= _TOO_LONG_BYTES:
                raise VaultError("a message of 4 PiB or more cannot be sealed")
            encryptor = _library().encryptor(self._key, _bound(context))

            def write(output: BinaryIO) -> int:
                atomic_files.write_all(output, _MAGIC)
                return len(_MAGIC) + _stream(encryptor, _Part(file, source, size), output)

            return atomic_files.replace(target, 0o666, write)

    def decrypt_file(
        self,
        source: atomic_files.Path,
        target: atomic_files.Path,
        context: bytes = b"",
        *,
        threads: int | None = None,  # noqa: ARG002
    ) -> int:
        """Opens a sealed file into another; returns the bytes written."""
        library = _library()
        with open(source, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size - len(_MAGIC)
            with atomic_files.named(source):
                magic = file.read(len(_MAGIC))
            decryptor = library.decryptor(self._key, _bound(context))
            if magic == _MAGIC:
                write = partial(_stream, decryptor, _Part(file, source, size))
                try:
                    return atomic_files.replace(target, 0o600, write)
                except library.refusal:
                    pass
        raise VaultError(_UNOPENED)

    def __getstate__(self) -> NoReturn:
        raise TypeError("a SecureVault is neither copied nor pickled: it holds a key")


class _Part(NamedTuple):
    """So many bytes of a file from where it stands."""

    file: BinaryIO
    path: atomic_files.Path
    size: int


def _stream(cipher: Any, part: _Part, output: BinaryIO) -> int:
    """Writes what the cipher makes of a part of a file, a block at a time; returns its length."""
    left, written = part.size, 0
    while left:
        with atomic_files.named(part.path):
            block = part.file.read(min(left, _BLOCK_BYTES))
        if not block:
            raise VaultError("the file changed while it was read")
        left -= len(block)
        written += atomic_files.write_all(output, cipher.update(block))
    return written + atomic_files.write_all(output, cipher.finalize())


def _bound(context: bytes) -> bytes:
    return _PURPOSE + b"\0" + context
