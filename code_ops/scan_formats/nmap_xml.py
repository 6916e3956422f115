"""nmap's XML, output version 1.05, for ndiff, libnmap and the importers that read it.

Structure and order follow nmap.dtd, with one exception that is on purpose: ``scanner``
is ``code-ops`` where the DTD allows only ``nmap``, because nmap did not make the scan.
"""

from __future__ import annotations

import shlex
import time
from collections import defaultdict

from code_ops.scan import ScanResult
from code_ops.scan_formats.nmap_hosts import WORDS, Host, group
from code_ops.scan_formats.report import CollectingWriter, ScanReport, compact_ports
from code_ops.services import service_name
from code_ops.text import xml

# nmap never waits less than this for an answer, and says so in ``to``; microseconds.
_SHORTEST_TIMEOUT = 100_000


class XmlWriter(CollectingWriter):
    """Writes the document when the scan is over."""

    def finish(self, report: ScanReport) -> None:
        hosts, unresolved = group(self.in_order())
        write = self._sink.write
        write(_head(report))
        for name in unresolved:
            write(_skipped(name))
        for problem in report.problems:
            write(_skipped(str(problem)))
        for host in hosts:
            write(_host(host))
        write(_end(report, hosts, len(unresolved)))
        self._sink.flush()


def _head(report: ScanReport) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<!DOCTYPE nmaprun>\n"
        f'<nmaprun scanner="code-ops" args="{xml(shlex.join(report.arguments))}"'
        f' start="{int(report.started)}" startstr="{time.ctime(report.started)}"'
        f' version="{xml(report.version)}" xmloutputversion="1.05">\n'
        f'<scaninfo type="connect" protocol="tcp" numservices="{report.port_count}"'
        f' services="{xml(report.ports)}"/>\n'
        '<verbose level="0"/>\n'
        '<debugging level="0"/>\n'
    )


def _skipped(specification: str) -> str:
    """What nmap itself writes for a target that it cannot scan; it knows one reason only."""
    return f'<target specification="{xml(specification)}" status="skipped" reason="invalid"/>\n'


def _host(host: Host) -> str:
    state, reason = host.status
    times = [result.timestamp for result in host.results]
    kind = "ipv6" if ":" in host.address else "ipv4"
    name = "" if host.name is None else f'<hostname name="{xml(host.name)}" type="user"/>\n'
    collapsed = host.collapsible()
    extra = "".join(_extra_ports(word, results) for word, results in collapsed.items())
    ports = "".join(
        _port(result) for result in host.results if WORDS[result.state] not in collapsed
    )
    return (
        f'<host starttime="{int(min(times))}" endtime="{int(max(times))}">'
        f'<status state="{state}" reason="{xml(reason)}" reason_ttl="0"/>\n'
        f'<address addr="{xml(host.address)}" addrtype="{kind}"/>\n'
        f"<hostnames>\n{name}</hostnames>\n"
        f"<ports>{extra}{ports}</ports>\n"
        f"{_times(host.results)}</host>\n"
    )


def _extra_ports(word: str, results: list[ScanResult]) -> str:
    """Ports of one state, counted; each reason with its ports, so that none is lost."""
    by_reason: defaultdict[str, list[int]] = defaultdict(list)
    for result in results:
        by_reason[result.reason].append(result.port)
    reasons = "".join(
        f'<extrareasons reason="{xml(reason)}" count="{len(ports)}" proto="tcp"'
        f' ports="{compact_ports(ports)}"/>\n'
        for reason, ports in by_reason.items()
    )
    return f'<extraports state="{word}" count="{len(results)}">\n{reasons}</extraports>\n'


def _port(result: ScanResult) -> str:
    name = service_name(result.port)
    # 3 of 10 is how sure nmap is of a name that comes from a table and not from a probe.
    service = "" if name is None else f'<service name="{xml(name)}" method="table" conf="3"/>'
    return (
        f'<port protocol="tcp" portid="{result.port}"><state state="{WORDS[result.state]}"'
        f' reason="{xml(result.reason)}" reason_ttl="0"/>{service}</port>\n'
    )


def _times(results: list[ScanResult]) -> str:
    """Smoothed round trip, its variance and the timeout from them in µs, after RFC 6298."""
    smoothed = variance = -1.0
    for result in results:
        if result.rtt_ms is None:
            continue
        sample = result.rtt_ms * 1000
        if smoothed < 0:
            smoothed, variance = sample, sample / 2
        else:
            variance = 0.75 * variance + 0.25 * abs(smoothed - sample)
            smoothed = 0.875 * smoothed + 0.125 * sample
    if smoothed < 0:
        return ""
    timeout = max(_SHORTEST_TIMEOUT, round(smoothed + 4 * variance))
    return f'<times srtt="{round(smoothed)}" rttvar="{round(variance)}" to="{timeout}"/>\n'


def _end(report: ScanReport, hosts: list[Host], unresolved: int) -> str:
    states = [host.status[0] for host in hosts]
    up, down = states.count("up"), states.count("down")
    finished = time.ctime(report.finished)
    summary = (
        f"code-ops done at {finished}; {len(hosts)} IP address{'es' * (len(hosts) != 1)}"
        f" ({up} host{'s' * (up != 1)} up) scanned in {report.seconds:.2f} seconds"
    )
    if unresolved:
        summary += f"; {unresolved} name{'s' * (unresolved != 1)} did not resolve"
    return (
        f'<runstats><finished time="{int(report.finished)}" timestr="{finished}"'
        f' summary="{xml(summary)}" elapsed="{report.seconds:.2f}"{_exit(report)}/>'
        f'<hosts up="{up}" down="{down}" total="{len(hosts)}"/>\n</runstats>\n</nmaprun>\n'
    )


def _exit(report: ScanReport) -> str:
    """nmap's word for how the run ended: an error is a scan that is not whole."""
    if report.interrupted:
        return ' exit="error" errormsg="interrupted, the results are not complete"'
    if report.exit_code == 4:
        return ' exit="error" errormsg="some probes failed on the side of the scanner"'
    return ' exit="success"'
