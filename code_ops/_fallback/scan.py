"""The scanner of the fallback: options, single pairs, and scans that run in the background."""

from __future__ import annotations

import math
import operator
import threading
from collections.abc import Iterable

from code_ops._fallback.addresses import Hosts, NamedHost, ipv4_network, parse_host, parse_ipv6
from code_ops._fallback.engine import Engine, Limits
from code_ops._fallback.exclusions import Exclusions
from code_ops._fallback.intervals import Intervals
from code_ops._fallback.resolve import Question, Resolution, Resolver
from code_ops._fallback.targets import Target, Targets
from code_ops._fallback.work import Plan, question_of
from code_ops.errors import TargetError
from code_ops.scan import ScanProgress, ScanResult

_MOST_CONCURRENCY = 2000
_HOST_CONCURRENCY = 1024
_DESCRIPTORS_IN_RESERVE = 64
_READ_WAIT = 0.1
_HIGHEST_PORT = 65535


class Scan:
    """A scan that runs in the background; iterate for batches of its records.

    A batch is empty when nothing new came within about 100 ms.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # The thread knows the engine only, so that an abandoned Scan is collected and cancelled.
        threading.Thread(target=engine.run, name="scan", daemon=True).start()

    def __iter__(self) -> Scan:
        return self

    def __next__(self) -> list[ScanResult]:
        records = self._engine.outbox.take(_READ_WAIT)
        if records is None:
            raise StopIteration
        return records

    def __del__(self) -> None:
        self.cancel()

    def progress(self) -> ScanProgress:
        """The counters as they are now."""
        return self._engine.counters.progress()

    def cancel(self) -> None:
        """Stop soon; records that are finished are still delivered."""
        self._engine.cancel()


class ServiceScanner:
    """TCP connect scans; see ``code_ops.scan.ServiceScanner`` for the options.

    Raises ValueError for an option out of its range.
    """

    def __init__(
        self,
        *,
        timeout_ms: int = 1000,
        concurrency: int | None = None,
        rate: float | None = None,
        retries: int = 6,
        host_concurrency: int | None = None,
        resolve_timeout_ms: int = 5000,
        resolve_concurrency: int = 32,
        all_ips: bool = False,
        canary: bool = False,
    ) -> None:
        if rate is not None and not (math.isfinite(rate) and rate > 0):
            raise ValueError("rate is not a positive number")
        descriptors = _raised_descriptor_limit()
        if concurrency is None:
            concurrency = max(1, min(_MOST_CONCURRENCY, descriptors - _DESCRIPTORS_IN_RESERVE))
        if host_concurrency is None:
            host_concurrency = _HOST_CONCURRENCY
        self._all_ips = all_ips
        self._limits = Limits(
            timeout=_checked("timeout_ms", timeout_ms, 1, 3_600_000) / 1000,
            concurrency=_checked("concurrency", concurrency, 1, 1_000_000),
            rate=rate,
            retries=_checked("retries", retries, 0, 100),
            host_concurrency=_checked("host_concurrency", host_concurrency, 1, 1_000_000),
            resolve_timeout=_checked("resolve_timeout_ms", resolve_timeout_ms, 1, 3_600_000) / 1000,
            resolve_concurrency=_checked("resolve_concurrency", resolve_concurrency, 1, 1024),
            canary=canary,
        )

    def scan_services(self, pairs: Iterable[tuple[str, int]]) -> list[ScanResult]:
        """One record for each (host, port), in the order given.

        Raises TargetError that names the pair, counted from 0 as ``ScanResult.ordinal`` is,
        when it is no single host or no port.
        """
        targets = Targets("0")
        for number, (host, port) in enumerate(pairs):
            try:
                targets.append(_target_of_pair(host, port))
            except TargetError as error:
                raise TargetError(f"pair {number}: {error.message}", column=error.column) from None
        found: list[ScanResult | None] = [None] * len(targets.targets)
        # A pair has one record, so of several addresses the best answer counts.
        plan = Plan(targets.targets, Exclusions(), Intervals(), all_ips=False)
        scan = Scan(Engine(plan, self._limits, targets.probes))
        try:
            for batch in scan:
                for record in batch:
                    found[record.ordinal] = record
        finally:
            scan.cancel()
        return [record for record in found if record is not None]

    def scan(self, targets: Targets, skip: Iterable[tuple[int, int]] = ()) -> Scan:
        """Scan the targets in the background.

        ``skip`` has the first and last ordinal of the parts to leave out. Raises
        TargetError when an excluded name does not resolve; nothing is sent then.
        """
        exclusions = targets.exclusions.copy()
        _exclude_addresses_of_names(exclusions, self._limits)
        plan = Plan(list(targets.targets), exclusions, Intervals(skip), self._all_ips)
        return Scan(Engine(plan, self._limits, targets.probes))


def _checked(name: str, value: int, lowest: int, highest: int) -> int:
    value = operator.index(value)
    if not lowest <= value <= highest:
        raise ValueError(f"{name} {value} is out of range {lowest}-{highest}")
    return value


def _raised_descriptor_limit() -> int:
    """Raise the soft limit of descriptors to the hard one; returns the limit now in force."""
    try:
        import resource
    except ImportError:  # not on this system, which then has no such limit
        return _MOST_CONCURRENCY + _DESCRIPTORS_IN_RESERVE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):  # some systems report a limit that they refuse to set
            pass
    return _MOST_CONCURRENCY + _DESCRIPTORS_IN_RESERVE if soft == resource.RLIM_INFINITY else soft


def _target_of_pair(host: str, port: int) -> Target:
    hosts, text = _single_host(host)
    port = operator.index(port)
    if not 0 <= port <= _HIGHEST_PORT:
        raise TargetError(f"port {port} is out of range 0-{_HIGHEST_PORT}")
    return Target(hosts, text, (port,))


def _single_host(text: str) -> tuple[Hosts, str]:
    if "://" in text:
        raise TargetError(f"'{text}' is a URL, write host:port")
    is_bracketed = text.startswith("[") and text.endswith("]")
    inside, column = (text[1:-1], 2) if is_bracketed else (text, 1)
    hosts: Hosts
    if is_bracketed or ":" in text:
        hosts = parse_ipv6(inside, column)
    else:
        hosts = parse_host(inside, column)
    if hosts.count > 1 or (isinstance(hosts, NamedHost) and hosts.prefix is not None):
        raise TargetError(f"'{text}' is not a single host")
    return hosts, inside


def _exclude_addresses_of_names(exclusions: Exclusions, limits: Limits) -> None:
    wake = threading.Event()
    resolver = Resolver(limits.resolve_concurrency, limits.resolve_timeout, wake)
    hosts_of: dict[Question, list[NamedHost]] = {}
    for host in exclusions.names:
        hosts_of.setdefault(question_of(host), []).append(host)
    for question in hosts_of:
        resolver.ask(question)
    while resolver.pending:
        for question, resolution in resolver.finished():
            for host in hosts_of[question]:
                _exclude_addresses(exclusions, host, resolution)
        wake.wait(_READ_WAIT)
        wake.clear()


def _exclude_addresses(exclusions: Exclusions, host: NamedHost, resolution: Resolution) -> None:
    if not resolution.addresses:
        raise TargetError(f"exclusion '{host.name}' does not resolve")
    for address in resolution.addresses:
        if host.prefix is None:
            exclusions.add_address(address.family, address.number, address.zone)
        else:
            exclusions.add(ipv4_network(address.number, host.prefix))
