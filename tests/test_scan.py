"""Scans of real ports on the loopback addresses: states, records, what is left out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from loopback import (
    accepted,
    closed_port,
    counted_server,
    filtered_port,
    full_server,
    needs_ipv6,
    open_port,
    progress_of,
    records_of,
    resetting_port,
    targets_of,
    wait_until,
)

from code_ops.errors import TargetError
from code_ops.scan import ScanResult

pytestmark = pytest.mark.timeout(60)


def test_open_and_closed(infrastructure: Any) -> None:
    before = time.time()
    with open_port() as reached, closed_port() as refused:
        results = infrastructure.ServiceScanner().scan_services(
            [("127.0.0.1", reached), ("127.0.0.1", refused)]
        )
    assert all(isinstance(result, ScanResult) for result in results)
    states = [(result.state, result.reason, result.tries) for result in results]
    assert states == [("open", "syn-ack", 1), ("closed", "conn-refused", 1)]
    for result in results:
        assert result.rtt_ms is not None
        assert 0 < result.rtt_ms < 1000
        assert before <= result.timestamp <= time.time()
        assert (result.host, result.ip, result.input) == ("127.0.0.1",) * 3
        assert (result.dns_ms, result.source, result.expected, result.as_expected) == (
            None,
            "",
            None,
            None,
        )


def test_filtered_is_tried_again(infrastructure: Any) -> None:
    with filtered_port() as port:
        scanner = infrastructure.ServiceScanner(timeout_ms=150)
        (result,) = scanner.scan_services([("127.0.0.1", port)])
    assert (result.state, result.reason, result.rtt_ms) == ("filtered", "no-response", None)
    # The second pass found nothing, so there was no third.
    assert result.tries == 2


def test_no_retries_no_second_pass(infrastructure: Any) -> None:
    with filtered_port() as port:
        scanner = infrastructure.ServiceScanner(timeout_ms=100, retries=0)
        (result,) = scanner.scan_services([("127.0.0.1", port)])
    assert (result.state, result.tries) == ("filtered", 1)


def test_later_passes_while_the_one_before_found_something(infrastructure: Any) -> None:
    with full_server() as recovering, filtered_port() as silent:
        late = recovering.getsockname()[1]
        scanner = infrastructure.ServiceScanner(timeout_ms=600)
        scan = scanner.scan(targets_of(infrastructure, "127.0.0.1", f"{late},{silent}"))
        # The first pass has sent its connect by now, and the system repeats it after 1 s only.
        assert wait_until(lambda: progress_of(scan).in_flight == 2)
        recovering.accept()[0].close()
        states = {result.port: (result.state, result.tries) for result in records_of(scan)}
    assert states == {late: ("open", 2), silent: ("filtered", 3)}
    progress = progress_of(scan)
    assert (progress.retried, progress.found_late, progress.open) == (2, 1, 1)


def test_accepted_and_reset(infrastructure: Any) -> None:
    with resetting_port() as port:
        results = infrastructure.ServiceScanner().scan_services([("127.0.0.1", port)] * 50)
    # A reset that comes after the handshake says that somebody accepted it.
    assert {(result.state, result.reason) for result in results} == {("open", "syn-ack")}


@needs_ipv6
def test_ipv6(infrastructure: Any) -> None:
    with open_port("::1") as reached, closed_port("::1") as refused:
        results = infrastructure.ServiceScanner().scan_services(
            [("::1", reached), ("[::1]", refused), ("0:0::1", reached), ("::1%1", reached)]
        )
    assert [result.state for result in results] == ["open", "closed", "open", "open"]
    assert [result.ip for result in results] == ["::1", "::1", "::1", "::1%1"]
    assert [result.input for result in results] == ["::1", "::1", "0:0::1", "::1%1"]


def test_a_zone_that_is_not_there(infrastructure: Any) -> None:
    (result,) = infrastructure.ServiceScanner().scan_services([("::1%nowhere0", 80)])
    assert (result.state, result.reason, result.rtt_ms) == ("local_error", "ENODEV", None)
    assert result.ip == "::1%nowhere0"


def test_order_and_duplicates(infrastructure: Any) -> None:
    with open_port() as reached, closed_port() as refused, filtered_port() as silent:
        pairs = [
            ("127.0.0.1", port) for port in (silent, reached, refused, reached, silent, reached)
        ]
        pairs += [("127.0.0.2", 0), ("localhost", reached)]
        scanner = infrastructure.ServiceScanner(timeout_ms=150)
        results = scanner.scan_services(iter(pairs))
    assert [(result.input, result.port) for result in results] == pairs
    assert [result.ordinal for result in results] == list(range(8))
    states = [result.state for result in results]
    assert states[:6] == ["filtered", "open", "closed", "open", "filtered", "open"]
    assert states[6:] == ["closed", "open"]


def test_no_pairs(infrastructure: Any) -> None:
    assert infrastructure.ServiceScanner().scan_services([]) == []


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("127.0.0.1", 65536, "port 65536 is out of range 0-65535"),
        ("127.0.0.1", -1, "port -1 is out of range 0-65535"),
        ("127.0.0.1-2", 1, "'127.0.0.1-2' is not a single host"),
        ("127.0.0.0/30", 1, "'127.0.0.0/30' is not a single host"),
        ("localhost/32", 1, "'localhost/32' is not a single host"),
        ("::/127", 1, "'::/127' is not a single host"),
        ("127.0.0.300", 1, "octet 300 is out of range 0-255"),
        ("127.0.0", 1, "expected four octets, found 3"),
        ("zz::1", 1, "'zz::1' is not an IPv6 address"),
        ("[::1]:80", 1, "'[::1]:80' is not an IPv6 address"),
        ("db 1", 1, "character ' ' is not allowed in a host name"),
        ("b\u00fc", 1, "host names are ASCII, write 'b\u00fc' in punycode (xn--...)"),
    ],
)
def test_bad_pairs(infrastructure: Any, host: str, port: int, message: str) -> None:
    with counted_server() as server:
        pairs = [server.getsockname(), ("127.0.0.1", 1), (host, port)]
        with pytest.raises(TargetError) as caught:
            infrastructure.ServiceScanner().scan_services(pairs)
        assert caught.value.message == f"pair 2: {message}"
        assert accepted(server) == 0


def test_records_of_targets(infrastructure: Any) -> None:
    text = "127.0.0.4/31:2,1,7\n\n[::ffff:127.0.0.9]:3 127.0.1,3.9:5"
    targets = targets_of(infrastructure, text)
    results = records_of(infrastructure.ServiceScanner().scan(targets))
    found = [(r.ordinal, r.input, r.host, r.ip, r.port, r.source) for r in results]
    pattern = [
        (number, "127.0.0.4/31", host, host, port, "hosts.txt:1")
        for number, (host, port) in enumerate(
            (host, port) for host in ("127.0.0.4", "127.0.0.5") for port in (1, 2, 7)
        )
    ]
    mapped = "::ffff:127.0.0.9"
    assert found == [
        *pattern,
        (6, mapped, mapped, mapped, 3, "hosts.txt:3"),
        (7, "127.0.1,3.9", "127.0.1.9", "127.0.1.9", 5, "hosts.txt:3"),
        (8, "127.0.1,3.9", "127.0.3.9", "127.0.3.9", 5, "hosts.txt:3"),
    ]


def test_expectations(infrastructure: Any) -> None:
    with open_port() as reached, closed_port() as refused, filtered_port() as silent:
        text = f"""127.0.0.1:{reached} open
            127.0.0.1:{reached} closed|filtered
            127.0.0.1:{reached} <10s
            127.0.0.1:{reached} open <0us
            127.0.0.1:{refused} closed|filtered
            127.0.0.1:{refused} open <10s
            127.0.0.1:{silent} filtered
            127.0.0.1:{silent} unreachable|unresolved
            127.0.0.1:{silent}"""
        scanner = infrastructure.ServiceScanner(timeout_ms=150)
        results = records_of(scanner.scan(targets_of(infrastructure, text, expect="closed")))
    assert [(result.expected, result.as_expected) for result in results] == [
        ("open", True),
        ("closed|filtered", False),
        ("open <10s", True),
        ("open <0us", False),
        ("closed|filtered", True),
        ("open <10s", False),
        ("filtered", True),
        ("unreachable|unresolved", False),
        ("closed", False),
    ]


def test_excluded_addresses_get_no_connect(infrastructure: Any) -> None:
    with counted_server() as server:
        host, port = server.getsockname()
        text = f"127.0.0.0/29 {host} ::ffff:{host}"
        targets = targets_of(infrastructure, text, str(port))
        assert targets.exclude(f"127.0.0.1-3 {host}\n127.0.0.6/31") == []
        scan = infrastructure.ServiceScanner().scan(targets)
        results = records_of(scan)
        assert accepted(server) == 0
    assert [(result.ordinal, result.ip) for result in results] == [
        (0, "127.0.0.0"),
        (4, "127.0.0.4"),
        (5, "127.0.0.5"),
    ]
    assert progress_of(scan)[:3] == (3, 3, 0)


def test_skipped_ranges(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.0.0.0/30 127.9.0.1", "1-5")  # 4 x 5 and 5
    skip = [(22, 40), (3, 4), (4, 11), (16, 16)]
    scan = infrastructure.ServiceScanner().scan(targets, skip)
    assert [result.ordinal for result in records_of(scan)] == [
        0,
        1,
        2,
        12,
        13,
        14,
        15,
        17,
        18,
        19,
        20,
        21,
    ]
    assert progress_of(scan)[:3] == (12, 12, 0)


def test_skipping_most_of_a_network_is_quick(infrastructure: Any) -> None:
    targets = targets_of(infrastructure, "127.0.0.0/8", "0-65535")
    scan = infrastructure.ServiceScanner().scan(targets, [(2, 2**24 * 2**16 - 2)])
    results = records_of(scan)
    assert [(result.ip, result.port) for result in results] == [
        ("127.0.0.0", 0),
        ("127.0.0.0", 1),
        ("127.255.255.255", 65535),
    ]
