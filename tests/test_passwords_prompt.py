"""Passwords that are typed, on real terminals: asked for, hidden, and not taken otherwise."""

from __future__ import annotations

import contextlib
import os
import pty
import termios
import time
from pathlib import Path

import pytest
from password_runs import (
    CHEAP,
    COMMAND,
    SECRET,
    WITHIN_SECONDS,
    Run,
    environment,
    matches,
    runner,
)

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(tmp_path)


class Terminal:
    """A command on a terminal of its own, with what it shows."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.shown = b""
        process, self.leader = pty.fork()
        if process == 0:
            os.chdir(folder)
            os.execve(COMMAND, [COMMAND, "passwords", *words], environment())
        self.process = process

    def wait(self, text: str) -> None:
        """Until it shows that."""
        end = time.monotonic() + WITHIN_SECONDS
        while text.encode() not in self.shown:
            assert time.monotonic() < end, self.shown
            with contextlib.suppress(OSError):
                self.shown += os.read(self.leader, 4096)

    def type(self, text: str) -> None:
        os.write(self.leader, text.encode())

    def is_echoing(self) -> bool:
        return bool(termios.tcgetattr(self.leader)[3] & termios.ECHO)

    def answer(self, *answers: str) -> None:
        """Types each once it is asked for."""
        for prompt, text in zip(("Password: ", "The same again: "), answers, strict=False):
            self.wait(prompt)
            while self.is_echoing():
                time.sleep(0.01)
            self.type(text)

    def end(self) -> int:
        """Its exit code, and all that it showed."""
        was_echoing = True
        while True:
            try:
                was_echoing = self.is_echoing()
                part = os.read(self.leader, 4096)
            except OSError:
                break
            if not part:
                break
            self.shown += part
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.leader)
        self.was_echoing = was_echoing
        return code

    def text(self) -> str:
        return self.shown.decode().replace("\r\n", "\n")


def test_a_typed_password_is_hashed_and_not_shown(tmp_path: Path, engine: str) -> None:
    terminal = Terminal(tmp_path, "hash", *CHEAP, "--engine", engine)
    terminal.answer(f"{SECRET}ü\n", f"{SECRET}ü\n")
    assert terminal.end() == 0
    assert SECRET not in terminal.text()
    prompts, again, hash_ = terminal.text().splitlines()
    assert (prompts, again) == ("Password: ", "The same again: ")
    assert matches([hash_], [f"{SECRET}ü"])


@pytest.mark.parametrize(
    ("answers", "code", "error"),
    [
        ((f"{SECRET}\n", f"{SECRET}3\n"), 2, "error: the two passwords are not the same"),
        (("\x04",), 2, "error: no password was typed"),
        ((f"{SECRET}\n", "\x04"), 2, "error: no password was typed"),
        (("\x03",), 130, "error: interrupted"),
        ((f"{SECRET}\n", f"{SECRET}\x03"), 130, "error: interrupted"),
    ],
)
def test_the_prompt_ends_well(
    tmp_path: Path, answers: tuple[str, ...], code: int, error: str
) -> None:
    terminal = Terminal(tmp_path, "hash", *CHEAP)
    terminal.answer(*answers)
    assert terminal.end() == code
    assert terminal.was_echoing
    assert error in terminal.text().splitlines()
    assert SECRET not in terminal.text()
    assert "$argon2id$" not in terminal.text()


def test_an_empty_typed_password_is_warned_of(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "hash", *CHEAP)
    terminal.answer("\n", "\n")
    assert terminal.end() == 0
    assert "warning: the password is empty" in terminal.text().splitlines()


@pytest.mark.parametrize("words", [("hash", "-"), ("hash", "--from", "lines")])
def test_lines_are_not_typed_for_all_to_see(tmp_path: Path, words: tuple[str, ...]) -> None:
    terminal = Terminal(tmp_path, *words)
    assert terminal.end() == 2
    assert "what is typed on this terminal would be seen" in terminal.text()


@pytest.mark.parametrize(("typed", "code"), [(SECRET, 0), ("other", 1)])
def test_a_typed_password_is_verified(tmp_path: Path, run: Run, typed: str, code: int) -> None:
    hash_ = run("hash", *CHEAP, stdin=SECRET).stdout
    (tmp_path / "hash.txt").write_text(hash_, encoding="ascii")
    terminal = Terminal(tmp_path, "verify", "--hash-file", "hash.txt")
    terminal.answer(f"{typed}\n")
    assert terminal.end() == code
    assert terminal.text().splitlines()[-1] == f"1 pair: 1 {'mismatch' if code else 'match'}"
    assert SECRET not in terminal.text()


def test_without_a_terminal_nothing_is_asked(run: Run) -> None:
    hash_ = run("hash", *CHEAP, stdin=SECRET).stdout
    ended = run("verify", "--hash-file", "-", stdin=hash_, start_new_session=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: there is no terminal to ask for a password\n")
