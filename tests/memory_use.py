"""What a process takes of memory, for tests that run it apart. Linux only."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def peak() -> int:
    """Bytes this program had in memory at most. Of the program alone: ``ru_maxrss`` starts with
    what the process had that started it."""
    return _status("VmHWM")


def limit_memory(more: int) -> None:
    """Lets this process have so many bytes more of address space, and no others."""
    limit = _status("VmSize") + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
