"""The connect engine: one thread, many sockets that do not block.

Owns sockets and deadlines. The order of the probes is the schedule's, the meaning of
their answers the judge's, the way of the records to the reader the outbox's.
"""

from __future__ import annotations

import errno
import heapq
import selectors
import socket
import threading
import time
from dataclasses import dataclass

from code_ops._fallback import connect
from code_ops._fallback.canary import Canary
from code_ops._fallback.judge import Judge
from code_ops._fallback.outbox import Outbox
from code_ops._fallback.probes import Probe
from code_ops._fallback.resolve import Resolver
from code_ops._fallback.schedule import Schedule
from code_ops._fallback.timing import Rate, Room, RoundTrips
from code_ops._fallback.work import Counters, Plan, Work
from code_ops.scan import ScanResult

# Few enough that answers are read, and their times taken, soon after they come.
_BURST = 64
_LONGEST_WAIT = 0.05
_WAIT_FOR_NAMES = 0.005
_DELIVER_AFTER = 0.01
_BATCH = 1024
_MOST_STALE_DEADLINES = 65536


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a scan; times in seconds, ``rate`` in connects a second."""

    timeout: float
    concurrency: int
    rate: float | None
    retries: int
    host_concurrency: int
    resolve_timeout: float
    resolve_concurrency: int
    canary: bool


class Engine:
    """Runs one scan. ``run`` is a thread's work, the rest may be called from others."""

    def __init__(self, plan: Plan, limits: Limits, total: int) -> None:
        self.counters = Counters(total)
        self.wake = threading.Event()
        self.outbox = Outbox(self.wake)
        self._timeout = limits.timeout
        self._is_cancelled = False
        self._rate = Rate(limits.rate, time.monotonic())
        self._room = Room(limits.concurrency)
        self._round_trips = RoundTrips(limits.timeout)
        self._canary = Canary(limits.canary, limits.rate, self.counters, self._room)
        resolver = Resolver(limits.resolve_concurrency, limits.resolve_timeout, self.wake)
        self._work = Work(plan, resolver, self.counters, self._report)
        self._schedule = Schedule(
            self._work, plan.skip, self.counters, limits.host_concurrency, limits.retries
        )
        self._judge = Judge(
            self._schedule, self.counters, self._room, self._round_trips, self._canary
        )
        self._selector = selectors.DefaultSelector()
        self._deadlines: list[tuple[float, int, Probe]] = []
        self._begun = 0
        self._delivered = 0.0

    def cancel(self) -> None:
        """Begin nothing more and end soon; finished records are still delivered."""
        self._is_cancelled = True
        self.wake.set()

    def run(self) -> None:
        """Scan until every probe has its record or the scan is cancelled."""
        error: BaseException | None = None
        try:
            while not self._is_cancelled and not self._is_over():
                self._work.collect_names()
                pause = self._begin_some()
                self._read_answers(pause)
                self._time_out()
                self._deliver(_DELIVER_AFTER)
        except BaseException as caught:  # raised again in the reader's thread
            error = caught
        finally:
            self._close()
            self._deliver(0.0)
            self.outbox.close(error)

    def _is_over(self) -> bool:
        while self._schedule.is_pass_over:
            for probe in self._schedule.end_pass():
                self._judge.give_up(probe)
            if self._schedule.pass_number == 1:
                return self._schedule.is_done
            self._round_trips.begin_pass()
        return False

    def _begin_some(self) -> float:
        """Begin what may begin; returns for how many seconds nothing more may."""
        for _ in range(_BURST):
            now = time.monotonic()
            pause = self._rate.delay(now)
            if pause:
                return pause
            probe = self._canary.take(now)
            if probe is None:
                if self._is_at_limit(now):
                    return _LONGEST_WAIT
                probe = self._schedule.next(now)
                if probe is None:
                    return self._pause_without_probe(now)
                self._schedule.begun(probe.address)
            self._begin(probe, now)
        return 0.0

    def _is_at_limit(self, now: float) -> bool:
        in_flight, waiting = self.counters.in_flight, self._schedule.waiting
        if in_flight >= self._room.now or self.outbox.is_full:
            return True
        # Probes that wait for descriptors are many only when there are none to be had.
        return waiting >= self._room.most and not self._schedule.has_due(now)

    def _pause_without_probe(self, now: float) -> float:
        pause = _WAIT_FOR_NAMES if self._work.waits_for_names else _LONGEST_WAIT
        due = self._schedule.next_due
        return pause if due is None else min(pause, max(0.0, due - now))

    def _begin(self, probe: Probe, now: float) -> None:
        connection, code = connect.begin(probe.address, probe.port)
        probe.started = now
        if connection is not None or code in connect.VERDICTS:
            self._rate.take(now)
            self.counters.connects += 1
            probe.tries += 1
        if connection is None:
            self._judged(probe, code, now)
            return
        self.counters.in_flight += 1
        probe.connection = connection
        if code == 0:
            self._end(probe, connection, 0, now)
            return
        try:
            self._selector.register(connection, selectors.EVENT_WRITE, probe)
        except OSError as error:
            self._end(probe, connection, error.errno or errno.ENOMEM, now)
            return
        self._begun += 1
        probe.sequence = self._begun
        heapq.heappush(self._deadlines, (now + self._wait_for(probe), self._begun, probe))

    def _wait_for(self, probe: Probe) -> float:
        if self._schedule.pass_number == 1 or probe is self._canary.in_flight:
            return self._timeout
        return self._round_trips.wait(probe.address.text)

    def _read_answers(self, pause: float) -> None:
        if self._deadlines:
            pause = min(pause, max(0.0, self._deadlines[0][0] - time.monotonic()))
        if not self.counters.in_flight:
            self.wake.wait(pause)
            self.wake.clear()
            return
        events = self._selector.select(pause)
        now = time.monotonic()
        for key, _ in events:
            probe: Probe = key.data
            connection = probe.connection
            if connection is not None:
                self._selector.unregister(connection)
                self._end(probe, connection, connect.outcome(connection), now)

    def _time_out(self) -> None:
        now = time.monotonic()
        self._room.grow(now)
        while self._deadlines and self._deadlines[0][0] <= now:
            entry = heapq.heappop(self._deadlines)
            probe = entry[2]
            connection = probe.connection
            if connection is not None and _is_running(entry):
                self._selector.unregister(connection)
                self._end(probe, connection, errno.ETIMEDOUT, now)
        # Probes that were answered leave their deadlines behind.
        if len(self._deadlines) > 2 * self.counters.in_flight + _MOST_STALE_DEADLINES:
            self._deadlines = list(filter(_is_running, self._deadlines))
            heapq.heapify(self._deadlines)

    def _end(self, probe: Probe, connection: socket.socket, code: int, now: float) -> None:
        probe.connection = None
        self.counters.in_flight -= 1
        if code:
            connection.close()
            self._judged(probe, code, now)
            return
        is_self_connect = connect.is_self_connect(connection)
        connect.reset(connection)
        if is_self_connect and probe is not self._canary.in_flight:
            self._schedule.ended(probe.address)
            self._judge.self_connected(probe)
        else:
            self._judged(probe, code, now)

    def _judged(self, probe: Probe, code: int, now: float) -> None:
        if probe is self._canary.in_flight:
            self._canary.ended(code, now)
        else:
            self._schedule.ended(probe.address)
            self._judge.ended(probe, code, now)

    def _report(self, record: ScanResult) -> None:
        self._judge.report(record)

    def _deliver(self, after: float) -> None:
        finished = self._judge.finished
        now = time.monotonic()
        if finished and (now - self._delivered >= after or len(finished) >= _BATCH):
            self.outbox.put(finished)
            self._judge.finished = []
            self._delivered = now

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.data.connection.close()
        self._selector.close()
        self.counters.in_flight = 0


def _is_running(entry: tuple[float, int, Probe]) -> bool:
    _, sequence, probe = entry
    return probe.sequence == sequence and probe.connection is not None
