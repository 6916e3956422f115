"""``code-ops vault recipients list``: who can open a vault; no key is needed."""

from __future__ import annotations

from typing import Annotated

from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.parameters import choice_option, option
from code_ops.cli.vault_common import QuietOption, VaultOption, exits, vault_path
from code_ops.cli.vault_credentials import NO_WAYS, Ways, with_key_options
from code_ops.cli.vault_list import FORMATS, form_of, listing_of

EXAMPLES = """\b
Examples:
  code-ops vault recipients list
  code-ops vault recipients list --key-file vault.key       verified
  code-ops vault recipients list --vault deploy/prod.vault --format csv
"""


@with_key_options
def command(
    format: Annotated[
        str,
        choice_option(
            FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, ndjson, csv, or auto: a table on a terminal, else JSON.",
        ),
    ] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """List who can open the vault, and with what.

    Labels, types, and the recipient, the key's id, or what a try of the passphrase costs. No key is
    needed, and nothing is asked; then nothing of it is verified. With a key the list is verified:
    it is as somebody who can open the vault has written it.

    Exit 0, 1 when the vault is not as it was signed, 3 when it cannot be read or opened.
    """
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    show(vault, ways, format, output, console)


@exits
def show(given: str | None, ways: Ways, form: str, output: str, console: Console) -> ExitCode:
    """Reads the list and writes it."""
    from code_ops.cli.output import open_output
    from code_ops.vault_recipients import document, listed, write_records

    path = vault_path(given)
    listing, code = listing_of(path, ways, console)
    rows = listed(listing)
    form = form_of(form, output)
    with open_output(output) as target:
        if form == "table":
            from code_ops.cli.vault_table import write_slots

            write_slots(target.stream, rows)
        elif form == "json":
            target.stream.write(document(path, listing, rows))
        else:
            write_records(target.stream, form, rows)
    if form == "table" and listing.trust == "unverified":
        console.note("unverified: with a key this list is verified")
    return code
