"""Sealing and opening that is killed, runs into a full disk, or is interrupted; and hostile heads.

Kills are real: ``strace`` ends the process as it enters a call of the system, each in turn, so
that all which came before was done and that call was not.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sealed_file_reader
import vault_samples as samples
from test_sealed_file import BODY, COSTS, ID, MAC
from vault_runs import COMMAND, KEY, KEY_TEXT, apart, environment, leftovers, runner

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
MIB = 1 << 20
BY_KEY = ("--key-file", "key")
OLD, NEW = samples.text(3 * MIB), samples.text(3 * MIB + 7)
CALLS = [
    "write",
    "pwrite64",
    "fchmod",
    "fsync",
    "rename",
    "renameat",
    "renameat2",
    "linkat",
    "unlink",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Has a key, and both contents plain and sealed."""
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).write_bytes(text)
        assert runner(tmp_path)("encrypt", name, *BY_KEY).returncode == 0
    return tmp_path


def found(path: Path) -> str:
    """Which content a plain or a sealed file has."""
    if not path.exists():
        return "none"
    content = path.read_bytes()
    if content.startswith(b"code-ops-file/1\n"):
        content = sealed_file_reader.read(content, "key-deb007c3", KEY)
    return {OLD: "old", NEW: "new"}.get(content, "neither")


def killed_at(folder: Path, call: str, number: int, *words: str) -> bool:
    """Runs a command that is killed as it enters a call for the nth time; whether it was."""
    inject = f"--inject={call}:signal=KILL:when={number}"
    trace = ["strace", "-f", "-qqq", "-o", "/dev/null", f"--trace={call}", inject]
    ended = subprocess.run(
        [*trace, COMMAND, "vault", *words, *BY_KEY, "--quiet"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


@pytest.mark.parametrize(
    ("words", "target", "before"),
    [
        (("encrypt", "new", "-o", "target", "--replace"), "target", "old.sealed"),
        (("encrypt", "new", "-o", "target"), "target", None),
        (("encrypt", "source", "-o", "target", "--remove"), "target", None),
        (("decrypt", "new.sealed", "-o", "target", "--replace"), "target", "old"),
        (("decrypt", "new.sealed", "-o", "target"), "target", None),
    ],
    ids=lambda value: " ".join(value[::4]) if isinstance(value, tuple) else "",
)
def test_a_kill_at_each_call_leaves_the_old_or_the_new(
    folder: Path, words: tuple[str, ...], target: str, before: str | None
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace here")
    seen: dict[str, int] = {}
    for call in CALLS:
        for number in range(1, 50):
            for path in [*folder.glob(".code-ops-*"), folder / target]:
                path.unlink(missing_ok=True)
            (folder / "source").write_bytes(NEW)
            if before is not None:
                shutil.copy(folder / before, folder / target)
            was_killed = killed_at(folder, call, number, *words)
            state = found(folder / target)
            assert state in ("new", "none" if before is None else "old")
            assert state == "new" or found(folder / "source") == "new"
            if not was_killed:
                assert (state, leftovers(folder)) == ("new", [])
                break
            seen[state] = seen.get(state, 0) + 1
            for name in leftovers(folder):
                mode = stat.S_IMODE((folder / name).stat().st_mode)
                assert words[0] == "encrypt" or mode == 0o600 or before == "old"
                seen["left"] = seen.get("left", 0) + 1
    assert seen["left"] > 3
    assert seen.get("old" if before else "none", 0) > 3
    assert seen["new"] > 0


KILLING = """
import json, os, random, signal, sys, time
from code_ops.sealed_file import decrypt_file, encrypt_file, key_slot
from code_ops.vault_file import Credentials

KEY = bytes(range(32))
way = sys.argv[1]

def work(number):
    name = ("old", "new")[number]
    if way == "encrypt":
        encrypt_file(name, "target", [key_slot("test", KEY)], replace=True)
    else:
        decrypt_file(name + ".sealed", "target", Credentials([KEY]), replace=True)

def content():
    if way == "encrypt":
        decrypt_file("target", "opened", Credentials([KEY]), replace=True)
    with open("target" if way == "decrypt" else "opened", "rb") as file:
        return file.read()

texts = [open(name, "rb").read() for name in ("old", "new")]
chance = random.Random(1)
begun = time.monotonic()
work(0)
once = time.monotonic() - begun
counts = {"old": 0, "new": 0, "neither": 0, "left": 0}
for _ in range(100):
    child = os.fork()
    if child == 0:
        try:
            while True:
                for number in (1, 0):
                    work(number)
        finally:
            os._exit(1)
    time.sleep(chance.uniform(0, 4 * once))
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    place = texts.index(now) if (now := content()) in texts else 2
    counts[list(counts)[place]] += 1
    for name in os.listdir():
        if name.startswith(".code-ops-"):
            counts["left"] += 1
            os.unlink(name)
print(json.dumps(counts))
"""


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
def test_100_kills_at_any_time_leave_the_old_or_the_new(folder: Path, way: str) -> None:
    counts = apart(folder, KILLING, way, seconds=200)
    assert counts["neither"] == 0
    assert counts["old"] + counts["new"] == 100
    assert min(counts["old"], counts["new"], counts["left"]) > 0


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 1 MiB with a file on it."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    try:
        (disk / "target").write_bytes(b"before")
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
@pytest.mark.parametrize("source", ["new", "-"])
def test_a_full_disk_leaves_the_old_one(
    folder: Path, small_disk: Path, way: str, source: str
) -> None:
    run = runner(folder)
    name = "new" if way == "encrypt" else "new.sealed"
    stdin = (folder / name).read_bytes() if source == "-" else b""
    for target in ("disk/target", "disk/other"):
        words = (source if source == "-" else name, "-o", target, "--replace", *BY_KEY)
        ended = run(way, *words, stdin=stdin)
        assert (ended.returncode, ended.stdout) == (4, b"")
        assert ended.stderr.decode() == f"error: {target}: no space left on device\n"
    assert samples.names(small_disk) == ["target"]
    assert (small_disk / "target").read_bytes() == b"before"


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
def test_a_file_too_large_leaves_nothing(folder: Path, way: str) -> None:
    """The system takes a part of what is written, and no more."""
    name = "new" if way == "encrypt" else "new.sealed"
    ended = runner(folder)(
        way,
        name,
        "-o",
        "target",
        *BY_KEY,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB)),
    )
    assert (ended.returncode, ended.stderr) == (4, b"error: target: file too large\n")
    assert (found(folder / "target"), leftovers(folder)) == ("none", [])


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
def test_a_full_device_is_told(folder: Path, way: str) -> None:
    name = "new" if way == "encrypt" else "new.sealed"
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [COMMAND, "vault", way, name, "-o", "-", *BY_KEY],
            cwd=folder,
            env=environment(folder),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 4
    assert ended.stderr == b"error: standard output: no space left on device\n"


def _started(folder: Path, *words: str, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMMAND, "vault", *words, *BY_KEY],
        cwd=folder,
        env=environment(folder),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
@pytest.mark.parametrize("target", ["target", "-"])
def test_ctrl_c_while_nothing_comes(folder: Path, way: str, target: str) -> None:
    """The pipe stays open and gives nothing more; the interrupt comes when all was read."""
    content = (folder / ("new" if way == "encrypt" else "new.sealed")).read_bytes()
    reading, writing = os.pipe()
    process = _started(folder, way, "-", "-o", target, stdin=reading, stdout=subprocess.DEVNULL)
    os.close(reading)
    view = memoryview(content[: 2 * MIB])
    while view:
        view = view[os.write(writing, view) :]
    _until_empty(writing)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == b"error: interrupted\n"
    os.close(writing)
    assert process.returncode == 130
    assert (found(folder / "target"), leftovers(folder)) == ("none", [])


@pytest.mark.parametrize("way", ["encrypt", "decrypt"])
def test_ctrl_c_while_nobody_reads(folder: Path, way: str) -> None:
    source = "new" if way == "encrypt" else "new.sealed"
    process = _started(folder, way, source, "-o", "-", stdin=subprocess.DEVNULL, stdout=-1)
    assert process.stdout is not None
    _until_full(process.stdout.fileno())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert process.stderr is not None
    assert process.stderr.read() == b"error: interrupted\n"
    process.stdout.close()
    process.stderr.close()


def _waiting(descriptor: int) -> int:
    import fcntl
    import struct
    import termios

    answer = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", answer)[0])


def _until_empty(descriptor: int) -> None:
    while _waiting(descriptor):
        pass


def _until_full(descriptor: int) -> None:
    # Of 16 pages, the first may have little in it.
    while _waiting(descriptor) < 15 * 4096:
        pass


HOSTILE = {
    "4 TiB of memory": b"\n".join([b"code-ops-file/1", ID, COSTS % (1 << 32), MAC, b"", b""]),
    "2 TiB of memory": b"\n".join([b"code-ops-file/1", ID, COSTS % (1 << 31), MAC, b"", b""]),
    "slots": b"code-ops-file/1\n" + ID + b"\n" + b"slot x\n" * 10_000_000,
    "long slots": b"\n".join(
        [b"code-ops-file/1", ID]
        + [b"slot key kid=deb007c3 label=a%d " % number + BODY for number in range(1023)]
        + [MAC, b"", b""]
    ),
    "slots of the most length": b"code-ops-file/1\n"
    + ID
    + b"\n"
    + b"".join(b"slot x%d " % number + b"x" * 65_000 + b"\n" for number in range(1024)),
    "a long first line": b"code-ops-file/1" + b"x" * (70 * MIB),
    "a long line": b"code-ops-file/1\n" + ID + b"\n" + b"slot " + b"x" * (70 * MIB),
    "zeros": bytes(70 * MIB),
}
OPENING = """
import json, os, resource, sys
from memory_use import peak
from code_ops.sealed_file import decrypt_file
from code_ops.vault_file import Credentials
from code_ops.errors import VaultError

decrypt = lambda: decrypt_file("hostile", "target", Credentials([bytes(32)], ["wrong"]))
with open("empty", "wb"):
    pass
try:
    decrypt_file("empty", "target", Credentials([bytes(32)], ["wrong"]))
except VaultError:
    before, began = peak(), sum(os.times()[:2])
try:
    decrypt()
except VaultError as error:
    print(json.dumps([str(error), peak() - before, sum(os.times()[:2]) - began]))
"""


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_heads_cost_little(folder: Path, what: str) -> None:
    (folder / "hostile").write_bytes(HOSTILE[what])
    code = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n{OPENING}"
    message, taken, seconds = apart(folder, code, seconds=200)
    assert message.startswith("hostile: ")
    assert taken < 50_000_000
    # Of processor time, which a busy machine does not stretch.
    assert seconds < 0.1


def test_a_line_without_end_on_a_pipe(folder: Path) -> None:
    """A gigabyte and more, of which no more is read than a line may have."""
    with open("/dev/zero", "rb") as zeros:
        ended = subprocess.run(
            [COMMAND, "vault", "decrypt", "-", *BY_KEY],
            cwd=folder,
            env=environment(folder),
            stdin=zeros,
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert ended.stderr.startswith(b"error: standard input: line 1: expected `code-ops-file/1`")
