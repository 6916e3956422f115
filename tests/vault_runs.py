"""Runs ``code-ops vault`` as programs, in a folder with a memory of generations of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from code_ops.vault_file import Credentials, create_vault, edit_vault, open_vault

COMMAND = str(Path(sys.executable).with_name("code-ops"))
KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
CREDENTIALS = Credentials([KEY])
# docs/vault.md has it, from an implementation of BIP 173 that is not ours.
KEY_TEXT = "cok1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sfnaaav"
SECRET = "hunter2"
PASSPHRASE = "correct horse"
CHEAP = ("--params", "m=8,t=1,p=1")

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What the commands of a test see of the machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS_")}
    own = {"XDG_CONFIG_HOME": "/nowhere", "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}
    return kept | own | more


def runner(folder: Path) -> Run:
    """Runs a command of ``code-ops vault`` in a folder, without a terminal."""

    def run(*words: str, stdin: bytes = b"", env: dict[str, str] | None = None, **more: Any) -> Any:
        return subprocess.run(
            [COMMAND, "vault", *words],
            cwd=folder,
            env=environment(folder, **(env or {})),
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
            start_new_session=True,
            **more,
        )

    return run


def made(folder: Path, **secrets: str | bytes) -> str:
    """A vault that opens with ``KEY``."""
    path = str(folder / "secrets.vault")
    create_vault(path, "test", key=KEY)
    with edit_vault(path, CREDENTIALS) as vault:
        for name, value in secrets.items():
            vault.set(name, value)
    return path


def values(path: str) -> dict[str, bytes]:
    """All that the vault holds."""
    vault = open_vault(path, CREDENTIALS)
    return {secret.name: vault.get(secret.name) for secret in vault.secrets}


def leftovers(folder: Path) -> list[str]:
    """Temporary files that nobody removed."""
    return [path.name for path in folder.rglob(".code-ops-*")]


def apart(folder: Path, code: str, *words: str, seconds: int = 110) -> Any:
    """What the code prints as JSON in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)
