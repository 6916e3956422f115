"""Sealed data by a second implementation, written out after docs/vault-format.md, and what may be
done to it. Its AES-GCM and HKDF are those of pyca/cryptography, its layout is that of the page.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from code_ops.errors import VaultError

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
PURPOSE = b"code-ops/vault/v1/data"
UNOPENED = "the data cannot be opened with this key"

CHUNK = 16_384
SEALED_CHUNK = CHUNK + 16
# `COV1`, salt, commitment.
HEAD = 4 + 24 + 32
# Around the borders of chunks, and of the blocks of 64 in which files are read.
LENGTHS = [0, 1, 15, 16, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
FILE_LENGTHS = [*LENGTHS, 64 * CHUNK - 1, 64 * CHUNK, 64 * CHUNK + 1, 129 * CHUNK]


def text(length: int) -> bytes:
    """So many bytes, no chunk of which is like another."""
    return random.Random(length).randbytes(length)


def expand(key: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(SHA512(), length, info).derive(key)


def _derived(key: bytes, context: bytes, salt: bytes) -> tuple[AESGCM, int, bytes]:
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\0" + salt + context
    derived = expand(key, info, 76)
    return AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big"), derived[44:]


def seal(key: bytes, context: bytes, message: bytes, salt: bytes = b"") -> bytes:
    salt = salt or secrets.token_bytes(24)
    cipher, nonce, commitment = _derived(key, context, salt)
    chunks = [message[start : start + CHUNK] for start in range(0, len(message) + 1, CHUNK)]
    sealed = [
        cipher.encrypt((nonce ^ number).to_bytes(12, "big"), chunk, b"")
        for number, chunk in enumerate(chunks)
    ]
    return salt + commitment + b"".join(sealed)


def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Only for what is known to be well formed."""
    cipher, nonce, commitment = _derived(key, context, sealed[:24])
    assert commitment == sealed[24:56]
    chunks = [
        sealed[start : start + SEALED_CHUNK] for start in range(56, len(sealed), SEALED_CHUNK)
    ]
    assert len(chunks[-1]) < SEALED_CHUNK
    return b"".join(
        cipher.decrypt((nonce ^ number).to_bytes(12, "big"), chunk, b"")
        for number, chunk in enumerate(chunks)
    )


def encrypt(data: bytes, context: bytes = b"", key: bytes = KEY, salt: bytes = b"") -> bytes:
    """What ``SecureVault.encrypt`` makes."""
    return b"COV1" + seal(expand(key, PURPOSE, 32), PURPOSE + b"\0" + context, data, salt)


def decrypt(sealed: bytes, context: bytes = b"", key: bytes = KEY) -> bytes:
    assert sealed[:4] == b"COV1"
    return open_sealed(expand(key, PURPOSE, 32), PURPOSE + b"\0" + context, sealed[4:])


def damaged() -> Iterator[tuple[str, bytes]]:
    """Sealed data with the key and an empty context that must not open, by what was done to it."""
    yield "nothing", b""
    for length in (100, CHUNK, 2 * CHUNK + 100):
        whole = encrypt(text(length), salt=b"s" * 24)
        chunks = [
            whole[start : start + SEALED_CHUNK] for start in range(HEAD, len(whole), SEALED_CHUNK)
        ]
        for border in _borders(len(whole)):
            for end in {border - 1, border, border + 1} & set(range(len(whole))):
                yield f"{length} bytes, cut to {end}", whole[:end]
            if border < len(whole):
                flipped = bytearray(whole)
                flipped[border] ^= 1
                yield f"{length} bytes, bit flipped at {border}", bytes(flipped)
        for name, more in (("a byte", b"\0"), ("a tag", whole[-16:]), ("a chunk", chunks[-1])):
            yield f"{length} bytes and {name}", whole + more
        yield f"{length} bytes after a byte", b"\0" + whole
    head = whole[:HEAD]
    first, second, last = chunks
    yield "chunks swapped", head + second + first + last
    yield "a chunk twice", head + first + first + last
    yield "a chunk three times", head + first + second + second + last
    yield "the first chunk missing", head + second + last
    yield "the second chunk missing", head + first + last
    yield "the last chunk missing", head + first + second
    yield "the last chunk twice", head + first + second + last + last
    other = encrypt(text(2 * CHUNK + 100), salt=b"t" * 24)
    yield "another message's head", other[:HEAD] + whole[HEAD:]
    yield "another message's salt", other[:28] + whole[28:]
    yield "another message's last chunk", whole[: -len(last)] + other[-len(last) :]
    yield "the form of another version", b"COV2" + whole[4:]
    yield "no form", whole[4:]
    yield "the bare construction", b"COV1" + seal(KEY, b"", b"text")
    yield "the key itself, without the purpose", b"COV1" + seal(KEY, PURPOSE + b"\0", b"text")
    derived = expand(KEY, PURPOSE, 32)
    yield "no purpose in the context", b"COV1" + seal(derived, b"", b"text")
    yield "another key", encrypt(b"text", key=OTHER_KEY)
    yield "another context", encrypt(b"text", b"\0")


def _borders(length: int) -> list[int]:
    """Where a part of sealed data begins or ends: form, salt, commitment, chunks, their tags."""
    ends = [
        min(end, length) for end in range(HEAD + SEALED_CHUNK, length + SEALED_CHUNK, SEALED_CHUNK)
    ]
    return sorted({0, 4, 28, HEAD, *ends, *(end - 16 for end in ends)})


def refused(call: Callable[[], object]) -> None:
    """It raises the one error, and nothing hangs on that."""
    with pytest.raises(VaultError) as found:
        call()
    error = found.value
    assert type(error) is VaultError
    assert (error.args, str(error)) == ((UNOPENED,), UNOPENED)
    assert (error.__cause__, error.__context__) == (None, None)
    assert vars(error) == {}


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())
