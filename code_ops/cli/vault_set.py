"""``code-ops vault set``: a secret's value from a prompt, a pipe or a file, never an argument."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_common import (
    VALUE_BYTES_MAX,
    AcceptOlderOption,
    NameArgument,
    QuietOption,
    VaultOption,
    ask,
    console_of,
    exits,
    new_name,
    reading,
    value_kind,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_writing import changing, checked

EXAMPLES = """\b
Examples:
  code-ops vault set db/password                             asks for the value
  openssl rand -base64 24 | code-ops vault set db/password
  code-ops vault set tls/key --from-file server.key
"""


@with_key_options
def command(
    name: NameArgument,
    from_file: Annotated[
        str | None,
        option("--from-file", metavar="FILE", help="The value is the file's bytes as they are."),
    ] = None,
    exact: Annotated[
        bool, option("--exact", help="From a pipe: the line end at its end is part of the value.")
    ] = False,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add a secret, or change one.

    The value is asked for twice on a terminal, without being shown; a pipe is read, and one line
    end at its end is not part of the value. UTF-8 is kept as text, all else as bytes. A value that
    is the same leaves the file as it is.

    Exit 0, 1 when the vault is not as it was signed, 3 when it cannot be read or opened.
    """
    wanted = new_name(name)
    set_value(wanted, from_file, exact, vault, ways, accept_older, console_of(quiet))


@exits
def set_value(
    name: str,
    from_file: str | None,
    exact: bool,
    given: str | None,
    ways: Ways,
    accept_older: bool,
    console: Console,
) -> ExitCode:
    """Takes the value and writes it into the vault."""
    path = vault_path(given)
    is_asked = from_file is None and sys.stdin.isatty()
    if from_file is None and ways.reads_standard_input():
        raise typer.BadParameter("standard input has the key: --from-file gives the value")
    credentials = credentials_of(ways, path, console)
    ending = ""
    if is_asked:
        checked(path, credentials, accept_older)
        value = ask("Value: ", "The same again: ")
        if not value:
            raise typer.BadParameter("no value was typed")
    elif from_file is not None:
        value = _of_file(from_file)
    else:
        value, ending = _of_pipe(exact)
    with changing(path, credentials, accept_older, console) as vault:
        done = vault.set(name, value_kind(value))
    told = {"added": "added", "changed": "changed", "same": "unchanged"}[done]
    console.note(f"{name}: {told}{ending}")
    return ExitCode.OK


def _of_file(path: str) -> bytes:
    with reading(path), open(path, "rb") as file:
        value = file.read(VALUE_BYTES_MAX + 1)
    _check(value, readable(path))
    return value


def _of_pipe(exact: bool) -> tuple[bytes, str]:
    """The value, and what to say of its line end."""
    with reading("standard input"):
        value = sys.stdin.buffer.read(VALUE_BYTES_MAX + 1)
    _check(value, "standard input")
    ending = ""
    if not exact and value.endswith(b"\n"):
        value = value.removesuffix(b"\n").removesuffix(b"\r")
        ending = ", without the line end (--exact keeps it)"
    if not value and not exact:
        # A program that failed before the pipe writes nothing.
        raise InputError("standard input: the value is empty; --exact takes it nevertheless")
    return value, ending


def _check(value: bytes, name: str) -> None:
    if len(value) > VALUE_BYTES_MAX:
        raise InputError(f"{name}: a value has at most 48 MiB, seal larger files by themselves")
