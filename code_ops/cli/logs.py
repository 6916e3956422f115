"""``code-ops logs``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import logs_analyze

HELP = "Find out what logs say: levels, times, sources, messages and requests."

COMMANDS: dict[str, ModuleType] = {
    "analyze": logs_analyze,
}
