"""What is left of a process with a vault: of a killed one a whole file, and no key for a dump."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = {"rust": 100, "python": 20}

# Each child replaces the target over and over until it is killed. The parent uses no threads, so
# that it can fork.
KILLING = """
import json, os, random, signal, sys, time
from code_ops.vault import SecureVault

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


def apart(folder: Path, code: str, *words: str) -> Any:
    """What the code prints as JSON in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *words],
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
import json, re
from code_ops.vault import SecureVault

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
