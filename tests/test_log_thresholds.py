"""Conditions on reports: what they mean, and where they are wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops.errors import LogConditionError
from code_ops.log_thresholds import parse_condition

LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "trace")
REPORT: dict[str, Any] = {
    "total": 200,
    "errors": 3,
    "warnings": 10,
    "levels": {**dict.fromkeys(LEVELS, 0), "critical": 1, "error": 2, "warning": 10, "unknown": 0},
    "lines": 210,
    "unparsed_lines": 4,
    "continuation_lines": 6,
    "cut_lines": 0,
    "invalid_utf8_lines": 0,
    "fields": {"duration_ms": {"count": 4, "min": 1.0, "sum": 10.0, "p99": 4.0}},
    "http": None,
}
ACCESS = REPORT | {"http": {"classes": {"2xx": 190, "5xx": 10}}}

ROWS = [
    ("errors > 0", 3, True),
    ("errors>3", 3, False),
    ("errors >= 3", 3, True),
    ("  total<200 ", 200, False),
    ("total <= 200", 200, True),
    ("total == 200", 200, True),
    ("total != 200", 200, False),
    ("error_rate > 1%", 0.015, True),
    ("error_rate > 1.5%", 0.015, False),
    ("errors_rate > .01", 0.015, True),
    ("warning_rate > 5%", 0.05, False),
    ("critical > 0", 1, True),
    ("critical_rate > 1%", 0.005, False),
    ("lines == 210", 210, True),
    ("unparsed_lines > 3", 4, True),
    ("p99(duration_ms) > 3.5", 4, True),
    ("mean( duration_ms ) > 3", 2.5, False),
    ("count(duration_ms) < 5", 4, True),
    # What is not there is no zero.
    ("p99(other) > 0", None, False),
    ("5xx > 0", None, False),
]


@pytest.mark.parametrize(("text", "value", "is_met"), ROWS)
def test_condition(text: str, value: float | None, is_met: bool) -> None:
    verdict = parse_condition(text).verdict(REPORT)
    assert (verdict.condition, verdict.is_met) == (text.strip(), is_met)
    assert verdict.value == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "value"), [("5xx > 0", 10), ("5xx_rate > 1%", 0.05), ("4xx > 0", 0)]
)
def test_statuses(text: str, value: float) -> None:
    assert parse_condition(text).verdict(ACCESS).value == pytest.approx(value)


def test_nothing_has_no_rate() -> None:
    verdict = parse_condition("error_rate > 0").verdict(REPORT | {"total": 0, "errors": 0})
    assert (verdict.value, verdict.is_met) == (0.0, False)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "expected a measure"),
        ("  > 1", 3, "expected a measure"),
        ("oops > 1", 1, "unknown measure 'oops'"),
        ("total_rate > 1", 1, "unknown measure"),
        ("p99 > 1", 5, "in parentheses"),
        ("p99() > 1", 4, "in parentheses"),
        ("errors", 7, "expected a comparison"),
        ("errors = 1", 8, "expected a comparison"),
        ("errors > ", 10, "expected a number"),
        ("errors > many", 10, "expected a number"),
        ("errors > 1 or 2", 12, "nothing behind"),
        ("errors > 1%%", 12, "nothing behind"),
    ],
)
def test_wrong(text: str, column: int, message: str) -> None:
    with pytest.raises(LogConditionError, match=message) as raised:
        parse_condition(text)
    assert raised.value.column == column


@given(st.text())
def test_any_text(text: str) -> None:
    column = 1
    try:
        parse_condition(text).verdict(ACCESS)
    except LogConditionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
