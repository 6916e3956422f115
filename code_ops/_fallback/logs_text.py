"""Lines of text with a header: a time, and around it in any order a level, a host, threads,
numbers of processes and the name of a logger, before the message.

Where time and level stand is learnt from the file once; a line is then read piece by piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from code_ops._fallback.logs_pieces import (
    MOST_PIECES,
    Piece,
    opening_level,
    piece,
    skip,
    skip_open,
)
from code_ops._fallback.logs_record import Record
from code_ops._fallback.logs_syslog import read_tagged
from code_ops._fallback.logs_times import Shape, Stamp

_NAME = re.compile(rb"[0-9A-Za-z._\-$/:@#*<>\[\]()&;=+]+")
_PATH_DOT = re.compile(rb"(?<=[0-9A-Za-z])\.(?=[A-Za-z])")
# log4j's `[thread:class@line]`.
_THREAD = re.compile(rb"(?:.*:)?([^:]+)@[0-9]+", re.DOTALL)


# What PostgreSQL writes in the place of a level where a line belongs to the one before.
_CONTINUED = (b"DETAIL:", b"HINT:", b"QUERY:", b"CONTEXT:", b"LOCATION:", b"STATEMENT:")
# nginx's process and thread, and its connection.
_PROCESS = re.compile(rb"[0-9]+#[0-9]+:|\*[0-9]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of the header stand."""

    shape: Shape
    """How the time is written."""
    before: int
    """How many pieces stand before the time."""
    second: tuple[int, Shape] | None = None
    """The pieces between and the shape of a second time: lines that were collected."""
    level_before: int | None = None
    """Which piece before the time is the level, from 0."""
    level_after: int | None = None
    """Which piece behind the last time is the level, from 0."""

    def parse(self, text: bytes, year: int) -> Record | None:
        """Reads a line; None when there is no time at its place."""
        record = Record(is_year_missing=self.shape.may_lack_year)
        at = skip_open(text, 0)
        for index in range(self.before):
            part = piece(text, at)
            if part is None:
                return None
            if index == self.level_before:
                record.found(part.level, "header")
            at = skip_open(text, skip(text, part.end))
        stamp = record.time = self.shape.parse(text, year, at)
        if stamp is None:
            return None
        shape = self.shape
        inner = self.second_time(text, stamp.end, year)
        if inner is not None and self.second is not None:
            shape, stamp = self.second[1], inner
            # What was collected has the time of the collector, and often only that has a year.
            if not shape.may_lack_year:
                record.time = inner
        if text[stamp.end : stamp.end + 1].isalnum():
            return None
        if shape is Shape.SYSLOG:
            read_tagged(text, stamp.end, record)
        elif not self._read_after(text, stamp.end, record):
            return None
        return record

    def header_end(self, text: bytes) -> int | None:
        """Behind the last time of the header; None when a time is not at its place."""
        at = skip_open(text, 0)
        for _ in range(self.before):
            part = piece(text, at)
            if part is None:
                return None
            at = skip_open(text, skip(text, part.end))
        stamp = self.shape.parse(text, at=at)
        if stamp is not None and self.second is not None:
            stamp = self.second_time(text, stamp.end, 0)
        return None if stamp is None else stamp.end

    def second_time(self, text: bytes, at: int, year: int) -> Stamp | None:
        """The second time, behind the end of the first."""
        if self.second is None:
            return None
        between, shape = self.second
        at = skip(text, at)
        for _ in range(between):
            part = piece(text, at)
            if part is None:
                return None
            at = skip(text, part.end)
        return shape.parse(text, year, at)

    def _read_after(self, text: bytes, at: int, record: Record) -> bool:
        """The pieces between the time and the message; False for lines of the event before."""
        at = next_at = skip(text, at)
        name = b""
        for index in range(-1 if self.level_after is None else self.level_after + 1):
            part = piece(text, next_at)
            if part is None:
                break
            next_at = skip(text, part.end)
            if index < (self.level_after or 0):
                name = part.name or name
            elif part.level is not None:
                record.found(part.level, "header")
                record.source = name
                at = next_at
            elif part.text in _CONTINUED:
                return False
        record.message = text[_read_names(text, at, record) :]
        record.found(opening_level(record.message), "header")
        return True


def _read_names(text: bytes, start: int, record: Record) -> int:
    """Where the message begins: behind threads in brackets, numbers, the name of a logger that a
    colon, a dash or a column ends."""
    at = kept = start
    for _ in range(MOST_PIECES):
        part = piece(text, at)
        if part is None:
            break
        next_at = skip(text, part.end)
        if part.is_bracketed:
            # A file and line in brackets name the place; a thread or a request does not.
            if not record.source and b" " not in part.text:
                record.source = _without_thread(part.name)
        elif _PROCESS.fullmatch(part.text) or _is_column(text, part):
            kept = next_at
        elif part.text and not part.text.isdigit():
            name = _ending_name(text, part, next_at)
            if name:
                record.source = name
                return _behind_context(text, part, next_at)
            break
        at = next_at
    # Brackets belong to the header, numbers may belong to the message.
    at = kept
    while kept == start and (part := piece(text, at)) is not None and part.is_bracketed:
        at = skip(text, part.end)
    return at


def _is_column(text: bytes, part: Piece) -> bool:
    """Whether it is a number that a bar ends: the message is another column."""
    return part.text.isdigit() and text.startswith(b"|", part.end)


def _behind_context(text: bytes, name: Piece, next_at: int) -> int:
    """Behind a bracket that follows the name of a logger, the request or thread it tells of, or a
    number in a column."""
    if text.startswith(b"|", name.end):
        column = piece(text, next_at)
        is_number = column is not None and _is_column(text, column)
        return skip(text, column.end) if column is not None and is_number else next_at
    is_behind = text[name.end : next_at] in (b" ", b"\t") and text.startswith(b"[", next_at)
    context = piece(text, next_at) if is_behind and not name.text.endswith(b":") else None
    return next_at if context is None else skip(text, context.end)


def _without_thread(name: bytes) -> bytes:
    match = _THREAD.fullmatch(name)
    return name if match is None else match[1]


def _ending_name(text: bytes, part: Piece, next_at: int) -> bytes:
    """The name of a logger: a word that a colon ends, or a dash, a bar or a column behind it."""
    name = part.name
    if _NAME.fullmatch(name) is None:
        return b""
    gap = text[part.end : next_at]
    has_colon = part.text.endswith(b":") and bool(gap)
    is_parted = bool(gap.strip(b" \t")) or len(gap) >= 2
    # Tomcat's class before a bracket.
    is_path = text[next_at : next_at + 1] == b"[" and len(_PATH_DOT.findall(name)) >= 2
    return name if has_colon or is_parted or is_path else b""
