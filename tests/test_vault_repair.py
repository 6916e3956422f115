"""``vault repair``: vaults that were merged as text, and lines that nobody signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from vault_repositories import MARKS, Work, repository
from vault_runs import OTHER_KEY

from code_ops.errors import VaultError
from code_ops.vault_conflicts import taken_apart

pytestmark = MARKS
START = {"a": "1", "b": "2", "c": "3"}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository whose git merges vaults as text."""
    work = repository(tmp_path)
    work.git("config", "--remove-section", "merge.code-ops-vault")
    return work


def two_sides(work: Work) -> None:
    work.branch("side", b="4", c="5")
    work.change(c="6")
    work.git("merge", "--no-edit", "side", code=1)
    assert b"<<<<<<<" in work.path.read_bytes()


def test_both_sides_are_taken_from_git(work: Work) -> None:
    two_sides(work)
    before = work.path.read_bytes()
    for words in (("get", "a"), ("list",), ("set", "a")):
        ended = work.ops(*words, code=3, stdin=b"1")
        assert b"git marked a conflict here, `code-ops vault repair` settles it" in ended.stderr
    ended = work.ops("repair", code=1)
    assert ended.stdout.decode().splitlines() == [
        f"{work.path}: git has two sides, which merge with 1 conflict",
        "c: both sides set it, ours stays and theirs is c.theirs",
    ]
    assert work.path.read_bytes() == before
    work.ops("repair", "--accept", code=1)
    assert work.values() == {"a": "1", "b": "4", "c": "6", "c.theirs": "5"}
    work.ops("resolve", "c", "--theirs")
    work.commit("merged")
    assert work.values() == {"a": "1", "b": "4", "c": "5"}


def test_without_a_terminal_and_a_key_it_says_what_opens_it(work: Work) -> None:
    two_sides(work)
    ended = work.ops("repair", "--accept", code=3, CODE_OPS_VAULT_KEY="")
    assert b"it opens with the key deb007c3 (first); nothing was given" in ended.stderr


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_text_with_markers_is_taken_apart(work: Work, style: str) -> None:
    """Committed as it was, so that git knows no sides any more."""
    work.git("config", "merge.conflictStyle", style)
    two_sides(work)
    work.commit("with markers")
    ended = work.ops("repair", code=1)
    assert b"the text has two sides" in ended.stdout
    work.ops("repair", "--accept", code=1)
    expected = {"a": "1", "b": "4", "c": "6", "c.theirs": "5"}
    if style == "merge":
        # Nobody knows which side changed it.
        expected |= {"b": "2", "b.theirs": "4"}
    assert work.values() == expected


def test_sides_that_cannot_be_taken_apart(work: Work) -> None:
    """A slot that one side added is in both of the text, and belongs to one signature."""
    work.git("checkout", "--quiet", "-b", "side")
    with work.edit() as vault:
        vault.add_key("new", OTHER_KEY)
    work.commit("slot")
    work.git("checkout", "--quiet", "main")
    work.change(c="6")
    work.git("merge", "--no-edit", "side", code=1)
    work.commit("with markers")
    before = work.path.read_bytes()
    ended = work.ops("repair", "--accept", code=3)
    told = ended.stderr.decode().splitlines()
    assert told[0].endswith("; both sides cannot be merged")
    assert told[1].startswith("hint: after `code-ops vault git-setup`")
    assert work.path.read_bytes() == before


M = ("<<<<<<< x", "||||||| x", "=======", ">>>>>>> x")
# A text, and its base, ours and theirs.
TEXTS: list[tuple[tuple[str, ...], tuple[str, str, str]]] = [
    (("1", M[0], "2", M[2], "3", M[3], "4"), ("", "124", "134")),
    (("1", M[0], "2", M[1], "5", M[2], "3", M[3], "4"), ("154", "124", "134")),
    ((M[0], "2", M[2], M[3], "1", M[0], M[2], "3", M[3]), ("", "21", "13")),
    # One conflict without a base: none is known.
    ((M[0], "2", M[1], "0", M[2], M[3], M[0], M[2], "3", M[3]), ("", "2", "3")),
]


@pytest.mark.parametrize(("given", "expected"), TEXTS)
def test_texts_by_their_markers(given: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    forms = taken_apart("x", "".join(f"{line}\n" for line in given).encode())
    assert tuple(form.decode().replace("\n", "") for form in forms) == expected


@pytest.mark.parametrize(
    "given",
    [
        (M[0], "1"),
        (M[2],),
        (M[0], M[3]),
        (M[0], M[0], M[2], M[3]),
        (M[0], M[2], M[2], M[3]),
        (M[0], M[2], M[1], M[3]),
        (M[0], M[1], M[1], M[2], M[3]),
    ],
)
def test_markers_without_order(given: tuple[str, ...]) -> None:
    with pytest.raises(VaultError, match=r"x: .*conflict"):
        taken_apart("x", "".join(f"{line}\n" for line in given).encode())


def mixed(work: Work) -> None:
    """A vault with an older line put back, one added, one gone, and one of another vault."""
    old = work.path.read_text("ascii").splitlines()
    work.set(a="4", d="5")
    new = work.path.read_text("ascii").splitlines()
    other = Work(work.home / "other", work.home).init()
    foreign = other.path.read_text("ascii").splitlines()[4].replace("a ", "e ", 1)
    head, (_, _, c, d, _) = new[:4], new[4:]
    signed = old[-1]
    parts = [*head, old[4], c, d, foreign, new[-1]]
    assert signed != new[-1]
    work.path.write_text("\n".join(parts) + "\n", encoding="ascii")


FOUND = [
    "a: version 1 stands in the place of version 2, which was signed",
    "b: was signed and is gone",
    "e: was added and not signed; the line does not open",
]


def test_what_was_not_signed_is_shown_and_accepted(work: Work) -> None:
    mixed(work)
    before = work.path.read_bytes()
    ended = work.ops("repair", code=1)
    assert ended.stdout.decode().splitlines() == FOUND
    assert b"an older value that was put back looks the same" in ended.stderr
    refusals = [
        ((), b"what does not open is never accepted: --drop e"),
        (("a", "--drop", "e"), b"there are others to be settled: b"),
        (("a", "b", "c", "--drop", "e"), b"c: as signed, or not there"),
        (("--drop", "c"), b"c: as signed, or not there"),
    ]
    for words, message in refusals:
        ended = work.ops("repair", "--accept", *words, code=1)
        assert message in ended.stderr
        assert work.path.read_bytes() == before
    ended = work.ops("repair", "--accept", "--drop", "e", "a", "b")
    assert ended.stderr.decode().splitlines() == [
        "a: signed as it stands",
        "b: signed as it stands",
        "e: taken out",
    ]
    assert work.values() == {"a": "1", "c": "3", "d": "5"}


def test_usage(work: Work) -> None:
    for words in (("a",), ("--drop", "a")):
        assert b"go with --accept" in work.ops("repair", *words, code=2).stderr
    assert b"all is as it was signed" in work.ops("repair", "--accept").stderr


def test_a_head_that_was_changed_cannot_be_repaired(work: Work) -> None:
    text = work.path.read_text("ascii").splitlines()
    text.insert(2, "slot quantum label=x body=AAAA")
    work.path.write_text("\n".join(text) + "\n", encoding="ascii")
    before = work.path.read_bytes()
    for words in ((), ("--accept",)):
        ended = work.ops("repair", *words, code=1)
        told = ended.stderr.decode().splitlines()
        assert told[0].endswith("its hmac is wrong, which cannot be repaired")
        assert told[1].startswith("hint: `git checkout REV -- ")
    assert work.path.read_bytes() == before
