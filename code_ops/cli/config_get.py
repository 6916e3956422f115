"""``code-ops config get``: the values of paths."""

from __future__ import annotations

from typing import Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    document_option,
    input_format_option,
    merge_keys_option,
    opened,
    reading,
)
from code_ops.cli.console import Console, ExitCode
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

EXAMPLES = """\b
Examples:
  code-ops config get values.yaml image.tag
  code-ops config get deploy.yaml 'spec.containers[name=web].image'
  code-ops config get deploy.yaml /metadata/labels/app.kubernetes.io~1name
  code-ops config get deploy.yaml spec.replicas spec.paused --default 1
  kubectl get pods -o yaml | code-ops config get - 'items[-1].status' --format json
"""


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON, or - for stdin.")],
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Such as a.b[0], a[-1], a[name=x].b or /a/b/0."),
    ],
    format: Annotated[
        str,
        choice_option(
            ("raw", "json", "yaml"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="raw: a scalar's text, a collection as in the file. yaml: both as in the file.",
        ),
    ] = "raw",
    default: Annotated[
        str | None, option("--default", metavar="TEXT", help="Printed for what is missing.")
    ] = None,
    located: Annotated[bool, option("--located", help="LINE:COLUMN before each value.")] = False,
    document: Annotated[int | None, document_option()] = None,
    merge_keys: Annotated[str, merge_keys_option()] = "keep",
    input_format: Annotated[str, input_format_option()] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = "-",
) -> None:
    """Print the values of paths in a YAML or JSON file.

    Paths are as in yq and jq: keys after dots, indexes in brackets, from the end when negative;
    a key with other characters in quotes and brackets; [key=value] is the entry with that key.
    One that begins with / is a JSON Pointer. In a stream one document must have the path, or
    --document says which. Exit 1 when a path leads nowhere and there is no --default.
    """
    show(file, paths, format, default, located, document, merge_keys, input_format, output)


@parameters.exits
def show(
    file: str,
    paths: list[str],
    form: str,
    default: str | None,
    located: bool,
    document: int | None,
    merge_keys: str,
    input_format: str,
    output: str,
) -> ExitCode:
    """Writes each value, and tells of each that is missing."""
    from code_ops.config_access import Found, get_values

    source, options = opened(file, input_format)
    options |= {"document": document, "merge_keys": merge_keys}
    with reading(file):
        values = get_values(source, paths, form="source" if form == "yaml" else form, **options)
    code = ExitCode.OK
    with open_output(output) as opened_output:
        for value in values:
            place = ""
            if isinstance(value, Found):
                text = value.text
                place = f"{value.line}:{value.column} " if located else ""
            elif default is not None:
                text = default
            else:
                Console().error(str(value))
                code = ExitCode.NOT_AS_EXPECTED
                continue
            opened_output.stream.write(place + text + ("" if text.endswith("\n") else "\n"))
    return code
