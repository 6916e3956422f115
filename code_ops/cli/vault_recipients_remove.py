"""``code-ops vault recipients remove``: a new data key for all but some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import choice_option, option, readable
from code_ops.cli.vault_common import (
    AcceptOlderOption,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_keeping import (
    ADVICE,
    DropOption,
    KeepKeysOption,
    KeepPassphrasesOption,
    PluginsOption,
    kept,
    names_told,
    unkept_told,
)
from code_ops.cli.vault_writing import changing

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials, Slot, Vault

EXAMPLES = """\b
Examples:
  code-ops vault recipients remove alice --key-file vault.key
  code-ops vault recipients remove bob --keep-key-file ci.key --keep-passphrase-file people.txt
"""


def _labels(context: typer.Context, incomplete: str) -> list[str]:
    """The vault's labels that begin as typed, for the shell."""
    from code_ops.vault_file import read_overview

    try:
        slots = read_overview(vault_path(context.params.get("vault"))).slots
    except Exception:
        # Whatever is wrong is told when the command runs.
        return []
    return [slot.label for slot in slots if slot.label.startswith(incomplete)]


@with_key_options
def command(
    labels: Annotated[
        list[str],
        typer.Argument(metavar="LABEL...", autocompletion=_labels, show_default=False),
    ],
    drop: DropOption = None,
    keep_keys: KeepKeysOption = None,
    keep_passphrases: KeepPassphrasesOption = None,
    plugins: PluginsOption = None,
    even_mine: Annotated[
        bool,
        option("--even-mine", help="Also where what was given would not open the vault any more."),
    ] = False,
    format: Annotated[
        str,
        choice_option(
            ("text", "json"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, or json: who was removed, and what they could read.",
        ),
    ] = "text",
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take somebody out, under a new data key for those who stay.

    All secrets are sealed anew, and all slots of those who stay. Recipients stay by themselves. The
    slot of a key or a passphrase is sealed anew with it, so it has to be given, or given up: what
    opens the vault here counts.

    Who is removed has read what they could read, and the history of git still opens with what they
    have. So the names of those secrets are told: change them where they are used.

    Exit 0, 1 when there is no such label or the vault is not as it was signed, 2 when nothing or
    nobody here could open it any more, 3 when it cannot be read or opened, or a slot not be kept.
    """
    console = console_of(quiet)
    gone = list(dict.fromkeys([*labels, *(drop or [])]))
    keys, words = keep_keys or [], keep_passphrases or []
    remove(
        gone, (keys, words), plugins or [], even_mine, format, vault, ways, accept_older, console
    )


@exits
def remove(
    labels: Sequence[str],
    keep: tuple[Sequence[str], Sequence[str]],
    plugins: Sequence[str],
    even_mine: bool,
    form: str,
    given: str | None,
    ways: Ways,
    accept_older: bool,
    console: Console,
) -> ExitCode:
    """Takes them out in one writing, and tells what they could read."""
    path = vault_path(given)
    own = credentials_of(ways, path, console)
    credentials = own.together(kept(*keep, console))
    with unkept_told(console), changing(path, credentials, accept_older, console) as vault:
        removed = _removed(vault, labels, console)
        vault.remove_slots(labels, credentials, plugins)
        if not even_mine:
            _check_own(vault, own)
        names = [secret.name for secret in vault.secrets]
    _tell(path, removed, names, form, console)
    return ExitCode.OK


def _removed(vault: Vault, labels: Sequence[str], console: Console) -> list[Slot]:
    slots = {slot.label or slot.kind: slot for slot in vault.slots}
    for label in labels:
        if label not in slots:
            console.error(f"{vault.path}: there is no recipient {label}")
            console.hint("`code-ops vault recipients list` tells who there is")
            raise typer.Exit(int(ExitCode.NOT_AS_EXPECTED))
    return [slots[label] for label in labels]


def _check_own(vault: Vault, own: Credentials) -> None:
    if not vault.opens_with(own):
        raise typer.BadParameter(
            "what opens the vault here would not open it any more: --even-mine does it all the same"
        )


def _tell(
    path: str, removed: Sequence[Slot], names: Sequence[str], form: str, console: Console
) -> None:
    from code_ops.vault_recipients import removal

    who = ", ".join(slot.label or slot.kind for slot in removed)
    console.note(f"{readable(path)}: {who} cannot open it any more; all is under a new data key")
    if names:
        console.note(f"{who} could read {names_told(names)}")
        console.note(ADVICE)
    if form == "json":
        from code_ops.cli.output import open_output

        with open_output("-") as target:
            target.stream.write(removal(path, removed, names))
