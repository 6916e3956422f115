"""``code-ops vault get``: a secret's value, exactly."""

from __future__ import annotations

import os
import stat
import sys
from typing import Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option
from code_ops.cli.vault_common import (
    NameArgument,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    missing_told,
    one_name,
    reading,
    value_kind,
    vault_path,
    warn_of,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options

EXAMPLES = """\b
Examples:
  code-ops vault get db/password --key-file vault.key
  code-ops vault get tls/key --output server.key
  code-ops vault get db/password --key-cmd 'pass show vault-key'
"""


@with_key_options
def command(
    name: NameArgument,
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file, at once and whole; a new one for its owner alone.",
        ),
    ] = "-",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Write a secret's value, exactly as it was set.

    It goes to standard output, or to a file. On a terminal a line end is added to text, and bytes
    that are no text are refused.

    Exit 0, 1 when there is no such secret or it is not as it was signed, 3 when the vault cannot
    be read or opened.
    """
    get(one_name(name), output, vault, ways, console_of(quiet))


@exits
def get(name: str, output: str, given: str | None, ways: Ways, console: Console) -> ExitCode:
    """Opens the vault and writes the value."""
    from code_ops.vault_file import open_vault

    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    with missing_told(vault, console):
        value = vault.get(name)
    _write(output, _shown(value) if output == "-" else value, console)
    return ExitCode.OK


def _shown(value: bytes) -> bytes:
    """What standard output gets, which may be a terminal."""
    if sys.stdout.isatty():
        if isinstance(value_kind(value), bytes):
            raise typer.BadParameter(
                "the value is no text: --output FILE writes it to a file, a pipe takes it too"
            )
        value += b"" if value.endswith(b"\n") else b"\n"
    return value


def _write(output: str, value: bytes, console: Console) -> None:
    from code_ops.cli.output import open_output

    with open_output(output, new_mode=0o600) as target:
        target.stream.buffer.write(value)
    if output == "-":
        return
    mode = os.stat(output).st_mode
    if stat.S_ISREG(mode) and mode & 0o077:
        console.warning(f"{output}: others can read this file, which was there before")
