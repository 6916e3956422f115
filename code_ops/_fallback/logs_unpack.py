"""Compressed logs, told by their first bytes: gzip, bzip2 and xz, each also as a chain of several.

zstd is native only.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Protocol

from code_ops.errors import EngineError

# Fed in pieces, so that what comes before damage is known.
_PIECE = 1 << 16
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _gzip() -> _Decompressor:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


# The first bytes, the name, and what reads them.
_KINDS: list[tuple[re.Pattern[bytes], str, Callable[[], _Decompressor]]] = [
    (re.compile(rb"\x1f\x8b\x08"), "gzip", _gzip),
    (re.compile(rb"BZh[1-9][1\x17]"), "bzip2", bz2.BZ2Decompressor),
    (re.compile(rb"\xfd7zXZ\0"), "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)),
]


def unpacked(data: bytes) -> tuple[bytes, str | None]:
    """The bytes without their compression, and why there are no more of them, or None.

    Raises OSError when nothing can be read and EngineError for zstd.
    """
    if _ZSTD.match(data):
        raise EngineError("reading zstd needs the rust engine")
    for mark, name, make in _KINDS:
        if mark.match(data):
            text, problem = _chain(data, make)
            if problem is not None:
                problem = f"damaged {name} data: {problem}"
                if not text:
                    raise OSError(problem)
            return text, problem
    return data, None


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
                problem = "unexpected end"
        data = decompressor.unused_data + data[at:]
    return b"".join(parts), problem
