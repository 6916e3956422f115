"""``code-ops vault export``: other programs read what was exported, and so does an import."""

from __future__ import annotations

import importlib
import io
import json
import os
import pty
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from vault_runs import COMMAND, KEY_TEXT, SECRET, Run, environment, leftovers, made, runner

from code_ops import _engine
from code_ops.cli import app
from code_ops.errors import VaultError, VaultTradeError
from code_ops.vault_forms import Openers, Writing, read, write
from code_ops.vault_trade import nested

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)] or ["sh"]
VALUES = {
    "DB_PASSWORD": "p w",
    "EMPTY": "",
    "QUOTES": "\"double\" # no comment = 'single'",
    "LINES": "-----BEGIN-----\nabc\n\n-----END-----\n",
    "DOLLAR": 'a$b `c` $(d) "',
    "BACKSLASH": "\\ \\\\ \\n \\",
    "PLAIN": "https://a.example:443/x?y=%20&z",
    "UNICODE": "pässwörd ✓",
    "TILDE": "~root",
}


def text_of(values: dict[str, str]) -> bytes:
    return write({name: value.encode() for name, value in values.items()}, Writing("dotenv"))


def read_by_shell(shell: str, folder: Path, text: bytes) -> dict[str, str]:
    (folder / "file.env").write_bytes(text)
    words = [shell, "sh"] if shell == "busybox" else [shell]
    ended = subprocess.run(
        [*words, "-c", "set -a; . ./file.env; exec env -0"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert ended.stderr == b""
    pairs = (pair.partition("=") for pair in ended.stdout.decode().split("\0") if pair)
    return {name: value for name, _, value in pairs}


def read_by_dotenv(text: bytes) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text.decode(), newline=None)))


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_and_python_dotenv_read_the_same(tmp_path: Path, shell: str) -> None:
    text = text_of(VALUES)
    seen = read_by_shell(shell, tmp_path, text)
    assert {name: seen[name] for name in VALUES} == VALUES
    assert read_by_dotenv(text) == VALUES


@given(st.text(st.sampled_from("ab'\"\\$`{}!~#\n\r\t =é;&*[]()%"), max_size=8))
def test_any_value_is_read_alike_or_refused(tmp_path_factory: Any, value: str) -> None:
    try:
        text = text_of({"ONE": value, "TWO": "end"})
    except VaultTradeError:
        return
    folder = tmp_path_factory.getbasetemp()
    for shell in SHELLS:
        seen = read_by_shell(shell, folder, text)
        assert (seen["ONE"], seen["TWO"]) == (value, "end")
    assert read_by_dotenv(text) == {"ONE": value, "TWO": "end"}


@pytest.mark.parametrize("value", ["${X}", "a\rb", "'`", "'$", "a\0b"])
def test_values_without_a_common_form_are_refused_by_name(value: str) -> None:
    with pytest.raises(VaultTradeError) as raised:
        text_of({"A": value, "db/b": value, "C": "1"})
    assert [problem.partition(":")[0] for problem in raised.value.problems] == ["A", "db/b"]
    assert value not in str(raised.value)


_NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,8}", fullmatch=True)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(_NAMES.filter(lambda name: name != "manifest"), _TEXTS, max_size=5))
@pytest.mark.parametrize("form", ["json", "yaml", "dotenv"])
@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_what_was_exported_comes_back(form: str, shape: str, values: dict[str, str]) -> None:
    if form == "dotenv":
        values = {f"X{number}": value for number, value in enumerate(values.values())}
    plain = {name: value.encode() for name, value in values.items()}
    try:
        content = write(plain, Writing(form, shape))
    except VaultTradeError:
        # A name below another, or a value that no quotes carry.
        return
    source = read(content, "f", form, Openers())
    assert {"/".join(entry.keys): entry.value for entry in source.entries} == values
    if form != "dotenv":
        loaded = json.loads(content) if form == "json" else yaml.safe_load(content)
        assert loaded == (values if shape == "flat" else nested(values))


def test_bytes_have_their_place() -> None:
    values = {"a": b"\xff\0", "b": b"text"}
    assert yaml.safe_load(write(values, Writing("yaml"))) == {"a": b"\xff\0", "b": "text"}
    source = read(write(values, Writing("yaml")), "f", "yaml", Openers())
    assert [entry.value for entry in source.entries] == [b"\xff\0", "text"]
    for form in ("json", "dotenv"):
        with pytest.raises(VaultTradeError, match=r"^a: bytes that are no text"):
            write(values, Writing(form))
    encoded = json.loads(write(values, Writing("json", "flat", "base64")))
    assert encoded == {"a": "/wA=", "b": "text"}


@pytest.mark.parametrize(
    ("form", "names", "problem"),
    [
        ("json", ["a", "a/b"], "a is a value, and a/b would be below it"),
        ("yaml", ["a/b/c", "a/b"], "a/b is a value, and there are others below it"),
        ("dotenv", ["a/b", "a.b"], "a/b and a.b both become A_B"),
    ],
)
def test_names_that_meet_are_both_told(form: str, names: list[str], problem: str) -> None:
    values = {name: SECRET.encode() for name in names}
    with pytest.raises(VaultTradeError) as raised:
        write(values, Writing(form))
    assert raised.value.problems == [problem]
    if form != "dotenv":
        flat = read(write(values, Writing(form, "flat")), "f", form, Openers())
        assert ["/".join(entry.keys) for entry in flat.entries] == names


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands in a folder with a vault."""
    made(tmp_path, **{"db/password": SECRET, "db/user": "me", "token": "1"})
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    inner = runner(tmp_path)
    return lambda *words, **more: inner(words[0], "--key-file", "key", *words[1:], **more)


def test_a_pipe_and_a_file_get_secrets(tmp_path: Path, run: Run) -> None:
    ended = run("export", "--format", "json")
    tree = {"db": {"password": SECRET, "user": "me"}, "token": "1"}
    assert (ended.returncode, json.loads(ended.stdout), ended.stderr) == (0, tree, b"")
    ended = run("export", "--output", "x.env", "--only", "db/*")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ended.stderr == b"x.env: 2 secrets as they are, for you alone: remove it after use\n"
    assert (tmp_path / "x.env").read_text() == f"DB_PASSWORD={SECRET}\nDB_USER=me\n"
    assert (tmp_path / "x.env").stat().st_mode & 0o777 == 0o600
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("ignored", ["", "x.env"])
def test_values_that_git_would_take_are_warned_of(tmp_path: Path, run: Run, ignored: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(f"{ignored}\n", encoding="ascii")
    ended = run("export", "--output", "x.env")
    assert ended.returncode == 0
    assert (b"git would take these values in" in ended.stderr) == (not ignored)


def test_a_file_that_others_could_read_is_for_its_owner(tmp_path: Path, run: Run) -> None:
    (tmp_path / "x.json").write_text("old")
    (tmp_path / "x.json").chmod(0o644)
    assert run("export", "--output", "x.json").returncode == 0
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o600


def on_terminal(folder: Path, *words: str) -> bytes:
    """What a terminal shows of a command."""
    terminal, end = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as shown:
        started = subprocess.Popen(
            [COMMAND, "vault", *words, "--key-file", "key"],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=end,
            stderr=end,
        )
        os.close(end)
        parts = []
        try:
            while part := shown.read(65536):
                parts.append(part)
        except OSError:
            # The end of a terminal.
            pass
        started.wait(timeout=30)
    return b"".join(parts)


def test_a_terminal_shows_values_only_when_asked(tmp_path: Path, run: Run) -> None:
    assert run("list").returncode == 0
    refused = on_terminal(tmp_path, "export", "--format", "json")
    assert b"values are not shown on a terminal" in refused
    assert SECRET.encode() not in refused
    assert SECRET.encode() in on_terminal(tmp_path, "export", "--format", "json", "--output", "-")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "--format: expected one of dotenv, "),
        (("--output", "x.txt"), 2, "--format: expected one of dotenv, "),
        (("--format", "json", "--only", "none/*"), 1, "secrets.vault: no name matches"),
        (("--format", "json", "--vault", "none"), 3, "none: no such file or directory"),
        (("--output", "no/x.json"), 4, "no/x.json: no such file or directory"),
    ],
)
def test_mistakes_write_nothing(
    tmp_path: Path, run: Run, words: tuple[str, ...], code: int, message: str
) -> None:
    ended = run("export", *words)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert ended.stderr.decode().startswith(f"error: {message}")
    names = {path.name for path in tmp_path.iterdir()}
    assert names - {"state"} == {"key", "secrets.vault"}


def test_a_changed_secret_is_not_exported(tmp_path: Path, run: Run) -> None:
    vault = tmp_path / "secrets.vault"
    one, *others = vault.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(others) if line.startswith(b"token "))
    others[place] = others[place][:-9] + b"AAAA" + others[place][-5:]
    vault.write_bytes(one + b"".join(others))
    ended = run("export", "--format", "json")
    assert (ended.returncode, ended.stdout) == (1, b"")


def test_a_hundred_thousand_names_are_nested_and_read() -> None:
    values = {f"a/{number % 300}/{number}": b"x" for number in range(100_000)}
    content = write(values, Writing("json"))
    assert len(read(content, "f", "json", Openers()).entries) == 100_000
    with pytest.raises(VaultError):
        read(content.replace(b"x", b"\x01"), "f", "json", Openers())


def test_the_examples_of_the_help_can_be_parsed() -> None:
    for word in ("import", "export"):
        module = importlib.import_module(f"code_ops.cli.vault_{word}")
        group: Any = typer.main.get_group(app.program(("vault", word)))
        for line in filter(None, map(str.strip, module.EXAMPLES.splitlines()[2:])):
            words = shlex.split(line.partition(" | ")[0])
            assert words[:3] == ["code-ops", "vault", word]
            assert group.commands["vault"].commands[word].make_context(word, words[3:])
