"""Sets of whole numbers kept as sorted, disjoint intervals.

Exclusions and the parts of a scan to skip are such sets: large, but with few edges.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Intervals:
    """Closed intervals, merged when first asked after a change."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._pending = list(pairs)

    def __bool__(self) -> bool:
        return bool(self._firsts or self._pending)

    def add(self, first: int, last: int) -> None:
        """Include the numbers from first to last."""
        self._pending.append((first, last))

    def last_of_run(self, number: int) -> int | None:
        """The last member of the run that ``number`` stands in, or None outside the set."""
        if self._pending:
            self._merge()
        place = bisect_right(self._firsts, number) - 1
        if place < 0 or self._lasts[place] < number:
            return None
        return self._lasts[place]

    def copy(self) -> Intervals:
        """An independent copy."""
        if self._pending:
            self._merge()
        return Intervals(zip(self._firsts, self._lasts, strict=True))

    def _merge(self) -> None:
        pairs = sorted([*zip(self._firsts, self._lasts, strict=True), *self._pending])
        self._pending = []
        self._firsts, self._lasts = [], []
        for first, last in pairs:
            if first > last:
                continue
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)
