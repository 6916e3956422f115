"""What to scan: the targets, their ports, and what is excluded.

Owns adding up and previewing. Hosts are generated when they are needed, never listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from code_ops import services
from code_ops._fallback.addresses import Hosts, Ipv4Hosts, Ipv6Hosts, NamedHost, address_text
from code_ops._fallback.exclusions import Exclusions
from code_ops._fallback.lines import (
    Expectation,
    Parts,
    Token,
    expectation_start,
    host_of,
    parse_expectation,
    read_lines,
    take_apart,
    tokens,
    usual_expectation,
)
from code_ops._fallback.ports import format_ports, parse_ports
from code_ops.errors import TargetError

DEFAULT_PORTS = 100
MOST_PROBES = 2**63 - 1

Problem = tuple[str, int, int, str]


class Target:
    """One token of the target text: hosts, the ports to probe on each, the expectation."""

    __slots__ = ("base", "expectation", "hosts", "input", "ports", "source")

    def __init__(
        self,
        hosts: Hosts,
        text: str,
        ports: tuple[int, ...],
        source: str = "",
        expectation: Expectation | None = None,
    ) -> None:
        self.hosts = hosts
        self.input = text
        self.ports = ports
        self.source = source
        self.expectation = expectation
        self.base = 0

    @property
    def probes(self) -> int:
        """Hosts times ports."""
        return self.hosts.count * len(self.ports)


class Targets:
    """Targets from text, in order, and the hosts excluded from them.

    ``ports`` is for targets that name none, by default the 100 most used; the ports of
    ``exclude_ports`` are left out everywhere; ``expect`` is for lines that say nothing.
    Raises TargetError for a text that cannot be read.
    """

    def __init__(
        self,
        ports: str | None = None,
        exclude_ports: str | None = None,
        expect: str | None = None,
    ) -> None:
        self.hosts = 0
        self.names = 0
        self.probes = 0
        self.targets: list[Target] = []
        self.exclusions = Exclusions()
        self._excluded_ports = frozenset(
            () if exclude_ports is None else parse_ports(exclude_ports)
        )
        self._expectation = None if expect is None else usual_expectation(expect)
        self._ports_of_text: dict[str, tuple[int, ...]] = {}
        usual = services.top_ports(DEFAULT_PORTS) if ports is None else parse_ports(ports)
        self._default_ports = self._kept(sorted(usual))

    def add(self, text: str, source: str = "", line: int = 1) -> list[Problem]:
        """Add the targets of a text, of which ``line`` is the number of the first line.

        Returns what could not be read as (source, line, column, message).
        """
        problems: list[Problem] = []
        for number, content in enumerate(read_lines(text), line):
            errors = self._add_line(content, f"{source}:{number}" if source else "")
            problems.extend((source, number, error.column, error.message) for error in errors)
        return problems

    def exclude(self, text: str, source: str = "", comma: bool = False) -> list[Problem]:
        """Exclude the hosts of a text; with ``comma``, commas separate them too.

        Returns what could not be read as (source, line, column, message).
        """
        problems: list[Problem] = []
        for number, content in enumerate(read_lines(text), 1):
            try:
                line_tokens = tokens(content, comma=comma)
            except TargetError as error:
                problems.append((source, number, error.column, error.message))
                continue
            for token in line_tokens:
                try:
                    self.exclusions.add(_excluded_host(token))
                except TargetError as error:
                    problems.append((source, number, error.column, error.message))
        return problems

    def preview(self, limit: int = 100) -> list[tuple[str, str, str | None]]:
        """The first hosts left after exclusions: (host, ports, expectation), unresolved."""
        return list(islice(self._previewed(), limit))

    def append(self, target: Target) -> None:
        """Add a target at the end; raises TargetError when the probes pass 2**63-1."""
        if self.probes + target.probes > MOST_PROBES:
            raise TargetError(f"more than {MOST_PROBES} probes")
        target.base = self.probes
        self.targets.append(target)
        self.probes += target.probes
        self.hosts += target.hosts.count
        self.names += isinstance(target.hosts, NamedHost)

    def _previewed(self) -> Iterator[tuple[str, str, str | None]]:
        for target in self.targets:
            ports = format_ports(target.ports)
            expected = target.expectation.text if target.expectation else None
            hosts = target.hosts
            if isinstance(hosts, NamedHost):
                if not self.exclusions.has_name(hosts):
                    yield str(hosts), ports, expected
                continue
            for number in included(hosts, self.exclusions):
                yield address_text(hosts.family, hosts.at(number), hosts.zone), ports, expected

    def _add_line(self, content: str, source: str) -> list[TargetError]:
        errors: list[TargetError] = []
        try:
            line_tokens = tokens(content)
        except TargetError as error:
            return [error]
        start = expectation_start(line_tokens)
        found: list[tuple[Target, int]] = []
        for token in line_tokens[:start]:
            try:
                found.append((self._target(token, source), token.column))
            except TargetError as error:
                errors.append(error)
        try:
            said = line_tokens[start:]
            expectation = parse_expectation(said) if said else self._expectation
        except TargetError as error:
            return [*errors, error]
        for target, column in found:
            target.expectation = expectation
            try:
                self.append(target)
            except TargetError as error:
                errors.append(TargetError(error.message, column=column))
        return sorted(errors, key=lambda error: error.column)

    def _target(self, token: Token, source: str) -> Target:
        parts = take_apart(token)
        _check_ports_shape(parts)
        hosts = host_of(parts)
        ports = self._default_ports if parts.ports is None else self._named_ports(parts.ports)
        return Target(hosts, parts.host.text, ports, source)

    def _named_ports(self, token: Token) -> tuple[int, ...]:
        # Shared between targets: a file of a million lines names few different lists.
        known = self._ports_of_text.get(token.text)
        if known is None:
            try:
                known = self._kept(parse_ports(token.text))
            except TargetError as error:
                raise TargetError(error.message, column=token.column + error.column - 1) from None
            self._ports_of_text[token.text] = known
        return known

    def _kept(self, ports: list[int]) -> tuple[int, ...]:
        return tuple(port for port in ports if port not in self._excluded_ports)


def included(
    hosts: Ipv4Hosts | Ipv6Hosts,
    exclusions: Exclusions,
    jump: Callable[[int], int] = lambda number: number,
) -> Iterator[int]:
    """The places of the hosts that are not excluded; ``jump`` may move a place forward."""
    number, count = jump(0), hosts.count
    while number < count:
        last = exclusions.last_of_run(hosts.family, hosts.at(number), hosts.zone)
        if last is None:
            yield number
            number = jump(number + 1)
        else:
            number = jump(hosts.rank(last + 1))


def _check_ports_shape(parts: Parts) -> None:
    if parts.ports is None:
        return
    if not parts.host.text and not parts.is_ipv6:
        raise TargetError("expected a host before ':'", column=parts.host.column)
    if not parts.ports.text:
        raise TargetError("expected ports after ':'", column=parts.ports.column)


def _excluded_host(token: Token) -> Hosts:
    parts = take_apart(token)
    if parts.ports is not None:
        raise TargetError("an exclusion names hosts, not ports", column=parts.colon)
    return host_of(parts, shortest_ipv6_prefix=0)
