"""CSV after RFC 4180: a header, then one row a result, written as results come."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from code_ops.scan import ScanResult
from code_ops.scan_formats.records import timestamp
from code_ops.scan_formats.report import ScanReport, Sink
from code_ops.services import service_name
from code_ops.text import neutral

# The record's keys without the version. ``tls`` is empty, and there so that columns
# keep their places once it is not.
COLUMNS = (
    "input", "host", "ip", "port", "protocol", "state", "reason", "service", "rtt_ms",
    "tries", "dns_ms", "tls", "timestamp", "source", "expected", "as_expected",
)  # fmt: skip

_TRUTH = {None: "", True: "true", False: "false"}


class CsvWriter:
    """Streams rows. Lines end in CRLF, as RFC 4180 has it: give a sink that keeps them.

    That formulas are made neutral costs little: of all that the target grammar allows only
    octet lists such as ``-.0.0.1`` begin as one does, besides odd file names.
    """

    def __init__(self, sink: Sink, _report: ScanReport) -> None:
        self._sink = sink
        self._rows = csv.writer(sink)
        self._rows.writerow(COLUMNS)

    def write(self, results: Sequence[ScanResult]) -> None:
        if results:
            self._rows.writerows(map(row, results))
            self._sink.flush()

    def finish(self, _report: ScanReport) -> None:
        self._sink.flush()


def row(result: ScanResult) -> tuple[object, ...]:
    """The columns of one result; what is not known is empty."""
    return (
        neutral(result.input),
        neutral(result.host),
        result.ip,
        result.port,
        "tcp",
        result.state,
        neutral(result.reason),
        service_name(result.port),
        None if result.rtt_ms is None else round(result.rtt_ms, 3),
        result.tries,
        None if result.dns_ms is None else round(result.dns_ms, 3),
        None,
        timestamp(result.timestamp),
        neutral(result.source),
        None if result.expected is None else neutral(result.expected),
        _TRUTH[result.as_expected],
    )
