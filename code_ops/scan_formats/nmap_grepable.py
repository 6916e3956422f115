"""nmap's grepable form: one line a host, fields separated by tabs.

The form knows one ignored state a host, so only the most frequent of the long states
is collapsed; ports of the others are listed, because they would be lost.
"""

from __future__ import annotations

import shlex
import time

from code_ops.scan import ScanResult
from code_ops.scan_formats.nmap_hosts import WORDS, Host, group
from code_ops.scan_formats.report import CollectingWriter, ScanReport
from code_ops.services import service_name
from code_ops.text import printable


class GrepableWriter(CollectingWriter):
    """Writes the lines when the scan is over."""

    def finish(self, report: ScanReport) -> None:
        hosts, unresolved = group(self.in_order())
        write = self._sink.write
        write(
            f"# code-ops {printable(report.version)} scan initiated {time.ctime(report.started)}"
            f" as: {printable(shlex.join(report.arguments))}\n"
        )
        # The form has no place for a host without an address; readers skip comments.
        for name, reason in unresolved.items():
            write(f'# Failed to resolve "{printable(name)}": {printable(reason)}\n')
        for problem in report.problems:
            write(f"# Not read: {printable(str(problem))}\n")
        for host in hosts:
            write(_lines(host))
        write(_end(report, hosts))
        self._sink.flush()


def _lines(host: Host) -> str:
    start = f"Host: {printable(host.address)} ({printable(host.name or '')})\t"
    ignored = next(iter(host.collapsible().items()), None)
    ignored_word = ignored[0] if ignored else None
    ports = ", ".join(
        _port(result) for result in host.results if WORDS[result.state] != ignored_word
    )
    end = f"\tIgnored State: {ignored[0]} ({len(ignored[1])})" if ignored else ""
    status = host.status[0].capitalize()
    return f"{start}Status: {status}\n{start}Ports: {ports}{end}\n"


def _port(result: ScanResult) -> str:
    """port/state/protocol/owner/service/rpc/version/ with a slash in a name as nmap has it."""
    service = (service_name(result.port) or "").replace("/", "|").replace(",", "|")
    return f"{result.port}/{WORDS[result.state]}/tcp//{printable(service)}///"


def _end(report: ScanReport, hosts: list[Host]) -> str:
    up = sum(host.status[0] == "up" for host in hosts)
    cut = " (interrupted, not complete)" if report.interrupted else ""
    return (
        f"# code-ops done at {time.ctime(report.finished)} -- {len(hosts)} IP"
        f" address{'es' * (len(hosts) != 1)} ({up} host{'s' * (up != 1)} up) scanned in"
        f" {report.seconds:.2f} seconds{cut}\n"
    )
