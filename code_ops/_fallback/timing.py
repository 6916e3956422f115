"""Time in a scan: round trips per host, the connect rate, the room for sockets."""

from __future__ import annotations

from collections import OrderedDict

# A scan may meet millions of hosts; only the latest ones keep their estimate.
_MOST_HOSTS = 65536
_SHORTEST_WAIT = 0.2
_CATCH_UP = 0.01
_CALM = 0.5


class RoundTrips:
    """Round-trip estimates per host as in RFC 6298, in seconds."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._estimates: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._usual_wait = timeout

    def sample(self, host: str, seconds: float) -> None:
        """Take one measured round trip into account."""
        known = self._estimates.pop(host, None)
        if known is None:
            smoothed, variation = seconds, seconds / 2
            if len(self._estimates) >= _MOST_HOSTS:
                self._estimates.popitem(last=False)
        else:
            smoothed, variation = known
            variation = 0.75 * variation + 0.25 * abs(smoothed - seconds)
            smoothed = 0.875 * smoothed + 0.125 * seconds
        self._estimates[host] = smoothed, variation

    def begin_pass(self) -> None:
        """Settle how long hosts without an estimate are waited for in this pass."""
        waits = (self._of(estimate) for estimate in self._estimates.values())
        self._usual_wait = max(waits, default=self._timeout)

    def wait(self, host: str) -> float:
        """How long a later pass waits for this host."""
        estimate = self._estimates.get(host)
        return self._usual_wait if estimate is None else self._of(estimate)

    def _of(self, estimate: tuple[float, float]) -> float:
        smoothed, variation = estimate
        return min(self._timeout, max(_SHORTEST_WAIT, 2 * (smoothed + 4 * variation)))


class Rate:
    """Spaces connects evenly; a loop that woke late may catch up 10 ms."""

    def __init__(self, per_second: float | None, now: float) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._next = now

    def delay(self, now: float) -> float:
        """Seconds until the next connect may begin, 0 when it may now."""
        return max(0.0, self._next - now) if self._interval else 0.0

    def take(self, now: float) -> None:
        """Count one connect."""
        self._next = max(self._next, now - _CATCH_UP) + self._interval


class Room:
    """How many sockets may be in flight: fewer while our own side is short of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = most
        self._changed = 0.0

    def shrink(self, to: int, now: float) -> None:
        """No more than ``to`` sockets from now on, at least one."""
        self.now = max(1, min(self.now, to))
        self._changed = now

    def grow(self, now: float) -> None:
        """Take room back, a quarter more after each calm half second."""
        if self.now < self.most and now - self._changed > _CALM:
            self.now = min(self.most, self.now + max(1, self.now // 4))
            self._changed = now
