"""``code-ops vault`` on terminals: what is typed is hidden, and what an editor shows is wiped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import vault_reader
from vault_runs import (
    CHEAP,
    COMMAND,
    CREDENTIALS,
    KEY,
    KEY_TEXT,
    PASSPHRASE,
    SECRET,
    environment,
    made,
    runner,
)
from vault_terminal import WITHIN_SECONDS, Terminal

from code_ops import _engine
from code_ops.vault_file import edit_vault

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
BY_KEY = ("--key-file", "key")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Has a vault with a text, and after it nothing is left in memory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)
    if not os.path.isdir("/dev/shm"):
        pytest.skip("no /dev/shm here")
    memory = Path(tempfile.mkdtemp(dir="/dev/shm"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(memory))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, one=SECRET)
    yield tmp_path
    left = {path.name: path.read_bytes() for path in memory.iterdir()}
    shutil.rmtree(memory)
    # A second name that the editor gave to its file: what was in it is gone.
    assert left in ({}, {"link": bytes(len(SECRET) + 1)})


def stored(folder: Path) -> dict[str, bytes]:
    return vault_reader.read((folder / "secrets.vault").read_bytes(), "key", KEY)


def test_a_passphrase_and_a_value_are_typed_and_not_shown(tmp_path: Path) -> None:
    made_by = Terminal(tmp_path, "init", *CHEAP)
    made_by.answer("New passphrase: ", f"{PASSPHRASE}\n")
    made_by.answer("The same again: ", f"{PASSPHRASE}\n")
    assert made_by.end() == 0
    setting = Terminal(tmp_path, "set", "one")
    setting.answer("Passphrase of secrets.vault: ", f"{PASSPHRASE}\n")
    setting.answer("Value: ", f"{SECRET}ü\n")
    setting.answer("The same again: ", f"{SECRET}ü\n")
    assert setting.end() == 0
    assert setting.text().splitlines()[-1] == "one: added"
    getting = Terminal(tmp_path, "get", "one")
    getting.answer("Passphrase of secrets.vault: ", f"{PASSPHRASE}\n")
    assert getting.end() == 0
    assert getting.text().splitlines()[-1] == f"{SECRET}ü"
    for terminal in (made_by, setting):
        assert SECRET not in terminal.text()
        assert PASSPHRASE not in terminal.text()
    text = (tmp_path / "secrets.vault").read_bytes()
    assert vault_reader.read(text, "passphrase", PASSPHRASE.encode()) == {
        "one": f"{SECRET}ü".encode()
    }


@pytest.mark.parametrize(
    ("answers", "code", "error"),
    [
        (("wrong\n",), 3, "error: secrets.vault: no slot opens with what was given; it opens with"),
        (("\x04",), 2, "error: no passphrase was typed"),
        (("\x03",), 130, "error: interrupted"),
        ((f"{PASSPHRASE}\n", f"{SECRET}\n", "other\n"), 2, "error: what was typed as the value"),
        ((f"{PASSPHRASE}\n", "\n", "\n"), 2, "error: no value was typed"),
    ],
)
def test_prompts_end_well(tmp_path: Path, answers: tuple[str, ...], code: int, error: str) -> None:
    (tmp_path / "words").write_text(PASSPHRASE, encoding="ascii")
    runner(tmp_path)("init", "--passphrase-file", "words", *CHEAP)
    before = (tmp_path / "secrets.vault").read_bytes()
    terminal = Terminal(tmp_path, "set", "one")
    prompts = ("Passphrase of secrets.vault: ", "Value: ", "again: ")
    for prompt, answer in zip(prompts, answers, strict=False):
        terminal.answer(prompt, answer)
    assert terminal.end() == code
    assert error in terminal.text()
    assert SECRET not in terminal.text()
    assert (tmp_path / "secrets.vault").read_bytes() == before


def test_bytes_are_not_shown_on_a_terminal(folder: Path) -> None:
    with edit_vault(str(folder / "secrets.vault"), CREDENTIALS) as vault:
        vault.set("two", b"\xff\x1b")
    terminal = Terminal(folder, "get", "two", *BY_KEY)
    assert terminal.end() == 2
    assert "error: the value is no text: --output FILE" in terminal.text()


def test_a_list_on_a_terminal_is_a_table(folder: Path) -> None:
    terminal = Terminal(folder, "list")
    assert terminal.end() == 0
    assert re.sub("\x1b[^m]*m", "", terminal.text()).split()[:5] == [
        "NAME",
        "TYPE",
        "VERSION",
        "SET",
        "AGE",
    ]


# The editor's command in sh, with its file as $1; the value before and after.
EDITS: dict[str, tuple[str, str | bytes, bytes]] = {
    "a change": ("echo new > $1", "old", b"new"),
    "lines": ("printf 'a\\nb\\n' > $1", "old", b"a\nb"),
    "a line end is shown and not kept": (
        "test $(wc -l < $1) = 1 && echo more >> $1",
        "old",
        b"old\nmore",
    ),
    "a line end that was there stays": ("echo more >> $1", "old\n", b"old\nmore\n"),
    "bytes": ("printf '\\376' >> $1", b"\xff", b"\xff\xfe"),
    "a file that is replaced": ("echo new > $1.swp; mv $1.swp $1", "old", b"new"),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_edited_is_kept(folder: Path, name: str) -> None:
    script, before, after = EDITS[name]
    with edit_vault(str(folder / "secrets.vault"), CREDENTIALS) as vault:
        vault.set("one", before)
    ended = _edit(folder, script)
    assert (ended.returncode, ended.stderr) == (0, b"one: changed\n")
    assert stored(folder) == {"one": after}


def _edit(folder: Path, script: str, name: str = "one") -> subprocess.CompletedProcess[bytes]:
    editor = folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    editor.chmod(0o700)
    return runner(folder)("edit", name, *BY_KEY, env={"VISUAL": f"{editor}"})


UNCHANGED = {
    "nothing": ("true", 0, "one: unchanged"),
    "the same": ("cp $1 $1.bak; mv $1.bak $1", 0, "one: unchanged"),
    "the file is gone": ("rm $1", 0, "one: unchanged"),
    "the editor fails": ("echo new > $1; exit 3", 4, "error: the editor ended with exit code 3"),
    "the editor is killed": ("kill -9 $$", 4, "error: the editor ended with signal 9"),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_is_not_edited_writes_nothing(folder: Path, name: str) -> None:
    script, code, told = UNCHANGED[name]
    before = (folder / "secrets.vault").stat()
    ended = _edit(folder, script)
    assert ended.returncode == code
    assert ended.stderr.decode().startswith(told)
    assert (folder / "secrets.vault").stat().st_ino == before.st_ino


def test_a_new_name_is_made_by_edit(folder: Path) -> None:
    assert _edit(folder, "true", "two").stderr == b"two: unchanged\n"
    ended = _edit(folder, "echo new > $1", "two")
    assert (ended.returncode, ended.stderr) == (0, b"two: added\n")
    assert stored(folder) == {"one": SECRET.encode(), "two": b"new"}


def test_the_text_is_private_in_memory_and_wiped(folder: Path) -> None:
    script = f"""
cd "$(dirname $1)"
stat -c '%a %n' . $(basename $1) > {folder}/seen
stat -f -c %T . >> {folder}/seen
echo $TMPDIR >> {folder}/seen; pwd >> {folder}/seen; ulimit -c >> {folder}/seen
cp $1 .one.swp; mkdir deep; cp $1 deep/one~
ln deep/one~ ../link
ln -s {folder}/key deep/key
echo new > $1"""
    assert _edit(folder, script).stderr == b"one: changed\n"
    seen = (folder / "seen").read_text("ascii").splitlines()
    assert (Path(os.environ["XDG_RUNTIME_DIR"]) / "link").exists()
    assert seen[:3] == ["700 .", "600 one", "tmpfs"]
    assert seen[3] == seen[4]
    assert seen[5] == "0"
    assert not Path(seen[4]).exists()
    # What a link leads to is not the editor's.
    assert (folder / "key").read_text("ascii") == KEY_TEXT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_ends_the_editor_and_wipes(folder: Path, number: int) -> None:
    editor = folder / "editor"
    editor.write_text(
        f"#!/bin/sh\necho new > $1\necho $$ $1 > {folder}/seen.new\n"
        f"mv {folder}/seen.new {folder}/seen\nexec sleep 60\n",
        encoding="utf-8",
    )
    editor.chmod(0o700)
    with subprocess.Popen(
        [COMMAND, "vault", "edit", "one", *BY_KEY],
        cwd=folder,
        env=environment(folder, VISUAL=str(editor)),
        stderr=subprocess.PIPE,
    ) as process:
        pid, path = _seen(folder)
        process.send_signal(number)
        assert process.communicate(timeout=WITHIN_SECONDS)[1] == b"error: interrupted\n"
        assert process.returncode == 130
    assert not os.path.exists(path)
    assert not os.path.exists(f"/proc/{pid}")
    assert stored(folder) == {"one": SECRET.encode()}


def test_ctrl_c_is_the_editors(folder: Path) -> None:
    editor = folder / "editor"
    editor.write_text(
        f"#!/bin/sh\ntrap 'echo new > $1; exit 0' INT\necho $$ $1 > {folder}/seen.new\n"
        f"mv {folder}/seen.new {folder}/seen\nwhile :; do sleep 0.1; done\n",
        encoding="utf-8",
    )
    editor.chmod(0o700)
    terminal = Terminal(folder, "edit", "one", *BY_KEY, VISUAL=str(editor))
    _seen(folder)
    os.write(terminal.leader, b"\x03")
    assert terminal.end() == 0
    assert stored(folder) == {"one": b"new"}


def _seen(folder: Path) -> tuple[int, str]:
    """What the editor writes once it runs: its number and its file."""
    end = time.monotonic() + WITHIN_SECONDS
    while not (folder / "seen").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    number, path = (folder / "seen").read_text("ascii").split()
    return int(number), path


@pytest.mark.parametrize("script", ["set one --key-file key", "rm one --key-file key"])
def test_a_change_meanwhile_is_not_overwritten(folder: Path, script: str) -> None:
    """Nobody waits for an editor, so others can write while it runs."""
    ended = _edit(folder, f"echo other | {COMMAND} vault {script} -q || exit 9\necho mine > $1")
    assert ended.returncode == 1
    assert b"error: one: somebody else changed it meanwhile; nothing is written" in ended.stderr
    assert stored(folder) == ({"one": b"other"} if script.startswith("set") else {})


@pytest.mark.parametrize(("answer", "code", "kept"), [("y", 0, b"mine, other"), ("n", 1, b"other")])
def test_on_a_terminal_the_text_is_not_lost(
    folder: Path, answer: str, code: int, kept: bytes
) -> None:
    editor = folder / "editor"
    editor.write_text(
        "#!/bin/sh\n"
        f'if test -e $1.theirs; then echo "$(cat $1), $(cat $1.theirs)" > $1; exit; fi\n'
        f"printf other | {COMMAND} vault set one --key-file key -q; echo mine > $1\n",
        encoding="utf-8",
    )
    editor.chmod(0o700)
    terminal = Terminal(folder, "edit", "one", *BY_KEY, VISUAL=str(editor))
    terminal.wait("[Y/n]: ")
    os.write(terminal.leader, f"{answer}\n".encode())
    assert terminal.end() == code
    assert "somebody else changed it meanwhile; nothing is written" in terminal.text()
    assert stored(folder) == {"one": kept}


def test_nobody_edits_what_cannot_be_written(folder: Path) -> None:
    path = folder / "secrets.vault"
    script = f"touch {folder}/edited; echo new > $1"
    assert _edit(folder, script, "a b").returncode == 2
    old = path.read_bytes()
    assert runner(folder)("set", "one", *BY_KEY, stdin=b"2").returncode == 0
    later = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(old)
    ended = _edit(folder, script)
    assert ended.returncode == 1
    assert ended.stderr.endswith(b"an old file was put back; --accept-older changes it\n")
    path.write_bytes(b"".join([*later[:-2], old.splitlines(keepends=True)[-2], later[-1]]))
    ended = _edit(folder, script)
    assert ended.returncode == 1
    assert b"the vault is not the one that was signed: one: version 1" in ended.stderr
    assert not (folder / "edited").exists()


def test_without_memory_the_disk_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from code_ops.cli import vault_editor
    from code_ops.cli.parameters import InputError

    monkeypatch.setattr(vault_editor, "_MEMORY_KINDS", ("none",))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with (
        pytest.raises(InputError, match="--allow-disk"),
        vault_editor.private_folder("memory only"),
    ):
        pytest.fail("there was a folder")
    with vault_editor.private_folder("disk allowed") as place:
        assert os.path.dirname(place) == str(folder)
    assert not os.path.exists(place)


def test_vim_is_told_to_leave_no_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from code_ops.cli.vault_editor import editor_words

    (tmp_path / "vim.basic").write_text("#!/bin/sh\n", encoding="ascii")
    (tmp_path / "vim.basic").chmod(0o700)
    (tmp_path / "vi").symlink_to("vim.basic")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert editor_words()[:4] == ["vi", "-n", "-i", "NONE"]
