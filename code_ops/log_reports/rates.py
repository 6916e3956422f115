"""Events over time in as many bars as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

_BLOCKS = " ▁▂▃▄▅▆▇█"


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
    origin = moment(buckets[0]["time"])
    places = [int((moment(bucket["time"]) - origin).total_seconds()) // size for bucket in buckets]
    per_bar = -(-(places[-1] + 1) // most)
    counts = [[0, 0, 0] for _ in range(places[-1] // per_bar + 1)]
    for place, bucket in zip(places, buckets, strict=True):
        count = counts[place // per_bar]
        for index, key in enumerate(("events", "errors", "warnings")):
            count[index] += bucket[key]
    seconds = per_bar * size
    return Bars(
        seconds,
        [
            Bar(origin + timedelta(seconds=index * seconds), *count)
            for index, count in enumerate(counts)
        ],
    )


def drawn(counts: Iterable[int]) -> str:
    """A character each, as high as the count; what is not nothing is seen."""
    known = list(counts)
    most = max(known, default=0) or 1
    return "".join(_BLOCKS[-(-8 * count // most)] for count in known)
