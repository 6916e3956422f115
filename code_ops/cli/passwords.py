"""``code-ops passwords``: the table of its commands, a file each."""

from __future__ import annotations

HELP = (
    "Store passwords as Argon2 hashes, verify them, judge stored hashes, and choose what a hash "
    "shall cost."
)

COMMANDS = ("hash", "verify", "audit", "calibrate")
