"""Stored hashes and their users' names out of files: shadow, htpasswd, lists, csv, JSON.

Owns how a line is told apart: ``user:hash``, with fields behind it as in shadow and passwd, or a
bare hash, which may have colons of its own. Blank lines and those that begin with ``#`` are none.
A line that is neither may be a password: its first part counts as a user's name only in a file
where names stood before hashes already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias, get_args

from code_ops.errors import PasswordInputError
from code_ops.password_inputs import PasswordRows, Row, form_of_name
from code_ops.password_members import find, members
from code_ops.password_schemes import StoredHash, recognise

__all__ = ["FORMS", "HASH_COLUMNS", "USER_COLUMNS", "Account", "Form", "accounts", "form_of"]

Form: TypeAlias = Literal["lines", "csv", "jsonl", "json"]
FORMS: tuple[Form, ...] = get_args(Form)

HASH_COLUMNS = (
    "password_hash", "hash", "password", "passwd", "hashed_password", "encrypted_password",
    "pw_hash", "user_pass", "rolpassword", "authentication_string", "userPassword",
    "fields.password",
)  # fmt: skip
"""Where hashes stand unless it is said: in frameworks' and databases' tables, Django's fixtures."""
USER_COLUMNS = (
    "username", "user", "login", "user_login", "name", "email", "rolname", "uid",
    "fields.username", "fields.email",
)  # fmt: skip
JSON_BYTES_MAX = 256 << 20


class Account(NamedTuple):
    """A row: its stored hash and whose it is, or why it cannot be read."""

    row: int
    """A line of the file, from 1; with JSON the number of the object."""
    user: str = ""
    text: str = ""
    stored: StoredHash | None = None
    """What was recognised, where that had to be done to tell the line apart."""
    problem: str = ""

    def __repr__(self) -> str:
        return f"Account(row={self.row}, user={self.user!r}, problem={self.problem!r})"


def form_of(name: str) -> tuple[Form, str]:
    """The form and the delimiter that a file's name ends with; ``lines`` for every other name."""
    if name.lower().endswith(".json"):
        return "json", ","
    form, delimiter = form_of_name(name)
    return ("csv" if form == "csv" else "jsonl" if form == "jsonl" else "lines"), delimiter


def accounts(
    stream: BinaryIO,
    form: Form = "lines",
    *,
    column: str | None = None,
    user_column: str | None = None,
    delimiter: str = ",",
    header: Literal["first row", "none"] = "first row",
) -> Iterator[Account]:
    """The rows of a stream; raises PasswordInputError where there is none to be found in it.

    Columns are names, paths with dots in JSON, or numbers from 1 in csv; without a header row
    they are numbers, the first one by default.
    """
    hashes = (column,) if column else HASH_COLUMNS
    users = (user_column,) if user_column else USER_COLUMNS
    if form == "lines":
        return _of_lines(PasswordRows(stream, "lines"))
    if form == "json":
        return _of_document(stream, hashes, users)
    if form == "jsonl":
        return _of_objects(PasswordRows(stream, "jsonl", [hashes]), users)
    if header == "none":
        hashes = (column or "1",)
    try:
        rows = PasswordRows(stream, "csv", [hashes], delimiter=delimiter, header=header)
    except PasswordInputError as error:
        raise PasswordInputError(_shorter(str(error))) from None
    return _of_table(rows, _place(rows.header, users, user_column))


def _shorter(problem: str) -> str:
    """A problem that does not tell all the names that were looked for."""
    names = " or ".join(f"'{name}'" for name in HASH_COLUMNS)
    return problem.replace(f"column {names}", "column named 'password_hash' or the like")


def _place(header: Sequence[str], users: Sequence[str], wanted: str | None) -> int | None:
    """The place of the users' names in a row of csv, from 0; None where there are none."""
    found = next((header.index(name) for name in users if name in header), None)
    if found is None and wanted:
        if not (wanted.isascii() and wanted.isdecimal() and 0 < int(wanted[:9]) <= 1 << 20):
            raise PasswordInputError(f"no column '{wanted}' in the header row")
        return int(wanted[:9]) - 1
    return found


def _of_lines(rows: PasswordRows) -> Iterator[Account]:
    has_names = False
    for row in rows:
        if row.problem:
            yield Account(row.line, problem=row.problem)
            continue
        data = row.value
        line = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
        if row.number == 1:
            line = line.removeprefix("\ufeff")
        if not line or line[0] == "#" or line.isspace():
            continue
        user, text, stored = _split(line)
        if stored.scheme != "unknown":
            has_names |= bool(user)
        elif not has_names:
            user = ""
        yield Account(row.line, user, text, stored)


def _split(line: str) -> tuple[str, str, StoredHash]:
    """User, stored value and what it is; the user is empty where the line is a hash alone."""
    user, colon, rest = line.partition(":")
    if not colon:
        return "", line, recognise(line)
    field, more, _ = rest.partition(":")
    stored = recognise(field)
    if stored.scheme != "unknown":
        return user, field, stored
    for name, text in ((user, rest), ("", line)) if more else (("", line),):
        found = recognise(text)
        if found.scheme != "unknown":
            return name, text, found
    return user, field, stored


def _of_table(rows: PasswordRows, place: int | None) -> Iterator[Account]:
    for row in rows:
        if row.problem:
            yield Account(row.line, problem=row.problem)
        else:
            user = row.fields[place] if place is not None and place < len(row.fields) else ""
            yield Account(row.line, user, str(row.value))


def _of_objects(rows: PasswordRows, users: Sequence[str]) -> Iterator[Account]:
    for row in rows:
        user = _user(row, users)
        if row.problem is None:
            yield Account(row.line, user, str(row.value))
        elif row.found and (found := row.found[0]) is not None and found.value is None:
            # No password can be right then.
            yield Account(row.line, user, "!")
        else:
            yield Account(row.line, user, problem=_shorter(row.problem))


def _user(row: Row, users: Sequence[str]) -> str:
    if not row.text:
        return ""
    top = members(row.text)
    for name in users:
        found = find(row.text, top, name)
        if found is not None and isinstance(found.value, str):
            return found.value
    return ""


def _of_document(
    stream: BinaryIO, hashes: Sequence[str], users: Sequence[str]
) -> Iterator[Account]:
    """A JSON array of objects, as databases and Django's ``dumpdata`` write them."""
    data = stream.read(JSON_BYTES_MAX + 1)
    if len(data) > JSON_BYTES_MAX:
        raise PasswordInputError("longer than 256 MiB, write an object a line and name it .jsonl")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise PasswordInputError("no JSON") from None
    if not isinstance(document, list):
        raise PasswordInputError("expected an array of objects")
    return _of_array(document, hashes, users)


def _of_array(
    document: list[Any], hashes: Sequence[str], users: Sequence[str]
) -> Iterator[Account]:
    for number, each in enumerate(document, 1):
        if not isinstance(each, dict):
            yield Account(number, problem="no object")
            continue
        name = next((name for name in hashes if _at(each, name) is not _MISSING), None)
        user = next((found for name in users if isinstance(found := _at(each, name), str)), "")
        value = _at(each, name) if name else _MISSING
        if value is _MISSING:
            # A fixture has objects of other kinds too.
            if len(hashes) == 1:
                yield Account(number, user, problem=f"no '{hashes[0]}'")
        elif value is None:
            yield Account(number, user, "!")
        elif isinstance(value, str):
            yield Account(number, user, value)
        else:
            yield Account(number, user, problem=f"'{name}' is no string")


_MISSING = object()


def _at(record: dict[str, Any], name: str) -> Any:
    """A member by its name, or by a path with dots where none has the whole name."""
    if name in record:
        return record[name]
    first, dot, rest = name.partition(".")
    inner = record.get(first)
    return _at(inner, rest) if dot and isinstance(inner, dict) else _MISSING
