"""Waits until services answer, or until they no longer do, with growing pauses."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from code_ops.errors import TargetError
from code_ops.scan import ScanResult, ServiceScanner, State, Targets

__all__ = ["Waited", "read_services", "wait_for"]

Goal = Literal["open", "closed"]
# Gone is gone: refused, silent or without a route.
_STATES: dict[Goal, tuple[State, ...]] = {
    "open": ("open",),
    "closed": ("closed", "filtered", "unreachable"),
}
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
GROWTH = 1.6
# Many waiters on one service must not come in step: each pause is cut by up to this share.
JITTER = 0.3
SERVICES_MAX = 10_000


class Waited(NamedTuple):
    """How the waiting ended."""

    met: bool
    """Whether all services were as wanted in time."""
    seconds: float
    results: list[ScanResult]
    """The last result of each service, in the order given."""
    missing: list[ScanResult]
    """Those that were not as wanted."""


def read_services(texts: Sequence[str], *, engine: str | None = None) -> list[tuple[str, int]]:
    """The hosts and ports of texts like ``db1:5432`` and ``[::1]:80,443``.

    Raises TargetError for what cannot be read, and for a host without ports.
    """
    services: list[tuple[str, int]] = []
    for number, text in enumerate(texts, 1):
        # Port 0 stands for a target without ports: nothing can listen there.
        targets = Targets("0", engine=engine)
        for problem in targets.add(text):
            raise TargetError(problem.message, "arguments", number, problem.column)
        if any(ports == "0" for _, ports, _ in targets.preview(1)):
            raise TargetError("expected host:port", "arguments", number, len(text) + 1)
        if len(services) + targets.probes > SERVICES_MAX:
            raise TargetError(f"more than {SERVICES_MAX:,} services", "arguments", number)
        for host, ports, _ in targets.preview(SERVICES_MAX):
            for part in ports.split(","):
                first, _, last = part.partition("-")
                services += [(host, port) for port in range(int(first), int(last or first) + 1)]
    return services


def wait_for(
    services: Iterable[tuple[str, int]],
    goal: Goal = "open",
    *,
    timeout_ms: float = 60_000,
    probe_timeout_ms: int = 1000,
    engine: str | None = None,
    met: Callable[[ScanResult, float], None] | None = None,
    tried: Callable[[int, float], None] | None = None,
) -> Waited:
    """Probes until every service is as wanted or the time is over.

    ``closed`` means no longer open: refused, silent or unreachable. A service counts once
    it was as wanted; ``met`` is called then with its result and the seconds passed, and
    ``tried`` after each round with how many are left and the seconds passed. Pauses grow
    from 0.1 to 5 seconds. A timeout of 0 probes once.
    """
    waiting = dict(enumerate(services))
    last: dict[int, ScanResult] = {}
    started = time.monotonic()
    end = started + timeout_ms / 1000
    pause = FIRST_PAUSE_SECONDS
    while waiting:
        left_ms = max(1.0, (end - time.monotonic()) * 1000)
        limit_ms = max(1, round(min(probe_timeout_ms, left_ms)))
        # The waiting itself is the retry, so that one try is one socket.
        scanner = ServiceScanner(
            timeout_ms=limit_ms,
            retries=0,
            resolve_timeout_ms=max(1, round(min(5000, max(left_ms, 100)))),
            engine=engine,
        )
        results = scanner.scan_services(list(waiting.values()))
        for number, result in zip(list(waiting), results, strict=True):
            last[number] = result
            if result.state in _STATES[goal]:
                del waiting[number]
                if met:
                    met(result, time.monotonic() - started)
        if tried:
            tried(len(waiting), time.monotonic() - started)
        left = end - time.monotonic()
        if not waiting or left <= 0:
            break
        time.sleep(min(left, pause * (1 - random.uniform(0, JITTER))))  # noqa: S311 - no secret
        pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)
    ordered = [last[number] for number in sorted(last)]
    missing = [last[number] for number in waiting]
    return Waited(not waiting, time.monotonic() - started, ordered, missing)
