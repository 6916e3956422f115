"""Parallel service scanning."""

from collections.abc import Iterable, Sequence
from typing import final

from code_ops.scan import ScanResult

__all__ = ["Scan", "ServiceScanner", "Targets", "parse_ports"]

def parse_ports(text: str) -> list[int]: ...
@final
class Targets:
    def __new__(
        cls,
        ports: str | None = None,
        exclude_ports: str | None = None,
        expect: str | None = None,
    ) -> Targets: ...
    def add(
        self, text: str, source: str = "", line: int = 1
    ) -> list[tuple[str, int, int, str]]: ...
    def exclude(
        self, text: str, source: str = "", comma: bool = False
    ) -> list[tuple[str, int, int, str]]: ...
    @property
    def hosts(self) -> int: ...
    @property
    def names(self) -> int: ...
    @property
    def probes(self) -> int: ...
    def preview(self, limit: int = 100) -> list[tuple[str, str, str | None]]: ...

@final
class ServiceScanner:
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
    def scan_services(self, pairs: Iterable[tuple[str, int]]) -> list[ScanResult]: ...
    def scan(self, targets: Targets, skip: Sequence[tuple[int, int]] | None = None) -> Scan: ...

@final
class Scan:
    def __iter__(self) -> Scan: ...
    def __next__(self) -> list[ScanResult]: ...
    def progress(self) -> tuple[int, int, int, int, int, int, int, int, int, int]: ...
    def cancel(self) -> None: ...
