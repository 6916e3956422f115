"""Stretches of time with far more events than usual, or none at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from code_ops._fallback.logs_summary import Timeline

# How many are told: the largest.
_MOST = 10
# A burst has so many events a bucket, and so many times as many as the median bucket.
_LEAST_BURST, _BURST = 10, 4
# A gap is so many buckets long, and so many times as long as the median silence between two.
_LEAST_GAP, _GAP = 10, 5


class Stretch(NamedTuple):
    """From a start to an end, in seconds since 1970."""

    start: int
    end: int
    events: int


def bursts(timeline: Timeline) -> list[Stretch]:
    """Runs of buckets with many times the events of the median one, in the order of time."""
    size = timeline.bucket_seconds
    counts = [(start, levels.total()) for start, levels in timeline.buckets()]
    least = max(_LEAST_BURST, _BURST * _median(count for _, count in counts))
    found: list[Stretch] = []
    for start, events in counts:
        if events < least:
            continue
        if found and found[-1].end == start:
            last = found.pop()
            start, events = last.start, last.events + events
            found.append(Stretch(start, last.end + size, events))
        else:
            found.append(Stretch(start, start + size, events))
    return _largest(found, lambda burst: burst.events)


def gaps(timeline: Timeline) -> list[Stretch]:
    """Silences that are many times as long as the median one, in the order of time."""
    size = timeline.bucket_seconds
    starts = [start for start, _ in timeline.buckets()]
    silences = [Stretch(left + size, right, 0) for left, right in pairwise(starts)]
    least = max(_LEAST_GAP * size, _GAP * _median(_length(silence) for silence in silences))
    return _largest([silence for silence in silences if _length(silence) >= least], _length)


def _length(stretch: Stretch) -> int:
    return stretch.end - stretch.start


def _median(values: Iterable[int]) -> int:
    """The upper one of an even number."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0


def _largest(stretches: list[Stretch], key: Callable[[Stretch], int]) -> list[Stretch]:
    # Of equal ones the first.
    stretches.sort(key=lambda stretch: (-key(stretch), stretch.start))
    return sorted(stretches[:_MOST])
