"""Counts over the results of a scan, fast enough to take every result as it comes.

What is certain and what is not is decided here, once, for the document and for people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter

from code_ops.scan import STATES, ScanResult, State

_Group = tuple[State, str, int, bool | None]
_GROUP = attrgetter("state", "reason", "tries", "as_expected")


class Tally:
    """Counts results by state, reason, tries and whether they came as expected."""

    def __init__(self) -> None:
        self._groups: Counter[_Group] = Counter()
        self.unresolved: dict[str, str] = {}
        """The names that did not resolve, with the reason."""

    def add(self, results: Sequence[ScanResult]) -> None:
        batch = Counter(map(_GROUP, results))
        self._groups.update(batch)
        if any(state == "unresolved" for state, *_ in batch):
            for result in results:
                if result.state == "unresolved":
                    self.unresolved[result.host] = result.reason

    @property
    def total(self) -> int:
        return self._groups.total()

    @property
    def states(self) -> dict[State, int]:
        """Results by state; every state is there, in the order of ``STATES``."""
        counts = dict.fromkeys(STATES, 0)
        for (state, _, _, _), count in self._groups.items():
            counts[state] += count
        return counts

    @property
    def met(self) -> int:
        """Expectations that came true."""
        return self._sum(group for group in self._groups if group[3] is True)

    @property
    def failed(self) -> int:
        """Expectations that did not."""
        return self._sum(group for group in self._groups if group[3] is False)

    @property
    def unresolved_unasked(self) -> int:
        """Probes of names that did not resolve, though nobody expected that."""
        return self._sum(
            group for group in self._groups if group[0] == "unresolved" and group[3] is not True
        )

    @property
    def silent(self) -> dict[int, int]:
        """Probes that never got an answer, by the number of tries."""
        counts: Counter[int] = Counter()
        for (state, reason, tries, _), count in self._groups.items():
            if state == "filtered" and reason == "no-response":
                counts[tries] += count
        return dict(sorted(counts.items()))

    @property
    def local_errors(self) -> dict[str, int]:
        """Probes that our own side could not make, by the name of the error."""
        counts: Counter[str] = Counter()
        for (state, reason, _, _), count in self._groups.items():
            if state == "local_error":
                counts[reason] += count
        return dict(sorted(counts.items()))

    def _sum(self, groups: Iterable[_Group]) -> int:
        return sum(self._groups[group] for group in groups)


def tally_of(results: Sequence[ScanResult]) -> Tally:
    """The counts of results that are all there."""
    tally = Tally()
    tally.add(results)
    return tally
