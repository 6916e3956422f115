"""Finished records on their way from the scan's thread to its reader."""

from __future__ import annotations

import threading

from code_ops.scan import ScanResult

# With this many unread records no new probe begins, so a slow reader bounds the memory.
_MOST_UNREAD = 65536


class Outbox:
    """Batches of records, then the end, which may be an error."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake
        self._changed = threading.Condition()
        self._unread: list[ScanResult] = []
        self._error: BaseException | None = None
        self._is_closed = False

    @property
    def is_full(self) -> bool:
        """Whether the reader is far behind."""
        return len(self._unread) >= _MOST_UNREAD

    def put(self, records: list[ScanResult]) -> None:
        """Hand over finished records."""
        with self._changed:
            self._unread.extend(records)
            self._changed.notify()

    def close(self, error: BaseException | None = None) -> None:
        """Nothing follows; the reader gets ``error`` when there is one."""
        with self._changed:
            self._error = error
            self._is_closed = True
            self._changed.notify()

    def take(self, wait_seconds: float) -> list[ScanResult] | None:
        """What is finished, empty after ``wait_seconds`` without any, None at the end."""
        with self._changed:
            if not self._unread and not self._is_closed:
                self._changed.wait(wait_seconds)
            records, self._unread = self._unread, []
            if records or not self._is_closed:
                self._wake.set()
                return records
            if self._error is not None:
                raise self._error
            return None
