"""Names of fields: what is said when an event has none of the name that was typed."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from code_ops.cli.logs_common import Reading
    from code_ops.log_inputs import LogInput

_OF_EVERY_EVENT = ("level", "message", "template", "source", "host", "time", "format")
_PAIR = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*)=")
# Enough to see what a log has, and nothing that is waited for.
_EVENTS = 1000
_SHOWN = 12


def check_field(field: str, files: Sequence[str] | None, command: str) -> None:
    """Raises BadParameter where a file stands in the place of the field."""
    if not files and os.path.exists(field):
        raise typer.BadParameter(
            f"the field stands before the files, as in `code-ops logs {command} level {field}`"
        )


def field_hint(field: str, inputs: Sequence[LogInput], reading: Reading) -> str:
    """Fields of the first events whose names are similar, else those that there are."""
    names = _names(inputs, reading)
    similar = difflib.get_close_matches(field, [*names, *_OF_EVERY_EVENT], _SHOWN)
    if similar:
        return f"similar names: {', '.join(similar)}"
    if not names:
        return f"fields of every log: {', '.join(_OF_EVERY_EVENT)}"
    more = ", ..." if len(names) > _SHOWN else ""
    return f"fields of this log: {', '.join(names[:_SHOWN])}{more}"


def _names(inputs: Sequence[LogInput], reading: Reading) -> list[str]:
    """The names in the order in which they come; a pipe cannot be read again."""
    paths = [Path(one.path) for one in inputs if one.problem is None and os.path.isfile(one.path)]
    names: dict[str, None] = {}
    for chunk in reading.analyzer().render_events(paths, "ndjson", first=_EVENTS):
        for line in chunk.splitlines():
            event = json.loads(line)
            names |= dict.fromkeys(event.get("fields", ()))
            names |= dict.fromkeys(_PAIR.findall(event.get("message", "")))
    return list(names)
