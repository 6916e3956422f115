"""What ``config get``, ``query`` and ``set`` share: their input, options and exit codes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import choice_option, option
from code_ops.errors import (
    ConfigChangeError,
    ConfigError,
    ConfigMissingError,
    ConfigRequestError,
)

FORMATS = ("auto", "yaml", "json")
MERGE_KEYS = ("apply", "keep")


def input_format_option() -> Any:
    """``--input-format``."""
    return choice_option(
        FORMATS,
        "--input-format",
        metavar="FORMAT",
        help="yaml, json, or auto: json for files named so, else yaml.",
    )


def document_option() -> Any:
    """``--document``."""
    return option(
        "--document",
        metavar="N",
        min=1,
        help="The document of a stream, from 1.",
        show_default=False,
    )


def merge_keys_option() -> Any:
    """``--merge-keys``."""
    return choice_option(
        MERGE_KEYS,
        "--merge-keys",
        metavar="HOW",
        help="apply: a mapping has the entries under its <<. keep: << is a key like others.",
    )


def opened(file: str, input_format: str) -> tuple[str | bytes, dict[str, Any]]:
    """The source of a file's name or of ``-``, and the options that go with it."""
    is_json = None if input_format == "auto" else input_format == "json"
    if file != "-":
        return parameters.readable(file) if "\0" in file else file, {"json": is_json}
    return sys.stdin.buffer.read(), {"json": bool(is_json), "name": "standard input"}


def told(body: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Gives the errors of texts and paths their exit codes."""

    @functools.wraps(body)
    def run(*args: Any, **kwargs: Any) -> ExitCode:
        try:
            return body(*args, **kwargs)
        except ConfigError as error:
            Console().error(str(error))
            return _code(error)
        except OSError as error:
            if error.filename is None:
                raise
            Console().error(parameters.describe(error))
            return ExitCode.INPUT if _is_unread(error) else ExitCode.FAILURE

    return run


def _is_unread(error: OSError) -> bool:
    return isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError)


def _code(error: ConfigError) -> ExitCode:
    if isinstance(error, ConfigMissingError):
        return ExitCode.NOT_AS_EXPECTED
    if isinstance(error, ConfigRequestError):
        return ExitCode.USAGE
    if isinstance(error, ConfigChangeError):
        return ExitCode.FAILURE
    return ExitCode.INPUT
