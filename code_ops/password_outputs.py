"""Rows of passwords written again with hashes in the passwords' places.

Owns that no password comes out: what stands in its column or member is replaced, and of a row
whose password cannot be told from the rest nothing comes out. As many rows come out as went in.
"""

from __future__ import annotations

import csv
import json
from typing import Any, Literal, TextIO, TypeAlias, get_args

from code_ops.errors import PasswordInputError
from code_ops.password_inputs import PasswordRows, Row
from code_ops.password_members import find, members

__all__ = ["OUTPUT_FORMS", "VERSION", "HashWriter", "OutputForm"]

OutputForm: TypeAlias = Literal["rows", "lines", "ndjson"]
OUTPUT_FORMS: tuple[OutputForm, ...] = get_args(OutputForm)
VERSION = 1


class HashWriter:
    """Writes a row at a time.

    ``rows`` is each row as it was, with its hash and under the name ``hash_column``; for ``lines``
    and ``nul`` the same as ``lines``, the hashes alone. A row with a problem is one of empty
    fields, an object whose hash is null, or an empty line, which no hash is. Raises
    PasswordInputError where another column has that name.
    """

    def __init__(
        self,
        stream: TextIO,
        rows: PasswordRows,
        form: OutputForm = "rows",
        hash_column: str = "password_hash",
        delimiter: str = ",",
    ) -> None:
        self._stream = stream
        self._rows = rows
        self._name = hash_column
        self._kind = rows.form if form == "rows" else form
        self._table: Any = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        if self._kind == "csv" and rows.header:
            header = self._filled(rows.header, hash_column)
            if header.count(hash_column) > 1:
                raise PasswordInputError(f"there is a column '{hash_column}' already")
            self._header: list[str] | None = header
        else:
            self._header = None

    def start(self) -> None:
        """Writes what stands before the first row."""
        if self._header:
            self._table.writerow(self._header)

    def problem(self, row: Row) -> str | None:
        """Why a row cannot be read, or cannot be written with a hash."""
        if row.problem is None and self._kind == "jsonl" and self._object(row, "") is None:
            return f"there is a member '{self._name}' already"
        return row.problem

    def write(self, row: Row, hash_: str | None, problem: str | None = None) -> None:
        """Writes a row with its hash, or with its problem where it has none."""
        if self._kind == "csv":
            self._table.writerow(self._fields(row, hash_))
        elif self._kind == "jsonl":
            text = self._object(row, hash_) or json.dumps({self._name: None})
            self._stream.write(f"{text}\n")
        elif self._kind == "ndjson":
            record: dict[str, object] = {"v": VERSION, "row": row.number, "line": row.line}
            record |= {"password_hash": hash_, "problem": problem}
            self._stream.write(f"{json.dumps(record)}\n")
        else:
            self._stream.write(f"{hash_ or ''}\n")

    def flush(self) -> None:
        """Gives away what was written."""
        self._stream.flush()

    def _fields(self, row: Row, hash_: str | None) -> list[str]:
        if row.fields:
            return self._filled(row.fields, hash_ or "")
        # Which of its fields is the password cannot be told.
        return [""] * (len(self._rows.header) or max(self._rows.positions) + 1)

    def _filled(self, fields: tuple[str, ...], text: str) -> list[str]:
        place = self._rows.positions[0]
        return [*fields[:place], text, *fields[place + 1 :]]

    def _object(self, row: Row, hash_: str | None) -> str | None:
        """The object with the member replaced; None where that gives none."""
        member = row.found[0] if row.found else None
        if member is None:
            # Without the member wanted, the password may stand in any other.
            return None
        text = row.text
        before, between = text[: member.name_start], text[member.name_end : member.start]
        name, value = json.dumps(self._name), json.dumps(hash_)
        text = f"{before}{name}{between}{value}{text[member.end :]}".strip(" \t\r")
        wanted = self._rows.columns[0]
        path = [each.rpartition(".")[0] for each in wanted]
        try:
            # Looking for it finds names that stand twice, also within.
            top = members(text)
            for inner in path:
                find(text, top, f"{inner}.{self._name}")
        except ValueError:
            return None
        return text
