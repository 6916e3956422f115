"""Conditions on a report of logs, such as ``errors > 0``, that make a check fail.

A condition is a measure, a comparison and a number::

    errors > 0
    error_rate > 1%
    p99(duration_ms) > 500
    5xx_rate >= 0.5%
    total < 1

Measures are ``total``, ``errors``, ``warnings``, ``lines``, ``unparsed_lines``,
``continuation_lines``, ``cut_lines``, ``invalid_utf8_lines``, the name of a level, a class of
statuses (``1xx`` to ``5xx``), each of these but the lines with ``_rate`` behind it for its share
of all events, and ``count``, ``min``, ``max``, ``sum``, ``mean``, ``p50``, ``p90``, ``p95`` and
``p99`` of a field with numbers, in parentheses. Numbers take ``%``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from code_ops.errors import LogConditionError

__all__ = ["Condition", "Verdict", "parse_condition"]

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_LEVELS = (
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "info",
    "debug",
    "trace",
    "unknown",
)
_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_SHARED = ("errors", "warnings", *_LEVELS, *_CLASSES)
_LINES = ("lines", "unparsed_lines", "continuation_lines", "cut_lines", "invalid_utf8_lines")
# `error_rate` is what people say.
_RATES = {f"{name}_rate": name for name in _SHARED} | {
    "error_rate": "errors",
    "warning_rate": "warnings",
}
_OF_FIELD = ("count", "min", "max", "sum", "mean", "p50", "p90", "p95", "p99")
_WORD = re.compile(r"\s*([0-9A-Za-z_]+)")
_FIELD = re.compile(r"\s*\(\s*([^()\s]+)\s*\)")
_COMPARISON = re.compile(r"\s*(>=|<=|==|!=|>|<)")
_NUMBER = re.compile(r"\s*(-?(?:\d+(?:\.\d+)?|\.\d+))\s*(%?)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a condition; ``value`` is None where the report has no such measure."""

    condition: str
    value: float | None
    is_met: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read; ``text`` is how it was written."""

    text: str
    measure: str
    field: str | None
    comparison: str
    number: float

    def verdict(self, report: Mapping[str, Any]) -> Verdict:
        """Whether the report meets it."""
        value = _value(report, self.measure, self.field)
        is_met = value is not None and _COMPARISONS[self.comparison](value, self.number)
        return Verdict(self.text, value, is_met)


def parse_condition(text: str) -> Condition:
    """Reads a condition; raises LogConditionError with the column of what is wrong."""
    word = _WORD.match(text)
    if word is None:
        raise LogConditionError("expected a measure such as errors", text, _past_blanks(text, 0))
    measure, at = word[1], word.end()
    field = None
    if measure in _OF_FIELD:
        inner = _FIELD.match(text, at)
        if inner is None:
            message = f"expected a field in parentheses, as in {measure}(duration_ms)"
            raise LogConditionError(message, text, _past_blanks(text, at))
        field, at = inner[1], inner.end()
    elif measure not in ("total", *_SHARED, *_LINES, *_RATES):
        raise LogConditionError(f"unknown measure {measure!r}", text, word.start(1) + 1)
    comparison = _COMPARISON.match(text, at)
    if comparison is None:
        message = "expected a comparison: >, >=, <, <=, == or !="
        raise LogConditionError(message, text, _past_blanks(text, at))
    number = _NUMBER.match(text, comparison.end())
    if number is None:
        raise LogConditionError("expected a number", text, _past_blanks(text, comparison.end()))
    if text[number.end() :].strip():
        column = _past_blanks(text, number.end())
        raise LogConditionError("expected nothing behind the number", text, column)
    value = float(number[1]) / (100 if number[2] else 1)
    return Condition(text.strip(), measure, field, comparison[1], value)


def _past_blanks(text: str, at: int) -> int:
    """The column, from 1, of what stands behind blanks."""
    return len(text) - len(text[at:].lstrip()) + 1


def _value(report: Mapping[str, Any], measure: str, field: str | None) -> float | None:
    if field is not None:
        numbers = report["fields"].get(field)
        if numbers is None or numbers["count"] == 0:
            return None
        if measure == "mean":
            return None if numbers["sum"] is None else float(numbers["sum"] / numbers["count"])
        value = numbers[measure]
        return None if value is None else float(value)
    if measure in _RATES:
        part = _value(report, _RATES[measure], None)
        return None if part is None else part / report["total"] if report["total"] else 0.0
    if measure in _LEVELS:
        return float(report["levels"][measure])
    if measure in _CLASSES:
        return None if report["http"] is None else float(report["http"]["classes"].get(measure, 0))
    return float(report[measure])
