"""What ``vault encrypt`` and ``vault decrypt`` share: their files, and how far they are."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from code_ops.cli.console import Console, Verbosity
from code_ops.cli.parameters import InputError, option, readable
from code_ops.cli.vault_credentials import Ways
from code_ops.errors import CodeOpsError

ENDING = ".sealed"
STANDARD = "-"

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="`-` is standard input.", show_default=False)
]
ReplaceOption = Annotated[
    bool, option("--replace", help="Put the new file in the place of one that is there.")
]


def check_places(source: str, target: str, given: str | None, ways: Ways, replace: bool) -> None:
    """Raises BadParameter for what cannot be meant, before anything is asked."""
    if source == STANDARD and ways.reads_standard_input():
        raise typer.BadParameter("standard input has the key, it cannot have the content too")
    if target == STANDARD:
        if given is None and sys.stdout.isatty():
            raise typer.BadParameter(
                "standard output is a terminal: -o FILE writes to a file, -o - to the terminal"
            )
    elif os.path.exists(target) and not os.path.isfile(target) and not os.path.isdir(target):
        raise typer.BadParameter(f"{readable(target)}: not a regular file; -o - writes to a pipe")
    elif os.path.lexists(target) and not replace:
        raise typer.BadParameter(f"{readable(target)}: there is a file already, see --replace")


class CutError(CodeOpsError):
    """An output that did not take all."""


@contextlib.contextmanager
def reading_source(source: str) -> Iterator[None]:
    """What the system says of the source is an error of the input; of the target, of ours."""
    try:
        yield
    except BrokenPipeError:
        # Not as of a list that somebody has read enough of: a part of a sealed file is none, and
        # of an opened one the end has not verified.
        raise CutError("standard output: closed before all was written") from None
    except OSError as error:
        if error.filename not in (source, "standard input"):
            raise
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{readable(error.filename)}: {reason}") from None


@contextlib.contextmanager
def progress_of(label: str, source: str, console: Console) -> Iterator[Callable[[int], None]]:
    """What is called with the bytes that were read, and shows them on a terminal."""
    from code_ops.cli.progress import ProgressLine

    line = ProgressLine(label, wanted=console.verbosity >= Verbosity.NORMAL)
    total = os.path.getsize(source) if os.path.isfile(source) else None
    try:
        yield lambda done: line.update(done, total, f"{done / (1 << 20):,.0f} MiB")
    finally:
        line.stop()
