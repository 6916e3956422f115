"""A stream of bytes cut into pieces at its ends, and pieces put together to records of csv.

Memory holds one piece or record, and no more of it than a limit. Owns quotes and line ends as RFC
4180 has them; does not know what a column means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

MARK = b"\xef\xbb\xbf"
_CHUNK_BYTES = 1 << 16


class Piece(NamedTuple):
    """The bytes up to an end, or up to the limit, and what is known of those beyond it."""

    data: bytes
    is_ended: bool
    is_cut: bool
    quotes_cut: int


class Record(NamedTuple):
    """A record of csv: its fields, or why it has none."""

    line: int
    fields: tuple[str, ...] = ()
    problem: str | None = None


def pieces(stream: BinaryIO, end: bytes, bytes_max: int) -> Iterator[Piece]:
    """The pieces of a stream as they come; the last one counts without an end too."""
    # What a pipe has now, not what it will have when it is full.
    read = getattr(stream, "read1", stream.read)
    kept: list[bytes] = []
    room, quotes = bytes_max, 0
    while chunk := read(_CHUNK_BYTES):
        parts = chunk.split(end)
        for number, part in enumerate(parts, 1):
            if part:
                kept.append(part[: max(room, 0)])
                quotes += part.count(b'"', max(room, 0))
                room -= len(part)
            if number < len(parts):
                yield Piece(b"".join(kept), True, room < 0, quotes)
                kept, room, quotes = [], bytes_max, 0
    if room < bytes_max:
        yield Piece(b"".join(kept), False, room < 0, quotes)


def not_utf8(error: UnicodeDecodeError, what: str) -> str:
    """A problem's text, without the bytes."""
    return f"{what} is no UTF-8 at byte {error.start + 1}"


def too_long(bytes_max: int) -> str:
    """A problem's text."""
    return f"longer than {bytes_max:,} bytes"


def records(lines: Iterable[Piece], delimiter: bytes, bytes_max: int) -> Iterator[Record]:
    """The records of csv; empty lines are none."""
    record = _Open(1, delimiter, bytes_max)
    for number, piece in enumerate(lines, 1):
        if number == 1 and piece.data.startswith(MARK):
            piece = piece._replace(data=piece.data[len(MARK) :])
        if record.in_quotes or piece.data not in (b"", b"\r"):
            record.add(piece)
            if record.in_quotes:
                continue
            yield record.ended()
        record = _Open(number + 1, delimiter, bytes_max)
    if record.in_quotes:
        yield record.ended()


class _Open:
    """A record whose lines are still coming."""

    def __init__(self, line: int, delimiter: bytes, bytes_max: int) -> None:
        self.in_quotes = False
        """Whether a quote is open at the end of what was added."""
        self._line = line
        self._delimiter = delimiter
        self._bytes_max = bytes_max
        self._size = 0
        self._quotes = 0
        self._fields: list[bytes] = []
        self._parts: list[bytes] = []
        """Of the field in quotes."""
        self._problem: str | None = None

    def add(self, piece: Piece) -> None:
        """Adds a line."""
        self._quotes += piece.data.count(b'"') + piece.quotes_cut
        self._size += len(piece.data)
        if piece.is_cut or self._size > self._bytes_max:
            self._problem = too_long(self._bytes_max)
        if self._problem:
            self._fields, self._parts = [], []
            # What is not kept is not taken apart; between records the number is even.
            self.in_quotes = self._quotes % 2 == 1
        elif not self.in_quotes and b'"' not in piece.data:
            self._fields = piece.data.removesuffix(b"\r").split(self._delimiter)
        else:
            self._take(piece.data, piece.is_ended)
            # An empty line within quotes takes memory too.
            self._size += 1

    def _take(self, line: bytes, is_ended: bool) -> None:
        """Takes a line apart, from within a field in quotes or from the start of a field."""
        at = 0
        while True:
            if not self.in_quotes and line.startswith(b'"', at):
                self.in_quotes = True
                at += 1
            if self.in_quotes:
                after = self._quoted(line, at)
                if after is None:
                    self._parts.append(b"\n" if is_ended else b"")
                    return
                if line[after:] in (b"", b"\r"):
                    return
                if not line.startswith(self._delimiter, after):
                    self._problem = "text after the closing quote of a field"
                    return
                at = after + 1
                continue
            end = line.find(self._delimiter, at)
            if end < 0:
                self._fields.append(line[at:].removesuffix(b"\r"))
                return
            self._fields.append(line[at:end])
            at = end + 1

    def _quoted(self, line: bytes, at: int) -> int | None:
        """Takes the field in quotes up to its closing one; the place after it, None without."""
        while (quote := line.find(b'"', at)) >= 0:
            self._parts.append(line[at:quote])
            if not line.startswith(b'"', quote + 1):
                self._fields.append(b"".join(self._parts))
                self._parts = []
                self.in_quotes = False
                return quote + 1
            self._parts.append(b'"')
            at = quote + 2
        self._parts.append(line[at:])
        return None

    def ended(self) -> Record:
        """What the record came to."""
        if self._problem is None and self.in_quotes:
            self._problem = "the quote of a field is not closed"
        if self._problem is None:
            try:
                return Record(self._line, tuple(field.decode() for field in self._fields))
            except UnicodeDecodeError as error:
                self._problem = not_utf8(error, "a field")
        return Record(self._line, problem=self._problem)
