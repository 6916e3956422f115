"""How a scan runs: its limits, its pace, its end, and its place among threads."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import pytest
from loopback import (
    accepted,
    counted_server,
    filtered_port,
    open_port,
    progress_of,
    records_of,
    targets_of,
)

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize(
    "options",
    [
        {"timeout_ms": 0},
        {"timeout_ms": 3_600_001},
        {"concurrency": 0},
        {"concurrency": 1_000_001},
        {"rate": 0},
        {"rate": -1.0},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"retries": -1},
        {"retries": 101},
        {"host_concurrency": 0},
        {"resolve_timeout_ms": 0},
        {"resolve_concurrency": 0},
        {"resolve_concurrency": 1025},
    ],
    ids=str,
)
def test_options_out_of_range(infrastructure: Any, options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ValueError, match=name):
        infrastructure.ServiceScanner(**options)


def test_everything_is_reported_once(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.1.0.0/24 127.1.0.0/25", "1-40")
    scan = infrastructure.ServiceScanner(concurrency=300, host_concurrency=3).scan(targets)
    results = records_of(scan)
    assert [result.ordinal for result in results] == list(range(targets.probes))
    assert {result.state for result in results} == {"closed"}
    progress = progress_of(scan)
    assert progress[:4] == (targets.probes, targets.probes, 0, 0)
    assert (progress.connects, progress.retried, progress.found_late) == (targets.probes, 0, 0)


def test_ports_go_over_many_hosts(infrastructure: Any) -> None:
    # With one connect at a time, records come in the order of probing.
    targets = targets_of(infrastructure, "127.2.0.0/29", "1-3")
    scan = infrastructure.ServiceScanner(concurrency=1).scan(targets)
    ports = [record.port for batch in scan for record in batch]
    assert ports == [1] * 8 + [2] * 8 + [3] * 8


@pytest.mark.parametrize("option", ["concurrency", "host_concurrency"])
def test_limits_in_flight(infrastructure: Any, option: str) -> None:
    with filtered_port() as port:
        targets = targets_of(infrastructure, "127.0.0.1 " * 8, str(port))
        scanner = infrastructure.ServiceScanner(timeout_ms=200, retries=0, **{option: 3})
        scan = scanner.scan(targets)
        seen = set()
        while progress_of(scan).done < 8:
            seen.add(progress_of(scan).in_flight)
            time.sleep(0.005)
        assert len(records_of(scan)) == 8
    assert max(seen) == 3


def test_rate(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.3.0.0/26", "1")
    begun = time.monotonic()
    scan = infrastructure.ServiceScanner(rate=100).scan(targets)
    done = 0
    for batch in scan:
        done += len(batch)
        # Never ahead of the rate; how far behind is the machine's affair.
        assert done <= (time.monotonic() - begun) * 100 + 10
    assert done == 64
    assert time.monotonic() - begun > 0.5


def test_cancel_delivers_what_is_finished(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.0.0.0/8", "1-100")
    scan = infrastructure.ServiceScanner().scan(targets)
    results = []
    for batch in scan:
        results.extend(batch)
        if len(results) > 500:
            break
    begun = time.monotonic()
    scan.cancel()
    scan.cancel()
    results.extend(records_of(scan))
    assert time.monotonic() - begun < 5
    assert len({result.ordinal for result in results}) == len(results)
    progress = progress_of(scan)
    assert progress.done == len(results) < progress.total == targets.probes
    assert next(scan, None) is None


def test_an_abandoned_scan_ends(infrastructure: Any) -> None:
    with counted_server() as server:
        host, port = server.getsockname()
        scan = infrastructure.ServiceScanner(rate=50).scan(
            targets_of(infrastructure, f"{host} " * 1000, str(port))
        )
        next(scan)
        del scan
        gc.collect()
        time.sleep(0.3)
        assert accepted(server) < 100
        assert accepted(server, within=0.3) == 0


def test_empty_batches_while_nothing_is_new(infrastructure: Any) -> None:
    with filtered_port() as port:
        scan = infrastructure.ServiceScanner(timeout_ms=600, retries=0).scan(
            targets_of(infrastructure, "127.0.0.1", str(port))
        )
        assert iter(scan) is scan
        batches = list(scan)
    assert sum(map(len, batches)) == 1
    assert len(batches) > 3


def test_a_slow_reader_gets_everything(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.4.0.0/24", "1-8")
    scan = infrastructure.ServiceScanner().scan(targets)
    time.sleep(0.5)
    assert len(records_of(scan)) == targets.probes


def test_other_threads_go_on(infrastructure: Any) -> None:
    stop = threading.Event()
    steps = 0

    def step() -> None:
        nonlocal steps
        while not stop.wait(0.005):
            steps += 1

    thread = threading.Thread(target=step)
    with filtered_port() as port:
        thread.start()
        infrastructure.ServiceScanner(timeout_ms=300).scan_services([("127.0.0.1", port)])
        stop.set()
        thread.join()
    assert steps > 10


def test_canary(infrastructure: Any) -> None:
    with open_port() as reached, filtered_port() as silent:
        targets = targets_of(infrastructure, f"127.0.0.1:{reached} 127.0.0.1:{silent}")
        scan = infrastructure.ServiceScanner(timeout_ms=500, canary=True).scan(targets)
        results = records_of(scan)
    assert [result.state for result in results] == ["open", "filtered"]
    progress = progress_of(scan)
    assert progress.canary_sent >= 3
    assert progress.canary_missed == 0
