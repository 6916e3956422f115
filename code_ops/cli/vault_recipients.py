"""``code-ops vault recipients``: the table of its commands, a file each."""

from __future__ import annotations

HELP = "Who can open a vault: list them, let others in, take some out."

COMMANDS = ("list", "add", "remove")
