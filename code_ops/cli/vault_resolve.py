"""``code-ops vault resolve``: conflicts of a merge settled, one side or the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    names_of,
    reading,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_writing import changing
from code_ops.errors import VaultMissingError

if TYPE_CHECKING:
    from code_ops.vault_file import Secret, Vault

EXAMPLES = """\b
Examples:
  code-ops vault resolve                          which are open
  code-ops vault resolve db/password --theirs
  code-ops vault resolve --all --ours
"""

Side = Literal["ours", "theirs"]
_KEPT = re.compile(r"(.+)\.theirs[0-9]*")


@with_key_options
def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", autocompletion=names_of, show_default=False),
    ] = None,
    ours: Annotated[bool, option("--ours", help="NAME stays as it is, NAME.theirs goes.")] = False,
    theirs: Annotated[
        bool, option("--theirs", help="NAME gets the value of NAME.theirs, which goes.")
    ] = False,
    all: Annotated[bool, option("--all", help="All that are open.")] = False,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Settle the conflicts that a merge left in the vault.

    A merge keeps both values of what two sides set: ours under NAME, theirs under NAME.theirs.
    Without a side this lists which secrets are so; `vault get` shows either. During a rebase ours
    is what is rebased onto, as git has it. Then `git add`.

    Exit 0, 1 when there is no such conflict, or without a side when any is open, 3 when the vault
    cannot be read or opened.
    """
    side: Side | None = "ours" if ours else "theirs" if theirs else None
    if ours and theirs:
        raise typer.BadParameter("--ours and --theirs: expected one")
    if side is None and (names or all):
        raise typer.BadParameter("expected --ours or --theirs")
    if side is not None and bool(names) == all:
        raise typer.BadParameter("expected NAME, or --all")
    console = console_of(quiet)
    if side is None:
        show(vault, console)
    else:
        resolve(names or [], side, vault, ways, accept_older, console)


@exits
def show(given: str | None, console: Console) -> ExitCode:
    """Lists what is open; names need no key."""
    from code_ops.vault_file import read_overview

    path = vault_path(given)
    with reading(path):
        secrets = {secret.name: secret for secret in read_overview(path).secrets}
    found = kept_names(secrets)
    for kept in found:
        name = found[kept]
        ours = _told(secrets[name]) if name in secrets else "removed"
        console.data(f"{name}: ours {ours}, theirs {_told(secrets[kept])} as {kept}\n")
    if not found:
        console.note("no conflict is open")
    return ExitCode.NOT_AS_EXPECTED if found else ExitCode.OK


@exits
def resolve(
    names: Sequence[str],
    side: Side,
    given: str | None,
    ways: Ways,
    accept_older: bool,
    console: Console,
) -> ExitCode:
    """Settles all or none, in one writing."""
    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    with changing(path, credentials, accept_older, console) as vault:
        found = kept_names({secret.name: secret for secret in vault.secrets})
        wanted = [_kept(name, found, path) for name in dict.fromkeys(names)] or list(found)
        for kept in wanted:
            _settle(vault, found[kept], kept, side)
    console.notes([f"{found[kept]}: {side} stays" for kept in wanted] or ["no conflict is open"])
    return ExitCode.OK


def kept_names(secrets: dict[str, Secret]) -> dict[str, str]:
    """The names that have their values, and those that they are of."""
    matches = (_KEPT.fullmatch(name) for name in secrets)
    return {match[0]: match[1] for match in matches if match}


def _kept(name: str, found: dict[str, str], path: str) -> str:
    if name in found:
        return name
    kept = [each for each, of in found.items() if of == name]
    if not kept:
        raise VaultMissingError(f"{path}: there is no conflict of {name}")
    if len(kept) > 1:
        raise typer.BadParameter(f"expected one of {', '.join(kept)}")
    return kept[0]


def _settle(vault: Vault, name: str, kept: str, side: Side) -> None:
    if side == "theirs":
        theirs = next(secret for secret in vault.secrets if secret.name == kept)
        value = vault.get(kept)
        vault.set(name, value.decode() if theirs.kind == "text" else value, theirs.date)
    vault.remove(kept)


def _told(secret: Secret) -> str:
    return f"version {secret.version} of {secret.date}"
