"""An audit as JSON and as records; the schema is docs/schemas/vault-audit.json.

Owns the names and the order of members. No value, nor its length, is in any of them.
"""

from __future__ import annotations

import csv
import json
from typing import Any, TextIO

from code_ops.text import encodable, neutral
from code_ops.vault_audit import Audit, Audited, Finding, age_days
from code_ops.vault_history import Commit, who_of

__all__ = ["FIELDS", "document", "write_records"]

FIELDS = ("level", "rule", "path", "name", "message")


def document(audit: Audit) -> str:
    """The whole audit."""
    whole = {
        "v": 1,
        "files": audit.files,
        "vaults": [_vault(audited) for audited in audit.vaults],
        "findings": [_finding(finding) for finding in audit.findings],
        "unread": [
            {"path": encodable(each.path), "message": encodable(each.message)}
            for each in audit.unread
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write_records(stream: TextIO, form: str, audit: Audit) -> None:
    """A line for each finding, as ``ndjson`` or ``csv``."""
    rows = [_finding(finding) for finding in audit.findings]
    if form == "ndjson":
        stream.writelines(json.dumps({"v": 1, **row}, separators=(",", ":")) + "\n" for row in rows)
        return
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: neutral(value) for name, value in row.items()} for row in rows)


def _finding(finding: Finding) -> dict[str, str]:
    return {name: encodable(value) for name, value in finding._asdict().items()}


def _vault(audited: Audited) -> dict[str, Any]:
    overview, history = audited.overview, audited.history
    return {
        "path": encodable(audited.path),
        "id": overview.id,
        "generation": overview.generation,
        "is_verified": audited.is_verified,
        "history": history.extent,
        "slots": [
            {**slot._asdict(), "since": _commit(history.since.get(who_of(*slot)))}
            for slot in overview.slots
        ],
        "departed": [
            {
                **each.who._asdict(),
                "since": _commit(history.since.get(each.who)),
                "left": _commit(each.left),
                "has_data_key": each.opens_lines,
                "unchanged": list(each.known),
            }
            for each in history.departed
        ],
        "secrets": [
            {
                "name": secret.name,
                "type": secret.kind,
                "version": secret.version,
                "date": secret.date.isoformat(),
                "age_days": age_days(secret.date),
                "max_age_days": most,
            }
            for secret, most in zip(overview.secrets, audited.max_ages, strict=True)
        ],
    }


def _commit(commit: Commit | None) -> dict[str, str] | None:
    return None if commit is None else commit._asdict()
