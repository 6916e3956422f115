"""``code-ops vault export``: secrets in the form of another tool, for its owner alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import choice_option, option, readable
from code_ops.cli.vault_common import (
    QuietOption,
    VaultOption,
    console_of,
    exits,
    reading,
    vault_path,
    warn_of,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_foreign import RecipientOption, TargetPassphraseOption, target_passphrase
from code_ops.errors import VaultTradeError
from code_ops.vault_forms import FORMS, Writing, form_of_name, write

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = """\b
Examples:
  code-ops vault export --output .env
  code-ops vault export --format json --only 'app/*' | jq .app
  code-ops vault export --format ansible-vault --output group_vars/all/vault.yml
  code-ops vault export --format sops --recipient age1... --output secrets.enc.yaml
"""

_PLAIN = ("dotenv", "json", "yaml")


@with_key_options
def command(
    format: Annotated[
        str,
        choice_option(
            ("auto", *FORMS),
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"{', '.join(FORMS)}, or auto: by the output's name.",
        ),
    ] = "auto",
    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file, at once and whole, for its owner alone; - shows the values also "
            "on a terminal.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        option("--only", metavar="GLOB", help="Only names that match, as 'db/*'. Repeatable."),
    ] = None,
    flat: Annotated[
        bool, option("--flat", help="Names as they are, without objects within each other.")
    ] = False,
    base64: Annotated[
        bool, option("--base64", help="Values that are no text in base64, else they are refused.")
    ] = False,
    inline: Annotated[
        bool,
        option("--inline", help="With ansible-vault: names are plain, each value is a !vault."),
    ] = False,
    target_passphrase_file: TargetPassphraseOption = None,
    recipient: RecipientOption = None,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Write secrets as another tool reads them, all or none.

    A pipe gets them, a file, and a terminal only with --output -, as what was shown there stays to
    be read. db/password becomes an object in an object in JSON and YAML, and DB_PASSWORD in dotenv.

    Exit 0, 1 when a secret is not as it was signed or no name matches, 3 when the vault cannot be
    read, or a value or name has no place in the form.
    """
    form = format if format != "auto" else form_of_name(output or "")
    if form is None:
        raise typer.BadParameter(f"--format: expected one of {', '.join(FORMS)}")
    if inline and form != "ansible-vault":
        raise typer.BadParameter("--inline: goes with --format ansible-vault alone")
    if form == "sops" and not recipient:
        raise typer.BadParameter("--recipient: expected who can open the file, age1...")
    if output is None and form in _PLAIN and sys.stdout.isatty():
        raise typer.BadParameter(
            "values are not shown on a terminal, where they stay to be read: --output FILE "
            "or a pipe takes them, --output - shows them"
        )
    writing = Writing(
        form,
        "flat" if flat else "nested",
        "base64" if base64 else "refuse",
        form_of_name(output or "") or "yaml",
        sealed="each" if inline else "whole",
        recipients=recipient or (),
    )
    give(writing, output or "-", target_passphrase_file, only or (), vault, ways, console_of(quiet))


@exits
def give(
    writing: Writing,
    output: str,
    passphrase_file: str | None,
    only: Sequence[str],
    given: str | None,
    ways: Ways,
    console: Console,
) -> ExitCode:
    """Opens the vault and writes what is wanted of it."""
    from code_ops.vault_file import open_vault
    from code_ops.vault_trade import selected

    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    names = [secret.name for secret in vault.secrets if selected(secret.name, only)]
    if only and not names:
        console.error(f"{readable(path)}: no name matches")
        return ExitCode.NOT_AS_EXPECTED
    if writing.form == "ansible-vault":
        writing = writing._replace(passphrase=target_passphrase(passphrase_file))
    try:
        content = write({name: vault.get(name) for name in names}, writing)
    except VaultTradeError as error:
        console.problems(error.problems)
        if error.hint:
            console.hint(error.hint)
        return ExitCode.INPUT
    _write(output, content)
    if output != "-":
        _tell(output, len(names), writing.form, console)
    return ExitCode.OK


def _write(output: str, content: bytes) -> None:
    from code_ops.cli.output import open_output

    if os.path.isfile(output):
        # What is there is for others no longer, and what comes takes its permissions.
        os.chmod(output, 0o600)
    with open_output(output, new_mode=0o600) as target:
        target.stream.buffer.write(content)


def _tell(output: str, count: int, form: str, console: Console) -> None:
    from code_ops.git import would_take_in

    what = f"{count:,} secret{'' if count == 1 else 's'}"
    if form not in _PLAIN:
        console.note(f"{readable(output)}: {what}")
        return
    how = "it is" if count == 1 else "they are"
    console.note(f"{readable(output)}: {what} as {how}, for you alone: remove it after use")
    if os.path.isfile(output) and would_take_in(output):
        name = readable(output)
        console.warning(
            f"{name}: git would take these values in: put it elsewhere, or in .gitignore"
        )
