"""Results grouped by host in nmap's terms, for the XML and the grepable form.

nmap knows four port states here: open, closed, filtered and unknown. An unreachable
port is filtered with its true reason; a probe that our own side could not make says
nothing about the port, which is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter

from code_ops.scan import ScanResult, State

WORDS: dict[State, str] = {
    "open": "open",
    "closed": "closed",
    "filtered": "filtered",
    "unreachable": "filtered",
    "local_error": "unknown",
}
# nmap lists the ports of a state one by one up to this many and only counts more.
LISTED_LIMIT = 25

_RANK: dict[State, int] = {
    "open": 0, "closed": 1, "filtered": 2, "unreachable": 3, "local_error": 4,
}  # fmt: skip


@dataclass(slots=True)
class Host:
    """One address under one name, with a result for each of its ports."""

    address: str
    name: str | None
    """The name as typed; None where the target was an address."""
    results: list[ScanResult] = field(default_factory=list)
    """One for each port, by port."""

    @property
    def status(self) -> tuple[str, str]:
        """nmap's host state and its reason. Only an answer proves that a host is up."""
        by_state = {result.state: result for result in reversed(self.results)}
        for state in ("open", "closed"):
            if state in by_state:
                return "up", by_state[state].reason
        if by_state.keys() == {"unreachable"}:
            return "down", by_state["unreachable"].reason
        return "unknown", "no-response"

    def by_word(self) -> dict[str, list[ScanResult]]:
        """Results by nmap's word for their state."""
        groups: dict[str, list[ScanResult]] = {}
        for result in self.results:
            groups.setdefault(WORDS[result.state], []).append(result)
        return groups

    def collapsible(self) -> dict[str, list[ScanResult]]:
        """The states with too many ports to list, the most frequent first."""
        many = {
            word: results
            for word, results in self.by_word().items()
            if word != "open" and len(results) > LISTED_LIMIT
        }
        return dict(sorted(many.items(), key=lambda item: -len(item[1])))


def group(results: Iterable[ScanResult]) -> tuple[list[Host], dict[str, str]]:
    """Hosts in the order of the results, and the names that did not resolve with why."""
    hosts: dict[tuple[str, str], Host] = {}
    unresolved: dict[str, str] = {}
    for result in results:
        if result.ip is None:
            unresolved[result.host] = result.reason
            continue
        key = (result.host, result.ip)
        host = hosts.get(key)
        if host is None:
            host = hosts[key] = Host(result.ip, None if result.host == result.ip else result.host)
        host.results.append(result)
    for host in hosts.values():
        host.results = _one_per_port(host.results)
    return list(hosts.values()), unresolved


def _one_per_port(results: list[ScanResult]) -> list[ScanResult]:
    """Sorted by port. Of a port that two targets named, the answer that proves most."""
    ports = map(attrgetter("port"), results)
    if all(earlier < later for earlier, later in pairwise(ports)):
        return results
    best: dict[int, ScanResult] = {}
    for result in results:
        known = best.get(result.port)
        if known is None or _RANK[result.state] < _RANK[known.state]:
            best[result.port] = result
    return [best[port] for port in sorted(best)]
