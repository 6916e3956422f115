"""Who can open a vault, as JSON and as records, and who was taken out; the schemas are
docs/schemas/vault-recipients.json and vault-removal.json.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Any, TextIO

from code_ops.text import encodable, neutral
from code_ops.vault_file import Slot
from code_ops.vault_reports import Listing

__all__ = ["FIELDS", "document", "listed", "removal", "write_records"]

FIELDS = ("type", "label", "detail")


def listed(listing: Listing) -> list[dict[str, Any]]:
    """A record for each slot, in the order of the file."""
    return [_row(slot) for slot in listing.overview.slots]


def document(path: str, listing: Listing, rows: Sequence[dict[str, Any]]) -> str:
    """The whole list."""
    whole = {
        "v": 1,
        "vault": encodable(path),
        "id": listing.overview.id,
        "generation": listing.overview.generation,
        "is_verified": listing.trust == "verified",
        "recipients": rows,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def removal(path: str, removed: Sequence[Slot], secrets: Sequence[str]) -> str:
    """Who was taken out, and the names of what they could read."""
    whole = {
        "v": 1,
        "vault": encodable(path),
        "removed": [_row(slot) for slot in removed],
        "could_read": list(secrets),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write_records(stream: TextIO, form: str, rows: Sequence[dict[str, Any]]) -> None:
    """A line for each slot, as ``ndjson`` or ``csv``."""
    if form == "ndjson":
        stream.writelines(json.dumps({"v": 1, **row}, separators=(",", ":")) + "\n" for row in rows)
        return
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: neutral(value) for name, value in row.items()} for row in rows)


def _row(slot: Slot) -> dict[str, str]:
    return {"type": slot.kind, "label": slot.label, "detail": slot.detail}
