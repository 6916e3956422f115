"""``code-ops passwords``: the table of its commands, a file each."""

from __future__ import annotations

HELP = "Store passwords as Argon2 hashes, verify them, and choose what a hash shall cost."

COMMANDS = ("hash", "verify", "calibrate")
