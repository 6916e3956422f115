"""``code-ops vault recipients`` and identities on the command line, run as programs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from vault_ages import (
    ASKING_IDENTITY,
    PIN,
    PLUGIN_RECIPIENT,
    age_identity,
    age_plugin,
    needs_age,
    ssh_key,
)
from vault_runs import (
    CHEAP,
    COMMAND,
    CREDENTIALS,
    KEY_TEXT,
    OTHER_KEY,
    PASSPHRASE,
    SECRET,
    Run,
    environment,
    leftovers,
    made,
    runner,
    values,
)

from code_ops import _engine
from code_ops.vault_file import Credentials, edit_vault, open_vault, read_overview
from code_ops.vault_keys import key_text

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
    needs_age,
]
OWN = {"CODE_OPS_VAULT_KEY": KEY_TEXT}
SCHEMAS = Path(__file__).parent.parent / "docs" / "schemas"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)
    return runner(tmp_path)


def ended(result: Any) -> tuple[int, str, list[str]]:
    return result.returncode, result.stdout.decode(), result.stderr.decode().splitlines()


def labels(folder: Path) -> list[str]:
    return [slot.label for slot in read_overview(str(folder / "secrets.vault")).slots]


def fits(name: str, text: str | bytes) -> Any:
    document = json.loads(text)
    schema = json.loads((SCHEMAS / name).read_text())
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    return document


def secrets_lines(folder: Path) -> list[str]:
    text = (folder / "secrets.vault").read_text()
    return [line for line in text.splitlines() if line.startswith(("db/", "one "))]


def test_a_vault_of_recipients_alone(tmp_path: Path, run: Run) -> None:
    alice = age_identity(tmp_path / "alice")
    bob = ssh_key(tmp_path / "bob")
    assert run("init", "-r", alice, "--recipient", f"bob={bob}", "--label", "alice").returncode == 0
    assert labels(tmp_path) == ["alice", "bob"]
    assert run("set", "one", "-i", "alice", stdin=SECRET.encode()).returncode == 0
    for way in (("--identity", "alice"), ("--key-file", "bob"), ("--key-cmd", "cat bob")):
        assert ended(run("get", "one", *way)) == (0, SECRET, [])
    for name in ("alice", "bob"):
        text = (tmp_path / name).read_text()
        assert run("get", "one", "-i", "-", stdin=text.encode()).stdout == SECRET.encode()
        assert run("get", "one", env={"CODE_OPS_VAULT_KEY": text}).stdout == SECRET.encode()
    age_identity(tmp_path / "carol")
    code, written, said = ended(run("get", "one", "-i", "carol"))
    assert (code, written) == (3, "")
    assert f"it opens with the age identity of {alice} (alice), the SSH key bob" in said[0]


def test_init_for_an_identity(tmp_path: Path, run: Run) -> None:
    recipient = age_identity(tmp_path / "alice")
    other = age_identity(tmp_path / "carol")
    assert run("init", "-i", "alice", "-r", f"carol={other}").returncode == 0
    details = [slot.detail for slot in read_overview(str(tmp_path / "secrets.vault")).slots]
    assert details == [recipient, other]
    assert run("list", "-i", "alice").returncode == 0
    again = run("init", "-i", "alice", "-r", f"first={other}", "--vault", "other.vault")
    assert again.returncode == 2
    assert not (tmp_path / "other.vault").exists()


def test_an_encrypted_ssh_key_without_a_terminal(tmp_path: Path, run: Run) -> None:
    ssh_key(tmp_path / "bob", passphrase="horse")
    run("init", "-r", (tmp_path / "bob.pub").read_text())
    code, written, said = ended(run("list", "-i", "bob"))
    assert (code, written) == (3, "")
    assert said == [
        "error: bob: the SSH key is encrypted, and there is no terminal to ask for its passphrase"
    ]


def test_add_of_each_kind_changes_no_secret(tmp_path: Path, run: Run) -> None:
    path = made(tmp_path, one=SECRET)
    before = secrets_lines(tmp_path)
    alice = age_identity(tmp_path / "alice")
    ssh_key(tmp_path / "bob", "rsa")
    age_identity(tmp_path / "dora")
    people = [age_identity(tmp_path / "carol"), ssh_key(tmp_path / "erin")]
    (tmp_path / "people").write_text("# all of us\n\n" + "\n".join(people))
    (tmp_path / "words").write_text(f"{PASSPHRASE}\n")
    added = {
        ("alice", "--recipient", alice): ["alice"],
        ("bob", "--recipients-file", "bob.pub"): ["bob"],
        ("people", "--recipients-file", "people"): ["people", "people-2"],
        ("job", "--new-key", "job.key"): ["job"],
        ("dora", "--new-key", "dora"): ["dora"],
        ("night", "--new-passphrase-file", "words", *CHEAP): ["night"],
    }
    for words, told in added.items():
        code, written, said = ended(run("recipients", "add", *words, env=OWN))
        assert (code, written) == (0, "")
        assert said[-len(told) :] == [f"secrets.vault: {label} can open it now" for label in told]
    assert labels(tmp_path) == ["test", *(label for told in added.values() for label in told)]
    assert secrets_lines(tmp_path) == before
    for name in ("alice", "bob", "carol", "erin", "dora", "job.key"):
        assert run("get", "one", "-i", name).stdout == SECRET.encode()
    assert run("get", "one", "--passphrase-file", "words").stdout == SECRET.encode()
    assert open_vault(path, CREDENTIALS).findings == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("x",), 2, "expected one of --recipient, "),
        (("x", "--passphrase", "--new-key", "k"), 2, "expected one of --recipient, "),
        (("x", "--passphrase"), 2, "there is no terminal to ask for the passphrase"),
        (("a b", "--recipient", "ALICE"), 2, "a label has 1 to 64 letters, digits and . _ @ -"),
        (("test", "--recipient", "ALICE"), 2, "there is a slot test already"),
        (("x", "--recipient", "bob"), 2, "a recipient is age1..., ssh-ed25519 AAAA..."),
        (("x", "--recipients-file", "missing"), 3, "missing: no such file or directory"),
        (("x", "--recipients-file", "alice"), 2, "this is an identity, which is secret"),
        (("x", "--recipients-file", "/dev/null"), 3, "/dev/null: there is no recipient in it"),
        (("x", "--recipients-file", "/dev/zero"), 3, "a file of recipients has at most 65,536"),
        (("x", "--new-passphrase-file", "/dev/null"), 3, "the passphrase is empty"),
        (("x", "--recipient", PLUGIN_RECIPIENT), 2, "age-plugin-sample is not on the path"),
    ],
)
def test_what_is_not_added(tmp_path: Path, run: Run, words: Any, code: int, told: str) -> None:
    path = Path(made(tmp_path, one=SECRET))
    before = path.read_bytes()
    alice = age_identity(tmp_path / "alice")
    words = [alice if word == "ALICE" else word for word in words]
    result = run("recipients", "add", *words, env=OWN)
    assert (result.returncode, result.stdout) == (code, b"")
    assert told in result.stderr.decode()
    identity = (tmp_path / "alice").read_text().splitlines()[-1]
    assert identity not in result.stderr.decode()
    assert path.read_bytes() == before
    assert not (tmp_path / "k").exists()


def test_the_list_in_each_form(tmp_path: Path, run: Run) -> None:
    path = made(tmp_path)
    alice = age_identity(tmp_path / "alice")
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_recipient("alice", alice)
        vault.add_recipient("bob", ssh_key(tmp_path / "bob"))
    rows = [
        {"type": slot.kind, "label": slot.label, "detail": slot.detail}
        for slot in open_vault(path, CREDENTIALS).slots
    ]
    assert [(row["type"], row["detail"]) for row in rows][:2] == [
        ("key", "deb007c3"),
        ("age", alice),
    ]
    for words, env, is_verified in ((("-f", "json"), {}, False), ((), OWN, True)):
        document = fits("vault-recipients.json", run("recipients", "list", *words, env=env).stdout)
        assert document["recipients"] == rows
        assert document["is_verified"] is is_verified
    lines = run("recipients", "list", "-f", "ndjson").stdout.decode().splitlines()
    assert [json.loads(line) for line in lines] == [{"v": 1, **row} for row in rows]
    table = run("recipients", "list", "-f", "csv").stdout.decode()
    assert list(csv.DictReader(io.StringIO(table))) == rows
    code, table, said = ended(run("recipients", "list", "-f", "table"))
    assert (code, said) == (0, ["unverified: with a key this list is verified"])
    assert [line.split()[:2] for line in table.splitlines()] == [
        ["LABEL", "TYPE"],
        ["test", "key"],
        ["alice", "age"],
        ["bob", "age"],
    ]
    verified = ended(run("recipients", "list", "-f", "table", env=OWN))
    assert verified == (0, table, [])


def test_remove_tells_what_the_departed_could_read(tmp_path: Path, run: Run) -> None:
    path = made(tmp_path, **{"db/password": SECRET, "one": "1"})
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_recipient("alice", age_identity(tmp_path / "alice"))
        vault.add_key("job", OTHER_KEY)
    before = secrets_lines(tmp_path)
    (tmp_path / "job.key").write_text(key_text(OTHER_KEY))
    (tmp_path / "job.key").chmod(0o600)
    code, written, said = ended(run("recipients", "remove", "alice", env=OWN))
    assert (code, written) == (3, "")
    assert "cannot be kept under a new data key: the key b768cc2d (job): its key is" in said[0]
    assert said[1].startswith("hint: --keep-key-file and --keep-passphrase-file keep them")
    assert secrets_lines(tmp_path) == before
    keep = ("--keep-key-file", "job.key")
    result = run("recipients", "remove", "alice", *keep, "--format", "json", env=OWN)
    code, written, said = ended(result)
    document = fits("vault-removal.json", written)
    assert (code, document["could_read"]) == (0, ["db/password", "one"])
    assert [row["label"] for row in document["removed"]] == ["alice"]
    assert said == [
        "secrets.vault: alice cannot open it any more; all is under a new data key",
        "alice could read 2 secrets: db/password, one",
        "change them where they are used: copies and git's history open with the old key",
    ]
    assert not set(before) & set(secrets_lines(tmp_path))
    assert values(path) == {"db/password": SECRET.encode(), "one": b"1"}
    assert open_vault(path, Credentials([OTHER_KEY])).get("one") == b"1"
    assert run("get", "one", "-i", "alice").returncode == 3
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nobody",), 1, "there is no recipient nobody"),
        (("alice", "nobody"), 1, "there is no recipient nobody"),
        (("test", "--drop", "alice"), 2, "nothing would open the vault any more"),
        (("test",), 2, "what opens the vault here would not open it any more: --even-mine does it"),
    ],
)
def test_who_is_not_removed(tmp_path: Path, run: Run, words: Any, code: int, told: str) -> None:
    path = made(tmp_path, one=SECRET)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_recipient("alice", age_identity(tmp_path / "alice"))
    before = Path(path).read_bytes()
    result = run("recipients", "remove", *words, env=OWN)
    assert (result.returncode, result.stdout) == (code, b"")
    assert told in result.stderr.decode()
    assert Path(path).read_bytes() == before


def test_who_goes_by_themselves(tmp_path: Path, run: Run) -> None:
    path = made(tmp_path, one=SECRET)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_recipient("alice", age_identity(tmp_path / "alice"))
    assert run("recipients", "remove", "test", "--even-mine", env=OWN).returncode == 0
    assert labels(tmp_path) == ["alice"]
    assert run("get", "one", "-i", "alice").stdout == SECRET.encode()


def test_a_plugin_starts_when_it_is_named(tmp_path: Path, run: Run) -> None:
    log = age_plugin(tmp_path / "bin")
    env = OWN | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    path = made(tmp_path, one=SECRET)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_recipient("alice", age_identity(tmp_path / "alice"))
    added = run("recipients", "add", "hardware", "-r", PLUGIN_RECIPIENT, env=env)
    assert added.returncode == 0
    log.unlink()
    for words in (("get", "one"), ("list",), ("recipients", "list"), ("set", "two")):
        assert run(*words, env=env, stdin=b"2").returncode == 0
    refused = ended(run("recipients", "remove", "alice", env=env))
    assert refused[0] == 3
    assert "age-plugin-sample may not be started unless it is named" in refused[2][0]
    assert not log.exists()
    assert run("recipients", "remove", "alice", "--plugin", "sample", env=env).returncode == 0
    assert log.read_text() == "--age-plugin=recipient-v1\n"


@pytest.mark.parametrize(
    "text",
    [
        '[vault.recipients.add]\nrecipient = "age1..."',
        '[vault.recipients.add]\nnew-key = "theirs.key"',
        '[vault.recipients.add]\nnew-passphrase-file = "theirs"',
        '[vault.recipients.remove]\ndrop = ["ci"]',
        "[vault.recipients.remove]\neven-mine = true",
        '[vault.rotate]\nplugins = ["sample"]',
        '[vault.init]\nrecipients = ["age1..."]',
    ],
)
def test_a_project_lets_nobody_in(tmp_path: Path, run: Run, text: str) -> None:
    made(tmp_path)
    (tmp_path / "code-ops.toml").write_text(text)
    code, _, said = ended(run("recipients", "list"))
    assert code == 2
    assert "is given on the command line only" in said[0]


def test_a_group_in_a_group(tmp_path: Path, run: Run) -> None:
    made(tmp_path)
    code, written, said = ended(run("recipients"))
    assert (code, written) == (2, "")
    assert said[0] == "Usage: code-ops vault recipients [OPTIONS] COMMAND [ARGS]..."
    for words, told in (
        (("recipients", "ad"), "no such command 'ad', did you mean 'add'?"),
        (("recipients", "lits"), "no such command 'lits', did you mean 'list'?"),
        (("recipients", "list", "--0"), "no such option: --0"),
    ):
        code, _, said = ended(run(*words))
        assert code == 2
        assert said[0] == f"error: {told}"
        assert said[1].startswith("hint: `code-ops vault recipients")
    assert run("recipients", "add", "--help").stdout.startswith(
        b"Usage: code-ops vault recipients add [OPTIONS]"
    )
    completed = run(
        env={
            "_CODE_OPS_COMPLETE": "complete_bash",
            "COMP_WORDS": "code-ops vault recipients ",
            "COMP_CWORD": "3",
        }
    )
    assert completed.stdout.split() == [b"list", b"add", b"remove"]
    (tmp_path / "code-ops.toml").write_text('[vault.recipients.list]\nformat = "csv"\n')
    assert run("recipients", "list").stdout == b"type,label,detail\nkey,test,deb007c3\n"
    (tmp_path / "code-ops.toml").unlink()
    chosen = run("recipients", "list", env={"CODE_OPS_VAULT_RECIPIENTS_LIST_FORMAT": "csv"})
    assert chosen.stdout == b"type,label,detail\nkey,test,deb007c3\n"


def on_terminal(folder: Path, words: Sequence[str], typed: bytes) -> tuple[int, str]:
    """The exit code, and all that a command shows on a terminal where this is typed to it."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(COMMAND, [COMMAND, "vault", *words], environment(folder))
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4096):
            shown += part
            if part.rstrip().endswith(b":"):
                # Once nothing is echoed any more, as getpass sees to before it reads.
                while termios.tcgetattr(terminal)[3] & termios.ECHO:
                    time.sleep(0.01)
                os.write(terminal, typed)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (f"{PIN}\n", 0, f"plugin: PIN of the sample: \n{SECRET}\n"),
        ("1\n", 3, "wrong PIN"),
        ("\x03", 130, "interrupted"),
    ],
)
def test_a_plugin_asks_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, typed: str, code: int, told: str
) -> None:
    age_plugin(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    made(tmp_path, one=SECRET)
    run("recipients", "add", "hardware", "-r", PLUGIN_RECIPIENT, env=OWN)
    (tmp_path / "asking").write_text(ASKING_IDENTITY)
    ended, shown = on_terminal(tmp_path, ["get", "one", "-i", "asking"], typed.encode())
    assert ended == code
    assert "plugin: touch[2J it\n" in shown
    assert told in shown
    assert PIN not in shown


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [(f"{PIN}\n", 0, SECRET), ("1\n", 3, "wrong PIN"), ("\x03", 130, "interrupted")],
)
def test_a_plugin_asks_for_a_sealed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, typed: str, code: int, told: str
) -> None:
    age_plugin(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "asking").write_text(ASKING_IDENTITY)
    (tmp_path / "plain").write_text(f"{SECRET}\n")
    sealed = run("encrypt", "plain", "--recipient", PLUGIN_RECIPIENT, "--output", "sealed")
    assert sealed.returncode == 0
    words = ["decrypt", "sealed", "-i", "asking", "--output", "-"]
    ended, shown = on_terminal(tmp_path, words, typed.encode())
    assert (ended, told in shown) == (code, True)


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("horse\n", 0, SECRET),
        ("cow\n", 3, "bob: the passphrase is not that of the SSH key"),
        ("\x04", 2, "no passphrase was typed"),
        ("\x03", 130, "interrupted"),
    ],
)
def test_an_encrypted_ssh_key_on_a_terminal(
    tmp_path: Path, run: Run, typed: str, code: int, told: str
) -> None:
    made(tmp_path, one=SECRET)
    bob = ssh_key(tmp_path / "bob", passphrase="horse")
    run("recipients", "add", "bob", "-r", bob, env=OWN)
    ended, shown = on_terminal(tmp_path, ["get", "one", "-i", "bob"], typed.encode())
    assert (ended, told in shown) == (code, True)
    assert shown.startswith("Passphrase of bob: \n")


def test_a_key_that_nobody_has_any_more(tmp_path: Path, run: Run) -> None:
    """The last way in is kept, whatever is given up."""
    made(tmp_path, one=SECRET)
    assert run("recipients", "remove", "test", "--even-mine", env=OWN).returncode == 2
    assert values(str(tmp_path / "secrets.vault")) == {"one": SECRET.encode()}
