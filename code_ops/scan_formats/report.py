"""What every form of output shares: the report on a scan, the writer's shape, the sink.

A report says how a scan was run and how it ended; the results are not part of it,
because the streaming forms never hold them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from code_ops.scan import InputProblem, ScanProgress, ScanResult
from code_ops.scan_formats.tally import Tally

if TYPE_CHECKING:
    from code_ops.scan_baseline import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """How a scan was run and how it ended. ``dataclasses.replace`` makes the final one."""

    arguments: list[str]
    """The command line as given, the program's name first."""
    version: str
    started: float
    """Unix time in seconds, like ``finished``."""
    finished: float
    engine: str
    port_count: int
    """How many ports a target gets that names none of its own."""
    ports: str
    """The same ports as a compact list: ``22,80-81``."""
    progress: ScanProgress | None = None
    interrupted: bool = False
    problems: list[InputProblem] = field(default_factory=list)
    differences: list[Difference] | None = None
    """Differences from the baseline; None when there was no baseline."""
    fail_on: frozenset[str] = frozenset({"new", "gone", "changed"})
    """The kinds of differences that count as failures."""
    not_scanned: int = 0
    """Records of the baseline that this scan did not look at."""
    exit_code: int = 0
    tally: Tally | None = None
    """Counts over every result, also those that ``--open`` keeps from the writer; without it
    the counts are of what was written."""

    @property
    def seconds(self) -> float:
        """How long the scan took; never negative, also when the clock was set back."""
        return max(0.0, self.finished - self.started)


class Sink(Protocol):
    """The part of a text file that writers use."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


class Writer(Protocol):
    """One form of output."""

    def write(self, results: Sequence[ScanResult], /) -> None:
        """Takes results in the order of their completion."""

    def finish(self, report: ScanReport, /) -> None:
        """Writes what is left. No call may follow."""


class CollectingWriter:
    """Base of the forms that need every result before the first line is written."""

    def __init__(self, sink: Sink, _report: ScanReport) -> None:
        self._sink = sink
        self._results: list[ScanResult] = []

    def write(self, results: Sequence[ScanResult]) -> None:
        self._results.extend(results)

    def in_order(self) -> list[ScanResult]:
        """The results in the order of the targets, a name's addresses by their text."""
        self._results.sort(key=lambda result: (result.ordinal, result.ip or ""))
        return self._results


def compact_ports(ports: Iterable[int]) -> str:
    """Sorted distinct ports as a list with ranges: ``22,80-81``."""
    pieces: list[str] = []
    first = last = -2
    for port in ports:
        if port == last + 1:
            last = port
            continue
        if last >= 0:
            pieces.append(f"{first}-{last}" if last > first else str(first))
        first = last = port
    if last >= 0:
        pieces.append(f"{first}-{last}" if last > first else str(first))
    return ",".join(pieces)
