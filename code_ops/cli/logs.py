"""``code-ops logs``: the table of its commands, a file each."""

from __future__ import annotations

from types import ModuleType

from code_ops.cli import (
    logs_analyze,
    logs_detect,
    logs_diff,
    logs_follow,
    logs_hist,
    logs_show,
    logs_stats,
    logs_top,
)

HELP = "Find out what logs say: levels, times, sources, messages and requests."

COMMANDS: dict[str, ModuleType] = {
    "analyze": logs_analyze,
    "show": logs_show,
    "top": logs_top,
    "stats": logs_stats,
    "hist": logs_hist,
    "follow": logs_follow,
    "diff": logs_diff,
    "detect": logs_detect,
}
