"""``code-ops config query``: JSONPath over YAML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    document_option,
    input_format_option,
    merge_keys_option,
    opened,
    reading,
)
from code_ops.cli.console import ExitCode
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

if TYPE_CHECKING:
    from code_ops.config_access import Hit

EXAMPLES = """\b
Examples:
  code-ops config query deploy.yaml '$..image'
  code-ops config query all.yaml '$.spec.containers[?@.name == "web"].image' --format raw
  code-ops config query all.yaml '$..[?@.privileged == true]' --format paths
  code-ops config query crds.yaml /spec/names/kind
"""


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON, or - for stdin.")],
    expression: Annotated[
        str, typer.Argument(metavar="EXPRESSION", help="JSONPath ($...) or a JSON Pointer (/...).")
    ],
    format: Annotated[
        str,
        choice_option(
            ("ndjson", "json", "raw", "paths", "located"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="ndjson, json (one array), raw (texts bare), paths (FILE:LINE:COLUMN: path), "
            "located (NDJSON with path, document, line and column).",
        ),
    ] = "ndjson",
    document: Annotated[int | None, document_option()] = None,
    merge_keys: Annotated[str, merge_keys_option()] = "keep",
    input_format: Annotated[str, input_format_option()] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = "-",
) -> None:
    """Print the values that a JSONPath (RFC 9535) selects, over all documents.

    Exit 1 when it selects none. Keys are compared as text, aliases stand for their values.
    """
    show(file, expression, format, document, merge_keys, input_format, output)


@parameters.exits
def show(
    file: str,
    expression: str,
    form: str,
    document: int | None,
    merge_keys: str,
    input_format: str,
    output: str,
) -> ExitCode:
    """Writes each value selected."""
    from code_ops.config_access import query

    source, options = opened(file, input_format)
    with reading(file):
        hits = query(source, expression, document=document, merge_keys=merge_keys, **options)
    with open_output(output) as opened_output:
        stream = opened_output.stream
        if form == "json":
            stream.write(f"[{','.join(hit.json for hit in hits)}]\n")
        else:
            stream.writelines(_line(hit, form, file) for hit in hits)
    return ExitCode.OK if hits else ExitCode.NOT_AS_EXPECTED


def _line(hit: Hit, form: str, file: str) -> str:
    if form == "raw":
        text = hit.json if hit.text is None else hit.text
        return text if text.endswith("\n") else f"{text}\n"
    if form == "paths":
        return f"{file}:{hit.line}:{hit.column}: {hit.path}\n"
    if form == "located":
        import json

        place = {"path": hit.path, "document": hit.document, "line": hit.line, "column": hit.column}
        # The value keeps its digits.
        return f'{json.dumps(place, ensure_ascii=False)[:-1]}, "value": {hit.json}}}\n'
    return f"{hit.json}\n"
