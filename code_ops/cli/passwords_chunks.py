"""Rows gathered to chunks of about a second's work, and Ctrl-C between or within them.

Chunks bound memory for inputs of any length, and let a pipe have its output soon: a chunk that is
not full is worked off before the input is waited for.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from code_ops.cli.interrupts import Interrupts

Item = TypeVar("Item")

WANTED_SECONDS = 1.0
ITEMS_MAX = 4096
BYTES_MAX = 32 << 20


class Chunks(Generic[Item]):
    """Gathers items and hands them over as chunks.

    To be used as a context. ``work`` gets a chunk; within ``patient`` the first Ctrl-C raises
    KeyboardInterrupt at once, elsewhere at the end of the chunk, so that no row is torn that is
    being written.
    """

    def __init__(self, work: Callable[[list[Item]], None]) -> None:
        self._work = work
        self._cores = os.cpu_count() or 1
        self._size = self._cores
        self._items: list[Item] = []
        self._cost = 0
        self._bytes = 0
        self._is_patient = False
        self._interrupts = Interrupts(self._ask)

    def __enter__(self) -> Chunks[Item]:
        self._interrupts.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._interrupts.__exit__(*error)

    def add(self, item: Item, cost: int, size: int) -> None:
        """Adds an item that takes so many hashes and bytes."""
        self._items.append(item)
        self._cost += cost
        self._bytes += size
        is_full = self._cost >= self._size or len(self._items) >= ITEMS_MAX
        if is_full or self._bytes >= BYTES_MAX:
            self.flush()

    def flush(self) -> None:
        """Works off what was gathered."""
        if not self._items:
            return
        items, self._items = self._items, []
        cost, self._cost, self._bytes = self._cost, 0, 0
        started = time.monotonic()
        with self._patience(False):
            self._work(items)
        self._adapt(cost, time.monotonic() - started)
        if self._interrupts.asked:
            raise KeyboardInterrupt

    def patient(self) -> contextlib.AbstractContextManager[None]:
        """For work that may be interrupted anywhere: reading and hashing."""
        return self._patience(True)

    @contextlib.contextmanager
    def _patience(self, is_patient: bool) -> Iterator[None]:
        before, self._is_patient = self._is_patient, is_patient
        try:
            yield
        except Exception:
            if is_patient and self._interrupts.asked:
                # The interrupt came while arguments were converted, and was told as their fault.
                raise KeyboardInterrupt from None
            raise
        finally:
            self._is_patient = before

    def _ask(self) -> None:
        if self._is_patient:
            raise KeyboardInterrupt

    def _adapt(self, cost: int, seconds: float) -> None:
        """At most four times as large as the last one: its time may have been chance."""
        if cost < self._size:
            return
        wanted = int(cost * min(4.0, WANTED_SECONDS / max(seconds, 1e-6)))
        # Whole rounds of all cores, so that none idles at the end of a chunk.
        rounds = max(1, wanted // self._cores)
        self._size = min(ITEMS_MAX, rounds * self._cores)
