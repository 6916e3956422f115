"""``code-ops vault repair``: what is not as it was signed, shown and settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    reading,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.errors import VaultChangedError, VaultClosedError, VaultError
from code_ops.numerals import plural

if TYPE_CHECKING:
    from code_ops.vault_conflicts import Conflicted
    from code_ops.vault_file import Credentials, Vault
    from code_ops.vault_merge import Merged
    from code_ops.vault_repair import Unsettled

EXAMPLES = """\b
Examples:
  code-ops vault repair                              shows what is not as it was signed
  code-ops vault repair --accept --drop tls/old
  code-ops vault repair db/password --accept         that one, and there may be no other
"""

_CHECKOUT = (
    "after `code-ops vault git-setup`, `git checkout --merge -- FILE` merges it anew; "
    "`git checkout --ours -- FILE` or --theirs takes one side, and REV in their place an older file"
)


class Wanted(NamedTuple):
    """What shall be done."""

    names: Sequence[str]
    dropped: Sequence[str]
    is_accepted: bool
    accept_older: bool


@with_key_options
def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME...]",
            help="With --accept: these have to be all there are.",
            show_default=False,
        ),
    ] = None,
    accept: Annotated[
        bool, option("--accept", help="Sign the vault as it stands, or merge both sides of it.")
    ] = False,
    drop: Annotated[
        list[str] | None,
        option("--drop", metavar="NAME", help="With --accept: take this one out. Repeatable."),
    ] = None,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Settle a vault that is not as it was signed.

    Git has merged it as text, or somebody has changed it. Shows which secrets were added, replaced
    or taken out without being signed; with --accept it signs the vault as it stands. Accept only
    what you know: an older value that was put back looks the same as one that a merge brought.
    Lines that do not open are never accepted, and a head that was changed cannot be repaired: git
    has the file as it was before.

    A file in conflict, with git's markers or left by a merge without a key, is taken apart, and
    --accept merges both sides as `vault merge` does.

    Exit 0 when all is as it was signed, 1 when something is to be settled, 3 when the vault cannot
    be read, opened or taken apart.
    """
    if (drop or names) and not accept:
        raise typer.BadParameter("--drop and NAME go with --accept")
    wanted = Wanted(names or [], drop or [], accept, accept_older)
    run(wanted, vault, ways, console_of(quiet))


@exits
def run(wanted: Wanted, given: str | None, ways: Ways, console: Console) -> ExitCode:
    """Finds out what is wrong with the file, and settles it."""
    from code_ops.vault_conflicts import conflicted
    from code_ops.vault_file import content_at

    path = vault_path(given)
    with reading(path):
        content = content_at(path)
    found = conflicted(path, content)
    if found is None:
        return _settle(path, wanted, credentials_of(ways, path, console), console)
    credentials = credentials_of(ways, path, console, found.forms.ours)
    return _merge(path, content, found, wanted, credentials, console)


def _settle(path: str, wanted: Wanted, credentials: Credentials, console: Console) -> ExitCode:
    """A vault in no conflict: shows the findings, or accepts them."""
    from code_ops.cli.vault_writing import changing
    from code_ops.vault_repair import repair, unsettled

    found = unsettled(_opened(path, credentials, console))
    name = readable(path)
    if not found:
        console.note(f"{name}: all is as it was signed")
        return ExitCode.OK
    if not wanted.is_accepted:
        _show(found, console)
        return ExitCode.NOT_AS_EXPECTED
    with changing(path, credentials, wanted.accept_older, console) as vault:
        found = unsettled(vault)
        _check(path, wanted, found)
        repair(vault, wanted.dropped)
    for each in found:
        is_dropped = each.finding.name in wanted.dropped
        console.note(f"{each.finding.name}: {'taken out' if is_dropped else 'signed as it stands'}")
    return ExitCode.OK


def _opened(path: str, credentials: Credentials, console: Console) -> Vault:
    from code_ops.vault_file import open_vault

    try:
        with reading(path):
            return open_vault(path, credentials)
    except VaultChangedError as error:
        console.error(f"{error}, which cannot be repaired")
        console.hint(f"`git checkout REV -- {readable(path)}` puts the file back as it was")
        raise typer.Exit(int(ExitCode.NOT_AS_EXPECTED)) from None


def _show(found: Sequence[Unsettled], console: Console) -> None:
    for each in found:
        closed = "" if each.opens else "; the line does not open"
        console.data(f"{each.finding.message}{closed}\n")
    console.hint(
        "--accept signs this as it stands; an older value that was put back looks the same as a "
        "new one, so look into the history first: `git log -p`"
    )


def _check(path: str, wanted: Wanted, found: Sequence[Unsettled]) -> None:
    """Refuses to sign what was not meant, and what does not open."""
    names = [each.finding.name for each in found]
    meant = {*wanted.names, *wanted.dropped}
    strange = sorted(meant.difference(names))
    if strange:
        raise VaultChangedError(f"{path}: {', '.join(strange)}: as signed, or not there")
    others = [name for name in names if name not in meant]
    if wanted.names and others:
        raise VaultChangedError(f"{path}: there are others to be settled: {', '.join(others)}")
    closed = [each.finding.name for each in found if not each.opens]
    left = [name for name in closed if name not in wanted.dropped]
    if left:
        drops = " ".join(f"--drop {name}" for name in left)
        raise VaultChangedError(f"{path}: what does not open is never accepted: {drops}")


def _merge(
    path: str,
    content: bytes,
    found: Conflicted,
    wanted: Wanted,
    credentials: Credentials,
    console: Console,
) -> ExitCode:
    """A vault in conflict: shows what merging gives, or merges."""
    from code_ops.cli.vault_merge import tell

    merged = _merged(path, found, wanted, credentials, console)
    name = readable(path)
    if not wanted.is_accepted:
        where = "git has" if found.source == "git" else "the text has"
        count = plural(len(merged.conflicts), "conflict") if merged.conflicts else "no conflict"
        console.data(f"{name}: {where} two sides, which merge with {count}\n")
        for conflict in merged.conflicts:
            console.data(f"{conflict.message}\n")
        console.hint("--accept merges both sides")
        return ExitCode.NOT_AS_EXPECTED
    _write(path, content, merged.text)
    console.note(f"{name}: both sides are merged")
    tell(path, merged, console)
    return ExitCode.NOT_AS_EXPECTED if merged.conflicts else ExitCode.OK


def _merged(
    path: str, found: Conflicted, wanted: Wanted, credentials: Credentials, console: Console
) -> Merged:
    from code_ops.vault_repair import merged

    try:
        return merged(path, found, credentials, wanted.dropped)
    except VaultClosedError:
        raise
    except VaultError as error:
        console.error(f"{error}; both sides cannot be merged")
        console.hint(_CHECKOUT)
        raise typer.Exit(int(ExitCode.INPUT)) from None


def _write(path: str, before: bytes, text: bytes) -> None:
    """Puts the merged vault in the place of what was looked at."""
    from code_ops.atomic_files import replace_file
    from code_ops.vault_file import locked

    with reading(path), locked(path) as content:
        if content != before:
            raise InputError(f"{path}: the file changed meanwhile, nothing was written")
        replace_file(path, text)
