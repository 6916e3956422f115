"""What this installation and this machine offer: engine, versions, CPU, limits."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from typing import NamedTuple

from code_ops import __version__, _engine
from code_ops.errors import EngineError
from code_ops.limits import descriptor_limits

# What the engines make use of, now or in an announced command.
_CPU_FEATURES = (
    "sse2",
    "ssse3",
    "sse4_2",
    "avx2",
    "avx512f",
    "aes",
    "pclmulqdq",
    "sha_ni",
    "asimd",
    "sha2",
)
DESCRIPTORS_ENOUGH = 4096


class Diagnosis(NamedTuple):
    """What was found."""

    healthy: bool
    """False when the native engine is absent though wanted."""
    engine: str | None
    """``rust``, ``python``, or None when the wanted one is not there."""
    engine_reason: str
    version: str
    native_version: str | None
    python: str
    system: str
    cpus: int
    """CPUs that this process may use."""
    cpu_features: list[str]
    descriptors_soft: int
    descriptors_hard: int
    ephemeral_ports: list[int] | None
    """The first and last port that the system gives to connects."""
    missing: list[str]
    """What would make more work, a line each."""


def diagnose(engine: str | None = None) -> Diagnosis:
    """Looks at this process and machine; ``engine`` is the wish, as for the library."""
    error = _engine.native_error()
    wanted = _engine.wanted(engine)
    soft, hard = descriptor_limits()
    try:
        chosen: str | None = _engine.choose(engine)
    except EngineError:
        chosen = None
    return Diagnosis(
        healthy=error is None or wanted == "python",
        engine=chosen,
        engine_reason=_reason(wanted, error),
        version=__version__,
        native_version=None if error else importlib.import_module("code_rust_core").__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpus=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        cpu_features=_cpu_features(),
        descriptors_soft=soft,
        descriptors_hard=hard,
        ephemeral_ports=_ephemeral_ports(),
        missing=list(_missing(error, hard)),
    )


def _reason(wanted: str, error: ImportError | None) -> str:
    if wanted == "python":
        return "asked for"
    if error is None:
        return "asked for" if wanted == "rust" else "the native module imports"
    return f"the native module does not import: {error}"


def _missing(error: ImportError | None, hard: int) -> list[str]:
    missing = []
    if error is not None:
        missing.append(
            "the native engine: install a wheel for this Python, or Rust and a C compiler"
        )
    if hard < DESCRIPTORS_ENOUGH:
        missing.append(
            f"descriptors: a hard limit of {hard:,} holds scans up, raise it with ulimit -Hn"
        )
    return missing


def _cpu_features() -> list[str]:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(("flags", "Features")):
                    found = set(line.partition(":")[2].split())
                    return [name for name in _CPU_FEATURES if name in found]
    except OSError:
        pass
    return []


def _ephemeral_ports() -> list[int] | None:
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            return [int(number) for number in file.read().split()]
    except (OSError, ValueError):
        return None
