"""The rows of the scan's table, as text: what is listed and what is only counted.

Takes results as they come and keeps what the table shows, not the scan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from code_ops.numerals import number
from code_ops.scan import ScanResult, State
from code_ops.scan_formats.tally import Tally
from code_ops.services import service_name
from code_ops.text import printable

LISTED_LIMIT = 25
"""Unremarkable ports of one state that a host may have before they are only counted."""


class Row(NamedTuple):
    """One line of the table, its values as text."""

    host: str
    port: str
    service: str
    state: State
    ports: int
    """More than 1 for a line that stands for many."""
    reason: str
    latency: str
    expected: str
    failed: bool

    @property
    def state_text(self) -> str:
        return f"{number(self.ports)} {self.state}" if self.ports > 1 else self.state

    @property
    def expected_text(self) -> str:
        return self.expected and f"{'FAIL' if self.failed else 'ok'} {self.expected}"


class _Plain:
    """The unremarkable ports of one state on one host: listed while few, then counted."""

    __slots__ = ("count", "listed", "reasons")

    def __init__(self) -> None:
        self.count = 0
        self.listed: list[ScanResult] = []
        self.reasons: Counter[str] = Counter()


class _Host:
    """One address under one name."""

    __slots__ = ("index", "kept", "plain")

    def __init__(self, index: int) -> None:
        self.index = index
        self.kept: list[ScanResult] = []
        self.plain: dict[State, _Plain] = {}


class TableCollector:
    """Takes results as they come and keeps what the table shows.

    Open ports and failed expectations are kept; of everything else at most
    ``LISTED_LIMIT`` results for each host and state, and a count.
    """

    def __init__(self) -> None:
        self.tally = Tally()
        self._hosts: dict[tuple[str, str | None], _Host] = {}

    def write(self, results: Sequence[ScanResult]) -> None:
        self.tally.add(results)
        hosts = self._hosts
        for result in results:
            key = (result.host, result.ip)
            host = hosts.get(key)
            if host is None:
                host = hosts[key] = _Host(result.ordinal)
            elif result.ordinal < host.index:
                host.index = result.ordinal
            state = result.state
            if state == "open" or result.as_expected is False:
                host.kept.append(result)
                continue
            plain = host.plain.get(state)
            if plain is None:
                plain = host.plain[state] = _Plain()
            plain.count += 1
            plain.reasons[result.reason] += 1
            if plain.count <= LISTED_LIMIT:
                plain.listed.append(result)
            elif plain.listed:
                plain.listed = []

    @property
    def hosts(self) -> int:
        """How many addresses and unresolved names there are."""
        return len(self._hosts)

    def rows(self, *, failing_first: bool, only_open: bool) -> list[Row]:
        """The table's rows in the order of the targets, or failed expectations first."""
        in_order = sorted(self._hosts.items(), key=lambda item: (item[1].index, item[0][1] or ""))
        rows = [
            row
            for (name, ip), host in in_order
            for row in _host_rows(host_text(name, ip), host, only_open=only_open)
        ]
        if failing_first:
            rows.sort(key=lambda row: not row.failed)
        return rows


def _host_rows(name: str, host: _Host, *, only_open: bool) -> Iterator[Row]:
    """The rows of one host: ports in order, then what is only counted."""
    listed = list(host.kept)
    if not only_open:
        for plain in host.plain.values():
            listed += plain.listed
    for result in sorted(listed, key=lambda result: (result.ordinal, result.port)):
        yield _row(name, result)
    if only_open:
        return
    for state, plain in host.plain.items():
        if not plain.listed:
            reasons = ", ".join(sorted(plain.reasons))
            yield Row(name, "", "", state, plain.count, printable(reasons), "", "", False)


def _row(name: str, result: ScanResult) -> Row:
    return Row(
        host=name,
        port=str(result.port),
        service=service_name(result.port) or "",
        state=result.state,
        ports=1,
        reason=printable(result.reason),
        latency=latency_text(result.rtt_ms),
        expected=printable(result.expected or ""),
        failed=result.as_expected is False,
    )


def host_text(name: str, ip: str | None) -> str:
    """``db1 (10.0.0.5)``, or the address alone where it is all there is."""
    shown = printable(name)
    return shown if ip is None or ip == name else f"{shown} ({printable(ip)})"


def latency_text(milliseconds: float | None) -> str:
    """``0.41 ms``, ``1.23 s``; a hyphen without an answer."""
    if milliseconds is None:
        return "-"
    seconds = milliseconds / 1000
    return f"{milliseconds:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"
