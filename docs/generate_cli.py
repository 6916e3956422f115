"""Writes docs/cli.md from the help texts: `python docs/generate_cli.py [--check]`.

Runs the `code-ops` beside this Python, at 80 columns and without any settings of this user.
With --check nothing is written, and the exit code is 1 when the page is not current. The page
names the version of Typer that laid it out: another one may break lines elsewhere.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "cli.md"
PROGRAM = Path(sys.executable).parent / "code-ops"
COLUMNS = 80
HEAD = """\
<!-- Written by docs/generate_cli.py with Typer {version}: do not edit, run `just docs`. -->
# Command reference

The help texts as `--help` shows them. What they mean in full is told in [scan](scan.md),
[config](config.md), [logs](logs.md), [passwords](passwords.md) and [vault](vault.md).
"""
_COMMAND = re.compile(r"^  ([a-z]+)  ", re.MULTILINE)


def help_text(*command: str) -> str:
    """What a command says to --help, whatever this user has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS")}
    with tempfile.TemporaryDirectory() as empty:
        ended = subprocess.run(
            [PROGRAM, *command, "--help"],
            capture_output=True,
            check=True,
            cwd=empty,
            encoding="utf-8",
            env={**kept, "COLUMNS": str(COLUMNS), "TERM": "dumb", "XDG_CONFIG_HOME": empty},
        )
    return "\n".join(line.rstrip() for line in ended.stdout.splitlines()).strip("\n")


def sections(*command: str) -> Iterator[tuple[str, str]]:
    """The name and help of a command, and of those under it."""
    text = help_text(*command)
    yield " ".join(("code-ops", *command)), text
    listed = text.partition("\nCommands:\n")[2].partition("\n\n")[0]
    for name in _COMMAND.findall(listed):
        yield from sections(*command, name)


def page() -> str:
    """The whole page."""
    head = HEAD.format(version=metadata.version("typer"))
    texts = (f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in sections())
    return head + "".join(texts)


def main() -> int:
    """Writes or checks the page; returns the exit code."""
    parser = argparse.ArgumentParser(description="Writes docs/cli.md from the help texts.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, exit 1 when it differs"
    )
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PAGE.name} is not current, run `just docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
