"""What opens a vault: keys, identities and passphrases from files, descriptors, the environment,
commands and the terminal. None of it stands on the command line or in a message.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_common import ask, reading
from code_ops.errors import VaultClosedError, VaultError

if TYPE_CHECKING:
    from code_ops.vault_file import Credentials
    from code_ops.vault_identities import Identity

_PASSPHRASE_BYTES = 65536
_KEY_BYTES = 65536
_COMMAND_SECONDS = 120
_KEY_COMMAND = "CODE_OPS_VAULT_KEY_CMD"
WAYS = (
    "give --key-file, --key-fd, --key-cmd, --passphrase-file or CODE_OPS_VAULT_KEY; a passphrase "
    "is asked for on a terminal"
)

KeyFileOption = Annotated[
    str | None,
    option(
        "--key-file",
        "--identity",
        "-i",
        metavar="FILE",
        envvar="CODE_OPS_VAULT_KEY_FILE",
        help="Holds the key's text, cok1..., age identities, or an SSH private key; - is standard "
        "input. The text can also be in CODE_OPS_VAULT_KEY.",
    ),
]
KeyDescriptorOption = Annotated[
    int | None,
    option("--key-fd", metavar="N", min=0, help="An open file descriptor with the key's text."),
]
KeyCommandOption = Annotated[
    str | None,
    option(
        "--key-cmd",
        metavar="COMMAND",
        envvar=_KEY_COMMAND,
        help="Writes the key's text, such as a password manager's; runs without a shell.",
    ),
]
PassphraseFileOption = Annotated[
    str | None,
    option(
        "--passphrase-file",
        metavar="FILE",
        help="Holds a passphrase; one line end at its end is not part of it; - is standard input.",
    ),
]


# What stands in the place of a file's name by mistake, and is not to be shown then.
_KEY_TEXT = re.compile(r"cok1[0-9a-z]{50}|AGE-SECRET-KEY-1|AGE-PLUGIN-|-----BEGIN ", re.IGNORECASE)

# As the options are called, in the order of the fields of ``Ways``.
_NAMES = ("key_file", "key_fd", "key_cmd", "passphrase_file")


class Ways(NamedTuple):
    """What the options say of what opens a vault."""

    key_file: str | None = None
    key_descriptor: int | None = None
    key_command: str | None = None
    passphrase_file: str | None = None

    def reads_standard_input(self) -> bool:
        """Whether a secret comes from there."""
        return "-" in (self.key_file, self.passphrase_file) or self.key_descriptor == 0

    def are_given(self) -> bool:
        """Whether there is an option, or a variable with a key."""
        return any(way is not None for way in self) or bool(os.environ.get("CODE_OPS_VAULT_KEY"))


NO_WAYS = Ways()
"""The default of a command's ``ways``."""


def with_key_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter ``ways`` is filled by the options of what opens a vault."""
    kinds = (KeyFileOption, KeyDescriptorOption, KeyCommandOption, PassphraseFileOption)
    keyword = inspect.Parameter.KEYWORD_ONLY
    options = [
        inspect.Parameter(name, keyword, default=None, annotation=kind)
        for name, kind in zip(_NAMES, kinds, strict=True)
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        command(ways=Ways(*(given.pop(name) for name in _NAMES)), **given)

    others = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [parameter.replace(kind=keyword) for parameter in others]
    place = [parameter.name for parameter in parameters].index("ways")
    parameters[place : place + 1] = options
    run.__dict__["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def credentials_of(
    ways: Ways, path: str, console: Console, text: bytes | None = None
) -> Credentials:
    """All that is given; where that is nothing, the passphrase that is asked for.

    ``text`` is the vault's where the path is its name alone.

    Raises InputError and VaultError for what cannot be read or is no key. Ends the command where
    there is nothing and nobody to ask, after telling what would open the vault.
    """
    from code_ops.vault_file import Credentials, content_at, opened, overview_of

    found: list[bytes | Identity] = []
    words = []
    if ways.key_file is not None:
        found.append(key_of_file(ways.key_file, console))
    if ways.key_descriptor is not None:
        found.append(_key_of_descriptor(ways.key_descriptor))
    if (variable := key_of_variable()) is not None:
        found.append(variable)
    if ways.key_command is not None:
        found.append(_key_of_command(ways.key_command))
    if ways.passphrase_file is not None:
        words.append(passphrase_of_file(ways.passphrase_file))
    if found or words:
        keys = [each for each in found if isinstance(each, bytes)]
        return Credentials(keys, words, [each for each in found if not isinstance(each, bytes)])
    with reading(path):
        content = content_at(path) if text is None else text
        slots = overview_of(path, content).slots
        if any(slot.kind == "passphrase" for slot in slots) and has_terminal():
            return Credentials(passphrases=[ask(f"Passphrase of {readable(path)}: ")])
        try:
            # Its message names all that would open it.
            opened(path, content, Credentials())
        except VaultClosedError as error:
            console.error(str(error))
    hint_ways(console)
    raise typer.Exit(int(ExitCode.INPUT))


def hint_ways(console: Console) -> None:
    """What could be given; a variable without a key is what a CI job has that gets no secrets."""
    from code_ops.vault_keys import KEY_VARIABLE

    if os.environ.get(KEY_VARIABLE) == "":
        console.hint(f"{KEY_VARIABLE} is set and empty: this job got no key")
    console.hint(WAYS)


def has_terminal() -> bool:
    """Whether somebody can be asked, also where standard input is a pipe."""
    if sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def check_file_name(text: str) -> None:
    """Raises BadParameter, which does not repeat it, for a key's text in the place of a name."""
    if _KEY_TEXT.search(text):
        raise typer.BadParameter(
            "this is the text of a key, and a file's name is expected: CODE_OPS_VAULT_KEY takes "
            "the text; on a command line others have seen it"
        )


def key_of_file(path: str, console: Console) -> bytes | Identity:
    """The key or the identities in a file; says so when others can read it."""
    check_file_name(path)
    if path == "-":
        return _key_of_descriptor(sys.stdin.fileno())
    name = readable(path)
    with reading(path), open(path, "rb") as file:
        data = file.read(_KEY_BYTES + 1)
        mode = os.fstat(file.fileno()).st_mode
    key = _key(name, data)
    if stat.S_ISREG(mode) and mode & 0o077:
        console.warning(f"{name}: others can read this key, `chmod 600 {name}` keeps it to you")
    return key


def key_of_variable() -> bytes | Identity | None:
    """The key or the identities in the environment; None where there is nothing."""
    from code_ops.vault_keys import KEY_VARIABLE

    text = os.environ.get(KEY_VARIABLE)
    if not text:
        return None
    if "\0" not in text and os.path.isfile(text):
        raise VaultError(f"{KEY_VARIABLE}: it has a file's name, which {KEY_VARIABLE}_FILE takes")
    return _key(KEY_VARIABLE, os.fsencode(text))


def _key_of_descriptor(number: int) -> bytes | Identity:
    name = "standard input" if number == 0 else f"the descriptor {number}"
    with reading(name):
        data = _all_of(number, _KEY_BYTES)
    return _key(name, data)


def _all_of(number: int, most: int) -> bytes:
    """What a descriptor has, as much as this and a byte, without closing it."""
    data = b""
    while len(data) <= most and (part := os.read(number, most + 1 - len(data))):
        data += part
    return data


def _key(name: str, data: bytes) -> bytes | Identity:
    """What a text opens with; an SSH key that is encrypted has its passphrase asked for."""
    from code_ops.vault_identities import Identity, named_opener

    if len(data) > _KEY_BYTES:
        raise VaultError(f"{name}: a key file has at most {_KEY_BYTES:,} bytes")
    found = named_opener(name, data, _answer)
    if isinstance(found, bytes) or not found.is_locked:
        return found
    if not has_terminal():
        raise InputError(
            f"{name}: the SSH key is encrypted, and there is no terminal to ask for its passphrase"
        )
    word = ask(f"Passphrase of {name}: ")
    try:
        return Identity(data, word)
    except VaultError as error:
        complaint = str(error)
    raise VaultError(f"{name}: {complaint}")


def _answer(kind: str, message: str) -> str | None:
    """What the user of a plugin says to it, such as the PIN of a device."""
    console = Console()
    if kind == "tell":
        console.talk(f"plugin: {message}")
        return None
    if not has_terminal():
        console.warning(f"a plugin asks, and there is no terminal: {message}")
        return None
    return ask(f"plugin: {message}: ").decode("utf-8", "replace")


def _key_of_command(command: str) -> bytes | Identity:
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise typer.BadParameter("--key-cmd: expected a command, with quotes closed")
    check_file_name(command)
    name = f"the key command {words[0]}"
    try:
        # Its standard error is the user's: that is where it asks. A pipe has what is to be set.
        standard_input = None if sys.stdin.isatty() else subprocess.DEVNULL
        # One that opens another vault for the key would start itself without end.
        environment = {name: value for name, value in os.environ.items() if name != _KEY_COMMAND}
        ended = subprocess.run(  # noqa: S603 - the user's own command
            words,
            stdin=standard_input,
            stdout=subprocess.PIPE,
            env=environment,
            check=False,
            timeout=_COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{name} did not end within {_COMMAND_SECONDS} s") from None
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or str(error)).lower()}") from None
    if ended.returncode:
        how = f"exit code {ended.returncode}"
        how = f"signal {-ended.returncode}" if ended.returncode < 0 else how
        raise InputError(f"{name} failed with {how}")
    return _key(name, ended.stdout)


def passphrase_of_file(path: str) -> bytes:
    """The passphrase in a file, without one line end at its end."""
    name = "standard input" if path == "-" else readable(path)
    with reading(name), open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
        data = file.read(_PASSPHRASE_BYTES + 1)
    if len(data) > _PASSPHRASE_BYTES:
        raise InputError(f"{name}: a passphrase has at most {_PASSPHRASE_BYTES:,} bytes")
    data = data.removesuffix(b"\n").removesuffix(b"\r")
    if not data:
        raise InputError(f"{name}: the passphrase is empty")
    return data
