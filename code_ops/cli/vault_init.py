"""``code-ops vault init``: a new vault, and a new key for it where one is wanted."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.passwords_common import params_option
from code_ops.cli.vault_common import FILE_NAME, QuietOption, ask, check_label, console_of, exits

if TYPE_CHECKING:
    from code_ops.vault_identities import Identity

_NAMED = re.compile(r"([A-Za-z0-9._@-]{1,64})=(?=age1|ssh-)")

EXAMPLES = """\b
Examples:
  code-ops vault init --key-file ~/.config/myproject.key    a new key, or the one in the file
  code-ops vault init                                       asks for a passphrase
  code-ops vault init --vault deploy/prod.vault --key-file prod.key --label ci-prod
  code-ops vault init --recipient alice=age1... --recipient 'bob=ssh-ed25519 AAAA...'
  code-ops vault init --key-file ~/.ssh/id_ed25519          opens with this SSH key
"""


def command(
    vault: Annotated[
        str,
        option(
            "--vault", "-V", metavar="FILE", envvar="CODE_OPS_VAULT_FILE", help="The new vault."
        ),
    ] = FILE_NAME,
    key_file: Annotated[
        str | None,
        option(
            "--key-file",
            "--identity",
            "-i",
            metavar="FILE",
            envvar="CODE_OPS_VAULT_KEY_FILE",
            help="A key opens the vault: the one in this file, or a new one that is written there, "
            "for its owner alone. Age identities or an SSH private key open it as well.",
        ),
    ] = None,
    recipients: Annotated[
        list[str] | None,
        option(
            "--recipient",
            "-r",
            metavar="[LABEL=]RECIPIENT",
            help="Who else can open it, by age1... or the text of an SSH public key; alone it "
            "makes a vault that only recipients open. Repeatable.",
        ),
    ] = None,
    passphrase_file: Annotated[
        str | None,
        option("--passphrase-file", metavar="FILE", help="Holds the passphrase that opens it."),
    ] = None,
    label: Annotated[
        str, option("--label", metavar="LABEL", help="Whose key or passphrase it is.")
    ] = "first",
    params: Annotated[
        Any,
        params_option("What trying a passphrase costs, as for passwords hash."),
    ] = "rfc9106-second",
    quiet: QuietOption = False,
) -> None:
    """Make a vault for a key, for recipients, or for a passphrase.

    A key opens at once and cannot be guessed; it suits machines. A recipient is the public half of
    somebody's age identity or SSH key. A passphrase suits people who have neither. No file is ever
    replaced: neither a vault nor a key.

    Exit 0, 2 when there is a file already, 3 when the key file holds no key.
    """
    if key_file is not None and passphrase_file is not None:
        raise typer.BadParameter("--key-file and --passphrase-file: a vault begins with one")
    check_label(label)
    others = labelled(recipients or [], label, key_file is None and passphrase_file is None)
    init(vault, key_file, passphrase_file, label, others, params, console_of(quiet))


def labelled(recipients: Sequence[str], label: str, is_alone: bool) -> dict[str, str]:
    """Recipients by their labels; those without one are numbered."""
    found: dict[str, str] = {}
    for place, text in enumerate(recipients, 1 if is_alone else 2):
        named = _NAMED.match(text)
        own = named[1] if named else label if place == 1 else f"{label}-{place}"
        if own in found or (own == label and not is_alone):
            raise typer.BadParameter(f"--recipient: there are two of the label {own}")
        found[own] = text[named.end() :] if named else text
    return found


@exits
def init(
    path: str,
    key_file: str | None,
    passphrase_file: str | None,
    label: str,
    recipients: dict[str, str],
    params: Any,
    console: Console,
) -> ExitCode:
    """Makes the key, then the vault: never a vault that nothing opens."""
    from code_ops.cli.vault_credentials import passphrase_of_file
    from code_ops.vault_file import create_vault

    if os.path.lexists(path):
        raise typer.BadParameter(
            f"{readable(path)}: there is a file already, never replaced; --vault names another"
        )
    key = None
    if key_file is not None:
        key = key_in(key_file, console)
    elif not recipients and passphrase_file is None:
        key = _key_of_environment(console)
    if isinstance(key, bytes):
        create_vault(path, label, key=key, more=recipients)
    elif key is not None:
        own = labelled(recipients_of(key), label, True)
        for twice in own.keys() & recipients.keys():
            raise typer.BadParameter(f"--recipient: there are two of the label {twice}")
        _create(path, own | recipients)
    elif recipients and passphrase_file is None:
        _create(path, recipients)
    else:
        if passphrase_file is not None:
            passphrase = passphrase_of_file(passphrase_file)
        else:
            passphrase = ask("New passphrase: ", "The same again: ")
        if not passphrase:
            raise typer.BadParameter("no passphrase was typed")
        create_vault(path, label, passphrase=passphrase, more=recipients, params=params)
    _tell(path, key_file, console)
    return ExitCode.OK


def _create(path: str, recipients: dict[str, str]) -> None:
    from code_ops.vault_file import create_vault

    first, *others = recipients.items()
    create_vault(path, first[0], recipient=first[1], more=dict(others))


def recipients_of(identity: Identity) -> list[str]:
    for recipient in identity.recipients:
        if recipient.startswith("age-plugin-"):
            raise InputError(
                f"an identity of {recipient} does not tell its recipient: --recipient names it"
            )
    return identity.recipients


def key_in(path: str, console: Console) -> bytes | Identity:
    """The key or identity in the file; a key is made where there is none."""
    from code_ops.atomic_files import create_file
    from code_ops.cli.vault_credentials import check_file_name, key_of_file
    from code_ops.git import would_take_in
    from code_ops.vault_keys import generate_key, key_id, key_text

    check_file_name(path)
    name = "standard input" if path == "-" else readable(path)
    if path == "-" or os.path.exists(path):
        key = key_of_file(path, console)
        _tell_used(name, key, console)
    else:
        key = generate_key()
        try:
            create_file(path, f"{key_text(key)}\n".encode(), mode=0o600)
        except FileNotFoundError:
            raise InputError(f"{name}: there is no such folder") from None
        console.note(f"{name}: a new key, {key_id(key)}; who has it reads all, without it none can")
    if path != "-" and would_take_in(path):
        console.warning(f"{name}: git would take in the key: put it elsewhere, or in .gitignore")
    return key


def _key_of_environment(console: Console) -> bytes | Identity | None:
    """What opens vaults in this environment opens the new one too."""
    from code_ops.cli.vault_credentials import key_of_variable
    from code_ops.vault_keys import KEY_VARIABLE

    key = key_of_variable()
    if key is not None:
        _tell_used(KEY_VARIABLE, key, console)
    return key


def _tell_used(name: str, key: bytes | Identity, console: Console) -> None:
    from code_ops.vault_keys import key_id

    if isinstance(key, bytes):
        console.note(f"{name}: its key {key_id(key)} is used")
    else:
        console.note(f"{name}: {', '.join(key.names)} opens the vault")


def _tell(path: str, key_file: str | None, console: Console) -> None:
    words = ["code-ops", "vault", "set", "NAME"]
    words += ["--vault", path] if path != FILE_NAME else []
    words += ["--key-file", key_file] if key_file is not None else []
    console.note(f"{readable(path)}: a new vault, made to be committed; now `{shlex.join(words)}`")
