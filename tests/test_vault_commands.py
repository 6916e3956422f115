"""``code-ops vault`` as a program: what it takes, shows, refuses and leaves behind."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import vault_reader
from vault_runs import CHEAP, KEY, KEY_TEXT, PASSPHRASE, SECRET, Run, leftovers, runner

from code_ops import _engine
from code_ops.cli import app
from code_ops.vault_keys import key_from_text

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schemas"
BY_KEY = ("--key-file", "key")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands in a folder with a vault that opens with the file ``key``."""
    run = runner(tmp_path)
    (tmp_path / "key").write_text(f"{KEY_TEXT}\n", encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    assert run("init", *BY_KEY, "--quiet").returncode == 0
    return run


def lines(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stderr.decode().splitlines()


def stored(folder: Path, name: str = "secrets.vault") -> dict[str, bytes]:
    return vault_reader.read((folder / name).read_bytes(), "key", KEY)


def test_a_new_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    run = runner(tmp_path)
    ended = run("init", "--key-file", "new.key", "--label", "ci-prod")
    key = key_from_text((tmp_path / "new.key").read_text("ascii"))
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert (tmp_path / "new.key").stat().st_mode & 0o777 == 0o600
    assert vault_reader.read((tmp_path / "secrets.vault").read_bytes(), "key", key) == {}
    assert lines(ended)[-1].endswith("now `code-ops vault set NAME --key-file new.key`")
    assert (tmp_path / "new.key").read_text("ascii").strip() not in ended.stderr.decode()


def test_init_replaces_nothing(tmp_path: Path, run: Run) -> None:
    before = [(tmp_path / name).read_bytes() for name in ("secrets.vault", "key")]
    assert run("init", "--key-file", "other.key").returncode == 2
    assert not (tmp_path / "other.key").exists()
    (tmp_path / "none.key").write_text("no key", encoding="ascii")
    assert run("init", "--vault", "b.vault", "--key-file", "none.key").returncode == 3
    assert run("init", "--vault", "b.vault", "--key-file", "no/folder.key").returncode == 3
    assert not (tmp_path / "b.vault").exists()
    assert [(tmp_path / name).read_bytes() for name in ("secrets.vault", "key")] == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(("ignored", "warnings"), [("", 1), ("new.key", 0)])
def test_a_key_that_git_would_take_is_warned_of(
    tmp_path: Path, ignored: str, warnings: int
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(f"{ignored}\n", encoding="ascii")
    ended = runner(tmp_path)("init", "--key-file", "new.key")
    assert ended.returncode == 0
    assert ended.stderr.count(b"warning: new.key: git would take in the key") == warnings


VALUES = {
    "a line": (("--exact",), b"hunter2\n", b"hunter2\n"),
    "a line end": ((), b"hunter2\n", b"hunter2"),
    "one line end of two": ((), b"hunter2\n\n", b"hunter2\n"),
    "a line end of Windows": ((), b"hunter2\r\n", b"hunter2"),
    "a carriage return": ((), b"hunter2\r", b"hunter2\r"),
    "bytes": ((), b"\xff\x00\x80", b"\xff\x00\x80"),
    "nothing": (("--exact",), b"", b""),
    "more than a chunk": ((), b"x" * 100_000, b"x" * 100_000),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_from_pipes_and_files_come_back(tmp_path: Path, run: Run, name: str) -> None:
    words, given, expected = VALUES[name]
    ended = run("set", "a/b", *words, *BY_KEY, stdin=given)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ("without the line end" in lines(ended)[0]) == (given != expected)
    assert run("get", "a/b", *BY_KEY).stdout == expected
    (tmp_path / "value").write_bytes(given)
    assert run("set", "file", "--from-file", "value", *BY_KEY).returncode == 0
    ended = run("get", "file", *BY_KEY, "--output", "out")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert (tmp_path / "out").read_bytes() == given
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert stored(tmp_path) == {"a/b": expected, "file": given}


def test_set_tells_what_it_did(tmp_path: Path, run: Run) -> None:
    for value, told in ((b"1", "added"), (b"2", "changed"), (b"2", "unchanged")):
        ended = run("set", "one", *BY_KEY, stdin=value)
        assert (ended.returncode, lines(ended)) == (0, [f"one: {told}"])
    assert stored(tmp_path) == {"one": b"2"}


WAYS: dict[str, tuple[tuple[str, ...], dict[str, str], bytes]] = {
    "a file": (BY_KEY, {}, b""),
    "a pipe": (("--key-file", "-"), {}, f" {KEY_TEXT}\r\n".encode()),
    "standard input's number": (("--key-fd", "0"), {}, KEY_TEXT.encode()),
    "the environment": ((), {"CODE_OPS_VAULT_KEY": KEY_TEXT}, b""),
    "a file of the environment": ((), {"CODE_OPS_VAULT_KEY_FILE": "key"}, b""),
    "a command": (("--key-cmd", "cat 'key'"), {}, b""),
    "a command of the environment": ((), {"CODE_OPS_VAULT_KEY_CMD": "cat key"}, b""),
    "the right one of two": (("--key-file", "other"), {"CODE_OPS_VAULT_KEY": KEY_TEXT}, b""),
    "a passphrase": (("--passphrase-file", "words", "--vault", "words.vault"), {}, b""),
    "the vault by the environment": (BY_KEY, {"CODE_OPS_VAULT_FILE": "sub/../secrets.vault"}, b""),
}


@pytest.mark.parametrize("name", WAYS)
def test_ways_to_open(tmp_path: Path, run: Run, name: str) -> None:
    words, env, stdin = WAYS[name]
    (tmp_path / "sub").mkdir()
    (tmp_path / "words").write_text(f"{PASSPHRASE}\n", encoding="ascii")
    assert run("init", "--vault", "other.vault", "--key-file", "other").returncode == 0
    by_words = ("--vault", "words.vault", "--passphrase-file", "words")
    assert run("init", *by_words, *CHEAP).returncode == 0
    assert run("set", "one", *by_words, stdin=SECRET.encode()).returncode == 0
    assert run("set", "one", *BY_KEY, stdin=SECRET.encode()).returncode == 0
    ended = run("get", "one", *words, env=env, stdin=stdin)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, SECRET.encode(), b"")


def test_a_key_by_an_open_descriptor(tmp_path: Path, run: Run) -> None:
    run("set", "one", *BY_KEY, stdin=SECRET.encode())
    with (tmp_path / "key").open("rb") as file:
        number = file.fileno()
        ended = run("get", "one", "--key-fd", str(number), pass_fds=[number])
    assert (ended.returncode, ended.stdout) == (0, SECRET.encode())


CLOSED = "secrets.vault: no slot opens with what was given; it opens with the key deb007c3 (first)"
# Words, environment, exit code, and what the message begins with.
UNOPENED: dict[str, tuple[tuple[str, ...], dict[str, str], int, str]] = {
    "nothing": (
        (),
        {},
        3,
        f"{CLOSED}; nothing was given",
    ),
    "another key": (
        ("--key-file", "other"),
        {},
        3,
        f"{CLOSED}; given was the key ",
    ),
    "no key": ((), {"CODE_OPS_VAULT_KEY": SECRET}, 3, "CODE_OPS_VAULT_KEY: a key is `cok1` and"),
    "a mistyped key": (
        (),
        {"CODE_OPS_VAULT_KEY": KEY_TEXT.replace("qqqs", "qqqz")},
        3,
        "CODE_OPS_VAULT_KEY: the key's checksum is wrong",
    ),
    "no file": (("--key-file", "nowhere"), {}, 3, "nowhere: no such file or directory"),
    "no vault": ((*BY_KEY, "--vault", "nowhere"), {}, 3, "nowhere: no such file or directory"),
    "a vault that is none": (
        (*BY_KEY, "--vault", "text"),
        {},
        3,
        "text: line 1: no vault: expected `code-ops-vault/1` as the first line",
    ),
    "a folder": ((*BY_KEY, "--vault", "."), {}, 3, ".: is a directory"),
    "no descriptor": (("--key-fd", "99"), {}, 3, "the descriptor 99: bad file descriptor"),
    "a command that fails": (
        ("--key-cmd", f"sh -c 'echo {SECRET}; exit 7'"),
        {},
        3,
        "the key command sh failed with exit code 7",
    ),
    "a command that is none": (("--key-cmd", "nowhere"), {}, 3, "the key command nowhere: no such"),
    "a command without a key": (
        ("--key-cmd", f"echo {SECRET}"),
        {},
        3,
        "the key command echo: a key is `cok1` and",
    ),
    "a command with open quotes": (("--key-cmd", "sh '"), {}, 2, "--key-cmd: expected a command"),
    "the python engine": (BY_KEY, {"CODE_OPS_ENGINE": "python"}, 4, "vaults need the rust engine"),
}


@pytest.mark.parametrize("name", UNOPENED)
def test_what_does_not_open_says_why(tmp_path: Path, run: Run, name: str) -> None:
    words, env, code, message = UNOPENED[name]
    run("set", "one", *BY_KEY, stdin=SECRET.encode())
    run("init", "--vault", "other.vault", "--key-file", "other")
    (tmp_path / "text").write_text(f"{SECRET}\n", encoding="ascii")
    ended = run("get", "one", *words, env=env)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert lines(ended)[0].startswith(f"error: {message}")
    for secret in (SECRET, KEY_TEXT[4:], (tmp_path / "other").read_text("ascii").strip()):
        assert secret not in ended.stderr.decode()


@pytest.mark.parametrize("words", [("set", "one", SECRET), ("get", "one", SECRET)])
def test_a_value_is_no_argument(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words, *BY_KEY, stdin=b"other")
    assert ended.returncode == 2
    assert lines(ended)[0].startswith("error: expected one NAME; a value is never an argument")
    assert SECRET not in ended.stderr.decode()


@pytest.mark.parametrize(
    ("words", "stdin", "code", "message"),
    [
        (("set", "one"), b"", 3, "standard input: the value is empty; --exact takes it"),
        (("set", "one"), b"\n", 3, "standard input: the value is empty; --exact takes it"),
        (("set", "a b"), b"1", 2, "a name has 1 to 255 letters, digits and"),
        (("set", "one", "--from-file", "nowhere"), b"", 3, "nowhere: no such file or directory"),
        (("rm", "one"), b"", 1, "secrets.vault: there is no secret one"),
        (("get", "one"), b"", 1, "secrets.vault: there is no secret one"),
        (("init", "--label", "a b", "--vault", "b"), b"", 2, "--label: expected 1 to 64 letters"),
    ],
)
def test_refusals_write_nothing(
    tmp_path: Path, run: Run, words: tuple[str, ...], stdin: bytes, code: int, message: str
) -> None:
    before = (tmp_path / "secrets.vault").read_bytes()
    ended = run(*words, *BY_KEY, stdin=stdin)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert lines(ended)[0].startswith(f"error: {message}")
    assert (tmp_path / "secrets.vault").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "secrets.vault", "state"]


def test_the_nearest_name_is_told(run: Run) -> None:
    run("set", "db/password", *BY_KEY, stdin=b"1")
    for wrong in ("db/pasword", "password"):
        ended = run("get", wrong, *BY_KEY)
        assert lines(ended)[1] == "hint: there is db/password"


def test_rm_takes_out_those_that_are_there(tmp_path: Path, run: Run) -> None:
    for name in ("one", "two", "three"):
        run("set", name, *BY_KEY, stdin=name.encode())
    ended = run("rm", "one", "four", "two", "one", *BY_KEY)
    assert ended.returncode == 1
    assert lines(ended)[:3] == [
        "one: removed",
        "two: removed",
        "error: secrets.vault: there is no secret four",
    ]
    assert stored(tmp_path) == {"three": b"three"}


def test_the_nearest_vault_up_to_the_repository_is_used(tmp_path: Path, run: Run) -> None:
    run("set", "one", *BY_KEY, stdin=b"1")
    inner = tmp_path / "repository" / "folder"
    inner.mkdir(parents=True)
    below = runner(inner)
    assert below("get", "one", "--key-file", str(tmp_path / "key")).stdout == b"1"
    (inner.parent / ".git").mkdir()
    ended = below("get", "one", "--key-file", str(tmp_path / "key"))
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert lines(ended)[0].startswith("error: there is no secrets.vault here or above")


def test_an_older_file_is_told(tmp_path: Path, run: Run) -> None:
    run("set", "one", *BY_KEY, stdin=b"1")
    old = (tmp_path / "secrets.vault").read_bytes()
    run("set", "one", *BY_KEY, stdin=b"2")
    (tmp_path / "secrets.vault").write_bytes(old)
    told = "secrets.vault: an old file was put back: generation 2, and 3 was seen before"
    ended = run("get", "one", *BY_KEY)
    assert (ended.returncode, ended.stdout, lines(ended)) == (0, b"1", [f"warning: {told}"])
    assert run("list", *BY_KEY).returncode == 1
    for words in (("set", "one"), ("rm", "one")):
        ended = run(*words, *BY_KEY, stdin=b"3")
        assert ended.returncode == 1
        assert lines(ended)[0].endswith("--accept-older changes it")
    assert (tmp_path / "secrets.vault").read_bytes() == old
    assert run("set", "one", *BY_KEY, "--accept-older", stdin=b"3").returncode == 0
    assert run("get", "one", *BY_KEY).stderr == b""


def test_a_list_needs_no_key_and_is_verified_by_one(tmp_path: Path, run: Run) -> None:
    run("set", "b", *BY_KEY, stdin=b"\xff")
    run("set", "a", *BY_KEY, stdin=SECRET.encode())
    old = (tmp_path / "secrets.vault").read_bytes().splitlines(keepends=True)
    run("set", "a", *BY_KEY, stdin=b"other")
    schema = json.loads((SCHEMAS / "vault-list.json").read_text("utf-8"))
    for words, state in (((), "unverified"), (BY_KEY, "ok")):
        ended = run("list", *words, "--verbose")
        found = json.loads(ended.stdout)
        jsonschema.validate(found, schema)
        names = ("name", "type", "version", "state")
        rows = [tuple(row[name] for name in names) for row in found["secrets"]]
        assert rows == [("a", "text", 2, state), ("b", "bytes", 1, state)]
        assert len(lines(ended)) == 1
    changed = (tmp_path / "secrets.vault").read_bytes().splitlines(keepends=True)
    (tmp_path / "secrets.vault").write_bytes(b"".join([*changed[:4], old[4], *changed[5:]]))
    ended = run("list", *BY_KEY)
    found = json.loads(ended.stdout)
    jsonschema.validate(found, schema)
    assert ended.returncode == 1
    assert [row["state"] for row in found["secrets"]] == ["replaced", "ok"]
    assert [finding["name"] for finding in found["findings"]] == ["a"]
    assert run("get", "b", *BY_KEY).stdout == b"\xff"
    for words in (("get", "a"), ("set", "b"), ("rm", "b")):
        assert run(*words, *BY_KEY, stdin=b"1").returncode == 1


def test_the_forms_of_a_list(run: Run) -> None:
    run("set", "one", *BY_KEY, stdin=b"1")
    row = json.loads(run("list", "--format", "ndjson").stdout)
    values = [row[name] for name in ("name", "type", "version", "date", "age_days", "state")]
    expected = ",".join(map(str, values))
    assert values[:3] == ["one", "text", 1]
    assert row["v"] == 1
    head = "name,type,version,date,age_days,state"
    assert run("list", "--format", "csv").stdout.decode() == f"{head}\n{expected}\n"
    table = run("list", "--format", "table").stdout.decode().splitlines()
    assert [line.split() for line in table] == [
        ["NAME", "TYPE", "VERSION", "SET", "AGE"],
        ["one", "text", "1", row["date"], "today"],
    ]
    assert json.loads(run("list", "--older-than", "1d").stdout)["secrets"] == []
    assert run("list", "--older-than", "1").returncode == 2


def test_a_key_of_the_environment_for_other_vaults_does_not_stop_a_list(run: Run) -> None:
    assert run("init", "--vault", "b.vault", "--key-file", "b").returncode == 0
    env = {"CODE_OPS_VAULT_KEY": KEY_TEXT}
    assert not json.loads(run("list", "--vault", "b.vault", env=env).stdout)["is_verified"]
    assert run("list", "--vault", "b.vault", *BY_KEY).returncode == 3


def test_a_key_command_does_not_read_the_value(tmp_path: Path, run: Run) -> None:
    ended = run("set", "one", "--key-cmd", "sh -c 'cat >&2; cat key'", stdin=b"1")
    assert (ended.returncode, ended.stderr) == (0, b"one: added\n")
    assert stored(tmp_path) == {"one": b"1"}


def test_a_key_that_others_can_read_is_told(tmp_path: Path, run: Run) -> None:
    (tmp_path / "key").chmod(0o640)
    told = "warning: key: others can read this key, `chmod 600 key` keeps it to you"
    assert lines(run("set", "one", *BY_KEY, stdin=b"1")) == [told, "one: added"]
    assert lines(run("init", "--vault", "b.vault", *BY_KEY))[0] == told


def test_what_settings_may_not_say(tmp_path: Path, run: Run) -> None:
    """A file that comes with a project neither runs something nor takes files into a vault."""
    for command, option in (("get", "key-cmd"), ("set", "from-file"), ("set", "accept-older")):
        (tmp_path / "code-ops.toml").write_text(
            f'[vault.{command}]\n{option} = "touch run"\n', encoding="ascii"
        )
        ended = run(command, "one", *BY_KEY, stdin=b"1")
        assert ended.returncode == 2
        assert "is given on the command line only" in lines(ended)[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["init", "set", "get", "list", "rm", "edit", "exec", "render"])
def test_the_examples_of_the_help_can_be_parsed(command: str) -> None:
    module = importlib.import_module(f"code_ops.cli.vault_{command}")
    lines = [line.strip() for line in module.EXAMPLES.splitlines() if "code-ops" in line]
    group: Any = typer.main.get_group(app.program(("vault", command)))
    for line in lines:
        words = shlex.split(re.split(r"   +", line.partition("code-ops ")[2])[0])
        assert words[:2] == ["vault", command]
        assert group.commands["vault"].commands[command].make_context(command, words[2:])


def test_names_are_completed(run: Run) -> None:
    run("set", "db/password", *BY_KEY, stdin=b"1")
    run("set", "other", *BY_KEY, stdin=b"1")
    for words in ("get", "rm", "get --vault secrets.vault"):
        typed = f"code-ops vault {words} d"
        count = len(typed.split()) - 1
        env = {"_CODE_OPS_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(count)}
        assert run(env=env).stdout == b"db/password\n"


def test_cores_are_not_dumped(run: Run) -> None:
    """The limit is set before anything secret is read; children have it too."""
    run("set", "one", *BY_KEY, stdin=b"1")
    ended = run("get", "one", "--key-cmd", "sh -c 'ulimit -c >&2; cat key'")
    assert (ended.returncode, ended.stderr) == (0, b"0\n")
