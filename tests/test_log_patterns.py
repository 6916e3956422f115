"""Formats that users describe: named groups and grok."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from typing import Any

import pytest

from code_ops.errors import EngineError
from code_ops.logs import LogAnalyzer

pytest.importorskip("code_rust_core", reason="patterns need the native module")

TEN = datetime.datetime(2026, 11, 20, 10, 0, tzinfo=datetime.UTC)

# Pattern, line, and what the event is.
EVENTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        r"(?P<time>\S+) \| (?P<level>\w+) \| (?P<logger>\w+) \| (?P<message>.*)",
        "2026-11-20T10:00:00Z | WARN | db | slow",
        {"time": TEN, "level": "warning", "source": "db", "message": "slow", "fields": {}},
    ),
    (
        r"(?P<level>[A-Z])/(?P<time>[\d: -]+): (?P<msg>.*) in (?P<duration_ms>\d+)",
        "E/2026-11-20 10:00:00: it failed in 17",
        {"time": TEN, "level": "error", "message": "it failed", "fields": {"duration_ms": 17}},
    ),
    (
        "%{TIMESTAMP_ISO8601:ts} %{LOGLEVEL:level} %{IPORHOST:host} %{NUMBER:load} (?P<msg>.*)",
        "2026-11-20T10:00:00Z info web-1.example.org 0.75 all is well",
        {
            "time": TEN,
            "level": "info",
            "host": "web-1.example.org",
            "message": "all is well",
            "fields": {"load": 0.75},
        },
    ),
    (
        "%{COMBINEDAPACHELOG}",
        '203.0.113.9 - ann [20/Nov/2026:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 503 12 "-" "curl"',
        {
            "time": TEN,
            "message": "GET /a?b=1 HTTP/1.1",
            "fields": {
                "client": "203.0.113.9",
                "user": "ann",
                "status": 503,
                "bytes": 12,
                "agent": "curl",
                "request": "GET /a?b=1 HTTP/1.1",
            },
        },
    ),
    (
        r"%{SYSLOGTIMESTAMP:time} %{SYSLOGHOST:host} %{SYSLOGPROG}: %{DATA:message}$",
        "Nov 20 10:00:00 web sshd[17]: closed",
        {"host": "web", "source": "sshd", "message": "closed", "fields": {"pid": 17}},
    ),
    (
        r"%{UUID:id} %{UNIXPATH:file} %{IPV6:address} %{QS:text} %{MAC:mac}",
        '01234567-89ab-cdef-0123-456789abcdef /var/log/a.log fe80::1 "a \\" b" 00:1b:44:11:3a:b7',
        {
            "level": "unknown",
            "fields": {
                "id": "01234567-89ab-cdef-0123-456789abcdef",
                "file": "/var/log/a.log",
                "address": "fe80::1",
                "text": '"a \\" b"',
                "mac": "00:1b:44:11:3a:b7",
            },
        },
    ),
    (
        "%{WORD:[http][method]} %{NUMBER:[http][status]}",
        "PUT 204",
        {"fields": {"http.method": "PUT", "http.status": 204}},
    ),
]


@pytest.mark.parametrize(("pattern", "line", "expected"), EVENTS)
def test_events(pattern: str, line: str, expected: dict[str, Any]) -> None:
    (event,) = LogAnalyzer(patterns=[pattern]).iter_events(line + "\n")
    assert {key: getattr(event, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<time>", "unclosed group"),
        ("no names", "no group has a name"),
        ("(?P<a>x)(?P<a>y)", "duplicate capture group name"),
        ("%{NOTHING:x}", "%{NOTHING} is not known"),
        ("%{WORD:x", "a %{ is not closed by }"),
        ("%{WORD:a b}", "is no name"),
        ("(?P<a>(?=x))", "look-around"),
        ("(?P<a>(a{1000}){1000})", "size limit"),
    ],
)
def test_mistakes(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        LogAnalyzer(patterns=[pattern])


def test_the_first_pattern_that_fits_counts() -> None:
    log = "a 1\nb 2\nc 3\n\tmore of it\nc 4\n"
    patterns = [r"^(?P<level>x)?a (?P<first>\d)", r"^[bc] (?P<second>\d)"]
    analyzer = LogAnalyzer(patterns=patterns)
    events = list(analyzer.iter_events(log))
    assert [event.fields for event in events] == [
        {"first": 1},
        {"second": 2},
        {"second": 3},
        {"second": 4},
    ]
    assert events[2].trace == "\tmore of it"
    report = analyzer.analyze_logs(log + "what is that\n")
    assert (report["total"], report["unparsed_examples"]) == (4, ["what is that"])
    assert report["formats"] == {"pattern": 4}
    assert report["fields"]["second"]["max"] == 4


def test_threads_do_not_matter() -> None:
    lines = (
        f"<{number}> 2026-11-20 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
        f" WARN took {number % 977} ms\n"
        for number in range(80_000)
    )
    log = "".join(lines)
    pattern = r"<\d+> (?P<time>\S+ \S+) (?P<level>\w+) took (?P<took>\d+)"
    one, two = (
        LogAnalyzer(threads=threads, patterns=[pattern]).analyze_logs(log) for threads in (1, 2)
    )
    assert one == two
    assert (one["total"], one["warnings"], one["fields"]["took"]["count"]) == (80_000,) * 3


def test_without_the_native_engine() -> None:
    with pytest.raises(EngineError, match="patterns need the rust engine"):
        LogAnalyzer(patterns=["(?P<a>x)"], engine="python")


def test_a_mistake_on_the_command_line() -> None:
    command = [sys.executable, "-m", "code_ops", "logs", "show", "-", "--pattern", "%{NO:x}"]
    done = subprocess.run(
        command, input="x\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "%{NO} is not known" in done.stderr
