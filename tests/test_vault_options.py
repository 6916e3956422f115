"""What is the same in all commands of ``code-ops vault``: options, help, where keys come from."""

from __future__ import annotations

import fcntl
import importlib
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import vault_reader
from vault_runs import (
    COMMAND,
    KEY,
    KEY_TEXT,
    OTHER_KEY,
    PASSPHRASE,
    SECRET,
    environment,
    made,
    runner,
)

from code_ops import _engine
from code_ops.cli import app
from code_ops.vault_keys import key_text

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]

LETTERS = {
    "--format": "-f",
    "--output": "-o",
    "--quiet": "-q",
    "--vault": "-V",
    "--key-file": "-i",
    "--recipient": "-r",
    "--params": "-p",
    "--dry-run": "-n",
}


def commands(group: Any, path: str = "vault") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def vault_group() -> Any:
    group: Any = typer.main.get_group(app.program())
    return group.commands["vault"]


def test_an_option_has_the_same_letter_everywhere() -> None:
    found = {
        (name, option)
        for name, command in commands(vault_group())
        for parameter in command.params
        for option in LETTERS
        if option in parameter.opts and LETTERS[option] not in parameter.opts
    }
    assert found == set()
    assert len(list(commands(vault_group()))) > 20


def test_what_can_be_given_often_says_so() -> None:
    found = {
        f"{name} {max(parameter.opts, key=len)}"
        for name, command in commands(vault_group())
        for parameter in command.params
        if parameter.multiple and "Repeatable" not in parameter.help
    }
    assert found == set()


@pytest.mark.parametrize("words", [(), ("recipients",)])
def test_a_list_of_commands_tells_them_whole(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = runner(tmp_path)(*words, "--help", env={"COLUMNS": "80"})
    listed = ended.stdout.decode().partition("Commands:\n")[2]
    assert listed.count("\n") == len(vault_group().commands) if not words else listed
    assert "..." not in listed


def described(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stderr.decode().splitlines()


def test_an_empty_variable_is_told(tmp_path: Path) -> None:
    """A job that gets no secrets has the variable all the same."""
    made(tmp_path, one=SECRET)
    told = "hint: CODE_OPS_VAULT_KEY is set and empty: this job got no key"
    run = runner(tmp_path)
    for words in (("get", "one"), ("exec", "--", "true")):
        ended = run(*words, env={"CODE_OPS_VAULT_KEY": ""})
        assert (ended.returncode, ended.stdout) == (3, b"")
        assert told in described(ended)
        assert told not in described(run(*words))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "plain").write_text("1", encoding="ascii")
    assert run("encrypt", "plain", "--key-file", "key").returncode == 0
    ended = run("decrypt", "plain.sealed", "-o", "-", env={"CODE_OPS_VAULT_KEY": ""})
    assert told in described(ended)


def test_a_new_vault_opens_with_the_key_of_the_environment(tmp_path: Path) -> None:
    """It is what opens it afterwards: another command asks for nothing else."""
    run = runner(tmp_path)
    env = {"CODE_OPS_VAULT_KEY": KEY_TEXT}
    ended = run("init", env=env)
    assert described(ended)[0] == "CODE_OPS_VAULT_KEY: its key deb007c3 is used"
    assert run("set", "one", env=env, stdin=b"1").returncode == 0
    assert vault_reader.read((tmp_path / "secrets.vault").read_bytes(), "key", KEY) == {"one": b"1"}
    # What is named stands above it.
    (tmp_path / "other").write_text(key_text(OTHER_KEY), encoding="ascii")
    assert run("init", "--vault", "b.vault", "--key-file", "other", env=env).returncode == 0
    text = (tmp_path / "b.vault").read_bytes()
    assert vault_reader.read(text, "key", OTHER_KEY) == {}
    (tmp_path / "b.vault").unlink()
    assert run("init", "--vault", "b.vault", env={"CODE_OPS_VAULT_KEY": SECRET}).returncode == 3
    assert not (tmp_path / "b.vault").exists()


def test_standard_input_is_a_file_of_keys_and_passphrases_everywhere(tmp_path: Path) -> None:
    run = runner(tmp_path)
    key, words = f"{KEY_TEXT}\n".encode(), f"{PASSPHRASE}\n".encode()
    cheap = ("--params", "m=8,t=1,p=1")
    ended = run("init", "--key-file", "-", stdin=key)
    assert (ended.returncode, described(ended)[0]) == (
        0,
        "standard input: its key deb007c3 is used",
    )
    assert not (tmp_path / "-").exists()
    other = ("--vault", "other.vault", "--passphrase-file", "-")
    assert run("init", *other, *cheap, stdin=words).returncode == 0
    (tmp_path / "value").write_text("1", encoding="ascii")
    assert run("set", "one", *other, "--from-file", "value", stdin=words).returncode == 0
    assert run("get", "one", *other, stdin=words).stdout == b"1"
    ended = run("set", "one", *other, stdin=words)
    assert (ended.returncode, described(ended)[0].split(":")[1]) == (
        2,
        " standard input has the key",
    )
    ended = run("get", "one", *other)
    assert (ended.returncode, described(ended)[0]) == (
        3,
        "error: standard input: the passphrase is empty",
    )
    assert (
        run(
            "recipients",
            "add",
            "ci",
            "--new-key",
            "-",
            "-V",
            "other.vault",
            stdin=key,
            env={"CODE_OPS_VAULT_KEY": KEY_TEXT},
        ).returncode
        == 3
    )


def test_a_diff_goes_into_a_file(tmp_path: Path) -> None:
    made(tmp_path)
    before = (tmp_path / "secrets.vault").read_bytes()
    (tmp_path / "old.vault").write_bytes(before)
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    run = runner(tmp_path)
    run("set", "one", "--key-file", "key", stdin=b"1")
    words = ("diff", "old.vault", "secrets.vault")
    shown = run(*words)
    ended = run(*words, "-o", "found.txt")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert (tmp_path / "found.txt").read_bytes() == shown.stdout != b""
    assert run(*words, "-o", "nowhere/found.txt").returncode == 4


def test_what_the_page_names_for_programs_is_there() -> None:
    page = (Path(__file__).parent.parent / "docs" / "vault.md").read_text("utf-8")
    rows = re.findall(r"((?:`\w+`, )*`\w+`) of `(code_ops\.\w+)`", page)
    assert len(rows) > 10
    for names, module in rows:
        for name in re.findall(r"\w+", names):
            assert name in importlib.import_module(module).__all__, (module, name)


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_names_are_whole_in_a_table(tmp_path: Path, columns: int) -> None:
    """Other columns make room; what is wider than the terminal goes on in the next line."""
    name = "production/db/password/of/user"
    made(tmp_path, **{name: SECRET, "a": "1"})
    shown = on_terminal("code-ops vault list", columns, tmp_path)
    lines = [line.strip() for line in shown.splitlines()]
    assert max(map(len, lines)) <= columns
    if columns > len(name):
        assert name in shown
    else:
        assert "".join(line.split()[0] for line in lines[2:]) == name
    assert "today" in shown
    assert ("VERSION" in shown) == (columns == 80)


def on_terminal(command: str, columns: int, folder: Path) -> str:
    """What a terminal of this width shows."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = environment(folder, TERM="dumb")
    kept.pop("COLUMNS", None)
    words = [COMMAND, *command.split()[1:]]
    subprocess.run(words, stdin=end, stdout=end, stderr=end, cwd=folder, env=kept, check=True)
    os.close(end)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    return shown
