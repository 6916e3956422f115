"""Packed logs, told by their first bytes: gzip, bzip2 and xz, each also as a chain of several, zip
and tar, and any of these in each other.

zstd is native only.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Protocol

from code_ops._fallback.logs_archives import is_tar, is_zip, tar_parts, zip_parts
from code_ops._fallback.logs_encoding import decoded
from code_ops._fallback.logs_inflate import inflated
from code_ops.errors import EngineError

# Fed in pieces, so that what comes before damage is known.
_PIECE = 1 << 16
# How far packed data is unpacked, as in a zip with a tar that was packed with gzip.
_DEEPEST = 4
_CUT_OFF = "unexpected end"
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Gzip:
    """One member of gzip, of which what comes before damage is kept."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._problem: str | None = None

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, /) -> bytes:
        """Raises zlib.error for damage, once all before it was given."""
        if self._problem is None:
            text, self._problem = inflated(self._stream, data)
            if text or self._problem is None:
                return text
        raise zlib.error(self._problem)


# The first bytes, the name, and what reads them.
_KINDS: list[tuple[re.Pattern[bytes], str, Callable[[], _Decompressor]]] = [
    (re.compile(rb"\x1f\x8b\x08"), "gzip", _Gzip),
    (re.compile(rb"BZh[1-9][1\x17]"), "bzip2", bz2.BZ2Decompressor),
    (re.compile(rb"\xfd7zXZ\0"), "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)),
]


def unpacked(data: bytes, encoding: str) -> tuple[bytes, str | None]:
    """The text of the bytes, as UTF-8, and why there is no more of it, or None.

    Raises OSError when nothing can be read and EngineError for zstd.
    """
    text, problem = _opened(data, encoding, 0)
    if problem is not None and not text:
        raise OSError(problem)
    return text, problem


def _opened(data: bytes, encoding: str, depth: int) -> tuple[bytes, str | None]:
    if _ZSTD.match(data):
        raise EngineError("reading zstd needs the rust engine")
    kind = next((kind for kind in _KINDS if kind[0].match(data)), None)
    if kind is None and not is_zip(data) and not is_tar(data):
        return decoded(data, encoding), None
    if depth == _DEEPEST:
        return b"", f"packed more than {_DEEPEST} times: unpack it first"
    if kind is None:
        return _joined(data, encoding, depth)
    text, problem = _chain(data, kind[2])
    if problem is not None:
        problem = f"damaged {kind[1]} data: {problem}"
    text, inner = _opened(text, encoding, depth + 1)
    return text, _first(inner, problem)


def _joined(data: bytes, encoding: str, depth: int) -> tuple[bytes, str | None]:
    """The files of an archive, with an end of line behind each."""
    texts: list[bytes] = []
    problem = None
    for content, behind in (zip_parts if is_zip(data) else tar_parts)(data):
        text, inner = _opened(content, encoding, depth + 1)
        texts.append(text if text.endswith(b"\n") or not text else text + b"\n")
        problem = problem or _first(inner, behind)
    return b"".join(texts), problem


def _first(inner: str | None, outer: str | None) -> str | None:
    """What went wrong first: where the outer is cut off, so is what it holds."""
    if inner is None or (outer is not None and inner.endswith(_CUT_OFF)):
        return outer
    return inner


def _chain(data: bytes, make: Callable[[], _Decompressor]) -> tuple[bytes, str | None]:
    parts: list[bytes] = []
    problem = None
    while data and problem is None:
        decompressor = make()
        at = 0
        try:
            while at < len(data) and not decompressor.eof:
                parts.append(decompressor.decompress(data[at : at + _PIECE]))
                at += _PIECE
        except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
            problem = str(error).lower()
        else:
            if not decompressor.eof:
                problem = _CUT_OFF
        data = decompressor.unused_data + data[at:]
    return b"".join(parts), problem
