"""Vaults with many writers at once, on a full disk, and files that were made to hurt."""

from __future__ import annotations

import base64
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from vault_runs import CREDENTIALS, KEY_TEXT, environment, leftovers, made, runner, values

from code_ops import _engine
from code_ops.vault_file import open_vault

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
WRITERS, SETS = 8, 125
WRITER = """
import sys
from code_ops.vault_file import Credentials, edit_vault

for number in range(int(sys.argv[2])):
    with edit_vault("secrets.vault", Credentials([bytes(range(32))])) as vault:
        vault.set(f"{sys.argv[1]}/{number}", f"{sys.argv[1]}-{number}")
"""
# The most memory that opening took over what the imports did, in KiB, and what was raised.
OPENING = """
import json, resource
from code_ops.errors import VaultError
from code_ops.vault_file import Credentials, open_vault

credentials = Credentials([bytes(range(32))], ["correct horse"])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    open_vault("hostile.vault", credentials)
    message = ""
except VaultError as error:
    message = str(error)
print(json.dumps([message, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before]))
"""


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)


def test_1000_sets_by_8_writers_lose_none(tmp_path: Path) -> None:
    path = made(tmp_path)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(writer), str(SETS)],
            cwd=tmp_path,
            env=environment(tmp_path),
        )
        for writer in range(WRITERS)
    ]
    assert [writer.wait(100) for writer in writers] == [0] * WRITERS
    expected = {
        f"{writer}/{number}": f"{writer}-{number}".encode()
        for writer in range(WRITERS)
        for number in range(SETS)
    }
    assert values(path) == expected
    vault = open_vault(path, CREDENTIALS)
    assert (vault.generation, vault.seen_generation) == (1 + WRITERS * SETS,) * 2
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("words", [("set", "one", "--exact"), ("rm", "one"), ("init",)])
def test_a_full_disk_leaves_the_old_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The limit of a file's size stands for it: what is written fails in the middle."""
    path = Path(made(tmp_path, one="1", two="2" * 1000))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    before = path.read_bytes()
    target = ("--vault", "new.vault") if words == ("init",) else ()
    ended = runner(tmp_path)(
        *words,
        *target,
        "--key-file",
        "key",
        stdin=b"other" * 100,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)),
    )
    name = "new.vault" if target else "secrets.vault"
    assert (ended.returncode, ended.stdout) == (4, b"")
    assert ended.stderr.endswith(b"error: %s: file too large\n" % name.encode())
    assert path.read_bytes() == before
    assert not (tmp_path / "new.vault").exists()
    assert leftovers(tmp_path) == []


def _slot(label: str, costs: str) -> bytes:
    salt, body = base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(104)).decode()
    return f"slot passphrase {costs} salt={salt} label={label} body={body}\n".encode()


def _headed(slots: bytes) -> bytes:
    """A vault with these slots, whose hmac nothing signs."""
    rest = f"hmac {base64.b64encode(bytes(32)).decode()}\n".encode()
    rest += f"manifest 1 {base64.b64encode(bytes(72)).decode()}\n".encode()
    return b"code-ops-vault/1\nid " + b"a" * 26 + b"\n" + slots + rest


HOSTILE: dict[str, tuple[bytes, str]] = {
    "4 TiB of memory": (
        _headed(_slot("a", "m=4294967295,t=1,p=1")),
        "the slot a costs m=4294967295, t=1, p=1; the limits are m=2097152, t=16, p=16",
    ),
    "more than a number holds": (
        _headed(_slot("a", f"m={2**42},t=1,p=1")),
        "line 3: memory of 4398046511104 KiB is out of range",
    ),
    "many iterations": (
        _headed(_slot("a", "m=8,t=4294967295,p=1")),
        "the slot a costs m=8, t=4294967295, p=1; the limits are m=2097152, t=16, p=16",
    ),
    "17 passphrases": (
        _headed(b"".join(_slot(f"a{number}", "m=2097152,t=16,p=1") for number in range(17))),
        "line 19: more than 16 slots for passphrases",
    ),
    "2,000 slots": (
        _headed(b"".join(b"slot new label=a%d body=\n" % number for number in range(2000))),
        "line 1027: more than 1,024 slots",
    ),
    "a line of 70 MB in the head": (
        _headed(b"slot new label=a body=" + b"A" * 70_000_000 + b"\n"),
        "line 3: a line of more than 64 MiB",
    ),
    "a line of 70 MB": (
        _headed(b"")[:-100] + b"a 1 2026-11-20 text " + b"A" * 70_000_000 + b"\n",
        "line 4: a line of more than 64 MiB",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little(tmp_path: Path, name: str) -> None:
    text, message = HOSTILE[name]
    (tmp_path / "hostile.vault").write_bytes(text)
    told, kib = _opening(tmp_path)
    assert told.startswith(f"hostile.vault: {message}")
    # What was read, and little else.
    assert kib < 2 * len(text) / 1024 + 20_000


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "hostile.vault").open("wb") as file:
        file.write(b"code-ops-vault/1\n")
        file.truncate(300 << 20)
    told, kib = _opening(tmp_path)
    assert told == "hostile.vault: a vault has 256 MiB at most"
    assert kib < 5_000


def _opening(folder: Path) -> list[Any]:
    ended = subprocess.run(
        [sys.executable, "-c", OPENING],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=60,
        check=True,
    )
    found: list[Any] = json.loads(ended.stdout)
    return found
