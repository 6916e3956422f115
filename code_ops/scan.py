"""Which services answer: TCP connect scans of any number of hosts and ports.

``ServiceScanner`` scans, ``Targets`` reads what to scan. Both are the same over the
Rust engine and over the pure-Python fallback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, get_args

from code_ops import _engine
from code_ops.errors import TargetError

__all__ = [
    "STATES",
    "InputProblem",
    "Scan",
    "ScanProgress",
    "ScanResult",
    "ServiceScanner",
    "State",
    "Targets",
    "parse_ports",
]

State = Literal["open", "closed", "filtered", "unreachable", "unresolved", "local_error"]
STATES: tuple[State, ...] = get_args(State)


class ScanResult(NamedTuple):
    """What one probe found.

    A NamedTuple and not a dataclass: a scan makes many thousands a second, and the
    native engine fills a tuple about five times faster.
    """

    ordinal: int
    """Place of the probe in the order of the targets, from 0; hosts first, then ports."""
    input: str
    """The target as the user typed it, without ports: ``db1``, ``10.0.0.0/24``."""
    host: str
    """The name, or the address where the target was one."""
    ip: str | None
    """The address probed; None when the name did not resolve."""
    port: int
    state: State
    reason: str
    """What proves the state: ``syn-ack``, ``conn-refused``, ``no-response``, ``EMFILE`` …"""
    rtt_ms: float | None
    """Milliseconds from connect to the answer; None without an answer."""
    tries: int
    """Sockets used, at least 1 for a probed port, 0 when unresolved."""
    dns_ms: float | None
    """Milliseconds that resolving the name took; None for addresses."""
    timestamp: float
    """Unix time in seconds when the state was known."""
    source: str
    """Where the target stands, ``hosts.txt:12``, or ``""``."""
    expected: str | None
    """What the target's line expects: ``open``, ``closed|filtered``, ``open <50ms``."""
    as_expected: bool | None
    """Whether it came true; None when nothing was expected."""


class InputProblem(NamedTuple):
    """A part of the input that could not be read. Line and column count from 1.

    Line 0 stands for a source that could not be read at all.
    """

    source: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        return f"{place}: {self.message}"


class ScanProgress(NamedTuple):
    """Counters of a running scan. A probe is one host and port."""

    total: int
    """Probes in all; names count once until they are resolved."""
    done: int
    in_flight: int
    open: int
    connects: int
    """Connects begun so far, second passes included."""
    retried: int
    """Probes that were silent in the first pass and tried again."""
    found_late: int
    """Open or closed only in a later pass: answers the first pass lost."""
    local_errors: int
    """Times that our own side was short of descriptors, ports or memory; waited out."""
    canary_sent: int
    canary_missed: int


def parse_ports(text: str, *, engine: str | None = None) -> list[int]:
    """The sorted ports of a port list as nmap writes them: ``22,80,8000-8100,http*``.

    Raises TargetError with the column of the item that cannot be read.
    """
    ports: list[int] = _engine.load("infrastructure", engine).parse_ports(text)
    return ports


class Targets:
    """What to scan. Hosts are generated while scanning, never expanded: a /8 costs nothing.

    ``ports`` serve the targets that name none; None takes the 100 most used.
    ``exclude_ports`` are taken out of every target's. ``expect`` is what is expected of
    targets whose line does not say: ``open``, ``closed|filtered``, ``open <50ms``. Raises
    TargetError for texts that cannot be read.
    """

    def __init__(
        self,
        ports: str | None = None,
        *,
        exclude_ports: str | None = None,
        expect: str | None = None,
        engine: str | None = None,
    ) -> None:
        self.engine = _engine.choose(engine)
        module = _engine.load("infrastructure", self.engine)
        self._native: Any = module.Targets(ports, exclude_ports, expect)

    def add(self, text: str, source: str = "", line: int = 1) -> list[InputProblem]:
        """Reads a target text; returns what could not be read, the rest counts.

        The text is a list as files hold it: hosts apart by blanks or lines, comments after
        ``#``, an expectation at a line's end. ``source`` names it in results and problems.
        """
        found = self._native.add(_encodable(text), _encodable(source), line)
        return [InputProblem(*problem) for problem in found]

    def exclude(self, text: str, source: str = "", *, comma: bool = False) -> list[InputProblem]:
        """Reads hosts never to be probed; with ``comma`` they may stand apart by commas too."""
        found = self._native.exclude(_encodable(text), _encodable(source), comma)
        return [InputProblem(*problem) for problem in found]

    @property
    def hosts(self) -> int:
        """Addresses and names in all, exclusions not taken off."""
        return int(self._native.hosts)

    @property
    def names(self) -> int:
        """How many of the hosts are names."""
        return int(self._native.names)

    @property
    def probes(self) -> int:
        """Hosts times ports in all, exclusions not taken off."""
        return int(self._native.probes)

    def preview(self, limit: int = 100) -> list[tuple[str, str, str | None]]:
        """The first hosts with their ports (``22,80-81``) and expectation, in order."""
        rows: list[tuple[str, str, str | None]] = self._native.preview(limit)
        return rows


def _encodable(text: str) -> str:
    """The text without lone surrogates, which no host name has and no engine can take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Scan:
    """A running scan: iterate it for results as they come, in no order.

    Leaving the iteration early, or an exception in it, stops the scan.
    """

    def __init__(self, native: Any) -> None:
        self._native = native

    def __iter__(self) -> Iterator[ScanResult]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[ScanResult]]:
        """Lists of results; an empty one when nothing came within 100 ms."""
        try:
            yield from self._native
        finally:
            self.cancel()

    def finish(self) -> Iterator[list[ScanResult]]:
        """Stops the scan and gives what is finished and was not yet handed out."""
        self.cancel()
        yield from self._native

    def progress(self) -> ScanProgress:
        """The counters now."""
        return ScanProgress(*self._native.progress())

    def cancel(self) -> None:
        """Stops soon; iterating on delivers what is finished."""
        self._native.cancel()


class ServiceScanner:
    """Finds out which TCP ports answer, with connects and without privileges.

    timeout_ms: how long the first pass waits for an answer, 1 to 3,600,000.
    concurrency: connects in flight; None takes what the descriptor limit allows,
        at most 20,000. The soft limit is raised to the hard one where that is needed.
    rate: connects a second in all, fractions allowed; None is unlimited.
    retries: later passes over silent ports, at most. The second pass always comes, each
        further one only while the one before still found an answer.
    host_concurrency: connects in flight to one address; None is 1,024.
    resolve_timeout_ms, resolve_concurrency: for names.
    all_ips: report every address of a name, not only the one that answers.
    canary: probe an open port again and again, and slow down when it is missed.

    Raises ValueError for values out of range and EngineError for an engine that is not there.
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
        engine: str | None = None,
    ) -> None:
        self.engine = _engine.choose(engine)
        self._native: Any = _engine.load("infrastructure", self.engine).ServiceScanner(
            timeout_ms=timeout_ms,
            concurrency=concurrency,
            rate=rate,
            retries=retries,
            host_concurrency=host_concurrency,
            resolve_timeout_ms=resolve_timeout_ms,
            resolve_concurrency=resolve_concurrency,
            all_ips=all_ips,
            canary=canary,
        )

    def scan_services(self, pairs: Iterable[tuple[str, int]]) -> list[ScanResult]:
        """One result for each pair of host and port, in the order given.

        Raises TargetError for a host or port that cannot be read.
        """
        results: list[ScanResult] = self._native.scan_services(pairs)
        return results

    def scan(
        self,
        targets: Targets | str | Iterable[str],
        ports: str | None = None,
        *,
        skip: Iterable[tuple[int, int]] = (),
    ) -> Scan:
        """Starts a scan and returns it; iterate it for results as they come.

        ``targets`` is a text, several, or a ``Targets``, whose own ports then count.
        ``skip`` are inclusive ranges of ``ScanResult.ordinal`` that are not probed.
        Raises TargetError for text that cannot be read.
        """
        if not isinstance(targets, Targets):
            targets = self._read(targets, ports)
        elif ports is not None:
            raise ValueError("ports are given with the Targets")
        return Scan(self._native.scan(targets._native, list(skip)))

    def _read(self, texts: str | Iterable[str], ports: str | None) -> Targets:
        targets = Targets(ports, engine=self.engine)
        for text in [texts] if isinstance(texts, str) else texts:
            for problem in targets.add(text):
                raise TargetError(problem.message, "", problem.line, problem.column)
        return targets
