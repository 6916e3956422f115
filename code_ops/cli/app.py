"""The command line's table of contents."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from code_ops.cli import doctor, scan, wait
from code_ops.cli.console import Console, ExitCode, forget_broken_pipe, print_version
from code_ops.errors import SettingsError
from code_ops.settings import defaults

app = typer.Typer(
    name="code-ops",
    help="Infrastructure operations: which services answer.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CODE_OPS"},
    epilog=(
        "Options can also come from the environment (CODE_OPS_SCAN_TIMEOUT=2s), from code-ops.toml "
        "in the project or above it, and from code-ops/code-ops.toml in the user's configuration "
        "folder (a table a command: [scan] with timeout = \"2s\"); the command line stands above "
        "all.\n\n"
        "Exit codes of every command: 0 as expected, 1 not as expected, 2 usage, "
        "3 some input could not be read or resolved, 4 a failure on our side, 130 interrupted."
    ),
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print_version()
        raise typer.Exit()


@app.callback()
def top(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Infrastructure operations: which services answer."""


app.command("scan", epilog=scan.EXAMPLES)(scan.command)
app.command("wait", epilog=wait.EXAMPLES)(wait.command)
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.command)


def run() -> int:
    """Runs the program; returns its exit code."""
    try:
        app(default_map=_defaults())
    except SettingsError as error:
        Console().error(str(error))
        code: int = ExitCode.USAGE
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else ExitCode.USAGE
    else:
        code = ExitCode.OK
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        forget_broken_pipe()
    return int(code)


def _defaults() -> dict[str, dict[str, Any]]:
    """The options that files set. Raises SettingsError for those that no command has."""
    found = defaults()
    if found:
        group = typer.main.get_group(app)
        for path, command, option in found.names:
            if command not in group.commands:
                raise SettingsError(f"{path}: no command '{command}'")
            if option not in {parameter.name for parameter in group.commands[command].params}:
                raise SettingsError(f"{path}: '{command}' has no option '{option}'")
    return found.options
