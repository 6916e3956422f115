"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import config_check, config_lint

HELP = "Check and lint YAML and JSON files."

COMMANDS: dict[str, ModuleType] = {"check": config_check, "lint": config_lint}
