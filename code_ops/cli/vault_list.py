"""``code-ops vault list``: names, types, versions and ages; no key is needed."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any

import typer

from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.parameters import choice_option, option
from code_ops.cli.vault_common import QuietOption, VaultOption, exits, reading, vault_path, warn_of
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.errors import VaultClosedError

EXAMPLES = """\b
Examples:
  code-ops vault list
  code-ops vault list --older-than 90d --format csv
  code-ops vault list --key-file vault.key --format json
"""

FORMATS = ("auto", "table", "json", "ndjson", "csv")
_AGE = re.compile(r"([0-9]{1,6})(d|w)")


@with_key_options
def command(
    older_than: Annotated[
        str | None,
        option(
            "--older-than", metavar="AGE", help="Only secrets set at least so long ago: 90d, 12w."
        ),
    ] = None,
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
    verbose: Annotated[
        bool, option("--verbose", "-v", help="Say whether the list was verified.")
    ] = False,
) -> None:
    """List the secrets: names, types, versions and ages, no values.

    No key is needed, and nothing is asked: names stand in the file as they are. With a key the
    list is verified, and what is not as it was signed is told. Ages are days since the value was
    set, in UTC.

    Exit 0, 1 when the vault is not as it was signed, 3 when it cannot be read or opened.
    """
    level = Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    console = Console(Verbosity.QUIET if quiet else level)
    show(vault, ways, _days(older_than), format, output, console)


def _days(text: str | None) -> int:
    if text is None:
        return 0
    found = _AGE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"--older-than: expected days or weeks like 90d, found '{text}'")
    return int(found[1]) * (7 if found[2] == "w" else 1)


@exits
def show(
    given: str | None, ways: Ways, days: int, form: str, output: str, console: Console
) -> ExitCode:
    """Reads the list, verified where there is a key, and writes it."""
    from code_ops.cli.output import open_output
    from code_ops.vault_reports import document, listed, write_records

    path = vault_path(given)
    listing, code = listing_of(path, ways, console)
    rows = [row for row in listed(listing) if row["age_days"] >= days]
    form = form_of(form, output)
    with open_output(output) as target:
        if form == "table":
            from code_ops.cli.vault_table import write_table

            write_table(target.stream, rows)
        elif form == "json":
            target.stream.write(document(path, listing, rows))
        else:
            write_records(target.stream, form, rows)
    if form == "table" and not rows:
        console.note("no secrets" if not days else f"no secret is {days} days old")
    return code


def listing_of(path: str, ways: Ways, console: Console) -> tuple[Any, ExitCode]:
    """What the vault tells, verified where there is a key, and the exit code for it."""
    from code_ops.vault_file import open_vault, read_overview
    from code_ops.vault_reports import Listing

    vault = None
    if ways.are_given():
        credentials = credentials_of(ways, path, console)
        try:
            with reading(path):
                vault = open_vault(path, credentials)
        except VaultClosedError:
            # The environment's key may be for other vaults; one that was named is for this.
            if ways != Ways():
                raise
    if vault is None:
        with reading(path):
            overview = read_overview(path)
        console.detail("without a key nothing of this is verified")
        return Listing(overview, ()), ExitCode.OK
    warn_of(vault, console)
    is_older = vault.generation < vault.seen_generation or vault.has_replaced_key
    if not is_older and not vault.findings:
        console.detail("all is as it was signed")
    code = ExitCode.NOT_AS_EXPECTED if is_older or vault.findings else ExitCode.OK
    return Listing(vault.overview, vault.findings, "verified"), code


def form_of(form: str, output: str) -> str:
    """The format: by itself that of the file's name, a table on a terminal, or JSON."""
    if form != "auto":
        return form
    ending = output.rpartition(".")[2].lower() if output != "-" else ""
    if ending in ("json", "ndjson", "jsonl", "csv"):
        return "ndjson" if ending == "jsonl" else ending
    return "table" if output == "-" and sys.stdout.isatty() else "json"
