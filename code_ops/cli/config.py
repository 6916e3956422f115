"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import config_check

HELP = "Check YAML and JSON files."

COMMANDS: dict[str, ModuleType] = {"check": config_check}
