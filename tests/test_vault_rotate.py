"""New data keys for a whole tree: all or none, also where the writer is killed or the disk full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from vault_ages import age_identity, needs_age
from vault_kills import AT_ANY_TIME, AT_EACH_CALL
from vault_reader import read
from vault_runs import (
    CREDENTIALS,
    KEY,
    KEY_TEXT,
    OTHER_KEY,
    PASSPHRASE,
    apart,
    environment,
    leftovers,
    runner,
    values,
)

from code_ops import _engine
from code_ops.errors import VaultRequestError
from code_ops.password_costs import Params
from code_ops.vault_file import Credentials, create_vault, edit_vault, open_vault
from code_ops.vault_keys import key_text
from code_ops.vault_rotate import Request, find_vaults, rotate_vaults

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
CHEAP = Params(8, 1, 1)
# Prepares two vaults, rotates them, and tells what each is then.
ROTATE = """
import itertools, json, os, random, signal, sys, time
from code_ops.vault_file import *
from code_ops.vault_rotate import *

CREDENTIALS = Credentials([bytes(range(32))])
VALUES = {"one": b"1", "two": b"2" * 100}
FILES = ["a/one.vault", "b/two.vault"]
before = {}

def prepare():
    for folder in ("a", "b"):
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(folder):
            if name.startswith(".code-ops-"):
                os.unlink(f"{folder}/{name}")
    for file in FILES:
        if not os.path.exists(file):
            create_vault(file, "test", key=CREDENTIALS.keys[0])
            with edit_vault(file, CREDENTIALS) as vault:
                for name, value in VALUES.items():
                    vault.set(name, value)
        with open(file, "rb") as opened:
            before[file] = opened.read()

def write():
    outcomes = rotate_vaults(find_vaults(["."]), Request(CREDENTIALS))
    assert [(each.path, each.state) for each in outcomes] == [(file, "rotated") for file in FILES]

def found():
    return "+".join(map(state, FILES))

def state(file):
    with open(file, "rb") as opened:
        if opened.read() == before[file]:
            return "old"
    vault = open_vault(file, CREDENTIALS)
    whole = not vault.findings and vault.generation >= vault.seen_generation
    values = {secret.name: vault.get(secret.name) for secret in vault.secrets}
    return "new" if whole and values == VALUES else "neither"

def left():
    names = [name for folder in ("a", "b") for name in os.listdir(folder)]
    assert all(name.startswith(".code-ops-") or name.endswith(".vault") for name in names)
    return any(name.startswith(".code-ops-") for name in names)

def again():
    for folder in ("a", "b"):
        for name in os.listdir(folder):
            if name.startswith(".code-ops-"):
                os.unlink(f"{folder}/{name}")
    write()
    return found() == ALL_NEW and not left()

ALL_NEW = "new+new"
counts = {"old+old": 0, "new+old": 0, "new+new": 0, "left": 0}
"""


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)
    monkeypatch.chdir(tmp_path)


def tree(folder: Path, **keys: bytes) -> dict[str, bytes]:
    """A vault in a folder of its own for each key; their texts."""
    texts = {}
    for name, key in keys.items():
        (folder / name).mkdir()
        path = f"{name}/{name}.vault"
        create_vault(path, "first", key=key)
        with edit_vault(path, Credentials([key])) as vault:
            vault.set("one", name)
        texts[path] = Path(path).read_bytes()
    return texts


def texts(paths: Any) -> dict[str, bytes]:
    return {path: Path(path).read_bytes() for path in paths}


def test_a_kill_at_each_call_leaves_each_vault_old_or_new(tmp_path: Path) -> None:
    counts = apart(tmp_path, ROTATE + AT_EACH_CALL, seconds=170)
    assert min(counts.values()) > 3


def test_200_kills_at_any_time_leave_each_vault_old_or_new(tmp_path: Path) -> None:
    counts = apart(tmp_path, ROTATE + AT_ANY_TIME, seconds=170)
    assert counts["old+old"] + counts["new+old"] + counts["new+new"] == 200
    assert min(counts["old+old"], counts["new+new"]) > 0


def test_all_values_come_under_a_new_key(tmp_path: Path) -> None:
    before = tree(tmp_path, a=KEY, b=KEY)
    outcomes = rotate_vaults(find_vaults(["."]), Request(CREDENTIALS))
    assert [(each.path, each.state, each.secrets) for each in outcomes] == [
        (path, "rotated", ["one"]) for path in before
    ]
    for path, text in texts(before).items():
        assert read(text, "key", KEY) == {"one": path[:1].encode()}
        assert not set(text.splitlines()[2:]) & set(before[path].splitlines()[2:])
    assert leftovers(tmp_path) == []


def test_one_that_fails_keeps_all(tmp_path: Path) -> None:
    before = tree(tmp_path, a=KEY, b=OTHER_KEY, c=KEY)
    for way in ("write", "dry-run"):
        request = Request(CREDENTIALS, way="dry-run" if way == "dry-run" else "write")
        outcomes = rotate_vaults(find_vaults(["."]), request)
        assert [each.state for each in outcomes] == ["kept"] * 3
        assert [each.error is None for each in outcomes] == [True, False, True]
        assert texts(before) == before
        assert leftovers(tmp_path) == []
    both = Request(Credentials([KEY, OTHER_KEY]))
    outcomes = rotate_vaults(find_vaults(["."]), both)
    assert [each.state for each in outcomes] == ["rotated"] * 3


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = tree(tmp_path, a=KEY, b=KEY)
    outcomes = rotate_vaults(find_vaults(["."]), Request(CREDENTIALS, way="dry-run"))
    assert [each.state for each in outcomes] == ["could", "could"]
    assert texts(before) == before


def test_what_is_found_in_a_tree(tmp_path: Path) -> None:
    tree(tmp_path, b=KEY, a=KEY)
    text = Path("a/a.vault").read_bytes()
    (tmp_path / ".git").mkdir()
    for name in (".git/kept.vault", "a/no-ending", "outside"):
        Path(name).write_bytes(text)
    Path("a/other.vault").write_text("code-ops-vault/2\n")
    Path("a/empty.vault").touch()
    Path("a/link.vault").symlink_to("../outside")
    Path("linked").symlink_to("b")
    os.mkfifo("a/pipe.vault")
    assert find_vaults(["."]) == ["a/a.vault", "b/b.vault"]
    assert find_vaults(["b", "./a/../b/b.vault", "a"]) == ["a/a.vault", "b/b.vault"]
    assert find_vaults(["outside"]) == ["outside"]
    os.link("b/b.vault", "b/c.vault")
    with pytest.raises(VaultRequestError, match=r"^b/c.vault: this is the same file as b/b.vault$"):
        find_vaults(["."])
    with pytest.raises(FileNotFoundError):
        find_vaults(["nothing"])


@needs_age
def test_a_tree_with_the_command(tmp_path: Path) -> None:
    run = runner(tmp_path)
    before = tree(tmp_path, a=KEY, b=OTHER_KEY)
    (tmp_path / "own.key").write_text(KEY_TEXT)
    (tmp_path / "other.key").write_text(key_text(OTHER_KEY))
    for name in ("own.key", "other.key"):
        (tmp_path / name).chmod(0o600)
    (tmp_path / "words").write_text(PASSPHRASE)
    with edit_vault("a/a.vault", CREDENTIALS) as vault:
        vault.add_recipient("alice", age_identity(tmp_path / "alice"))
        vault.add_passphrase("night", PASSPHRASE, CHEAP)
    kept = texts(before)
    ended = run("rotate", "--key-file", "own.key")
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert ended.stderr.decode().splitlines() == [
        f"error: a/a.vault: {UNKEPT}: the passphrase night: its passphrase is needed",
        f"error: {refusal(OTHER_KEY)}",
        HOW_TO_KEEP,
    ]
    assert texts(before) == kept
    keep = ("--keep-key-file", "other.key", "--keep-passphrase-file", "words")
    ended = run("rotate", "--key-file", "own.key", *keep, "--dry-run")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ended.stderr.decode().splitlines() == [
        "a/a.vault: would get a new data key; 1 secret, 3 can open it",
        "b/b.vault: would get a new data key; 1 secret, 1 can open it",
    ]
    assert texts(before) == kept
    ended = run("rotate", "--key-file", "own.key", *keep, "--drop", "alice")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ended.stderr.decode().splitlines() == [
        "a/a.vault: has a new data key; 1 secret, 2 can open it",
        "b/b.vault: has a new data key; 1 secret, 1 can open it",
        "a/a.vault: alice could read 1 secret: one",
        "change them where they are used: copies and git's history open with the old key",
    ]
    assert values("a/a.vault") == {"one": b"a"}
    assert open_vault("a/a.vault", Credentials(passphrases=[PASSPHRASE])).get("one") == b"a"
    assert open_vault("b/b.vault", Credentials([OTHER_KEY])).get("one") == b"b"


UNKEPT = "these cannot be kept under a new data key"
HOW_TO_KEEP = (
    "hint: --keep-key-file and --keep-passphrase-file keep them, --plugin NAME starts a plugin, "
    "--drop LABEL gives them up"
)


def refusal(key: bytes) -> str:
    from vault_samples import expand

    own, other = (expand(each, b"code-ops/vault/v1/kid", 4).hex() for each in (KEY, key))
    needed = f"it opens with the key {other} (first); given was the key {own}"
    return f"b/b.vault: no slot opens with what was given; {needed}"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nothing",), 3, "nothing: no such file or directory"),
        (("empty",), 3, "empty: there is no vault"),
        (("text",), 3, "text: line 1: no vault"),
        (("--drop", "nobody"), 1, "--drop: no vault has a recipient nobody"),
        (("--drop", "first"), 2, "nothing would open the vault any more"),
        (("--keep-key-file", "missing"), 3, "missing: no such file or directory"),
        (("--keep-key-file", "words"), 3, "words: a key is `cok1` and 58 characters"),
    ],
)
def test_what_is_not_rotated(tmp_path: Path, words: Any, code: int, told: str) -> None:
    before = tree(tmp_path, a=KEY)
    (tmp_path / "empty").mkdir()
    (tmp_path / "words").write_text(PASSPHRASE)
    (tmp_path / "text").write_text("hunter2\n")
    ended = runner(tmp_path)("rotate", *words, env={"CODE_OPS_VAULT_KEY": KEY_TEXT})
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert told in ended.stderr.decode()
    assert texts(before) == before


def test_an_old_vault_is_not_rotated_unless_that_is_accepted(tmp_path: Path) -> None:
    before = tree(tmp_path, a=KEY)
    with edit_vault("a/a.vault", CREDENTIALS) as vault:
        vault.set("one", "later")
    Path("a/a.vault").write_bytes(before["a/a.vault"])
    run = runner(tmp_path)
    env = {"CODE_OPS_VAULT_KEY": KEY_TEXT}
    ended = run("rotate", env=env)
    assert ended.returncode == 1
    assert b"an old file was put back; --accept-older changes it" in ended.stderr
    assert run("rotate", "--accept-older", env=env).returncode == 0
    assert values("a/a.vault") == {"one": b"a"}


def test_a_full_disk_keeps_all(tmp_path: Path) -> None:
    """The second one has no place: both are as they were."""
    before = tree(tmp_path, a=KEY, b=KEY)
    with edit_vault("b/b.vault", CREDENTIALS) as vault:
        vault.set("one", b"x" * 20_000)
    before = texts(before)
    env = environment(tmp_path, CODE_OPS_VAULT_KEY=KEY_TEXT)
    ended = subprocess.run(
        [
            "sh",
            "-c",
            f"ulimit -f 16; exec {Path(sys.executable).with_name('code-ops')} vault rotate",
        ],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 4
    assert ended.stderr.decode().splitlines() == [
        "a/a.vault: kept as it was",
        "error: b/b.vault: file too large",
    ]
    assert texts(before) == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("place", [0, -2, 200, "another vault"])
def test_a_disk_that_keeps_something_else_keeps_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Any
) -> None:
    """What is on the disk is read again: another bit or another vault is found before it counts."""
    before = tree(tmp_path, a=KEY, b=KEY)
    written: list[bytes] = []

    def write(descriptor: int, data: bytes) -> int:
        wrong = bytearray(data)
        if len(written) == 1 and place == "another vault":
            wrong = bytearray(before["b/b.vault"])
        elif len(written) == 1:
            wrong[place] ^= 1
        written.append(data)
        os_write(descriptor, wrong)
        return len(data)

    os_write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        outcomes = rotate_vaults(find_vaults(["."]), Request(CREDENTIALS))
    assert [each.state for each in outcomes] == ["kept", "kept"]
    assert [each.error is None for each in outcomes] == [True, False]
    assert texts(before) == before
    assert leftovers(tmp_path) == []


def test_two_that_rotate_and_others_that_write(tmp_path: Path) -> None:
    """Whoever comes second sees what the first has done: nothing is lost."""
    before = tree(tmp_path, a=KEY, b=KEY)
    code = (
        "import sys; from code_ops.vault_file import *; from code_ops.vault_rotate import *\n"
        "own = Credentials([bytes(range(32))])\n"
        "for turn in range(10):\n"
        "    if sys.argv[1] == 'rotate':\n"
        "        outcomes = rotate_vaults(find_vaults(['.']), Request(own))\n"
        "        assert all(each.state == 'rotated' for each in outcomes), outcomes\n"
        "        continue\n"
        "    for path in ('a/a.vault', 'b/b.vault'):\n"
        "        with edit_vault(path, own) as vault:\n"
        "            vault.set(f'{sys.argv[1]}/{turn}', str(turn))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, word],
            cwd=tmp_path,
            env=environment(tmp_path),
            stderr=subprocess.PIPE,
        )
        for word in ("rotate", "rotate", "x", "y")
    ]
    assert [each.communicate(timeout=120)[1] for each in processes] == [b""] * 4
    for path in before:
        assert len(values(path)) == 21
        assert open_vault(path, CREDENTIALS).generation == 2 + 20 + 20
