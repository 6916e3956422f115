"""``code-ops vault git-setup``: git shows and merges vaults by their secrets."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Literal

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import exits, option
from code_ops.cli.vault_common import QuietOption, console_of

EXAMPLES = """\b
Examples:
  code-ops vault git-setup                          once in each clone
  code-ops vault git-setup --key-file ~/.config/project.key
  code-ops vault git-setup --check
  code-ops vault git-setup 'deploy/*.secrets'
"""

Task = Literal["install", "check", "remove"]


def command(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATTERN...]",
            help="Which files are vaults, as .gitattributes has it; by default *.vault.",
            show_default=False,
        ),
    ] = None,
    key_file: Annotated[
        str | None,
        option(
            "--key-file",
            "--identity",
            "-i",
            metavar="FILE",
            help="The merge opens vaults with this key; by default with what the environment and "
            "code-ops.toml say, or a passphrase that is asked for.",
        ),
    ] = None,
    check: Annotated[
        bool, option("--check", help="Write nothing, tell what is missing; exit 1 if something is.")
    ] = False,
    remove: Annotated[bool, option("--remove", help="Take out what this command wrote.")] = False,
    is_global: Annotated[
        bool,
        option("--global", help="For all repositories of this user, not for this one."),
    ] = False,
    program: Annotated[
        str | None,
        option(
            "--program",
            metavar="NAME",
            help="What git runs, such as code-ops where it is always on the path; by default this "
            "program with its whole path, so that editors and hooks find it.",
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Let git show and merge vaults by their secrets.

    Writes a line for vaults into .gitattributes, which is committed and serves everybody, and
    settings of this clone: git runs nothing that comes with a repository. What stands there stays.
    Without it git merges vaults as text, which `code-ops vault repair` puts right.

    Exit 0, 1 when --check misses something, 4 outside of a repository.
    """
    if check and remove:
        raise typer.BadParameter("--check and --remove: expected one")
    task: Task = "check" if check else "remove" if remove else "install"
    run(task, patterns or [], key_file, is_global, program, console_of(quiet))


@exits
def run(
    task: Task,
    patterns: list[str],
    key_file: str | None,
    is_global: bool,
    program: str | None,
    console: Console,
) -> ExitCode:
    """Does one of the three."""
    from code_ops.cli.vault_credentials import check_file_name
    from code_ops.git import Repository
    from code_ops.vault_setup import PATTERNS, Setup

    if key_file is not None:
        check_file_name(key_file)
    words = [program] if program is not None else _this_program()
    scope: Literal["local", "global"] = "global" if is_global else "local"
    setup = Setup(Repository("."), scope, patterns or PATTERNS, words, key_file)
    if task == "check":
        missing = setup.missing()
        console.data("".join(f"{line}\n" for line in missing))
        if missing:
            console.hint("`code-ops vault git-setup` writes it")
            return ExitCode.NOT_AS_EXPECTED
        console.note("git shows and merges vaults by their secrets")
        return ExitCode.OK
    if key_file is not None and not os.path.isfile(key_file):
        console.warning(f"{key_file}: there is no such key file yet")
    done = setup.remove() if task == "remove" else setup.install()
    console.notes(done or ["nothing to do"])
    if task == "install":
        _tell(setup.missing(), done, console)
    return ExitCode.OK


def _tell(missing: list[str], done: list[str], console: Console) -> None:
    for line in missing:
        console.warning(f"{line}: another line or setting stands above")
    if any(".gitattributes:" in line for line in done):
        console.note("commit .gitattributes; each clone runs `code-ops vault git-setup` once")


def _this_program() -> list[str]:
    """The words that run this program from anywhere."""
    path = os.path.abspath(sys.argv[0])
    if os.path.basename(path) == "__main__.py" or not os.access(path, os.X_OK):
        return [sys.executable, "-m", "code_ops"]
    return [path]
