"""``code-ops vault rotate``: a new data key for all vaults of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, describe, error_code, option, readable
from code_ops.cli.vault_common import AcceptOlderOption, QuietOption, console_of, exits, reading
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_keeping import (
    ADVICE,
    DropOption,
    KeepKeysOption,
    KeepPassphrasesOption,
    PluginsOption,
    hint_keeping,
    kept,
    names_told,
)
from code_ops.errors import CodeOpsError, VaultMissingError, VaultOlderError
from code_ops.numerals import plural

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials
    from code_ops.vault_rotate import Outcome

EXAMPLES = """\b
Examples:
  code-ops vault rotate --key-file vault.key --dry-run      all vaults below this folder
  code-ops vault rotate deploy/prod.vault --key-file ci.key --keep-passphrase-file people.txt
  code-ops vault rotate --key-file vault.key --drop alice
"""


@with_key_options
def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Vaults, and folders in which all files *.vault are. By default this folder.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, option("--dry-run", "-n", help="Tell what would be done, and write nothing.")
    ] = False,
    drop: DropOption = None,
    keep_keys: KeepKeysOption = None,
    keep_passphrases: KeepPassphrasesOption = None,
    plugins: PluginsOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give vaults new data keys, all of them or none.

    All secrets are sealed anew, and the slots of all who stay. All vaults are locked, written
    beside their places, read again and compared; then all take their places. What fails before that
    leaves all as they were. After a kill in between each vault is the old one or the new one and
    opens with the same keys; the same command finishes it.

    All that is given is tried on each vault. Recipients stay by themselves; the slot of a key or
    passphrase needs it, or is given up with --drop. Folders named .git are not entered, and links
    in folders not followed.

    Exit 0, 1 when a vault is not as it was signed, 3 when one cannot be read or opened, or a slot
    not be kept, 4 when one cannot be written.
    """
    keep = (keep_keys or [], keep_passphrases or [])
    way = "dry-run" if dry_run else "write"
    older = "accept" if accept_older else "refuse"
    rotate(paths or ["."], way, drop or [], keep, plugins or [], ways, older, console_of(quiet))


@exits
def rotate(
    paths: Sequence[str],
    way: str,
    drop: Sequence[str],
    keep: tuple[Sequence[str], Sequence[str]],
    plugins: Sequence[str],
    ways: Ways,
    older: str,
    console: Console,
) -> ExitCode:
    """Finds the vaults, gives all of them new keys or none, and tells what became of each."""
    from code_ops.vault_rotate import Request, find_vaults, rotate_vaults

    try:
        vaults = find_vaults(paths)
    except OSError as error:
        raise InputError(describe(error)) from None
    if not vaults:
        where = ", ".join(map(readable, paths))
        raise InputError(f"{where}: there is no vault, a file *.vault that `vault init` has made")
    _check(vaults, drop)
    credentials = _credentials(vaults[0], ways, keep, console)
    request = Request(
        credentials,
        drop,
        plugins,
        "accept" if older == "accept" else "refuse",
        "dry-run" if way == "dry-run" else "write",
    )
    outcomes = rotate_vaults(vaults, request)
    _tell(outcomes, console)
    return max((_code(each) for each in outcomes), default=ExitCode.OK)


def _check(vaults: Sequence[str], drop: Sequence[str]) -> None:
    """All of them can be read, and each label that is given up is somebody's."""
    from code_ops.vault_file import read_overview

    labels = set()
    for path in vaults:
        with reading(path):
            labels |= {slot.label or slot.kind for slot in read_overview(path).slots}
    for label in drop:
        if label not in labels:
            raise VaultMissingError(f"--drop: no vault has a recipient {label}")


def _credentials(
    path: str, ways: Ways, keep: tuple[Sequence[str], Sequence[str]], console: Console
) -> Credentials:
    """All that is given; those of who stays open vaults as well."""
    others = kept(*keep, console)
    if any(others) and not ways.are_given():
        return others
    return credentials_of(ways, path, console).together(others)


def _tell(outcomes: Sequence[Outcome], console: Console) -> None:
    for path, state, secrets, slots, _, error in outcomes:
        name = readable(path)
        held = f"{plural(len(secrets), 'secret')}, {len(slots)} can open it"
        if error is not None:
            console.error(_message(error))
        elif state == "kept":
            console.note(f"{name}: kept as it was")
        else:
            what = "would get a new data key" if state == "could" else "has a new data key"
            console.note(f"{name}: {what}; {held}")
    if any("cannot be kept" in str(each.error) for each in outcomes):
        hint_keeping(console)
    if len({each.state for each in outcomes}) > 1:
        console.hint("some have a new data key: the same command again does the rest")
    _tell_dropped(outcomes, console)


def _tell_dropped(outcomes: Sequence[Outcome], console: Console) -> None:
    told = False
    for path, state, secrets, _, dropped, _ in outcomes:
        if state == "rotated" and dropped and secrets:
            who = ", ".join(slot.label or slot.kind for slot in dropped)
            console.note(f"{readable(path)}: {who} could read {names_told(secrets)}")
            told = True
    if told:
        console.note(ADVICE)


def _message(error: Exception) -> str:
    if isinstance(error, VaultOlderError):
        return f"{error}; --accept-older changes it"
    return describe(error) if isinstance(error, OSError) else str(error)


def _code(outcome: Outcome) -> ExitCode:
    if isinstance(outcome.error, CodeOpsError):
        return error_code(outcome.error)
    return ExitCode.OK if outcome.error is None else ExitCode.FAILURE
