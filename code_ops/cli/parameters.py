"""Parameter types that several commands share: durations, choices, and what runs a command."""

from __future__ import annotations

import functools
import math
import re
import signal
import sys
from collections.abc import Callable
from typing import Any, ParamSpec

import typer

from code_ops.cli.console import Console, ExitCode, forget
from code_ops.errors import (
    CheckpointError,
    CodeOpsError,
    ConfigChangeError,
    ConfigError,
    ConfigMissingError,
    ConfigRequestError,
    LogConditionError,
    PasswordError,
    PasswordInputError,
    TargetError,
    VaultChangedError,
    VaultError,
    VaultMissingError,
    VaultRequestError,
)

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(us|ms|s|m|h)")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB)")
_BYTES = {
    name: base**power
    for base, names in (
        (1024, ("B", "KiB", "MiB", "GiB", "TiB")),
        (1000, ("B", "KB", "MB", "GB", "TB")),
        (1000, ("B", "kB")),
    )
    for power, name in enumerate(names)
}
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}

Parameters = ParamSpec("Parameters")

ENGINES = ("auto", "rust", "python")

# The environment variables follow one rule, told once in the program's help.
option = functools.partial(typer.Option, show_envvar=False)


def duration_ms(text: str | float) -> float:
    """Milliseconds of ``300ms``, ``2s``, ``5m``."""
    match = _DURATION.fullmatch(str(text))
    if match is None:
        raise typer.BadParameter(
            f"expected a duration with its unit like 300ms, 2s or 5m, found '{text}'"
        )
    return float(match[1]) * _MILLISECONDS[match[2]]


def size_bytes(text: str | int) -> int:
    """Bytes of ``512KiB``, ``64MiB``, ``1.5GB``."""
    match = _SIZE.fullmatch(str(text))
    if match is None:
        raise typer.BadParameter(
            f"expected a size with its unit like 64MiB or 1GiB, found '{text}'"
        )
    return int(float(match[1]) * _BYTES[match[2]])


def timeout_ms(text: str | float) -> int:
    """A duration as whole milliseconds from 1 to 3,600,000."""
    value = duration_ms(text)
    if not 1 <= value <= 3_600_000:
        raise typer.BadParameter(f"'{text}' is out of range 1ms-1h")
    return round(value)


def rate(text: str | float) -> float:
    """A number a second, at least 0.001."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.001 <= value < math.inf:
        raise typer.BadParameter(f"expected a number from 0.001 up, found '{text}'")
    return value


def choice(*names: str) -> Callable[[str], str]:
    """A parser that takes one of the names."""

    def parse(text: str) -> str:
        if text in names:
            return text
        raise typer.BadParameter(f"expected one of {', '.join(names)}, found '{text}'")

    return parse


def completing(*names: str) -> Callable[[str], list[str]]:
    """A completion that offers the names that begin as typed."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def choice_option(names: tuple[str, ...], *declarations: str, **settings: Any) -> Any:
    """An option that takes one of the names, and completes them."""
    return option(
        *declarations, parser=choice(*names), autocompletion=completing(*names), **settings
    )


def engine_option(help_text: str) -> Any:
    """``--engine``, the same in every command."""
    return choice_option(ENGINES, metavar="ENGINE", envvar="CODE_OPS_ENGINE", help=help_text)


def exits(command: Callable[Parameters, ExitCode]) -> Callable[Parameters, None]:
    """Runs a command's function: its exit code, errors and interrupts end the program."""

    @functools.wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        console = Console()
        # A job that is ended from outside tells what it has, as after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            code = command(*args, **kwargs)
        except CodeOpsError as error:
            console.error(str(error))
            code = error_code(error)
        except BrokenPipeError:
            forget(sys.stdout)
            code = ExitCode.OK
        except OSError as error:
            console.error(describe(error))
            code = ExitCode.FAILURE
        except MemoryError as error:
            console.error(str(error) or "the system has no memory left for this")
            code = ExitCode.FAILURE
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                # The terminal has shown the key itself.
                console.talk("")
            console.error("interrupted")
            code = ExitCode.INTERRUPTED
        raise typer.Exit(int(code))

    return run


def nearest(context: typer.Context, **values: Any) -> list[Any]:
    """Values of options that exclude each other, None for those set farther from the user.

    The command line is nearest, then the environment, then files. What is set at the same
    place stays, to be complained of.
    """
    order = ("COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP")
    sources = [context.get_parameter_source(name) for name in values]
    ranks = [order.index(source.name) if source else len(order) for source in sources]
    return [
        value if rank == min(ranks) else None
        for value, rank in zip(values.values(), ranks, strict=True)
    ]


def readable(text: str) -> str:
    """An argument as text: bytes that are no UTF-8 become a character that no host name has."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class InputError(CodeOpsError):
    """A file to read that cannot be read; the message names it."""


def error_code(error: CodeOpsError) -> ExitCode:
    """The exit code that an error ends a command with."""
    if isinstance(error, ConfigMissingError | VaultMissingError | VaultChangedError):
        return ExitCode.NOT_AS_EXPECTED
    if isinstance(
        error, ConfigRequestError | LogConditionError | PasswordError | VaultRequestError
    ):
        return ExitCode.USAGE
    if isinstance(error, ConfigChangeError):
        return ExitCode.FAILURE
    unread = (InputError, TargetError, CheckpointError, ConfigError, PasswordInputError, VaultError)
    if isinstance(error, unread):
        return ExitCode.INPUT
    return ExitCode.FAILURE


def describe(error: OSError) -> str:
    """An operating system's error as one lower-case line with its file."""
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename}: {reason}" if error.filename else reason
