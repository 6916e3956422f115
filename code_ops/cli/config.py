"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

HELP = "Check, read and change YAML and JSON files."

COMMANDS: dict[str, ModuleType] = {}
