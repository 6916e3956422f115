"""``code-ops config check``: are these files YAML and JSON, and as their schema wants them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.config_input import (
    STANDARD_INPUT,
    count,
    report_format_option,
    unreadable_of,
)
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import option

if TYPE_CHECKING:
    from code_ops.config_check import FileReport

EXAMPLES = """\b
Examples:
  code-ops config check .                              all files that git would know
  code-ops config check deploy.yaml values.json        these two
  code-ops config check --schema app.json app.yaml     all errors, each with its line
  code-ops config check --format github k8s/           annotations in a CI job
  kubectl get cm app -o yaml | code-ops config check -
"""


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|DIR...", help="Files, folders, - for standard input."),
    ] = None,
    schema: Annotated[
        str | None,
        option(
            "--schema",
            metavar="FILE|NAME",
            help="A JSON Schema, draft 4 to 2020-12, that every document must fit.",
        ),
    ] = None,
    schemas: Annotated[
        str | None, option("--schemas", metavar="DIR", help="A folder of schemas, by their names.")
    ] = None,
    crd: Annotated[
        list[str] | None,
        option(
            "--crd",
            metavar="FILE",
            help="Kubernetes custom resource definitions for documents of their kinds.",
        ),
    ] = None,
    strict: Annotated[
        bool, option("--strict", help="With --crd: a kind without a definition is a problem.")
    ] = False,
    format: Annotated[
        str,
        report_format_option(),
    ] = "text",
    output: Annotated[
        str, option("--output", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    quiet: Annotated[bool, option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Check that files are YAML or JSON, without duplicate keys, and as a schema wants them.

    Folders are searched for .yaml, .yml, .json, .ndjson and .jsonl, and these with .gz and .zst,
    as git would: what .gitignore names is left out. Nothing is fetched from anywhere.

    Exit 0 when all is well, 1 when something was found, 3 when a file could not be read.
    """
    check(files or [], schema, schemas, crd or [], strict, format, output, quiet)


@parameters.exits
def check(
    files: Sequence[str],
    schema: str | None,
    schemas: str | None,
    crds: Sequence[str],
    strict: bool,
    format_: str,
    output: str,
    quiet: bool,
) -> ExitCode:
    """Checks, writes the report, and tells the sum."""
    from code_ops import config_check, config_reports

    if not files:
        raise typer.BadParameter("name a file or a folder, or - for standard input")
    if strict and not crds:
        raise typer.BadParameter("--strict goes with --crd")
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    reports = config_check.check(
        [name for name in files if name != STANDARD_INPUT],
        text=sys.stdin.buffer.read() if STANDARD_INPUT in files else None,
        schema=config_check.find_schema(schema, schemas) if schema else None,
        crds=crds,
    )
    with open_output(output) as target:
        target.stream.write(config_reports.FORMATS[format_](reports))
    return _sum(console, reports, strict)


def _sum(console: Console, reports: Sequence[FileReport], strict: bool) -> ExitCode:
    """What was found, in talk, and the exit code for it."""
    unreadable = unreadable_of(console, reports)
    unknown = [(report.path, kind) for report in reports for kind in report.unknown_kinds]
    tell = console.error if strict else console.warning
    for path, kind in unknown[:20]:
        tell(f"{path}: no definition of {kind}")
    unjudged = sum(report.unjudged_rules for report in reports)
    if unjudged:
        console.note(f"{unjudged:,} rules in CEL were not judged, only a server can")
    problems = sum(len(report.problems) for report in reports)
    documents = sum(report.documents for report in reports)
    console.note(
        f"{count(len(reports), 'file')}, {count(documents, 'document')}: "
        + (count(problems, "problem") if problems else "no problems")
        + (f", {unreadable} not read" if unreadable else "")
    )
    if unreadable:
        return ExitCode.INPUT
    found = problems or (strict and unknown)
    return ExitCode.NOT_AS_EXPECTED if found else ExitCode.OK
