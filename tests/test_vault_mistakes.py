"""The usual mistakes with ``code-ops vault``: what is said names the thing and the way out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from vault_runs import COMMAND, KEY_TEXT, SECRET, environment, made, runner

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
OWN = {"CODE_OPS_VAULT_KEY": KEY_TEXT}

NEVER = (
    "expected one NAME; a value is never an argument, which others see and the shell keeps: it is "
    "asked for, read from a pipe, or from a file with --from-file"
)
NO_TERMINAL = (
    "there is no terminal to edit on: `code-ops vault set NAME` reads a pipe, and EDITOR can name "
    "a program that needs none"
)
# Words, exit code, and what is said.
MISTAKES: dict[str, tuple[tuple[str, ...], int, list[str]]] = {
    "a value behind the name": (
        ("set", f"one={SECRET}"),
        2,
        [
            f"error: {NEVER}",
            "hint: `code-ops vault set --help` tells more",
        ],
    ),
    "a variable for a name": (
        ("get", "DB_PASSWORD"),
        1,
        [
            "error: secrets.vault: there is no secret DB_PASSWORD",
            "hint: there is db/password",
        ],
    ),
    "a variable that is not set": (
        ("get", "db/password", "--key-file", ""),
        3,
        ["error: an empty file name: no such file or directory"],
    ),
    "an editor without a terminal": (
        ("edit", "db/password"),
        3,
        [
            f"error: {NO_TERMINAL}",
        ],
    ),
    "a label that nobody has": (
        ("recipients", "remove", "tset"),
        1,
        [
            "error: secrets.vault: there is no recipient tset",
            "hint: `code-ops vault recipients list` tells who there is",
        ],
    ),
    "a device for a sealed file": (
        ("encrypt", "plain", "-o", "/dev/full"),
        2,
        [
            "error: /dev/full: not a regular file; -o - writes to a pipe",
            "hint: `code-ops vault encrypt --help` tells more",
        ],
    ),
    "no number": (
        ("get", "db/password", "--key-fd", "x"),
        2,
        [
            "error: --key-fd: 'x' is not a whole number",
            "hint: `code-ops vault get --help` tells more",
        ],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_the_way_out(tmp_path: Path, name: str) -> None:
    words, code, said = MISTAKES[name]
    made(tmp_path, **{"db/password": SECRET})
    (tmp_path / "plain").write_text("1", encoding="ascii")
    env = {**OWN, "EDITOR": "", "VISUAL": ""}
    ended = runner(tmp_path)(*words, env=env)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert ended.stderr.decode().splitlines() == said
    assert SECRET not in ended.stderr.decode()


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">/dev/full", "no space left on device"), (">&-", "bad file descriptor")],
)
def test_an_output_that_takes_no_value_is_named(
    tmp_path: Path, redirection: str, reason: str
) -> None:
    made(tmp_path, one=SECRET)
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" vault get one {redirection}', COMMAND],
        cwd=tmp_path,
        env=environment(tmp_path, **OWN),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 4
    assert ended.stderr.decode() == f"error: standard output: {reason}\n"
