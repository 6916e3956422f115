"""Files of ansible-vault and sops: vectors those made, those themselves, and hostile ones."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from vault_runs import KEY_TEXT, SECRET, Run, made, runner, values

from code_ops import _engine, vault_ansible
from code_ops.errors import VaultClosedError, VaultError, VaultTradeError
from code_ops.vault_forms import Openers, Writing, read, write
from code_ops.vault_identities import Identity
from code_ops.vault_trade import Rules, named

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
VECTORS = Path(__file__).resolve().parent / "vectors"
ANSIBLE = json.loads((VECTORS / "ansible.json").read_text("utf-8"))
SOPS = json.loads((VECTORS / "sops.json").read_text("utf-8"))
PASSPHRASE: bytes = ANSIBLE["passphrase"].encode()
IDENTITY: bytes = SOPS["identity"].encode()
UNOPENED = "f: the passphrase does not open it, or it was changed or cut"
CHANGED = "f: it was changed or cut after sops wrote it; an older copy may be whole"


def case(vectors: Any, name: str) -> Any:
    return next(each for each in vectors["cases"] if each["name"] == name)


def opened(
    text: str, form: str | None = None, identity: bytes = IDENTITY, passphrase: bytes = PASSPHRASE
) -> dict[str, str | bytes]:
    openers = Openers(lambda _: passphrase, lambda: [Identity(identity)])
    source = read(text.encode(), "f", form, openers)
    return {"/".join(entry.keys): entry.value for entry in source.entries}


@pytest.mark.parametrize("name", [each["name"] for each in ANSIBLE["cases"]])
def test_what_ansible_made_is_read(name: str) -> None:
    vector = case(ANSIBLE, name)
    assert opened(vector["text"], "ansible-vault") == vector["values"]
    with pytest.raises(VaultClosedError, match=UNOPENED):
        opened(vector["text"], "ansible-vault", passphrase=b"correct horses")


@pytest.mark.parametrize("name", [each["name"] for each in SOPS["cases"] if "values" in each])
def test_what_sops_made_is_read(name: str) -> None:
    vector = case(SOPS, name)
    assert (
        opened(vector["text"], None, vector.get("identity", SOPS["identity"]).encode())
        == (vector["values"])
    )


@pytest.mark.parametrize("name", [each["name"] for each in SOPS["cases"] if "error" in each])
def test_what_of_sops_is_not_read_says_the_way_out(name: str) -> None:
    vector = case(SOPS, name)
    with pytest.raises(VaultError, match=f"^f: {vector['error']}.*`sops decrypt FILE"):
        opened(vector["text"])


def test_another_identity_is_told_whose_it_takes() -> None:
    text = case(SOPS, "YAML")["text"]
    other = b"AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n"
    with pytest.raises(VaultClosedError, match=f"no identity opens it.*{SOPS['recipient']}"):
        opened(text, identity=other)


def changed(text: str, step: int) -> Iterator[str]:
    """A text with a character changed, and cut, at each place."""
    chosen = random.Random(1)
    for place in range(0, len(text), step):
        other = chr((ord(text[place]) ^ 1 << chosen.randrange(7)) & 0x7F)
        yield text[:place] + other + text[place + 1 :]
        yield text[:place]


def test_an_envelope_that_was_changed_does_not_open() -> None:
    vector = case(ANSIBLE, "a file")
    counts = {"same": 0, "closed": 0, "other": 0}
    for text in changed(vector["text"], 3):
        try:
            assert opened(text, "ansible-vault") == vector["values"]
            # Digits in capitals, white space.
            counts["same"] += 1
        except VaultClosedError as error:
            counts["closed" if str(error) == UNOPENED else "other"] += 1
        except VaultError:
            counts["other"] += 1
    assert counts["closed"] > 10 * (counts["same"] + counts["other"])


def damaged(text: bytes, chosen: random.Random, others: list[bytes]) -> bytes:
    """A text with some bytes changed, taken out, put in, or copied from elsewhere."""
    made = bytearray(text)
    for _ in range(chosen.randint(1, 6)):
        place = chosen.randrange(len(made) + 1)
        other = chosen.choice([*others, bytes(made)])
        start = chosen.randrange(len(other) + 1)
        parts = [
            bytes([chosen.randrange(256)]),
            bytes(chosen.choices(b"\n \"'{}[],:#&*!|>-=$?%", k=chosen.randint(1, 4))),
            other[start : start + chosen.randint(1, 300)],
            b"",
        ]
        made[place : place + chosen.choice([0, 1, 40])] = chosen.choice(parts)
    return bytes(made)


@pytest.mark.parametrize("form", [None, "dotenv", "json", "yaml", "ansible-vault", "sops"])
def test_damaged_files_are_read_or_refused(form: str | None) -> None:
    chosen = random.Random(str(form))
    texts = [each["text"].encode() for each in (*ANSIBLE["cases"], *SOPS["cases"])]
    openers = Openers(lambda _: PASSPHRASE, lambda: [Identity(IDENTITY)])
    refused = 0
    for _ in range(5000):
        try:
            source = read(damaged(chosen.choice(texts), chosen, texts), "f", form, openers)
            named([source], Rules())
        except VaultError:
            refused += 1
    assert refused


def full(found: dict[str, str | bytes]) -> dict[str, str | bytes]:
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("name", ["YAML", "JSON", "variables", "a code over sealed values alone"])
def test_a_file_of_sops_that_was_changed_gives_nothing_else(name: str) -> None:
    vector = case(SOPS, name)
    closed = 0
    for text in changed(vector["text"], 5):
        try:
            found = opened(text)
        except VaultError:
            closed += 1
        else:
            # What is no value, as a comment; an empty value, or a plain one that no code covers.
            assert full(found) == full(vector["values"]) or "alone" in name
            assert found.get("password", SECRET) == SECRET
    assert closed


def edited(edit: Callable[[Any], object], name: str = "JSON") -> str:
    tree = json.loads(case(SOPS, name)["text"])
    edit(tree)
    return json.dumps(tree)


SWAPS: dict[str, Callable[[Any], object]] = {
    "a value elsewhere": lambda tree: tree.update(empty=tree["db"]["password"]),
    "a value taken out": lambda tree: tree["db"].pop("password"),
    "a key of another name": lambda tree: tree["db"].update(other=tree["db"].pop("password")),
    "another order": lambda tree: tree["db"].update(port=tree["db"].pop("port")),
    "items swapped": lambda tree: tree["db"]["hosts"].append(tree["db"]["hosts"].pop(0)),
    "a plain value more": lambda tree: tree.update(x_unencrypted="1"),
    "another day": lambda tree: tree["sops"].update(lastmodified="2026-01-01T00:00:00Z"),
    "no code": lambda tree: tree["sops"].pop("mac"),
    "an empty code": lambda tree: tree["sops"].update(mac=""),
    "the code of sealed values": lambda tree: tree["sops"].update(mac_only_encrypted=True),
}


@pytest.mark.parametrize("name", SWAPS)
def test_values_stay_where_sops_put_them(name: str) -> None:
    with pytest.raises(VaultClosedError) as raised:
        opened(edited(SWAPS[name]))
    assert str(raised.value) == CHANGED


REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "a plain value": (lambda tree: tree["db"].update(password=SECRET), "db/password is not sealed"),
    "a number": (lambda tree: tree["db"].update(port=1), "db/port is not sealed"),
    "a type": (
        lambda tree: tree["db"].update(port=tree["db"]["port"].replace("type:int", "type:comment")),
        "db/port is not sealed",
    ),
    "no metadata": (lambda tree: tree.pop("sops"), "there is no mapping `sops`"),
    "other metadata": (lambda tree: tree.update(sops=[1]), "there is no mapping `sops`"),
    "no recipients": (lambda tree: tree["sops"].pop("age"), "no age recipient can open it"),
    "many recipients": (
        lambda tree: tree["sops"].update(age=tree["sops"]["age"] * 2000),
        "no age recipient can open it",
    ),
    "a long armor": (
        lambda tree: tree["sops"]["age"][0].update(enc="A" * 10_000_000),
        "no identity opens it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_sops_does_not_write(name: str) -> None:
    edit, message = REFUSED[name]
    with pytest.raises(VaultError, match=f"^f: {message}") as raised:
        opened(edited(edit))
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$ANSIBLE_VAULT;1.0;AES\n61\n", "only versions 1.1 and 1.2"),
        ("$ANSIBLE_VAULT;1.1;AES256\n", UNOPENED[3:]),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + "61" * 1_000_000, UNOPENED[3:]),
        ("$ANSIBLE_VAULT;1.1;AES256\n" + b"\n\n".hex(), UNOPENED[3:]),
        ("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n", UNOPENED[3:]),
        (f"a: !vault {SECRET}\n", "expected `.ANSIBLE_VAULT;1.1;AES256` as the first line"),
        (f"a: !vault [{SECRET}]\n", "a value with the tag !vault"),
    ],
)
def test_what_is_no_envelope(text: str, message: str) -> None:
    with pytest.raises(VaultError, match=message) as raised:
        opened(text, "ansible-vault")
    assert SECRET not in str(raised.value)


_NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,8}", fullmatch=True)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SECRETS = st.dictionaries(_NAMES.filter(lambda name: name != "manifest"), _TEXTS, max_size=4)


def writing(form: str, inner: str = "yaml", shape: str = "flat") -> Writing:
    recipients = [SOPS["recipient"]]
    return Writing(form, shape, inner=inner, passphrase=PASSPHRASE, recipients=recipients)


@settings(max_examples=40)
@given(_SECRETS)
@pytest.mark.parametrize("shape", ["flat", "nested"])
@pytest.mark.parametrize("inner", ["ansible-vault", "yaml", "json", "dotenv"])
def test_what_was_exported_comes_back(inner: str, shape: str, secrets: dict[str, str]) -> None:
    form = inner if inner == "ansible-vault" else "sops"
    if inner == "dotenv":
        secrets = {f"X{number}": value for number, value in enumerate(secrets.values())}
    try:
        content = write({k: v.encode() for k, v in secrets.items()}, writing(form, inner, shape))
    except VaultTradeError:
        return
    assert opened(content.decode(), form) == secrets


def test_bytes_have_a_place_in_an_envelope_alone() -> None:
    content = write({"a": b"\xff\0"}, writing("ansible-vault"))
    assert opened(content.decode()) == {"a": b"\xff\0"}
    with pytest.raises(VaultTradeError, match=r"^a: bytes that are no text"):
        write({"a": b"\xff\0"}, writing("sops"))


@pytest.mark.parametrize(
    ("names", "inner", "shape", "problem"),
    [
        (["sops/x", "a"], "yaml", "nested", "sops: at this name sops keeps its own"),
        (["sops"], "json", "flat", "sops: at this name sops keeps its own"),
        (["sops_mac"], "dotenv", "flat", "sops_mac: at such names sops keeps its own"),
        (["a/b", "a.b"], "dotenv", "flat", "a/b and a.b both become A_B"),
        (["a", "a/b"], "yaml", "nested", "a is a value, and a/b would be below it"),
    ],
)
def test_names_without_a_place_in_sops(
    names: list[str], inner: str, shape: str, problem: str
) -> None:
    with pytest.raises(VaultTradeError) as raised:
        write(dict.fromkeys(names, b"1"), writing("sops", inner, shape))
    assert raised.value.problems == [problem]


@pytest.mark.parametrize("recipient", ["", "age1x", "AGE-SECRET-KEY-1X", "age1" + "q" * 58])
def test_what_is_no_recipient(recipient: str) -> None:
    with pytest.raises(VaultError, match="recipient"):
        write({"a": b"1"}, writing("sops")._replace(recipients=[recipient]))


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/opt/rivals/bin")
    if found is None:
        pytest.skip(f"no {name} here")
    return found


def ended(*words: str, folder: Path, **env: str) -> bytes:
    done = subprocess.run(
        words,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **env},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


MANY = {
    "db/password": "p w\n'\" $x ${y} \\",
    "db/0": "no",
    "é".encode().hex(): "ü\r\n\t\0",
    "empty": "",
    "a/b_unencrypted": "0777",
    "lines": "-----BEGIN-----\nabc\n",
}


def test_ansible_opens_what_was_exported(tmp_path: Path) -> None:
    vault = program("ansible-vault")
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    words = ("view", "--vault-password-file", "pass", "f.yml")
    # All lengths of padding.
    for length in range(17):
        secrets = MANY | {"x": "y" * length}
        content = write({k: v.encode() for k, v in secrets.items()}, writing("ansible-vault"))
        (tmp_path / "f.yml").write_bytes(content)
        if length in (0, 16):
            shown = ended(vault, *words, folder=tmp_path, ANSIBLE_HOME=str(tmp_path))
            assert yaml.safe_load(shown) == secrets
        assert opened(content.decode()) == secrets
    (tmp_path / "f.yml").write_text(f"a: {SECRET}\n")
    words = ("encrypt", "--vault-password-file", "pass", "f.yml")
    ended(vault, *words, folder=tmp_path, ANSIBLE_HOME=str(tmp_path))
    assert opened((tmp_path / "f.yml").read_text()) == {"a": SECRET}


def test_ansible_reads_values_that_were_exported_one_by_one(tmp_path: Path) -> None:
    ansible = program("ansible")
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    secrets = {"db/password": SECRET, "db/hosts": "a\n'b'", "é".encode().hex(): "", "x": "ü"}
    plain = {name: value.encode() for name, value in secrets.items()}
    each = writing("ansible-vault", shape="nested")._replace(sealed="each")
    content = write(plain, each)
    assert SECRET.encode() not in content
    assert content.count(b"!vault |") == len(secrets)
    assert opened(content.decode(), "yaml") == secrets
    (tmp_path / "f.yml").write_bytes(content)
    words = ("localhost", "-m", "debug", "-a", "var=db", "-e", "@f.yml", "-c", "local")
    shown = ended(
        ansible,
        *words,
        "--vault-password-file",
        "pass",
        folder=tmp_path,
        ANSIBLE_HOME=str(tmp_path),
        ANSIBLE_LOCALHOST_WARNING="false",
        LC_ALL="C.UTF-8",
    )
    found = json.loads(shown.decode().partition("=>")[2])
    assert found["db"] == {"hosts": "a\n'b'", "password": SECRET}


def test_values_exported_one_by_one_come_back(tmp_path: Path, run: Run) -> None:
    words = ("--format", "ansible-vault", "--inline", "--target-passphrase-file", "pass")
    assert run("export", *words, "--output", "each.yml").returncode == 0
    assert opened((tmp_path / "each.yml").read_text("ascii"), "yaml") == {"db/password": SECRET}
    assert run("export", "--format", "json", "--inline").returncode == 2


@pytest.mark.parametrize("inner", ["yaml", "json", "dotenv"])
def test_sops_opens_what_was_exported(tmp_path: Path, inner: str) -> None:
    sops = program("sops")
    secrets = MANY if inner != "dotenv" else {"A": "p w '\" $x", "B_unencrypted": "", "C": "é"}
    plain = {name: value.encode() for name, value in secrets.items()}
    name = f"f.{'env' if inner == 'dotenv' else inner}"
    (tmp_path / name).write_bytes(write(plain, writing("sops", inner)))
    env = {"SOPS_AGE_KEY": SOPS["identity"]}
    shown = ended(sops, "decrypt", name, folder=tmp_path, **env).decode()
    if inner == "dotenv":
        assert shown == "".join(f"{key}={value}\n" for key, value in secrets.items())
    else:
        assert (json.loads(shown) if inner == "json" else yaml.safe_load(shown)) == secrets
    # It changes our file, and that is read again.
    ended(sops, "set", name, '["A"]', f'"{SECRET}"', folder=tmp_path, **env)
    assert opened((tmp_path / name).read_text("utf-8")) == {**secrets, "A": SECRET}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands in a folder with a vault, and with what opens the vectors."""
    made(tmp_path, **{"db/password": SECRET})
    for name, text in (
        ("key", KEY_TEXT),
        ("pass", ANSIBLE["passphrase"]),
        ("id", SOPS["identity"]),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    for vectors, name, path in (
        (ANSIBLE, "a file", "a.yml"),
        (ANSIBLE, "values within a file", "in.yml"),
        (SOPS, "YAML", "s.yaml"),
    ):
        (tmp_path / path).write_text(case(vectors, name)["text"], encoding="utf-8")
    inner = runner(tmp_path)
    return lambda *words, **more: inner(words[0], "--key-file", "key", *words[1:], **more)


def test_sealed_files_are_imported(tmp_path: Path, run: Run) -> None:
    words = ("--source-passphrase-file", "pass", "--prefix")
    for path, prefix, warned in (("a.yml", "a/", False), ("in.yml", "in/", True)):
        done = run("import", path, *words, prefix)
        assert done.returncode == 0
        assert (b"plain values still lie there" in done.stderr) == warned
    assert values(str(tmp_path / "secrets.vault"))["a/db/password"] == SECRET.encode()
    assert values(str(tmp_path / "secrets.vault"))["in/group/0/secret"] == b"hunter2\nand more"
    ways: list[tuple[tuple[str, ...], dict[str, str]]] = [
        (("--source-identity", "id"), {}),
        ((), {"SOPS_AGE_KEY_FILE": "id"}),
        ((), {"SOPS_AGE_KEY": SOPS["identity"]}),
    ]
    for number, (given_way, env) in enumerate(ways):
        # The name of the map is the whole one, and its value the same each time.
        options = ("--map", "é=e", "--prefix", f"{number}/", *given_way)
        done = run("import", "s.yaml", *options, env=env)
        assert (done.returncode, b"plain values" in done.stderr) == (0, False)
        found = values(str(tmp_path / "secrets.vault"))
        assert (found[f"{number}/db/password"], found["e"]) == (SECRET.encode(), "ü".encode())


def test_sealed_files_without_what_opens_them(tmp_path: Path, run: Run) -> None:
    before = (tmp_path / "secrets.vault").read_bytes()
    (tmp_path / "wrong").write_text("wrong", encoding="ascii")
    ended(program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "word", "-f", "ssh", folder=tmp_path)
    for words, message in (
        (("a.yml",), "a.yml: there is no terminal to ask for the passphrase; --source-passphrase"),
        (("a.yml", "--source-passphrase-file", "wrong"), "a.yml: the passphrase does not open it"),
        (("s.yaml",), f"s.yaml: it opens with the age identity of {SOPS['recipient']}: give --sou"),
        (("s.yaml", "--source-identity", "wrong"), "wrong: a key is `cok1` and 58 characters"),
        (("s.yaml", "--source-identity", "key"), "key: this is a vault's key, sops's files"),
        (("s.yaml", "--source-identity", "nowhere"), "nowhere: no such file"),
        (("s.yaml", "--source-identity", "ssh"), "ssh: the SSH key is encrypted, and there is no"),
    ):
        done = run("import", *words)
        assert (done.returncode, done.stdout) == (3, b"")
        assert done.stderr.decode().startswith(f"error: {message}")
    assert (tmp_path / "secrets.vault").read_bytes() == before


def test_sealed_files_are_exported(tmp_path: Path, run: Run) -> None:
    options = ("--format", "ansible-vault", "--target-passphrase-file", "pass")
    done = run("export", *options, "--output", "out.yml")
    assert (done.returncode, done.stderr) == (0, b"out.yml: 1 secret\n")
    assert opened((tmp_path / "out.yml").read_text("ascii")) == {"db/password": SECRET}
    assert (tmp_path / "out.yml").stat().st_mode & 0o777 == 0o600
    for name, form in (("out.yaml", "yaml"), ("out.json", "json"), ("out.env", "dotenv")):
        options = ("--format", "sops", "--recipient", SOPS["recipient"])
        assert run("export", *options, "--output", name).returncode == 0
        text = (tmp_path / name).read_text("ascii")
        key = "DB_PASSWORD" if form == "dotenv" else "db/password"
        assert SECRET not in text
        assert opened(text, "sops") == {key: SECRET}
    mistakes: list[tuple[tuple[str, ...], str]] = [
        (("--format", "sops"), "--recipient: expected who can open"),
        (("--format", "sops", "--recipient", "x"), "a recipient is age1..."),
        (("--format", "ansible-vault"), "there is no terminal to ask for the "),
    ]
    for words, message in mistakes:
        done = run("export", *words)
        assert done.returncode in (2, 3)
        assert done.stderr.decode().startswith(f"error: {message}")


def test_an_envelope_may_hold_variables_and_json() -> None:
    openers = Openers(lambda _: PASSPHRASE)
    for name, content in (
        (".env", b"A='x # y'\n"),
        ("a.json", b'{"A": "x # y"}'),
        ("a", b"A: 'x # y'"),
    ):
        text = vault_ansible.sealed(content, PASSPHRASE)
        source = read(text.encode(), name, None, openers)
        assert [(entry.keys, entry.value) for entry in source.entries] == [(("A",), "x # y")]
        assert source.protection == "sealed"


def test_a_value_that_is_repeated_costs_its_passphrase_once() -> None:
    asked = []

    def passphrase(name: str) -> bytes:
        asked.append(name)
        return PASSPHRASE

    value = vault_ansible.sealed(SECRET.encode(), PASSPHRASE).replace("\n", "\n  ")
    text = f"a: &a !vault |\n  {value}\nb: [{', '.join(['*a'] * 50_000)}]\n"
    source = read(text.encode(), "f", "yaml", Openers(passphrase))
    assert {entry.value for entry in source.entries} == {SECRET}
    assert (len(source.entries), asked) == (50_001, ["f"])


def test_a_passphrase_is_taken_without_white_space_as_ansible_does() -> None:
    text = vault_ansible.sealed(b"a: 1\n", b" one two\n")
    assert vault_ansible.opened(text, "f", b"one two") == b"a: 1\n"
    with pytest.raises(VaultError, match="the passphrase is empty"):
        vault_ansible.sealed(b"", b" \n")
