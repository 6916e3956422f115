"""The canary: a port known to be open, asked again and again while the scan runs.

When it falls silent, the scan is losing answers, and is slowed down.
"""

from __future__ import annotations

from code_ops._fallback.probes import Probe
from code_ops._fallback.resolve import Address
from code_ops._fallback.timing import Room
from code_ops._fallback.work import Counters

_INTERVAL = 0.1


class Canary:
    """Asks the latest open port every 100 ms, less often at low rates.

    Does nothing unless it is wanted.
    """

    def __init__(self, is_wanted: bool, rate: float | None, counters: Counters, room: Room) -> None:
        self._is_wanted = is_wanted
        # A tenth of a low rate at most, so that probes are not starved.
        self._interval = max(_INTERVAL, 10 / rate if rate else 0.0)
        self._counters = counters
        self._room = room
        self._place: tuple[Probe, Address] | None = None
        self._next = 0.0
        self.in_flight: Probe | None = None

    def perch(self, probe: Probe, address: Address) -> None:
        """Ask this open port from now on."""
        if self._is_wanted:
            self._place = probe, address

    def take(self, now: float) -> Probe | None:
        """The probe to begin, or None while it is not time to ask."""
        if self._place is None or self.in_flight is not None or now < self._next:
            return None
        found, address = self._place
        probe = Probe(found.cursor, found.place)
        probe.choice = None
        probe.address = address
        self.in_flight = probe
        self._next = now + self._interval
        self._counters.canary_sent += 1
        return probe

    def ended(self, code: int, now: float) -> None:
        """The probe came back with 0 or an error number."""
        self.in_flight = None
        if code != 0:
            self._counters.canary_missed += 1
            self._room.shrink(self._room.now // 2, now)
