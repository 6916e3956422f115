"""What the end of a connect means: a record, another try, or our own failure.

Owns the rules of states and tries, and the counters that follow from them. It never
touches a socket.
"""

from __future__ import annotations

import errno

from code_ops._fallback import connect
from code_ops._fallback.canary import Canary
from code_ops._fallback.probes import NO_RESPONSE, Answer, Probe, record_of
from code_ops._fallback.schedule import Schedule
from code_ops._fallback.timing import Room, RoundTrips
from code_ops._fallback.work import Counters
from code_ops.scan import ScanResult, State

_MOST_SELF_CONNECTS = 5
_SHORTAGE_LIMIT = 10.0
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.5
# Failures of our own that do not pass by waiting get this many tries, this far apart.
_MOST_REFUSALS = 3
_PAUSE_AFTER_REFUSAL = 0.05


class Judge:
    """Turns the ends of connects into records."""

    def __init__(
        self,
        schedule: Schedule,
        counters: Counters,
        room: Room,
        round_trips: RoundTrips,
        canary: Canary,
    ) -> None:
        self.finished: list[ScanResult] = []
        self._schedule = schedule
        self._counters = counters
        self._room = room
        self._round_trips = round_trips
        self._canary = canary

    def self_connected(self, probe: Probe) -> None:
        """The probe met its own socket, which proves that nobody listens there."""
        probe.self_connects += 1
        if probe.self_connects <= _MOST_SELF_CONNECTS:
            self._schedule.again(probe)
        else:
            state, reason = connect.VERDICTS[errno.ECONNREFUSED]
            self._conclude(probe, state, reason, None)

    def ended(self, probe: Probe, code: int, now: float) -> None:
        """A connect of the probe ended with 0 or an error number."""
        verdict = connect.VERDICTS.get(code)
        if verdict is None:
            self._failed_here(probe, code, now)
            return
        state, reason = verdict
        rtt_ms = None
        if state in ("open", "closed"):
            seconds = now - probe.started
            self._round_trips.sample(probe.address.text, seconds)
            self._schedule.found()
            rtt_ms = seconds * 1000
        self._conclude(probe, state, reason, rtt_ms)

    def give_up(self, probe: Probe) -> None:
        """No further pass will try this silent probe."""
        if probe.choice is not None:
            self._finish(probe, probe.choice.best())
        else:
            silence = Answer(probe.address, "filtered", NO_RESPONSE, None, probe.tries, late=True)
            self._finish(probe, silence)

    def report(self, record: ScanResult) -> None:
        """Count a record as done and keep it for the reader."""
        self._counters.done += 1
        self.finished.append(record)

    def _failed_here(self, probe: Probe, code: int, now: float) -> None:
        self._counters.local_errors += 1
        if probe.failures == 0:
            probe.failing_since = now
        probe.failures += 1
        if code in connect.SHORTAGES:
            self._room.shrink(self._counters.in_flight, now)
            is_final = now - probe.failing_since >= _SHORTAGE_LIMIT
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(probe.failures - 1, 16))
        else:
            is_final = probe.failures >= _MOST_REFUSALS
            pause = _PAUSE_AFTER_REFUSAL
        if is_final:
            self._conclude(probe, "local_error", connect.name_of(code), None)
        else:
            self._schedule.later(probe, now + pause)

    def _conclude(self, probe: Probe, state: State, reason: str, rtt_ms: float | None) -> None:
        late = self._schedule.pass_number > 1
        # A descriptor that was refused is no socket, yet the port counts as probed.
        answer = Answer(probe.address, state, reason, rtt_ms, max(1, probe.tries), late)
        choice = probe.choice
        if choice is None:
            if answer.is_silent and not self._schedule.is_last_pass:
                self._schedule.silent(probe)
            else:
                self._finish(probe, answer)
            return
        following = choice.take(answer)
        if following is not None:
            probe.move_to(following, choice.tries())
            self._schedule.again(probe)
        elif choice.may_change and not self._schedule.is_last_pass:
            silent = choice.begin_pass()
            probe.move_to(silent.address, silent.tries)
            self._schedule.silent(probe)
        else:
            self._finish(probe, choice.best())

    def _finish(self, probe: Probe, answer: Answer) -> None:
        if answer.state == "open":
            self._counters.open += 1
            self._canary.perch(probe, answer.address)
        if answer.late and answer.state in ("open", "closed"):
            self._counters.found_late += 1
        self.report(record_of(probe.cursor, probe.place, answer))
