"""What comes with somebody's project, or from somebody who may not open a vault: files of settings,
old vaults in branches, words for a terminal, names that run other programs.
"""

from __future__ import annotations

import lzma
import os
import subprocess
import zlib
from pathlib import Path

import pytest
from vault_repositories import MARKS, Work, repository
from vault_runs import COMMAND, CREDENTIALS, KEY_TEXT, Run, environment, made, runner

from code_ops.vault_file import Credentials, edit_vault

pytestmark = MARKS
BY_KEY = ("--key-file", "key")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands in a folder with a vault and its key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, a="hunter2")
    return runner(tmp_path)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return repository(tmp_path)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("init", "--vault", "new.vault"), "key-file"),
        (("init", "--vault", "new.vault"), "passphrase-file"),
        (("encrypt", "plain"), "key-file"),
        (("encrypt", "plain"), "passphrase-file"),
        (("recipients", "add", "evil", *BY_KEY), "new-key"),
        (("recipients", "add", "evil", *BY_KEY), "new-passphrase-file"),
    ],
)
def test_a_project_s_settings_let_nobody_in(
    tmp_path: Path, run: Run, words: tuple[str, ...], option: str
) -> None:
    """A key that comes with the project is known to all who have the project."""
    (tmp_path / "plain").write_bytes(b"plain")
    (tmp_path / "evil").write_text(KEY_TEXT, encoding="ascii")
    table = ".".join(["vault", *(word for word in words[:2] if word in ("recipients", "add"))])
    table += "" if "recipients" in words else f".{words[0]}"
    (tmp_path / "code-ops.toml").write_text(f'[{table}]\n{option} = "evil"\n', encoding="ascii")
    ended = run(*words)
    assert ended.returncode == 2
    assert b"is given on the command line only" in ended.stderr


def test_an_editor_gets_no_key(tmp_path: Path, run: Run) -> None:
    show = tmp_path / "editor"
    show.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n", encoding="utf-8")
    show.chmod(0o700)
    env = {"EDITOR": str(show), "VISUAL": "", "CODE_OPS_VAULT_KEY": KEY_TEXT}
    assert run("edit", "a", env=env).returncode == 0
    seen = (tmp_path / "seen").read_text("utf-8")
    assert "EDITOR=" in seen
    assert KEY_TEXT not in seen


@pytest.mark.parametrize("words", [("audit",), ("audit", "secrets.vault"), ("scan", "--history")])
def test_git_starts_nothing_that_a_repository_names(work: Work, words: tuple[str, ...]) -> None:
    hook = work.home / "hook"
    hook.write_text(f"#!/bin/sh\nenv > {work.home}/seen\n", encoding="utf-8")
    hook.chmod(0o700)
    work.git("config", "core.fsmonitor", str(hook))
    work.git("status")
    # It would be started.
    (work.home / "seen").unlink()
    work.ops(*words, code=None)
    assert not (work.home / "seen").exists()


def test_a_secret_does_not_choose_what_runs(tmp_path: Path, run: Run) -> None:
    """Neither the program itself, nor what it loads, unless it is asked for by its name."""
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "true").write_text("#!/bin/sh\necho evil\n", encoding="ascii")
    (evil / "true").chmod(0o700)
    with edit_vault(str(tmp_path / "secrets.vault"), CREDENTIALS) as vault:
        vault.set("PATH", str(evil))
        vault.set("ld/preload", "evil.so")
        vault.set("TOKEN", "hunter22")
    ended = run("exec", *BY_KEY, "--", "true")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ended.stderr.decode().splitlines() == [
        f"warning: {name}: left out: {variable} makes programs run other code; "
        f"--env {variable}={name} gives it"
        for variable, name in (("LD_PRELOAD", "ld/preload"), ("PATH", "PATH"))
    ]
    named = run("exec", *BY_KEY, "--no-redact", "--env", "PATH=PATH", "--", "true")
    assert named.stdout == b"evil\n"


def test_a_key_command_does_not_start_itself(run: Run) -> None:
    env = {"CODE_OPS_VAULT_KEY_CMD": f"{COMMAND} vault get a"}
    ended = run("get", "a", env=env)
    assert ended.returncode == 3
    assert b"failed with exit code 3" in ended.stderr


@pytest.mark.parametrize("name", ["b/..", "b/.", "b/"])
def test_any_name_can_be_edited(tmp_path: Path, run: Run, name: str) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho new > "$1"\n', encoding="ascii")
    editor.chmod(0o700)
    ended = run("edit", name, *BY_KEY, env={"EDITOR": str(editor), "VISUAL": ""})
    assert ended.stderr.decode() == f"{name}: added\n"


def test_a_pipe_that_is_cut_is_a_failure(tmp_path: Path, run: Run) -> None:
    """Exit 0 says that all of it has verified, or that all of it was sealed."""
    (tmp_path / "plain").write_bytes(bytes(8 << 20))
    run("encrypt", "plain", *BY_KEY)
    for words in (("decrypt", "plain.sealed", "-o", "-"), ("encrypt", "plain", "-o", "-")):
        with subprocess.Popen(
            [COMMAND, "vault", *words, *BY_KEY],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            told = process.stderr.read()
        assert process.returncode == 4
        assert told.endswith(b"error: standard output: closed before all was written\n")


def test_a_vault_moves_no_cursor(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "secrets.vault"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"slot key", b"slot \x1b]0;evil\x07 x\nslot key", 1))
    for words in (("recipients", "list"), ("list",), ("get", "a", *BY_KEY), ("audit",)):
        for form in ((), ("--format", "csv")) if words[0] != "get" else ((),):
            ended = run(*words, *form)
            assert ended.returncode != 0
            assert b"\x1b" not in ended.stdout + ended.stderr


def test_a_vault_of_the_history_moves_no_cursor(work: Work) -> None:
    now = work.path.read_bytes()
    line = b"slot age recipient=age1\x1b]0;evil\x07 label=x body=AAAA\nslot key"
    work.path.write_bytes(now.replace(b"slot key", line, 1))
    work.commit("evil")
    work.path.write_bytes(now)
    work.commit("as before")
    for form in ("table", "csv", "json"):
        assert b"\x1b" not in work.ops("audit", "--format", form, code=None).stdout


def test_a_packed_file_does_not_choose_how_much_memory_it_takes(tmp_path: Path, run: Run) -> None:
    packed = bytearray(lzma.compress(b"hunter2 " * 1000))
    name = tmp_path / "log.xz"
    name.write_bytes(packed)
    assert b"log.xz:1:1: a" in run("scan", "log.xz", "--format", "text", *BY_KEY).stdout
    # The block's header: its size, flags, LZMA2, one byte for the dictionary, which is 4 GiB now.
    size = (packed[12] + 1) * 4
    assert packed[14:16] == b"\x21\x01"
    packed[16] = 40
    packed[12 + size - 4 : 12 + size] = zlib.crc32(packed[12 : 12 + size - 4]).to_bytes(4, "little")
    name.write_bytes(packed)
    ended = run("scan", "log.xz", *BY_KEY)
    assert ended.returncode == 3
    assert b"memory" in ended.stderr


def removed(work: Work) -> bytes:
    """A commit after which somebody cannot open the vault any more; the file before it."""
    with work.edit() as vault:
        vault.add_key("gone", bytes(32))
    work.commit("gone is let in")
    before = work.path.read_bytes()
    work.ops("recipients", "remove", "gone")
    work.commit("gone is removed")
    return before


def test_who_was_removed_does_not_come_back_by_a_merge(work: Work) -> None:
    """Nobody needs a key to commit an old file in a branch."""
    before = removed(work)
    work.git("checkout", "--quiet", "-b", "side")
    work.path.write_bytes(before)
    work.commit("an old file")
    work.git("checkout", "--quiet", "main")
    work.change(new="secret")
    now = work.path.read_bytes()
    # Also where nothing is remembered.
    elsewhere = str(work.home / "elsewhere")
    ended = work.git("merge", "--no-edit", "side", code=1, XDG_STATE_HOME=elsewhere)
    assert b"an old file was put back" in ended.stderr
    assert work.path.read_bytes() == now


def test_a_merge_tells_what_is_taken_of_a_side_that_needs_a_look(work: Work) -> None:
    old = work.path.read_bytes()
    work.change(a="2")
    work.git("checkout", "--quiet", "-b", "side")
    work.path.write_bytes(old)
    work.commit("an old file")
    work.git("checkout", "--quiet", "main")
    work.change(b="3")
    ended = work.git("merge", "--no-edit", "side")
    assert b"warning: secrets.vault: theirs is of generation" in ended.stderr
    work.git("reset", "--quiet", "--hard", "HEAD~")
    work.git("checkout", "--quiet", "-b", "rotated", "main~")
    work.ops("rotate", "--accept-older")
    work.commit("rotated")
    work.git("checkout", "--quiet", "main")
    work.ops("set", "c", "--accept-older", stdin=b"4")
    work.commit("c")
    ended = work.git("merge", "--no-edit", "rotated")
    told = "theirs has a new data key, which is taken with its slots: first"
    assert f"warning: secrets.vault: {told}\n" in ended.stderr.decode()


def test_a_branch_s_own_file_is_changed_with_a_warning(work: Work) -> None:
    work.branch("side", a="2")
    work.change(b="3")
    work.change(b="4")
    assert work.ops("set", "c", stdin=b"5").stderr == b"c: changed\n"
    work.commit("c")
    work.git("checkout", "--quiet", "side")
    ended = work.ops("set", "c", stdin=b"6")
    warning, told = ended.stderr.decode().splitlines()
    assert warning.startswith("warning: ")
    assert warning.endswith("which was seen before, and is this branch's latest")
    assert told == "c: changed"
    assert work.ops("set", "b", stdin=b"7").stderr == b"b: changed\n"


@pytest.mark.parametrize("way", ["committed", "checked out", "changed", "shallow"])
def test_an_old_file_of_the_same_branch_is_refused(work: Work, way: str) -> None:
    """A commit of it, which needs no key, makes it no newer."""
    work.change(a="2")
    work.change(a="3")
    work.git("checkout", "--quiet", "HEAD~", "--", work.vault)
    if way == "committed":
        work.commit("an old file")
    if way == "changed":
        work.git("checkout", "--quiet", "-b", "side", "HEAD~")
        work.path.write_bytes(work.git("show", f"HEAD~:{work.vault}").stdout)
    if way == "shallow":
        work.commit("an old file")
        shallow = work.home / "shallow"
        work.git("clone", "--quiet", "--depth=1", f"file://{work.folder}", os.fspath(shallow))
        work = Work(shallow, work.home)
    ended = work.ops("set", "b", code=1, stdin=b"4")
    assert ended.stderr.endswith(b"an old file was put back; --accept-older changes it\n")


def test_a_data_key_that_was_replaced_is_told_whatever_the_generation(work: Work) -> None:
    """Who was removed has it, and signs with it what they like."""
    before = removed(work)
    later = work.path.read_bytes()
    work.path.write_bytes(before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(work.home / "of somebody else"))
        for number in range(9):
            with edit_vault(str(work.path), Credentials([bytes(32)])) as vault:
                vault.set("a", str(number))
    work.commit("by who was removed")
    told = b"its data key is one that was replaced"
    # Nor by a merge, from either side.
    work.git("checkout", "--quiet", "-b", "side", "HEAD~")
    work.path.write_bytes(later)
    work.change(c="4")
    later = work.path.read_bytes()
    for ours, theirs in (("main", "side"), ("side", "main")):
        work.git("checkout", "--quiet", ours)
        assert told in work.git("merge", "--no-edit", theirs, code=1).stderr
        work.git("merge", "--abort")
    work.git("checkout", "--quiet", "main")
    assert told in work.ops("get", "a").stderr
    for words in (("set", "b"), ("rm", "b"), ("rotate",)):
        ended = work.ops(*words, code=1, stdin=b"new")
        assert told in ended.stderr
        assert b"--accept-older" in ended.stderr
    # It has left no trace in what is remembered.
    work.path.write_bytes(later)
    assert work.ops("set", "b", stdin=b"3").stderr == b"b: changed\n"
    work.path.write_bytes(before)
    work.ops("set", "b", "--accept-older", stdin=b"4")
    assert work.ops("set", "b", stdin=b"5").stderr == b"b: changed\n"
