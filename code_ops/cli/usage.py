"""Usage errors in the words of this program, and the options that files set.

An option can come from the command line, the environment or a file: what is wrong with its
value is told under the name that the user wrote.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from code_ops.errors import SettingsError
from code_ops.settings import Defaults

# A file that comes with somebody's project must not name what is scanned or overwritten, nor what
# runs, or goes into a vault that others can open.
_NEVER_FROM_FILES = (
    "targets",
    "file",
    "output",
    "resume",
    "key_cmd",
    "from_file",
    "accept_older",
    "allow_disk",
    "sources",
    "replace",
    "recipient",
    "recipients",
    "recipients_file",
    "new_key",
    "new_passphrase_file",
    "drop",
    "even_mine",
    "plugins",
    "source_passphrase_file",
    "source_identity",
    "target_passphrase_file",
    "words",
    "template",
    "no_redact",
    "program",
    "accept",
    "base",
    "ours",
    "theirs",
    "remove",
)
# Whoever has such a file, or knows what stands in it, could open what these commands seal.
_NEVER_FOR = {
    "vault init": ("key_file", "passphrase_file", "params"),
    "vault encrypt": ("key_file", "passphrase_file", "params"),
    "vault recipients add": ("new_key", "new_passphrase_file", "params"),
}


class DrawnMistake(typer.BadParameter):
    """A mistake within a value, and the lines that show where it is."""

    def __init__(self, message: str, drawing: Sequence[str]) -> None:
        super().__init__(message)
        self.drawing = drawing


def complaint(error: typer.TyperException, found: Defaults) -> str:
    """What is wrong with the command line, in one line."""
    if isinstance(error, typer.BadParameter) and error.message:
        name = _name(error, found)
        message = error.message.replace("is not a valid int range", "is not a whole number")
        return f"{name}: {_lowered(message)}" if name else message
    text = _lowered(error.format_message())
    return text.replace("(Possible options:", "(similar:").replace(". Did", ", did")


def hint(error: typer.TyperException, group: Any) -> str:
    """Where the user finds out more."""
    context = getattr(error, "ctx", None)
    typed = next((word for word in sys.argv[1:] if word in group.commands), None)
    option = getattr(error, "option_name", None)
    if context is not None and context.parent is None and option:
        # Typed before the command that has it.
        commands = _commands(group)
        names = [name for name in commands if typed in (None, name.split()[0])]
        for name in names:
            if any(option in parameter.opts for parameter in commands[name].params):
                return f"options of a command stand after it: `code-ops {name} {option}`"
    path = context.command_path if context is not None else f"code-ops {typed or ''}".rstrip()
    return f"`{path} --help` tells more"


def _commands(group: Any) -> dict[str, Any]:
    """All commands by their names, those of groups as ``config check``."""
    commands: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = _commands(command) if hasattr(command, "commands") else {}
        commands |= {f"{name} {word}": each for word, each in inner.items()} or {name: command}
    return commands


def _lowered(text: str) -> str:
    return (text[:1].lower() + text[1:]).rstrip(".")


def _name(error: typer.BadParameter, found: Defaults) -> str:
    """The name under which the value was given: an option, a variable, a file's key."""
    parameter: Any = error.param
    context: Any = error.ctx
    if parameter is None or context is None:
        return ""
    source = context.get_parameter_source(parameter.name)
    if source is not None and source.name == "DEFAULT_MAP":
        command = context.command_path.split(maxsplit=1)[-1]
        return found.place(command, parameter.name)
    if source is not None and source.name == "ENVIRONMENT":
        return _variable(parameter, context)
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    return str(max(parameter.opts, key=len))


def _variable(parameter: Any, context: Any) -> str:
    named = [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or []
    variables = [*named, f"{context.auto_envvar_prefix}_{parameter.name.upper()}"]
    return str(next((name for name in variables if os.environ.get(name)), variables[0]))


def default_map(group: Any, found: Defaults) -> dict[str, Any]:
    """The options that files set, as the parser takes them: a map in a map for groups.

    Raises SettingsError for those that no command has, and for values of a wrong kind.
    """
    commands = _commands(group)
    for path, command, option in found.names:
        if command not in commands:
            raise SettingsError(f"{path}: no command '{command}'")
        parameters = {parameter.name: parameter for parameter in commands[command].params}
        if option not in parameters:
            raise SettingsError(f"{path}: '{command}' has no option '{option.rstrip('_')}'")
        if option in (*_NEVER_FROM_FILES, *_NEVER_FOR.get(command, ())):
            raise SettingsError(f"{path}: '{option}' is given on the command line only")
        options = found.options[command]
        try:
            options[option] = _fitting(parameters[option], options[option])
        except ValueError as error:
            raise SettingsError(f"{found.place(command, option)}: {error}") from None
    nested: dict[str, Any] = {}
    for command, options in found.options.items():
        *groups, name = command.split()
        level = nested
        for word in groups:
            level = level.setdefault(word, {})
        level.setdefault(name, {}).update(options)
    return nested


def _fitting(parameter: Any, value: Any) -> Any:
    """A file's value as the parser takes it: lists where lists are meant, text elsewhere."""
    several = parameter.multiple or parameter.nargs == -1
    if several:
        return value if isinstance(value, list) else [value]
    if isinstance(value, list):
        # Lists that the command line has in one text, apart by commas: ports, kinds.
        return ",".join(map(str, value))
    if isinstance(value, bool) != bool(getattr(parameter, "is_flag", False)):
        expected = "a value" if isinstance(value, bool) else "true or false"
        shown = str(value).lower() if isinstance(value, bool) else f"'{value}'"
        raise ValueError(f"expected {expected}, found {shown}")
    return value
