"""The forms of a report on logs: which there are, and the text of one.

Each form is a module of its own and is imported only when asked for. All of them show the
document, a plain mapping that ``document`` makes of a report and that JSON is the exact form
of, so that a report kept as JSON can be shown in another form later::

    report = LogAnalyzer().analyze_files(["app.log"])
    page = log_reports.render(log_reports.document(report), "html")
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from code_ops.text import encodable

__all__ = ["FORMATS", "VERSION", "document", "format_of", "render"]

VERSION = 1
"""Of the document and of the records; it grows when a key changes its meaning."""

_MODULES = {
    "json": "json_document",
    "ndjson": "ndjson",
    "csv": "csv_rows",
    "markdown": "markdown",
    "html": "html",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)
_SUFFIXES = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".csv": "csv",
    ".md": "markdown",
    ".html": "html",
}


def document(
    report: Mapping[str, Any],
    *,
    files: Iterable[Mapping[str, Any]] = (),
    conditions: Iterable[Mapping[str, Any]] = (),
    time_zone: str = "UTC",
    is_interrupted: bool = False,
) -> dict[str, Any]:
    """The document of a report of ``code_ops.logs``; docs/schemas/logs.json is its schema.

    ``files`` have a ``name``, an ``error`` or None, and what was counted in them; ``conditions``
    have a ``condition``, a ``value`` or None, and ``is_met``. The zone is that of times that name
    none.
    """
    whole = {key: value for key, value in report.items() if key != "version"}
    return {
        "v": VERSION,
        **whole,
        "time_zone": time_zone,
        "interrupted": is_interrupted,
        "files": [{**file, "name": encodable(file["name"])} for file in files],
        "conditions": [dict(condition) for condition in conditions],
    }


def format_of(path: str) -> str | None:
    """The form that a file's name asks for by its end, such as ``.html``; None for others."""
    end = path.lower()
    return next((form for suffix, form in _SUFFIXES.items() if end.endswith(suffix)), None)


def render(document: Mapping[str, Any], format_name: str) -> str:
    """The text of a document in one of ``FORMATS``; raises ValueError for another.

    CSV has lines that end in CRLF: write it to a file opened with ``newline=""``.
    """
    if format_name not in _MODULES:
        raise ValueError(f"format {format_name!r} is not one of {', '.join(FORMATS)}")
    module = importlib.import_module(f"{__name__}.{_MODULES[format_name]}")
    text: str = module.render(document)
    return text
