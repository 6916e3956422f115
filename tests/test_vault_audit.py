"""``vault audit``: who can open what since when, ages, and what lies about in plain text."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from vault_repositories import MARKS, Work, repository
from vault_runs import KEY_TEXT, OTHER_KEY, PASSPHRASE

from code_ops.vault_history import who_opens
from code_ops.vault_keys import key_text

pytestmark = MARKS
SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schemas"
SCHEMA = json.loads((SCHEMAS / "vault-audit.json").read_text("utf-8"))
NO_KEY = ""


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return repository(tmp_path)


def audit(work: Work, *words: str, code: int = 0, key: str = NO_KEY) -> dict[str, Any]:
    ended = work.ops("audit", *words, "--format", "json", code=code, CODE_OPS_VAULT_KEY=key)
    found: dict[str, Any] = json.loads(ended.stdout)
    jsonschema.validate(found, SCHEMA)
    assert not any(text in ended.stdout for text in (KEY_TEXT.encode(), PASSPHRASE.encode()))
    return found


def rules(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        tuple(each[name] for name in ("level", "rule", "path", "name"))
        for each in found["findings"]
    ]


def head(work: Work) -> str:
    return work.git("rev-parse", "HEAD").stdout.decode().strip()


def add_key(work: Work, label: str, key: bytes) -> None:
    with work.edit() as vault:
        vault.add_key(label, key)


def without_slot(work: Work, label: str) -> None:
    """As no command does it: the slot is gone and the data key stays."""
    lines = work.path.read_text("ascii").splitlines(keepends=True)
    work.path.write_text("".join(line for line in lines if f"label={label} " not in line), "ascii")


def test_a_repository_without_findings(work: Work) -> None:
    found = audit(work)
    (vault,) = found["vaults"]
    assert (rules(found), found["unread"], found["files"]) == ([], [], 2)
    assert (vault["path"], vault["history"], vault["is_verified"]) == (
        "secrets.vault",
        "whole",
        False,
    )
    assert [secret["name"] for secret in vault["secrets"]] == ["a", "b", "c"]
    assert audit(work, key=KEY_TEXT)["vaults"][0]["is_verified"]


def test_since_when_who_opens_it(work: Work) -> None:
    first = head(work)
    work.env["GIT_COMMITTER_DATE"] = "2026-03-04T05:06:07+00:00"
    add_key(work, "second", OTHER_KEY)
    work.commit("second")
    second = head(work)
    del work.env["GIT_COMMITTER_DATE"]
    work.change(a="4")
    add_key(work, "third", bytes(32))
    found = audit(work)["vaults"][0]
    since = {slot["label"]: slot["since"] for slot in found["slots"]}
    assert since["first"]["id"] == first
    assert since["second"] == {"id": second, "date": "2026-03-04"}
    # That one is not committed.
    assert since["third"] is None
    assert found["departed"] == []


def test_who_came_by_a_merge(work: Work) -> None:
    work.git("checkout", "--quiet", "-b", "side")
    add_key(work, "second", OTHER_KEY)
    work.commit("second")
    came = head(work)
    work.git("checkout", "--quiet", "main")
    work.change(a="4")
    work.git("merge", "--quiet", "--no-edit", "side")
    slots = audit(work)["vaults"][0]["slots"]
    assert [slot["since"]["id"] for slot in slots if slot["label"] == "second"] == [came]


def test_who_departed_and_still_has_the_data_key(work: Work) -> None:
    add_key(work, "second", OTHER_KEY)
    work.commit("second")
    came = head(work)
    without_slot(work, "second")
    work.commit("gone")
    found = audit(work, code=1)
    assert rules(found) == [("error", "departed-opens", "secrets.vault", "second")]
    (departed,) = found["vaults"][0]["departed"]
    assert (departed["since"]["id"], departed["left"]["id"]) == (came, head(work))
    assert (departed["label"], departed["has_data_key"]) == ("second", True)


def test_who_departed_and_knows_what_was_not_changed(work: Work, tmp_path: Path) -> None:
    """Another data key: the same names in a vault that was made anew."""
    add_key(work, "second", OTHER_KEY)
    work.commit("second")
    work.path.unlink()
    Work(work.folder, tmp_path).init()
    work.set(b="5", c="6")
    work.commit("made anew")
    found = audit(work, code=1)
    assert rules(found) == [("warning", "departed-knows", "secrets.vault", "second")]
    (departed,) = found["vaults"][0]["departed"]
    assert (departed["has_data_key"], departed["unchanged"]) == (False, ["a"])
    work.set(a="7")
    found = audit(work)
    assert found["vaults"][0]["departed"][0]["unchanged"] == []


def test_a_shallow_clone_knows_a_part(work: Work, tmp_path: Path) -> None:
    work.change(a="4")
    clone = Work(tmp_path / "clone", tmp_path)
    work.git("clone", "--quiet", "--depth=1", f"file://{work.folder}", str(clone.folder))
    found = audit(clone)
    assert found["vaults"][0]["history"] == "part"
    assert rules(found) == [("note", "git-setup", "secrets.vault", "")]


def test_without_git_nothing_is_known_of_the_past(tmp_path: Path) -> None:
    work = Work(tmp_path / "work", tmp_path).init()
    subprocess.run(["rm", "-r", str(work.folder / ".git")], check=True)
    work.env["GIT_CEILING_DIRECTORIES"] = str(tmp_path)
    found = audit(work)
    assert (found["vaults"][0]["history"], rules(found)) == ("none", [])
    table = work.ops("audit", "--format", "table", CODE_OPS_VAULT_KEY="").stdout.decode()
    assert "not in git" in table
    # Neither without the program.
    assert audit(repository(tmp_path / "more"))["vaults"][0]["history"] == "whole"
    work.env["PATH"] = "/nowhere"
    assert audit(work)["vaults"][0]["history"] == "none"


def aged(work: Work, **days: int) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    with work.edit() as vault:
        for name, age in days.items():
            vault.set(name.replace("_", "/"), "old", today - datetime.timedelta(days=age))


POLICIES: list[tuple[tuple[str, ...], list[str]]] = [
    ((), []),
    (("90d",), ["tls/key", "x"]),
    (("100d",), ["tls/key"]),
    (("13w",), ["tls/key", "x"]),
    (("90d", "tls/*=365d"), ["x"]),
    (("90d", "tls/*=365d", "*=1000d"), []),
    (("tls/*=365d", "90d"), ["tls/key", "x"]),
    (("x=10d",), ["x"]),
    (("0d",), ["tls/key", "x"]),
]


@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_ages_by_a_policy(work: Work, policy: tuple[str, ...], expected: list[str]) -> None:
    aged(work, x=100, tls_key=300)
    words = [word for each in policy for word in ("--max-age", each)]
    found = audit(work, *words, code=1 if expected else 0)
    assert [row[3] for row in rules(found)] == expected
    assert {row[1] for row in rules(found)} <= {"old"}
    assert [secret["age_days"] for secret in found["vaults"][0]["secrets"]][-1] == 100


def test_a_policy_of_the_project(work: Work) -> None:
    aged(work, x=100)
    text = '[vault.audit]\nmax-age = ["90d", "tls/*=365d"]\nexclude = ["*.env"]\n'
    (work.folder / "code-ops.toml").write_text(text, "utf-8")
    (work.folder / "a.env").write_text("A=1\n", "utf-8")
    assert [row[3] for row in rules(audit(work, code=1))] == ["x"]


@pytest.mark.parametrize("text", ["", "90", "90y", "=90d", "-1d", "90d=x", "9999999d"])
def test_a_policy_that_is_none(work: Work, text: str) -> None:
    assert b"expected an age like 90d" in work.ops("audit", "--max-age", text, code=2).stderr


def test_weak_passphrases(work: Work) -> None:
    """OWASP's five equals of Argon2id, and below them."""
    words = work.home / "words"
    words.write_text(f"{PASSPHRASE}\n", "ascii")
    costs = {"good": "m=19456,t=2,p=1", "equal": "m=7168,t=5,p=1", "weak": "m=19455,t=2,p=1"}
    for label, params in costs.items():
        more = ("--vault", f"{label}.vault", "--label", label, "--params", params)
        work.ops("init", *more, "--passphrase-file", str(words), CODE_OPS_VAULT_KEY="")
    work.commit("passphrases")
    assert rules(audit(work, code=1)) == [("warning", "weak-passphrase", "weak.vault", "weak")]


AGE = "AGE-SECRET-KEY-1" + "Q" * 58
PEM = "-----BEGIN {}PRIVATE KEY-----\nMIIE\n"
# A file's name and content, and the rule that finds it.
FILES: list[tuple[str, bytes, str | None]] = [
    (".env", b"A=1\n", "plain-file"),
    (".env.production", b"A=1\n", "plain-file"),
    ("prod.env", b"A=1\n", "plain-file"),
    (".env.example", b"A=1\n", None),
    (".env", b"", None),
    (".env", b"code-ops-file/1\n", None),
    ("a.p12", b"\x30\x82", "plain-file"),
    ("server.pem", PEM.format("").encode(), "private-key"),
    ("server.key", PEM.format("RSA ").encode(), "private-key"),
    ("notes.txt", b"see\n" + PEM.format("OPENSSH ").encode(), "private-key"),
    ("server.pem", PEM.format("ENCRYPTED ").encode(), None),
    ("server.pem", PEM.format("RSA ").encode() + b"Proc-Type: 4,ENCRYPTED\n", None),
    ("server.pem", b"-----BEGIN CERTIFICATE-----\nMIIE\n", None),
    ("server.pem", b"-----BEGIN PUBLIC KEY-----\nMIIE\n", None),
    ("key", KEY_TEXT.encode(), "vault-key"),
    ("ci.yml", f"  KEY: '{KEY_TEXT}'\n".encode(), "vault-key"),
    # Another checksum.
    ("ci.yml", KEY_TEXT.replace("qqqs", "qqqz").encode(), None),
    ("keys.txt", AGE.encode(), "age-key"),
    ("secrets.vault.txt", b"hunter2\n", "plain-file"),
    ("secrets.vault.sealed", b"COV1....", None),
]


@pytest.mark.parametrize(("name", "content", "rule"), FILES)
def test_what_should_be_sealed(work: Work, name: str, content: bytes, rule: str | None) -> None:
    (work.folder / "sub").mkdir()
    (work.folder / "sub" / name).write_bytes(content)
    found = audit(work, code=0 if rule is None else 1)
    expected = [] if rule is None else [(rule, f"sub/{name}")]
    assert [row[1:3] for row in rules(found)] == expected
    # What git ignores is nobody's concern, and what is removed is none.
    (work.folder / ".gitignore").write_text("sub\n", "utf-8")
    assert rules(audit(work)) == []


def test_what_git_tracks_is_looked_at_where_it_is(work: Work) -> None:
    (work.folder / ".env").write_text("A=1\n", "utf-8")
    work.commit("plain")
    (work.folder / ".gitignore").write_text(".env\n", "utf-8")
    assert [row[2] for row in rules(audit(work, code=1))] == [".env"]
    assert rules(audit(work, "--exclude", ".env")) == []
    assert rules(audit(work, "secrets.vault")) == []
    (work.folder / ".env").unlink()
    assert rules(audit(work)) == []


def test_a_link_leads_nowhere(work: Work, tmp_path: Path) -> None:
    (tmp_path / "outside.env").write_text("A=1\n", "utf-8")
    (work.folder / "a.env").symlink_to(tmp_path / "outside.env")
    os.mkfifo(work.folder / "pipe.env")
    assert rules(audit(work)) == []


def test_attributes_and_settings_that_are_missing(work: Work) -> None:
    (work.folder / ".gitattributes").write_text("*.vault merge=code-ops-vault\n", "utf-8")
    found = audit(work, code=1)
    assert rules(found) == [("warning", "git-attributes", "secrets.vault", "")]
    told = "git merges it as text, as .gitattributes gives it no diff=code-ops-vault and no -text"
    assert found["findings"][0]["message"] == told


def test_conflicts_that_nobody_settled(work: Work) -> None:
    work.branch("side", a="4")
    work.change(a="5")
    work.git("merge", "side", code=1)
    assert rules(audit(work, code=1)) == [("warning", "conflict", "secrets.vault", "a.theirs")]


def test_a_key_tells_what_is_not_as_it_was_signed(work: Work) -> None:
    lines = work.path.read_text("ascii").splitlines(keepends=True)
    work.path.write_text("".join([*lines[:5], *lines[6:]]), "ascii")
    assert rules(audit(work)) == []
    found = audit(work, code=1, key=KEY_TEXT)
    assert rules(found) == [("error", "unsigned", "secrets.vault", "b")]
    assert found["findings"][0]["message"] == "was signed and is gone"
    work.path.write_text("".join(lines).replace("hmac ", "slot x label=y\nhmac "), "ascii")
    assert rules(audit(work, code=1, key=KEY_TEXT)) == [("error", "unsigned", "secrets.vault", "")]
    work.path.write_text("".join(lines), "ascii")
    work.set(a="4")
    work.path.write_text("".join(lines), "ascii")
    assert rules(audit(work, code=1, key=KEY_TEXT)) == [("error", "older", "secrets.vault", "")]
    found = audit(work, key=key_text(OTHER_KEY))
    assert (rules(found), found["vaults"][0]["is_verified"]) == (
        [("note", "closed", "secrets.vault", "")],
        False,
    )


def test_a_key_file_that_others_read(work: Work) -> None:
    key = work.home / "key"
    key.chmod(0o644)
    found = audit(work, "--key-file", str(key), code=1)
    assert rules(found) == [("error", "key-file", str(key), "")]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(work: Work) -> None:
    (work.folder / "broken.vault").write_bytes(b"code-ops-vault/1\nid x\n")
    found = audit(work, ".", "nowhere", ".gitattributes", code=3)
    assert len(found["vaults"]) == 1
    unread = {each["path"]: each["message"] for each in found["unread"]}
    assert sorted(unread) == [".gitattributes", "broken.vault", "nowhere"]
    assert unread["broken.vault"].startswith("line 2: expected id and 26 characters")


def test_the_forms(work: Work) -> None:
    (work.folder / "=1.env").write_text("A=1\n", "utf-8")
    rows = list(csv.DictReader(io.StringIO(work.ops("audit", "-f", "csv", code=1).stdout.decode())))
    assert [(row["rule"], row["path"]) for row in rows] == [("plain-file", "'=1.env")]
    row = json.loads(work.ops("audit", "-f", "ndjson", code=1).stdout)
    definitions = {"$defs": SCHEMA["$defs"], **SCHEMA["$defs"]["finding"]}
    jsonschema.validate({name: value for name, value in row.items() if name != "v"}, definitions)
    assert (row["v"], row["path"]) == (1, "=1.env")
    table = work.ops("audit", "-f", "table", code=1).stdout.decode().splitlines()
    assert table[0] == "secrets.vault: 3 secrets, generation 4, verified"
    assert table[1].split() == ["TYPE", "LABEL", "DETAIL", "SINCE", "UNTIL"]
    assert table[-1].split(maxsplit=2) == [
        "warning",
        "=1.env",
        "is a file of secrets by its name, and not sealed",
    ]
    work.ops("audit", "-o", "audit.json", code=1)
    jsonschema.validate(json.loads((work.folder / "audit.json").read_bytes()), SCHEMA)


def test_slots_of_any_text() -> None:
    """History holds what somebody committed: whatever it is, it is read or passed over."""
    text = (
        b"code-ops-vault/1\nslot\nslot key\nslot key kid=deb007c3 label=a body=AA==\n"
        b"slot passphrase m=8,t=1,p=1 salt=AA label=b body=AA\n"
        b"slot age recipient=age1x label=c body=A\n<<<<<<< x\n"
        b"slot new \xff= label=\nhmac x\nslot key kid=00000000 label=d body=AA==\n"
    )
    assert [tuple(who) for who in who_opens(text)] == [
        ("key", "a", "deb007c3"),
        ("passphrase", "b", ""),
        ("age", "c", "age1x"),
        ("new", "", ""),
    ]
