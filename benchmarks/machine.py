"""What a benchmark runs on and with: the machine, the tools, the namespace.

Owns finding the rivals and starting `measure.py`; knows nothing of any noun.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure

REPOSITORY = Path(__file__).resolve().parent.parent
FLEET = REPOSITORY.parent / "shared" / "lab" / "fleet"
RIVALS_VARIABLE = "CODE_OPS_RIVALS"
QUICK_TIME_LIMIT_S = 10


class MeasureError(Exception):
    """The measuring process itself failed; the message is its last line."""


@dataclass(frozen=True)
class Context:
    """What a bench module is given. `code_ops` is empty when it is not installed."""

    repeat: int
    quick: bool
    fleet: Path
    code_ops: tuple[str, ...]
    workspace: Path


def put_rivals_first() -> None:
    """Puts the rivals' folder, when one is named, before the rest of PATH."""
    folder = os.environ.get(RIVALS_VARIABLE)
    if folder:
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", os.defpath)


def find_code_ops(command: str | None) -> tuple[str, ...]:
    """The command given, else `code-ops` beside this Python, else the one on PATH."""
    if command:
        return tuple(shlex.split(command))
    beside = Path(sys.executable).parent / "code-ops"
    found = str(beside) if beside.exists() else shutil.which("code-ops")
    return (found,) if found else ()


def version_of(argv: Sequence[str]) -> str | None:
    """The first version number `argv` prints, or None when it does not run."""
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=QUICK_TIME_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+\.\d+[\w.+-]*", done.stdout + done.stderr)
    return match.group() if match else None


def facts() -> dict[str, str]:
    """The machine in words: what a reader needs to judge the numbers."""
    processor = _first_match("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.machine()
    memory_kib = int(_first_match("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0)
    return {
        "processor": processor,
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": f"{platform.system()} {platform.release()}",
        "memory": f"{memory_kib / 2**20:.1f} GiB",
        "Python": platform.python_version(),
        "load when started": f"{os.getloadavg()[0]:.2f}",
    }


def _first_match(path: str, pattern: str) -> str | None:
    try:
        match = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    except OSError:
        return None
    return match.group(1).strip() if match else None


def root_prefix() -> list[str]:
    """What makes a command root in a namespace of its own when the user is not root."""
    return [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--"]


def own_loopback_prefix() -> list[str]:
    """Starts a command in a network namespace whose loopback nobody else uses.

    There the open ports are known for certain, and the services of the machine the
    benchmark runs on are left alone.
    """
    bring_up = 'ip link set lo up && exec "$@"'
    return [*root_prefix(), "unshare", "--net", "--", "sh", "-c", bring_up, "sh"]


def namespace_obstacle(tools: Sequence[str]) -> str:
    """Why there can be no network namespace here, or which of `tools` it lacks; else empty."""
    missing = next((tool for tool in ("unshare", *tools) if not shutil.which(tool)), None)
    if missing:
        return f"{missing} not installed"
    done = subprocess.run(
        [*own_loopback_prefix(), "true"], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else f"no network namespace: {last_line(done.stderr)}"


def last_line(text: str) -> str:
    """The last line of `text` that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def run_plan(
    prefix: Sequence[str], folder: Path, listen: Sequence[int], commands: Sequence[measure.Command]
) -> measure.Report:
    """Runs `commands` in turns behind `prefix`; their files go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = measure.Plan(folder=str(folder), listen=list(listen), commands=list(commands))
    plan_path, report_path = folder / "plan.json", folder / "report.json"
    plan_path.write_text(json.dumps(plan), encoding="utf-8")
    # -I and -S keep the starting process small, see measure.py. An empty configuration
    # folder keeps the user's own settings for any of the tools out of the numbers.
    launcher = [sys.executable, "-I", "-S", measure.__file__, str(plan_path), str(report_path)]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
    # Its stdout is progress: a line a run, for whoever waits for minutes.
    done = subprocess.run(
        [*prefix, *launcher],
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise MeasureError(last_line(done.stderr) or f"exit {done.returncode}")
    report: measure.Report = json.loads(report_path.read_text(encoding="utf-8"))
    return report
