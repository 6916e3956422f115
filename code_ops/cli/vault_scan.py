"""``code-ops vault scan``: the vault's own secrets, looked for in files, logs and git's history."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.parameters import InputError, choice_option, option, readable
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
from code_ops.errors import GitError
from code_ops.numerals import plural

if TYPE_CHECKING:
    from code_ops.vault_scan import Leaks

EXAMPLES = """\b
Examples:
  code-ops vault scan                                all files of the repository that git sees
  code-ops vault scan --history --format sarif -o leaks.sarif
  code-ops vault scan /var/log build/ --exclude '*.o'
  docker save image | code-ops vault scan -
"""

FORMATS = ("auto", "text", "json", "ndjson", "csv", "sarif")
_REASONS = {
    "short": "too short to be told from other text",
    "common": "a word that many things have",
    "digits": "a number too short to be told from others",
    "encoded": "so long that it is looked for as it is alone, and not encoded",
    "long": "too long",
    "budget": "beyond the memory for all secrets",
}


@with_key_options
def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Files, folders, - for standard input. By default the repository's files but "
            "for those that git ignores, or this folder.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        bool,
        option(
            "--history",
            help="Also all that git has of this repository: every commit, message, stash, and what "
            "no branch reaches any more.",
        ),
    ] = False,
    exclude: Annotated[
        list[str] | None,
        option("--exclude", metavar="GLOB", help="Paths or names not to look at. Repeatable."),
    ] = None,
    min_length: Annotated[
        int,
        option("--min-length", metavar="BYTES", min=4, max=1024, help="Of values to look for."),
    ] = 6,
    format: Annotated[
        str,
        choice_option(
            FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, json, ndjson, csv, sarif, or auto: text on a terminal, else JSON.",
        ),
    ] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Look for the vault's own secrets where they should not be.

    All values are looked for as they are, by lines, in base64, in hexadecimal, and escaped for
    URLs, JSON, XML and shells, in files of all kinds; packed ones and archives are unpacked.
    Places and names are told, never a value or the text around it. Lines and columns count from
    1, columns in bytes.

    Exit 0, 1 when something was found, 3 when a file or the vault cannot be read.
    """
    if "-" in (paths or []) and ways.reads_standard_input():
        raise typer.BadParameter("standard input has the key, it cannot be looked through too")
    where = (paths, history, exclude or [], min_length)
    scan(vault, ways, *where, format, output, console_of(quiet))


@exits
def scan(
    given: str | None,
    ways: Ways,
    paths: Sequence[str] | None,
    history: bool,
    exclude: Sequence[str],
    min_length: int,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Opens the vault, looks, and tells."""
    from code_ops.cli.output import open_output
    from code_ops.cli.progress import ProgressLine
    from code_ops.vault_file import open_vault
    from code_ops.vault_scan import find_leaks, tracked_files
    from code_ops.vault_scan_reports import FORMATS as WRITERS

    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    if not paths:
        tracked = tracked_files()
        paths = ["."] if tracked is None else tracked
    line = ProgressLine("looking", wanted=console.verbosity >= Verbosity.NORMAL)
    try:
        found = find_leaks(
            vault,
            paths,
            repository="." if history else None,
            least_bytes=min_length,
            exclude=exclude,
            progress=lambda done, total: line.update(done, total, plural(done, "file")),
        )
    except GitError as error:
        raise InputError(f"--history: {error}") from None
    finally:
        line.stop()
    with open_output(output) as target:
        target.stream.write(WRITERS[_form(form, output)](found))
    return _sum(found, console)


def _sum(found: Leaks, console: Console) -> ExitCode:
    """Says what was not looked at, and what came of the rest."""
    for each in found.unsearched:
        console.warning(f"{each.name}: not looked for: {_REASONS[each.reason]}")
    for path in found.cut:
        console.warning(f"{readable(path)}: more than 10,000 findings, and no more are told")
    console.problems(f"{readable(each.path)}: {each.reason}" for each in found.unread)
    looked = plural(found.files, "file")
    if found.objects:
        looked += f" and {plural(found.objects, 'object')} of git"
    unread = f", {len(found.unread)} not read" if found.unread else ""
    console.note(f"{looked}: {plural(len(found.leaks), 'leak')}{unread}")
    if found.leaks:
        console.hint("a secret that was seen is changed where it is used; git keeps what it has")
    if found.unread:
        return ExitCode.INPUT
    return ExitCode.NOT_AS_EXPECTED if found.leaks else ExitCode.OK


def _form(form: str, output: str) -> str:
    if form != "auto":
        return form
    ending = output.rpartition(".")[2].lower() if output != "-" else ""
    if ending in ("json", "ndjson", "csv", "sarif", "txt"):
        return "text" if ending == "txt" else ending
    return "text" if output == "-" and sys.stdout.isatty() else "json"
