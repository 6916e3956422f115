"""Which probe comes next: hosts side by side, limits per address, passes.

Owns the order and nothing of sockets. A window of hosts takes turns port by port, so
that consecutive probes meet different hosts.
"""

from __future__ import annotations

import heapq
from collections import deque

from code_ops._fallback.intervals import Intervals
from code_ops._fallback.probes import Cursor, Probe
from code_ops._fallback.resolve import Address
from code_ops._fallback.work import Counters, Work

_WINDOW = 1024
_MOST_SILENT = 262_144


class Schedule:
    """The order of the probes of one scan."""

    def __init__(
        self, work: Work, skip: Intervals, counters: Counters, host_concurrency: int, retries: int
    ) -> None:
        self._work = work
        self._skip = skip
        self._counters = counters
        self._host_concurrency = host_concurrency
        self._last_pass = 1 + retries
        self.pass_number = 1
        self._found = 0
        self._window: deque[Cursor] = deque()
        self._ready: deque[Probe] = deque()
        self._silent: list[Probe] = []
        self._waiting: list[tuple[float, int, Probe]] = []
        self._in_flight: dict[str, int] = {}
        self._parked: dict[str, deque[Cursor | Probe]] = {}
        self._parked_cursors = 0
        self._order = 0

    def next(self, now: float) -> Probe | None:
        """The next probe to begin, None when there is none at present."""
        while self._waiting and self._waiting[0][0] <= now:
            self._ready.appendleft(heapq.heappop(self._waiting)[2])
        while self._ready:
            probe = self._ready.popleft()
            if not self._is_full(probe.address):
                return probe
            self._parked.setdefault(probe.address.text, deque()).append(probe)
        if self.pass_number > 1 or len(self._silent) >= _MOST_SILENT:
            return None
        return self._next_of_window()

    def begun(self, address: Address) -> None:
        """Count a connect to the address; each is to be followed by ``ended``."""
        self._in_flight[address.text] = self._in_flight.get(address.text, 0) + 1

    def ended(self, address: Address) -> None:
        """Count a connect to the address as over, and let one that waits for it go."""
        host = address.text
        left = self._in_flight[host] - 1
        if left:
            self._in_flight[host] = left
        else:
            del self._in_flight[host]
        parked = self._parked.get(host)
        if parked is None:
            return
        released = parked.popleft()
        if not parked:
            del self._parked[host]
        if isinstance(released, Probe):
            self._ready.appendleft(released)
        else:
            self._parked_cursors -= 1
            self._window.appendleft(released)

    def again(self, probe: Probe) -> None:
        """Begin this probe anew as soon as possible, in the same pass."""
        self._ready.appendleft(probe)

    def later(self, probe: Probe, due: float) -> None:
        """Begin this probe anew at that time, in the same pass."""
        self._order += 1
        heapq.heappush(self._waiting, (due, self._order, probe))

    def silent(self, probe: Probe) -> None:
        """Try this probe again in a later pass, or give it up when the passes end."""
        self._silent.append(probe)

    def found(self) -> None:
        """Note that this pass got an answer."""
        self._found += 1

    @property
    def next_due(self) -> float | None:
        """When the first of the probes that wait is due."""
        return self._waiting[0][0] if self._waiting else None

    def has_due(self, now: float) -> bool:
        """Whether a probe that waited may begin."""
        return bool(self._ready) or (bool(self._waiting) and self._waiting[0][0] <= now)

    @property
    def waiting(self) -> int:
        """How many probes wait for our own side's shortage to pass."""
        return len(self._waiting)

    @property
    def is_last_pass(self) -> bool:
        """Whether no pass may follow this one."""
        return self.pass_number >= self._last_pass

    @property
    def is_pass_over(self) -> bool:
        """Whether nothing is left of this pass, in flight or to begin."""
        if self._in_flight or self._ready or self._waiting or self._parked:
            return False
        if self.pass_number > 1 or len(self._silent) >= _MOST_SILENT:
            return True
        return not self._window and self._work.is_done

    @property
    def is_done(self) -> bool:
        """Whether nothing is left at all; to be asked when a pass is over."""
        return not self._ready and not self._window and self._work.is_done

    def end_pass(self) -> list[Probe]:
        """Go on to the next pass; returns the silent probes that get none."""
        silent, self._silent = self._silent, []
        found, self._found = self._found, 0
        if silent and not self.is_last_pass and (self.pass_number == 1 or found):
            if self.pass_number == 1:
                self._counters.retried += len(silent)
            self.pass_number += 1
            self._ready.extend(silent)
            return []
        self.pass_number = 1
        return silent

    def _next_of_window(self) -> Probe | None:
        self._fill_window()
        while self._window:
            cursor = self._window.popleft()
            address = cursor.addresses[0]
            if self._is_full(address):
                self._parked.setdefault(address.text, deque()).append(cursor)
                self._parked_cursors += 1
                continue
            probe = cursor.take()
            if self._skip:
                self._counters.total -= cursor.pass_over(self._skip)
            if not cursor.is_done:
                self._window.append(cursor)
            return probe
        return None

    def _fill_window(self) -> None:
        while len(self._window) + self._parked_cursors < _WINDOW:
            cursor = self._work.next()
            if cursor is None:
                return
            if self._skip:
                self._counters.total -= cursor.pass_over(self._skip)
            if not cursor.is_done:
                self._window.append(cursor)

    def _is_full(self, address: Address) -> bool:
        return self._in_flight.get(address.text, 0) >= self._host_concurrency
