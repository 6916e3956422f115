"""A progress line on a terminal, for work over a second; silent elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

SHOWN_AFTER_SECONDS = 1.0


class ProgressLine:
    """Shows done, rate and time left on standard error."""

    def __init__(self, label: str, *, wanted: bool) -> None:
        self._label = label
        self._wanted = wanted and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def update(self, done: int, total: int | None, text: str) -> None:
        """Shows these numbers, once the work has taken a second; None where no end is known."""
        if not self._wanted or time.monotonic() - self._started < SHOWN_AFTER_SECONDS:
            return
        if self._bar is None:
            self._start(total)
        self._bar.update(self._task, completed=done, total=total, text=text)

    def stop(self) -> None:
        """Takes the line away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _start(self, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            # A short line: one that fills the terminal leaves its rest behind when it shrinks.
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(self._label, total=total, text="")
        self._bar.start()
