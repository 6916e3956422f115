"""``code-ops config convert``: YAML, JSON, NDJSON and TOML into each other."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import STANDARD_INPUT, document_option, merge_keys_option, reading
from code_ops.cli.console import ExitCode
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

FORMATS = ("yaml", "json", "ndjson", "toml")

EXAMPLES = """\b
Examples:
  code-ops config convert values.yaml --to json
  code-ops config convert all.yaml --output all.ndjson
  code-ops config convert package.json pyproject.toml --to yaml
  code-ops config convert all.yaml --to json --array
  kubectl get pods -o json | code-ops config convert - --to yaml
"""


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Each a document or more, or - for stdin."),
    ],
    from_: Annotated[
        str,
        choice_option(
            ("auto", *FORMATS),
            "--from",
            metavar="FORMAT",
            help="yaml, json, ndjson, toml, or auto: by the name, else yaml, which reads JSON too.",
        ),
    ] = "auto",
    to: Annotated[
        str | None,
        choice_option(
            FORMATS,
            "--to",
            "-t",
            metavar="FORMAT",
            help="yaml, json, ndjson or toml. Without it by the name of --output.",
            show_default=False,
        ),
    ] = None,
    indent: Annotated[
        int,
        option("--indent", metavar="N", min=0, max=16, help="Spaces in json, 0 for one line."),
    ] = 2,
    document: Annotated[int | None, document_option()] = None,
    array: Annotated[bool, option("--array", help="All documents in one array.")] = False,
    merge_keys: Annotated[str, merge_keys_option()] = "keep",
    special_floats: Annotated[
        str,
        choice_option(
            ("error", "null", "string"),
            "--special-floats",
            metavar="HOW",
            help="What .inf and .nan are in json: error, null or string.",
        ),
    ] = "error",
    drop_nulls: Annotated[
        bool, option("--drop-nulls", help="Leave keys out of toml whose value is null.")
    ] = False,
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = "-",
) -> None:
    """Convert between YAML, JSON, NDJSON and TOML.

    The order of keys stays, integers are exact at any size, decimals keep their digits. Documents
    stay apart: a line each in ndjson, --- between them in yaml. Aliases become what they stand
    for, comments are not kept. Exit 3 for input that cannot be read, or has no form in the other
    format.
    """
    from code_ops.config_convert import format_of

    target = to or format_of(output)
    if target is None:
        names = ", ".join(FORMATS)
        raise typer.BadParameter(f"expected --to with one of {names}, or --output with such a name")
    if document is not None and array:
        raise typer.BadParameter("--document and --array exclude each other")
    if files.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter("standard input can be read once")
    options: dict[str, Any] = {
        "from_": None if from_ == "auto" else from_,
        "indent": indent,
        "document": document,
        "array": array,
        "merge_keys": merge_keys,
        "special_floats": special_floats,
        "drop_nulls": drop_nulls,
    }
    show(files, target, options, output)


@parameters.exits
def show(files: list[str], to: str, options: dict[str, Any], output: str) -> ExitCode:
    """Writes the documents of the files."""
    from code_ops.config_convert import convert

    sources = [
        sys.stdin.buffer.read()
        if file == STANDARD_INPUT
        else parameters.readable(file)
        if "\0" in file
        else file
        for file in files
    ]
    with reading(*files):
        text = convert(sources, to, name="standard input", **options)
    with open_output(output) as opened_output:
        opened_output.stream.flush()
        opened_output.stream.buffer.write(text)
    return ExitCode.OK
