"""Events over time in as many bars as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

_BLOCKS = " ▁▂▃▄▅▆▇█"
_DAY = 86_400
_LENGTHS = (
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800,
    3_600, 7_200, 10_800, 14_400, 21_600, 43_200,
)  # fmt: skip


class Bar(NamedTuple):
    """What happened in so many seconds from a moment on."""

    start: datetime
    events: int
    errors: int
    warnings: int


class Bars(NamedTuple):
    """Bars without a break, each of the same number of seconds."""

    seconds: int
    bars: list[Bar]


def moment(text: str) -> datetime:
    """The whole second of a time of a report."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def bars(rate: Mapping[str, Any], most: int) -> Bars:
    """A bar for each bucket of a report's ``rate``, or for several, but no more than ``most``."""
    size, buckets = rate["bucket_seconds"], rate["buckets"]
    if not buckets:
        return Bars(size, [])
    first, last = _second(buckets[0]), _second(buckets[-1])
    per_bar = -(-((last - first) // size + 1) // most)
    return _folded(buckets, first, per_bar * size)


def round_bars(rate: Mapping[str, Any], most: int) -> Bars:
    """The same with bars of a usual length that begin at round times."""
    size, buckets = rate["bucket_seconds"], rate["buckets"]
    if not buckets:
        return Bars(size, [])
    first, last = _second(buckets[0]), _second(buckets[-1])
    for seconds in _lengths():
        # Bars of other lengths would cut buckets.
        if seconds % size == 0 and last // seconds - first // seconds < most:
            break
    return _folded(buckets, first - first % seconds, seconds)


def _lengths() -> Iterator[int]:
    """Usual lengths in seconds, without end."""
    yield from _LENGTHS
    yield from (_DAY * 10**power * step for power in count() for step in (1, 2, 5))


def _second(bucket: Mapping[str, Any]) -> int:
    return int(moment(bucket["time"]).timestamp())


def _folded(buckets: Sequence[Mapping[str, Any]], origin: int, seconds: int) -> Bars:
    """Bars of so many seconds from the origin on, also those without an event."""
    counts = [[0, 0, 0] for _ in range((_second(buckets[-1]) - origin) // seconds + 1)]
    for bucket in buckets:
        sums = counts[(_second(bucket) - origin) // seconds]
        for index, key in enumerate(("events", "errors", "warnings")):
            sums[index] += bucket[key]
    start = datetime.fromtimestamp(origin, UTC)
    return Bars(
        seconds,
        [
            Bar(start + timedelta(seconds=index * seconds), *sums)
            for index, sums in enumerate(counts)
        ],
    )


def drawn(values: Iterable[int]) -> str:
    """A character each, as high as the count; what is not nothing is seen."""
    known = list(values)
    most = max(known, default=0) or 1
    return "".join(_BLOCKS[-(-8 * value // most)] for value in known)
