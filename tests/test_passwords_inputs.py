"""Rows of passwords out of bytes: each form, its mistakes, its limits, and what must not show.

Expected values are written by hand from RFC 4180 and RFC 8259, or come from Python's csv and json.
"""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from typing import Any, BinaryIO, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops.errors import PasswordInputError
from code_ops.password_inputs import FORMS, Column, Form, PasswordRows, Row, form_of_name
from code_ops.password_members import find, members

LIMIT = 64
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def rows_of(
    data: bytes,
    form: Form,
    *columns: Column,
    delimiter: str = ",",
    header: Literal["first row", "none"] = "first row",
    row_bytes_max: int = LIMIT,
) -> list[Row]:
    return list(
        PasswordRows(
            io.BytesIO(data),
            form,
            columns,
            delimiter=delimiter,
            header=header,
            row_bytes_max=row_bytes_max,
        )
    )


def shown(rows: list[Row]) -> list[Any]:
    """The line and the values, or the problem."""
    return [(row.line, row.problem or row.values) for row in rows]


@pytest.mark.parametrize(
    ("form", "data", "expected"),
    [
        ("lines", b"", []),
        ("lines", b"a\nb", [b"a", b"b"]),
        ("lines", b"a\r\nb\r\n", [b"a", b"b"]),
        ("lines", b"\n\n", [b"", b""]),
        ("lines", b" a \t\n", [b" a \t"]),
        # A CR is a part of the line where no LF follows.
        ("lines", b"a\rb\n\rc\r", [b"a\rb", b"\rc\r"]),
        ("lines", b"a\r\r\n", [b"a\r"]),
        ("lines", b"\xff\x00\n", [b"\xff\x00"]),
        ("nul", b"a\0b", [b"a", b"b"]),
        ("nul", b"a\n\0\0b\r\0", [b"a\n", b"", b"b\r"]),
    ],
)
def test_bytes_are_taken_as_they_are(form: Form, data: bytes, expected: list[bytes]) -> None:
    rows = rows_of(data, form)
    assert [row.values for row in rows] == [(value,) for value in expected]
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("form", ["lines", "nul"])
def test_a_row_beyond_the_limit_is_a_problem_and_the_next_is_read(form: Form) -> None:
    end = b"\0" if form == "nul" else b"\n"
    fits = b"x" * LIMIT
    problem = f"longer than {LIMIT} bytes"
    data = end.join([fits, fits + b"x", b"next", fits * 5])
    assert [row.problem or row.value for row in rows_of(data, form)] == [
        fits, problem, b"next", problem,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,p\n1,x\n2,y\n", [(2, ("x",)), (3, ("y",))]),
        (b"a,p\r\n1,x\r\n2,y", [(2, ("x",)), (3, ("y",))]),
        (b'a,p\n1,"x ""y"", z"\n', [(2, ('x "y", z',))]),
        (b'a,p\n1,"x\ny"\n2,z\n', [(2, ("x\ny",)), (4, ("z",))]),
        (b'a,p\n1,"x\r\ny\n"\r\n', [(2, ("x\r\ny\n",))]),
        (b'a,p\n1,"\n\n"\n', [(2, ("\n\n",))]),
        (b'a,p\n1,""\n2,\n', [(2, ("",)), (3, ("",))]),
        # Quotes within a field that does not begin with one are text.
        (b'a,p\n1,x"y\n2, "z"\n', [(2, ('x"y',)), (3, (' "z"',))]),
        (b"p\n\n\r\nx\n\n", [(4, ("x",))]),
        (b'p\n""\n', [(2, ("",))]),
        (b"\xef\xbb\xbfp,a\nx,1\n", [(2, ("x",))]),
        (b"a,p\n1,x,y\n2\n3,z\n", [(2, "3 fields, expected 2"), (3, "1 field, expected 2"),
                                   (4, ("z",))]),
        (b'a,p\n1,"x"y\n2,z\n', [(2, "text after the closing quote of a field"), (3, ("z",))]),
        (b'a,p\n1,"x\n2,z\n', [(2, "the quote of a field is not closed")]),
        (b"a,p\n1,\xff\n2,z\n", [(2, "a field is no UTF-8 at byte 1"), (3, ("z",))]),
        (b"a,p\n1,%b\n2,z\n" % (b"x" * LIMIT), [(2, "longer than 64 bytes"), (3, ("z",))]),
        # Too long in quotes: the lines of the field are no rows.
        (b'a,p\n1,"%b\nb""\nc"\n2,z\n' % (b"x" * LIMIT),
         [(2, "longer than 64 bytes"), (5, ("z",))]),
        (b'a,p\n1,"%b\n2,z\n' % (b"\n" * LIMIT), [(2, "longer than 64 bytes")]),
    ],
)  # fmt: skip
def test_csv(data: bytes, expected: list[Any]) -> None:
    assert shown(rows_of(data, "csv", "p")) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("mail",), ("m",)),
        (("2",), ("x",)),
        (("3",), ("m",)),
        ((("hash", "pw"), "name"), ("x", "n")),
        ((("nothing", "2"),), ("x",)),
        # A name stands above a number.
        (("1",), ("one",)),
    ],
)
def test_columns_are_found_by_name_and_number(
    columns: tuple[Column, ...], expected: tuple[str, ...]
) -> None:
    assert rows_of(b"name,pw,mail,1\nn,x,m,one\n", "csv", *columns)[0].values == expected


@pytest.mark.parametrize(
    ("data", "columns", "message"),
    [
        (b"", ("p",), "empty, expected a header row"),
        (b"\n", ("p",), "empty, expected a header row"),
        (b"alice,hunter2\n", ("p",), "no column 'p' in the header row, which has 2 columns"),
        (b"hunter2\n", (("p", "q"),), "no column 'p' or 'q' in the header row, which has 1 column"),
        (b"a;p\n", ("p",),
         "no column 'p' in the header row, which has 1 column, is the delimiter another?"),
        (b"a,p\n", ("3",), "no column '3' in the header row, which has 2 columns"),
        (b"a,p\n", ("0",), "no column '0' in the header row, which has 2 columns"),
        (b"p,p\n", ("p",), "column 'p' stands there twice, give its number"),
        (b'"p\n', ("p",), "the header row: the quote of a field is not closed"),
    ],
)  # fmt: skip
def test_a_header_that_does_not_serve_is_an_error(
    data: bytes, columns: tuple[Column, ...], message: str
) -> None:
    with pytest.raises(PasswordInputError) as caught:
        rows_of(data, "csv", *columns)
    assert str(caught.value) == message


def test_csv_without_a_header() -> None:
    data = b"a,x\nb,y\nc\n"
    rows = rows_of(data, "csv", "2", header="none")
    assert shown(rows) == [(1, ("x",)), (2, ("y",)), (3, "1 field, expected 2")]
    assert shown(rows_of(data, "csv", "3", header="none"))[0] == (1, "no column 3")
    with pytest.raises(PasswordInputError, match="a column is a number"):
        rows_of(data, "csv", "p", header="none")


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "\r", "ü"])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    with pytest.raises(PasswordInputError):
        rows_of(b"a;p\n", "csv", "p", delimiter=delimiter)


def test_the_fields_of_a_row_are_there_to_write_it_again() -> None:
    rows = PasswordRows(io.BytesIO(b'a;p\n"1;2";x\n'), "csv", ["p"], delimiter=";")
    assert (rows.header, rows.positions) == (("a", "p"), (1,))
    assert [row.fields for row in rows] == [("1;2", "x")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"p": "x"}', ("x",)),
        (' {"a": [1, {"p": "no"}], "p" : "\\u00fc\\n" } ', ("ü\n",)),
        ('{"p": "\\ud83d\\ude00"}', ("\U0001f600",)),
        ('{"p": ""}', ("",)),
        ('{"p": "x", "n": 1e999, "m": -0, "i": ' + "9" * 20 + "}", ("x",)),
        ("{}", "no column 'p'"),
        ('{"a": {"p": "x"}}', "no column 'p'"),
        ('{"p": 12345}', "column 'p' is no string"),
        ('{"p": null}', "column 'p' is no string"),
        ('{"p": "\\ud800"}', "column 'p' is no valid Unicode"),
        ('{"p": "x", "p": "y"}', "a name stands twice in the JSON object"),
        ('{"p": "x"', "no JSON object"),
        ('{"p": "x",}', "no JSON object"),
        ("{'p': 'x'}", "no JSON object"),
        ('{"p": "x", "n": NaN}', "NaN and Infinity are no JSON"),
        ('["p"]', "no JSON object"),
        ("hunter2", "no JSON object"),
        ('{"p": "x"} {"p": "y"}', "text after the JSON object"),
        ('{"p": "tab\there"}', "no JSON object"),
    ],
)
def test_jsonl(line: str, expected: Any) -> None:
    assert shown(rows_of(line.encode() + b"\r\n", "jsonl", "p")) == [(1, expected)]


def test_jsonl_goes_on_after_bad_lines() -> None:
    data = b'\xef\xbb\xbf{"p":"1"}\n\n{"p":"\xff"}\n  \r\n{"p":"%b"}\n{"p":"2"}' % (b"x" * LIMIT)
    assert shown(rows_of(data, "jsonl", "p")) == [
        (1, ("1",)),
        (3, "the line is no UTF-8 at byte 7"),
        (5, "longer than 64 bytes"),
        (6, ("2",)),
    ]


def test_deep_nesting_is_a_problem_and_no_crash() -> None:
    data = b'{"a":' + b"[" * 100_000 + b"\n"
    assert shown(rows_of(data, "jsonl", "p", row_bytes_max=1 << 20)) == [(1, "no JSON object")]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ('{"user": {"p": "x"}}', "user.p", "x"),
        ('{"user.p": "whole", "user": {"p": "x"}}', "user.p", "whole"),
        ('{"a": {"b": {"c": "x"}}}', "a.b.c", "x"),
        ('{"a": {"b.c": "x"}}', "a.b.c", "x"),
        ('{"user": "x"}', "user.p", None),
        ('{"user": [{"p": "x"}]}', "user.0", None),
    ],
)
def test_a_path_leads_to_a_member(text: str, name: str, expected: str | None) -> None:
    found = find(text, members(text), name)
    assert (found.value if found else None) == expected
    if found:
        assert json.loads(text[found.start : found.end]) == expected
        assert name.endswith(json.loads(text[found.name_start : found.name_end]))


SECRET = "hunter2-"


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("lines", SECRET.encode() * 20),
        ("csv", f'a,p\n1,{SECRET}\n1,2,{SECRET}\n1,"{SECRET}"x\n1,"{SECRET}'.encode()),
        ("csv", b"a,p\n\xff," + SECRET.encode()),
        ("jsonl", f'{{"p":"{SECRET}"}}\n{SECRET}\n{{"{SECRET}":1,"{SECRET}":1}}'.encode()),
    ],
)
def test_nothing_of_a_row_shows(form: Form, data: bytes) -> None:
    rows = rows_of(data, form, *(() if form == "lines" else ("p",)))
    assert rows
    assert "hunter" not in repr(rows) + str(rows) + "".join(row.problem or "" for row in rows)


def test_odd_inputs_are_noted() -> None:
    for data, part in (
        (b"\xef\xbb\xbfa\n", "byte order mark"),
        (b"\xff\xfea\0\n\0", "UTF-16"),
        (b"a\0b", "NUL"),
    ):
        rows = PasswordRows(io.BytesIO(data), "lines")
        assert rows.notes == []
        assert len(list(rows)) >= 1
        assert len(rows.notes) == 1
        assert part in rows.notes[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("users.csv", ("csv", ",")),
        ("USERS.CSV", ("csv", ",")),
        ("a/b.tsv", ("csv", "\t")),
        ("x.jsonl", ("jsonl", ",")),
        ("x.ndjson", ("jsonl", ",")),
        ("passwords.txt", ("lines", ",")),
        ("-", ("lines", ",")),
        (".csv", ("lines", ",")),
    ],
)
def test_a_name_tells_the_form(name: str, expected: tuple[Form, str]) -> None:
    assert form_of_name(name) == expected


@given(st.binary(), st.sampled_from(FORMS), st.integers(1, 40))
def test_no_bytes_raise(data: bytes, form: Form, row_bytes_max: int) -> None:
    header = b"p,q\n" if form == "csv" else b""
    limit = max(row_bytes_max, len(header))
    for number, row in enumerate(rows_of(header + data, form, "p", row_bytes_max=limit), 1):
        assert row.number == number
        assert (row.problem is None) == (len(row.values) == 1)


CSV_BYTES = st.text(st.sampled_from('ab,"\n\r ü'), max_size=40)


@given(CSV_BYTES)
def test_any_text_ends_in_rows_or_problems(text: str) -> None:
    data = b"p,q\n" + text.encode()
    for limit in (LIMIT, 12):
        for row in rows_of(data, "csv", "1", row_bytes_max=limit):
            assert (row.problem is None) == (len(row.fields) == 2)


# A lone CR ends a row for Python's csv and is text here.
FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")) | st.text(
    st.sampled_from('a,"\n;')
)


@given(
    st.lists(st.tuples(FIELD, FIELD), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(",;\t"),
)
def test_csv_as_python_writes_it(
    table: list[tuple[str, str]], end: str, quoting: Literal[0, 1], delimiter: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=quoting, delimiter=delimiter)
    writer.writerows([("a", "p"), *table])
    data = text.getvalue().encode()
    rows = rows_of(data, "csv", "p", "a", delimiter=delimiter, row_bytes_max=1 << 20)
    assert [row.values for row in rows] == [(second, first) for first, second in table]
    assert [row.fields for row in rows] == table


@given(st.text(st.sampled_from('ab,"\n'), max_size=30))
def test_csv_as_python_reads_it(text: str) -> None:
    """Where Python's reader is strict and content, fields and rows are the same."""
    try:
        expected = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        return
    rows = rows_of(text.encode(), "csv", header="none", row_bytes_max=1 << 20)
    width = len(expected[0]) if expected else 0
    assert [list(row.fields) or None for row in rows] == [
        row if len(row) == width else None for row in expected
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(TEXT | st.just("p"), JSON)), st.booleans())
def test_jsonl_as_python_writes_it(objects: list[dict[str, Any]], ascii_only: bool) -> None:
    lines = [json.dumps(each, ensure_ascii=ascii_only) for each in objects]
    rows = rows_of("\n".join(lines).encode(), "jsonl", "p", row_bytes_max=1 << 20)
    for row, each in zip(rows, objects, strict=True):
        value = each.get("p")
        assert row.values == ((value,) if isinstance(value, str) else ())
        assert json.loads(row.text) == each


@given(TEXT)
def test_jsonl_takes_no_more_than_json_does(text: str) -> None:
    for row in rows_of(text.replace("\n", " ").encode(), "jsonl", "p", row_bytes_max=1 << 20):
        if row.text:
            assert isinstance(json.loads(row.text), dict)


class Endless(io.RawIOBase):
    """Many bytes that are nowhere."""

    def __init__(self, unit: bytes, times: int) -> None:
        self._unit = unit
        self._times = times

    def read(self, size: int = -1) -> bytes:
        del size
        self._times -= 1
        return self._unit if self._times >= 0 else b""


@pytest.mark.parametrize(
    ("form", "unit"),
    [
        ("lines", (b"s" * 600 + b"\n") * 100),
        ("lines", b"x" * 60_000),
        ("nul", b"x" * 60_000),
        ("csv", (b"x" * 600 + b",y\n") * 100),
        ("csv", b'"' + b"x" * 60_000),
        ("csv", b'"' + (b"x" * 600 + b"\n") * 100 + b'"'),
        ("jsonl", b"{" * 60_000),
    ],
)
def test_memory_does_not_grow_with_the_input(form: Form, unit: bytes) -> None:
    """3 MB are read in less than 1, with rows up to 16 KiB."""
    stream: BinaryIO = Endless(unit, 50)  # type: ignore[assignment]
    rows = PasswordRows(stream, form, header="none", row_bytes_max=1 << 14)
    tracemalloc.start()
    try:
        for _ in rows:
            pass
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_rows_come_while_a_pipe_is_open() -> None:
    class Slow(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            del size
            self.given += 1
            assert self.given == 1, "more was read than was needed"
            return b"first\nsec"

    stream: BinaryIO = Slow()  # type: ignore[assignment]
    assert next(iter(PasswordRows(stream, "lines"))).value == b"first"
