"""The command line's table of contents."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Annotated, Any

import typer

from code_ops.cli import config, logs, passwords, vault
from code_ops.cli.completion import mend_zsh
from code_ops.cli.console import Console, ExitCode, print_version, unwritable
from code_ops.cli.usage import DrawnMistake, complaint, default_map, hint
from code_ops.errors import SettingsError
from code_ops.settings import Defaults, defaults

_COMPLETION = "_CODE_OPS_COMPLETE"
"""The variable that a shell sets when it asks what could be typed next."""

_EPILOG = (
    "`code-ops --install-completion` lets Tab complete commands, options and their values, "
    "from the next shell on: bash, zsh or fish.\n\n"
    "Options can also come from the environment (CODE_OPS_SCAN_TIMEOUT=2s), from code-ops.toml "
    "in the project or above it, and from code-ops/code-ops.toml in the user's configuration "
    'folder (a table a command: [scan] with timeout = "2s"); the command line stands above '
    "all.\n\n"
    "Exit codes of every command: 0 as expected, 1 not as expected, 2 usage, "
    "3 some input could not be read or resolved, 4 a failure on our side, 130 interrupted."
)
_GROUPS = {"config": config, "logs": logs, "passwords": passwords, "vault": vault}
# The others, each with its line in the program's help where that is not its own first one.
_ALONE = {
    "scan": None,
    "wait": None,
    "doctor": "Tell which engine runs, why, and what is missing.",
}
_ORDER = ("scan", "wait", "config", "logs", "passwords", "vault", "doctor")


def _show_version(wanted: bool) -> None:
    if wanted:
        raise typer.Exit(print_version())


def program(only: Sequence[str] = ()) -> typer.Typer:
    """The program with all its commands, or with none but one: ``("logs", "show")``.

    Building a command takes a few milliseconds, which each start would pay for all of them.
    """
    app = typer.Typer(
        name="code-ops",
        help="Infrastructure operations: which services answer, are these files right, what do "
        "these logs say, are these passwords stored well, who can read this secret.",
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=_EPILOG,
    )
    app.callback()(_top)
    for name in _ORDER:
        if only and only[0] != name:
            continue
        if name in _GROUPS:
            _add_group(app, [name], _GROUPS[name], only[1:])
        else:
            module = importlib.import_module(f"code_ops.cli.{name}")
            _add(app, "CODE_OPS", name, module, _ALONE[name])
    return app


def _top(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Infrastructure operations: which services answer, are these files right, what logs say."""
    if context.invoked_subcommand is None:
        Console().talk(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


def _add(
    group: typer.Typer, prefix: str, name: str, module: ModuleType, short_help: str | None = None
) -> None:
    # Not one prefix for all: the program's own options are no settings.
    settings = {"auto_envvar_prefix": f"{prefix}_{name.upper()}"} | getattr(module, "SETTINGS", {})
    add = group.command(
        name, epilog=module.EXAMPLES, short_help=short_help, context_settings=settings
    )
    add(module.command)


def _add_group(
    parent: typer.Typer, path: Sequence[str], commands: ModuleType, only: Sequence[str]
) -> None:
    """A command of commands; alone it shows its help and is a usage error, as the program is."""
    group = typer.Typer(name=path[-1], help=commands.HELP, invoke_without_command=True)

    @group.callback()
    def alone(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            Console().talk(context.get_help())
            raise typer.Exit(ExitCode.USAGE)

    for word in only[:1] or commands.COMMANDS:
        module = _module([*path, word])
        if _is_group(module):
            _add_group(group, [*path, word], module, only[1:])
        else:
            _add(group, "_".join(["CODE_OPS", *path]).upper(), word, module)
    parent.add_typer(group)


def _module(path: Sequence[str]) -> ModuleType:
    return importlib.import_module(f"code_ops.cli.{'_'.join(path)}".replace("-", "_"))


def _is_group(module: ModuleType) -> bool:
    """Whether a module is a table of commands, and not one."""
    return hasattr(module, "COMMANDS")


def _named(words: Sequence[str]) -> Sequence[str]:
    """The command that a command line begins with; empty where it is none, or not whole."""
    if words and words[0] in _ALONE:
        return words[:1]
    commands = _GROUPS.get(words[0]) if words else None
    for length, word in enumerate(words[1:], 2):
        if commands is None or word not in commands.COMMANDS:
            break
        commands = _module(words[:length])
        if not _is_group(commands):
            return words[:length]
    return ()


def run() -> int:
    """Runs the program; returns its exit code."""
    console = Console()
    found = Defaults()
    command: Any = None
    try:
        if any(word in ("--install-completion", "--show-completion") for word in sys.argv):
            mend_zsh()
        # Help is for those who have something wrong, such as a file of settings.
        if _COMPLETION not in os.environ and not {"-h", "--help"} & set(sys.argv):
            found = defaults()
        # Files can have options of any command.
        is_asked = _COMPLETION in os.environ
        only = () if found.names or is_asked else _named(sys.argv[1:])
        command = typer.main.get_command(program(only))
        options = default_map(command, found)
        return int(command.main(prog_name="code-ops", default_map=options, standalone_mode=False))
    except SettingsError as error:
        console.error(str(error))
    except typer.TyperException as error:
        console.error(complaint(error, found))
        if isinstance(error, DrawnMistake):
            console.drawing(error.drawing)
        console.hint(hint(error, command))
    except SystemExit as end:
        # How the parser leaves after completion, and after a pipe that is closed while it
        # writes a help text.
        gone = isinstance(end.__context__, BrokenPipeError)
        return end.code if isinstance(end.code, int) and not gone else ExitCode.OK
    except OSError as error:
        # Commands tell their own; what is left is a help text that cannot be written.
        return unwritable(error)
    except Exception:
        # Never 1: that a check failed is not what happened.
        sys.excepthook(*sys.exc_info())
        console.error("this is a fault in code-ops, please report it with the lines above")
        return ExitCode.FAILURE
    return ExitCode.USAGE
