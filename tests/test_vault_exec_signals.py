"""``code-ops vault exec`` with real signals and terminals: each signal comes once, and nothing
hangs, is lost or stays behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from vault_runs import COMMAND, KEY_TEXT, Run, environment, made, runner
from vault_terminal import Terminal

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
EXEC = ("exec", "--key-file", "key", "--")
WITHIN_SECONDS = 30
BARE = ("exec", "--key-file", "key", "--no-redact", "--")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1]
SIGNALS += [signal.SIGUSR2, signal.SIGALRM, signal.SIGWINCH]
# Writes each signal that comes, two of a kind as well, and ends after that of its argument.
COUNTING = """
import os, signal, sys
waited = set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGPIPE}
signal.pthread_sigmask(signal.SIG_BLOCK, waited)
print("ready", os.getpid(), os.getpgrp(), flush=True)
number = 0
while number != int(sys.argv[1]):
    number = signal.sigwait(waited)
    os.write(1, b"got %d\\n" % number)
sys.exit(7)
"""
# So long a second one could take to come.
SOON_SECONDS = 0.3


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A folder with a vault of one secret and its key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, TOKEN="hunter2-hunter2")
    return runner(tmp_path)


def started(folder: Path, *words: str, **more: Any) -> subprocess.Popen[bytes]:
    """Without a terminal, in a session of its own."""
    return subprocess.Popen(
        [COMMAND, "vault", *words],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # What one reads by lines the other one finds.
        bufsize=0,
        **more,
    )


def line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode()


def rest(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=WITHIN_SECONDS)
    return process.returncode, out.decode(), err.decode()


def is_running(pid: int) -> bool:
    """Whether it is there, and no corpse that nobody has fetched yet."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("ascii")
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + WITHIN_SECONDS
    while is_running(pid):
        assert time.monotonic() < end, f"{pid} is still there"
        time.sleep(0.02)


class Session(Terminal):
    """Any program on a terminal of 77 columns."""

    def __init__(self, folder: Path, *words: str, **more: str) -> None:
        self.shown = b""
        self.process, self.leader = pty.fork()
        if self.process == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
            os.chdir(folder)
            os.execve(words[0], words, environment(folder, **more))


@pytest.mark.parametrize("words", [EXEC, BARE])
@pytest.mark.parametrize("number", [*SIGNALS[:6], signal.SIGKILL, signal.SIGSEGV, signal.SIGPIPE])
def test_we_die_of_what_the_program_dies_of(
    tmp_path: Path, words: tuple[str, ...], number: int
) -> None:
    process = started(tmp_path, *words, "sh", "-c", f"echo $TOKEN x; kill -{int(number)} $$")
    shown = "[TOKEN] x\n" if words == EXEC else "hunter2-hunter2 x\n"
    assert rest(process) == (-number, shown, "")
    # What a shell shows of it.
    script = f'"$0" vault {" ".join(EXEC)} sh -c "kill -{int(number)} \\$\\$"; echo $?'
    ended = subprocess.run(
        ["bash", "-c", script, COMMAND],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        timeout=WITHIN_SECONDS,
        check=True,
    )
    assert ended.stdout == b"%d\n" % (128 + number)


@pytest.mark.parametrize("whom", ["us", "our group"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_comes_to_the_program_once(tmp_path: Path, whom: str, number: int) -> None:
    process = started(tmp_path, *EXEC, sys.executable, "-c", COUNTING, str(int(signal.SIGXCPU)))
    pid, group = map(int, line(process).split()[1:])
    # Two at nearly the same time look like one: it is reached by us alone.
    assert group == pid
    (os.kill if whom == "us" else os.killpg)(process.pid, number)
    assert line(process) == f"got {int(number)}\n"
    time.sleep(SOON_SECONDS)
    os.kill(pid, signal.SIGXCPU)
    assert rest(process) == (7, f"got {int(signal.SIGXCPU)}\n", "")


def test_stopped_and_continued_without_a_terminal(tmp_path: Path) -> None:
    process = started(tmp_path, *EXEC, "sh", "-c", "echo $$; sleep 0.1; echo done")
    pid = int(line(process))
    process.send_signal(signal.SIGTSTP)
    assert os.waitpid(process.pid, os.WUNTRACED)[1] == signal.SIGSTOP << 8 | 0x7F
    assert "\nState:\tT" in Path(f"/proc/{pid}/status").read_text("ascii")
    process.send_signal(signal.SIGCONT)
    assert rest(process) == (0, "done\n", "")


def test_ctrl_c_at_a_terminal_comes_once(tmp_path: Path) -> None:
    program = (sys.executable, "-c", COUNTING, str(int(signal.SIGTERM)))
    terminal = Terminal(tmp_path, *EXEC, *program)
    terminal.wait("ready")
    os.write(terminal.leader, b"\x03")
    terminal.wait(f"got {int(signal.SIGINT)}\r\n")
    os.write(terminal.leader, b"\x1c")
    terminal.wait(f"got {int(signal.SIGQUIT)}\r\n")
    time.sleep(SOON_SECONDS)
    os.kill(terminal.process, signal.SIGTERM)
    assert terminal.end() == 7
    text = re.sub(r"\^[C\\]", "", terminal.text()).split("\n", 1)[1]
    numbers = [int(number) for number in re.findall(r"got (\d+)", text)]
    assert numbers == [signal.SIGINT, signal.SIGQUIT, signal.SIGTERM]
    assert re.sub(r"got \d+\n", "", text) == ""


def test_ctrl_c_at_a_terminal_is_not_passed_on(tmp_path: Path) -> None:
    """Two at nearly the same time look like one, so what we do is looked at itself."""
    if shutil.which("strace") is None:
        pytest.skip("no strace here")
    tracing = (shutil.which("strace") or "", "-o", "trace", "-e", "trace=kill,tgkill")
    program = (sys.executable, "-c", COUNTING, str(int(signal.SIGINT)))
    terminal = Session(tmp_path, *tracing, COMMAND, "vault", *EXEC, *program)
    terminal.wait("ready")
    os.write(terminal.leader, b"\x03")
    assert terminal.end() == 7
    assert "kill(" not in (tmp_path / "trace").read_text("ascii")


def test_ctrl_c_ends_the_program_and_us_without_words(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *EXEC, "sh", "-c", "echo $TOKEN; exec sleep 1000")
    terminal.wait("[TOKEN]\r\n")
    os.write(terminal.leader, b"\x03")
    assert terminal.end() == -signal.SIGINT
    assert terminal.text().replace("^C", "") == "[TOKEN]\n"


def test_ctrl_z_and_fg_in_a_shell(tmp_path: Path) -> None:
    """Job control as without us: the shell sees us stopped, and `fg` continues both."""
    words = ("/bin/bash", "--norc", "--noprofile", "-i")
    shell = Session(tmp_path, *words, PS1="ready> ", TERM="dumb")
    shell.wait("ready> ")
    script = "echo begin-$TOKEN; read answer; echo end-$answer"
    os.write(shell.leader, f"'{COMMAND}' vault {' '.join(EXEC)} sh -c '{script}'\n".encode())
    shell.wait("begin-[TOKEN]\r\n")
    os.write(shell.leader, b"\x1a")
    shell.wait("Stopped")
    os.write(shell.leader, b"fg\n")
    time.sleep(0.5)
    os.write(shell.leader, b"typed\n")
    shell.wait("end-typed\r\n")
    os.write(shell.leader, b"exit 9\n")
    assert shell.end() == 9


def test_a_terminal_stays_one(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "print([os.isatty(number) for number in (0, 1, 2)], os.get_terminal_size())\n"
        "for n in range(200): os.write(1 + n % 2, b'%d\\n' % n)\n"
        "os.write(1, b'a\\r\\nb\\n' + os.environb[b'TOKEN'] + b'\\x1b[1m')\n"
        "sys.stdout.write(sys.stdin.readline())\n"
    )
    terminal = Session(tmp_path, COMMAND, "vault", *EXEC, sys.executable, "-c", script)
    terminal.wait("[TOKEN]\x1b[1m")
    os.write(terminal.leader, b"typed\n")
    assert terminal.end() == 0
    size = "[True, True, True] os.terminal_size(columns=77, lines=33)\r\n"
    numbers = "".join(f"{number}\r\n" for number in range(200))
    shown = terminal.shown.decode().replace("a\r\r\n", "a\r\n")
    assert shown == f"{size}{numbers}a\r\nb\r\n[TOKEN]\x1b[1mtyped\r\ntyped\r\n"


def test_a_new_size_comes_to_the_program(tmp_path: Path) -> None:
    script = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print('ready', flush=True)\n"
        "while os.get_terminal_size().columns != 55: signal.sigwait([signal.SIGWINCH])\n"
        "print('resized')\n"
    )
    terminal = Terminal(tmp_path, *EXEC, sys.executable, "-c", script)
    terminal.wait("ready")
    fcntl.ioctl(terminal.leader, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 55, 0, 0))
    terminal.wait("resized")
    assert terminal.end() == 0


def test_only_what_is_a_terminal_is_one_for_the_program(tmp_path: Path) -> None:
    show = "import os; print([os.isatty(n) for n in (0, 1, 2)], file=open('out', 'w'))"
    shell = f"'{COMMAND}' vault {' '.join(EXEC)} '{sys.executable}' -c \"{show}\""
    for more, expected in (
        (" | cat", "[True, False, True]"),
        (" 2>err", "[True, True, False]"),
        (" </dev/null >o 2>&1", "[False, False, False]"),
    ):
        terminal = Terminal(tmp_path, *BARE, "sh", "-c", shell + more)
        assert terminal.end() == 0
        assert (tmp_path / "out").read_text("ascii") == f"{expected}\n"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sleep 1000 & echo $!; echo x; exit 3", "x\n"),
        ("while :; do sleep 0.1; echo y; done & echo $!; echo x; exit 3", "x\n"),
        ("{ sleep 0.2; echo late; exec sleep 1000; } & echo $!; exit 3", "late\n"),
    ],
)
def test_who_keeps_the_output_does_not_keep_us(tmp_path: Path, script: str, expected: str) -> None:
    process = started(tmp_path, *EXEC, "sh", "-c", script)
    pid = int(line(process))
    code, out, err = rest(process)
    assert (code, out.replace("y\n", ""), err) == (3, expected, "")
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_what_a_slow_reader_has_not_read_is_not_lost(tmp_path: Path) -> None:
    process = started(tmp_path, *EXEC, "sh", "-c", "echo $$; seq 150000")
    wait_until_gone(int(line(process)))
    assert process.stdout is not None
    begin = b""
    while len(begin) < 300_000:
        begin += process.stdout.read(300_000 - len(begin))
    # Longer than anybody else's output is waited for.
    time.sleep(6)
    code, out, err = rest(process)
    expected = "".join(f"{number}\n" for number in range(1, 150_001))
    assert (code, begin.decode() + out == expected, err) == (0, True, "")


def test_nothing_is_left_after_a_kill(tmp_path: Path) -> None:
    words = ("exec", "--key-file", "key", "--files", "--")
    process = started(tmp_path, *words, "sh", "-c", "echo $$ $TOKEN; exec sleep 1000")
    pid, path = line(process).split()
    assert re.fullmatch(r"/proc/\d+/fd/\d+", path)
    before = sorted(os.listdir("/dev/shm"))
    # Only whom it belongs to can read it.
    assert Path(path).read_bytes() == b"hunter2-hunter2"
    process.kill()
    assert process.wait(WITHIN_SECONDS) == -signal.SIGKILL
    process.communicate()
    assert not os.path.exists(path)
    wait_until_gone(int(pid))
    assert sorted(os.listdir("/dev/shm")) == before


def test_a_parent_that_ignores_its_children(tmp_path: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    process = started(tmp_path, *EXEC, "sh", "-c", "exit 5", preexec_fn=ignore)
    assert rest(process) == (5, "", "")


def test_a_program_that_was_told_to_ignore_hangups(tmp_path: Path) -> None:
    """As by nohup."""

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    script = "echo ready; sleep 0.5; echo done"
    process = started(tmp_path, *EXEC, "sh", "-c", script, preexec_fn=ignore)
    assert line(process) == "ready\n"
    process.send_signal(signal.SIGHUP)
    assert rest(process) == (0, "done\n", "")


def test_signals_of_the_program_are_as_they_were(tmp_path: Path) -> None:
    """None is blocked, and none ignored that was not."""
    show = ("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")

    def usual() -> None:
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)

    zero = "0000000000000000"
    for words in (EXEC, BARE):
        code, out, err = rest(started(tmp_path, *words, *show, preexec_fn=usual))
        assert (code, out, err) == (0, f"SigBlk:\t{zero}\nSigIgn:\t{zero}\n", "")


def test_a_terminate_while_the_key_is_asked_for(tmp_path: Path) -> None:
    """Before the program runs, it is us who are interrupted."""
    command = "sh -c 'echo asked >&2; exec sleep 1000'"
    process = started(tmp_path, "exec", "--key-cmd", command, "--", "touch", "started")
    assert process.stderr is not None
    assert process.stderr.readline() == b"asked\n"
    process.terminate()
    code, out, err = rest(process)
    assert (code, out, err) == (130, "", "error: interrupted\n")
    assert not (tmp_path / "started").exists()
