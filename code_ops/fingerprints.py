"""Which of many values came before, in memory with a bound and without keeping any of them.

Owns a table of keyed fingerprints of 8 bytes: what is in memory tells nothing without the key,
which is made anew for each table and goes with it. Of 8 million values, two different ones have
the same fingerprint once in a million runs.
"""

from __future__ import annotations

import secrets
from array import array
from hashlib import blake2b

__all__ = ["Fingerprints"]

_FIRST_SLOTS = 1 << 12


class Fingerprints:
    """A table of values, told apart by their fingerprints, with a number for each.

    It takes 16 bytes a slot and at most twice as many slots as ``most`` to the next power of two;
    past ``most`` values nothing new is taken in, and what is in it is still found.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0
        self.is_full = False
        """Whether a value was turned away."""
        self._key = secrets.token_bytes(32)
        self._marks = array("Q", bytes(8 * _FIRST_SLOTS))
        self._numbers = array("Q", bytes(8 * _FIRST_SLOTS))

    def first(self, value: bytes, number: int) -> int:
        """The number that this value came with the first time, which may be now."""
        # Zero marks a free slot.
        mark = int.from_bytes(blake2b(value, digest_size=8, key=self._key).digest(), "little") or 1
        marks = self._marks
        last = len(marks) - 1
        slot = mark & last
        while found := marks[slot]:
            if found == mark:
                return self._numbers[slot]
            slot = slot + 1 & last
        if self.count >= self.most:
            self.is_full = True
            return number
        marks[slot] = mark
        self._numbers[slot] = number
        self.count += 1
        if 2 * self.count > last:
            self._grow()
        return number

    def _grow(self) -> None:
        before, numbers = self._marks, self._numbers
        last = 2 * len(before) - 1
        marks = self._marks = array("Q", bytes(8 * (last + 1)))
        self._numbers = array("Q", bytes(8 * (last + 1)))
        for mark, number in zip(before, numbers, strict=True):
            if mark:
                slot = mark & last
                while marks[slot]:
                    slot = slot + 1 & last
                marks[slot] = mark
                self._numbers[slot] = number
