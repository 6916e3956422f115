"""Reports of checked and linted files as text, JSON, SARIF, GitHub annotations and JUnit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from code_ops import __version__
from code_ops.config_check import FileReport, Problem

__all__ = ["FORMATS"]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text(reports: Sequence[FileReport]) -> str:
    """``file:line:column: level: message [rule]``, the line below with a mark, and what helps."""
    return "".join(_text(problem) for report in reports for problem in report.problems)


def _text(problem: Problem) -> str:
    place = f"{problem.path}:{problem.line}:{problem.column}"
    lines = [f"{place}: {problem.level}: {problem.message} [{problem.rule}]"]
    if problem.excerpt.strip():
        excerpt = problem.excerpt.replace("\t", " ")
        lines.append(f"  | {_printable(excerpt)}")
        lines.append(f"  | {' ' * (problem.excerpt_column - 1)}^")
    if problem.hint:
        lines.append(f"  = {problem.hint}")
    if problem.schema_path is not None:
        lines.append(f"  = schema {problem.schema_path or '/'}")
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    """A line that cannot move a terminal's cursor."""
    return "".join(c if c.isprintable() else "?" for c in line)


def document(reports: Sequence[FileReport]) -> str:
    """One JSON document, see docs/schemas/config-check.json."""
    files = [asdict(report) for report in reports]
    return json.dumps({"v": 1, "files": files}, indent=2, ensure_ascii=False) + "\n"


def sarif(reports: Sequence[FileReport]) -> str:
    """SARIF 2.1.0, one run."""
    problems = [problem for report in reports for problem in report.problems]
    rules = sorted({problem.rule for problem in problems})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "code-ops",
                "semanticVersion": __version__,
                "rules": [{"id": rule} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, rules) for problem in problems],
        "invocations": [
            {
                "executionSuccessful": not any(report.unreadable for report in reports),
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": f"{report.path}: {report.unreadable}"},
                    }
                    for report in reports
                    if report.unreadable
                ],
            }
        ],
    }
    whole = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _result(problem: Problem, rules: list[str]) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    if problem.end_line is not None and problem.end_column is not None:
        region |= {"endLine": problem.end_line, "endColumn": problem.end_column}
    location = {"artifactLocation": {"uri": quote(problem.path)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": rules.index(problem.rule),
        "level": problem.level,
        "message": {"text": _whole_message(problem)},
        "locations": [{"physicalLocation": location}],
    }


def _whole_message(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{problem.message}{hint}"


def github(reports: Sequence[FileReport]) -> str:
    """Workflow commands that GitHub shows beside the lines."""
    return "".join(
        f"::{problem.level} file={_property(problem.path)},line={problem.line},"
        f"col={problem.column},title={_property(problem.rule)}::{_data(_whole_message(problem))}\n"
        for report in reports
        for problem in report.problems
    )


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def junit(reports: Sequence[FileReport]) -> str:
    """A test case for each file; its problems are one failure, not to be read is an error."""
    failed = sum(bool(report.problems) for report in reports)
    errors = sum(bool(report.unreadable) for report in reports)
    counts = {"tests": len(reports), "failures": failed, "errors": errors, "skipped": 0}
    numbers = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": "code-ops config"} | numbers)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "config"} | numbers)
    for report in reports:
        case = ElementTree.SubElement(
            suite, "testcase", {"name": _xml(report.path), "classname": "config"}
        )
        if report.unreadable:
            ElementTree.SubElement(case, "error", {"message": _xml(report.unreadable)})
        elif report.problems:
            first = report.problems[0]
            count = len(report.problems)
            more = f", and {count - 1} more" if count > 1 else ""
            failure = ElementTree.SubElement(
                case, "failure", {"message": _xml(first.message + more), "type": first.rule}
            )
            failure.text = _xml("".join(_text(problem) for problem in report.problems))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(value: str) -> str:
    """Without the characters that XML has no form for."""
    allowed = "\t\n\r"
    return "".join(
        c if c in allowed or "\x20" <= c <= "\ud7ff" or c >= "\ue000" else "?" for c in value
    )


FORMATS: dict[str, Callable[[Sequence[FileReport]], str]] = {
    "text": text,
    "json": document,
    "sarif": sarif,
    "github": github,
    "junit": junit,
}
