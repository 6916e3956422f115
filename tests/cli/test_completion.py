"""Tab, tried in real shells on a real terminal, with completion installed as the help says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(90)
PATIENCE_SECONDS = 20
PROMPT = "ready>"
COMMAND = str(Path(sys.executable).with_name("code-ops"))
# What each shell reads at its start: a prompt to know it by.
SETTINGS = {
    "bash": (".bashrc", f"PS1='{PROMPT} '\n"),
    "zsh": (".zshrc", f"PROMPT='{PROMPT} '\n"),
    "fish": (
        ".config/fish/config.fish",
        f"function fish_prompt; echo -n '{PROMPT} '; end\nset -g fish_greeting\n",
    ),
}
INSTALLED = {
    "bash": ".bash_completions/code-ops.sh",
    "zsh": ".zfunc/_code-ops",
    "fish": ".config/fish/completions/code-ops.fish",
}


class Terminal:
    """A shell on a terminal of tmux, in a home of its own."""

    def __init__(self, shell: str, home: Path, socket: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        environment = [
            f"HOME={home}",
            f"PATH={Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG=C.UTF-8",
            "TERM=screen",
        ]
        self._call(
            "new-session", "-d", "-x", "120", "-y", "40", "-c", str(home),
            "env", "-i", *environment, shell, "-i",
        )  # fmt: skip
        self.wait(lambda screen: PROMPT in screen)

    def type(self, text: str) -> None:
        self._call("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        self._call("send-keys", *keys)

    def screen(self) -> str:
        return self._call("capture-pane", "-p").rstrip()

    def wait(self, shown: Callable[[str], bool]) -> str:
        """The screen, once it shows that."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not shown(screen := self.screen()):
            assert time.monotonic() < end, f"the terminal shows\n{screen}"
            time.sleep(0.05)
        return screen

    def run(self, command: str) -> None:
        """Runs a command and waits until it has ended with success."""
        self.clear()
        self.type(f"{command} && echo do''ne")
        self.press("Enter")
        self.wait(lambda screen: "done" in screen.splitlines())

    def clear(self) -> None:
        """Leaves menus and half a line, however many keys that takes."""

        def is_clear(_: str) -> bool:
            # Not Ctrl-C, which may take away what is typed after it.
            self.press("C-e", "C-u", "C-l")
            time.sleep(0.05)
            return self.screen().split() == [PROMPT]

        self.wait(is_clear)

    def end(self) -> None:
        # Where the shell has ended, the server has too.
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)

    def _call(self, *arguments: str) -> str:
        command = [*self._tmux, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    for program in ("tmux", name):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return name


@pytest.fixture
def home(tmp_path: Path, shell: str) -> Path:
    """A home in which completion was installed from within the shell."""
    path, text = SETTINGS[shell]
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").touch()
    # Without it, fish reads all manual pages at its first start.
    (tmp_path / ".local/share/fish/generated_completions").mkdir(parents=True)
    terminal = Terminal(shell, tmp_path, tmp_path / "install")
    try:
        terminal.run("code-ops --install-completion")
        terminal.run("code-ops --show-completion > shown.txt")
    finally:
        terminal.end()
    return tmp_path


@pytest.fixture
def terminal(shell: str, home: Path) -> Iterator[Terminal]:
    found = Terminal(shell, home, home / "use")
    yield found
    found.end()


def test_tab_completes(terminal: Terminal, shell: str, home: Path) -> None:
    def typed(text: str, *candidates: str) -> None:
        """After one or two Tabs, all the candidates are to be seen."""
        terminal.clear()
        terminal.type(text)
        terminal.press("Tab")
        if len(candidates) > 1:
            # The first Tab only beeps in bash and shows the list in the others.
            time.sleep(0.1)
            terminal.press("Tab")
        terminal.wait(lambda screen: set(candidates) <= set(screen.split()))

    typed("code-ops sc", "scan")
    typed("code-ops ", "scan", "wait", "doctor")
    typed("code-ops scan --format nd", "ndjson")
    typed("code-ops scan -f ", "table", "json", "ndjson", "csv", "xml", "grepable", "junit")
    typed("code-ops scan --res", "--resolve-timeout", "--resume")
    typed("code-ops scan --ex", "--exclude", "--exclude-file", "--exclude-ports", "--expect")
    typed("code-ops wait --engine p", "python")
    typed("code-ops wait --for ", "open", "closed")
    # What is not known is a file.
    typed("code-ops scan not", "notes.txt")
    installed = (home / INSTALLED[shell]).read_text(encoding="utf-8")
    assert (home / "shown.txt").read_text(encoding="utf-8").strip() == installed.strip()


def test_tab_is_quiet_about_broken_settings(tmp_path: Path) -> None:
    (tmp_path / "code-ops.toml").write_text("[broken", encoding="utf-8")
    asked = {"_CODE_OPS_COMPLETE": "complete_bash", "COMP_WORDS": "code-ops d", "COMP_CWORD": "1"}
    ended = subprocess.run(
        [COMMAND], cwd=tmp_path, env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("doctor\n", "")


def test_the_help_tells_how_to_install_it() -> None:
    ended = subprocess.run([COMMAND, "--help"], check=True, capture_output=True, text=True)
    assert "`code-ops --install-completion` lets Tab complete" in " ".join(ended.stdout.split())
