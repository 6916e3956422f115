"""What failures leave of files and keys: a full disk, Ctrl-C, a kill, large and shrinking files."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vault_samples as samples
from vault_samples import names

from code_ops.errors import VaultError
from code_ops.vault import SecureVault

MIB = 1 << 20
KILLS = {"rust": 100, "python": 20}

# Each child replaces the target over and over until it is killed. The parent uses no threads, so
# that it can fork.
KILLING = """
engine, way, kills, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
vault = SecureVault(bytes(range(32)), engine)
texts = [random.Random(number).randbytes((3 << 20) + number) for number in range(2)]
for number, text in enumerate(texts):
    with open(f"source{number}", "wb") as file:
        file.write(vault.encrypt(text) if way == "decrypt_file" else text)
random = random.Random(seed)
begun = time.monotonic()
getattr(vault, way)("source0", "target")
once = time.monotonic() - begun
found = {"first": 0, "second": 0, "neither": 0, "left behind": 0}
for _ in range(kills):
    child = os.fork()
    if child == 0:
        try:
            while True:
                for number in (1, 0):
                    getattr(vault, way)(f"source{number}", "target")
        finally:
            os._exit(1)
    time.sleep(random.uniform(0, 4 * once))
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with open("target", "rb") as file:
        content = file.read()
    content = vault.decrypt(content) if way == "encrypt_file" else content
    place = texts.index(content) if content in texts else 2
    found[list(found)[place]] += 1
    for name in os.listdir():
        if name.startswith(".code-ops-"):
            found["left behind"] += 1
            os.unlink(name)
print(json.dumps([found, sorted(os.listdir())]))
"""


@pytest.fixture
def vault(engine: str) -> SecureVault:
    return SecureVault(samples.KEY, engine)


def apart(folder: Path, code: str, *words: str) -> Any:
    """What the code prints as JSON in a process of its own."""
    program = f"""
import json, os, random, re, resource, signal, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from code_ops.vault import SecureVault
{code}
"""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


@pytest.mark.usefixtures("security")
@pytest.mark.parametrize("way", ["encrypt_file", "decrypt_file"])
@pytest.mark.parametrize("target", ["new", "old"])
@pytest.mark.parametrize("missing", [1, MIB])
def test_a_limit_of_the_file_s_size(
    engine: str, tmp_path: Path, way: str, target: str, missing: int
) -> None:
    """Also where no more than the last byte of what is written has no place."""
    data, sealed = samples.text(4 * MIB), samples.encrypt(samples.text(4 * MIB))
    before, after = (sealed, data) if way == "decrypt_file" else (data, sealed)
    (tmp_path / "source").write_bytes(before)
    (tmp_path / "old").write_bytes(b"before")
    said = apart(
        tmp_path,
        f"""
resource.setrlimit(resource.RLIMIT_FSIZE, [{len(after) - missing}] * 2)
vault = SecureVault(bytes(range(32)), {engine!r})
try:
    vault.{way}("source", {target!r})
except OSError as error:
    print(json.dumps([error.errno, error.filename]))
""",
    )
    assert said == [errno.EFBIG, target]
    assert names(tmp_path) == ["old", "source"]
    assert (tmp_path / "old").read_bytes() == b"before"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB with a file on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    try:
        (folder / "old").write_bytes(b"before")
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("way", ["encrypt_file", "decrypt_file"])
def test_a_full_disk(vault: SecureVault, tmp_path: Path, small_disk: Path, way: str) -> None:
    data = samples.text(4 * MIB)
    source = tmp_path / "source"
    source.write_bytes(samples.encrypt(data) if way == "decrypt_file" else data)
    for name in ("new", "old"):
        with pytest.raises(OSError, match="No space left") as found:
            getattr(vault, way)(source, small_disk / name)
        assert found.value.errno == errno.ENOSPC
        assert found.value.filename == str(small_disk / name)
    assert names(small_disk) == ["old"]
    assert (small_disk / "old").read_bytes() == b"before"


@pytest.mark.parametrize("way", ["encrypt_file", "decrypt_file"])
def test_ctrl_c_leaves_the_file_that_was_there(
    vault: SecureVault, tmp_path: Path, way: str
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    target.write_bytes(b"before")
    source.touch()
    os.truncate(source, (600 if way == "decrypt_file" else 2048) * MIB)
    if way == "decrypt_file":
        vault.encrypt_file(source, source)
    is_over = threading.Event()

    def interrupt() -> None:
        while len(names(tmp_path)) < 3 and not is_over.is_set():
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    watcher = threading.Thread(target=interrupt)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            getattr(vault, way)(source, target)
    finally:
        is_over.set()
        watcher.join()
    assert names(tmp_path) == ["source", "target"]
    assert target.read_bytes() == b"before"


@pytest.mark.usefixtures("security")
def test_memory_does_not_grow_with_the_file(engine: str, tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    (tmp_path / "small").write_bytes(samples.text(3 * MIB))
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 256 * MIB)
    taken = apart(
        tmp_path,
        f"""
from memory_use import peak
vault = SecureVault(bytes(range(32)), {engine!r})
before = peak()
vault.encrypt_file("small", "sealed")
vault.encrypt_file("large", "sealed")
vault.decrypt_file("sealed", "large")
print(json.dumps(peak() - before))
""",
    )
    assert 0 <= taken < 64_000_000
    assert (tmp_path / "large").stat().st_size == 256 * MIB


def test_a_source_that_shrinks(vault: SecureVault, tmp_path: Path) -> None:
    """Its end is cut off while it is read: an error, and no file."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.touch()
    errors: list[Any] = []
    os.truncate(source, 1024 * MIB)

    def cut() -> None:
        while len(names(tmp_path)) < 2 and not errors:
            time.sleep(0.001)
        os.truncate(source, 64 * MIB)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        with pytest.raises(VaultError, match=r"^the file changed while it was read$") as found:
            vault.encrypt_file(source, target)
        errors.append(found.value)
    finally:
        errors.append(None)
        cutter.join()
    assert names(tmp_path) == ["source"]


@pytest.mark.usefixtures("security")
@pytest.mark.parametrize("way", ["encrypt_file", "decrypt_file"])
def test_a_kill_leaves_the_old_file_or_the_new_one(engine: str, tmp_path: Path, way: str) -> None:
    found, names = apart(tmp_path, KILLING, engine, way, str(KILLS[engine]), "1")
    assert found["neither"] == 0
    # It was killed in the middle of its work, and both files came to stand there.
    assert min(found["first"], found["second"], found["left behind"]) > 0
    assert names == ["source0", "source1", "target"]


def test_the_native_key_is_in_no_dump(tmp_path: Path) -> None:
    """Its memory is marked: not for core dumps (``dd``), and locked (``lo``)."""
    pytest.importorskip("code_rust_core")
    if not Path("/proc/self/smaps").exists():
        pytest.skip("no /proc/self/smaps here")
    marked = apart(
        tmp_path,
        """
def marked(*flags):
    size = 0
    for each in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", open_smaps(), flags=re.MULTILINE):
        found = re.search(r"^VmFlags:(.*)$", each, re.MULTILINE)
        if found and set(flags) <= set(found[1].split()):
            size += int(re.search(r"^Size: +(\\d+) kB$", each, re.MULTILINE)[1]) * 1024
    return size

def open_smaps():
    with open("/proc/self/smaps") as file:
        return file.read()

measured = [[marked("dd"), marked("dd", "lo")]]
vaults = [SecureVault(bytes(range(32)), "rust") for _ in range(3)]
measured.append([marked("dd"), marked("dd", "lo")])
del vaults
measured.append([marked("dd"), marked("dd", "lo")])
print(json.dumps(measured))
""",
    )
    before, during, after = marked
    page = resource.getpagesize()
    assert during[0] - before[0] == 3 * page
    assert after == before
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if limit != resource.RLIM_INFINITY and limit < 3 * page:
        pytest.skip("this system lets no memory be locked; it is kept out of dumps")
    assert during[1] - before[1] == 3 * page
