"""Passwords and hashes out of a stream of bytes: a line, a field or a member each, row by row.

Owns what a row is in each form, in memory that does not grow with the input. A row that cannot be
read is a row with a problem, and reading goes on after it, so that as many rows come out as stand
in the input. Nothing that a row holds is in its ``repr`` or in a problem: it may be a password.

- ``lines``: ends are LF or CRLF; the value is the line's bytes as they are, blanks included.
- ``nul``: the same with a NUL byte at the end of each.
- ``csv``: RFC 4180, with quotes and line ends in fields; empty lines are no rows.
- ``jsonl``: an object a line, in UTF-8; empty lines are no rows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias, get_args

from code_ops.errors import PasswordInputError
from code_ops.numerals import plural
from code_ops.password_members import Member, find, members
from code_ops.password_records import MARK, not_utf8, pieces, records, too_long

__all__ = ["FORMS", "ROW_BYTES_MAX", "Column", "Form", "PasswordRows", "Row", "form_of_name"]

Form: TypeAlias = Literal["lines", "nul", "csv", "jsonl"]
FORMS: tuple[Form, ...] = get_args(Form)
Column: TypeAlias = "str | tuple[str, ...]"
"""A name, a number from 1 (csv), or several of which the first that is there counts."""
ROW_BYTES_MAX = 16 << 20

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ENDINGS: dict[str, tuple[Form, str]] = {
    ".csv": ("csv", ","),
    ".tsv": ("csv", "\t"),
    ".jsonl": ("jsonl", ","),
    ".ndjson": ("jsonl", ","),
}


def form_of_name(name: str) -> tuple[Form, str]:
    """The form and the delimiter that a file's name ends with; ``lines`` for every other name."""
    return _ENDINGS.get(os.path.splitext(name)[1].lower(), ("lines", ","))


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A row: what was wanted of it, or why that cannot be told."""

    number: int
    """From 1, among rows."""
    line: int
    """Where it begins, from 1; with ``nul`` the same as the number."""
    values: tuple[str | bytes, ...] = ()
    """A value for each column: bytes of ``lines`` and ``nul``, else text. Empty with a problem."""
    problem: str | None = None
    fields: tuple[str, ...] = ()
    """All fields of a row of ``csv``; empty where they could not be told apart."""
    text: str = ""
    """An object of ``jsonl`` as it stands; empty where the line is none."""
    found: tuple[Member | None, ...] = ()
    """Where the columns stand in ``text``."""

    @property
    def value(self) -> str | bytes:
        """The first column's value; IndexError with a problem."""
        return self.values[0]

    def __repr__(self) -> str:
        problem = f", problem={self.problem!r}" if self.problem else ""
        return f"Row(number={self.number}, line={self.line}{problem})"


class PasswordRows:
    """The rows of a stream; to be iterated once.

    ``columns`` are those wanted, none for ``lines`` and ``nul``. ``header="none"`` is for csv
    whose first row is one like the others; columns are numbers then. Raises PasswordInputError
    for a header that cannot be read or lacks a column.
    """

    def __init__(
        self,
        stream: BinaryIO,
        form: Form,
        columns: Sequence[Column] = (),
        *,
        delimiter: str = ",",
        header: Literal["first row", "none"] = "first row",
        row_bytes_max: int = ROW_BYTES_MAX,
    ) -> None:
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
            raise PasswordInputError("a delimiter is one ASCII character, no quote or line end")
        self.form = form
        self.header: tuple[str, ...] = ()
        """The first row of csv, unless it is one like the others."""
        self.positions: tuple[int, ...] = ()
        """The places of the columns in a row of csv, from 0."""
        self.notes: list[str] = []
        """What is odd about the input as a whole, once its first row is read."""
        self.columns = [each if isinstance(each, tuple) else (each,) for each in columns]
        """The names of each column wanted."""
        self._row_bytes_max = row_bytes_max
        self._pieces = pieces(stream, b"\0" if form == "nul" else b"\n", row_bytes_max)
        self._records = records(self._pieces, delimiter.encode(), row_bytes_max)
        if form == "csv":
            self._find_columns(header)

    def __iter__(self) -> Iterator[Row]:
        if self.form == "csv":
            return self._csv_rows()
        return self._object_rows() if self.form == "jsonl" else self._line_rows()

    def _line_rows(self) -> Iterator[Row]:
        for number, piece in enumerate(self._pieces, 1):
            if number == 1:
                self._look_at(piece.data)
            if piece.is_cut:
                yield Row(number, number, problem=too_long(self._row_bytes_max))
                continue
            is_crlf = self.form == "lines" and piece.is_ended and piece.data.endswith(b"\r")
            yield Row(number, number, (piece.data[:-1] if is_crlf else piece.data,))

    def _look_at(self, first: bytes) -> None:
        if first.startswith(MARK):
            self.notes.append("its byte order mark counts as part of the first row")
        elif first.startswith(_UTF16_MARKS):
            self.notes.append("it looks like UTF-16, save it as UTF-8")
        elif b"\0" in first:
            self.notes.append("there are NUL bytes in it: is it NUL-separated, or no text?")

    def _object_rows(self) -> Iterator[Row]:
        number = 0
        for line, piece in enumerate(self._pieces, 1):
            data = piece.data.removeprefix(MARK) if line == 1 else piece.data
            if not data.strip(b" \t\r") and not piece.is_cut:
                continue
            number += 1
            if piece.is_cut:
                yield Row(number, line, problem=too_long(self._row_bytes_max))
            else:
                yield self._object_row(number, line, data)

    def _object_row(self, number: int, line: int, data: bytes) -> Row:
        try:
            text = data.decode()
            top = members(text)
            found = tuple(
                next((one for name in names if (one := find(text, top, name))), None)
                for names in self.columns
            )
        except UnicodeDecodeError as error:
            return Row(number, line, problem=not_utf8(error, "the line"))
        except ValueError as error:
            return Row(number, line, problem=str(error))
        values: list[str] = []
        for names, each in zip(self.columns, found, strict=True):
            problem = _problem_of(each)
            if each is None or problem:
                problem = f"no {_named(names)}" if each is None else f"{_named(names)} {problem}"
                return Row(number, line, problem=problem, text=text, found=found)
            values.append(each.value)
        return Row(number, line, tuple(values), text=text, found=found)

    def _find_columns(self, header: Literal["first row", "none"]) -> None:
        if header == "none":
            numbers = [_number(names[0]) for names in self.columns]
            if None in numbers:
                raise PasswordInputError("without a header row a column is a number from 1")
            self.positions = tuple(number - 1 for number in numbers if number)
            return
        first = next(self._records, None)
        if first is None:
            raise PasswordInputError("empty, expected a header row")
        if first.problem:
            raise PasswordInputError(f"the header row: {first.problem}")
        self.header = first.fields
        self.positions = tuple(self._position(names) for names in self.columns)

    def _position(self, names: tuple[str, ...]) -> int:
        for name in names:
            if self.header.count(name) > 1:
                raise PasswordInputError(f"column '{name}' stands there twice, give its number")
            if name in self.header:
                return self.header.index(name)
            number = _number(name)
            if number and number <= len(self.header):
                return number - 1
        # Not what is there instead: where no header is, that is somebody's password.
        columns = plural(len(self.header), "column")
        advice = ", is the delimiter another?" if re.search("[;\t|,]", self._alone()) else ""
        message = f"no {_named(names)} in the header row, which has {columns}{advice}"
        raise PasswordInputError(message)

    def _alone(self) -> str:
        """The only field of a header that may not have been split."""
        return self.header[0] if len(self.header) == 1 else ""

    def _csv_rows(self) -> Iterator[Row]:
        width = len(self.header)
        for number, record in enumerate(self._records, 1):
            found = len(record.fields)
            if record.problem is None:
                width = width or found
            if record.problem or found != width:
                problem = record.problem or f"{plural(found, 'field')}, expected {width}"
                yield Row(number, record.line, problem=problem)
            elif max(self.positions, default=0) >= width:
                problem = f"no column {max(self.positions) + 1}"
                yield Row(number, record.line, problem=problem)
            else:
                values = tuple(record.fields[position] for position in self.positions)
                yield Row(number, record.line, values, fields=record.fields)


def _problem_of(found: Member | None) -> str | None:
    if found is None:
        return None
    if not isinstance(found.value, str):
        return "is no string"
    try:
        found.value.encode()
    except UnicodeEncodeError:
        return "is no valid Unicode"
    return None


def _number(name: str) -> int | None:
    """A column's number; None for what is none."""
    is_number = name.isascii() and name.isdecimal() and len(name) < 10
    return int(name) or None if is_number else None


def _named(names: tuple[str, ...]) -> str:
    return "column " + " or ".join(f"'{name}'" for name in names)
