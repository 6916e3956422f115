"""What opens and seals other tools' files: passphrases and age identities, never as arguments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_common import ask
from code_ops.cli.vault_credentials import key_of_file, passphrase_of_file

if TYPE_CHECKING:
    from code_ops.cli.console import Console
    from code_ops.vault_forms import Openers
    from code_ops.vault_identities import Identity

SourcePassphraseOption = Annotated[
    str | None,
    option(
        "--source-passphrase-file",
        metavar="FILE",
        help="Holds the passphrase of files of ansible-vault; else it is asked for.",
    ),
]
SourceIdentityOption = Annotated[
    list[str] | None,
    option(
        "--source-identity",
        metavar="FILE",
        help="Holds age identities that open files of sops, or an SSH key. Repeatable; else as "
        "sops has it: SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, its keys.txt.",
    ),
]
TargetPassphraseOption = Annotated[
    str | None,
    option(
        "--target-passphrase-file",
        metavar="FILE",
        help="Holds the passphrase for a file of ansible-vault; else it is asked for.",
    ),
]
RecipientOption = Annotated[
    list[str] | None,
    option(
        "--recipient",
        "-r",
        metavar="RECIPIENT",
        help="Who can open a file of sops: age1... or an SSH public key. Repeatable.",
    ),
]


def openers_of(passphrase_file: str | None, identities: Sequence[str], console: Console) -> Openers:
    """What opens the files to import, read when one is sealed."""
    from code_ops.vault_forms import Openers

    def passphrase(name: str) -> bytes:
        if passphrase_file is not None:
            return passphrase_of_file(passphrase_file)
        try:
            return ask(f"Passphrase of {name}: ")
        except typer.BadParameter as error:
            raise InputError(
                f"{name}: {error.message}; --source-passphrase-file gives it"
            ) from None

    return Openers(passphrase, lambda: _identities(identities, console))


def target_passphrase(path: str | None) -> bytes:
    """The passphrase of a new file."""
    if path is not None:
        return passphrase_of_file(path)
    typed = ask("Target passphrase: ", "The same again: ")
    if not typed.strip():
        raise typer.BadParameter("no passphrase was typed")
    return typed


def _identities(paths: Sequence[str], console: Console) -> list[Identity]:
    from code_ops.vault_identities import named_opener

    if paths:
        return [_identity(path, console) for path in paths]
    found = []
    if text := os.environ.get("SOPS_AGE_KEY"):
        opener = named_opener("SOPS_AGE_KEY", text.encode("utf-8", "surrogateescape"))
        found.append(_checked("SOPS_AGE_KEY", opener))
    if path := os.environ.get("SOPS_AGE_KEY_FILE"):
        found.append(_identity(path, console))
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    path = os.path.join(home, "sops", "age", "keys.txt")
    if os.path.isfile(path):
        found.append(_identity(path, console))
    return found


def _identity(path: str, console: Console) -> Identity:
    return _checked(readable(path), key_of_file(path, console))


def _checked(name: str, opener: bytes | Identity) -> Identity:
    if isinstance(opener, bytes):
        raise InputError(f"{name}: this is a vault's key, sops's files open with age identities")
    return opener
