"""Jobs that cost memory, on threads: as many at once as a budget allows, in the order given.

Owns what runs when, the reports of progress and the end by Ctrl-C. Knows nothing of what a job
computes, but that it may find no memory: then it runs again when no other does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from code_ops.errors import BatchInterrupted

# The main thread looks for signals and reports progress this often.
_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to compute, the place of its result, and the bytes of memory it takes."""

    place: int
    memory: int
    request: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with jobs; both functions are called in threads."""

    compute: Callable[[Any, int], Any]
    """Of a request, and of the number of threads for it: the result, or a MemoryError."""
    without_memory: Callable[[Any], Any]
    """The result, or the exception, where nothing else ran and there was no memory still."""


def run(
    jobs: list[Job],
    results: list[Any],
    work: Work,
    *,
    threads: int,
    budget: int,
    progress: Callable[[int, int], object] | None,
) -> None:
    """Fills in the results of jobs; the others are there already.

    A job that is larger than the budget runs alone. Raises BatchInterrupted after Ctrl-C, when
    what was running has ended, and what the work or the report of progress raises.
    """
    report = _Report(len(results) - len(jobs), len(results), progress)
    try:
        crew = _Crew(jobs, results, work, threads, budget)
        crew.run(report)
        # Those that found no memory while others held theirs.
        _Crew(crew.short, results, work, threads, 0, is_last=True).run(report)
        report.end()
    except KeyboardInterrupt:
        raise BatchInterrupted(results) from None


class _Report:
    """Numbers of progress that only grow; the last comes once."""

    def __init__(
        self, done: int, total: int, progress: Callable[[int, int], object] | None
    ) -> None:
        self.done = done
        self._total = total
        self._told = 0
        self._progress = progress

    def step(self) -> None:
        done = self.done
        if self._progress is not None and self._told < done < self._total:
            self._told = done
            self._progress(done, self._total)

    def end(self) -> None:
        if self._progress is not None:
            self._progress(self._total, self._total)


class _Crew:
    """Threads that take one job after the other from a list, until it ends or they shall stop."""

    def __init__(
        self,
        jobs: list[Job],
        results: list[Any],
        work: Work,
        threads: int,
        budget: int,
        *,
        is_last: bool = False,
    ) -> None:
        self.short: list[Job] = []
        self._jobs = jobs
        self._waiting = iter(jobs)
        self._results = results
        self._work = work
        self._threads = threads
        self._budget = budget
        self._is_last = is_last
        self._turn = threading.Lock()
        self._changed = threading.Condition()
        self._running = 0
        self._memory = 0
        self._is_stopped = False

    def run(self, report: _Report) -> None:
        """Returns when every job has been done or is in ``short``."""
        if not self._jobs:
            return
        # A thread that never finds room would still take memory for itself.
        count = self._at_once(min(job.memory for job in self._jobs))
        pool = ThreadPoolExecutor(count)
        futures: list[Future[None]] = []
        try:
            self._start(pool, count, report, futures)
            if not futures:
                self._take_all(report)
            pending = set(futures)
            while pending:
                ended, pending = wait(pending, timeout=_STEP_SECONDS)
                for future in ended:
                    future.result()
                report.step()
        finally:
            self._stop()
            _join(pool, futures)

    def _start(
        self, pool: ThreadPoolExecutor, count: int, report: _Report, futures: list[Future[None]]
    ) -> None:
        for _ in range(count):
            try:
                futures.append(pool.submit(self._take_all, report))
            except RuntimeError:
                # The system gives no more threads; those that are there do it all.
                return

    def _take_all(self, report: _Report) -> None:
        try:
            while (job := self._take()) is not None:
                try:
                    self._do(job, report)
                finally:
                    self._give_back(job)
        except BaseException:
            self._stop()
            raise

    def _do(self, job: Job, report: _Report) -> None:
        try:
            result = self._work.compute(job.request, self._lane_threads(job))
        except MemoryError:
            if not self._is_last:
                self.short.append(job)
                return
            result = self._work.without_memory(job.request)
        self._results[job.place] = result
        with self._changed:
            report.done += 1

    def _take(self) -> Job | None:
        # In turns, so that many small jobs do not keep a large one waiting for ever.
        with self._turn, self._changed:
            job = next(self._waiting, None)
            if job is None:
                return None
            self._changed.wait_for(lambda: self._is_stopped or self._has_room(job))
            if self._is_stopped:
                return None
            self._running += 1
            self._memory += job.memory
            return job

    def _has_room(self, job: Job) -> bool:
        return self._running == 0 or self._memory + job.memory <= self._budget

    def _give_back(self, job: Job) -> None:
        with self._changed:
            self._running -= 1
            self._memory -= job.memory
            self._changed.notify_all()

    def _stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def _lane_threads(self, job: Job) -> int:
        """Threads for one job: all there are, shared by as many jobs as can run at once."""
        return self._threads // self._at_once(job.memory)

    def _at_once(self, memory: int) -> int:
        return max(1, min(self._threads, len(self._jobs), self._budget // memory))


def _join(pool: ThreadPoolExecutor, futures: list[Future[None]]) -> None:
    """Waits for what is running, and goes on with that when Ctrl-C comes once more."""
    try:
        # Not by joining: a thread whose join is interrupted counts as ended before it has.
        wait(futures)
    except KeyboardInterrupt:
        _join(pool, futures)
        raise
    pool.shutdown()
