"""``code-ops vault encrypt`` and ``decrypt`` as programs: files, pipes, keys, mistakes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import sealed_file_reader
from vault_runs import CHEAP, COMMAND, KEY, KEY_TEXT, Run, environment, leftovers, runner
from vault_samples import text
from vault_terminal import Terminal

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
BY_KEY = ("--key-file", "key")
TEXT = b"CREATE TABLE users;\n"
LABEL = "key-deb007c3"
MIB = 1 << 20


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands in a folder with a file ``dump`` and a ``key``."""
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "dump").write_bytes(TEXT)
    return runner(tmp_path)


def said(ended: subprocess.CompletedProcess[bytes]) -> str:
    return ended.stderr.decode()


def content(path: Path, label: str = LABEL, secret: bytes = KEY) -> bytes:
    return sealed_file_reader.read(path.read_bytes(), label, secret)


def test_there_and_back(tmp_path: Path, run: Run) -> None:
    ended = run("encrypt", "dump", *BY_KEY)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert said(ended) == "dump.sealed: sealed, opens with the key deb007c3\n"
    assert content(tmp_path / "dump.sealed") == TEXT
    (tmp_path / "dump").unlink()
    ended = run("decrypt", "dump.sealed", *BY_KEY)
    assert (ended.returncode, ended.stdout, said(ended)) == (0, b"", "dump: opened\n")
    assert (tmp_path / "dump").read_bytes() == TEXT
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o600
    assert leftovers(tmp_path) == []
    (tmp_path / "dump").chmod(0o644)
    ended = run("decrypt", "dump.sealed", "--replace", *BY_KEY)
    told = "dump: opened\nwarning: dump: others can read this file, which was there before\n"
    assert (ended.returncode, said(ended)) == (0, told)


@pytest.mark.parametrize("length", [0, 1, 16_384, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB])
def test_pipes_of_any_length(tmp_path: Path, run: Run, length: int) -> None:
    data = text(length)
    ended = run("encrypt", "-", *BY_KEY, stdin=data)
    assert (ended.returncode, said(ended)) == (0, "")
    (tmp_path / "piped").write_bytes(ended.stdout)
    assert content(tmp_path / "piped") == data
    ended = run("decrypt", "-", *BY_KEY, stdin=ended.stdout)
    assert (ended.returncode, said(ended)) == (0, "")
    assert ended.stdout == data
    ended = run("encrypt", "-", "-o", "sealed", *BY_KEY, "--quiet", stdin=data)
    assert (ended.returncode, said(ended), content(tmp_path / "sealed")) == (0, "", data)
    ended = run("decrypt", "sealed", "-o", "-", *BY_KEY)
    assert (ended.returncode, ended.stdout == data) == (0, True)


def test_a_folder_through_tar(tmp_path: Path, run: Run) -> None:
    """As the help has it, through the programs themselves."""
    assert run("--help").returncode == 0
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one").write_bytes(text(3 * MIB))
    script = f"""
set -e -o pipefail
tar c data | {COMMAND} vault encrypt - -o data.tar.sealed --key-file key
mv data before
{COMMAND} vault decrypt data.tar.sealed -o - --key-file key | tar x
"""
    words = ["bash", "-c", script]
    subprocess.run(words, cwd=tmp_path, env=environment(tmp_path), check=True, timeout=60)
    assert (tmp_path / "data" / "one").read_bytes() == text(3 * MIB)


def test_standard_output_is_written_where_it_stands(tmp_path: Path, run: Run) -> None:
    run("encrypt", "dump", *BY_KEY)
    with (tmp_path / "log").open("wb") as log:
        log.write(b"before\n")
        log.flush()
        subprocess.run(
            [COMMAND, "vault", "decrypt", "dump.sealed", "-o", "-", *BY_KEY],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=log,
            check=True,
        )
        log.seek(0, os.SEEK_END)
        log.write(b"after\n")
    assert (tmp_path / "log").read_bytes() == b"before\n" + TEXT + b"after\n"


def test_a_reader_that_goes_away_gets_a_part_and_no_success(tmp_path: Path, run: Run) -> None:
    (tmp_path / "dump").write_bytes(text(3 * MIB))
    run("encrypt", "dump", *BY_KEY)
    script = f"{COMMAND} vault decrypt dump.sealed -o - --key-file key | head -c 10 >/dev/null"
    ended = subprocess.run(
        ["bash", "-c", f"{script}; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=True,
    )
    told = b"error: standard output: closed before all was written\n"
    assert (ended.stdout, ended.stderr) == (b"4\n", told)


@pytest.mark.parametrize("cut", [1, 3 * MIB])
def test_a_stream_that_was_cut(tmp_path: Path, run: Run, cut: int) -> None:
    """What was verified comes out, and then it is said that it is not all."""
    data = text(20 * MIB)
    (tmp_path / "dump").write_bytes(data)
    run("encrypt", "dump", *BY_KEY)
    sealed = (tmp_path / "dump.sealed").read_bytes()[:-cut]
    ended = run("decrypt", "-", *BY_KEY, stdin=sealed)
    assert (ended.returncode, len(ended.stdout)) == (1, 16 * MIB)
    assert data.startswith(ended.stdout)
    assert said(ended) == (
        "error: standard input: the content was changed or cut; what was written to standard "
        "output is not all of it\n"
    )
    (tmp_path / "cut.sealed").write_bytes(sealed)
    ended = run("decrypt", "cut.sealed", *BY_KEY)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert said(ended) == (
        "error: cut.sealed: the content was changed or cut; cut was not written\n"
    )
    assert not (tmp_path / "cut").exists()


def test_each_key_and_passphrase_that_is_given(tmp_path: Path, run: Run) -> None:
    (tmp_path / "word").write_text("correct horse\n", encoding="ascii")
    other = bytes(range(1, 33))
    from code_ops.vault_keys import key_id, key_text

    env = {"CODE_OPS_VAULT_KEY": key_text(other)}
    words = ("--passphrase-file", "word", *CHEAP)
    ended = run("encrypt", "dump", *BY_KEY, *words, env=env)
    name = key_id(other)
    opens = f"the key deb007c3, the key {name}, the passphrase"
    assert said(ended) == f"dump.sealed: sealed, opens with {opens}\n"
    assert content(tmp_path / "dump.sealed", f"key-{name}", other) == TEXT
    assert content(tmp_path / "dump.sealed", "passphrase", b"correct horse") == TEXT
    for given in (BY_KEY, ("--passphrase-file", "word")):
        ended = run("decrypt", "dump.sealed", "-o", "-", *given)
        assert (ended.returncode, ended.stdout) == (0, TEXT)
    ended = run("encrypt", "dump", *words, "--label", "ann", "--replace")
    assert said(ended) == "dump.sealed: sealed, opens with the passphrase ann\n"
    assert content(tmp_path / "dump.sealed", "ann", b"correct horse") == TEXT


def test_a_passphrase_is_typed_twice(tmp_path: Path, run: Run) -> None:
    assert run("encrypt", "dump", "--passphrase-file", "none").returncode == 3
    terminal = Terminal(tmp_path, "encrypt", "dump", *CHEAP)
    terminal.answer("New passphrase: ", "correct horse\n")
    terminal.answer("The same again: ", "correct horse\n")
    assert terminal.end() == 0
    assert "correct" not in terminal.text()
    assert content(tmp_path / "dump.sealed", "passphrase", b"correct horse") == TEXT
    (tmp_path / "dump").unlink()
    terminal = Terminal(tmp_path, "decrypt", "dump.sealed")
    terminal.answer("Passphrase of dump.sealed: ", "correct horse\n")
    assert terminal.end() == 0
    assert (tmp_path / "dump").read_bytes() == TEXT
    terminal = Terminal(tmp_path, "encrypt", "dump", "-o", "other", *CHEAP)
    terminal.answer("New passphrase: ", "correct horse\n")
    terminal.answer("The same again: ", "correct house\n")
    assert terminal.end() == 2
    assert "is not the same" in terminal.text()
    assert not (tmp_path / "other").exists()


def test_a_terminal_gets_no_sealed_bytes(tmp_path: Path, run: Run) -> None:
    assert run("encrypt", "dump", *BY_KEY).returncode == 0
    terminal = Terminal(tmp_path, "encrypt", "-", *BY_KEY)
    assert terminal.end() == 2
    assert "standard output is a terminal" in terminal.text()
    terminal = Terminal(tmp_path, "decrypt", "dump.sealed", "-o", "-", *BY_KEY)
    assert terminal.end() == 0
    assert terminal.text() == TEXT.decode()


def test_remove_deletes_the_plain_file_after_the_sealed_one_is_there(
    tmp_path: Path, run: Run
) -> None:
    ended = run("encrypt", "dump", "--remove", *BY_KEY)
    assert (ended.returncode, content(tmp_path / "dump.sealed")) == (0, TEXT)
    assert said(ended).splitlines()[1:] == ["dump: deleted"]
    assert not (tmp_path / "dump").exists()


def test_remove_keeps_what_has_changed_meanwhile(tmp_path: Path, run: Run) -> None:
    """The key's command comes between: it is the chance to change the file."""
    (tmp_path / "touch").write_text(
        f"#!/bin/sh\necho more >> {tmp_path}/dump\necho {KEY_TEXT}\n", encoding="ascii"
    )
    (tmp_path / "touch").chmod(0o755)
    ended = run("encrypt", "dump", "--remove", "--key-cmd", str(tmp_path / "touch"))
    assert ended.returncode == 1
    assert said(ended).endswith("error: dump: changed meanwhile, and not deleted\n")
    assert (tmp_path / "dump").read_bytes() == TEXT + b"more\n"


MISTAKES = {
    "no file": (("encrypt",), 2, "missing argument 'FILE'"),
    "two files": (("encrypt", "dump", "key"), 2, "unexpected extra argument"),
    "missing": (("encrypt", "nowhere", *BY_KEY), 3, "error: nowhere: no such file or directory\n"),
    "a folder": (("encrypt", "folder", *BY_KEY), 3, "error: folder: is a directory\n"),
    "no folder": (("encrypt", "dump", "-o", "no/where", *BY_KEY), 4, "error: no/where: no such"),
    "no key file": (("encrypt", "dump", "--key-file", "nowhere"), 3, "nowhere: no such file"),
    "nobody": (("encrypt", "dump"), 3, "error: nobody could open it: give --key-file"),
    "a file is there": (("encrypt", "dump", "-o", "key", *BY_KEY), 2, "key: there is a file"),
    "a plain file is there": (("decrypt", "a.sealed", *BY_KEY), 2, "a: there is a file already"),
    "no ending": (("decrypt", "dump", *BY_KEY), 2, "the name does not end in .sealed: -o FILE"),
    "nothing but an ending": (("decrypt", ".sealed", *BY_KEY), 2, "does not end in .sealed"),
    "no sealed file": (("decrypt", "dump", "-o", "x", *BY_KEY), 3, "error: dump: line 1: expected"),
    "the key on standard input": (("encrypt", "-", "--key-file", "-"), 2, "has the key"),
    "a label of two": (
        ("encrypt", "dump", *BY_KEY, "--passphrase-file", "dump", "--label", "a"),
        2,
        "--label: there are several who can open it",
    ),
    "no label": (("encrypt", "dump", *BY_KEY, "--label", "a b"), 2, "--label: expected 1 to 64"),
    "nothing to remove": (("encrypt", "-", "--remove", *BY_KEY), 2, "--remove: there is no file"),
    "removing itself": (
        ("encrypt", "dump", "-o", "dump", "--replace", "--remove", *BY_KEY),
        2,
        "--remove: there is no file",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes(tmp_path: Path, run: Run, what: str) -> None:
    words, code, message = MISTAKES[what]
    (tmp_path / "folder").mkdir()
    for name in ("a", "a.sealed", ".sealed"):
        (tmp_path / name).touch()
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert message in said(ended)
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_age_recipients(tmp_path: Path, run: Run) -> None:
    """Those of the real age-keygen; the real age opens the slot's body."""
    if shutil.which("age-keygen") is None:
        pytest.skip("no age here")
    recipients = []
    for name in ("ann", "bob"):
        words = ["age-keygen", "-o", str(tmp_path / name)]
        made = subprocess.run(words, capture_output=True, text=True, check=True)
        recipients.append(made.stderr.split()[-1])
    ended = run("encrypt", "dump", "-r", f"ann={recipients[0]}", "-r", recipients[1])
    assert ended.returncode == 0
    assert said(ended) == (
        "dump.sealed: sealed, opens with the recipient ann, the recipient recipient-2\n"
    )
    for name, label in (("ann", "ann"), ("bob", "recipient-2")):
        identity = str(tmp_path / name).encode()
        assert content(tmp_path / "dump.sealed", label, identity) == TEXT
        ended = run("decrypt", "dump.sealed", "-o", "-", "-i", name)
        assert (ended.returncode, ended.stdout) == (0, TEXT)
    assert run("encrypt", "dump", "-o", "own.sealed", "-i", "ann").returncode == 0
    assert content(tmp_path / "own.sealed", "recipient", str(tmp_path / "ann").encode()) == TEXT
    ended = run("encrypt", "dump", "-o", "none", "-r", "age1nobody")
    assert (ended.returncode, (tmp_path / "none").exists()) == (2, False)
