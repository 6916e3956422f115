"""Which secrets a program is given, and as what: variables of the environment and files in memory.

Pure: names and values come in, a plan and an environment go out. Starting the program is
``vault_exec``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from code_ops.errors import VaultMissingError, VaultRequestError

__all__ = [
    "Form",
    "Given",
    "Wishes",
    "inherited",
    "is_steering",
    "planned",
    "unfit",
    "variable_name",
]

Form = Literal["value", "file"]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER = re.compile(r"[^A-Za-z0-9_]")
_OWN = b"CODE_OPS_VAULT_"
_PRISTINE = {b"PATH", b"HOME", b"USER", b"LOGNAME", b"SHELL", b"TERM", b"LANG", b"TMPDIR", b"TZ"}
# With these the system, shells and languages run other code than the program that was asked for.
_STEERING = (
    "PATH IFS BASH_ENV SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND ZDOTDIR HOME LD_PRELOAD "
    "LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH GCONV_PATH PYTHONPATH "
    "PYTHONHOME PYTHONSTARTUP PYTHONBREAKPOINT PERL5LIB PERL5OPT PERL5DB PERLLIB RUBYLIB RUBYOPT "
    "NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS GIT_SSH "
    "GIT_SSH_COMMAND GIT_ASKPASS GIT_EDITOR GIT_PAGER GIT_EXEC_PATH GIT_EXTERNAL_DIFF "
    "GIT_PROXY_COMMAND GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_COUNT SSH_ASKPASS EDITOR "
    "VISUAL PAGER LESSOPEN"
)
# Linux takes no longer text in an environment, with its name and the end.
_MOST_BYTES = 128 << 10


class Given(NamedTuple):
    """A variable, the secret it is for, and whether it holds the value or a file's path."""

    variable: str
    name: str
    form: Form
    is_named: bool = False
    """Whether it was asked for by its name."""


class Wishes(NamedTuple):
    """What a program shall be given; all secrets, where nothing is named."""

    values: Sequence[str] = ()
    """``VAR=NAME`` each."""
    files: Sequence[str] = ()
    globs: Sequence[str] = ()
    others: Form = "value"
    """What becomes of those that are not named."""


def planned(path: str, names: Sequence[str], wishes: Wishes) -> list[Given]:
    """What is given of a vault's secrets, in the order of the variables.

    Raises VaultRequestError for what is no variable, and where one would be two secrets;
    VaultMissingError for a name or a glob of which there is no secret.
    """
    plan = [_named(path, names, text, "value") for text in wishes.values]
    plan += [_named(path, names, text, "file") for text in wishes.files]
    chosen = _matching(path, names, wishes.globs) if plan or wishes.globs else names
    plan += [Given(variable_name(name), name, wishes.others) for name in chosen]
    by_variable: dict[str, Given] = {}
    for given in plan:
        other = by_variable.setdefault(given.variable, given)
        if other[:3] != given[:3]:
            raise VaultRequestError(_clash(other, given))
    return sorted(by_variable.values())


def variable_name(name: str) -> str:
    """The variable for a vault's name: ``DB_PASSWORD`` for ``db/password``.

    A name that is a variable's stays as it is: ``TF_VAR_region``. Else it becomes upper-case, all
    that no variable has becomes ``_``, and a digit in front gets a ``_``. Two names may become one.
    """
    if _VARIABLE.fullmatch(name):
        return name
    made = _OTHER.sub("_", name).upper()
    return f"_{made}" if made[:1].isdigit() else made


def _named(path: str, names: Sequence[str], text: str, form: Form) -> Given:
    option = "--env" if form == "value" else "--file"
    variable, equals, name = text.partition("=")
    if not equals or not name or not _VARIABLE.fullmatch(variable):
        raise VaultRequestError(
            f"{option}: expected VAR=NAME, a variable and the secret's name like "
            "PGPASSWORD=db/password"
        )
    if name not in names:
        raise VaultMissingError(f"{path}: there is no secret {name}")
    return Given(variable, name, form, is_named=True)


def _matching(path: str, names: Sequence[str], globs: Sequence[str]) -> Iterable[str]:
    import fnmatch

    chosen: dict[str, None] = {}
    for glob in globs:
        found = [name for name in names if fnmatch.fnmatchcase(name, glob)]
        if not found:
            raise VaultMissingError(f"{path}: there is no secret {glob}")
        chosen |= dict.fromkeys(found)
    return chosen


def _clash(one: Given, other: Given) -> str:
    if one.name == other.name:
        return f"{one.variable} would be both the value and a file of {one.name}"
    return (
        f"{one.name} and {other.name} would both be the variable {one.variable}: "
        "--env VAR=NAME gives them names, --only leaves one out"
    )


def is_steering(given: Given) -> bool:
    """Whether a variable makes programs run other code, and nobody asked for it by its name.

    Who may set a secret shall not so choose what runs with all the others.
    """
    return given.variable in _STEERING.split() and not given.is_named


def unfit(given: Given, value: bytes) -> str | None:
    """Why a value can be in no variable, None where it can."""
    if given.form == "file":
        return None
    if b"\0" in value:
        return "has a zero byte, which no variable can have"
    if len(given.variable) + len(value) + 2 > _MOST_BYTES:
        return "is longer than a variable can be, 128 KiB"
    return None


def inherited(
    environment: Mapping[bytes, bytes], scope: Literal["all", "pristine"]
) -> dict[bytes, bytes]:
    """What a program sees of our environment: what opens vaults is never in it.

    ``pristine`` leaves what every program needs: PATH, HOME, the user, the terminal, the language.
    """
    seen = {name: value for name, value in environment.items() if not name.startswith(_OWN)}
    if scope == "all":
        return seen
    return {
        name: value for name, value in seen.items() if name in _PRISTINE or name.startswith(b"LC_")
    }
