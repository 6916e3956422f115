"""The benchmark of `code-ops passwords` against the libraries that Python programs hash with."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import contest, machine, report

HASH = Path(__file__).resolve().parent / "passwords_hash.py"
MODULES = {"code-ops": "code_rust_core", "argon2-cffi": "argon2", "cryptography": "cryptography"}
RIVALS = {
    "argon2-cffi": [sys.executable, "-c", "import argon2; print(argon2.__version__)"],
    "cryptography": [sys.executable, "-c", "import cryptography; print(cryptography.__version__)"],
}
NOTE = "Times are of the hashing alone, in a process of its own, after one hash for each thread."
ROOM_MB = 40


@dataclass(frozen=True)
class Work:
    """So many hashes of one cost: memory in KiB, iterations, lanes. The budget counts bytes."""

    count: int
    costs: tuple[int, int, int]
    budget: int = 0

    def entrant(self, library: str, threads: int, runs: int) -> contest.Entrant:
        """A library's process for it."""
        words = [library, str(threads), str(self.count), *map(str, self.costs)]
        words += [str(self.budget)] * bool(self.budget)
        return contest.Entrant(
            name=f"{library}-{threads}",
            tool=f"{library}, {threads} thread{'s' * (threads > 1)}",
            argv=[sys.executable, str(HASH), *words],
            shown=f"python benchmarks/passwords_hash.py {' '.join(words)}",
            runs=runs,
            why_not="" if importlib.util.find_spec(MODULES[library]) else "not installed",
        )


def measured(
    context: machine.Context, work: Work, takers: list[tuple[str, int]]
) -> dict[tuple[str, int], report.Measurement]:
    """Each library's measurement with each number of threads."""
    folder = context.workspace / "-".join(map(str, (work.count, *work.costs)))
    entrants = [work.entrant(library, threads, context.repeat) for library, threads in takers]
    outcomes = contest.hold([], folder, entrants)
    found = {}
    for taker, entrant in zip(takers, entrants, strict=True):
        outcome = outcomes[entrant.name]
        told = [json.loads(text) for text in outcome.outputs]
        plain = contest.measurement(outcome, "")
        if told:
            rate = work.count / min(each["seconds"] for each in told)
            agrees = "verified" if all(each["agrees"] for each in told) else "NOT verified"
            plain = replace(
                plain,
                seconds=[round(each["seconds"], 4) for each in told],
                peak_mb=round(max(each["peak"] for each in told) / 1e6, 1),
                floor_mb=0.0,
                answers=f"{rate:.1f} hashes/s, {agrees}",
            )
        found[taker] = plain
    return found


def owasp(context: machine.Context, cores: int) -> report.Row:
    """The cost of a login at OWASP's minimum."""
    work = Work(64, (19456, 2, 1))
    takers = [(library, threads) for threads in (1, cores) for library in MODULES]
    found = measured(context, work, takers)
    goals = [
        report.ratio_goal(
            "time", round(1 / 1.5, 3), found["code-ops", threads], found["argon2-cffi", threads]
        )
        for threads in (1, cores)
    ]
    notes = [NOTE, *report.ratio_notes((found["code-ops", cores], found["cryptography", cores]))]
    return report.Row("64 hashes: 19 MiB, 2 iterations, 1 lane", [*found.values()], goals, notes)


def rfc9106(context: machine.Context, cores: int) -> report.Row:
    """RFC 9106's second choice, whose hashes have threads of their own in the rivals."""
    takers = [(library, threads) for threads in (1, cores) for library in MODULES]
    # Two at once with lanes do not end in cryptography 50.
    takers.remove(("cryptography", cores))
    found = measured(context, Work(64, (65536, 3, 4)), takers)
    theirs = [found["argon2-cffi", 1], found["argon2-cffi", cores]]
    best = min(theirs, key=lambda each: min(each.seconds, default=float("inf")))
    goals = [report.ratio_goal("time", round(1 / 1.7, 3), found["code-ops", cores], best)]
    notes = [NOTE, *report.ratio_notes((found["code-ops", cores], found["cryptography", 1]))]
    return report.Row("64 hashes: 64 MiB, 3 iterations, 4 lanes", [*found.values()], goals, notes)


def batches(context: machine.Context, cores: int) -> report.Row:
    """The peak within a budget, of a small batch of dear hashes and a large one of cheap ones."""
    threads = 4 * cores
    works = (Work(64, (65536, 1, 4), 256 << 20), Work(100_000, (64, 1, 1), 1 << 20))
    found = {work: measured(context, work, [("code-ops", threads)]) for work in works}
    goals = []
    for work, (ours,) in ((work, tuple(taken.values())) for work, taken in found.items()):
        limit = work.budget / 1e6 + ROOM_MB
        goal = f"peak of {work.count:,} hashes <= budget of {work.budget >> 20} MiB + {ROOM_MB} MB"
        goals.append(report.limit_goal(goal, ours, ours.peak_mb, limit, "MB"))
    rows = [ours for taken in found.values() for ours in taken.values()]
    return report.Row(f"memory: {threads} threads within a budget", rows, goals, [NOTE])


def stream(context: machine.Context) -> report.Row:
    """A long file through the command, whose memory must not grow with it."""
    folder = context.workspace / "stream"
    folder.mkdir()
    entrants = []
    for count in (1, 1_000_000):
        path = folder / f"{count}.txt"
        path.write_text("".join(f"password {number}\n" for number in range(count)))
        words = f"passwords hash {path} --params m=8KiB,t=1,p=1 --memory 1MiB --output {{output}}"
        tool = f"code-ops, {count:,} lines"
        entrants.append(contest.ours(f"lines-{count}", tool, context.code_ops, words, 1))
    outcomes = contest.hold([], folder / "runs", entrants)
    one, many = (contest.measurement(outcomes[each.name], "") for each in entrants)
    growth = None if one.not_run or many.not_run else many.peak_mb - one.peak_mb
    goal = report.limit_goal(f"peak over one line's <= {ROOM_MB} MB", many, growth, ROOM_MB, "MB")
    return report.Row("memory: a million lines through the command", [one, many], [goal])


def run(context: machine.Context) -> list[report.Row]:
    """Every row of passwords."""
    cores = os.cpu_count() or 1
    rows = [owasp(context, cores), rfc9106(context, cores), batches(context, cores)]
    return [*rows, stream(context)]
