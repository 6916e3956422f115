"""``code-ops vault render``: a template with the values of secrets in it."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_common import (
    QuietOption,
    VaultOption,
    console_of,
    exits,
    hint_nearest,
    reading,
    value_kind,
    vault_path,
    warn_of,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options

if TYPE_CHECKING:
    from code_ops.vault_file import Overview, Vault
    from code_ops.vault_render import Template

EXAMPLES = """\b
Examples:
  code-ops vault render app.conf.tmpl --output /run/app/app.conf
  code-ops vault render app.conf.tmpl --check
  echo 'token={{ app/token | url }}' | code-ops vault render -
"""

_MOST_BYTES = 64 << 20


@with_key_options
def command(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="A file, or - for standard input.")
    ],
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file, at once and whole; a new one for its owner alone.",
        ),
    ] = "-",
    check: Annotated[
        bool,
        option("--check", help="Only say whether all secrets are there; no key is needed."),
    ] = False,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Write a text with secrets in the place of their names.

    {{ db/password }} becomes the value, {{ db/password | json }} writes a value as a text of JSON,
    and so do yaml, base64, url and shell; several stand one after the other. {{ "{{" }} writes two
    braces. There are no loops and no conditions. Nothing is written unless all secrets are there.

    Exit 0, 1 when a secret is not there or not as it was signed, 3 when the template or the vault
    cannot be read, or a value does not fit.
    """
    console = console_of(quiet)
    if check:
        check_names(template, vault, console)
    else:
        render(template, output, vault, ways, console)


@exits
def check_names(name: str, given: str | None, console: Console) -> ExitCode:
    """Compares the names with those of the vault, which anybody can read."""
    from code_ops.vault_file import read_overview

    path = vault_path(given)
    template = _template(name)
    with reading(path):
        overview = read_overview(path)
    if _tell_missing(template, path, overview, console):
        return ExitCode.NOT_AS_EXPECTED
    count = len({tag.name for tag in template.tags})
    console.note("1 secret, it is there" if count == 1 else f"{count} secrets, all are there")
    return ExitCode.OK


@exits
def render(name: str, output: str, given: str | None, ways: Ways, console: Console) -> ExitCode:
    """Reads, opens and writes."""
    from code_ops.vault_file import open_vault

    if name == "-" and ways.reads_standard_input():
        raise typer.BadParameter("standard input has the key: name a file for the template")
    if "-" not in (output, name) and os.path.realpath(output) == os.path.realpath(name):
        raise typer.BadParameter("--output: the template would be replaced by its result")
    path = vault_path(given)
    template = _template(name)
    credentials = credentials_of(ways, path, console)
    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    if _tell_missing(template, path, vault.overview, console):
        return ExitCode.NOT_AS_EXPECTED
    text = template.render(vault.get)
    if output == "-" and sys.stdout.isatty() and isinstance(value_kind(text), bytes):
        raise typer.BadParameter("the result is no text: --output FILE writes it to a file")
    _write(output, text, console)
    return ExitCode.OK


def _template(name: str) -> Template:
    from code_ops.vault_render import parse

    shown = "standard input" if name == "-" else readable(name)
    with reading(shown):
        if name == "-":
            text = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with open(name, "rb") as file:
                text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise InputError(f"{shown}: a template has at most 64 MiB")
    return parse(shown, text)


def _tell_missing(
    template: Template, path: str, overview: Overview | Vault, console: Console
) -> bool:
    missing = template.missing({secret.name for secret in overview.secrets})
    for tag in missing:
        console.error(f"{template.place(tag)}: there is no secret {tag.name} in {path}")
    if missing:
        hint_nearest(overview, missing[0].name, console)
    return bool(missing)


def _write(output: str, text: bytes, console: Console) -> None:
    from code_ops.cli.output import open_output

    with open_output(output, new_mode=0o600) as target:
        target.stream.buffer.write(text)
    if output == "-":
        return
    mode = os.stat(output).st_mode
    if stat.S_ISREG(mode) and mode & 0o077:
        console.warning(f"{output}: others can read this file, which was there before")
