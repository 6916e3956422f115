"""Scans under pressure: no descriptors, no routes, no permission, interrupts."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from loopback import closed_port, filtered_port, needs_namespaces, open_port, run_apart

pytestmark = pytest.mark.timeout(90)


def test_few_descriptors_and_every_state_right(engine: str) -> None:
    with open_port() as reached, closed_port() as refused, filtered_port() as silent:
        found = run_apart(
            engine,
            f"""
            import resource
            targets = infrastructure.Targets("1")
            targets.add("127.0.0.1:{silent} " * 100)
            targets.add("127.0.0.1:{reached},{refused} " * 100)
            scanner = infrastructure.ServiceScanner(
                timeout_ms=200, concurrency=500, retries=1, rate=1000
            )
            # Set before the scan begins, the limit would be known and never met.
            scan = scanner.scan(targets)
            resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
            states = {{}}
            for batch in scan:
                for result in batch:
                    key = f"{{result.port}} {{result.state}} {{result.tries}}"
                    states[key] = states.get(key, 0) + 1
            print(json.dumps([states, ScanProgress(*scan.progress())._asdict()]))
            """,
        )
    states, progress = found
    assert states == {
        f"{silent} filtered 2": 100,
        f"{reached} open 1": 100,
        f"{refused} closed 1": 100,
    }
    assert progress["local_errors"] > 0
    assert (progress["done"], progress["in_flight"], progress["total"]) == (300, 0, 300)


def test_no_descriptors_at_all_is_a_local_error(engine: str) -> None:
    with open_port() as reached:
        found = run_apart(
            engine,
            f"""
            import os, resource, time
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            targets = infrastructure.Targets("{reached}")
            targets.add("127.0.0.1 " * 30)
            # At this rate most have not begun when the descriptors are gone.
            scan = infrastructure.ServiceScanner(concurrency=100, rate=20).scan(targets)
            held = []
            for _ in range(4):  # a socket in flight gives its descriptor back after the first time
                try:
                    while True:
                        held.append(os.dup(1))
                except OSError:
                    time.sleep(0.02)
            results = [result for batch in scan for result in batch]
            late = [r for r in results if r.state == "local_error"]
            print(json.dumps([len(results), sorted({{(r.reason, r.rtt_ms, r.tries) for r in late}}),
                len(late), len({{r.ordinal for r in results}})]))
            """,
        )
    count, errors, late, distinct = found
    assert (count, distinct) == (30, 30)
    assert errors == [["EMFILE", None, 1]]
    assert late >= 20


def test_the_default_concurrency_leaves_descriptors_in_reserve(engine: str) -> None:
    with filtered_port() as silent:
        found = run_apart(
            engine,
            f"""
            import resource
            resource.setrlimit(resource.RLIMIT_NOFILE, (50, 96))
            targets = infrastructure.Targets("{silent}")
            targets.add("127.0.0.1 " * 100)
            scan = infrastructure.ServiceScanner(timeout_ms=150, retries=0).scan(targets)
            most = max(ScanProgress(*scan.progress()).in_flight for batch in scan)
            print(json.dumps([most, ScanProgress(*scan.progress()).local_errors]))
            """,
        )
    most, local_errors = found
    assert 1 < most <= 32
    assert local_errors == 0


@needs_namespaces
def test_errors_of_routes(engine: str) -> None:
    found = run_apart(
        engine,
        """
        targets = infrastructure.Targets("1")
        targets.add("127.66.0.1-4")
        scanner = infrastructure.ServiceScanner(timeout_ms=300)
        scan = scanner.scan(targets)
        results = sorted(r for batch in scan for r in batch)
        print(json.dumps([[r.state, r.reason, r.rtt_ms, r.tries] for r in results]))
        """,
        setup="""ip link set lo up
            for route in 'unreachable 127.66.0.1' 'prohibit 127.66.0.2' 'blackhole 127.66.0.3'; do
                ip route add table local $route/32
            done""",
    )
    unreachable, prohibited, blackhole, closed = found
    assert unreachable == ["unreachable", "host-unreach", None, 1]
    # No permission and errors without a rule of their own are our side's, never the target's.
    assert prohibited == ["local_error", "EACCES", None, 1]
    assert blackhole == ["local_error", "EINVAL", None, 1]
    assert closed[:2] == ["closed", "conn-refused"]


@needs_namespaces
def test_no_address_of_the_family_is_unreachable_at_once(engine: str) -> None:
    found = run_apart(
        engine,
        """
        import time
        began = time.monotonic()
        results = infrastructure.ServiceScanner().scan_services([("::1", 1), ("127.0.0.1", 1)])
        print(json.dumps([[r.state, r.reason] for r in results] + [time.monotonic() - began]))
        """,
        setup="ip link set lo up\necho 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6",
    )
    *states, seconds = found
    assert states == [["unreachable", "no-source-address"], ["closed", "conn-refused"]]
    # Waiting cures it not; a shortage of ports would be waited out for ten seconds.
    assert seconds < 5


@needs_namespaces
@pytest.mark.parametrize(
    ("address", "family", "reject", "state", "reason"),
    [
        ("::1", "ip6", "icmpv6 admin-prohibited", "filtered", "admin-prohibited"),
        ("::1", "ip6", "icmpv6 no-route", "unreachable", "net-unreach"),
        ("::1", "ip6", "icmpv6 port-unreachable", "closed", "conn-refused"),
        ("127.0.0.1", "ip", "icmp admin-prohibited", "unreachable", "host-unreach"),
        ("127.0.0.1", "ip", "icmp net-unreachable", "unreachable", "net-unreach"),
        ("127.0.0.1", "ip", "icmp prot-unreachable", "filtered", "proto-unreach"),
        ("127.0.0.1", "ip", "tcp reset", "closed", "conn-refused"),
    ],
)
def test_what_a_firewall_says(
    engine: str, address: str, family: str, reject: str, state: str, reason: str
) -> None:
    if shutil.which("nft") is None:
        pytest.skip("nft is not installed")
    word = (
        f"reject with {reject}"
        if "reset" in reject
        else f"reject with {reject.replace(' ', ' type ')}"
    )
    found = run_apart(
        engine,
        f"""
        # On loopback the first answer meets the socket in use; the second SYN follows after 1 s.
        scanner = infrastructure.ServiceScanner(timeout_ms=3000)
        (result,) = scanner.scan_services([("{address}", 40000)])
        print(json.dumps([result.state, result.reason]))
        """,
        setup=f"""ip link set lo up
            nft add table {family} t
            nft add chain {family} t c '{{ type filter hook input priority 0; }}'
            nft add rule {family} t c tcp dport 40000 {word}""",
    )
    assert found == [state, reason]


@needs_namespaces
def test_no_network(engine: str) -> None:
    found = run_apart(
        engine,
        """
        (result,) = infrastructure.ServiceScanner().scan_services([("127.0.0.1", 1)])
        print(json.dumps([result.state, result.reason, result.rtt_ms, result.tries]))
        """,
        network=False,
    )
    assert found == ["unreachable", "net-unreach", None, 1]


@needs_namespaces
def test_a_socket_that_meets_itself_is_no_open_port(engine: str) -> None:
    # With so few local ports, most connects to them would otherwise connect to themselves.
    found = run_apart(
        engine,
        """
        pairs = [("127.0.0.1", port) for port in range(40000, 40004)] * 100
        results = infrastructure.ServiceScanner(concurrency=1).scan_services(pairs)
        print(json.dumps([sorted({r.state for r in results}), max(r.tries for r in results)]))
        """,
        setup="ip link set lo up\necho 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range",
    )
    states, tries = found
    assert states == ["closed"]
    assert 1 < tries <= 6


def test_an_interrupt_comes_through(engine: str) -> None:
    with filtered_port() as silent:
        for call in (
            f'scanner.scan_services([("127.0.0.1", {silent})])',
            "list(scan)",
        ):
            seconds = run_apart(
                engine,
                f"""
                import os, signal, threading, time
                targets = infrastructure.Targets("{silent}")
                targets.add("127.0.0.1")
                scanner = infrastructure.ServiceScanner(timeout_ms=20000)
                scan = scanner.scan(targets)
                sent = []
                def interrupt():
                    sent.append(time.monotonic())
                    os.kill(os.getpid(), signal.SIGINT)
                threading.Timer(0.3, interrupt).start()
                try:
                    {call}
                except KeyboardInterrupt:
                    print(json.dumps(time.monotonic() - sent[0]))
                """,
            )
            # 100 ms are due; the rest is for a machine under load.
            assert seconds < 1


def test_an_error_of_the_reader_leaves_no_process_behind(engine: str) -> None:
    found: Any = run_apart(
        engine,
        """
        targets = infrastructure.Targets("1-1000")
        targets.add("127.0.0.0/8")
        scan = infrastructure.ServiceScanner(rate=100).scan(targets)
        next(scan)
        print(json.dumps("over"))
        """,
        timeout=20,
    )
    assert found == "over"
