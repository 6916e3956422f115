"""Results and reports that the tests of the scan's outputs share."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from code_ops.scan import ScanProgress, ScanResult
from code_ops.scan_formats import ScanReport, writer

STARTED = 1795215403.25
HOSTILE = [
    "quote\"quote'quote",
    "<script>&amp;]]>-->",
    "escape\x1b[31m",
    "nul\x00bell\x07",
    "line\nbreak\r\ttab",
    "slash/comma,tab\t(brackets)",
    "bücher \u202e \U0001f600 \ud800 \ufffe",
    "[bold]markup[/bold]",
    "=cmd|' /C calc'!A0",
    "x" * 100_000,
]


def result(index: int = 0, **changes: Any) -> ScanResult:
    """A closed port of 10.0.0.5, with changes."""
    values: dict[str, Any] = {
        "ordinal": index,
        "input": "10.0.0.5",
        "host": "10.0.0.5",
        "ip": "10.0.0.5",
        "port": 22,
        "state": "closed",
        "reason": "conn-refused",
        "rtt_ms": 0.41,
        "tries": 1,
        "dns_ms": None,
        "timestamp": STARTED,
        "source": "hosts.txt:12",
        "expected": None,
        "as_expected": None,
    }
    return ScanResult(**(values | changes))


def opened(index: int = 0, **changes: Any) -> ScanResult:
    return result(index, **({"state": "open", "reason": "syn-ack"} | changes))


def silent(index: int = 0, **changes: Any) -> ScanResult:
    values = {"state": "filtered", "reason": "no-response", "rtt_ms": None, "tries": 2}
    return result(index, **(values | changes))


def unresolved(index: int = 0, name: str = "nosuch.example", **changes: Any) -> ScanResult:
    values = {
        "input": name,
        "host": name,
        "ip": None,
        "state": "unresolved",
        "reason": "name-not-found",
        "rtt_ms": None,
        "tries": 0,
        "dns_ms": 3.25,
    }
    return result(index, **(values | changes))


def failed_here(index: int = 0, **changes: Any) -> ScanResult:
    values = {"state": "local_error", "reason": "EMFILE", "rtt_ms": None, "tries": 9}
    return result(index, **(values | changes))


def every_state() -> list[ScanResult]:
    """One result of each state, on two hosts and a name that does not resolve."""
    return [
        opened(0, input="db1", host="db1", dns_ms=1.5, port=5432),
        result(1, input="db1", host="db1", dns_ms=1.5, port=22),
        silent(2, ip="10.0.0.6", host="10.0.0.6", port=80),
        silent(3, ip="10.0.0.6", host="10.0.0.6", port=443, state="unreachable",
               reason="host-unreach"),
        failed_here(4, ip="10.0.0.6", host="10.0.0.6", port=8080),
        unresolved(5),
    ]  # fmt: skip


def report(**changes: Any) -> ScanReport:
    values: dict[str, Any] = {
        "arguments": ["code-ops", "scan", "-p", "22,80", "db1"],
        "version": "0.1.0",
        "started": STARTED,
        "finished": STARTED + 2,
        "engine": "rust",
        "port_count": 2,
        "ports": "22,80",
        "progress": ScanProgress(6, 6, 0, 1, 8, 2, 1, 14, 120, 3),
    }
    return ScanReport(**(values | changes))


def written(
    format_name: str, results: Sequence[ScanResult], of: ScanReport | None = None, batch: int = 2
) -> str:
    """The whole output of a format, the results given in small batches."""
    sink = io.StringIO(newline="")
    made = writer(format_name, sink, report())
    made.write([])
    for start in range(0, len(results), batch):
        made.write(results[start : start + batch])
    made.finish(of or report())
    return sink.getvalue()
