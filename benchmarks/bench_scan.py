"""The benchmark of `code-ops scan` against nmap and RustScan.

Only loopback addresses are contacted, all of them in network namespaces of their own.
"""

from __future__ import annotations

from benchmarks import machine, report, scan_fleet, scan_loopback

RIVALS = {
    "nmap": ["nmap", "--version"],
    "RustScan": ["rustscan", "--version"],
    "strace": ["strace", "--version"],
}


def run(context: machine.Context) -> list[report.Row]:
    """Every row of scan."""
    return [*scan_loopback.rows(context), *scan_fleet.rows(context)]
