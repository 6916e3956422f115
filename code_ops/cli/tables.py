"""Tables of rich on any stream: as wide as the terminal, and in plain text where that is none."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console

from code_ops.cli.console import has_colour

_PIPED_COLUMNS = 120


@contextlib.contextmanager
def table_console(stream: TextIO) -> Iterator[Console]:
    """A console whose output goes to the stream at the end, without spaces at ends of lines."""
    width = shutil.get_terminal_size().columns if stream.isatty() else _PIPED_COLUMNS
    console = Console(
        file=stream,
        width=width,
        # Without it a dumb terminal is taken for one of 80 columns.
        height=shutil.get_terminal_size().lines,
        no_color=not has_colour(stream),
        highlight=False,
        soft_wrap=False,
    )
    with console.capture() as captured:
        yield console
    # Spaces at the ends of lines are nobody's.
    stream.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
