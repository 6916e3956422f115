"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import config_check, config_get, config_lint, config_query, config_set

HELP = "Check, lint, read and change YAML and JSON files."

COMMANDS: dict[str, ModuleType] = {
    "check": config_check,
    "lint": config_lint,
    "get": config_get,
    "query": config_query,
    "set": config_set,
}
