"""``code-ops config``: the table of its commands, a file each."""

from __future__ import annotations

HELP = "Check, read, change, convert and compare YAML and JSON files."

COMMANDS = ("check", "lint", "get", "query", "set", "convert", "diff", "merge", "fmt")
