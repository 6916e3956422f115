"""``code-ops vault audit``: who can open what, what is old, and what should be sealed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import choice_option, option
from code_ops.cli.vault_common import QuietOption, console_of, exits
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options

if TYPE_CHECKING:
    from code_ops.vault_audit import Audit, MaxAge

EXAMPLES = """\b
Examples:
  code-ops vault audit
  code-ops vault audit deploy secrets.vault --max-age 180d --max-age 'tls/*=365d'
  code-ops vault audit --key-file vault.key --format json --output audit.json
"""

FORMATS = ("auto", "table", "json", "ndjson", "csv")
_AGE = re.compile(r"(?:(.+)=)?([0-9]{1,6})(d|w)", re.DOTALL)


class Asked(NamedTuple):
    """What is audited, and how."""

    paths: Sequence[str]
    policy: Sequence[MaxAge]
    exclude: Sequence[str]


@with_key_options
def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Vaults, and folders with all below them; by default this folder.",
            show_default=False,
        ),
    ] = None,
    max_age: Annotated[
        list[str] | None,
        option(
            "--max-age",
            metavar="[GLOB=]AGE",
            help="Secrets older than 90d or 12w are findings, or those of such names: "
            "'tls/*=365d'. Repeatable; of those that fit a name the last counts.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        option(
            "--exclude",
            metavar="GLOB",
            help="Files below folders that are not looked at: 'tests/*'. Repeatable.",
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
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Tell who can open vaults, what is old, and what is not sealed.

    Looks through the files that git tracks or would take, or all of a folder outside of a
    repository. Since when, and who could before, comes from git's history. No key is needed; with
    one the vaults are verified too.

    Exit 0, 1 with errors or warnings among the findings, 3 when a file could not be read. Notes
    are no reason to fail.
    """
    asked = Asked(paths or ["."], _policy(max_age or []), exclude or [])
    run(asked, format, output, ways, console_of(quiet))


def _policy(texts: Sequence[str]) -> list[MaxAge]:
    from code_ops.vault_audit import MaxAge

    policy = []
    for text in texts:
        found = _AGE.fullmatch(text)
        if found is None:
            raise typer.BadParameter(
                f"--max-age: expected an age like 90d or 12w, or NAME=90d, found '{text}'"
            )
        policy.append(MaxAge(found[1] or "*", int(found[2]) * (7 if found[3] == "w" else 1)))
    return policy


@exits
def run(asked: Asked, form: str, output: str, ways: Ways, console: Console) -> ExitCode:
    """Audits, and writes what was found."""
    from code_ops.vault_audit import audit

    credentials = credentials_of(ways, "vaults", console) if ways.are_given() else None
    key_file = ways.key_file if ways.key_file != "-" else None
    found = audit(asked.paths, asked.policy, credentials, key_file=key_file, exclude=asked.exclude)
    _write(found, _form(form, output), output)
    console.problems(f"{each.path}: {each.message}" for each in found.unread)
    if not found.vaults:
        console.warning("there is no vault among these files")
    if found.unread:
        return ExitCode.INPUT
    is_clean = all(finding.level == "note" for finding in found.findings)
    return ExitCode.OK if is_clean else ExitCode.NOT_AS_EXPECTED


def _write(found: Audit, form: str, output: str) -> None:
    from code_ops.cli.output import open_output
    from code_ops.vault_audit_reports import document, write_records

    with open_output(output) as target:
        if form == "table":
            from code_ops.cli.vault_audit_table import write_table

            write_table(target.stream, found)
        elif form == "json":
            target.stream.write(document(found))
        else:
            write_records(target.stream, form, found)


def _form(form: str, output: str) -> str:
    if form != "auto":
        return form
    ending = output.rpartition(".")[2].lower() if output != "-" else ""
    if ending in ("json", "ndjson", "jsonl", "csv"):
        return "ndjson" if ending == "jsonl" else ending
    return "table" if output == "-" and sys.stdout.isatty() else "json"
