"""``code-ops config merge``: files over one another."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    STANDARD_INPUT,
    indent_option,
    input_format_option,
    reading,
    sequences_option,
)
from code_ops.cli.console import ExitCode
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

LISTS = ("replace", "append", "union", "match")
NULLS = ("keep", "delete")

EXAMPLES = """\b
Examples:
  code-ops config merge values.yaml values.prod.yaml > values.out.yaml
  code-ops config merge base.yaml patch.yaml --lists match --in-place
  code-ops config merge settings.json local.json --nulls delete
"""


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="BASE OVERLAY...", help="Files, one of them - for stdin."),
    ] = None,
    lists: Annotated[
        str,
        choice_option(
            LISTS,
            "--lists",
            metavar="HOW",
            help="replace: the overlay's. append: behind. union: those that are not there yet. "
            "match: entries with the same name, id or key are merged.",
        ),
    ] = "replace",
    nulls: Annotated[
        str,
        choice_option(
            NULLS,
            "--nulls",
            metavar="HOW",
            help="keep: a null of an overlay is a value. delete: it removes the key.",
        ),
    ] = "keep",
    in_place: Annotated[
        bool, option("--in-place", "-i", help="Write to BASE, at once and whole.")
    ] = False,
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = "-",
    indent: Annotated[int, indent_option()] = 2,
    sequences: Annotated[str, sequences_option()] = "indent",
    input_format: Annotated[str, input_format_option()] = "auto",
) -> None:
    """Merge files over one another, the last one wins.

    Mappings are merged deeply; comments and style of both stay, in the layout of config fmt.
    Documents of Kubernetes go to those of their group, kind, namespace and name, others to those
    at their place in the stream; what is left comes behind. Aliases stay where nothing under
    them changes, else what they stand for is written out.
    """
    if not files or len(files) < 2:
        raise typer.BadParameter("name BASE and at least one OVERLAY")
    if files.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter("only one file can be -")
    if in_place and (output != "-" or files[0] == STANDARD_INPUT):
        raise typer.BadParameter("--in-place writes to BASE: no --output, and not -")
    options = {"lists": lists, "nulls": nulls, "indent": indent, "sequences": sequences}
    if input_format != "auto":
        options["json"] = input_format == "json"
    run(files, files[0] if in_place else output, options)


@parameters.exits
def run(files: list[str], output: str, options: dict[str, Any]) -> ExitCode:
    """Merges and writes the result."""
    from code_ops.config_merge import merge

    sources = [sys.stdin.buffer.read() if name == STANDARD_INPUT else name for name in files]
    with reading(*files):
        merged = merge(*sources, **options)
    with open_output(output) as opened_output:
        opened_output.stream.write(merged.decode())
    return ExitCode.OK
