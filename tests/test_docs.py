"""The documentation is true: its examples run, its links lead somewhere, its reference is current.

A ``console`` block runs line by line on a terminal of 80 columns, in a folder of its own that
has a copy of ``examples``. Where it shows output, that is compared but for times and blanks;
each command ends with 0, or with what the block shows for ``echo $?``. A ``python`` block runs
as a program; ``print(...)  # text`` says what comes out.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
import threading
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
import typer
from loopback import has_ipv6

from code_ops import _engine
from code_ops.cli import app, doctor, scan, wait

ROOT = Path(__file__).resolve().parent.parent
# Not resolved: in a virtual environment the interpreter is a link to one elsewhere.
PROGRAM = Path(sys.executable).parent / "code-ops"
FOLDERS = ("", "docs", "benchmarks", "examples")
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
RUN_PAGES = [ROOT / "README.md", *(page for page in PAGES if page.parent == ROOT / "docs")]
COLUMNS, LINES = 80, 24

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_EXAMPLE = re.compile(r"^  ((?:[A-Z_]+=\S+ )?code-ops .*?)(?:  +\S.*)?$", re.MULTILINE)
# What differs from run to run and from machine to machine.
_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}Z)?"), "TIME"),
    (re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}"), "TIME"),
    (re.compile(r"\b\d[\d,]*(\.\d+)? (ms|s|seconds|probes/s)\b"), r"N \2"),
    (re.compile(r'("(?:rtt_ms|dns_ms|seconds)":)[\d.]+'), r"\1N"),
    (re.compile(r'\b((?:start|starttime|endtime|time|elapsed|srtt|rttvar|to)=)"[\d.]+"'), r'\1"N"'),
    (re.compile(r"(?<=,)\d+\.\d+(?=,)"), "N"),
    (re.compile(r"limit [\d,]+, hard [\d,]+"), "limit N, hard N"),
    (re.compile(r'("engine"(?: value=|:))"(?:rust|python)"'), r'\1"ENGINE"'),
    (re.compile(r"(?<=\$)[\w+/]{22}\$[\w+/]{43}(?![\w+/])"), "SALT$TAG"),
    (re.compile(r"[ \t]+"), " "),
)

needs_program = pytest.mark.skipif(
    not PROGRAM.exists(), reason=f"no {PROGRAM.name} beside this Python: install the package"
)


class Block(NamedTuple):
    """A block of code and where it stands."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


class Step(NamedTuple):
    """A command of a console block and what the block shows after it."""

    command: str
    shown: list[str]


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of a page in one language."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, language, found[2])
        for found in _BLOCK.finditer(text)
        if found[1] == language
    ]


def all_blocks(language: str) -> list[Block]:
    return [block for page in RUN_PAGES for block in blocks(page, language)]


def steps(block: Block) -> list[Step]:
    """The commands of a console block."""
    found: list[Step] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], []))
        else:
            assert found, f"{block}: output before the first command"
            found[-1].shown.append(line)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the examples in it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    """The environment of an example: the program first, no settings of this user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS")}
    return {
        **kept,
        "PATH": os.pathsep.join((str(PROGRAM.parent), os.environ.get("PATH", os.defpath))),
        "XDG_CONFIG_HOME": str(folder),
        "TERM": "dumb",
        "COLUMNS": str(COLUMNS),
    }


def on_terminal(command: str, folder: Path) -> tuple[int, str]:
    """Runs a command on a terminal; returns its exit code and what the terminal shows."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    started = subprocess.Popen(
        ["sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=end,
        cwd=folder,
        env=environment(folder),
    )
    os.close(end)
    parts: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(terminal, parts))
    reader.start()
    try:
        code = started.wait(timeout=60)
    finally:
        started.kill()
        started.wait()
        reader.join()
        os.close(terminal)
    return code, b"".join(parts).decode().replace("\r\n", "\n")


def _read_all(terminal: int, parts: list[bytes]) -> None:
    # Linux tells the end of a terminal by an error, other systems by nothing read.
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:
        pass


def steady(lines: list[str]) -> list[str]:
    """The lines with what varies taken out."""
    text = "\n".join(lines)
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return [line.strip() for line in text.strip().splitlines()]


@needs_program
@pytest.mark.timeout(120)
@pytest.mark.parametrize("block", all_blocks("console"), ids=str)
def test_a_console_block_does_what_it_shows(block: Block, folder: Path) -> None:
    code = 0
    listed = steps(block)
    for number, step in enumerate(listed):
        if step.command == "echo $?":
            assert step.shown == [str(code)], block
            continue
        code, said = on_terminal(step.command, folder)
        tells = number + 1 < len(listed) and listed[number + 1].command == "echo $?"
        assert tells or code == 0, f"{block}: {step.command}: exit {code}\n{said}"
        if step.shown:
            assert steady(said.splitlines()) == steady(step.shown), f"{block}: {step.command}"


@needs_program
def test_the_first_screen_is_a_screen() -> None:
    screen = (ROOT / "docs" / "scan.md").read_text(encoding="utf-8").partition("\n## ")[0]
    lines = screen.splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert "```console" in screen


@needs_program
@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here, which the example list has")
def test_the_example_list_scans_as_expected(folder: Path) -> None:
    code, said = on_terminal("code-ops scan examples/hosts.txt", folder)
    assert code == 0, said
    assert "1 as expected, 0 not as expected" in said


def test_the_readme_has_the_two_commands() -> None:
    make = "python3 -m venv .venv && .venv/bin/pip install "
    commands = [
        make + ". && .venv/bin/code-ops scan examples/hosts.txt",
        make + "'.[test]' && .venv/bin/pytest",
    ]
    assert [block.text.strip() for block in blocks(ROOT / "README.md", "sh")] == commands


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_a_python_block_runs_and_prints_what_it_says(block: Block, folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.text],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env={**environment(folder), "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 0, f"{block}: {ended.stderr}"
    prints = [line for line in block.text.splitlines() if line.lstrip().startswith("print(")]
    said = [line.rpartition("  # ")[2] for line in prints if "  # " in line]
    if said:
        assert len(said) == len(prints), f"{block}: some prints say what comes out, some do not"
        assert ended.stdout.splitlines() == said, block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / unquote(path) if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@needs_program
def test_the_command_reference_is_current() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    version = metadata.version("typer")
    if f" with Typer {version}:" not in page.partition("\n")[0]:
        pytest.skip(f"docs/cli.md was laid out by another Typer than {version}")
    command = [sys.executable, str(ROOT / "docs" / "generate_cli.py"), "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_command_reference_names_every_option() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    group: Any = typer.main.get_group(app.program())
    for name, command in group.commands.items():
        section = page.partition(f"\n## code-ops {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("--"):
                    assert f"{option} " in section, f"code-ops {name} {option}"


def help_examples(epilog: str) -> list[list[str]]:
    """The commands of a help text's examples as words, without what follows a pipe."""
    commands = [found.partition(" | ")[0] for found in _EXAMPLE.findall(epilog)]
    assert len(commands) == epilog.count("code-ops ")
    return [shlex.split(command) for command in commands]


@pytest.mark.parametrize("words", help_examples(scan.EXAMPLES), ids=" ".join)
@needs_program
def test_an_example_of_scan_can_be_planned(words: list[str], folder: Path) -> None:
    (folder / "hosts.txt").write_text("db1:5432 open\n", encoding="ascii")
    (folder / "old.ndjson").touch()
    extra = [] if "--plan" in words else ["--plan"]
    code, said = on_terminal(shlex.join([*words, *extra]), folder)
    assert code == 0, said
    assert "nothing was sent" in said or said.startswith('{"v": 1, "plan": ')


@pytest.mark.parametrize("words", help_examples(wait.EXAMPLES), ids=" ".join)
def test_an_example_of_wait_can_be_parsed(words: list[str]) -> None:
    group: Any = typer.main.get_group(app.program())
    assert words[:2] == ["code-ops", "wait"]
    with group.commands["wait"].make_context("wait", words[2:]) as context:
        assert context.params["targets"]


@pytest.mark.parametrize("words", help_examples(doctor.EXAMPLES), ids=" ".join)
@needs_program
def test_an_example_of_doctor_runs(words: list[str], folder: Path) -> None:
    if _engine.native_error() is not None:
        pytest.skip("the rust engine does not import, of which doctor complains")
    code, said = on_terminal(" ".join(words), folder)
    assert code == 0, said
