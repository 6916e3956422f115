"""What is never probed: addresses by pattern, and names.

Answers one question fast: where does the excluded run end that this address stands in?
Names are only kept here; the scan resolves them and adds their addresses.
"""

from __future__ import annotations

import socket

from code_ops._fallback.addresses import (
    MAPPED_FIRST,
    MAPPED_LAST,
    Hosts,
    Ipv4Hosts,
    Ipv6Hosts,
    NamedHost,
    folded,
)
from code_ops._fallback.intervals import Intervals

# A pattern such as *.*.*.1 has 16 million runs; above this it is matched, not listed.
_MOST_RUNS = 4096


class Exclusions:
    """The excluded addresses and names of one set of targets."""

    def __init__(self) -> None:
        self.names: list[NamedHost] = []
        self._folded_names: set[str] = set()
        self._ipv4 = Intervals()
        self._ipv4_patterns: list[Ipv4Hosts] = []
        self._ipv6_by_zone: dict[str, Intervals] = {}

    def copy(self) -> Exclusions:
        """An independent copy."""
        other = Exclusions()
        other.names = list(self.names)
        other._folded_names = set(self._folded_names)
        other._ipv4 = self._ipv4.copy()
        other._ipv4_patterns = list(self._ipv4_patterns)
        other._ipv6_by_zone = {zone: kept.copy() for zone, kept in self._ipv6_by_zone.items()}
        return other

    def add(self, hosts: Hosts) -> None:
        """Exclude these hosts."""
        if isinstance(hosts, NamedHost):
            self.names.append(hosts)
            self._folded_names.add(folded(hosts.name))
        elif isinstance(hosts, Ipv6Hosts):
            self._add_ipv6(hosts)
        else:
            runs = hosts.runs(_MOST_RUNS)
            if runs is None:
                self._ipv4_patterns.append(hosts)
            else:
                for first, last in runs:
                    self._ipv4.add(first, last)

    def add_address(self, family: int, address: int, zone: str = "") -> None:
        """Exclude one address."""
        if family == socket.AF_INET:
            self._ipv4.add(address, address)
        else:
            self._add_ipv6(Ipv6Hosts(address, 1, zone))

    def has_name(self, host: NamedHost) -> bool:
        """Whether a target typed like this is excluded by its name.

        A target such as ``db1/24`` stands for addresses, and those are judged one by one.
        """
        return host.prefix is None and folded(host.name) in self._folded_names

    def last_of_run(self, family: int, address: int, zone: str = "") -> int | None:
        """The last address of the excluded run around ``address``, None if it is not excluded."""
        if family == socket.AF_INET:
            return self._last_of_ipv4_run(address)
        for known_zone in dict.fromkeys(("", zone)):
            known = self._ipv6_by_zone.get(known_zone)
            last = known.last_of_run(address) if known else None
            if last is not None:
                return last
        # A connection to ::ffff:192.0.2.1 goes to 192.0.2.1.
        if MAPPED_FIRST <= address <= MAPPED_LAST:
            last = self._last_of_ipv4_run(address - MAPPED_FIRST)
            return None if last is None else last + MAPPED_FIRST
        return None

    def _add_ipv6(self, hosts: Ipv6Hosts) -> None:
        last = hosts.first + hosts.count - 1
        self._ipv6_by_zone.setdefault(hosts.zone, Intervals()).add(hosts.first, last)
        if hosts.first >= MAPPED_FIRST and last <= MAPPED_LAST:
            self._ipv4.add(hosts.first - MAPPED_FIRST, last - MAPPED_FIRST)

    def _last_of_ipv4_run(self, address: int) -> int | None:
        last = self._ipv4.last_of_run(address)
        if last is not None:
            return last
        for pattern in self._ipv4_patterns:
            last = pattern.last_of_run(address)
            if last is not None:
                return last
        return None
