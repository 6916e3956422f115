"""What an Argon2 hash costs: parameters, presets by name, and how to choose by measuring.

Owns no hashing; what is measured is the engine's own, one hash at a time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from code_ops import _engine
from code_ops.argon2_strings import NUMBERS
from code_ops.errors import PasswordError

__all__ = ["PRESETS", "Calibration", "Measured", "Params", "Preset", "calibrate", "chosen"]

Preset: TypeAlias = Literal["owasp", "rfc9106-first", "rfc9106-second"]


class Params(NamedTuple):
    """What a new hash costs: memory in KiB, passes over it, and lanes, as RFC 9106 names them."""

    memory_kib: int
    iterations: int
    lanes: int


PRESETS: dict[Preset, Params] = {
    "owasp": Params(19456, 2, 1),
    "rfc9106-first": Params(2097152, 1, 4),
    "rfc9106-second": Params(65536, 3, 4),
}
"""Settings by name: OWASP's minimum, and the two choices of RFC 9106, section 4."""

# In KiB; 19 MiB and 46 MiB are OWASP's.
_MEMORIES: Final = tuple(mib * 1024 for mib in (8, 19, 32, 46, 64, 128, 256, 512, 1024, 2048))
_RFC_LANES = 4
# Settings measured in search of the largest number of iterations for one memory.
_ATTEMPTS = 4


def chosen(params: Params | Preset) -> Params:
    """The parameters themselves; raises PasswordError for a preset that is none."""
    if not isinstance(params, str):
        return Params(*params)
    if params not in PRESETS:
        raise PasswordError(f"preset {params!r} is not one of {', '.join(PRESETS)}")
    return PRESETS[params]


class Measured(NamedTuple):
    """What one hash with these parameters took on this machine."""

    params: Params
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Settings measured on this machine, in the order of their memory."""

    target_ms: float
    measured: tuple[Measured, ...]
    """For each memory the most iterations that stayed within the target. The last can be beyond
    it: one iteration over so much memory took longer, and so would all larger ones."""

    @property
    def recommended(self) -> Measured | None:
        """RFC 9106, section 4: the most memory that keeps the target, then the most iterations."""
        within = [one for one in self.measured if one.milliseconds <= self.target_ms]
        return within[-1] if within else None


def calibrate(
    target_ms: float,
    *,
    memory_budget: int | None = None,
    lanes: int | None = None,
    threads: int | None = None,
    seconds: float = 10.0,
    engine: str | None = None,
) -> Calibration:
    """Measures what a hash can cost within ``target_ms`` milliseconds and ``memory_budget`` bytes.

    The memories are 8, 19, 32, 46, 64, 128, 256 and 512 MiB, 1 and 2 GiB, up to the budget or else
    a quarter of what is free. ``lanes`` is RFC 9106's 4 unless given; they run on ``threads``, the
    number of cores unless given, as for a single login.

    One iteration is measured from the least memory up, until one is beyond the target. Then, from
    the most memory down, more iterations are: those that the last measurement says fit, at most
    four settings a memory. Each setting runs twice, and the faster run counts. No further memory
    is begun after ``seconds``, and a smaller one that was not has its one iteration; so the whole
    takes that time and some twenty targets at most.

    Raises PasswordError for a target or a budget that allows nothing, and for lanes out of range.
    """
    if not (target_ms > 0 and math.isfinite(target_ms)):
        raise PasswordError(f"a target of {target_ms} ms is not a number above 0")
    security = _engine.load("security", engine)
    lanes = _RFC_LANES if lanes is None else lanes
    budget = security.available_memory() // 4 if memory_budget is None else memory_budget
    ends = time.monotonic() + seconds

    def once(params: Params) -> float:
        begun = time.perf_counter()
        security.hash_passwords_batch([b"password"], params=params, threads=threads)
        return (time.perf_counter() - begun) * 1000

    def measure(params: Params) -> Measured:
        # Other work on the machine only adds, so that the faster run is nearer to the truth.
        return Measured(params, min(once(params), once(params)))

    # The first hash of a process loads what the others find; it is also the check of the lanes.
    once(Params(8 * max(lanes, 1), 1, lanes))
    firsts = _one_iteration_each(_memories(budget, lanes), lanes, target_ms, measure)
    most = []
    for first in reversed(firsts):
        is_worth_more = first.milliseconds <= target_ms and time.monotonic() < ends
        most.append(_most_iterations(first, target_ms, measure) if is_worth_more else first)
    return Calibration(target_ms, tuple(reversed(most)))


def _memories(budget: int, lanes: int) -> list[int]:
    possible = [memory for memory in _MEMORIES if memory >= 8 * lanes]
    within = [memory for memory in possible if memory * 1024 <= budget]
    if not within:
        least = possible[0] if possible else 8 * lanes
        complaint = f"a hash takes {least} KiB of memory"
        raise PasswordError(f"{complaint}, the budget is {budget // 1024} KiB")
    return within


def _one_iteration_each(
    memories: list[int], lanes: int, target_ms: float, measure: Callable[[Params], Measured]
) -> list[Measured]:
    """One iteration over each memory, until one is beyond the target or there is no memory."""
    measured: list[Measured] = []
    for memory in memories:
        try:
            measured.append(measure(Params(memory, 1, lanes)))
        except MemoryError:
            if not measured:
                raise
            break
        if measured[-1].milliseconds > target_ms:
            break
    return measured


def _most_iterations(
    first: Measured, target_ms: float, measure: Callable[[Params], Measured]
) -> Measured:
    """The most iterations that were measured within the target, over the memory of the first."""
    best, last = first, first
    # The first pass has more to do than those after it, so that one more can fit where its time
    # does not say so: the second measurement gives the slope.
    pass_ms = first.milliseconds
    least, seen = 2, {1}
    for _ in range(_ATTEMPTS):
        more = math.floor((target_ms - last.milliseconds) / pass_ms)
        iterations = min(max(least, last.params.iterations + more), NUMBERS)
        least = 1
        if iterations in seen:
            break
        seen.add(iterations)
        last = measure(first.params._replace(iterations=iterations))
        if best.params.iterations < iterations and last.milliseconds <= target_ms:
            best = last
        grown = (last.milliseconds - first.milliseconds) / max(1, iterations - 1)
        pass_ms = grown if grown > 0 else pass_ms
    return best
