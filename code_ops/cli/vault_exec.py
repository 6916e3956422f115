"""``code-ops vault exec``: a program with secrets, and without them in what it writes."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import option, readable
from code_ops.cli.vault_common import (
    QuietOption,
    VaultOption,
    console_of,
    exits,
    missing_told,
    reading,
    vault_path,
    warn_of,
)
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.errors import EngineError, VaultRequestError

if TYPE_CHECKING:
    from code_ops.vault_exec import Ended, Program
    from code_ops.vault_file import Credentials, Vault
    from code_ops.vault_variables import Given, Wishes

EXAMPLES = """\b
Examples:
  code-ops vault exec -- ./deploy.sh
  code-ops vault exec --env PGPASSWORD=db/password -- psql -h db1
  code-ops vault exec --file CONF=nginx/conf -- sh -c 'nginx -c "$CONF"'
  code-ops vault exec --pristine -- env
"""
# What stands after the program's name is its own.
SETTINGS = {"allow_interspersed_args": False}

_DESCRIPTOR = re.compile(r"(?:/dev|/proc/self)/fd/([0-9]{1,7})")
_REASONS = {
    "short": "too short to be taken out of the output",
    "long": "more than 1 MiB, not taken out of the output",
    "encoded": "more than 64 KiB, taken out of the output as it is, but not encoded",
    "budget": "not taken out of the output: the secrets are too large together",
}


@with_key_options
def command(
    words: Annotated[
        list[str],
        typer.Argument(metavar="-- CMD...", help="The program and its arguments."),
    ],
    env: Annotated[
        list[str] | None,
        option(
            "--env",
            "-e",
            metavar="VAR=NAME",
            help="Give this secret in this variable; then only those named are given. Repeatable.",
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        option(
            "--file",
            metavar="VAR=NAME",
            help="The same with a file in memory; the variable holds its path. Repeatable.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        option(
            "--only", metavar="GLOB", help="Give the secrets with such names: 'db/*'. Repeatable."
        ),
    ] = None,
    files: Annotated[
        bool, option("--files", help="Give files in memory instead of values, but for --env.")
    ] = False,
    pristine: Annotated[
        bool,
        option(
            "--pristine",
            help="Of this environment only PATH, HOME, USER, LOGNAME, SHELL, TERM, LANG, LC_*, "
            "TMPDIR and TZ.",
        ),
    ] = False,
    no_redact: Annotated[
        bool, option("--no-redact", help="Hand the output through as it is.")
    ] = False,
    vault: VaultOption = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Run a program with secrets, and keep them out of its output.

    Each secret is a variable: db/password is DB_PASSWORD. In the output each stands as its name,
    [db/password], also where the program encodes it: base64, hexadecimal, for URLs, JSON and
    shells. Signals go on to the program; its exit code, or the signal that kills it, is that of
    this command. What opens the vault does not reach the program.

    Exit 127 when there is no such program, 126 when it cannot be started. Before that: 1 when a
    secret is not there or not as it was signed, 2 usage, 3 when the vault cannot be read or
    opened, 4 a failure on our side, also when the output cannot be written.
    """
    from code_ops.vault_variables import Wishes

    wishes = Wishes(env or (), file or (), only or (), "file" if files else "value")
    asked = Asked(words, wishes, pristine, no_redact, resource.getrlimit(resource.RLIMIT_CORE)[0])
    execute(asked, vault, ways, console_of(quiet))


class Asked(NamedTuple):
    """What the options say of the program."""

    words: Sequence[str]
    wishes: Wishes
    is_pristine: bool
    is_bare: bool
    core_bytes: int


@exits
def execute(asked: Asked, given: str | None, ways: Ways, console: Console) -> ExitCode:
    """Opens the vault, starts the program, and ends as it does."""
    if sys.platform != "linux":
        raise EngineError("vault exec needs Linux: files in memory, and signals that wait")
    from code_ops.vault_exec import StartError, signals_held

    path = vault_path(given)
    credentials = credentials_of(ways, path, console)
    try:
        with signals_held() as mask:
            ended = _run(asked, _opened(path, credentials, console), ways, mask, console)
    except StartError as error:
        console.error(readable(str(error)))
        if " " in asked.words[0]:
            console.hint("the program and its arguments are words; a line is `sh -c 'LINE'`")
        raise typer.Exit(error.code) from None
    return _end(ended, console)


def _opened(path: str, credentials: Credentials, console: Console) -> Vault:
    from code_ops.vault_file import open_vault

    with reading(path):
        vault = open_vault(path, credentials)
    warn_of(vault, console)
    return vault


def _run(asked: Asked, vault: Vault, ways: Ways, mask: Iterable[int], console: Console) -> Ended:
    from code_ops.vault_exec import replace, run

    with missing_told(vault, console):
        secrets = _secrets(vault, asked.wishes, console)
    program = _program(asked, secrets, ways)
    if asked.is_bare and all(given.form == "value" for given, _ in secrets):
        replace(program, mask)
    from code_rust_core import security

    redactor = None
    if not asked.is_bare:
        redactor = security.Redactor([(given.name, value) for given, value in secrets])
        _tell_unredacted(redactor.unredacted, secrets, console)
    return run(program, redactor, mask, security.end_with_parent)


def _tell_unredacted(
    unredacted: Iterable[tuple[int, str]],
    secrets: Sequence[tuple[Given, bytes]],
    console: Console,
) -> None:
    """A line for each reason, as many a vault has many short values."""
    names: dict[str, list[str]] = {}
    for place, reason in unredacted:
        given, value = secrets[place]
        # Of an empty one there is nothing to be seen.
        if value:
            names.setdefault(reason, []).append(given.name)
    for reason, found in names.items():
        console.warning(f"{', '.join(found)}: {_REASONS[reason]}")


def _secrets(vault: Vault, wishes: Wishes, console: Console) -> list[tuple[Given, bytes]]:
    """What is given, with the values."""
    from code_ops.vault_variables import is_steering, planned, unfit

    secrets = []
    for given in planned(vault.path, [secret.name for secret in vault.secrets], wishes):
        if is_steering(given):
            console.warning(
                f"{given.name}: left out: {given.variable} makes programs run other code; "
                f"--env {given.variable}={given.name} gives it"
            )
            continue
        value = vault.get(given.name)
        complaint = unfit(given, value)
        if complaint is None:
            secrets.append((given, value))
        elif given.is_named:
            raise VaultRequestError(
                f"{given.name}: the value {complaint}: --file {given.variable}={given.name} gives "
                "it as a file"
            )
        else:
            console.warning(f"{given.name}: left out: the value {complaint}; --file gives it")
    if not secrets:
        console.warning(f"{vault.path}: no secrets are given")
    return secrets


def _program(asked: Asked, secrets: Sequence[tuple[Given, bytes]], ways: Ways) -> Program:
    from code_ops.vault_exec import Program, memory_file
    from code_ops.vault_variables import inherited

    environment = inherited(os.environb, "pristine" if asked.is_pristine else "all")
    for given, value in secrets:
        text = value if given.form == "value" else os.fsencode(memory_file(value))
        environment[given.variable.encode()] = text
    # A shell's <(...) is such an argument; all others stay here.
    numbers = {int(number) for word in asked.words for number in _DESCRIPTOR.findall(word)}
    numbers -= {0, 1, 2, ways.key_descriptor}
    return Program(
        asked.words,
        environment,
        "empty" if ways.reads_standard_input() else "ours",
        sorted(numbers),
        asked.core_bytes,
    )


def _end(ended: Ended, console: Console) -> ExitCode:
    """Ends as the program did: who waits for us sees the same code, or the same signal."""
    for number, error in ended.unwritten:
        name = "standard output" if number == 1 else "standard error"
        console.error(f"{name}: {(error.strerror or str(error)).lower()}")
    if ended.unwritten:
        return ExitCode.FAILURE
    if ended.signal:
        _die(ended.signal)
    raise typer.Exit(ended.code)


def _die(number: int) -> NoReturn:
    # A shell script ends after Ctrl-C only where it sees that the program died of it.
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # The first process of a container dies of no signal.
    raise typer.Exit(128 + number)
