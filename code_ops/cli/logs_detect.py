"""``code-ops logs detect``: which formats logs have, how sure that is, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TextIO

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity, printable
from code_ops.cli.logs_common import (
    EncodingOption,
    FilesArgument,
    OutputOption,
    QuietOption,
    Reading,
    ended,
    inputs_of,
    named,
    readable,
)
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option

EXAMPLES = """\b
Examples:
  code-ops logs detect /var/log/*.log
  kubectl logs my-pod | code-ops logs detect -
"""

_FORMATS = ("auto", "table", "json", "ndjson")


def command(
    files: FilesArgument = None,
    format: Annotated[
        str,
        choice_option(
            _FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, ndjson, or auto: a table on a terminal, else JSON.",
        ),
    ] = "auto",
    encoding: EncodingOption = "auto",
    output: OutputOption = "-",
    quiet: QuietOption = False,
) -> None:
    """Tell which formats logs have, how sure that is, and why.

    A sample from all over a file is read. The confidence is the share of its lines that a format
    reads which tells more than plain text does.

    Exit 0, 1 when of a file less than half is understood, 3 when one could not be read.
    """
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    detect(named(files), Reading(None, "UTC", encoding), format, output, console)


@parameters.exits
def detect(
    files: Sequence[str], reading: Reading, form: str, output: str, console: Console
) -> ExitCode:
    """Looks into all files and writes one report."""
    analyzer = reading.analyzer()
    inputs = inputs_of(files, False, console)
    problems = readable(inputs)[1]
    found: list[dict[str, Any]] = []
    for one in inputs:
        if one.problem is not None:
            found.append({"name": one.name, "error": one.problem})
            continue
        try:
            found.append({"name": one.name} | analyzer.detect(Path(one.path)))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            problems.append(f"{one.name}: {reason}")
            found.append({"name": one.name, "error": reason})
    with open_output(output) as target:
        if form == "auto":
            form = "table" if target.stream.isatty() else "json"
        if form == "table":
            _table(target.stream, found)
        elif form == "ndjson":
            target.stream.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in found)
        else:
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in found)
            target.stream.write(f'{{\n  "v": 1,\n  "files": [\n{rows}\n  ]\n}}\n')
    code = ended(console, problems)
    poor = [row["name"] for row in found if row.get("sampled") and row["confidence"] < 0.5]
    console.problems(f"{name}: less than half of the lines is understood" for name in poor)
    return ExitCode.NOT_AS_EXPECTED if poor and code == ExitCode.OK else code


def _table(stream: TextIO, found: Sequence[dict[str, Any]]) -> None:
    from rich.text import Text

    from code_ops.cli.logs_cells import print_table
    from code_ops.cli.tables import table_console

    rows = []
    for file in found:
        formats = file.get("formats") or [{"name": "-", "reason": file.get("error", "no lines")}]
        for index, known in enumerate(formats):
            share = known.get("lines", 0) / file["sampled"] if file.get("sampled") else None
            cells = (
                printable(file["name"]) if index == 0 else "",
                known["name"],
                "-" if share is None else f"{share:.0%}",
                known["reason"],
            )
            rows.append([Text(cell) for cell in cells])
    with table_console(stream) as console:
        print_table(console, ("FILE", "FORMAT", "SHARE", "WHY"), rows, wraps=True)
