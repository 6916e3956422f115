"""``code-ops config set``: one value changed, nothing else."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import document_option, input_format_option, opened, told
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

TYPES = ("auto", "string", "int", "float", "bool", "null", "json")

EXAMPLES = """\b
Examples:
  code-ops config set values.yaml image.tag v1.4.2
  code-ops config set deploy.yaml 'spec.containers[name=web].image' web:2 --dry-run
  code-ops config set deploy.yaml 'spec.args[+]' --type string -- --verbose
  code-ops config set deploy.yaml metadata.labels.tier db --create
  code-ops config set package.json files '["dist"]' --type json
"""


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON, or - for stdin.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="As for config get; [+] appends.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value.")] = "",
    type: Annotated[
        str,
        choice_option(
            TYPES,
            "--type",
            "-t",
            metavar="TYPE",
            help="auto, string, int, float, bool, null or json. auto: text where text in quotes "
            "stood, else what the value is in YAML 1.2.",
        ),
    ] = "auto",
    create: Annotated[bool, option("--create", help="Make parents that are not there.")] = False,
    document: Annotated[int | None, document_option()] = None,
    dry_run: Annotated[
        bool, option("--dry-run", help="Print a unified diff and write nothing.")
    ] = False,
    input_format: Annotated[str, input_format_option()] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write there, - is standard output.")
    ] = "",
    quiet: Annotated[bool, option("--quiet", "-q", help="No talk but errors.")] = False,
) -> None:
    """Change one value in a YAML or JSON file, and no other byte.

    Comments, layout and the style of quotes stay. A key that is not there becomes the last of its
    mapping. The file is replaced at once or not at all, after the result was read again and found
    to differ in nothing but the value: else exit 4, and nothing is written. Exit 1 when the path
    leads nowhere.
    """
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    change(file, path, value, type, create, document, dry_run, input_format, output, console)


@parameters.exits
@told
def change(
    file: str,
    path: str,
    value: str,
    value_type: str,
    create: bool,
    document: int | None,
    dry_run: bool,
    input_format: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Changes the value and tells of it."""
    from code_ops.config_access import set_value

    source, options = opened(file, input_format)
    elsewhere = output or ("-" if file == "-" else "")
    keep = "drop" if dry_run else "return" if elsewhere else "write"
    changed = set_value(
        source,
        path,
        value,
        value_type=value_type,
        create=create,
        document=document,
        keep=keep,
        **options,
    )
    if dry_run:
        name = "standard input" if file == "-" else file
        head = f"--- {name}\n+++ {name}\n" if changed.difference else ""
        console.data(head + changed.difference)
    elif changed.text is not None and elsewhere == "-":
        sys.stdout.buffer.write(changed.text)
    elif changed.text is not None:
        with open_output(elsewhere) as opened_output:
            opened_output.stream.buffer.write(changed.text)
    elif not changed.difference:
        console.note(f"{file}: the value was there already")
    return ExitCode.OK
