"""One probe: a host, a port, what its sockets said, and the record that comes of it.

Owns the choice among the several addresses of a name. Sockets and clocks are the
engine's.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import NamedTuple

from code_ops._fallback.intervals import Intervals
from code_ops._fallback.resolve import Address
from code_ops._fallback.targets import Target
from code_ops.scan import ScanResult, State

NO_RESPONSE = "no-response"
_RANK: dict[State, int] = {
    "open": 0,
    "closed": 1,
    "filtered": 2,
    "unreachable": 3,
    "local_error": 4,
}


class Answer(NamedTuple):
    """What the probes of one address came to."""

    address: Address
    state: State
    reason: str
    rtt_ms: float | None
    tries: int
    late: bool
    """Whether a later pass than the first one found it."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing came back: the only answer that another pass may change."""
        return self.reason == NO_RESPONSE


class Cursor:
    """A host on its way through its ports."""

    __slots__ = ("addresses", "base", "dns_ms", "host", "place", "target")

    def __init__(
        self,
        target: Target,
        base: int,
        addresses: tuple[Address, ...],
        host: str,
        dns_ms: float | None = None,
    ) -> None:
        self.target = target
        self.base = base
        self.addresses = addresses
        self.host = host
        self.dns_ms = dns_ms
        self.place = 0

    def take(self) -> Probe:
        """The probe of the next port."""
        probe = Probe(self, self.place)
        self.place += 1
        return probe

    def pass_over(self, skip: Intervals) -> int:
        """Leave out the ports that are to be skipped next; returns how many."""
        before = self.place
        while self.place < len(self.target.ports):
            last = skip.last_of_run(self.base + self.place)
            if last is None:
                break
            self.place = min(last + 1 - self.base, len(self.target.ports))
        return self.place - before

    @property
    def is_done(self) -> bool:
        """Whether every port has been taken."""
        return self.place >= len(self.target.ports)


class Probe:
    """One port of one host; for a name with several addresses, of each that is tried."""

    __slots__ = (
        "address",
        "choice",
        "connection",
        "cursor",
        "failing_since",
        "failures",
        "place",
        "self_connects",
        "sequence",
        "started",
        "tries",
    )

    def __init__(self, cursor: Cursor, place: int) -> None:
        self.cursor = cursor
        self.place = place
        self.address = cursor.addresses[0]
        self.choice = Choice(cursor.addresses) if len(cursor.addresses) > 1 else None
        self.connection: socket.socket | None = None
        self.started = 0.0
        self.sequence = 0
        self.tries = 0
        self.self_connects = 0
        self.failures = 0
        self.failing_since = 0.0

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self.cursor.target.ports[self.place]

    def move_to(self, address: Address, tries: int) -> None:
        """Go on with another address, or with the same one in a later pass."""
        self.address = address
        self.tries = tries
        self.self_connects = 0
        self.failures = 0


class Choice:
    """Which address of a name to try next, and which answer stands for the name."""

    __slots__ = ("_answers", "_todo", "addresses")

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self.addresses = addresses
        self._answers: dict[int, Answer] = {}
        self._todo = list(range(len(addresses)))

    def take(self, answer: Answer) -> Address | None:
        """Note the answer of the first address to try; returns the one to try next."""
        place = self._todo.pop(0)
        self._answers[place] = answer
        if answer.state == "open":
            self._todo = []
        elif answer.state == "closed":
            # One refusal is confirmed, at the other family: a server may listen on one only.
            other = self._first_of_another_family(place)
            self._todo = [other] if other in self._todo else []
        return self.addresses[self._todo[0]] if self._todo else None

    def begin_pass(self) -> Answer:
        """Turn to the silent addresses again; returns the answer of the first so far."""
        self._todo = [place for place in sorted(self._answers) if self._answers[place].is_silent]
        return self._answers[self._todo[0]]

    def tries(self) -> int:
        """Sockets used so far for the address to try next."""
        known = self._answers.get(self._todo[0])
        return known.tries if known else 0

    @property
    def may_change(self) -> bool:
        """Whether another pass could still find something better."""
        answers = self._answers.values()
        found_open = any(answer.state == "open" for answer in answers)
        return not found_open and any(answer.is_silent for answer in answers)

    def best(self) -> Answer:
        """The best answer, of equals that of the earliest address."""
        return min(
            (self._answers[place] for place in sorted(self._answers)),
            key=lambda answer: _RANK[answer.state],
        )

    def _first_of_another_family(self, place: int) -> int:
        family = self.addresses[place].family
        places: Iterable[int] = range(len(self.addresses))
        return next((other for other in places if self.addresses[other].family != family), -1)


def record_of(cursor: Cursor, place: int, answer: Answer) -> ScanResult:
    """The record of a probe that was sent."""
    return _record(
        cursor.target,
        cursor.base + place,
        cursor.host,
        answer.address.text,
        cursor.target.ports[place],
        answer.state,
        answer.reason,
        answer.rtt_ms,
        answer.tries,
        cursor.dns_ms,
    )


def unresolved_record(target: Target, place: int, reason: str, dns_ms: float) -> ScanResult:
    """The record of a port whose host did not resolve."""
    return _record(
        target,
        target.base + place,
        target.input.partition("/")[0],
        None,
        target.ports[place],
        "unresolved",
        reason,
        None,
        0,
        dns_ms,
    )


def _record(
    target: Target,
    index: int,
    host: str,
    ip: str | None,
    port: int,
    state: State,
    reason: str,
    rtt_ms: float | None,
    tries: int,
    dns_ms: float | None,
) -> ScanResult:
    expectation = target.expectation
    return ScanResult(
        index,
        target.input,
        host,
        ip,
        port,
        state,
        reason,
        rtt_ms,
        tries,
        dns_ms,
        time.time(),
        target.source,
        expectation.text if expectation else None,
        expectation.met_by(state, rtt_ms) if expectation else None,
    )
