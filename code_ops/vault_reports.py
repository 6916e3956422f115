"""A vault's list as JSON and as records; the schema is docs/schemas/vault-list.json.

Owns the names and the order of members. No value, nor its length, is in any of them.
"""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TextIO

from code_ops.text import encodable
from code_ops.vault_file import Finding, Overview

__all__ = ["FIELDS", "Listing", "document", "listed", "write_records"]

FIELDS = ("name", "type", "version", "date", "age_days", "state")


class Listing(NamedTuple):
    """What a vault tells, and what is not as it was signed where a key could verify it."""

    overview: Overview
    findings: Sequence[Finding]
    trust: Literal["verified", "unverified"] = "unverified"


def listed(listing: Listing) -> list[dict[str, Any]]:
    """A record for each secret; ``state`` is ok, replaced or added, or unverified without a key."""
    today = datetime.datetime.now(datetime.UTC).date()
    states = {finding.name: finding.kind for finding in listing.findings}
    other = "ok" if listing.trust == "verified" else "unverified"
    return [
        {
            "name": secret.name,
            "type": secret.kind,
            "version": secret.version,
            "date": secret.date.isoformat(),
            # Another machine's clock can be a day ahead.
            "age_days": max((today - secret.date).days, 0),
            "state": states.get(secret.name, other),
        }
        for secret in listing.overview.secrets
    ]


def document(path: str, listing: Listing, rows: Sequence[dict[str, Any]]) -> str:
    """The whole list with who can open the vault."""
    overview = listing.overview
    whole = {
        "v": 1,
        "vault": encodable(path),
        "id": overview.id,
        "generation": overview.generation,
        "is_verified": listing.trust == "verified",
        "secrets": rows,
        "slots": [slot._asdict() for slot in overview.slots],
        "findings": [finding._asdict() for finding in listing.findings],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write_records(stream: TextIO, form: str, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each secret, as ``ndjson`` or ``csv``."""
    if form == "ndjson":
        stream.writelines(json.dumps({"v": 1, **row}, separators=(",", ":")) + "\n" for row in rows)
        return
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
