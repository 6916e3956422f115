"""NDJSON: one record a line, written as results come."""

from __future__ import annotations

from collections.abc import Sequence

from code_ops.scan import ScanResult
from code_ops.scan_formats.records import RecordFormatter
from code_ops.scan_formats.report import ScanReport, Sink


class NdjsonWriter:
    """Streams records; a batch is whole lines, so a reader never sees a part of one."""

    def __init__(self, sink: Sink, _report: ScanReport) -> None:
        self._sink = sink
        self._formatter = RecordFormatter()

    def write(self, results: Sequence[ScanResult]) -> None:
        if not results:
            return
        lines = self._formatter.lines(results)
        lines.append("")
        self._sink.write("\n".join(lines))
        self._sink.flush()

    def finish(self, _report: ScanReport) -> None:
        """Nothing is left: records speak for themselves, the report goes to people."""
        self._sink.flush()
