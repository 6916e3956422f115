"""Names in scans: which address counts, names that do not resolve, excluded names."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from loopback import (
    accepted,
    closed_port,
    counted_server,
    filtered_port,
    needs_ipv6,
    needs_namespaces,
    open_port,
    records_of,
    run_apart,
)

from code_ops.errors import TargetError

pytestmark = pytest.mark.timeout(60)

# Nothing connects to the documentation address of `wide`, which has no IPv4 address.
HOSTS = """
127.0.0.1 localhost both one
::1 localhost both six
127.0.0.7 many
127.0.0.8 many
127.0.5.6 fleet
2001:db8::9 wide
"""
LOOPBACK_UP = "ip link set lo up"

# What the programs below share: listeners, a filtered port, and short records.
HELPERS = """
import socket, sys
sys.path.insert(0, "tests")
from loopback import filtered_port, records_of

def listen(host, port=0):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)

def short(results):
    return [
        [r.host, r.ip, r.port == port, r.state, r.reason, r.tries, r.dns_ms is not None]
        for r in results
    ]
"""


def run_with_hosts(engine: str, tmp_path: Path, program: str) -> Any:
    """Run a program with the helpers above under the hosts file above."""
    return run_apart(
        engine,
        HELPERS + textwrap.dedent(program),
        setup=LOOPBACK_UP,
        hosts=HOSTS,
        tmp_path=tmp_path,
    )


def test_localhost_with_a_server_on_ipv4_only(infrastructure: Any) -> None:
    with open_port("127.0.0.1") as port:
        (result,) = infrastructure.ServiceScanner().scan_services([("localhost", port)])
    assert (result.state, result.ip, result.host) == ("open", "127.0.0.1", "localhost")
    assert result.dns_ms is not None
    assert result.dns_ms >= 0


def test_a_name_that_does_not_resolve(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1-3")
    targets.add("nowhere.invalid unresolved\nNowhere.Invalid.:5 open\n127.0.0.1:1", "hosts.txt")
    scan = infrastructure.ServiceScanner().scan(targets)
    results = records_of(scan)
    assert [(r.ordinal, r.port, r.state) for r in results] == [
        (0, 1, "unresolved"),
        (1, 2, "unresolved"),
        (2, 3, "unresolved"),
        (3, 5, "unresolved"),
        (4, 1, "closed"),
    ]
    for result in results[:4]:
        assert (result.ip, result.rtt_ms, result.tries) == (None, None, 0)
        assert result.reason in ("name-not-found", "dns-timeout", "dns-failure")
        assert result.dns_ms is not None
    assert [result.host for result in results[2:4]] == ["nowhere.invalid", "Nowhere.Invalid."]
    assert [result.as_expected for result in results[2:4]] == [True, False]
    assert scan.progress()[:3] == (5, 5, 0)


def test_pairs_of_names_keep_their_order(infrastructure: Any) -> None:
    with open_port() as port:
        pairs = [("nowhere.invalid", 1), ("localhost", port)] * 50
        results = infrastructure.ServiceScanner(resolve_concurrency=2).scan_services(pairs)
    assert [(result.host, result.port) for result in results] == pairs
    assert [result.state for result in results] == ["unresolved", "open"] * 50


def test_an_excluded_name(infrastructure: Any) -> None:
    with closed_port() as port:
        targets = infrastructure.Targets(str(port))
        targets.add("LOCALHOST. 127.0.0.0/30 localhost")
        assert targets.exclude("localhost") == []
        scan = infrastructure.ServiceScanner().scan(targets)
        results = records_of(scan)
    assert [(r.ordinal, r.ip) for r in results] == [
        (1, "127.0.0.0"),
        (3, "127.0.0.2"),
        (4, "127.0.0.3"),
    ]
    assert scan.progress()[:3] == (3, 3, 0)


def test_an_exclusion_that_does_not_resolve(infrastructure: Any) -> None:
    with counted_server() as server:
        host, port = server.getsockname()
        targets = infrastructure.Targets(str(port))
        targets.add(host)
        targets.exclude("localhost nowhere.invalid")
        with pytest.raises(TargetError, match=r"^exclusion 'nowhere.invalid' does not resolve$"):
            infrastructure.ServiceScanner().scan(targets)
        assert accepted(server) == 0


@needs_namespaces
@needs_ipv6
def test_the_best_address_of_a_name(engine: str, tmp_path: Path) -> None:
    both = run_with_hosts(
        engine,
        tmp_path,
        """
        on_four, on_six = listen("127.0.0.1"), listen("::1")
        closed = socket.socket(); closed.bind(("127.0.0.1", 0))
        found = {}
        for name, server in (("four", on_four), ("six", on_six), ("none", closed)):
            port = server.getsockname()[1]
            scanner = infrastructure.ServiceScanner()
            found[name] = short(scanner.scan_services([("both", port)]))
        order = [entry[4][0] for entry in socket.getaddrinfo("both", 1, type=socket.SOCK_STREAM)]
        print(json.dumps({"found": found, "order": order}))
        """,
    )
    assert sorted(both["order"]) == ["127.0.0.1", "::1"]
    opened = [True, "open", "syn-ack", 1, True]
    assert both["found"] == {
        "four": [["both", "127.0.0.1", *opened]],
        "six": [["both", "::1", *opened]],
        # Of equal answers that of the earliest address counts.
        "none": [["both", both["order"][0], True, "closed", "conn-refused", 1, True]],
    }


@needs_namespaces
@needs_ipv6
def test_silence_leads_to_the_next_address(engine: str, tmp_path: Path) -> None:
    found = run_with_hosts(
        engine,
        tmp_path,
        """
        found = []
        first = socket.getaddrinfo("many", 1, type=socket.SOCK_STREAM)[0][4][0]
        second = "127.0.0.8" if first == "127.0.0.7" else "127.0.0.7"
        scanner = infrastructure.ServiceScanner(timeout_ms=300)
        for answering in (True, False):
            full = socket.create_server((first, 0), backlog=0)
            port = full.getsockname()[1]
            caller = socket.create_connection((first, port))
            if answering:
                server = listen(second, port)
            found += short(scanner.scan_services([("many", port)]))
        print(json.dumps([first, second, found]))
        """,
    )
    first, second, (answered, refused) = found
    assert answered == ["many", second, True, "open", "syn-ack", 1, True]
    # A refusal is better than silence, and belongs to the address that refused.
    assert refused == ["many", second, True, "closed", "conn-refused", 1, True]
    assert first != second


@needs_namespaces
@needs_ipv6
def test_all_addresses_and_networks_of_a_name(engine: str, tmp_path: Path) -> None:
    found = run_with_hosts(
        engine,
        tmp_path,
        """
        port = listen("127.0.0.1").getsockname()[1]
        targets = infrastructure.Targets("1,2")
        targets.add("127.0.0.1 both fleet/30 wide/24 one")
        targets.exclude("127.0.5.6")
        scan = infrastructure.ServiceScanner(all_ips=True).scan(targets, [(7, 7)])
        results = sorted(records_of(scan), key=lambda r: (r.ordinal, r.ip or ""))
        records = [[r.ordinal, r.input, r.host, r.ip, r.port] for r in results]
        print(json.dumps([records, scan.progress()]))
        """,
    )
    records, progress = found
    assert records == [
        [0, "127.0.0.1", "127.0.0.1", "127.0.0.1", 1],
        [1, "127.0.0.1", "127.0.0.1", "127.0.0.1", 2],
        *([2, "both", "both", ip, 1] for ip in ("127.0.0.1", "::1")),
        *([3, "both", "both", ip, 2] for ip in ("127.0.0.1", "::1")),
        *([4, "fleet/30", "fleet", f"127.0.5.{n}", 1] for n in (4, 5, 7)),
        *([5, "fleet/30", "fleet", f"127.0.5.{n}", 2] for n in (4, 5, 7)),
        [6, "wide/24", "wide", None, 1],
        [8, "one", "one", "127.0.0.1", 1],
        [9, "one", "one", "127.0.0.1", 2],
    ]
    assert progress[:3] == [len(records), len(records), 0]


@needs_namespaces
@needs_ipv6
def test_an_excluded_name_takes_its_network_along(engine: str, tmp_path: Path) -> None:
    found = run_with_hosts(
        engine,
        tmp_path,
        """
        targets = infrastructure.Targets("1")
        targets.add("127.0.5.0/29 both six")
        targets.exclude("fleet/30 one")
        scan = infrastructure.ServiceScanner(all_ips=True).scan(targets)
        print(json.dumps([[r.ordinal, r.ip] for r in records_of(scan)]))
        """,
    )
    kept = [[number, f"127.0.5.{number}"] for number in range(4)]
    assert found == [*kept, [8, "::1"], [9, "::1"]]


@needs_namespaces
def test_names_have_a_time_limit(engine: str, tmp_path: Path) -> None:
    # A server that takes questions and never answers.
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.53\n", encoding="ascii")
    found = run_apart(
        engine,
        """
        import socket, time
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.53", 53))
        scanner = infrastructure.ServiceScanner(resolve_timeout_ms=300, resolve_concurrency=1)
        begun = time.monotonic()
        results = scanner.scan_services([("a.example", 1), ("b.example", 1), ("127.0.0.1", 1)])
        print(json.dumps([time.monotonic() - begun, [[r.state, r.reason] for r in results]]))
        """,
        setup=LOOPBACK_UP
        + f"\nmount --bind '{tmp_path}/resolv.conf' /etc/resolv.conf"
        + f"\nprintf 'hosts: dns\\n' >'{tmp_path}/nsswitch.conf'"
        + f"\nmount --bind '{tmp_path}/nsswitch.conf' /etc/nsswitch.conf",
    )
    seconds, states = found
    assert states == [["unresolved", "dns-timeout"]] * 2 + [["closed", "conn-refused"]]
    assert 0.6 <= seconds < 4


def test_closed_on_every_address_is_closed(infrastructure: Any) -> None:
    with closed_port() as port:
        (result,) = infrastructure.ServiceScanner().scan_services([("localhost", port)])
    assert (result.state, result.reason, result.tries) == ("closed", "conn-refused", 1)


def test_a_silent_name_is_filtered(infrastructure: Any) -> None:
    with filtered_port() as port:
        targets = infrastructure.Targets(str(port))
        targets.add("localhost")
        scanner = infrastructure.ServiceScanner(timeout_ms=150)
        (result,) = records_of(scanner.scan(targets))
    # Where localhost has an IPv6 address too, that one refuses.
    assert result.state in ("filtered", "closed")
    assert result.tries == (2 if result.state == "filtered" else 1)
