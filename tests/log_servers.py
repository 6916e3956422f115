"""Servers and programs that tests start to read what they log: found, started and ended here.

Nothing listens on any address but the loopback, and nothing outlives its test.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from code_ops import _engine
from code_ops.logs import LogAnalyzer

PATIENCE = 20.0
"""Seconds that a program has to start, to end, or to write what it has to say."""
FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/lib/systemd", "/usr/lib/systemd", "/usr/local/go/bin"]
PLACES = os.pathsep.join([*FOLDERS, *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
ENGINES = ["python"] if _engine.native_error() else ["rust", "python"]


def program(name: str) -> str | None:
    """The path of a program, or None; daemons are seldom on the path of a user."""
    return shutil.which(name) or shutil.which(name, path=PLACES)


def needs(*names: str) -> pytest.MarkDecorator:
    """Skips a test where one of the programs is absent."""
    absent = [name for name in names if program(name) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed: {', '.join(absent)}")


def command(*words: str | Path) -> list[str]:
    """The words of a command with the path of the program."""
    first, *rest = map(str, words)
    return [program(first) or first, *rest]


def run(*words: str | Path, check: bool = True, **options: Any) -> str:
    """What a program that ends by itself wrote, errors included."""
    done = subprocess.run(
        command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE * 3,
        **options,
    )
    text: str = done.stdout.decode(errors="replace")
    assert done.returncode == 0 or not check, text
    return text


def free_port() -> int:
    """A port that nobody listens on; between two calls another may take it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Waits for something, for as long as is bearable."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody listens on a port of the loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def open_folder(owner: str | None = None) -> Iterator[Path]:
    """A folder that servers can enter that run as another user; pytest's own they cannot."""
    with tempfile.TemporaryDirectory(prefix="code-ops-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if owner is not None:
            shutil.chown(folder, owner)
        yield folder


@contextlib.contextmanager
def running(
    words: Sequence[str | Path], output: Path, is_ready: Callable[[], bool]
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that writes its output to a file, ended behind the block."""
    with output.open("wb") as log:
        server = subprocess.Popen(
            command(*words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Times that name no zone are taken as UTC.
            env=os.environ | {"TZ": "UTC"},
        )
    try:
        wait_until(
            lambda: server.poll() is not None or is_ready(),
            f"{words[0]}: {output.read_text(errors='replace')}",
        )
        assert server.poll() is None, output.read_text(errors="replace")
        yield server
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def request(port: int, method: str, path: str, agent: str = "probe/1") -> int:
    """The status of the answer to a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers={"User-Agent": agent})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def report(path: Path) -> dict[str, Any]:
    """The report on a file, the same with both engines."""
    found = [LogAnalyzer(engine=name).analyze_logs(path) for name in ENGINES]
    assert found[0] == found[-1]
    return found[0]


def native_report(path: Path) -> dict[str, Any]:
    """The report on a file in a format that the native engine alone knows."""
    if "rust" not in ENGINES:
        pytest.skip("the rust engine does not import")
    return LogAnalyzer(engine="rust").analyze_logs(path)


def levels(found: dict[str, Any]) -> dict[str, int]:
    """The events of each level that has any."""
    return {level: count for level, count in found["levels"].items() if count}


def names(rows: list[dict[str, Any]]) -> dict[str, int]:
    """The counts of sources, paths, clients or agents by name."""
    return {row["name"]: row["count"] for row in rows}
