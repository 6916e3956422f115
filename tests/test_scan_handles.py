"""A running scan in the hands of several threads and signal handlers, and odd arguments."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from loopback import filtered_port, run_apart

from code_ops.errors import TargetError
from code_ops.scan import Targets

pytestmark = pytest.mark.timeout(60)


def test_progress_and_cancel_from_another_thread(infrastructure: Any) -> None:
    with filtered_port() as silent:
        targets = infrastructure.Targets(str(silent))
        targets.add("127.0.0.1 " * 20)
        scan = infrastructure.ServiceScanner(timeout_ms=20_000).scan(targets)
        seen = []

        def watch() -> None:
            for _ in range(20):
                seen.append(scan.progress())
                time.sleep(0.01)
            scan.cancel()

        watcher = threading.Thread(target=watch)
        watcher.start()
        results = [result for batch in scan for result in batch]
        watcher.join()
    assert len(seen) == 20
    assert results == []


def test_progress_and_cancel_from_a_signal_handler(engine: str) -> None:
    with filtered_port() as silent:
        seen = run_apart(
            engine,
            f"""
            import os, signal, threading
            targets = infrastructure.Targets("{silent}")
            targets.add("127.0.0.1")
            scan = infrastructure.ServiceScanner(timeout_ms=20000).scan(targets)
            seen = []
            def handle(number, frame):
                seen.append(ScanProgress(*scan.progress()).total)
                scan.cancel()
            signal.signal(signal.SIGUSR1, handle)
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            results = [result for batch in scan for result in batch]
            print(json.dumps([seen, results]))
            """,
        )
    assert seen == [[1], []]


def test_a_late_reader_gets_all_that_was_finished(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1-1000")
    targets.add("127.0.0.0/16")
    scan = infrastructure.ServiceScanner().scan(targets)
    time.sleep(1.0)
    scan.cancel()
    delivered = sum(len(batch) for batch in scan)
    assert delivered == scan.progress()[1] > 0


def test_a_pause_of_the_reader_makes_no_round_trip_longer(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1-1000", None, "closed")
    targets.add("127.0.0.0/24")
    scan = infrastructure.ServiceScanner().scan(targets)
    time.sleep(2.0)
    slowest = max(result.rtt_ms for batch in scan for result in batch)
    assert slowest < 1000


@pytest.mark.parametrize("value", [2**70, -(2**70), 0])
def test_numbers_out_of_range(infrastructure: Any, value: int) -> None:
    with pytest.raises(ValueError, match=f"timeout_ms {value} is out of range 1-3600000"):
        infrastructure.ServiceScanner(timeout_ms=value)
    if value:
        with pytest.raises(TargetError, match=f"port {value} is out of range 0-65535"):
            infrastructure.ServiceScanner().scan_services([("127.0.0.1", value)])


def test_lists_are_pairs_too(infrastructure: Any) -> None:
    (result,) = infrastructure.ServiceScanner().scan_services([["127.0.0.1", 1]])
    assert result.state == "closed"


def test_lone_surrogates_are_a_problem_of_the_text(engine: str) -> None:
    targets = Targets("1", engine=engine)
    (problem,) = targets.add("db\ud800 db2", "list")
    assert str(problem) == "list:1:3: character '?' is not allowed in a host name"
    assert targets.hosts == 1


def test_targets_may_change_while_a_scan_runs(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1")
    targets.add("127.0.0.1-5")
    scan = infrastructure.ServiceScanner(rate=50).scan(targets)
    assert targets.add("127.0.1.1-5") == []
    assert targets.hosts == 10
    assert sum(len(batch) for batch in scan) == 5


def test_a_canary_does_not_starve_a_low_rate(infrastructure: Any) -> None:
    with filtered_port() as silent:
        targets = infrastructure.Targets("1")
        targets.add(f"127.0.0.1:{silent} " + "127.0.0.1-3 ")
        scanner = infrastructure.ServiceScanner(rate=5, canary=True, timeout_ms=300, retries=1)
        assert sum(len(batch) for batch in scanner.scan(targets)) == 4
