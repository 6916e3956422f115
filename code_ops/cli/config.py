"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import (
    config_check,
    config_convert,
    config_diff,
    config_fmt,
    config_get,
    config_lint,
    config_merge,
    config_query,
    config_set,
)

HELP = "Check, read, change, convert and compare YAML and JSON files."

COMMANDS: dict[str, ModuleType] = {
    "check": config_check,
    "lint": config_lint,
    "get": config_get,
    "query": config_query,
    "set": config_set,
    "convert": config_convert,
    "diff": config_diff,
    "merge": config_merge,
    "fmt": config_fmt,
}
