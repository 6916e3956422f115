"""Deflated data, of which what comes before damage is kept."""

from __future__ import annotations

import contextlib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress


def inflated(decompressor: _Decompress, piece: bytes) -> tuple[bytes, str | None]:
    """What a piece comes to, and why there is no more of it, or None."""
    kept = decompressor.copy()
    try:
        return decompressor.decompress(piece), None
    except zlib.error as error:
        # All that the piece comes to is lost then: once more, in the smallest steps.
        parts: list[bytes] = []
        with contextlib.suppress(zlib.error):
            parts.extend(kept.decompress(bytes([byte])) for byte in piece)
        return b"".join(parts), str(error).lower()
