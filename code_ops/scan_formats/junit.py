"""JUnit's XML, as far as Jenkins, GitLab and their like agree on it.

One suite. Its test cases are the expectations, or every result where nothing was
expected; with a baseline also the differences. What could not be tested is an error,
what came out otherwise is a failure.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from code_ops.scan import InputProblem, ScanResult
from code_ops.scan_baseline import Difference
from code_ops.scan_formats.report import CollectingWriter, ScanReport
from code_ops.scan_formats.tally import Tally, tally_of
from code_ops.text import xml

_NAME = "code-ops scan"
_NOT_TESTED = ("unresolved", "local_error")


@dataclass(frozen=True, slots=True)
class Case:
    """One test case; without an outcome it passed."""

    group: str
    name: str
    seconds: float = 0.0
    outcome: Literal["failure", "error"] | None = None
    kind: str = ""
    message: str = ""
    detail: str = ""

    def text(self) -> str:
        start = (
            f'    <testcase classname="{xml(self.group)}" name="{xml(self.name)}"'
            f' time="{self.seconds:.6f}"'
        )
        if self.outcome is None:
            return start + "/>\n"
        return (
            f'{start}>\n      <{self.outcome} type="{xml(self.kind)}"'
            f' message="{xml(self.message)}">{xml(self.detail)}</{self.outcome}>\n'
            "    </testcase>\n"
        )


class JunitWriter(CollectingWriter):
    """Writes the document when the scan is over."""

    def finish(self, report: ScanReport) -> None:
        results = self.in_order()
        cases = list(_cases(results, report))
        failures = sum(case.outcome == "failure" for case in cases)
        errors = sum(case.outcome == "error" for case in cases)
        counts = (
            f'name="{_NAME}" tests="{len(cases)}" failures="{failures}" errors="{errors}"'
            f' time="{report.seconds:.3f}"'
        )
        started = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(report.started))
        write = self._sink.write
        write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counts}>\n')
        write(f'  <testsuite {counts} skipped="0" timestamp="{started}">\n')
        write(_properties(report, report.tally or tally_of(results)))
        write("".join(case.text() for case in cases))
        write("  </testsuite>\n</testsuites>\n")
        self._sink.flush()


def _cases(results: list[ScanResult], report: ScanReport) -> Iterator[Case]:
    for problem in report.problems:
        yield _problem_case(problem)
    any_expected = any(result.expected is not None for result in results)
    # With expectations or a baseline the other results are no tests, but a target that
    # could not be tested at all is always an error.
    every_result = not any_expected and report.differences is None
    for result in results:
        if every_result or result.expected is not None or result.state in _NOT_TESTED:
            yield _result_case(result)
    if report.differences is not None:
        yield from _difference_cases(report.differences, report.fail_on)


def _result_case(result: ScanResult) -> Case:
    name = _address(result.host, result.ip, result.port)
    if result.expected is not None:
        name += f" {result.expected}"
    seconds = (result.rtt_ms or 0.0) / 1000
    if result.as_expected or (result.expected is None and result.state not in _NOT_TESTED):
        return Case(result.host, name, seconds)
    found = f"{result.state} ({result.reason})"
    if result.state == "open" and result.rtt_ms is not None:
        found += f" after {result.rtt_ms:.3f} ms"
    message = f"found {found}"
    if result.expected is not None:
        message = f"expected {result.expected}, {message}"
    place = f"{result.source}: " if result.source else ""
    outcome: Literal["failure", "error"]
    outcome = "error" if result.state in _NOT_TESTED else "failure"
    detail = f"{place}{_address(result.host, result.ip, result.port)}: {message}"
    return Case(result.host, name, seconds, outcome, result.state, message, detail)


def _difference_cases(differences: list[Difference], fail_on: frozenset[str]) -> Iterator[Case]:
    if not differences:
        # Some readers take a suite without cases for a broken run.
        yield Case("baseline", "no difference from the baseline")
    for difference in differences:
        address = _address(difference.host, difference.ip, difference.port)
        name = f"{address} {difference.kind}"
        if difference.kind not in fail_on:
            yield Case(difference.host, name)
            continue
        before = difference.before or "not open"
        message = f"expected {before} as in the baseline, found {difference.after}"
        message += f" ({difference.reason})"
        detail = f"{address}: {message}"
        yield Case(difference.host, name, 0.0, "failure", difference.kind, message, detail)


def _problem_case(problem: InputProblem) -> Case:
    where = f"{problem.source}:{problem.line}:{problem.column}"
    return Case("input", where, 0.0, "error", "input", problem.message, str(problem))


def _address(host: str, ip: str | None, port: int) -> str:
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return shown if ip is None or ip == host else f"{shown} ({ip})"


def _properties(report: ScanReport, tally: Tally) -> str:
    values: dict[str, object] = {
        "version": report.version,
        "engine": report.engine,
        "results": tally.total,
        "as_expected": tally.met,
        "not_as_expected": tally.failed,
        "interrupted": str(report.interrupted).lower(),
        "exit_code": report.exit_code,
    }
    values.update((state, count) for state, count in tally.states.items())
    if report.differences is not None:
        values["differences"] = len(report.differences)
        values["not_scanned"] = report.not_scanned
    lines = "".join(
        f'      <property name="{xml(name)}" value="{xml(str(value))}"/>\n'
        for name, value in values.items()
    )
    return f"    <properties>\n{lines}    </properties>\n"
