"""Ctrl-C and a polite kill, taken between two results and never in the middle of one."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While this context lasts, the first signal only asks; the next one interrupts at once.

    So no record is torn or lost that is being written when the signal comes, and still
    nobody has to wait for a reader that does not read.
    """

    def __init__(self, ask: Callable[[], None] = lambda: None) -> None:
        """``ask`` is called by the first signal, for work that does not come back to a loop."""
        self._ask = ask
        self.asked = False
        """Whether a signal came: to be looked at in a loop."""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self._ask()
