"""What a scan would cost, told before anything is sent."""

from __future__ import annotations

import json
import math
from typing import NamedTuple

from code_ops.cli.scan_request import ScanRequest
from code_ops.limits import descriptor_limits
from code_ops.numerals import number, plural
from code_ops.scan import Targets

CONCURRENCY_MAX = 20_000
DESCRIPTOR_RESERVE = 64
# Measured: what the process takes at rest, and a socket in flight in the process and the kernel.
BASE_BYTES = 30 << 20
SOCKET_BYTES = 200
KERNEL_SOCKET_BYTES = 3 << 10


class Plan(NamedTuple):
    """The cost of a scan. Worst case is when every probe stays silent."""

    hosts: int
    names: int
    probes: int
    in_flight: int
    descriptors_soft: int
    descriptors_hard: int
    worst_seconds: float
    memory_bytes: int
    kernel_memory_bytes: int


def make_plan(request: ScanRequest, targets: Targets) -> Plan:
    """Works the cost out from the options and the list alone."""
    soft, hard = descriptor_limits()
    wanted = request.concurrency or CONCURRENCY_MAX
    in_flight = max(1, min(wanted, max(hard - DESCRIPTOR_RESERVE, hard // 4)))
    probes = targets.probes
    passes = 1 if request.retries == 0 else 2
    ports_a_host = math.ceil(probes / max(1, targets.hosts))
    waves = max(math.ceil(probes / in_flight), math.ceil(ports_a_host / request.host_concurrency))
    worst = passes * waves * request.timeout_ms / 1000
    if request.rate:
        worst = max(worst, passes * probes / request.rate)
    sockets = min(in_flight, probes, targets.hosts * request.host_concurrency)
    return Plan(
        hosts=targets.hosts,
        names=targets.names,
        probes=probes,
        in_flight=sockets,
        descriptors_soft=soft,
        descriptors_hard=hard,
        worst_seconds=round(worst, 3),
        memory_bytes=BASE_BYTES + sockets * SOCKET_BYTES,
        kernel_memory_bytes=sockets * KERNEL_SOCKET_BYTES,
    )


def render_plan(plan: Plan, request: ScanRequest) -> str:
    """The plan as JSON, or as lines for people."""
    if request.form != "table":
        return json.dumps({"v": 1, "plan": plan._asdict()}) + "\n"
    names = f", of them {plural(plan.names, 'name')}" if plan.names else ""
    limits = f"soft limit {number(plan.descriptors_soft)}, hard {number(plan.descriptors_hard)}"
    own, kernel = plan.memory_bytes >> 20, plan.kernel_memory_bytes >> 20
    rows = [
        ("hosts", f"{number(plan.hosts)}{names}"),
        ("probes", number(plan.probes)),
        ("in flight", f"{plural(plan.in_flight, 'socket')} at most ({limits})"),
        ("worst case", f"{span(plan.worst_seconds)} if every port stays silent"),
        ("memory", f"about {own} MiB, and {kernel} MiB in the kernel"),
    ]
    return "".join(f"{label:<12}{text}\n" for label, text in rows) + "nothing was sent\n"


def span(seconds: float) -> str:
    """A duration for people: ``2.5 s``, ``3 min``, ``4.2 days``."""
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "hours")):
        if seconds < limit:
            return f"{seconds / size:.1f} {unit}"
    return f"{number(round(seconds / 86_400))} days"
