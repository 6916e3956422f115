"""What there is to probe: hosts in the order of the targets, as they become known.

Owns the way from targets to cursors: exclusions, parts to skip, names and their
addresses. Everything is generated, so the size of a network does not matter.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from code_ops._fallback.addresses import Ipv4Hosts, Ipv6Hosts, NamedHost, ipv4_network
from code_ops._fallback.exclusions import Exclusions
from code_ops._fallback.intervals import Intervals
from code_ops._fallback.probes import Cursor, unresolved_record
from code_ops._fallback.resolve import Address, Question, Resolution, Resolver
from code_ops._fallback.targets import Target, included
from code_ops.scan import ScanProgress, ScanResult

# Names that may wait for their addresses at a time; reading targets stops at this number.
_MOST_WAITING_NAMES = 1024


@dataclass(slots=True)
class Counters:
    """The counters of a scan that is running; see ScanProgress."""

    total: int
    done: int = 0
    in_flight: int = 0
    open: int = 0
    connects: int = 0
    retried: int = 0
    found_late: int = 0
    local_errors: int = 0
    canary_sent: int = 0
    canary_missed: int = 0

    def progress(self) -> ScanProgress:
        """The counters as they are now."""
        return ScanProgress(
            self.total,
            self.done,
            self.in_flight,
            self.open,
            self.connects,
            self.retried,
            self.found_late,
            self.local_errors,
            self.canary_sent,
            self.canary_missed,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan is of; ``targets`` and ``exclusions`` are its own copies."""

    targets: list[Target]
    exclusions: Exclusions
    skip: Intervals
    all_ips: bool


def question_of(host: NamedHost) -> Question:
    """What to ask the resolver: a name with a prefix is about IPv4 alone."""
    family = socket.AF_UNSPEC if host.prefix is None else socket.AF_INET
    return Question(host.name, family)


class Work:
    """The cursors of a scan."""

    def __init__(
        self,
        plan: Plan,
        resolver: Resolver,
        counters: Counters,
        report: Callable[[ScanResult], None],
    ) -> None:
        self._plan = plan
        self._resolver = resolver
        self._counters = counters
        self._report = report
        self._source: Iterator[Cursor | None] | None = self._of_targets()
        self._resolved: deque[Iterator[Cursor]] = deque()
        self._askers: dict[Question, list[tuple[Target, NamedHost]]] = {}
        self._waiting = 0

    @property
    def is_done(self) -> bool:
        """Whether no further cursor will come."""
        return self._source is None and not self._resolved and not self._waiting

    @property
    def waits_for_names(self) -> bool:
        """Whether names are being resolved."""
        return self._waiting > 0

    def next(self) -> Cursor | None:
        """The next host, or None while there is none yet."""
        while self._resolved:
            cursor = next(self._resolved[0], None)
            if cursor is not None:
                return cursor
            self._resolved.popleft()
        if self._source is None:
            return None
        try:
            return next(self._source)
        except StopIteration:
            self._source = None
            return None

    def collect_names(self) -> None:
        """Take over what the resolver has found since the last call."""
        if not self._waiting:
            return
        for question, resolution in self._resolver.finished():
            askers = self._askers.pop(question)
            self._waiting -= len(askers)
            self._resolved.extend(
                self._of_resolution(target, host, resolution) for target, host in askers
            )

    def _of_targets(self) -> Iterator[Cursor | None]:
        for target in self._plan.targets:
            hosts = target.hosts
            if not target.ports:
                continue
            if not isinstance(hosts, NamedHost):
                yield from self._of_hosts(target, hosts)
            elif self._is_left_out(target, hosts):
                self._counters.total -= len(target.ports)
            else:
                while self._waiting >= _MOST_WAITING_NAMES:
                    yield None
                yield from self._of_name(target, hosts)

    def _is_left_out(self, target: Target, host: NamedHost) -> bool:
        last = self._plan.skip.last_of_run(target.base)
        skipped = last is not None and last >= target.base + len(target.ports) - 1
        return skipped or self._plan.exclusions.has_name(host)

    def _of_name(self, target: Target, host: NamedHost) -> Iterator[Cursor]:
        question = question_of(host)
        known = self._resolver.known(question)
        if known is not None:
            yield from self._of_resolution(target, host, known)
            return
        self._waiting += 1
        if question in self._askers:
            self._askers[question].append((target, host))
        else:
            self._askers[question] = [(target, host)]
            self._resolver.ask(question)

    def _of_resolution(
        self, target: Target, host: NamedHost, resolution: Resolution
    ) -> Iterator[Cursor]:
        if not resolution.addresses:
            self._report_unresolved(target, resolution)
        elif host.prefix is None:
            yield from self._of_addresses(target, host, resolution)
        else:
            self._counters.total -= len(target.ports)
            networks = dict.fromkeys(
                ipv4_network(address.number, host.prefix) for address in resolution.addresses
            )
            for network in networks:
                self._counters.total += network.count * len(target.ports)
                for address in self._included(target, network):
                    yield Cursor(
                        target, target.base, (address,), host.name, resolution.milliseconds
                    )

    def _of_addresses(
        self, target: Target, host: NamedHost, resolution: Resolution
    ) -> Iterator[Cursor]:
        addresses = tuple(
            address
            for address in resolution.addresses
            if self._plan.exclusions.last_of_run(address.family, address.number, address.zone)
            is None
        )
        groups = [(address,) for address in addresses] if self._plan.all_ips else [addresses]
        self._counters.total += (len(groups) - 1) * len(target.ports)
        for group in groups:
            if group:
                yield Cursor(target, target.base, group, host.name, resolution.milliseconds)
            else:
                self._counters.total -= len(target.ports)

    def _of_hosts(self, target: Target, hosts: Ipv4Hosts | Ipv6Hosts) -> Iterator[Cursor]:
        ports = len(target.ports)

        def past_skipped(number: int) -> int:
            last = self._plan.skip.last_of_run(target.base + number * ports)
            if last is None:
                return number
            return max(number, (last + 1 - target.base) // ports)

        expected = 0
        for number in included(hosts, self._plan.exclusions, past_skipped):
            self._counters.total -= (number - expected) * ports
            expected = number + 1
            address = Address(hosts.family, hosts.at(number), hosts.zone)
            yield Cursor(target, target.base + number * ports, (address,), address.text)
        self._counters.total -= (hosts.count - expected) * ports

    def _included(self, target: Target, network: Ipv4Hosts) -> Iterator[Address]:
        expected = 0
        for number in included(network, self._plan.exclusions):
            self._counters.total -= (number - expected) * len(target.ports)
            expected = number + 1
            yield Address(network.family, network.at(number))
        self._counters.total -= (network.count - expected) * len(target.ports)

    def _report_unresolved(self, target: Target, resolution: Resolution) -> None:
        for place in range(len(target.ports)):
            if self._plan.skip.last_of_run(target.base + place) is not None:
                self._counters.total -= 1
                continue
            self._report(
                unresolved_record(target, place, resolution.reason, resolution.milliseconds)
            )
