"""``code-ops config diff``: what is different in two files, by their structure."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated, Any

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    STANDARD_INPUT,
    count,
    document_option,
    input_format_option,
    merge_keys_option,
    reading,
)
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

FORMATS = ("text", "table", "json", "patch")

EXAMPLES = """\b
Examples:
  code-ops config diff deploy.yaml new.yaml
  kubectl get deploy web -o yaml | code-ops config diff - web.yaml --ignore status
  code-ops config diff a.json b.json --format patch       RFC 6902
  code-ops config diff old.yaml new.yaml --ignore 'items.*.metadata.uid' --ignore-order
"""


def command(
    old: Annotated[str, typer.Argument(metavar="A", help="YAML or JSON, or - for stdin.")],
    new: Annotated[str, typer.Argument(metavar="B", help="What it is compared with, or -.")],
    format: Annotated[
        str,
        choice_option(
            FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="text, table (side by side), json (an object a line), patch (JSON Patch).",
        ),
    ] = "text",
    ignore: Annotated[
        list[str] | None,
        option(
            "--ignore",
            metavar="PATH",
            help="What does not count, as for config get; * is every key or entry.",
        ),
    ] = None,
    ignore_order: Annotated[
        bool, option("--ignore-order", help="Places in lists do not count.")
    ] = False,
    document: Annotated[int | None, document_option()] = None,
    merge_keys: Annotated[str, merge_keys_option()] = "keep",
    input_format: Annotated[str, input_format_option()] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = "-",
    quiet: Annotated[bool, option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Tell what is different in two YAML or JSON files.

    The order of keys, comments and style do not count, nor how a number is written. Entries of
    lists go by name, id or key where all have one, Kubernetes documents by group, kind,
    namespace and name; what moved or was renamed is told as that.

    Exit 0 when nothing is different, 1 when something is, 3 when a file could not be read.
    """
    options: dict[str, Any] = {"document": document, "merge_keys": merge_keys}
    if input_format != "auto":
        options["json"] = input_format == "json"
    if old == new == STANDARD_INPUT:
        raise typer.BadParameter("only one file can be -")
    if format == "patch" and (ignore or ignore_order):
        raise typer.BadParameter("a patch has everything: no --ignore and no --ignore-order")
    if format != "patch":
        options |= {"ignore": ignore or [], "ignore_order": ignore_order}
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    run(old, new, format, options, output, console)


@parameters.exits
def run(
    old: str, new: str, form: str, options: dict[str, Any], output: str, console: Console
) -> ExitCode:
    """Compares, writes the differences, and tells the sum."""
    from code_ops import config_diff

    files = [sys.stdin.buffer.read() if name == STANDARD_INPUT else name for name in (old, new)]
    options["names"] = names = tuple(
        "standard input" if name == STANDARD_INPUT else name for name in (old, new)
    )
    if form == "patch":
        with reading(old, new):
            operations = config_diff.patch(files[0], files[1], **options)
        with open_output(output) as opened_output:
            opened_output.stream.write(f"{operations}\n")
        return ExitCode.OK if operations == "[]" else ExitCode.NOT_AS_EXPECTED
    with reading(old, new):
        changes = config_diff.diff(files[0], files[1], **options)
    with open_output(output) as opened_output:
        stream = opened_output.stream
        if form == "table":
            from code_ops.cli.config_diff_table import write_table

            write_table(stream, changes, names)
        else:
            from code_ops.cli import config_diff_text

            stream.writelines(config_diff_text.FORMATS[form](stream, changes, names))
    kinds = Counter(change.kind for change in changes)
    parts = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
    console.note(f"{count(len(changes), 'difference')}: {parts}" if changes else "no differences")
    return ExitCode.NOT_AS_EXPECTED if changes else ExitCode.OK
