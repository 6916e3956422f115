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

    index: int
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
    """A part of the input that could not be read. Line and column count from 1."""

    source: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.message}"


class ScanProgress(NamedTuple):
    """Counters of a running scan. A probe is one host and port."""

    total: int
    """Probes in all; names count once until they are resolved."""
    done: int
    in_flight: int
    open: int
    sockets: int
    """Sockets opened so far, second passes included."""
    retried: int
    """Probes that were silent in the first pass and tried again."""
    found_late: int
    """Open or closed only in a later pass: answers the first pass lost."""
    local_errors: int
    """Times that our own side was short of descriptors, ports or memory; waited out."""
    canary_sent: int
    canary_missed: int
