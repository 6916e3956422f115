"""What Redis and HAProxy log, on their own and through syslog."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from log_servers import (
    answers,
    free_port,
    levels,
    names,
    native_report,
    needs,
    report,
    running,
    wait_until,
)
from log_servers import request as send

HAPROXY = """
global
  log 127.0.0.1:{rfc3164} len 4096 format rfc3164 local0
  log 127.0.0.1:{rfc5424} len 4096 format rfc5424 local0
  log-send-hostname web1
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 2s
  timeout server 2s
frontend web
  bind 127.0.0.1:{port}
  http-request deny deny_status 429 if {{ path /denied }}
  http-request return status 200 content-type text/plain string ok if {{ path /ok }}
  default_backend app
backend app
  server one 127.0.0.1:{closed} check inter 100 fall 1
"""


REQUESTS = {"/ok": 4, "/denied": 2, "/app": 3}


def is_recent(time: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(time)) < timedelta(minutes=5)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a Redis that saved, was told to follow a server that is absent, and ended."""
    folder = tmp_path_factory.mktemp("redis")
    log, port = folder / "redis.log", free_port()
    settings = {"port": port, "bind": "127.0.0.1", "dir": folder, "loglevel": "debug"}
    words: list[str | Path] = ["redis-server"]
    for key, value in settings.items():
        words += [f"--{key}", str(value)]
    with (
        running(words, log, lambda: answers(port)),
        socket.create_connection(("127.0.0.1", port), 5) as client,
    ):
        client.sendall(b"SET a 1\r\nSAVE\r\nREPLICAOF 127.0.0.1 1\r\n")
        wait_until(lambda: "Connection refused" in log.read_text(), "a replica that fails")
    return log


def redis_lines(log: Path) -> Counter[str]:
    """Lines by the sign that is their level: ``1:M 20 Nov 2026 10:00:00.000 * ...``."""
    sign = re.compile(r"^\d+:[MSCX] .*? \d\d:\d\d:\d\d\.\d{3} ([.*#-]) ", re.MULTILINE)
    return Counter(sign.findall(log.read_text()))


@needs("redis-server")
def test_redis(redis: Path) -> None:
    found = native_report(redis)
    lines = len(redis.read_text().splitlines())
    assert (found["total"], found["lines"], found["unparsed_lines"]) == (lines, lines, 0)
    assert is_recent(found["first"])
    assert is_recent(found["last"])


@needs("redis-server")
def test_redis_levels(redis: Path) -> None:
    """redis.conf: debug, verbose, notice, warning."""
    written = redis_lines(redis)
    found = native_report(redis)
    assert found["levels"]["notice"] == written["*"]
    assert found["levels"]["warning"] == written["#"]
    assert [row for row in found["problems"] if "Connection refused" in row["example"]]


@pytest.fixture(scope="module")
def haproxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what an HAProxy sent to two receivers of syslog."""
    folder = tmp_path_factory.mktemp("haproxy")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as old,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as new,
    ):
        receivers = {"rfc3164": old, "rfc5424": new}
        for receiver in receivers.values():
            receiver.bind(("127.0.0.1", 0))
            receiver.setblocking(False)
        ports = {name: receiver.getsockname()[1] for name, receiver in receivers.items()}
        port, closed = free_port(), free_port()
        conf = folder / "haproxy.cfg"
        conf.write_text(HAPROXY.format(port=port, closed=closed, **ports))
        # A look whether it listens would be a request to log.
        with running(["haproxy", "-db", "-f", conf], folder / "out", lambda: is_down(old)):
            for path, count in REQUESTS.items():
                for _ in range(count):
                    send(port, "GET", path)
            # It logs behind the answer.
            for name, receiver in receivers.items():
                lines: list[bytes] = []
                wait_until(lambda: has_all(lines, receiver), "the last request")  # noqa: B023
                (folder / name).write_bytes(b"".join(lines))
    return folder


def has_all(lines: list[bytes], receiver: socket.socket) -> bool:
    """Whether the requests are among the lines; those that have come are added."""
    lines.extend(received(receiver))
    return sum(b" HTTP/1.1" in line for line in lines) == sum(REQUESTS.values())


def is_down(receiver: socket.socket) -> bool:
    """Whether HAProxy has told that its backend has no server; nothing is taken."""
    try:
        data = receiver.recv(1 << 20, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    return bool(data)


def received(receiver: socket.socket) -> Iterator[bytes]:
    """The datagrams, one a line."""
    while True:
        try:
            yield receiver.recv(1 << 16).rstrip(b"\n") + b"\n"
        except BlockingIOError:
            return


@needs("haproxy")
@pytest.mark.parametrize("name", ["rfc3164", "rfc5424"])
def test_haproxy(haproxy: Path, name: str) -> None:
    text = (haproxy / name).read_text()
    found = report(haproxy / name)
    severities = Counter(int(number) % 8 for number in re.findall(r"^<(\d+)>", text, re.MULTILINE))
    assert sum(severities.values()) == found["total"] == len(text.splitlines())
    words = {0: "emergency", 1: "alert", 3: "error", 4: "warning", 5: "notice", 6: "info"}
    assert levels(found) == {words[number]: count for number, count in severities.items()}
    assert found["level_sources"]["priority"] == found["total"]
    assert names(found["sources"]) == {"haproxy": found["total"]}
    assert is_recent(found["first"])
    assert is_recent(found["last"])
    # Requests are at level info; those that found no server are no errors of the log's.
    assert text.count('"GET /app HTTP/1.1"') == 3


@needs("haproxy")
def test_haproxy_requests(haproxy: Path) -> None:
    http = report(haproxy / "rfc3164")["http"]
    assert http is not None
    assert http["statuses"] == {"200": 4, "429": 2, "503": 3}
