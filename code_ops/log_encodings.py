"""Which encoding a log has, where its bytes alone tell it."""

from __future__ import annotations

__all__ = ["LOOK", "wide_encoding"]

LOOK = 4 << 10
"""So many bytes tell the encoding."""

# What text has of the first 32 characters: tabs, ends of lines and pages, escape.
_TEXT = frozenset(b"\t\n\v\f\r\x1b")
_FEWEST = 4


def wide_encoding(head: bytes) -> str | None:
    """UTF-16, by its byte order mark or beyond doubt, and which; None for all else.

    Beyond doubt is where nine tenths of the units are of Latin text, and none is NUL or a control
    character that no text has.
    """
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    head = head[:LOOK]
    even, odd = head[: len(head) // 2 * 2 : 2], head[1::2]
    if len(odd) < _FEWEST:
        return None
    for low, high, name in ((even, odd, "utf-16-le"), (odd, even, "utf-16-be")):
        if high.count(0) * 10 < len(high) * 9:
            continue
        latin = bytes(unit for unit, above in zip(low, high, strict=True) if above == 0)
        if all(unit >= 32 or unit in _TEXT for unit in latin):
            return name
    return None
