"""A scan that is killed goes on where it was: nothing lost, nothing twice, nothing knocked twice.

The listeners are real and count who connects, so that what is asked of the network counts
and not what the program says of itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from loopback import wait_until

pytestmark = pytest.mark.timeout(60)
OPEN, CLOSED = 12, 36
FOREIGN = b"shopping: milk\n"
COMMAND = Path(sys.executable).with_name("code-ops")


class Ports:
    """Ports of which some listen and count the connects they get, and some are closed."""

    def __init__(self) -> None:
        self.connects: Counter[int] = Counter()
        self._sockets = [socket.socket() for _ in range(OPEN + CLOSED)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        for each in self._sockets:
            each.bind(("127.0.0.1", 0))
        for each in self._sockets[:OPEN]:
            each.listen(64)
            each.setblocking(False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for each in self._sockets:
            each.close()

    @property
    def all(self) -> list[int]:
        """All of them, mixed the same in every run."""
        numbers = [each.getsockname()[1] for each in self._sockets]
        random.Random(7).shuffle(numbers)
        return numbers

    @property
    def open(self) -> set[int]:
        return {each.getsockname()[1] for each in self._sockets[:OPEN]}

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in self._sockets[:OPEN]:
                selector.register(each, selectors.EVENT_READ)
            while not self._stop.is_set():
                for key, _ in selector.select(0.05):
                    listener: Any = key.fileobj
                    with contextlib.suppress(OSError):
                        listener.accept()[0].close()
                        self.connects[listener.getsockname()[1]] += 1


@pytest.fixture
def ports() -> Iterator[Ports]:
    with Ports() as found:
        yield found


class Scans:
    """One command, run again and again in a folder."""

    def __init__(self, folder: Path, engine: str, ports: Ports) -> None:
        self.state = folder / "state"
        self.out = folder / "out.ndjson"
        self.folder = folder
        lines = [f"127.0.0.1:{port}\n" for port in ports.all]
        (folder / "hosts.txt").write_text("".join(lines), encoding="ascii")
        self.command = [
            str(COMMAND), "scan", "hosts.txt", "--resume", "state", "--engine", engine,
        ]  # fmt: skip

    def kill_after(self, records: int, *, rate: int = 40) -> list[dict[str, Any]]:
        """Kills the scan, slowed down, once it has reported that many; returns them."""
        command = [*self.command, "--rate", str(rate)]
        with self.out.open("wb") as out, subprocess.Popen(
            command, cwd=self.folder, env=environment(), stdout=out, stderr=subprocess.PIPE
        ) as process:  # fmt: skip
            end = time.monotonic() + 20
            while self.out.read_bytes().count(b"\n") < records and time.monotonic() < end:
                time.sleep(0.01)
            process.kill()
        assert process.returncode == -9
        reported = self.out.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in reported if line.endswith("\n")]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs the command to its end."""
        return subprocess.run(
            [*self.command, *options],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS_")}
    return kept | {"XDG_CONFIG_HOME": "/nowhere"}


@pytest.fixture
def scans(tmp_path: Path, engine: str, ports: Ports) -> Scans:
    return Scans(tmp_path, engine, ports)


def ports_in(text: str) -> list[int]:
    return sorted(json.loads(line)["port"] for line in text.splitlines())


def test_a_killed_scan_goes_on(scans: Scans, ports: Ports) -> None:
    reported = scans.kill_after(10) + scans.kill_after(30)
    known = {record["port"] for record in reported if record["state"] == "open"}
    assert known
    # The listeners may take a moment to see the last connects.
    assert wait_until(lambda: all(ports.connects[port] for port in known))
    time.sleep(0.1)
    before = Counter(ports.connects)
    ended = scans.run()
    assert (ended.returncode, ports_in(ended.stdout)) == (0, sorted(ports.all))
    # The second run has reported again what the first had found.
    assert len(reported) > len({record["port"] for record in reported})
    assert ended.stderr.startswith("resuming: ")
    assert {port for port in known if ports.connects[port] != before[port]} == set()
    states = {
        record["port"]: record["state"] for record in map(json.loads, ended.stdout.splitlines())
    }
    assert {port for port, state in states.items() if state == "open"} == ports.open
    assert sorted(os.listdir(scans.folder)) == ["hosts.txt", "out.ndjson"]


def test_a_torn_journal_is_survived(scans: Scans, ports: Ports) -> None:
    scans.kill_after(12)
    journal = scans.state.read_bytes()
    head = journal.index(b"\n") + 1
    for cut in random.Random(3).sample(range(head, len(journal)), 5):
        scans.state.write_bytes(journal[:cut])
        ended = scans.run()
        assert (ended.returncode, ports_in(ended.stdout)) == (0, sorted(ports.all)), cut
        assert not scans.state.exists()


@pytest.mark.parametrize(
    "changed",
    [("127.0.0.9:1",), ("-p", "1"), ("--expect", "open"), ("--exclude", "127.0.0.9"), ("--open",)],
    ids=" ".join,
)
def test_other_targets_or_options_are_refused(scans: Scans, changed: tuple[str, ...]) -> None:
    scans.kill_after(1, rate=1000)
    journal = scans.state.read_bytes()
    ended = scans.run(*changed)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        "error: state: a checkpoint of other targets or options, remove it or name another file\n"
    )
    assert scans.state.read_bytes() == journal


def test_a_state_in_use_is_left_alone(scans: Scans) -> None:
    with subprocess.Popen(
        [*scans.command, "--rate", "5"], cwd=scans.folder, stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ended = scans.run()
        process.kill()
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == "error: state: in use by a scan that is still running\n"


def test_a_foreign_file_is_told(tmp_path: Path, engine: str, ports: Ports) -> None:
    scans = Scans(tmp_path, engine, ports)
    scans.state.write_bytes(FOREIGN)
    ended = scans.run()
    message = "error: state: not a checkpoint of code-ops, it is left alone\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", message)
    assert scans.state.read_bytes() == FOREIGN
