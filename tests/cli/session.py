"""Whole sessions of the command line: read from a file, run for real, written back.

A session is a text file that reads like a terminal::

    # What it shows.
    @needs namespaces
    -- hosts.txt --
    127.0.0.1:{open1} open

    $ code-ops scan hosts.txt --format csv
    what comes on standard output
    2> what comes on standard error
    [exit 0]

Each command is run by bash in one temporary folder. ``tty$`` runs it on a terminal,
``^C$`` and ``TERM$`` without bash, with that signal soon after it connects to ``{open1}``.
``{open1}``, ``{closed1}`` and ``{silent1}`` are real ports, in the order of their names.
``@blank REGEX`` hides what its groups match, beside what is hidden everywhere.
Owns the format and the running; what is hidden is told in ``session_filters``.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from loopback import has_ipv6
from session_filters import blanked

from code_ops import _engine
from code_ops.services import service_name

COLUMNS = 100
TIMEOUT_SECONDS = 30
# How long after a signal a command may take to end.
INTERRUPTED_WITHIN_SECONDS = 1.0
_SIGNALS = {"^C$": signal.SIGINT, "TERM$": signal.SIGTERM}
_PROMPT = re.compile(r"(\$|tty\$|\^C\$|TERM\$) (.+)")
_PORT = re.compile(r"\{((?:open|closed|silent)\d)\}")
_FILE = re.compile(r"-- (\S+) --")
# Names from files alone, so that nothing is asked of a name server.
_OWN_NAMES = """
printf 'hosts: files\\n' > "$0/nsswitch.conf"
mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf
exec "$@"
"""
_UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


@dataclass
class Step:
    """A command and what is expected of it."""

    prompt: str
    command: str
    expected: str = ""


@dataclass
class Session:
    """A session file; ``parts`` are its commands and the text between them."""

    needs: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    parts: list[str | Step] = field(default_factory=list)

    def text(self) -> str:
        """The session as its file has it."""
        return "".join(
            part if isinstance(part, str) else f"{part.prompt} {part.command}\n{part.expected}"
            for part in self.parts
        )


def read(text: str) -> Session:
    """Takes a session file apart."""
    session = Session()
    content: list[str] | None = None
    step: Step | None = None
    for line in text.splitlines(keepends=True):
        if prompt := _PROMPT.fullmatch(line.rstrip("\n")):
            step = Step(prompt[1], prompt[2])
            session.parts.append(step)
            content = None
        elif step:
            step.expected += line
            if line.startswith("[exit "):
                step = None
        else:
            session.parts.append(line)
            if name := _FILE.fullmatch(line.rstrip("\n")):
                content = []
                session.files[name[1]] = ""
            elif content is not None:
                content.append(line)
                session.files[list(session.files)[-1]] = "".join(content).rstrip("\n") + "\n"
            elif line.startswith("@needs "):
                session.needs.append(line.split()[1])
            elif line.startswith("@blank "):
                session.blank.append(line.split(maxsplit=1)[1].rstrip("\n"))
    return session


@contextlib.contextmanager
def ports_of(text: str) -> Iterator[dict[str, socket.socket]]:
    """Sockets for the placeholders of a text, their ports in the order of the names."""
    names = sorted(set(_PORT.findall(text)))
    with contextlib.ExitStack() as stack:
        # As wide as each other and without a service's name, so that tables look the same.
        held: list[socket.socket] = []
        while len(held) < len(names):
            holder = stack.enter_context(socket.socket())
            holder.bind(("127.0.0.1", 0))
            port = holder.getsockname()[1]
            if port >= 10_000 and service_name(port) is None:
                held.append(holder)
        held.sort(key=lambda holder: holder.getsockname()[1])
        ports = dict(zip(names, held, strict=True))
        for name, server in ports.items():
            if name.startswith("open"):
                server.listen(128)
            elif name.startswith("silent"):
                # A full queue does not answer.
                server.listen(0)
                stack.enter_context(socket.socket()).connect(server.getsockname())
        yield ports


def run(session: Session, folder: Path, ports: dict[str, socket.socket], engine: str = "") -> str:
    """Runs the commands; returns the text of the session as it went."""
    work = folder / "work"
    for name in ("work", "home", "config"):
        (folder / name).mkdir()
    values = {name: str(server.getsockname()[1]) for name, server in ports.items()}
    values |= {"engine": engine} if engine else {}

    def filled(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)

    def hidden(text: str) -> str:
        for name, value in values.items():
            text = re.sub(rf"(?<![\w.]){value}(?![\w.])", f"{{{name}}}", text)
        return blanked(text, folder, session.blank)

    for name, content in session.files.items():
        (work / name).write_text(filled(content), encoding="utf-8")
    prefix = _prefix(session, folder)
    for part in session.parts:
        if isinstance(part, Step):
            out, error, code = _run(part.prompt, prefix, filled(part.command), folder, ports)
            shown = _shown(hidden(out), "") + _shown(hidden(error), "2> ")
            part.expected = f"{shown}[exit {code}]\n"
    return session.text()


def _shown(text: str, mark: str) -> str:
    lines = "".join(f"{mark}{line}".rstrip() + "\n" for line in text.splitlines())
    return lines if not text or text.endswith("\n") else f"{lines}(no newline)\n"


def _prefix(session: Session, folder: Path) -> list[str]:
    prefix = []
    if "namespaces" in session.needs:
        prefix = ["unshare", "--mount", "sh", "-ec", _OWN_NAMES, str(folder)]
    if "unprivileged" in session.needs and os.geteuid() == 0:
        prefix += _UNPRIVILEGED
    return prefix


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "TZ": "UTC",
        "COLUMNS": str(COLUMNS),
    }


def _run(
    prompt: str, prefix: list[str], command: str, folder: Path, ports: dict[str, socket.socket]
) -> tuple[str, str, int]:
    """Standard output, standard error and exit code of one command."""
    if prompt in _SIGNALS:
        words = prefix + shlex.split(command)
        return _interrupted(words, _SIGNALS[prompt], folder, ports["open1"])
    words = [*prefix, "bash", "-o", "pipefail", "-c", command]
    if prompt == "tty$":
        return _on_a_terminal(words, folder)
    ended = subprocess.run(
        words,
        cwd=folder / "work",
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return _text(ended.stdout), _text(ended.stderr), ended.returncode


def _interrupted(
    words: list[str], number: signal.Signals, folder: Path, server: socket.socket
) -> tuple[str, str, int]:
    """Runs a command and signals it once it has connected and had time to take that in."""
    with subprocess.Popen(
        words,
        cwd=folder / "work",
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            server.settimeout(TIMEOUT_SECONDS)
            server.accept()[0].close()
            time.sleep(0.4)
            process.send_signal(number)
            sent = time.monotonic()
            out, error = process.communicate(timeout=TIMEOUT_SECONDS)
            took = time.monotonic() - sent
        finally:
            process.kill()
    assert took < INTERRUPTED_WITHIN_SECONDS, f"ended {took:.2f} s after {number.name}"
    return _text(out), _text(error), process.returncode


def _on_a_terminal(words: list[str], folder: Path) -> tuple[str, str, int]:
    """Runs a command on a terminal of its own; all it shows counts as standard output."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (50, COLUMNS))
    try:
        process = subprocess.Popen(
            words,
            cwd=folder / "work",
            env=_environment(folder),
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
        )
    finally:
        os.close(follower)
    shown = b""
    # A terminal whose last user left is read with an error.
    with contextlib.suppress(OSError):
        while part := os.read(leader, 65536):
            shown += part
    os.close(leader)
    code = process.wait(timeout=TIMEOUT_SECONDS)
    return _text(shown).replace("\r\n", "\n"), "", code


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def skip_where_needs_are_not_met(session: Session) -> None:
    """Skips the test, with the reason, where this machine lacks something."""
    met: dict[str, Callable[[], bool]] = {
        "namespaces": lambda: _works(["unshare", "--mount"]),
        "ipv6": has_ipv6,
        "rust": lambda: _engine.native_error() is None,
        "unprivileged": lambda: os.geteuid() != 0 or _works(_UNPRIVILEGED),
        "full": lambda: Path("/dev/full").exists(),
    }
    for need in session.needs:
        if not met[need]():
            pytest.skip(f"needs {need}")


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
