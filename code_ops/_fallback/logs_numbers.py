"""Quantiles with a relative error of 1 %: DDSketch (Masson, Rim and Lee, VLDB 2019).

A value counts in the bucket of its logarithm. Past a number of buckets the lowest are one, so only
quantiles of values that are 35 orders below the highest lose the bound. Sums are in billionths, so
that they do not depend on the order of adding.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

_ERROR = 0.01
_GAMMA = (1.0 + _ERROR) / (1.0 - _ERROR)
_LOGARITHM = math.log(_GAMMA)
_MOST_BUCKETS = 4096
_STEPS = 1e9
# What a sum has room for, so that no sum of many overflows.
_LARGEST = 1e18
_SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class Quantiles:
    """The distribution of a field's finite numbers."""

    def __init__(self) -> None:
        self._positive: Counter[int] = Counter()
        self._negative: Counter[int] = Counter()
        self._zeros = 0
        self._count = 0
        self._least = math.inf
        self._most = -math.inf
        # In steps of a billionth; those too large for it are counted.
        self._sum = 0
        self._unsummed = 0

    def add(self, value: float) -> None:
        """Counts a number."""
        self._count += 1
        self._least = min(self._least, value)
        self._most = max(self._most, value)
        if value > 0.0:
            self._positive[_bucket(value)] += 1
        elif value < 0.0:
            self._negative[_bucket(-value)] += 1
        else:
            self._zeros += 1
        if abs(value) < _LARGEST:
            self._sum += _rounded(value * _STEPS)
        else:
            self._unsummed += 1

    def merge(self, other: Quantiles) -> None:
        """Counts what another part counted."""
        self._positive.update(other._positive)
        self._negative.update(other._negative)
        self._zeros += other._zeros
        self._count += other._count
        self._least = min(self._least, other._least)
        self._most = max(self._most, other._most)
        self._sum += other._sum
        self._unsummed += other._unsummed

    def report(self) -> dict[str, Any]:
        """Count, extremes, sum (None when a number was 1e18 or more) and percentiles."""
        is_empty = self._count == 0
        return {
            "count": self._count,
            "min": None if is_empty else self._least,
            "max": None if is_empty else self._most,
            "sum": None if self._unsummed else float(self._sum) / _STEPS,
            **{name: self._quantile(share) for name, share in _SHARES.items()},
        }

    def _quantile(self, share: float) -> float | None:
        """The least value with that share of all below it or equal, within the error."""
        if self._count == 0:
            return None
        rank = max(1, math.ceil(share * float(self._count)))
        below = 0
        for value, count in self._values():
            below += count
            if below >= rank:
                return min(max(value, self._least), self._most)
        return self._most

    def _values(self) -> Iterator[tuple[float, int]]:
        negative = _ascending(self._negative)
        yield from ((-value, count) for value, count in reversed(negative))
        yield 0.0, self._zeros
        yield from _ascending(self._positive)


def _bucket(value: float) -> int:
    return math.ceil(math.log(value) / _LOGARITHM)


def _rounded(value: float) -> int:
    """To the nearest whole number, halves away from zero."""
    whole = int(value)
    if abs(value - whole) < 0.5:
        return whole
    return whole + (1 if value > 0 else -1)


def _ascending(buckets: Counter[int]) -> list[tuple[float, int]]:
    """The values of buckets and their counts; the lowest are one when there are too many."""
    lowest = max(buckets, default=0) - _MOST_BUCKETS + 1
    kept: Counter[int] = Counter()
    for bucket, count in buckets.items():
        kept[max(bucket, lowest)] += count
    return [(_value(bucket), kept[bucket]) for bucket in sorted(kept)]


def _value(bucket: int) -> float:
    """The value that is within the error of all in a bucket."""
    try:
        return 2.0 * math.pow(_GAMMA, bucket) / (_GAMMA + 1.0)
    except OverflowError:
        return math.inf
