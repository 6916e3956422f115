"""CSV after RFC 4180: one table of all records, for spreadsheets and DuckDB.

``section`` says what a row is, ``name`` of what: a level, a source, a message's template, a path,
a field, a condition. The other columns mean the same in every row, and are empty where a row has
no such thing. Of the summary each value is a row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from code_ops.log_reports.records import Record, records
from code_ops.text import neutral, printable

COLUMNS = (
    "section", "name", "level", "count", "share", "errors", "warnings", "first", "last",
    "seconds", "min", "p50", "p90", "p95", "p99", "max", "sum", "value", "detail", "example",
)  # fmt: skip

# Keys of records whose column is called otherwise.
_COLUMN_OF = {
    "kind": "section",
    "template": "name",
    "condition": "name",
    "from": "first",
    "to": "last",
    "events": "count",
    "total": "count",
}
_BETWEEN_FRAMES = "; "


def render(document: Mapping[str, Any]) -> str:
    """A header, then the rows; text of logs stands on one line and starts no formula."""
    sink = io.StringIO(newline="")
    rows = csv.DictWriter(sink, COLUMNS)
    rows.writeheader()
    for record in records(document):
        for row in _summary(record) if record["kind"] == "summary" else (_row(record),):
            rows.writerow({column: _cell(value) for column, value in row.items()})
    return sink.getvalue()


def _summary(record: Record) -> Iterator[Record]:
    for name, value in record.items():
        if name not in ("kind", "v"):
            is_count = isinstance(value, int) and not isinstance(value, bool)
            yield {"section": "summary", "name": name, "count" if is_count else "value": value}


def _row(record: Record) -> Record:
    row = {_COLUMN_OF.get(key, key): value for key, value in record.items()}
    kind = record["kind"]
    if kind == "exception":
        row["detail"] = _BETWEEN_FRAMES.join(record["frames"])
    elif kind == "file":
        row["detail"] = record["error"]
    elif kind == "condition":
        row["detail"] = verdict(record)
    return {column: row[column] for column in COLUMNS if column in row}


def verdict(condition: Mapping[str, Any]) -> str:
    """What came of a condition, in words."""
    if condition["value"] is None:
        return "cannot be judged"
    return "met" if condition["is_met"] else "not met"


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(printable(value)) if isinstance(value, str) else value
