"""The budget of memory holds, and a system that gives none is an answer. Linux only."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from code_ops._fallback.memory import available_memory

MIB = 1 << 20
# What a batch may take beyond its budget.
BESIDES = 40_000_000

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here"),
    pytest.mark.timeout(90),
]


def _apart(engine: str, code: str, stack: int = 8 * MIB) -> Any:
    """What the code printed as JSON; it has ``security``, ``peak`` and ``limit_memory``.

    ``stack`` is the size of the stacks of threads that do not ask for another.
    """
    program = f"""
import json, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from memory_use import limit_memory, peak
from code_ops import _engine
from code_ops.passwords import Params
security = _engine.load("security", {engine!r})
# The engine's libraries are in memory, and a first hash has been made.
security.hash_passwords_batch(["x"], params=Params(8, 1, 1))
MIB = 1 << 20
{code}
"""
    # Through a shell: a limit is set in no process that has threads.
    limited = f'ulimit -S -s {stack // 1024} && exec "$@"'
    command = ["sh", "-c", limited, "sh", sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=80, check=False)
    assert ended.stderr == ""
    return json.loads(ended.stdout)


@pytest.mark.usefixtures("security")
@pytest.mark.parametrize("call", ["hash", "verify"])
@pytest.mark.parametrize(("memory", "lanes"), [(19, 1), (32, 4)])
def test_the_peak_stays_within_the_budget(engine: str, call: str, memory: int, lanes: int) -> None:
    budget = 2 * memory * MIB + MIB
    taken = _apart(
        engine,
        f"""
params = Params({memory} * 1024, 1, {lanes})
(one,) = security.hash_passwords_batch(["x"], params=Params(8, 1, 1))
made = "$m={memory * 1024},t=1,p={lanes}$".join(one.split("$m=8,t=1,p=1$"))
before = peak()
if {call!r} == "hash":
    security.hash_passwords_batch(["x"] * 24, params=params, threads=8, memory_budget={budget})
else:
    security.verify_batch([(made, "x")] * 24, threads=8, memory_budget={budget})
print(json.dumps(peak() - before))
""",
    )
    # Two at once fit, and three do not; not all of two need be in memory at the same time.
    assert 2 * memory * MIB * 0.75 < taken < budget + BESIDES


@pytest.mark.usefixtures("security")
def test_the_peak_stays_within_the_budget_whatever_the_rows_cost(engine: str) -> None:
    """Small hashes let many threads run; each of them comes to compute a large one."""
    taken = _apart(
        engine,
        """
(one,) = security.hash_passwords_batch(["x"], params=Params(8, 1, 1))
large, small = (one.replace("$m=8,", f"$m={kib},") for kib in (20 * 1024, 64))
before = peak()
security.verify_batch([(large, "x"), (small, "x")] * 40, threads=8, memory_budget=21 * MIB)
print(json.dumps(peak() - before))
""",
    )
    assert 20 * MIB * 0.9 < taken < 21 * MIB + BESIDES


@pytest.mark.usefixtures("security")
def test_a_limit_of_address_space_shrinks_the_default_budget(engine: str) -> None:
    before, after, taken, states = _apart(
        engine,
        """
before = security.available_memory()
limit_memory(1300 * MIB)
after = security.available_memory()
held = peak()
made = security.hash_passwords_batch(["x"] * 16, params=Params(64 * 1024, 1, 1), threads=8)
found = security.verify_batch([(one, "x") for one in made], threads=8)
print(json.dumps([before, after, peak() - held, sorted({state for state, _ in found})]))
""",
    )
    assert after <= 1300 * MIB < before
    assert taken < after // 4 + BESIDES
    assert states == ["match"]


@pytest.mark.usefixtures("security")
def test_no_memory_for_threads(engine: str) -> None:
    """Their stacks are larger than what there is; the work is done all the same."""
    states = _apart(
        engine,
        """
import threading
# It has the stack that is left of the first hash.
threading.Thread(target=threading.Event().wait, daemon=True).start()
limit_memory(200 * MIB)
made = security.hash_passwords_batch(["x"] * 6, params=Params(1024, 1, 4), threads=4)
found = security.verify_batch([(one, "x") for one in made], threads=4)
found += security.verify_batch([(made[0], "x")], threads=4)
print(json.dumps([state for state, _ in found]))
""",
        stack=512 * MIB,
    )
    assert states == ["match"] * 7


@pytest.mark.usefixtures("security")
def test_there_is_always_room_for_one_hash(engine: str) -> None:
    """Of a memory that is more than a quarter of what is free."""
    states = _apart(
        engine,
        """
limit_memory(320 * MIB)
made = security.hash_passwords_batch(["x"] * 6, params=Params(160 * 1024, 1, 4), threads=8)
found = security.verify_batch([(one, "x") for one in made], threads=8)
print(json.dumps([state for state, _ in found]))
""",
    )
    assert states == ["match"] * 6


@pytest.mark.usefixtures("security")
def test_no_memory_for_one_hash(engine: str) -> None:
    raised, outcomes = _apart(
        engine,
        """
small = security.hash_passwords_batch(["a", "b"], params=Params(64, 1, 1))
large = small[0].replace("$m=64,", "$m=524288,")
limit_memory(320 * MIB)
try:
    security.hash_passwords_batch(["x"] * 3, params=Params(524288, 1, 1))
    raised = ""
except MemoryError as error:
    raised = type(error).__name__
rows = [(small[0], "a"), (large, "a"), (small[1], "a"), (large, "b"), (small[1], "b")]
print(json.dumps([raised, security.verify_batch(rows)]))
""",
    )
    refused = ["refused", "costs m=524288; so much memory is not free"]
    assert raised == "MemoryError"
    assert outcomes == [["match", ""], refused, ["mismatch", ""], refused, ["match", ""]]


@pytest.mark.usefixtures("security")
def test_what_finds_no_memory_beside_others_runs_alone(engine: str) -> None:
    """A budget that the system does not keep: some at once fit, and not all."""
    states = _apart(
        engine,
        """
made = security.hash_passwords_batch(["x"] * 16, params=Params(128 * 1024, 1, 1), threads=1)
limit_memory(540 * MIB)
found = security.verify_batch([(one, "x") for one in made], threads=4, memory_budget=8192 * MIB)
print(json.dumps([state for state, _ in found]))
""",
    )
    assert states == ["match"] * 16


def test_no_more_is_free_than_the_machine_has(security: Any) -> None:
    total = resource.getpagesize() * _pages()
    assert 0 < security.available_memory() <= total


def _pages() -> int:
    text = Path("/proc/meminfo").read_text(encoding="utf-8")
    return int(text.split("MemTotal:")[1].split()[0]) * 1024 // resource.getpagesize()


MEMINFO = "MemTotal:       8000 kB\nMemFree:         100 kB\nMemAvailable:   4000 kB\n"
# Files of control groups by path, what /proc/self/cgroup and the mounts say, and what is free.
# The forms are those of the kernel's admin-guide/cgroup-v2, cgroup-v1/memory and proc(5).
GROUPS: dict[str, tuple[dict[str, str], str, list[str], int]] = {
    "none": ({}, "", [], 4_096_000),
    "version 2, no limit": (
        {"a/memory.max": "max", "a/memory.current": "5"},
        "0::/a\n",
        ["/ {} rw shared:1 - cgroup2 cgroup2 rw"],
        4_096_000,
    ),
    "version 2, its own limit": (
        {"a/memory.max": "1000", "a/memory.current": "300"},
        "0::/a\n",
        ["/ {} rw - cgroup2 cgroup2 rw"],
        700,
    ),
    "version 2, the limit of a parent": (
        {
            "a/memory.max": "1000",
            "a/memory.current": "900",
            "a/b/memory.max": "max",
            "a/b/memory.current": "3",
            "a/b/c/memory.max": "400",
            "a/b/c/memory.current": "3",
        },
        "0::/a/b/c\n",
        ["/ {} rw - cgroup2 cgroup2 rw"],
        100,
    ),
    "version 2, in a namespace": (
        {"memory.max": "1000", "memory.current": "1"},
        "0::/\n",
        ["/ {} rw - cgroup2 cgroup2 rw"],
        999,
    ),
    "version 2, some of it cache": (
        {
            "a/memory.max": "1000",
            "a/memory.current": "900",
            "a/memory.stat": "anon 5\ninactive_file 300\nactive_file 9",
        },
        "0::/a\n",
        ["/ {} rw - cgroup2 cgroup2 rw"],
        400,
    ),
    "version 2, more used than allowed": (
        {"a/memory.max": "1000", "a/memory.current": "1001"},
        "0::/a\n",
        ["/ {} rw - cgroup2 cgroup2 rw"],
        0,
    ),
    "version 1": (
        {"a/memory.limit_in_bytes": "2000", "a/memory.usage_in_bytes": "500"},
        "5:cpu,cpuacct:/other\n4:memory:/a\n0::/\n",
        ["/ /nowhere rw - cgroup cgroup rw,cpu", "/ {} rw - cgroup cgroup rw,memory"],
        1500,
    ),
    "version 1, a container's own mount": (
        {"memory.limit_in_bytes": "2000", "memory.usage_in_bytes": "600"},
        "4:memory:/docker/0123\n",
        ["/docker/0123 {} ro - cgroup cgroup rw,memory"],
        1400,
    ),
    "version 1, a path above the mount": (
        {"memory.limit_in_bytes": "2000", "memory.usage_in_bytes": "700"},
        "4:memory:/docker/0123\n",
        ["/other {} ro - cgroup cgroup rw,memory"],
        1300,
    ),
    "version 1, no limit": (
        {"memory.limit_in_bytes": "9223372036854771712", "memory.usage_in_bytes": "7"},
        "4:memory:/\n",
        ["/ {} rw - cgroup cgroup rw,memory"],
        4_096_000,
    ),
    "files that say nothing": (
        {"a/memory.max": "", "a/memory.current": "x"},
        "0::/a\n\nx\n",
        ["", "x", "/ {} rw - cgroup2 cgroup2 rw"],
        4_096_000,
    ),
}


@pytest.mark.parametrize(("files", "group", "mounts", "free"), GROUPS.values(), ids=GROUPS)
def test_control_groups(
    tmp_path: Path, files: dict[str, str], group: str, mounts: list[str], free: int
) -> None:
    """Of the pure-Python engine; the native one is tested as a crate."""
    top, proc = tmp_path / "cgroup", tmp_path / "proc"
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text + "\n", encoding="utf-8")
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO, encoding="utf-8")
    (proc / "self" / "cgroup").write_text(group, encoding="utf-8")
    lines = [f"31 23 0:28 {mount}\n".replace("{}", str(top)) for mount in mounts]
    (proc / "self" / "mountinfo").write_text("".join(lines), encoding="utf-8")
    assert available_memory(proc) == free
