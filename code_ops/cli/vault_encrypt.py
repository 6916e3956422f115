"""``code-ops vault encrypt``: a file of any size, sealed for several."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.passwords_common import params_option
from code_ops.cli.vault_common import QuietOption, ask, check_label, console_of, exits
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_sealing import (
    ENDING,
    STANDARD,
    FileArgument,
    ReplaceOption,
    check_places,
    progress_of,
    reading_source,
)

if TYPE_CHECKING:
    from code_ops.sealed_file import NewSlot

EXAMPLES = """\b
Examples:
  code-ops vault encrypt dump.sql --key-file backup.key      makes dump.sql.sealed
  code-ops vault encrypt dump.sql                            asks for a passphrase
  code-ops vault encrypt dump.sql -r ann=age1... -r 'bob=ssh-ed25519 AAAA...'
  tar c data | code-ops vault encrypt - -o data.tar.sealed --key-file backup.key
"""


@with_key_options
def command(
    file: FileArgument,
    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"By default FILE with {ENDING} behind it; - is standard output.",
            show_default=False,
        ),
    ] = None,
    ways: Ways = NO_WAYS,
    passphrase: Annotated[
        bool, option("--passphrase", help="A passphrase opens it too, which is asked for.")
    ] = False,
    recipient: Annotated[
        list[str] | None,
        option(
            "--recipient",
            "-r",
            metavar="[LABEL=]RECIPIENT",
            help="age1..., or the text of an SSH public key. Repeatable.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        option("--label", metavar="LABEL", help="Who can open it, where it is one."),
    ] = None,
    params: Annotated[
        Any, params_option("What trying a passphrase costs, as for passwords hash.")
    ] = "rfc9106-second",
    replace: ReplaceOption = False,
    remove: Annotated[
        bool,
        option(
            "--remove",
            help="Delete FILE when the sealed one is on the disk. Its bytes can stay there, in "
            "snapshots and in backups.",
        ),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Seal a file or a pipe for keys, recipients and passphrases.

    Any one that is given opens it. Without one a passphrase is asked for. The sealed file appears
    when it is whole, and no file is replaced without --replace.

    Exit 0, 1 when --remove finds the file changed meanwhile, 2 when there is a sealed file already,
    3 when the file or a key cannot be read.
    """
    target = output if output is not None else file + ENDING if file != STANDARD else STANDARD
    check_places(file, target, output, ways, replace)
    if label is not None:
        check_label(label)
    if remove and (file == STANDARD or target == STANDARD or _is_same(file, target)):
        raise typer.BadParameter("--remove: there is no file to delete beside a sealed one")
    who = Who(ways, tuple(recipient or ()), passphrase, label)
    encrypt(file, target, who, params, replace, remove, console_of(quiet))


def _is_same(source: str, target: str) -> bool:
    return os.path.exists(target) and os.path.exists(source) and os.path.samefile(source, target)


class Who(NamedTuple):
    """Who shall be able to open the file, as the options say it."""

    ways: Ways
    recipients: tuple[str, ...]
    passphrase: bool
    label: str | None


@exits
def encrypt(
    source: str,
    target: str,
    who: Who,
    params: Any,
    replace: bool,
    remove: bool,
    console: Console,
) -> ExitCode:
    """Asks who shall open it, and seals."""
    from code_ops.sealed_file import encrypt_file

    with reading_source(source):
        before = _state(source)
        slots = _slots(source, who, console)
        with progress_of("sealing", source, console) as progress:
            encrypt_file(source, target, slots, params=params, replace=replace, progress=progress)
    if target != STANDARD:
        opens = ", ".join(_told(slot) for slot in slots)
        console.note(f"{readable(target)}: sealed, opens with {opens}")
    if remove:
        if _state(source) != before:
            console.error(f"{readable(source)}: changed meanwhile, and not deleted")
            return ExitCode.NOT_AS_EXPECTED
        os.unlink(source)
        console.note(f"{readable(source)}: deleted")
    return ExitCode.OK


def _state(path: str) -> object:
    """What is another one after a change."""
    if path == STANDARD:
        return None
    status = os.stat(path)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _slots(source: str, who: Who, console: Console) -> list[NewSlot]:
    from code_ops.cli.vault_init import labelled, recipients_of
    from code_ops.sealed_file import key_slot, passphrase_slot, recipient_slot
    from code_ops.vault_keys import key_id

    keys, words, recipients = [], [], list(who.recipients)
    if who.ways.are_given():
        given = credentials_of(who.ways, source, console)
        keys, words = list(dict.fromkeys(given.keys)), list(given.passphrases)
        recipients += [each for identity in given.identities for each in recipients_of(identity)]
    if who.passphrase or not keys + words + recipients:
        words.append(_typed(has_others=bool(keys + recipients)))
    if who.label is not None and len(keys) + len(words) + len(recipients) > 1:
        raise typer.BadParameter("--label: there are several who can open it")
    slots = [key_slot(who.label or f"key-{key_id(key)}", key) for key in keys]
    named = labelled(recipients, who.label or "recipient", True)
    slots += [recipient_slot(name, text) for name, text in named.items()]
    names = ["passphrase", "passphrase-2"]
    return slots + [passphrase_slot(who.label or names.pop(0), word) for word in words]


def _typed(*, has_others: bool) -> bytes:
    try:
        typed = ask("New passphrase: ", "The same again: ")
    except typer.BadParameter as error:
        if has_others or "no terminal" not in str(error):
            raise
        raise InputError(
            "nobody could open it: give --key-file, --key-fd, --key-cmd, --passphrase-file or "
            "CODE_OPS_VAULT_KEY; a passphrase is asked for on a terminal"
        ) from None
    if not typed:
        raise typer.BadParameter("no passphrase was typed")
    return typed


def _told(slot: NewSlot) -> str:
    from code_ops.vault_keys import key_id

    if slot.kind == "passphrase":
        return "the passphrase" if slot.label == "passphrase" else f"the passphrase {slot.label}"
    if slot.kind == "age":
        return f"the recipient {slot.label}"
    name = key_id(slot.secret)
    return f"the key {name}" if slot.label == f"key-{name}" else f"the key {name} ({slot.label})"
