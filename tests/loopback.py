"""Servers on the loopback addresses, and programs in namespaces of their own.

Nothing here or in the tests that use it sends to any other address.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from code_ops.scan import ScanProgress

ROOT = Path(__file__).parent.parent
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def has_ipv6() -> bool:
    """Whether ::1 can be used here."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here")
needs_namespaces = pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or os.geteuid() != 0
    or shutil.which("unshare") is None
    or subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode != 0,
    reason="needs root and namespaces",
)


@contextlib.contextmanager
def open_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that somebody listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=4096) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def closed_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that is bound, so that nobody else can listen on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as holder:
        holder.bind((host, 0))
        yield holder.getsockname()[1]


@contextlib.contextmanager
def counted_server() -> Iterator[socket.socket]:
    """A listener that only this process is likely to connect to, so that ``accepted`` counts."""
    first, second = divmod(os.getpid() % 65536, 256)
    try:
        server = socket.create_server((f"127.83.{first}.{second}", 0), backlog=1024)
    except OSError:  # where only 127.0.0.1 is set up
        server = socket.create_server(("127.0.0.1", 0), backlog=1024)
    with server:
        yield server


@contextlib.contextmanager
def full_server() -> Iterator[socket.socket]:
    """A listener whose queue is full: further connects get no answer.

    One accept makes room again, and the next connect finds the port open.
    """
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        caller = stack.enter_context(socket.socket())
        caller.connect(server.getsockname())
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(server.getsockname()) == 0:
                pytest.skip("a full queue does not drop connects here")
        yield server


@contextlib.contextmanager
def filtered_port() -> Iterator[int]:
    """A port that does not answer."""
    with full_server() as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def resetting_port() -> Iterator[int]:
    """A port whose server resets every connection as soon as it accepts it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = server.accept()
                    option = socket.SOL_SOCKET, socket.SO_LINGER
                    connection.setsockopt(*option, RESET_ON_CLOSE)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def accepted(port_server: socket.socket, within: float = 0.2) -> int:
    """How many connections the listener got."""
    port_server.settimeout(within)
    count = 0
    with contextlib.suppress(TimeoutError):
        while True:
            port_server.accept()[0].close()
            count += 1
    return count


def run_apart(
    engine: str,
    program: str,
    *,
    setup: str = "",
    hosts: str | None = None,
    tmp_path: Path | None = None,
    network: bool = True,
    timeout: float = 60,
) -> Any:
    """Run a program in a process of its own; returns what it prints as JSON.

    The program finds ``infrastructure`` imported. With ``setup``, shell commands, or
    ``hosts``, its own /etc/hosts, it runs in namespaces of its own.
    """
    head = f"""
        import json, sys
        from code_ops import _engine
        from code_ops.scan import ScanProgress
        infrastructure = _engine.load("infrastructure", "{engine}")
    """
    source = textwrap.dedent(head) + textwrap.dedent(program)
    command = [sys.executable, "-c", source]
    if hosts is not None and tmp_path is not None:
        setup += _mounted_hosts(hosts, tmp_path)
    if setup or not network:
        command = [
            "unshare",
            "--net",
            "--mount",
            "sh",
            "-ec",
            f'{setup}\nexec "$@"',
            "sh",
            *command,
        ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def targets_of(infrastructure: Any, text: str, ports: str = "1", **more: Any) -> Any:
    """Targets of a text without problems."""
    targets = infrastructure.Targets(ports, **more)
    assert targets.add(text, "hosts.txt") == []
    return targets


def progress_of(scan: Any) -> ScanProgress:
    """The counters by name."""
    return ScanProgress(*scan.progress())


def _mounted_hosts(hosts: str, tmp_path: Path) -> str:
    """Shell commands that make these the only names there are."""
    files = {"hosts": hosts, "nsswitch.conf": "hosts: files\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="ascii")
    return "".join(f"\nmount --bind '{tmp_path / name}' /etc/{name}" for name in files)


def records_of(scan: Any) -> list[Any]:
    """All records of a scan, by index."""
    return sorted((record for batch in scan for record in batch), key=lambda record: record.ordinal)


def wait_until(condition: Any, seconds: float = 5) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False
