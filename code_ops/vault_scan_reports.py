"""Leaks as text, JSON, records and SARIF; the schema is docs/schemas/vault-scan.json.

Owns the names and the order of members. No value, nor any of the text around it, is in them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from code_ops.text import encodable
from code_ops.vault_scan import Leak, Leaks

__all__ = ["FORMATS"]

_FIELDS = ("path", "line", "column", "name", "form", "fingerprint", "commit", "object")


def text(found: Leaks) -> str:
    """``path:line:column: name (form)``, of the history with the commit before it."""
    return "".join(_line(leak) for leak in found.leaks)


def _line(leak: Leak) -> str:
    place = _place(leak)
    if leak.commit is not None:
        place = f"{leak.commit[:12]}:{place}"
    form = "" if leak.form == "plain" else f" ({leak.form})"
    return _printable(f"{place}:{leak.line}:{leak.column}: {leak.name}{form}") + "\n"


def _place(leak: Leak) -> str:
    return encodable(leak.path)


def _printable(line: str) -> str:
    """A line that cannot move a terminal's cursor."""
    return "".join(c if c.isprintable() else "?" for c in line)


def _record(leak: Leak) -> dict[str, Any]:
    values = leak._asdict() | {"path": _place(leak)}
    return {name: values[name] for name in _FIELDS}


def document(found: Leaks) -> str:
    """The whole with what was not read and not looked for."""
    whole = {
        "v": 1,
        "files": found.files,
        "objects": found.objects,
        "leaks": [_record(leak) for leak in found.leaks],
        "unread": [{"path": encodable(each.path), "reason": each.reason} for each in found.unread],
        "unsearched": [each._asdict() for each in found.unsearched],
        "cut": [encodable(path) for path in found.cut],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def ndjson(found: Leaks) -> str:
    """A line of JSON for each."""
    lines = (json.dumps({"v": 1, **_record(leak)}, separators=(",", ":")) for leak in found.leaks)
    return "".join(f"{line}\n" for line in lines)


def table(found: Leaks) -> str:
    """Comma-separated values with a header."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_record(leak) for leak in found.leaks)
    return stream.getvalue()


def sarif(found: Leaks) -> str:
    """SARIF 2.1.0, one run; the rule is the secret's name."""
    from code_ops import config_reports
    from code_ops.config_check import FileReport, Problem

    problems = [
        Problem(
            path=_place(leak),
            line=leak.line,
            column=leak.column,
            level="error",
            rule=leak.name,
            message=_message(leak),
        )
        for leak in found.leaks
    ]
    unread = [
        FileReport(encodable(each.path), 0, 0, unreadable=each.reason) for each in found.unread
    ]
    return config_reports.sarif([FileReport("", 0, 0, problems), *unread])


def _message(leak: Leak) -> str:
    where = "" if leak.commit is None else f" in commit {leak.commit}"
    return f"the secret {leak.name} ({leak.form}, fingerprint {leak.fingerprint}){where}"


FORMATS: dict[str, Callable[[Leaks], str]] = {
    "text": text,
    "json": document,
    "ndjson": ndjson,
    "csv": table,
    "sarif": sarif,
}
