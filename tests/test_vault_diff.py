"""``vault diff``: which secrets and slots differ between files and revisions."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from vault_repositories import MARKS, Work, repository, sealed_in
from vault_runs import KEY_TEXT, OTHER_KEY

from code_ops.cli import app
from code_ops.vault_keys import key_text

pytestmark = MARKS
SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schemas"
SCHEMA = json.loads((SCHEMAS / "vault-diff.json").read_text("utf-8"))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return repository(tmp_path)


def diff(work: Work, *words: str, key: str = "") -> list[str]:
    """What differs, with days left out."""
    ended = work.ops("diff", *words, code=None, CODE_OPS_VAULT_KEY=key)
    listed = ended.stdout.decode().splitlines()
    assert ended.returncode == (1 if listed else 0), ended
    assert sealed_in(ended.stdout) == []
    ended = work.ops("diff", *words, "-f", "json", code=None, CODE_OPS_VAULT_KEY=key)
    found = json.loads(ended.stdout)
    jsonschema.validate(found, SCHEMA)
    assert (len(found["changes"]), found["has_values"]) == (len(listed), bool(key))
    return [re.sub(r" \d{4}-\d\d-\d\d", "", line) for line in listed]


def test_what_is_not_committed(work: Work) -> None:
    assert diff(work) == []
    work.set(a="hunter2", b=None, d="5")
    with work.edit() as vault:
        vault.add_key("me", OTHER_KEY)
    expected = [
        "+ slot me: key " + key_id(work),
        "~ secret a: 1 text -> 2 text",
        "- secret b: 1 text",
        "+ secret d: 1 text",
    ]
    assert diff(work) == expected
    assert diff(work, key=KEY_TEXT) == expected
    assert diff(work, "HEAD", work.vault) == expected
    work.commit("second")
    assert diff(work) == []
    for words in (("HEAD~",), ("HEAD~", "HEAD"), (f"HEAD~:{work.vault}", "main")):
        assert diff(work, *words) == expected


def key_id(work: Work) -> str:
    slots = json.loads(work.ops("list", "--format", "json").stdout)["slots"]
    return str(slots[1]["detail"])


def test_a_key_tells_whether_values_differ(work: Work) -> None:
    work.set(a="2")
    work.set(a="1")
    assert diff(work) == ["~ secret a: 1 text -> 3 text"]
    assert diff(work, key=KEY_TEXT) == ["= secret a: 1 text -> 3 text"]
    work.ops("rotate", "--accept-older")
    assert [line[0] for line in diff(work)] == list("=~==")
    assert [line[0] for line in diff(work, key=KEY_TEXT)] == list("====")


def test_what_cannot_be_read_or_opened(work: Work) -> None:
    unread = "neither a file nor a revision of git that has the vault"
    for words, message in (
        (("nowhere",), f"nowhere: {unread}"),
        (("HEAD:nowhere",), f"HEAD:nowhere: {unread}"),
        (("HEAD", ".gitattributes"), ".gitattributes: line 1: no vault"),
        ((".",), ".: is a directory"),
    ):
        ended = work.ops("diff", *words, code=3)
        assert ended.stderr.decode().startswith(f"error: {message}")
    assert b"at most two" in work.ops("diff", "a", "b", "c", code=2).stderr
    ended = work.ops("diff", code=3, CODE_OPS_VAULT_KEY=key_text(OTHER_KEY))
    assert b"no slot opens with what was given" in ended.stderr


COMMANDS = ("git-setup", "textconv", "merge", "resolve", "repair", "audit", "diff")


@pytest.mark.parametrize("word", COMMANDS)
def test_the_examples_of_the_help_can_be_parsed(word: str) -> None:
    module = importlib.import_module(f"code_ops.cli.vault_{word.replace('-', '_')}")
    group: Any = typer.main.get_group(app.program(("vault", word)))
    lines = [line.strip() for line in module.EXAMPLES.splitlines()[2:]]
    ours = [line for line in lines if line.startswith("code-ops ")]
    assert ours
    for line in ours:
        words = shlex.split(re.split(r"   +", line)[0])
        assert words[1:3] == ["vault", word]
        assert group.commands["vault"].commands[word].make_context(word, words[3:])
