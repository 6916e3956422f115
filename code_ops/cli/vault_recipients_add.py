"""``code-ops vault recipients add``: somebody more who can open a vault."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.passwords_common import params_option
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    ask,
    console_of,
    exits,
    reading,
    vault_path,
)
from code_ops.cli.vault_credentials import (
    NO_WAYS,
    Ways,
    credentials_of,
    passphrase_of_file,
    with_key_options,
)
from code_ops.cli.vault_init import key_in, labelled, recipients_of
from code_ops.cli.vault_writing import changing, checked

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = """\b
Examples:
  code-ops vault recipients add alice --recipient age1... --key-file vault.key
  code-ops vault recipients add bob --recipients-file bob.pub
  code-ops vault recipients add ci --new-key ci.key         a new key, or the one in the file
  code-ops vault recipients add people --passphrase         asks for the new one
"""

_FILE_BYTES = 65536


@with_key_options
def command(
    label: Annotated[
        str, typer.Argument(metavar="LABEL", help="Who it is: letters, digits and . _ @ -")
    ],
    recipient: Annotated[
        str | None,
        option(
            "--recipient",
            "-r",
            metavar="RECIPIENT",
            help="age1..., or the text of an SSH public key. One of a plugin, age1NAME1..., starts "
            "the program age-plugin-NAME.",
        ),
    ] = None,
    recipients_file: Annotated[
        str | None,
        option(
            "--recipients-file",
            metavar="FILE",
            help="Holds recipients, one on a line, such as an SSH .pub file; - is standard input.",
        ),
    ] = None,
    new_key: Annotated[
        str | None,
        option(
            "--new-key",
            metavar="FILE",
            help="A key: the one in this file, or a new one that is written there.",
        ),
    ] = None,
    passphrase: Annotated[
        bool, option("--passphrase", help="A passphrase, which is asked for.")
    ] = False,
    new_passphrase_file: Annotated[
        str | None, option("--new-passphrase-file", metavar="FILE", help="Holds the passphrase.")
    ] = None,
    params: Annotated[
        Any,
        params_option("What trying the new passphrase costs, as for passwords hash."),
    ] = "rfc9106-second",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let somebody else open the vault.

    By a recipient, a new key or a new passphrase. Who adds somebody has to be able to open the
    vault. No secret's line changes. What is in the vault can be read by the new one from then on,
    also what git has of it from now.

    Exit 0, 1 when the vault is not as it was signed, 2 for a label or recipient that no vault
    takes, 3 when something cannot be read or opened.
    """
    given = (recipient, recipients_file, new_key, new_passphrase_file)
    if sum(each is not None for each in given) + passphrase != 1:
        raise typer.BadParameter(
            "expected one of --recipient, --recipients-file, --new-key, --passphrase and "
            "--new-passphrase-file"
        )
    if recipients_file == "-" and ways.reads_standard_input():
        raise typer.BadParameter("--recipients-file: standard input has the key already")
    console = console_of(quiet)
    add(vault, ways, accept_older, label, lambda: _new(label, *given, console), params, console)


class New(NamedTuple):
    """Who is let in: recipients by their labels, a key or a passphrase."""

    recipients: Mapping[str, str] = MappingProxyType({})
    key: bytes | None = None
    passphrase: bytes | None = None


@exits
def add(
    given: str | None,
    ways: Ways,
    accept_older: bool,
    label: str,
    choose: Callable[[], New],
    params: Any,
    console: Console,
) -> ExitCode:
    """Asks for what is new before the vault is locked, and adds it."""
    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    # Neither typed nor made for a vault that cannot be changed.
    checked(path, credentials, accept_older)
    new = choose()
    with changing(path, credentials, accept_older, console) as vault:
        if new.key is not None:
            vault.add_key(label, new.key)
        elif new.passphrase is not None:
            vault.add_passphrase(label, new.passphrase, params)
        for each, recipient in new.recipients.items():
            vault.add_recipient(each, recipient)
    console.notes(
        [f"{readable(path)}: {each} can open it now" for each in new.recipients or [label]]
    )
    return ExitCode.OK


def _new(
    label: str,
    recipient: str | None,
    recipients_file: str | None,
    new_key: str | None,
    new_passphrase_file: str | None,
    console: Console,
) -> New:
    if recipient is not None:
        return New({label: recipient})
    if recipients_file is not None:
        return New(labelled(_read_recipients(recipients_file), label, True))
    if new_key is not None:
        key = key_in(new_key, console)
        if isinstance(key, bytes):
            return New(key=key)
        return New(labelled(recipients_of(key), label, True))
    if new_passphrase_file is not None:
        return New(passphrase=passphrase_of_file(new_passphrase_file))
    word = ask("New passphrase: ", "The same again: ")
    if not word:
        raise typer.BadParameter("no passphrase was typed")
    return New(passphrase=word)


def _read_recipients(path: str) -> list[str]:
    """The recipients in a file; its comments and empty lines are skipped."""
    name = "standard input" if path == "-" else readable(path)
    with reading(path), open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
        data = file.read(_FILE_BYTES + 1)
    if len(data) > _FILE_BYTES:
        raise InputError(f"{name}: a file of recipients has at most {_FILE_BYTES:,} bytes")
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise InputError(f"{name}: there is no recipient in it")
    return found
