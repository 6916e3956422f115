"""Numbers and ranges as they stand in ports, octets and prefixes.

Digits are ASCII digits of any count, so numbers saturate instead of being converted
whole: Python refuses to convert more than 4,300 digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from code_ops.errors import TargetError

_MOST_DIGITS = 9
_SATURATED = 1_000_000_000
_RANGE = re.compile("([0-9]*)-([0-9]*)")


def is_number(text: str) -> bool:
    """Whether the text is one or more ASCII digits and nothing else."""
    return text.isascii() and text.isdigit()


def saturated(digits: str) -> int:
    """The number that the digits spell, or 10**9 for any larger one."""
    significant = digits.lstrip("0")
    if len(significant) > _MOST_DIGITS:
        return _SATURATED
    return int(significant or "0")


@dataclass(frozen=True, slots=True)
class RangeGrammar:
    """How one kind of number forms ranges: ``N``, ``N-M``, ``-M``, ``N-`` and ``-``."""

    noun: str
    range_noun: str
    phrase: str
    open_start: int
    highest: int

    def parse(self, item: str, column: int) -> range:
        """The numbers of an item; raises TargetError at ``column``."""
        if is_number(item):
            number = self._number(item, column)
            return range(number, number + 1)
        match = _RANGE.fullmatch(item)
        if match is None:
            raise TargetError(f"'{item}' is not {self.phrase}", column=column)
        first = self._number(match[1], column) if match[1] else self.open_start
        last = self._number(match[2], column) if match[2] else self.highest
        if first > last:
            raise TargetError(
                f"{self.range_noun} {first}-{last} runs backwards, write {last}-{first}",
                column=column,
            )
        return range(first, last + 1)

    def _number(self, digits: str, column: int) -> int:
        number = saturated(digits)
        if number > self.highest:
            raise TargetError(
                f"{self.noun} {digits} is out of range 0-{self.highest}", column=column
            )
        return number


PORTS = RangeGrammar("port", "range", "a port or a range", open_start=1, highest=65535)
OCTETS = RangeGrammar("octet", "octet range", "an octet or a range", open_start=0, highest=255)
