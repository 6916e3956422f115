"""Where the time of a command went, for those who measure."""

from __future__ import annotations

import json
import os
import time


def timings_line(began: float, scan_seconds: float) -> str:
    """One line of JSON; ``began`` is a reading of perf_counter when the scan began."""
    timings = {
        "startup_s": round(startup_seconds(began), 3),
        "scan_s": round(scan_seconds, 4),
        "output_s": round(time.perf_counter() - began - scan_seconds, 4),
    }
    return json.dumps({"timings": timings}, separators=(",", ":"))


def startup_seconds(began: float) -> float:
    """Seconds from the start of the process to ``began``, a reading of perf_counter."""
    since_began = time.perf_counter() - began
    try:
        with open("/proc/self/stat", encoding="ascii") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="ascii") as file:
            uptime = float(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0
    return max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK") - since_began)
