"""``code-ops vault rm``: secrets taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    hint_nearest,
    names_of,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_writing import changing
from code_ops.errors import VaultMissingError

EXAMPLES = """\b
Examples:
  code-ops vault rm db/password --key-file vault.key
  code-ops vault rm db/old db/older
"""


@with_key_options
def command(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", autocompletion=names_of, show_default=False),
    ],
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take secrets out of the vault.

    Their values stay in the history of git: a secret that should not be known any more is changed
    where it is used. Names that are not there are told, the others go.

    Exit 0, 1 when a name was not there or the vault is not as it was signed, 3 when it cannot be
    read or opened.
    """
    remove(names, vault, ways, accept_older, console_of(quiet))


@exits
def remove(
    names: Sequence[str], given: str | None, ways: Ways, accept_older: bool, console: Console
) -> ExitCode:
    """Takes out those that are there, in one writing."""
    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    removed, missing = [], []
    with changing(path, credentials, accept_older, console) as vault:
        for name in dict.fromkeys(names):
            try:
                vault.remove(name)
                removed.append(name)
            except VaultMissingError as error:
                missing.append((name, str(error)))
    # Told when it is so: the file is written by now.
    console.notes([f"{name}: removed" for name in removed])
    for name, complaint in missing:
        console.error(complaint)
        hint_nearest(vault, name, console)
    return ExitCode.NOT_AS_EXPECTED if missing else ExitCode.OK
