"""JSON: one document with the scan, the problems of its input, and every result.

Its schema is docs/schemas/scan.json. Each result stands on a line of its own, so that
two documents can be compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from code_ops.scan import ScanResult
from code_ops.scan_formats.records import VERSION, RecordFormatter, timestamp
from code_ops.scan_formats.report import CollectingWriter, ScanReport, Sink
from code_ops.scan_formats.tally import Tally

_LINES_AT_ONCE = 10_000


class JsonWriter(CollectingWriter):
    """Writes the document when the scan is over."""

    def __init__(self, sink: Sink, report: ScanReport) -> None:
        super().__init__(sink, report)
        self._tally = Tally()

    def write(self, results: Sequence[ScanResult]) -> None:
        super().write(results)
        self._tally.add(results)

    def finish(self, report: ScanReport) -> None:
        write = self._sink.write
        write(f'{{"v":{VERSION},"scan":{_compact(scan(report, report.tally or self._tally))},')
        write(f'"problems":{_compact([problem._asdict() for problem in report.problems])},')
        write('"results":[')
        self._write_results()
        write(f'],"differences":{_compact(differences(report))}}}\n')
        self._sink.flush()

    def _write_results(self) -> None:
        formatter = RecordFormatter()
        # Failed expectations first, as in the table; the sort keeps the order otherwise.
        results = iter(sorted(self.in_order(), key=lambda result: result.as_expected is not False))
        separator = "\n"
        while lines := formatter.lines(islice(results, _LINES_AT_ONCE)):
            self._sink.write(separator + ",\n".join(lines))
            separator = ",\n"
        if separator != "\n":
            self._sink.write("\n")


def scan(report: ScanReport, tally: Tally) -> dict[str, Any]:
    """The document's ``scan``: how it was run, what it counted, what is uncertain."""
    return {
        "version": report.version,
        "engine": report.engine,
        "arguments": report.arguments,
        "ports": {"count": report.port_count, "list": report.ports},
        "started": timestamp(report.started),
        "finished": timestamp(report.finished),
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
        "exit_code": report.exit_code,
        "results": tally.total,
        "states": tally.states,
        "expectations": {"met": tally.met, "failed": tally.failed},
        "not_scanned": None if report.differences is None else report.not_scanned,
        "uncertain": uncertain(report, tally),
    }


def uncertain(report: ScanReport, tally: Tally) -> dict[str, Any]:
    """What may not be as it looks; null where the scan did not count."""
    progress = report.progress
    return {
        "silent": sum(tally.silent.values()),
        "found_late": progress.found_late if progress else None,
        "local_errors": sum(tally.local_errors.values()),
        "local_errors_waited_out": progress.local_errors if progress else None,
        "canary_sent": progress.canary_sent if progress else None,
        "canary_missed": progress.canary_missed if progress else None,
        "unresolved_names": len(tally.unresolved),
        "unread_inputs": len(report.problems),
        "not_done": max(0, progress.total - progress.done) if progress else None,
    }


def differences(report: ScanReport) -> list[dict[str, Any]] | None:
    """The differences from the baseline as plain values, or None without one."""
    if report.differences is None:
        return None
    return [difference._asdict() for difference in report.differences]


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
