"""Vaults whose writers are killed, run into a full disk, or are many; and files made to hurt."""

from __future__ import annotations

from pathlib import Path

import pytest
from vault_kills import AT_ANY_TIME, AT_EACH_CALL
from vault_runs import apart, made

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]

# The writers, each of which turns what ``prepare`` left into something else.
WRITERS = """
import itertools, json, os, random, signal, sys, time
from code_ops import atomic_files
from code_ops.cli import vault_edit, vault_init
from code_ops.cli.console import Console, Verbosity
from code_ops.vault_file import *

CREDENTIALS = Credentials([bytes(range(32))])
FILE = {"init": "new.vault", "key": "new.key"}.get(sys.argv[1], "secrets.vault")
OLD = {"init": None, "key": None}.get(sys.argv[1], {"one": b"old", "two": b"2"})
NEW = {"init": {}, "key": "key", "rm": {"two": b"2"}}.get(sys.argv[1], {"one": b"new", "two": b"2"})
os.umask(0o077)

def prepare():
    for name in os.listdir():
        if name.startswith(".code-ops-") or name in ("new.vault", "new.key"):
            os.unlink(name)
    with edit_vault("secrets.vault", CREDENTIALS) as vault:
        vault.set("one", "old")
        if len(vault.slots) == 1:
            vault.add_key("other", bytes(range(1, 33)))

def write():
    console = Console(Verbosity.QUIET)
    if sys.argv[1] == "init":
        create_vault(FILE, "test", key=CREDENTIALS.keys[0])
    elif sys.argv[1] == "key":
        vault_init.key_in(FILE, console)
    elif sys.argv[1] == "edit":
        before = vault_edit._before(open_vault(FILE, CREDENTIALS), "one")
        vault_edit._save(FILE, CREDENTIALS, False, "one", b"new", before, console)
    else:
        with edit_vault(FILE, CREDENTIALS) as vault:
            vault.remove("one") if sys.argv[1] == "rm" else vault.set("one", "new")
            if sys.argv[1] == "remove":
                vault.remove_slots(["other"], CREDENTIALS)

def found():
    if not os.path.exists(FILE):
        return "old" if OLD is None else "neither"
    if FILE == "new.key":
        with open(FILE) as file:
            return "new" if len(file.read()) == 63 else "neither"
    vault = open_vault(FILE, CREDENTIALS)
    values = {secret.name: vault.get(secret.name) for secret in vault.secrets}
    whole = not vault.findings and vault.generation >= vault.seen_generation
    if sys.argv[1] == "remove":
        # The data key and who can open it change together with the value.
        whole &= (len(vault.slots) == 2) == (values == OLD)
    return {str(OLD): "old", str(NEW): "new"}.get(str(values), "neither") if whole else "neither"

def left():
    return any(name.startswith(".code-ops-") for name in os.listdir())

def again():
    return True

ALL_NEW = "new"
counts = {"old": 0, "new": 0, "neither": 0, "left": 0}
"""


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)


@pytest.mark.parametrize("writer", ["init", "key", "set", "rm", "edit", "remove"])
def test_a_kill_at_each_call_leaves_the_old_or_the_new(tmp_path: Path, writer: str) -> None:
    made(tmp_path, one="old", two="2")
    counts = apart(tmp_path, WRITERS + AT_EACH_CALL, writer)
    assert counts["neither"] == 0
    assert min(counts["old"], counts["new"], counts["left"]) > 3


def test_200_kills_at_any_time_leave_the_old_or_the_new(tmp_path: Path) -> None:
    made(tmp_path, one="old", two="2")
    counts = apart(tmp_path, WRITERS + AT_ANY_TIME, "set")
    assert counts["neither"] == 0
    assert counts["old"] + counts["new"] == 200
    assert min(counts["old"], counts["new"]) > 0
