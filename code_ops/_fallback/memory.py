"""How much memory is free for this process: of the machine, its control group, its limits.

Linux tells all of it in files; where there are none, what the system calls free pages counts.
"""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_AVAILABLE = re.compile(r"^MemAvailable: +(\d+) kB$", re.MULTILINE)
# The files of a limit and of what is used, by the kind of file system they are in, and the part of
# what is used that is cache and can be taken back at once.
_FILES = {
    "cgroup2": ("memory.max", "memory.current", "inactive_file"),
    "cgroup": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}


def available_memory(proc: Path = _PROC) -> int:
    """Bytes: the least of what the machine, the control groups and RLIMIT_AS leave."""
    return max(0, min([_machine(proc), *_control_groups(proc), *_address_space(proc)]))


def _machine(proc: Path) -> int:
    found = _AVAILABLE.search(_text(proc / "meminfo"))
    if found is not None:
        return int(found[1]) * 1024
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _address_space(proc: Path) -> Iterator[int]:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = _text(proc / "self" / "statm").split(" ")[0]
    if limit != resource.RLIM_INFINITY and pages.isdigit():
        yield limit - int(pages) * os.sysconf("SC_PAGE_SIZE")


def _control_groups(proc: Path) -> Iterator[int]:
    """What each control group with a limit of memory leaves, from our own up to the highest."""
    paths = _group_paths(_text(proc / "self" / "cgroup"))
    for root, mount, kind in _mounts(_text(proc / "self" / "mountinfo")):
        if kind not in paths:
            continue
        # Within a container the group's path can start above what is mounted.
        inside = os.path.relpath(paths[kind], root) if paths[kind].startswith(root) else "."
        group = mount / inside
        for folder in (group, *group.parents):
            *files, cache = _FILES[kind]
            limit, used = (_number(folder / name) for name in files)
            if limit is not None and used is not None:
                found = re.search(rf"(?m)^{cache} (\d+)$", _text(folder / "memory.stat"))
                yield limit - max(0, used - int(found[1] if found else 0))
            if folder == mount:
                break


def _group_paths(text: str) -> dict[str, str]:
    """The group's path by kind, from lines of ``/proc/self/cgroup``: ``4:memory:/group``."""
    paths = {}
    for line in text.splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if not controllers:
            paths["cgroup2"] = path
        elif "memory" in controllers.split(","):
            paths["cgroup"] = path
    return paths


def _mounts(text: str) -> Iterator[tuple[str, Path, str]]:
    """Root, folder and kind of each mounted hierarchy that can hold limits of memory."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(" "), (*after.split(" ", 2), "", "", "")[:3]
        is_memory = kind == "cgroup2" or (kind == "cgroup" and "memory" in options.split(","))
        if is_memory and len(fields) > 4:
            yield fields[3], Path(fields[4]), kind


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
