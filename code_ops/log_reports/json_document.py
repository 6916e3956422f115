"""JSON: the document itself, a key a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def render(document: Mapping[str, Any]) -> str:
    """The document's text; its schema is docs/schemas/logs.json."""
    # All indented takes longer than all else here.
    members = (
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in document.items()
    )
    return "{\n" + ",\n".join(members) + "\n}\n"
