"""NDJSON: one record a line, so that ``jq 'select(.kind == "problem")'`` finds its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from code_ops.log_reports.records import records


def render(document: Mapping[str, Any]) -> str:
    """A line for each record. ASCII only, so that nothing in a log ends a line."""
    return "".join(f"{json.dumps(record, separators=(',', ':'))}\n" for record in records(document))
