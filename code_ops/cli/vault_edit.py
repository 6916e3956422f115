"""``code-ops vault edit``: a secret in an editor, in memory alone."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option
from code_ops.cli.vault_common import (
    VALUE_BYTES_MAX,
    AcceptOlderOption,
    NameArgument,
    QuietOption,
    VaultOption,
    console_of,
    exits,
    new_name,
    value_kind,
    vault_path,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.cli.vault_editor import Disk, check_terminal, edited, editor_words, private_folder
from code_ops.cli.vault_writing import changing, checked
from code_ops.errors import VaultChangedError

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials, Vault

EXAMPLES = """\b
Examples:
  code-ops vault edit app/config --key-file vault.key
  EDITOR='code --wait' code-ops vault edit app/config
"""


@with_key_options
def command(
    name: NameArgument,
    allow_disk: Annotated[
        bool,
        option("--allow-disk", help="Where there is no place in memory, edit a file on the disk."),
    ] = False,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    accept_older: AcceptOlderOption = False,
    quiet: QuietOption = False,
) -> None:
    """Change a secret, or make one, in $VISUAL or $EDITOR.

    The text is a file in memory for you alone, wiped after the editor ends, however it ends. A
    value without a line end at its end is shown with one, and is kept without. Nobody waits
    meanwhile: where somebody else changed the secret, nothing is written, and on a terminal you
    may edit your text again. An editor that fails changes nothing.

    Exit 0, 1 when the secret changed meanwhile or is not as it was signed, 3 when the vault cannot
    be read or opened, 4 when the editor failed.
    """
    disk: Disk = "disk allowed" if allow_disk else "memory only"
    edit(new_name(name), disk, vault, ways, accept_older, console_of(quiet))


class Before(NamedTuple):
    """A secret as it is opened in the editor; version 0 where there is none yet."""

    version: int
    value: bytes

    def shown(self) -> bytes:
        """With a line end at the end, as editors want it."""
        return self.value if self._is_whole() else self.value + b"\n"

    def taken(self, text: bytes) -> bytes:
        """The value of a text, without the line end that was shown."""
        return text if self._is_whole() else text.removesuffix(b"\n")

    def _is_whole(self) -> bool:
        is_text = isinstance(value_kind(self.value), str)
        return not is_text or self.value.endswith(b"\n")


@exits
def edit(
    name: str, disk: Disk, given: str | None, ways: Ways, accept_older: bool, console: Console
) -> ExitCode:
    """Opens, edits, and writes where something changed."""
    path = vault_path(given)
    check_terminal()
    words = editor_words()
    if not sys.stdin.isatty() and ways.reads_standard_input():
        raise InputError("standard input has the key: the editor needs it")
    # A terminal that is closed ends this as a polite kill does: the text is wiped.
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    credentials = credentials_of(ways, path, console)
    last = name.rpartition("/")[2]
    file_name = "secret" if last in ("", ".", "..") else last
    before = _before(checked(path, credentials, accept_older), name)
    mine = before
    with private_folder(disk) as folder:
        while True:
            typed = edited(folder, file_name, mine.shown(), words)
            value = before.value if typed is None else mine.taken(typed)
            if value == before.value or (not value and not before.version):
                console.note(f"{name}: unchanged")
                return ExitCode.OK
            if len(value) > VALUE_BYTES_MAX:
                raise InputError(f"{name}: a value has at most 48 MiB")
            try:
                return _save(path, credentials, accept_older, name, value, before, console)
            except MeanwhileError as error:
                if not _edits_again(str(error)):
                    raise
            before = _before(checked(path, credentials, accept_older), name)
            mine = Before(0, value)
            Path(folder, f"{file_name}.theirs").write_bytes(before.value)


class MeanwhileError(VaultChangedError):
    """Somebody else changed the secret while it was edited."""


def _edits_again(complaint: str) -> bool:
    """Whether the text that was typed is wanted once more; nobody answers without a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    question = "Edit your text again, with theirs beside it as a file?"
    return bool(typer.confirm(f"{complaint}. {question}", default=True, err=True))


def _before(vault: Vault, name: str) -> Before:
    versions = [secret.version for secret in vault.secrets if secret.name == name]
    return Before(versions[0], vault.get(name)) if versions else Before(0, b"")


def _save(
    path: str,
    credentials: Credentials,
    accept_older: bool,
    name: str,
    value: bytes,
    before: Before,
    console: Console,
) -> ExitCode:
    with changing(path, credentials, accept_older, console) as vault:
        # The version alone does not tell one that was removed and made again.
        if _before(vault, name) != before:
            raise MeanwhileError(f"{name}: somebody else changed it meanwhile; nothing is written")
        done = vault.set(name, value_kind(value))
    console.note(f"{name}: {done}")
    return ExitCode.OK
