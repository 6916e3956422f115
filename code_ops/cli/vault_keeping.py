"""What keeps others' slots when a vault gets a new data key, as each command that makes one takes
it: the keys and passphrases of those who stay, who is given up, and which plugins may start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option
from code_ops.cli.vault_credentials import key_of_file, passphrase_of_file
from code_ops.errors import VaultClosedError
from code_ops.numerals import plural

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials

KeepKeysOption = Annotated[
    list[str] | None,
    option(
        "--keep-key-file",
        metavar="FILE",
        help="The key of one who stays, whose slot is sealed anew with it. Repeatable.",
    ),
]
KeepPassphrasesOption = Annotated[
    list[str] | None,
    option(
        "--keep-passphrase-file",
        metavar="FILE",
        help="The passphrase of one who stays. Repeatable.",
    ),
]
DropOption = Annotated[
    list[str] | None,
    option("--drop", metavar="LABEL", help="Give this one up as well. Repeatable."),
]
PluginsOption = Annotated[
    list[str] | None,
    option(
        "--plugin",
        metavar="NAME",
        help="age-plugin-NAME may be started for the recipients that need it. Repeatable.",
    ),
]


ADVICE = "change them where they are used: copies and git's history open with the old key"
_SHOWN = 20


def names_told(names: Sequence[str]) -> str:
    """How many secrets, and which, as far as a line holds them."""
    shown = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{plural(len(names), 'secret')}: {shown}{more}"


def kept(keys: Sequence[str], passphrases: Sequence[str], console: Console) -> Credentials:
    """What the files of those who stay hold."""
    from code_ops.vault_file import Credentials

    found = [key_of_file(path, console) for path in keys]
    return Credentials(
        [each for each in found if isinstance(each, bytes)],
        [passphrase_of_file(path) for path in passphrases],
        [each for each in found if not isinstance(each, bytes)],
    )


@contextmanager
def unkept_told(console: Console) -> Iterator[None]:
    """After slots that cannot be kept comes how they can be."""
    try:
        yield
    except VaultClosedError as error:
        console.error(str(error))
        if "cannot be kept" in str(error):
            hint_keeping(console)
        raise typer.Exit(int(ExitCode.INPUT)) from None


def hint_keeping(console: Console) -> None:
    """How others' slots are kept, or given up."""
    console.hint(
        "--keep-key-file and --keep-passphrase-file keep them, --plugin NAME starts a plugin, "
        "--drop LABEL gives them up"
    )
