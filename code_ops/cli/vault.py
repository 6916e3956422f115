"""``code-ops vault``: the table of its commands, a file each."""

from __future__ import annotations

HELP = "Keep secrets in a file made for git: sealed one by one, opened by a key or a passphrase."

COMMANDS = (
    "init",
    "set",
    "get",
    "list",
    "rm",
    "edit",
    "exec",
    "render",
    "import",
    "export",
    "encrypt",
    "decrypt",
    "recipients",
    "rotate",
    "audit",
    "scan",
    "git-setup",
    "diff",
    "textconv",
    "merge",
    "resolve",
    "repair",
)
