"""Lines of text with a header: a time, and around it in any order a level, a host, threads,
numbers of processes and the name of a logger, before the message.

Where time and level stand is learnt from the file once; a line is then read piece by piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from code_ops._fallback.logs_pieces import (
    LONGEST_NAME,
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
_CLASS = re.compile(rb"(?:.*:)?([A-Za-z][^:@]*(?:@[^:@]*)*)@[0-9]+", re.DOTALL)
_FILE_LINE = re.compile(rb"[^:]*\.[^:]*:[0-9]+")
_WITH_LINE = re.compile(rb"([^:]+):[0-9]+")

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
    has_names: bool = False
    """Whether most lines have a word behind the header that names a logger: a few alone do not
    tell it from a message such as ``OS: Linux``."""

    def parse(self, text: bytes, year: int) -> Record | None:
        """Reads a line; None when there is no time at its place."""
        read = self.read(text, year)
        return None if read is None else read[0]

    def read(self, text: bytes, year: int) -> tuple[Record, bool] | None:
        """Also whether a name may stand before the message, believed or not."""
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
        # Where host and tag of syslog would stand.
        has_early_level = self.level_after is not None and self.level_after < 2
        if shape is Shape.SYSLOG and not has_early_level:
            read_tagged(text, stamp.end, record)
            return record, False
        is_named = self._read_after(text, stamp.end, record)
        return None if is_named is None else (record, is_named)

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

    def _read_after(self, text: bytes, at: int, record: Record) -> bool | None:
        """The pieces between the time and the message, and whether a name may stand before it;
        None for lines of the event before."""
        at = next_at = skip(text, at)
        name = b""
        source: _Source = "open"
        # One place further for lines that have a piece more than most.
        for index in range(0 if self.level_after is None else self.level_after + 2):
            part = piece(text, next_at)
            if part is None:
                break
            next_at = skip(text, part.end)
            is_place = index == self.level_after or part.is_shouted
            if is_place and part.level is not None:
                record.found(part.level, "header")
                record.source = name
                module = _module(part)
                if module:
                    record.source, source = module, "told"
                elif part.text.endswith(b":"):
                    source = "none"
                at = next_at
                break
            if part.text in _CONTINUED:
                return None
            name = part.name or name
        start, is_named = _read_names(text, at, record, source, has_names=self.has_names)
        record.message = text[start:]
        record.found(opening_level(record.message), "header")
        return is_named


# What is known of the source before the words behind the level are looked at: the name of a logger
# may follow, the header told it, or a level with a colon ended the header.
_Source = Literal["open", "told", "none"]


def _module(part: Piece) -> bytes:
    """The module of Apache's ``[module:level]``."""
    module = part.text.rpartition(b":")[0]
    return module if part.is_bracketed and module[:1].isalpha() else b""


def _read_names(
    text: bytes, start: int, record: Record, source: _Source, *, has_names: bool
) -> tuple[int, bool]:
    """Where the message begins: behind threads in brackets, numbers, the name of a logger that a
    colon, a dash or a column ends. Also whether such a name is there, believed or not."""
    at = kept = start
    is_named = False
    for _ in range(MOST_PIECES):
        part = piece(text, at)
        if part is None:
            break
        next_at = skip(text, part.end)
        if part.is_bracketed:
            place = _class(part.text)
            if place:
                record.source, source = place, "told"
            elif not record.source and b" " not in part.text:
                # A file and line in brackets name the place; a thread or a request does not.
                record.source = part.name
        elif _PROCESS.fullmatch(part.text) or _is_column(text, part):
            kept = next_at
        elif part.text and not part.text.isdigit():
            name = _ending_name(text, part, next_at)
            is_named = bool(name)
            is_column = source == "open" and has_names
            if name and source != "told" and (is_column or _is_telling(name, part.text)):
                record.source = name
                return _behind_context(text, part, next_at), is_named
            break
        at = next_at
    # Brackets belong to the header, numbers may belong to the message.
    at = kept
    while kept == start and (part := piece(text, at)) is not None and part.is_bracketed:
        at = skip(text, part.end)
    return at, is_named


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


def _class(text: bytes) -> bytes:
    """The class of log4j's ``[thread:class@line]``; threads can have spaces and addresses."""
    match = _CLASS.fullmatch(text)
    return b"" if match is None or len(match[1]) > LONGEST_NAME else match[1]


def _is_path(name: bytes) -> bool:
    """Whether it has points within, as names of classes have."""
    return len(_PATH_DOT.findall(name)) >= 2


def _is_telling(name: bytes, text: bytes) -> bool:
    """Whether a name needs no others: that of a class, and Go's ``main.go:16:``."""
    return _is_path(name) or (text.endswith(b":") and _FILE_LINE.fullmatch(name) is not None)


def _ending_name(text: bytes, part: Piece, next_at: int) -> bytes:
    """The name of a logger: a word that a colon, a line's number, a dash or a column ends."""
    name = part.name
    if _NAME.fullmatch(name) is None:
        return b""
    gap = text[part.end : next_at]
    has_colon = part.text.endswith(b":") and bool(gap)
    is_parted = bool(gap.strip(b" \t")) or len(gap) >= 2
    # Python's `%(name)s:%(lineno)d`.
    line = _WITH_LINE.fullmatch(part.text)
    if line is not None:
        return line[1]
    # Tomcat's class before a bracket.
    is_tomcat = text[next_at : next_at + 1] == b"[" and _is_path(name)
    return name if has_colon or is_parted or is_tomcat else b""
