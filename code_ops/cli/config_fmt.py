"""``code-ops config fmt``: files in one style."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    STANDARD_INPUT,
    count,
    indent_option,
    input_format_option,
    opened,
    sequences_option,
)
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import option

if TYPE_CHECKING:
    from code_ops.config_format import FormattedFile

EXAMPLES = """\b
Examples:
  code-ops config fmt .                      all files that git would know
  code-ops config fmt --check k8s/           for CI: exit 1 when a file has another style
  code-ops config fmt --diff values.yaml     what would change
  code-ops config fmt - < in.yaml            to standard output
"""


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|DIR...", help="Files, folders, or - for stdin to stdout."),
    ] = None,
    check: Annotated[
        bool, option("--check", help="Write nothing, name the files that would change.")
    ] = False,
    diff: Annotated[bool, option("--diff", help="Write nothing, print what would change.")] = False,
    indent: Annotated[int, indent_option()] = 2,
    sequences: Annotated[str, sequences_option()] = "indent",
    input_format: Annotated[str, input_format_option()] = "auto",
    quiet: Annotated[bool, option("--quiet", "-q", help="No talk but errors.")] = False,
) -> None:
    """Write YAML and JSON files in one style.

    Indentation, spaces and empty lines are made anew; comments, quotes, anchors and the order of
    keys stay, and brackets stay on one line or on several. What a file says is proved to be the
    same before it is replaced, at once or not at all. Folders are searched as for config check.

    Exit 0 when all is well, 1 when --check or --diff found something, 3 when a file could not be
    read.
    """
    style = {"indent": indent, "sequences": sequences}
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    run(files or [], check, diff, style, input_format, console)


@parameters.exits
def run(
    files: Sequence[str],
    check: bool,
    diff: bool,
    style: dict[str, Any],
    input_format: str,
    console: Console,
) -> ExitCode:
    """Formats, and tells of each file that changes."""
    if not files:
        raise typer.BadParameter("name a file or a folder, or - for standard input")
    if STANDARD_INPUT in files:
        if len(files) > 1:
            raise typer.BadParameter("- goes with no other file")
        return _standard_input(check, diff, style, input_format)
    from code_ops.config_format import format_files, format_text

    found = format_files(files, write=not (check or diff), **style)
    changed = [file.path for file in found if file.is_changed]
    failed = [_told(file) for file in found if file.error]
    if diff:
        with open_output("-") as output:
            for path in changed:
                before = Path(path).read_bytes()
                is_json = path.lower().endswith(".json")
                after = format_text(before, json=is_json, name=path, **style)
                output.stream.writelines(_difference(before, after, path))
    elif check:
        console.data("".join(f"{path}\n" for path in changed))
    console.problems(failed)
    would = "would change" if check or diff else "changed"
    console.note(
        f"{count(len(found), 'file')}: {len(changed):,} {would}"
        + (f", {len(failed):,} not read" if failed else "")
    )
    if failed:
        return ExitCode.INPUT
    return ExitCode.NOT_AS_EXPECTED if changed and (check or diff) else ExitCode.OK


def _told(file: FormattedFile) -> str:
    place = f"{file.line}:{file.column}: " if file.line else ""
    return f"{file.path}:{place or ' '}{file.error}"


def _standard_input(check: bool, diff: bool, style: dict[str, Any], input_format: str) -> ExitCode:
    from code_ops.config_format import format_text

    source, options = opened(STANDARD_INPUT, input_format)
    assert isinstance(source, bytes)  # noqa: S101 - standard input is
    after = format_text(source, **options, **style)
    with open_output("-") as output:
        if diff:
            output.stream.writelines(_difference(source, after, "standard input"))
        elif not check:
            output.stream.write(after.decode())
    is_changed = source != after and (check or diff)
    return ExitCode.NOT_AS_EXPECTED if is_changed else ExitCode.OK


def _difference(before: bytes, after: bytes, name: str) -> Iterator[str]:
    old, new = (text.decode("utf-8", "replace").splitlines(True) for text in (before, after))
    for line in difflib.unified_diff(old, new, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
