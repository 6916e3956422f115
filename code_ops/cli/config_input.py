"""What the commands for configuration files share: their input, options and words."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from code_ops.cli import parameters
from code_ops.cli.console import Console
from code_ops.cli.parameters import choice_option, option

if TYPE_CHECKING:
    from code_ops.config_check import FileReport

STANDARD_INPUT = "-"
INPUT_FORMATS = ("auto", "yaml", "json")
REPORT_FORMATS = ("text", "json", "sarif", "github", "junit")
SEQUENCES = ("indent", "flush")
MERGE_KEYS = ("apply", "keep")


def input_format_option() -> Any:
    """``--input-format``."""
    return choice_option(
        INPUT_FORMATS,
        "--input-format",
        metavar="FORMAT",
        help="yaml, json, or auto: json for files named so, else yaml.",
    )


def document_option() -> Any:
    """``--document``."""
    return option(
        "--document",
        metavar="N",
        min=1,
        help="The document of a stream, from 1.",
        show_default=False,
    )


def merge_keys_option() -> Any:
    """``--merge-keys``."""
    return choice_option(
        MERGE_KEYS,
        "--merge-keys",
        metavar="HOW",
        help="apply: a mapping has the entries under its <<. keep: << is a key like others.",
    )


def indent_option() -> Any:
    """``--indent``."""
    return option("--indent", metavar="N", min=2, max=8, help="Spaces for each mapping.")


def sequences_option() -> Any:
    """``--sequences``."""
    return choice_option(
        SEQUENCES, "--sequences", metavar="HOW", help="indent or flush: lists below their key."
    )


def report_format_option() -> Any:
    """``--format`` of a command that reports what is wrong."""
    return choice_option(
        REPORT_FORMATS, "--format", metavar="FORMAT", help="text, json, sarif, github or junit."
    )


def opened(file: str, input_format: str) -> tuple[str | bytes, dict[str, Any]]:
    """The source of a file's name or of ``-``, and the options that go with it."""
    is_json = None if input_format == "auto" else input_format == "json"
    if file != STANDARD_INPUT:
        return parameters.readable(file) if "\0" in file else file, {"json": is_json}
    return sys.stdin.buffer.read(), {"json": bool(is_json), "name": "standard input"}


@contextlib.contextmanager
def reading(*files: str) -> Iterator[None]:
    """Makes errors of files that cannot be read those of the input; others stay as they are."""
    try:
        yield
    except OSError as error:
        is_unread = error.filename in files and not (
            os.path.isfile(error.filename) and os.access(error.filename, os.R_OK)
        )
        if is_unread:
            raise parameters.InputError(parameters.describe(error)) from error
        raise


def unreadable_of(console: Console, reports: Sequence[FileReport]) -> int:
    """Tells which files could not be read; returns how many."""
    unreadable = [report for report in reports if report.unreadable]
    console.problems(f"{report.path}: {report.unreadable}" for report in unreadable)
    return len(unreadable)


def count(number: int, noun: str) -> str:
    """A number of things in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
