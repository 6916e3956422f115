"""Parallel service scanning.

The library's classes in ``code_ops.scan`` stand over these; see there for every parameter's
meaning and unit.
"""

from collections.abc import Iterable, Sequence
from typing import final

from code_ops.scan import ScanResult

__all__ = ["Scan", "ServiceScanner", "Targets", "parse_ports"]

def parse_ports(text: str) -> list[int]:
    """The sorted ports of a port list such as ``22,80,8000-8100,http*``.

    Raises TargetError with the column of the item that cannot be read.
    """

@final
class Targets:
    """A list of targets; hosts are generated while scanning, never expanded.

    Raises TargetError for port lists and expectations that cannot be read.
    """

    def __new__(
        cls,
        ports: str | None = None,
        exclude_ports: str | None = None,
        expect: str | None = None,
    ) -> Targets: ...
    def add(self, text: str, source: str = "", line: int = 1) -> list[tuple[str, int, int, str]]:
        """Reads a target text; returns source, line, column and message of each bad part."""

    def exclude(
        self, text: str, source: str = "", comma: bool = False
    ) -> list[tuple[str, int, int, str]]:
        """Reads hosts never to be probed; returns its bad parts as ``add`` does."""

    @property
    def hosts(self) -> int:
        """Addresses and names in all, exclusions not taken off."""

    @property
    def names(self) -> int:
        """How many of the hosts are names."""

    @property
    def probes(self) -> int:
        """Hosts times ports in all, exclusions not taken off."""

    def preview(self, limit: int = 100) -> list[tuple[str, str, str | None]]:
        """The first hosts with their ports (``22,80-81``) and expectation, in order."""

@final
class ServiceScanner:
    """Scans TCP services with connects. Raises ValueError for values out of range."""

    def __new__(
        cls,
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
    ) -> ServiceScanner: ...
    def scan_services(self, pairs: Iterable[tuple[str, int]]) -> list[ScanResult]:
        """One result for each pair of host and port, in the order given.

        Raises TargetError for a host or port that cannot be read.
        """

    def scan(self, targets: Targets, skip: Sequence[tuple[int, int]] | None = None) -> Scan:
        """Starts a scan. ``skip`` are inclusive ranges of result indexes not to probe.

        Raises TargetError for an excluded name that does not resolve.
        """

@final
class Scan:
    """A running scan: an iterator of lists of results, empty when none came for 100 ms."""

    def __iter__(self) -> Scan: ...
    def __next__(self) -> list[ScanResult]: ...
    def progress(self) -> tuple[int, int, int, int, int, int, int, int, int, int]:
        """The counters now, in the order of ``code_ops.scan.ScanProgress``."""

    def cancel(self) -> None:
        """Stops soon; what is finished is still delivered."""
