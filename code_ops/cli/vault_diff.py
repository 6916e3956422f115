"""``code-ops vault diff``: which secrets differ between two forms of a vault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, choice_option, option
from code_ops.cli.vault_common import (
    QuietOption,
    VaultOption,
    console_of,
    exits,
    reading,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.errors import GitError

if TYPE_CHECKING:
    from code_ops.vault_diff import Change, Form

EXAMPLES = """\b
Examples:
  code-ops vault diff                          what is not committed
  code-ops vault diff main~3
  code-ops vault diff v1.0 v1.1 --key-file vault.key
  code-ops vault diff old.vault origin/main:deploy/prod.vault
"""

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "resealed": "="}


@with_key_options
def command(
    forms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BEFORE [AFTER]]",
            help="Files, REV:PATH, or a revision of the vault's file; by default HEAD, and the "
            "file as it is.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str,
        choice_option(("text", "json"), "--format", "-f", metavar="FORMAT", help="text or json."),
    ] = "text",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Tell which secrets and slots of a vault changed, no values.

    No key is needed; then a secret has changed where its version, day or type has. With one the
    values are compared, and `=` stands where the value is the same and only its line is another, as
    after a new data key.

    Exit 0 when nothing differs, 1 when something does, 3 when a form cannot be read or opened.
    """
    if len(forms or []) > 2:
        raise typer.BadParameter("expected at most two, BEFORE and AFTER")
    diff(forms or [], format, output, vault, ways, console_of(quiet))


@exits
def diff(
    given: Sequence[str],
    form: str,
    output: str,
    vault: str | None,
    ways: Ways,
    console: Console,
) -> ExitCode:
    """Reads both, compares them, and writes what differs."""
    from code_ops.cli.output import open_output
    from code_ops.vault_diff import compare, document, opened_forms

    # Needed only where something is said of the vault's own file.
    path = vault_path(vault) if len(given) < 2 or vault else given[1]
    before = _form(given[0] if given else "HEAD", path)
    after = _form(given[1] if len(given) == 2 else path, path)
    vaults = None
    if ways.are_given():
        vaults = opened_forms(before, after, credentials_of(ways, after.name, console, after.text))
        # Not that one is older than what was seen: it shall be.
        for each in vaults:
            for finding in each.findings:
                console.warning(f"{each.path}: {finding.message}")
    changes = compare(before, after, vaults)
    with open_output(output) as target:
        if form == "json":
            target.stream.write(document(before, after, changes, vaults is not None))
        else:
            target.stream.writelines(f"{_line(change)}\n" for change in changes)
    if form == "text" and not changes:
        console.note("no difference")
    return ExitCode.NOT_AS_EXPECTED if changes else ExitCode.OK


def _form(spec: str, path: str) -> Form:
    from code_ops.vault_diff import form_at

    try:
        with reading(spec):
            return form_at(spec, path)
    except GitError as error:
        raise InputError(str(error)) from None


def _line(change: Change) -> str:
    states = [state for state in (change.before, change.after) if state is not None]
    shown = " -> ".join(dict.fromkeys(states))
    return f"{_SIGNS[change.kind]} {change.what} {change.name}: {shown}"
