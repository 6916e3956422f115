"""What the commands of ``code-ops vault`` share: which vault, its names, and how errors are told.

Owns that nothing secret is taken from the command line, and that no core dump is left. What opens
a vault is in ``vault_credentials``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.parameters import InputError, option
from code_ops.errors import VaultMissingError

if TYPE_CHECKING:
    from code_ops.vault_file import Overview, Vault

FILE_NAME = "secrets.vault"
VALUE_BYTES_MAX = 48 << 20
_NEVER_ARGUMENTS = (
    "expected one NAME; a value is never an argument, which others see and the shell keeps: it is "
    "asked for, read from a pipe, or from a file with --from-file"
)


def names_of(context: typer.Context, incomplete: str) -> list[str]:
    """The vault's names that begin as typed, for the shell."""
    from code_ops.vault_file import read_overview

    try:
        secrets = read_overview(vault_path(context.params.get("vault"))).secrets
    except Exception:
        # Whatever is wrong is told when the command runs.
        return []
    return [secret.name for secret in secrets if secret.name.startswith(incomplete)]


NameArgument = Annotated[
    # A list so that a value after it is refused here, without being repeated.
    list[str],
    typer.Argument(
        metavar="NAME", help="Such as db/password.", autocompletion=names_of, show_default=False
    ),
]
VaultOption = Annotated[
    str | None,
    option(
        "--vault",
        "-V",
        metavar="FILE",
        envvar="CODE_OPS_VAULT_FILE",
        help="By default secrets.vault here, or in the nearest folder above that has one, up to "
        "the repository's.",
        show_default=False,
    ),
]
QuietOption = Annotated[bool, option("--quiet", "-q", help="Nothing but results and errors.")]
AcceptOlderOption = Annotated[
    bool,
    option(
        "--accept-older",
        help="Change the vault although a later generation of it was seen here.",
    ),
]


def console_of(quiet: bool) -> Console:
    """Where a command writes to."""
    return Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)


def one_name(names: Sequence[str]) -> str:
    """The only name; raises BadParameter that repeats none of several."""
    if len(names) != 1:
        raise typer.BadParameter(_NEVER_ARGUMENTS)
    return names[0]


def new_name(names: Sequence[str]) -> str:
    """The only name, which a vault takes: nobody types a value for another."""
    from code_ops.vault_file import is_name

    name = one_name(names)
    if "=" in name:
        raise typer.BadParameter(_NEVER_ARGUMENTS)
    if not is_name(name):
        raise typer.BadParameter(
            "a name has 1 to 255 letters, digits and _ . / -, begins with a letter, a digit or _, "
            "and is not `manifest`"
        )
    return name


def check_label(label: str) -> None:
    """Before a key is made for nothing; raises BadParameter for what is no slot's label."""
    import re

    if not re.fullmatch(r"[A-Za-z0-9._@-]{1,64}", label):
        raise typer.BadParameter("--label: expected 1 to 64 letters, digits and . _ @ -")


def exits(command: Callable[..., ExitCode]) -> Callable[..., None]:
    """``parameters.exits``, without core dumps, which would hold what is secret."""

    def run(*words: Any) -> ExitCode:
        import resource

        with contextlib.suppress(ValueError, OSError):
            # Not the hard limit, so that programs that are started can have theirs.
            resource.setrlimit(
                resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
            )
        # With it age writes what it says to plugins on standard error, keys and all.
        os.environ.pop("AGEDEBUG", None)
        return command(*words)

    return parameters.exits(run)


def vault_path(given: str | None) -> str:
    """The vault to use; raises InputError where none is found."""
    if given is not None:
        return given
    folder = os.path.abspath(".")
    while True:
        path = os.path.join(folder, FILE_NAME)
        above = os.path.dirname(folder)
        if os.path.isfile(path):
            return os.path.relpath(path)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            break
        folder = above
    raise InputError(
        f"there is no {FILE_NAME} here or above: `code-ops vault init` makes one, --vault names "
        "another"
    )


@contextlib.contextmanager
def reading(path: str) -> Iterator[None]:
    """What the system says of a file that is read is an error of the input."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        # As of a shell's variable that is not set.
        name = parameters.readable(path) or "an empty file name"
        raise InputError(f"{name}: {reason}") from None


def warn_of(vault: Vault, console: Console) -> None:
    """Tells that a vault is older than one that was seen, and what is not as it was signed."""
    if vault.generation < vault.seen_generation:
        console.warning(
            f"{vault.path}: an old file was put back: generation {vault.generation}, and "
            f"{vault.seen_generation} was seen before"
        )
    if vault.has_replaced_key:
        from code_ops.vault_file import REPLACED_KEY

        console.warning(f"{vault.path}: {REPLACED_KEY}")
    for finding in vault.findings:
        console.warning(f"{vault.path}: {finding.message}")


@contextlib.contextmanager
def missing_told(vault: Vault, console: Console) -> Iterator[None]:
    """After a name that is not there comes the nearest that is."""
    try:
        yield
    except VaultMissingError as error:
        console.error(str(error))
        hint_nearest(vault, str(error).rpartition(" ")[2], console)
        raise typer.Exit(int(ExitCode.NOT_AS_EXPECTED)) from None


def hint_nearest(vault: Vault | Overview, name: str, console: Console) -> None:
    """The name that was meant, most likely."""
    import difflib

    from code_ops.vault_variables import variable_name

    names = [secret.name for secret in vault.secrets]
    similar = difflib.get_close_matches(name, names, 1) or [
        each for each in names if name in (each.rpartition("/")[2], variable_name(each))
    ]
    if similar:
        console.hint(f"there is {similar[0]}")
    elif not names:
        console.hint("the vault is empty: `code-ops vault set NAME` adds a secret")
    else:
        console.hint("`code-ops vault list` tells the names")


def value_kind(data: bytes) -> str | bytes:
    """UTF-8 is text, all else bytes."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def ask(prompt: str, again: str = "") -> bytes:
    """What is typed without being shown, twice with ``again``; raises BadParameter without it."""
    import getpass
    import warnings

    what = prompt.rstrip(": ").split()[-1 if again else 0].lower()
    try:
        with warnings.catch_warnings():
            # Where the terminal cannot be kept from showing it, nothing is asked.
            warnings.simplefilter("error", getpass.GetPassWarning)
            typed = getpass.getpass(prompt)
            if again and getpass.getpass(again) != typed:
                raise typer.BadParameter(f"what was typed as the {what} is not the same")
        # What is no UTF-8 comes as halves of characters.
        return typed.encode("utf-8", "surrogateescape")
    except getpass.GetPassWarning:
        raise typer.BadParameter(f"there is no terminal to ask for the {what}") from None
    except EOFError:
        Console().talk("")
        raise typer.BadParameter(f"no {what} was typed") from None
    except UnicodeError:
        raise typer.BadParameter(f"the {what} is no valid Unicode") from None
