"""Merges of vaults by real git: branches, rebases, cherry-picks and stashes, with conflicts."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from vault_repositories import MARKS, Work, repository
from vault_runs import CHEAP, OTHER_KEY, PASSPHRASE, leftovers
from vault_terminal import Terminal

from code_ops.vault_keys import key_text

pytestmark = MARKS
START = {"a": "1", "b": "2", "c": "3"}
BOTH_SET = "error: secrets.vault: a: both sides set it, ours stays and theirs is a.theirs"
Values = dict[str, str | None]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return repository(tmp_path)


def lines(work: Work) -> list[str]:
    return work.path.read_text("ascii").splitlines()


# What main does, what the branch does, and the vault after it.
CLEAN: dict[str, tuple[Values, Values, dict[str, str]]] = {
    "neighbours": ({"a": "4"}, {"b": "5"}, {"a": "4", "b": "5", "c": "3"}),
    "added on both": ({"d": "4"}, {"e": "5"}, {**START, "d": "4", "e": "5"}),
    "the same": ({"a": "4", "d": "5"}, {"a": "4", "d": "5"}, {**START, "a": "4", "d": "5"}),
    "removed and changed": ({"a": None}, {"b": "5"}, {"b": "5", "c": "3"}),
    "removed on both": ({"a": None}, {"a": None, "b": None}, {"c": "3"}),
}


@pytest.mark.parametrize("name", CLEAN)
def test_what_one_side_changed_is_taken(work: Work, name: str) -> None:
    by_main, by_side, expected = CLEAN[name]
    work.branch("side", **by_side)
    work.change(**by_main)
    sides = {line for rev in ("main", "side", "main~") for line in text(work, rev)}
    work.git("merge", "--quiet", "--no-edit", "side")
    assert (work.values(), work.state()) == (expected, "")
    # Lines are those of the sides, byte for byte, but for the last one.
    assert set(lines(work)[:-1]) <= sides
    generations = [int(text(work, rev)[-1].split()[1]) for rev in ("main~", "side", "main")]
    assert generations[2] == max(generations[:2]) + 1
    assert leftovers(work.folder) == []


def text(work: Work, revision: str) -> list[str]:
    return (
        work.git("show", "--no-textconv", f"{revision}:{work.vault}").stdout.decode().splitlines()
    )


# The same, and what is said.
CONFLICTS: dict[str, tuple[Values, Values, dict[str, str], list[str]]] = {
    "both set it": (
        {"a": "4"},
        {"a": "5", "b": "6"},
        {"a": "4", "a.theirs": "5", "b": "6", "c": "3"},
        [BOTH_SET],
    ),
    "removed by ours": (
        {"a": None},
        {"a": "5"},
        {"a.theirs": "5", "b": "2", "c": "3"},
        ["error: secrets.vault: a: ours removed and theirs changed it, theirs is a.theirs"],
    ),
    "removed by theirs": (
        {"a": "4"},
        {"a": None},
        {**START, "a": "4"},
        ["error: secrets.vault: a: theirs removed and ours changed it, ours stays"],
    ),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_what_both_changed_is_a_conflict_that_loses_nothing(work: Work, name: str) -> None:
    by_main, by_side, expected, told = CONFLICTS[name]
    work.branch("side", **by_side)
    work.change(**by_main)
    ended = work.git("merge", "--no-edit", "side", code=1)
    errors = [line for line in ended.stderr.decode().splitlines() if line.startswith("error: ")]
    assert errors == told
    assert (work.values(), work.state()) == (expected, "UU")
    for value in filter(None, [*by_main.values(), *by_side.values()]):
        assert f"'{value}'" not in ended.stderr.decode()
    assert work.ops("get", "b").returncode == 0
    work.git("merge", "--abort")
    assert work.state() == ""


# The command, what it makes of the conflict of CONFLICTS["both set it"], or of the one by removal.
RESOLVED: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    ("both set it", ("a", "--ours"), {"a": "4", "b": "6", "c": "3"}),
    ("both set it", ("a", "--theirs"), {"a": "5", "b": "6", "c": "3"}),
    ("both set it", ("--all", "--theirs"), {"a": "5", "b": "6", "c": "3"}),
    ("both set it", ("a.theirs", "--theirs"), {"a": "5", "b": "6", "c": "3"}),
    ("removed by ours", ("a", "--ours"), {"b": "2", "c": "3"}),
    ("removed by ours", ("a", "--theirs"), {"a": "5", "b": "2", "c": "3"}),
]


@pytest.mark.parametrize(("name", "words", "expected"), RESOLVED)
def test_a_conflict_is_settled_and_committed(
    work: Work, name: str, words: tuple[str, ...], expected: dict[str, str]
) -> None:
    by_main, by_side, *_ = CONFLICTS[name]
    work.branch("side", **by_side)
    work.change(**by_main)
    work.git("merge", "--no-edit", "side", code=1)
    ours = "version 2" if by_main["a"] else "removed"
    (told,) = work.ops("resolve", code=1).stdout.decode().splitlines()
    assert told.startswith(f"a: ours {ours}")
    assert told.endswith(" as a.theirs")
    assert work.ops("resolve", "b", "--ours", code=1).stderr.startswith(b"error: ")
    work.ops("resolve", *words)
    assert work.ops("resolve").stderr == b"no conflict is open\n"
    work.commit("merged")
    assert (work.values(), work.state()) == (expected, "")
    # The next merge of the same branch has nothing to do.
    assert work.git("merge", "side").stdout == b"Already up to date.\n"


def test_a_rebase(work: Work) -> None:
    work.branch("side", a="4")
    work.git("checkout", "--quiet", "side")
    work.change(b="5")
    work.git("checkout", "--quiet", "main")
    work.change(c="6")
    work.git("checkout", "--quiet", "side")
    work.git("rebase", "--quiet", "main")
    assert work.values() == {"a": "4", "b": "5", "c": "6"}
    assert len(work.git("rev-list", "main..side").stdout.split()) == 2


def test_a_rebase_with_a_conflict(work: Work) -> None:
    work.branch("side", a="4")
    work.change(a="5")
    work.git("checkout", "--quiet", "side")
    ended = work.git("rebase", "main", code=1)
    assert BOTH_SET in ended.stderr.decode()
    # Git calls ours what is rebased onto.
    assert work.values() == {**START, "a": "5", "a.theirs": "4"}
    work.ops("resolve", "a", "--theirs")
    work.git("add", work.vault)
    work.git("rebase", "--continue")
    assert (work.values(), work.state()) == ({**START, "a": "4"}, "")


@pytest.mark.parametrize(("name", "code"), [("b", 0), ("a", 1)])
def test_a_cherry_pick(work: Work, name: str, code: int) -> None:
    work.branch("side", c="7")
    work.git("checkout", "--quiet", "side")
    work.change(a="4")
    work.git("checkout", "--quiet", "main")
    work.change(**{name: "5"})
    work.git("cherry-pick", "side", code=code)
    if code:
        assert work.values() == {**START, "a": "5", "a.theirs": "4"}
        work.ops("resolve", "a", "--ours")
        work.git("add", work.vault)
        work.git("cherry-pick", "--skip")
        return
    # That commit alone, not what is before it on its branch.
    assert work.values() == {"a": "4", "b": "5", "c": "3"}


@pytest.mark.parametrize(("name", "code"), [("b", 0), ("a", 1)])
def test_a_stash(work: Work, name: str, code: int) -> None:
    work.set(a="4")
    work.git("stash", "--quiet")
    work.change(**{name: "5"})
    work.git("stash", "pop", code=code)
    expected = {**START, "a": "5", "a.theirs": "4"} if code else {**START, "a": "4", "b": "5"}
    assert work.values() == expected
    assert (b"stash@{0}" in work.git("stash", "list").stdout) == bool(code)


def test_branches_that_merged_each_other(work: Work) -> None:
    """Criss-cross: git merges the two bases first, with a conflict that nobody sees."""
    work.branch("side", a="4", b="5")
    work.change(a="6", c="7")
    work.git("branch", "main1")
    work.git("merge", "--no-edit", "side", code=1)
    work.ops("resolve", "a", "--ours")
    work.commit("main with side")
    work.git("checkout", "--quiet", "side")
    work.git("merge", "--no-edit", "main1", code=1)
    work.ops("resolve", "a", "--theirs", "--accept-older")
    work.commit("side with main")
    work.change(b="8")
    work.git("checkout", "--quiet", "main")
    assert len(work.git("merge-base", "--all", "main", "side").stdout.split()) == 2
    work.git("merge", "--no-edit", "side")
    assert (work.values(), work.state()) == ({"a": "6", "b": "8", "c": "7"}, "")


def test_a_vault_that_one_side_removed(work: Work) -> None:
    work.git("checkout", "--quiet", "-b", "side")
    work.git("rm", "--quiet", work.vault)
    work.commit("removed")
    work.git("checkout", "--quiet", "main")
    work.change(a="4")
    work.git("merge", "side", code=1)
    assert (work.state(), work.values()) == ("UD", {**START, "a": "4"})
    assert work.ops("repair").stderr == b"%s: all is as it was signed\n" % str(work.path).encode()


def test_two_vaults_are_never_one(work: Work) -> None:
    work.git("checkout", "--quiet", "-b", "side")
    work.path.unlink()
    work.init()
    work.commit("another vault")
    work.git("checkout", "--quiet", "main")
    before = work.path.read_bytes()
    work.change(a="4")
    before = work.path.read_bytes()
    ended = work.git("merge", "side", code=1)
    assert b"two vaults are never one" in ended.stderr
    assert (work.path.read_bytes(), work.state()) == (before, "UU")


def test_names_with_spaces_and_quotes(tmp_path: Path) -> None:
    name = 'it\'s "a" $(touch x)/my  %O.vault'
    work = repository(tmp_path, vault=name)
    work.branch("side", a="4")
    work.change(a="5", b="6")
    ended = work.git("merge", "side", code=1)
    assert f"error: {name}: a: both sides set it" in ended.stderr.decode()
    assert work.values() == {"a": "5", "a.theirs": "4", "b": "6", "c": "3"}
    work.ops("resolve", "a", "--theirs")
    work.commit("merged")
    assert not (work.folder / "x").exists()


@pytest.mark.parametrize("way", ["repair", "checkout"])
def test_without_a_key_the_file_is_as_ours_and_is_merged_later(work: Work, way: str) -> None:
    work.branch("side", a="4")
    work.change(b="5")
    before = work.path.read_bytes()
    ended = work.git("merge", "--no-edit", "side", code=1, CODE_OPS_VAULT_KEY="")
    told = ended.stderr.decode().splitlines()
    assert told[0].startswith(
        "error: secrets.vault: no slot opens with what was given; it opens with the key deb007c3"
    )
    assert "warning: secrets.vault: not merged, the file is as ours has it" in told
    assert (work.path.read_bytes(), work.state()) == (before, "UU")
    if way == "repair":
        assert work.ops("repair", code=1).stdout.endswith(b"which merge with no conflict\n")
        assert work.path.read_bytes() == before
        work.ops("repair", "--accept")
        # What was settled is not merged once more.
        assert b"all is as it was signed" in work.ops("repair").stderr
    else:
        work.git("checkout", "--merge", "--", work.vault)
    assert work.values() == {"a": "4", "b": "5", "c": "3"}
    work.commit("merged")
    assert len(work.git("rev-list", "--parents", "-1", "HEAD").stdout.split()) == 3


def test_who_came_in_on_a_branch_merges_with_their_key_alone(work: Work) -> None:
    work.git("checkout", "--quiet", "-b", "side")
    with work.edit() as vault:
        vault.add_key("new", OTHER_KEY)
    work.change(a="4")
    work.git("checkout", "--quiet", "main")
    work.change(b="5")
    work.git("checkout", "--quiet", "side")
    other = key_text(OTHER_KEY)
    work.git("merge", "--no-edit", "main", CODE_OPS_VAULT_KEY=other)
    assert work.values() == {"a": "4", "b": "5", "c": "3"}
    assert work.ops("get", "b", CODE_OPS_VAULT_KEY=other).stdout == b"5"


def slots(work: Work) -> list[str]:
    listed = json.loads(work.ops("list", "--format", "json").stdout)
    return [slot["label"] for slot in listed["slots"]]


@pytest.mark.parametrize("ours", ["main", "side"])
def test_the_side_that_removed_somebody_has_the_data_key(work: Work, ours: str) -> None:
    with work.edit() as vault:
        vault.add_key("gone", OTHER_KEY)
    work.commit("two")
    work.git("checkout", "--quiet", "-b", "side")
    work.ops("recipients", "remove", "gone")
    work.change(a="4")
    new = set(lines(work))
    work.git("checkout", "--quiet", "main")
    with work.edit() as vault:
        vault.add_key("late", bytes(32))
    work.change(b="5")
    work.git("checkout", "--quiet", ours)
    ended = work.git("merge", "--no-edit", "side" if ours == "main" else "main", code=1)
    told = ended.stderr.decode().splitlines()
    lost = "the slot late: it wraps a data key that was replaced and is gone, add it again"
    assert [line for line in told if line.startswith("error: ")] == [
        f"error: secrets.vault: {lost}"
    ]
    assert (work.values(), slots(work)) == ({"a": "4", "b": "5", "c": "3"}, ["first"])
    # Nothing that the old data key sealed, and what that side has is as it was.
    kept = [line for line in lines(work) if line in new]
    assert [line.split()[0] for line in kept[-2:]] == ["a", "c"]
    assert not set(lines(work)[4:]) & set(text(work, "main~"))
    ended = work.ops("get", "a", code=3, CODE_OPS_VAULT_KEY=key_text(OTHER_KEY))
    assert b"no slot opens" in ended.stderr


def test_two_new_data_keys(work: Work) -> None:
    work.git("checkout", "--quiet", "-b", "side")
    work.ops("rotate", "--accept-older")
    work.change(a="4")
    work.git("checkout", "--quiet", "main")
    work.ops("rotate", "--accept-older")
    work.change(b="5")
    ended = work.git("merge", "--no-edit", "side", code=1)
    assert b"the data key: both sides made a new one and ours stays" in ended.stderr
    assert b"hint: `code-ops vault rotate` makes a new data key" in ended.stderr
    assert work.values() == {"a": "4", "b": "5", "c": "3"}
    work.ops("rotate", "--accept-older")
    work.commit("merged")
    assert work.values() == {"a": "4", "b": "5", "c": "3"}


def test_an_age_identity_opens_all_three(work: Work) -> None:
    if shutil.which("age-keygen") is None:
        pytest.skip("age-keygen is not installed")
    identity = work.home / "identity"
    subprocess.run(["age-keygen", "-o", str(identity)], check=True, capture_output=True)
    made = subprocess.run(["age-keygen", "-y", str(identity)], check=True, capture_output=True)
    work.ops("recipients", "add", "me", "--recipient", made.stdout.decode().strip())
    work.commit("me")
    work.branch("side", a="4")
    work.change(b="5")
    work.env |= {"CODE_OPS_VAULT_KEY": "", "CODE_OPS_VAULT_KEY_FILE": str(identity)}
    work.git("merge", "--no-edit", "side")
    assert work.values() == {"a": "4", "b": "5", "c": "3"}


def test_a_side_that_is_not_as_it_was_signed(work: Work) -> None:
    work.branch("side", a="4")
    kept = lines(work)
    work.path.write_text("\n".join([*kept[:5], *kept[6:]]) + "\n", encoding="ascii")
    work.commit("cut")
    before = work.path.read_bytes()
    ended = work.git("merge", "side", code=1)
    assert b"not the one that was signed: ours: b: was signed and is gone" in ended.stderr
    assert work.path.read_bytes() == before


class GitTerminal(Terminal):
    """Git on a terminal of its own."""

    def __init__(self, work: Work, *words: str) -> None:
        self.shown = b""
        self.process, self.leader = pty.fork()
        if self.process == 0:
            os.chdir(work.folder)
            os.execvpe("git", ["git", *words], {**work.env, "CODE_OPS_VAULT_KEY": ""})


def test_a_passphrase_is_asked_for_on_the_terminal_of_git(work: Work) -> None:
    words = work.home / "words"
    words.write_text(f"{PASSPHRASE}\n", encoding="ascii")
    more = ("--vault", "more.vault", "--passphrase-file", str(words))
    work.ops("init", *more, *CHEAP)
    work.ops("set", "x", *more, stdin=b"1", CODE_OPS_VAULT_KEY="")
    work.commit("more")
    for name, start in (("side", "y"), ("main", "z")):
        work.git("checkout", "--quiet", *(["-b", name] if name == "side" else [name]))
        work.ops("set", start, *more, "--accept-older", stdin=b"2", CODE_OPS_VAULT_KEY="")
        work.commit(name)
    # Without a terminal nothing is asked.
    ended = work.git("merge", "--no-edit", "side", code=1, CODE_OPS_VAULT_KEY="")
    assert b"it opens with the passphrase first; nothing was given" in ended.stderr
    work.git("merge", "--abort")
    terminal = GitTerminal(work, "merge", "--no-edit", "side")
    terminal.answer("Passphrase of more.vault: ", f"{PASSPHRASE}\n")
    assert (terminal.end(), terminal.text().count("Passphrase")) == (0, 0)
    listed = work.ops("list", *more[:2], "--format", "csv").stdout.decode().splitlines()
    assert [line.split(",")[0] for line in listed[1:]] == ["x", "y", "z"]


def test_a_key_file_of_the_project(work: Work) -> None:
    """The driver reads code-ops.toml as every command does."""
    settings = f'[vault.merge]\nkey-file = "{work.home}/key"\n'
    (work.folder / "code-ops.toml").write_text(settings, encoding="utf-8")
    work.commit("settings")
    work.branch("side", a="4")
    work.change(b="5")
    work.git("merge", "--no-edit", "side", CODE_OPS_VAULT_KEY="")
    assert work.values() == {"a": "4", "b": "5", "c": "3"}


def test_the_command_alone(work: Work) -> None:
    names = ("base.vault", "ours.vault", "theirs.vault")
    for name in names:
        (work.folder / name).write_bytes(work.path.read_bytes())
    for name, secret in zip(names[1:], ("d", "e"), strict=True):
        work.ops("set", secret, "--vault", name, "--accept-older", stdin=b"4")
    work.ops("merge", *names)
    assert set(text_values(work, "ours.vault")) == {*START, "d", "e"}
    (work.folder / "base.vault").write_bytes(b"")
    work.ops("merge", *names)
    ended = work.ops("merge", "nowhere", *names[1:], "--path", "x", code=3)
    assert ended.stderr.startswith(b"error: nowhere: no such file or directory\n")
    (work.folder / "theirs.vault").write_bytes(b"text\n")
    ended = work.ops("merge", *names, "--path", "x", code=3)
    assert ended.stderr.startswith(b"error: x (theirs): line 1: no vault")


def text_values(work: Work, name: str) -> dict[str, str]:
    return Work(work.folder, work.home, name).values()
