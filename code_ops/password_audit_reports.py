"""An audit as JSON, and rows of it as records; the schema is docs/schemas/passwords-audit.json.

Owns the names and the order of members. No hash is in any of them: an audit has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from code_ops.password_audit import Audit, Finding, RowAudit, Tally
from code_ops.text import encodable

__all__ = ["RECORD_FIELDS", "document", "record"]

RECORD_FIELDS = ("file", "row", "user", "scheme", "parameters", "state", "reason", "findings")


def document(audit: Audit, problems: Sequence[tuple[str, int, str]], unread: int) -> dict[str, Any]:
    """The whole audit; ``problems`` are file, row and text, ``unread`` rows could not be read."""
    return {
        "v": 1,
        "policy": audit.policy,
        "total": _tally(audit.total),
        "unread_rows": unread,
        "files": [
            {"name": encodable(each.name), **_tally(each)} for each in audit.sources if each.name
        ],
        "problems": [
            {"file": encodable(name), "row": row or None, "problem": encodable(text)}
            for name, row, text in problems
        ],
        "groups": [
            {
                "scheme": group.scheme,
                "parameters": dict(group.parameters),
                "count": group.count,
                "state": group.state,
                "reason": group.reason,
            }
            for group in audit.groups
        ],
        "finding_counts": dict(audit.finding_counts),
        "findings": [_finding(finding) for finding in audit.findings],
        "is_all_compared": audit.is_all_compared,
    }


def record(source: str, row: int, user: str, found: RowAudit) -> dict[str, Any]:
    """One row, in the order of ``RECORD_FIELDS``; its findings beside that of its state."""
    return {
        "file": encodable(source),
        "row": row,
        "user": encodable(user),
        "scheme": found.scheme,
        "parameters": dict(found.parameters),
        "state": found.state,
        "reason": found.reason,
        "findings": [
            {"kind": each.kind, "reason": encodable(each.reason)}
            for each in found.findings
            if each.kind != found.state
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "rows": tally.rows,
        "states": dict(tally.states),
        "judged": tally.judged,
        "below": tally.below,
        "share_below": round(tally.share_below, 6),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "file": encodable(finding.source),
        "row": finding.row,
        "user": encodable(finding.user),
        "reason": encodable(finding.reason),
    }
