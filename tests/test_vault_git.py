"""``git-setup`` and ``textconv``: git shows vaults by their secrets, and nothing that is sealed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vault_repositories import MARKS, Work, repository, sealed_in
from vault_runs import COMMAND

from code_ops.errors import VaultError
from code_ops.vault_conflicts import taken_apart
from code_ops.vault_history import who_opens
from code_ops.vault_text import vault_text

pytestmark = MARKS
LINE = "*.vault -text diff=code-ops-vault merge=code-ops-vault"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return repository(tmp_path)


def attributes(work: Work) -> str:
    return (work.folder / ".gitattributes").read_text("utf-8")


def changed(output: bytes) -> list[str]:
    """The lines that a diff adds or takes away, without what is sealed."""
    lines = output.decode().splitlines()
    found = [line for line in lines if line and line[0] in "+-" and line[:3] not in ("+++", "---")]
    return [line.split(" sealed ")[0] for line in found]


def test_diffs_name_secrets_and_show_nothing_sealed(work: Work) -> None:
    work.set(a="hunter2", b=None, d="hunter3")
    outputs = [work.git("diff").stdout]
    work.commit("second")
    outputs += [work.git("show").stdout, work.git("log", "-p", "-1").stdout]
    date = work.path.read_text("ascii").splitlines()[4].split()[2]
    expected = [
        f"-a 1 {date} text",
        f"-b 1 {date} text",
        f"+a 2 {date} text",
        f"+d 1 {date} text",
        "-generation 4",
        "+generation 7",
    ]
    for output in outputs:
        assert sorted(changed(output)) == sorted(expected)
        assert sealed_in(output) == []
    work.git("stash", "list")
    assert sealed_in(work.git("log", "-p").stdout) == []
    assert b"slot key kid=deb007c3 label=first" in work.git("log", "-p").stdout
    # The test can fail: without the setting the sealed values stand there.
    assert sealed_in(work.git("log", "-p", "--no-textconv").stdout) != []


def test_nothing_is_cached_in_the_repository(work: Work) -> None:
    work.git("log", "-p")
    assert work.git("for-each-ref", "refs/notes").stdout == b""


def test_setup_keeps_what_is_there_and_is_idempotent(tmp_path: Path) -> None:
    work = Work(tmp_path / "work", tmp_path).init()
    before = "# ours\n*.png binary\n*.sh text eol=lf"
    (work.folder / ".gitattributes").write_text(before, encoding="utf-8")
    work.git("config", "core.hooksPath", "hooks")
    ended = work.ops("git-setup", code=0)
    assert b"commit .gitattributes" in ended.stderr
    assert attributes(work) == f"{before}\n{LINE}\n"
    config = (work.folder / ".git" / "config").read_bytes()
    assert work.ops("git-setup").stderr == b"nothing to do\n"
    assert attributes(work) == f"{before}\n{LINE}\n"
    assert (work.folder / ".git" / "config").read_bytes() == config
    assert work.git("config", "core.hooksPath").stdout == b"hooks\n"
    work.ops("git-setup", "--remove")
    assert attributes(work) == f"{before}\n"
    left = work.git("config", "--list").stdout
    assert b"code-ops" not in left
    assert b"core.hookspath=hooks" in left
    assert work.ops("git-setup", "--remove").stderr == b"nothing to do\n"


def test_a_link_in_the_place_of_attributes_is_not_followed(work: Work, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine\n", encoding="utf-8")
    (work.folder / ".gitattributes").unlink()
    (work.folder / ".gitattributes").symlink_to(tmp_path / "outside")
    for words in ((), ("--remove",)):
        assert b"is a link, which git does not read" in work.ops("git-setup", *words, code=4).stderr
    assert (tmp_path / "outside").read_text("utf-8") == "mine\n"


def test_a_file_of_attributes_that_was_ours_alone_goes(work: Work) -> None:
    work.ops("git-setup", "--remove")
    assert not (work.folder / ".gitattributes").exists()


def test_a_check_tells_what_is_missing(work: Work, tmp_path: Path) -> None:
    ended = work.ops("git-setup", "--check")
    assert (ended.stdout, ended.stderr) == (b"", b"git shows and merges vaults by their secrets\n")
    # A clone has the attributes and not the settings.
    clone = Work(tmp_path / "clone", tmp_path)
    work.git("clone", "--quiet", str(work.folder), str(clone.folder))
    told = clone.ops("git-setup", "--check", code=1).stdout.decode().splitlines()
    assert [line.split()[2] for line in told] == [
        "diff.code-ops-vault.textconv",
        "diff.code-ops-vault.cachetextconv",
        "merge.code-ops-vault.name",
        "merge.code-ops-vault.driver",
    ]
    clone.ops("git-setup")
    clone.ops("git-setup", "--check")
    (work.folder / ".gitattributes").write_text(f"{LINE}\n*.vault !merge\n", encoding="utf-8")
    told = work.ops("git-setup", "--check", code=1).stdout.decode().splitlines()
    assert told == ["secrets.vault: .gitattributes gives it no merge=code-ops-vault"]
    work.git("config", "merge.code-ops-vault.driver", "/nowhere/code-ops vault merge -- %O %A %B")
    told = work.ops("git-setup", "--check", code=1).stdout.decode().splitlines()
    assert told[1:] == [
        "git config merge.code-ops-vault.driver: there is no program /nowhere/code-ops"
    ]


def test_other_patterns(work: Work) -> None:
    work.ops("git-setup", "deploy/*.secrets", "my vault.txt")
    assert attributes(work).splitlines()[1:] == [
        "deploy/*.secrets -text diff=code-ops-vault merge=code-ops-vault",
        '"my vault.txt" -text diff=code-ops-vault merge=code-ops-vault',
    ]
    for name in ("deploy/prod.secrets", "my vault.txt"):
        told = work.git("check-attr", "merge", "--", name).stdout.decode()
        assert told.endswith("merge: code-ops-vault\n")
    work.ops("git-setup", "--check", "deploy/*.secrets", "my vault.txt")


def test_global_settings_serve_every_repository(tmp_path: Path) -> None:
    work = Work(tmp_path / "work", tmp_path).init()
    work.env["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    work.ops("git-setup", "--global")
    work.ops("git-setup", "--global", "--check")
    work.ops("git-setup", "--check")
    work.commit("first")
    assert not (work.folder / ".gitattributes").exists()
    output = work.git("log", "-p").stdout
    assert (b"+a 1 " in output, sealed_in(output)) == (True, [])
    work.ops("git-setup", "--global", "--remove")
    assert not (tmp_path / "config" / "git" / "attributes").exists()
    assert b"code-ops" not in (tmp_path / "gitconfig").read_bytes()


def test_outside_of_a_repository(tmp_path: Path) -> None:
    work = Work(tmp_path / "folder", tmp_path)
    work.folder.mkdir()
    ended = work.ops("git-setup", code=4, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert b"not a git repository" in ended.stderr
    ended = work.ops("git-setup", code=4, PATH="/nowhere")
    assert ended.stderr == b"error: git is not installed\n"


def test_the_program_has_its_whole_path_and_any_name(tmp_path: Path) -> None:
    """As for an editor that runs git with another path, and a program under a strange one."""
    folder = tmp_path / 'it\'s 100% "mine"'
    folder.mkdir()
    program = folder / "code ops"
    program.write_text(f'#!/bin/sh\nexec {COMMAND} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    work = Work(tmp_path / "work", tmp_path).init()
    work.ops("git-setup", "--program", str(program), "--key-file", str(tmp_path / "key"))
    work.commit("first")
    work.branch("side", a="4")
    work.change(b="5")
    work.env |= {"PATH": "/usr/bin:/bin", "CODE_OPS_VAULT_KEY": ""}
    assert sealed_in(work.git("log", "-p").stdout) == []
    work.git("merge", "--quiet", "--no-edit", "side")
    assert work.values() == {"a": "4", "b": "5", "c": "3"}


def test_a_program_on_the_path(work: Work) -> None:
    work.ops("git-setup", "--program", "code-ops")
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
    assert sealed_in(work.git("log", "-p", PATH=path).stdout) == []


def test_a_worktree_is_of_the_same_repository(work: Work, tmp_path: Path) -> None:
    work.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "other"))
    other = Work(tmp_path / "other", tmp_path)
    other.ops("git-setup", "--check")
    other.change(a="4")
    work.change(b="5")
    other.git("merge", "--quiet", "--no-edit", "main")
    assert other.values() == {"a": "4", "b": "5", "c": "3"}


# Files that are no whole vault, and what is shown of them.
def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


OTHERS = {
    "nothing": (b"", b""),
    "another text": (b"$ANSIBLE_VAULT;1.1\nabc\n", b"$ANSIBLE_VAULT;1.1\nabc\n"),
    "bytes": (b"\xff\0", f"no vault: 2 bytes, digest {digest(bytes([255, 0]))}\n".encode()),
    "a newer format": (b"code-ops-vault/2\n", b"code-ops-vault/2\n"),
    "a strange line": (
        b"code-ops-vault/1\npassword: hunter2\n",
        b"code-ops-vault/1\nno line of a vault: 17 bytes, digest %s\n"
        % digest(b"password: hunter2").encode(),
    ),
    "markers": (
        b"<<<<<<< main\na 1 2026-11-20 text AAAA\n=======\nb 1 2026-11-20 bytes BBBB\n>>>>>>> x\n",
        "<<<<<<< main\na 1 2026-11-20 text sealed {}\n=======\nb 1 2026-11-20 bytes sealed {}\n"
        ">>>>>>> x\n".format(
            digest(b"a 1 2026-11-20 text AAAA"), digest(b"b 1 2026-11-20 bytes BBBB")
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_whole_vault_is_shown_as_it_is(work: Work, name: str) -> None:
    content, expected = OTHERS[name]
    work.path.write_bytes(content)
    ended = work.ops("textconv", str(work.path))
    assert (ended.stdout, ended.stderr) == (expected, b"")
    work.git("diff")
    work.commit("strange")
    work.git("log", "-p")


def test_a_file_that_cannot_be_read_is_told_in_the_text(work: Work) -> None:
    ended = work.ops("textconv", "nowhere")
    assert ended.stdout == b"unreadable: nowhere: no such file or directory\n"
    assert work.ops("textconv", ".").stdout == b"unreadable: .: is a directory\n"


def test_a_text_needs_no_native_engine(work: Work) -> None:
    ended = work.ops("textconv", str(work.path), CODE_OPS_ENGINE="python")
    assert ended.stdout.startswith(b"code-ops-vault/1\nid ")


def test_a_reader_that_goes_away(work: Work) -> None:
    work.path.write_bytes(work.path.read_bytes() * 1000)
    ended = subprocess.run(
        f"{COMMAND} vault textconv {work.path} | head -1",
        shell=True,
        capture_output=True,
        env=work.env,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == (b"code-ops-vault/1\n", b"")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("git-setup", "program"),
        ("git-setup", "remove"),
        ("repair", "accept"),
        ("resolve", "theirs"),
    ],
)
def test_what_settings_may_not_say(work: Work, command: str, option: str) -> None:
    """A file that comes with a project neither makes git run something nor signs anything."""
    settings = f'[vault.{command}]\n{option} = "touch run"\n'
    (work.folder / "code-ops.toml").write_text(settings, encoding="ascii")
    ended = work.ops(command, code=2)
    assert b"is given on the command line only" in ended.stderr


_LINES = st.sampled_from(
    [
        b"code-ops-vault/1",
        b"id " + b"a" * 26,
        b"slot key kid=deb007c3 label=ci body=" + b"QUJD" * 20,
        b"slot passphrase m=8,t=1,p=1 salt=" + b"QUJD" * 20 + b" label=x body=" + b"QUJD" * 20,
        b"hmac " + b"QUJD" * 20,
        b"a 1 2026-11-20 text " + b"QUJD" * 20,
        b"a 1 2026-11-20 text " + b"QUJD" * 20 + b" more",
        b"manifest 1 " + b"QUJD" * 20,
        b"<<<<<<< " + b"x" * 2000,
        b"=======",
        b">>>>>>> x",
    ]
)


@settings(max_examples=300)
@given(st.lists(st.one_of(_LINES, st.binary(max_size=40)), max_size=12))
def test_any_text_is_shown_without_what_is_sealed(given_lines: list[bytes]) -> None:
    content = b"\n".join([b"code-ops-vault/1", *given_lines])
    shown = b"".join(vault_text(io.BytesIO(content), len(content)))
    assert b"QUJDQUJD" not in shown
    assert shown.count(b"\n") == content.count(b"\n") + (not content.endswith(b"\n"))
    # What else is read of any text is read, or refused in words.
    who_opens(content)
    with contextlib.suppress(VaultError):
        taken_apart("x", content)
