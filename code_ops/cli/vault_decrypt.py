"""``code-ops vault decrypt``: the content of a sealed file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option, readable
from code_ops.cli.vault_common import QuietOption, ask, console_of, exits
from code_ops.cli.vault_credentials import (
    NO_WAYS,
    Ways,
    credentials_of,
    has_terminal,
    hint_ways,
    with_key_options,
)
from code_ops.cli.vault_sealing import (
    ENDING,
    STANDARD,
    FileArgument,
    ReplaceOption,
    check_places,
    progress_of,
    reading_source,
)
from code_ops.errors import VaultChangedError, VaultClosedError

if TYPE_CHECKING:
    from code_ops.sealed_file import SealedFile
    from code_ops.vault_file import Credentials

EXAMPLES = """\b
Examples:
  code-ops vault decrypt dump.sql.sealed --key-file backup.key    makes dump.sql
  code-ops vault decrypt dump.sql.sealed -o restored.sql
  code-ops vault decrypt data.tar.sealed -o - --key-file backup.key | tar x
"""


@with_key_options
def command(
    file: FileArgument,
    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"By default FILE without its {ENDING}; - is standard output.",
            show_default=False,
        ),
    ] = None,
    ways: Ways = NO_WAYS,
    replace: ReplaceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Open a sealed file with a key or a passphrase.

    The file appears when all of it has verified, for you alone. Standard output gets what has
    verified so far: it is whole when the exit code is 0, and only then.

    Exit 0, 1 when the file is not what was sealed, 2 when there is a file already, 3 when it cannot
    be read or opened.
    """
    target = _target(file, output)
    check_places(file, target, output, ways, replace)
    decrypt(file, target, ways, replace, console_of(quiet))


def _target(source: str, output: str | None) -> str:
    if output is not None:
        return output
    if source == STANDARD:
        return STANDARD
    target = source.removesuffix(ENDING)
    if target == source or not target or target.endswith("/"):
        raise typer.BadParameter(f"the name does not end in {ENDING}: -o FILE names the new one")
    return target


@exits
def decrypt(source: str, target: str, ways: Ways, replace: bool, console: Console) -> ExitCode:
    """Reads who can open it, asks, and opens."""
    from code_ops.sealed_file import read_head

    with reading_source(source):
        sealed = read_head(source)
        credentials = _credentials(sealed, source, ways, console)
        with progress_of("opening", source, console) as progress:
            try:
                sealed.decrypt(target, credentials, replace=replace, progress=progress)
            except VaultChangedError as error:
                kept = f"{readable(target)} was not written"
                if target == STANDARD:
                    kept = "what was written to standard output is not all of it"
                raise VaultChangedError(f"{error}; {kept}") from None
    if target != STANDARD:
        console.note(f"{readable(target)}: opened")
        if os.stat(target).st_mode & 0o077:
            console.warning(
                f"{readable(target)}: others can read this file, which was there before"
            )
    return ExitCode.OK


def _credentials(sealed: SealedFile, source: str, ways: Ways, console: Console) -> Credentials:
    """All that is given; where that is nothing, the passphrase that is asked for."""
    from code_ops.vault_file import Credentials

    if ways.are_given():
        return credentials_of(ways, source, console)
    if any(slot.kind == "passphrase" for slot in sealed.slots) and has_terminal():
        return Credentials(passphrases=[ask(f"Passphrase of {readable(sealed.name)}: ")])
    try:
        # Its message names all that would open it.
        sealed.decrypt(STANDARD, Credentials())
    except VaultClosedError as error:
        console.error(str(error))
    hint_ways(console)
    raise typer.Exit(int(ExitCode.INPUT))
