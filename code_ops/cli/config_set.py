"""``code-ops config set``: one value changed, nothing else."""

from __future__ import annotations

import sys
from typing import Annotated, Any, NamedTuple

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import document_option, input_format_option, opened, reading
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
  code-ops config set deploy.yaml spec.paused --delete
  code-ops config set package.json files '["dist"]' --type json
"""


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON, or - for stdin.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="As for config get; [+] appends.")],
    value: Annotated[
        str | None,
        typer.Argument(metavar="[VALUE]", help="The new value.", show_default=False),
    ] = None,
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
    delete: Annotated[
        bool, option("--delete", help="Remove the entry, with its lines and its comments.")
    ] = False,
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
    is_complete = value is None if delete else value is not None or type == "null"
    if not is_complete:
        raise typer.BadParameter("expected VALUE, or --delete without it")
    edit = Edit(value or "", type, create, delete)
    change(file, path, edit, document, dry_run, input_format, output, console)


class Edit(NamedTuple):
    """What the options say of the new value."""

    value: str
    value_type: str
    create: bool
    delete: bool


@parameters.exits
def change(
    file: str,
    path: str,
    edit: Edit,
    document: int | None,
    dry_run: bool,
    input_format: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Changes the value and tells of it."""
    from code_ops.config_access import delete_value, set_value

    source, options = opened(file, input_format)
    elsewhere = output or ("-" if file == "-" else "")
    keep = "drop" if dry_run else "return" if elsewhere else "write"
    options |= {"document": document, "keep": keep}
    with reading(file):
        if edit.delete:
            changed = delete_value(source, path, **options)
        else:
            new: dict[str, Any] = {"value_type": edit.value_type, "create": edit.create}
            changed = set_value(source, path, edit.value, **new, **options)
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
