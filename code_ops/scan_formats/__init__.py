"""The machine forms of a scan: which there are, and how to get a writer of one.

Each form is a module of its own and is imported only when asked for. A writer writes
to the sink it is given and nowhere else; it neither opens nor closes files.
"""

from __future__ import annotations

import importlib

from code_ops.scan_formats.report import ScanReport, Sink, Writer, compact_ports

__all__ = ["FORMATS", "ScanReport", "Sink", "Writer", "compact_ports", "writer"]

# Format name: module and class.
_WRITERS = {
    "json": ("json_document", "JsonWriter"),
    "ndjson": ("ndjson", "NdjsonWriter"),
    "csv": ("csv_rows", "CsvWriter"),
    "xml": ("nmap_xml", "XmlWriter"),
    "grepable": ("nmap_grepable", "GrepableWriter"),
    "junit": ("junit", "JunitWriter"),
}
FORMATS: tuple[str, ...] = tuple(_WRITERS)


def writer(format_name: str, sink: Sink, report: ScanReport) -> Writer:
    """A writer of one of ``FORMATS`` to ``sink``, a text file opened with ``newline=""``.

    ``report`` is what is known before the first result; ``finish`` takes the whole.
    Raises ValueError for a format that is not one of ``FORMATS``.
    """
    if format_name not in _WRITERS:
        raise ValueError(f"format {format_name!r} is not one of {', '.join(FORMATS)}")
    module_name, class_name = _WRITERS[format_name]
    module = importlib.import_module(f"{__name__}.{module_name}")
    made: Writer = getattr(module, class_name)(sink, report)
    return made
