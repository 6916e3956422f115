"""``code-ops vault import``: secrets out of other tools' files, in one writing."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from code_ops.cli.console import PROBLEMS_SHOWN, Console, ExitCode
from code_ops.cli.parameters import InputError, choice_option, option, readable
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    reading,
    vault_path,
    warn_of,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_foreign import SourceIdentityOption, SourcePassphraseOption, openers_of
from code_ops.cli.vault_writing import changing
from code_ops.errors import VaultTradeError
from code_ops.vault_forms import FORMS

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials, Vault
    from code_ops.vault_forms import Openers
    from code_ops.vault_trade import Named, Rules, Source

EXAMPLES = """\b
Examples:
  code-ops vault import .env --dry-run
  code-ops vault import config.yaml --prefix app/ --only 'app/db/*'
  code-ops vault import old.json --map 'my key=my-key' --replace
  code-ops vault import group_vars/all.yml --source-passphrase-file .vault-pass
  code-ops vault import secrets.enc.yaml --source-identity keys.txt
"""


class Wish(NamedTuple):
    """What becomes of what was read."""

    vault: str | None
    ways: Ways
    accept_older: bool
    replace: bool
    dry_run: bool


@with_key_options
def command(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="- is standard input.", show_default=False),
    ],
    format: Annotated[
        str,
        choice_option(
            ("auto", *FORMS),
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"{', '.join(FORMS)}, or auto: by content and name.",
        ),
    ] = "auto",
    prefix: Annotated[
        str, option("--prefix", metavar="TEXT", help="Put before each name, as app/.")
    ] = "",
    mapping: Annotated[
        list[str] | None,
        option(
            "--map",
            metavar="KEY=NAME",
            help="A key, its parts joined by /, gets this whole name. Repeatable.",
        ),
    ] = None,
    fit_names: Annotated[
        bool, option("--fit-names", help="What no name can have becomes _, else it is refused.")
    ] = False,
    lower: Annotated[bool, option("--lower", help="Names in lower case.")] = False,
    only: Annotated[
        list[str] | None,
        option("--only", metavar="GLOB", help="Only names that match, as 'db/*'. Repeatable."),
    ] = None,
    replace: Annotated[
        bool, option("--replace", help="Change secrets that are there with another value.")
    ] = False,
    dry_run: Annotated[
        bool, option("--dry-run", "-n", help="Only tell what would be added, changed or the same.")
    ] = False,
    source_passphrase_file: SourcePassphraseOption = None,
    source_identity: SourceIdentityOption = None,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take secrets over from other tools' files, all or none.

    Where something is wrong with one of them nothing is written. Nested keys are joined by /, items
    of lists by their index from 0. Text is kept as it is, numbers and truth values as they are
    spelled, null is left out.

    Exit 0, 1 when secrets would change and --replace is not given, 3 when a file or the vault
    cannot be read, or a key is no name.
    """
    from code_ops.vault_trade import Rules

    if any("=" in source and not os.path.exists(source) for source in sources):
        # Not repeated, as it may hold one.
        raise typer.BadParameter(
            "expected FILE...; a value is never an argument, which others see and the shell keeps: "
            "`code-ops vault set NAME` asks for it"
        )
    rules = Rules(
        prefix,
        _pairs(mapping or ()),
        "lower" if lower else "keep",
        "replace" if fit_names else "refuse",
        only or (),
    )
    form = None if format == "auto" else format
    wish = Wish(vault, ways, accept_older, replace, dry_run)
    console = console_of(quiet)
    openers = openers_of(source_passphrase_file, source_identity or (), console)
    take(sources, form, openers, rules, wish, console)


def _pairs(mapping: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in mapping:
        # A name has no `=`, a key may.
        key, sign, name = text.rpartition("=")
        if not sign:
            raise typer.BadParameter(f"--map: expected KEY=NAME, found '{text}'")
        if pairs.setdefault(key, name) != name:
            raise typer.BadParameter(f"--map: two names for '{key}'")
    return pairs


@exits
def take(
    files: Sequence[str],
    form: str | None,
    openers: Openers,
    rules: Rules,
    wish: Wish,
    console: Console,
) -> ExitCode:
    """Reads all files, then writes what they hold at once."""
    from code_ops.vault_trade import named

    if wish.ways.reads_standard_input() and "-" in files:
        raise typer.BadParameter("standard input has the key: give the secrets in a file")
    path = vault_path(wish.vault)
    with reading(path):
        # Before anybody is asked for anything.
        os.stat(path)
    sources = [_source(file, form, openers) for file in files]
    for source in sources:
        console.notes(source.notes)
        for warning in source.warnings[:PROBLEMS_SHOWN]:
            console.warning(warning)
    try:
        found = named(sources, rules)
    except VaultTradeError as error:
        console.problems(error.problems)
        if error.hint:
            console.hint(error.hint)
        return ExitCode.INPUT
    if not found:
        console.note("there is nothing to import")
        return ExitCode.OK
    credentials = credentials_of(wish.ways, path, console)
    if wish.dry_run:
        done = _tried(path, credentials, found, console)
    else:
        done = _written(path, credentials, found, wish, console)
    return _tell(path, done, sources, wish, console)


def _source(file: str, form: str | None, openers: Openers) -> Source:
    from code_ops.vault_forms import read
    from code_ops.vault_trade import SOURCE_BYTES_MAX

    name = "standard input" if file == "-" else readable(file)
    with (
        reading(name),
        open(sys.stdin.fileno() if file == "-" else file, "rb", closefd=file != "-") as stream,
    ):
        data = stream.read(SOURCE_BYTES_MAX + 1)
    if file == "-" and not data.strip():
        # A program that failed before the pipe writes nothing.
        raise InputError("standard input: there is nothing in it")
    return read(data, name, form, openers)


def _tried(
    path: str, credentials: Credentials, found: Sequence[Named], console: Console
) -> dict[str, str]:
    """What would become of each name, in a vault that is not written."""
    from code_ops.vault_file import open_vault

    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    return _set(vault, found)


class _KeptError(Exception):
    """Ends the writing before it begins."""


def _written(
    path: str,
    credentials: Credentials,
    found: Sequence[Named],
    wish: Wish,
    console: Console,
) -> dict[str, str]:
    """What became of each name; nothing is written where a value would change that may not."""
    done: dict[str, str] = {}
    with (
        contextlib.suppress(_KeptError),
        changing(path, credentials, wish.accept_older, console) as vault,
    ):
        done = _set(vault, found)
        if not wish.replace and "changed" in done.values():
            raise _KeptError
    return done


def _set(vault: Vault, found: Sequence[Named]) -> dict[str, str]:
    return {name: vault.set(name, entry.value) for name, entry in found}


def _tell(
    path: str, done: dict[str, str], sources: Sequence[Source], wish: Wish, console: Console
) -> ExitCode:
    counts = [(state, list(done.values()).count(state)) for state in ("added", "changed", "same")]
    total = ", ".join(f"{count:,} {state}" for state, count in counts)
    if wish.dry_run:
        console.data("".join(f"{state} {name}\n" for name, state in done.items()))
        console.note(f"{readable(path)}: nothing is written: {total}")
    if not wish.replace and (changed := [name for name in done if done[name] == "changed"]):
        console.problems([f"{name}: there is another value of it" for name in changed])
        console.hint("--replace changes them, --only leaves out; nothing was written")
        return ExitCode.NOT_AS_EXPECTED
    if not wish.dry_run:
        console.notes([f"{name}: {state}" for name, state in done.items() if state != "same"])
        console.note(f"{readable(path)}: {total}")
        for source in sources:
            if source.protection == "plain" and source.name != "standard input":
                console.note(
                    f"{source.name}: its plain values still lie there, and in git's history where "
                    "it was committed: remove it, and change what others may have read"
                )
    return ExitCode.OK
