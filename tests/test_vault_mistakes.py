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


AGE_KEY = "AGE-SECRET-KEY-1FZJ69VT02Y8J4DCF284SHAFDJVPE8LZE9GGH4G8QFLVDQQ2U3QDSR362VJ"
MISPLACED: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "in the variable of a file": (("get", "one"), {"CODE_OPS_VAULT_KEY_FILE": KEY_TEXT}),
    "an identity there": (("get", "one"), {"CODE_OPS_VAULT_KEY_FILE": AGE_KEY}),
    "in the variable of a command": (("get", "one"), {"CODE_OPS_VAULT_KEY_CMD": KEY_TEXT}),
    "as an option": (("get", "one", "--key-file", KEY_TEXT), {}),
    "of a new vault": (("init", "--vault", "new.vault", "--key-file", KEY_TEXT), {}),
    "of a new recipient": (("recipients", "add", "ci", "--new-key", KEY_TEXT), OWN),
    "of one who stays": (("rotate", "--keep-key-file", KEY_TEXT), OWN),
    "of git": (("git-setup", "--key-file", KEY_TEXT), {}),
}


@pytest.mark.parametrize("name", MISPLACED)
def test_the_text_of_a_key_in_the_place_of_a_name_is_not_repeated(
    tmp_path: Path, name: str
) -> None:
    """A log of CI would have it."""
    words, env = MISPLACED[name]
    made(tmp_path, one=SECRET)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    before = sorted(path.name for path in tmp_path.iterdir())
    ended = runner(tmp_path)(*words, env=env)
    said = ended.stderr.decode()
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert "this is the text of a key, and a file's name is expected" in said
    assert KEY_TEXT[4:20] not in said
    assert AGE_KEY[20:30] not in said
    assert sorted({path.name for path in tmp_path.iterdir()} - {"state"}) == sorted(
        set(before) - {"state"}
    )
    assert KEY_TEXT not in (tmp_path / ".git" / "config").read_text("utf-8")


def test_a_file_name_in_the_place_of_a_key_is_told(tmp_path: Path) -> None:
    made(tmp_path, one=SECRET)
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    ended = runner(tmp_path)("get", "one", env={"CODE_OPS_VAULT_KEY": "key"})
    assert (ended.returncode, ended.stdout) == (3, b"")
    told = "it has a file's name, which CODE_OPS_VAULT_KEY_FILE takes"
    assert ended.stderr.decode() == f"error: CODE_OPS_VAULT_KEY: {told}\n"
