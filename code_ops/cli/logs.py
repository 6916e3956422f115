"""``code-ops logs``: the table of its commands, a file each."""

from __future__ import annotations

HELP = "Find out what logs say: levels, times, sources, messages and requests."

COMMANDS = ("analyze", "show", "top", "stats", "hist", "follow", "diff", "detect")
