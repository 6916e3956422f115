"""What the commands of ``code-ops passwords`` share: options, inputs, the prompt, the pepper.

Owns that no password is taken from the command line, shown on a terminal, or repeated in a
message: not even an argument that names no file, since it may be one.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, cast

import typer

from code_ops.cli import parameters
from code_ops.cli.console import PROBLEMS_SHOWN, Console
from code_ops.cli.parameters import InputError, choice_option, option

if TYPE_CHECKING:
    from code_ops.password_inputs import Column, Form, PasswordRows
    from code_ops.passwords import Params, Preset

STANDARD_INPUT = "-"
PEPPER_BYTES_MAX = 65536
_FORMS = ("auto", "lines", "nul", "csv", "jsonl")
_PRESETS = ("owasp", "rfc9106-first", "rfc9106-second")
_NEVER_ARGUMENTS = (
    "passwords are never arguments, which others see and the shell keeps: without FILE you are "
    "asked for one, and a pipe is read"
)

FileArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE",
        help="A file, or - for standard input. Without it a prompt asks on a terminal.",
    ),
]
FromOption = Annotated[
    str,
    choice_option(
        _FORMS,
        "--from",
        metavar="FORMAT",
        help="lines, nul (NUL-separated), csv, jsonl, or auto: by the name, else lines.",
    ),
]
DelimiterOption = Annotated[
    str | None,
    option(
        "--delimiter",
        metavar="CHARACTER",
        help="Between the fields of csv. [default: a comma, a tab for .tsv]",
        show_default=False,
    ),
]
NoHeaderOption = Annotated[
    bool, option("--no-header", help="The first row of csv is one like the others.")
]
PepperOption = Annotated[
    str | None,
    option(
        "--pepper-file",
        metavar="FILE",
        help="A secret that goes into each hash and is not in it: the file's bytes, without one "
        "line end at its end.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    option(
        "--threads", metavar="N", min=1, max=1024, help="By default as many as there are cores."
    ),
]
MemoryOption = Annotated[
    int | None,
    option(
        "--memory",
        parser=parameters.size_bytes,
        metavar="SIZE",
        help="For all hashes that run at once, such as 1GiB. [default: a quarter of what is free]",
        show_default=False,
    ),
]
OutputOption = Annotated[
    str,
    option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file, at once and whole; a new one for its owner alone.",
    ),
]
QuietOption = Annotated[bool, option("--quiet", "-q", help="Nothing but results and errors.")]


def params_option(help_text: str, *, show_default: bool = True) -> Any:
    """``--params``."""
    return option(
        "--params",
        "-p",
        parser=params_of,
        autocompletion=parameters.completing(*_PRESETS),
        metavar="PARAMS",
        help=help_text,
        show_default=show_default,
    )


def params_of(text: object) -> Params | Preset:
    """``owasp``, or ``m=64MiB,t=3,p=4`` in any order; m is in KiB without a unit."""
    from code_ops.passwords import PRESETS, Params

    if isinstance(text, tuple):
        return Params(*text)
    for preset in PRESETS:
        if text == preset:
            return preset
    parts = dict(part.strip().partition("=")[::2] for part in str(text).split(","))
    if sorted(parts) != ["m", "p", "t"] or str(text).count(",") != 2:
        names = ", ".join(PRESETS)
        raise typer.BadParameter(f"expected {names} or m=64MiB,t=3,p=4, found '{text}'")
    memory = parts["m"]
    kib = memory if memory.isdecimal() else str(parameters.size_bytes(memory) // 1024)
    numbers = (kib, parts["t"], parts["p"])
    if not all(each.isascii() and each.isdecimal() and len(each) < 20 for each in numbers):
        raise typer.BadParameter(f"expected numbers as in m=64MiB,t=3,p=4, found '{text}'")
    return Params(*map(int, numbers))


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from."""

    path: str
    """A file's, or ``-``."""
    form: Form
    delimiter: str
    header: Literal["first row", "none"] = "first row"
    option: str = "FILE"
    """Where it is named on the command line."""

    @property
    def name(self) -> str:
        """For people."""
        return "stdin" if self.path == STANDARD_INPUT else parameters.readable(self.path)

    def is_regular(self) -> bool:
        """Whether it can be read twice, and told from others."""
        return self.path != STANDARD_INPUT and os.path.isfile(self.path)

    @contextlib.contextmanager
    def rows(
        self, columns: Sequence[Column], on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[PasswordRows]:
        """Its rows; ``on_wait`` is called before what is not there yet is waited for.

        Raises InputError for what cannot be read, with its name.
        """
        from code_ops.errors import PasswordInputError
        from code_ops.password_inputs import PasswordRows

        try:
            with self._opened() as number:
                stream = cast("BinaryIO", _Waiting(number, self.path, on_wait))
                wanted = columns if self.form in ("csv", "jsonl") else ()
                yield PasswordRows(
                    stream, self.form, wanted, delimiter=self.delimiter, header=self.header
                )
        except PasswordInputError as error:
            raise InputError(f"{self.name}: {error}") from None
        except OSError as error:
            if error.filename != self.path:
                raise
            reason = parameters.describe(error).removeprefix(f"{self.path}: ")
            if isinstance(error, FileNotFoundError):
                raise missing(self.option) from None
            raise InputError(f"{self.name}: {reason}") from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        if self.path == STANDARD_INPUT:
            yield sys.stdin.fileno()
            return
        with open(self.path, "rb", buffering=0) as file:
            yield file.fileno()


class _Waiting:
    """A stream that tells before it waits."""

    def __init__(self, number: int, name: str, on_wait: Callable[[], None]) -> None:
        self._number = number
        self._name = name
        self._on_wait = on_wait

    def read(self, size: int) -> bytes:
        """What is there, at least a byte until the end."""
        if not select.select([self._number], [], [], 0)[0]:
            self._on_wait()
            select.select([self._number], [], [])
        try:
            return os.read(self._number, size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._name) from None


def missing(option: str) -> InputError:
    """The error of a file that is not there, whose name may be a password."""
    advice = f"; {_NEVER_ARGUMENTS}" if option == "FILE" else ""
    return InputError(f"{option}: no such file{advice}")


def source_of(
    files: Sequence[str] | None, from_: str, delimiter: str | None, no_header: bool
) -> Source | None:
    """The input that the options name; None for a prompt."""
    if files and len(files) > 1:
        # None of them is repeated, for the same reason.
        raise typer.BadParameter(f"expected one FILE, found {len(files)}; {_NEVER_ARGUMENTS}")
    path = files[0] if files else STANDARD_INPUT
    if path == STANDARD_INPUT and sys.stdin.isatty():
        if files or from_ != "auto":
            raise typer.BadParameter(
                "name a FILE or read from a pipe: what is typed on this terminal would be seen"
            )
        return None
    if not os.path.exists(path) and path != STANDARD_INPUT:
        raise missing("FILE")
    return source(path, from_, delimiter, no_header)


def source(
    path: str, from_: str, delimiter: str | None, no_header: bool, option: str = "FILE"
) -> Source:
    """A file of rows, its form by the option or its name."""
    from code_ops.password_inputs import form_of_name

    if from_ == "auto" and path.lower().endswith(".json"):
        raise typer.BadParameter(
            "one JSON document is not read: `code-ops config convert --to ndjson` makes a row of "
            "each element, and --from says how else to read it"
        )
    form, by_name = form_of_name(path)
    if from_ != "auto":
        form = cast("Form", from_)
        by_name = by_name if form == "csv" else ","
    if delimiter is not None:
        delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    header: Literal["first row", "none"] = "none" if no_header else "first row"
    return Source(path, form, by_name if delimiter is None else delimiter, header, option)


def ask(times: Literal["once", "twice"]) -> bytes:
    """The password that is typed without being shown; raises BadParameter without one."""
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            # Where the terminal cannot be kept from showing it, nothing is asked.
            warnings.simplefilter("error", getpass.GetPassWarning)
            typed = getpass.getpass("Password: ")
            if times == "twice" and getpass.getpass("The same again: ") != typed:
                raise typer.BadParameter("the two passwords are not the same")
        # What is no UTF-8 comes as halves of characters.
        return typed.encode("utf-8", "surrogateescape")
    except getpass.GetPassWarning:
        raise typer.BadParameter("there is no terminal to ask for a password") from None
    except EOFError:
        Console().talk("")
        raise typer.BadParameter("no password was typed") from None
    except UnicodeError:
        raise typer.BadParameter("the password is no valid Unicode") from None


def pepper_of(path: str | None, console: Console) -> bytes | None:
    """The pepper in a file; says so when others can read it."""
    if path is None:
        return None
    name = parameters.readable(path)
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(PEPPER_BYTES_MAX + 3)
    except OSError as error:
        raise InputError(parameters.describe(error)) from error
    if stat.S_ISREG(mode) and mode & 0o077:
        console.warning(f"{name}: others can read this pepper, `chmod 600` keeps it to you")
    pepper = data.removesuffix(b"\n")
    pepper = pepper.removesuffix(b"\r") if pepper != data else pepper
    if not pepper:
        raise InputError(f"{name}: the pepper is empty")
    if len(pepper) > PEPPER_BYTES_MAX:
        raise InputError(f"{name}: a pepper longer than {PEPPER_BYTES_MAX:,} bytes")
    return pepper


class Problems:
    """Problems of rows, of which only the first are kept."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, name: str, row: int, line: int, form: Form, problem: str) -> None:
        """Keeps where and what."""
        self.count += 1
        if len(self._first) < PROBLEMS_SHOWN:
            place = f"{name}: row {row}" if form == "nul" else f"{name}:{line}"
            self._first.append(f"{place}: {problem}")

    def tell(self, console: Console) -> None:
        """Each an error, and how many more there are."""
        for text in self._first:
            console.error(text)
        if self.count > len(self._first):
            console.error(f"and {self.count - len(self._first):,} more like these")
