"""``code-ops config lint``: are these YAML files in good style."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
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
    from code_ops.config_lint import Configuration

EXAMPLES = """\b
Examples:
  code-ops config lint .                            all YAML files, by the nearest .yamllint
  code-ops config lint --fix deploy/                mend what can be mended safely
  code-ops config lint --two-readers values.yaml    what YAML 1.1 and 1.2 read differently
  code-ops config lint -d relaxed --strict .
"""

_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|DIR...", help="Files, folders, - for standard input."),
    ] = None,
    config: Annotated[
        str | None,
        option("--config", "-c", metavar="FILE", help="A configuration file of yamllint's form."),
    ] = None,
    config_data: Annotated[
        str | None,
        option(
            "--config-data", "-d", metavar="TEXT", help="The same as text; or default, or relaxed."
        ),
    ] = None,
    two_readers: Annotated[
        bool,
        option("--two-readers", help="Also scalars that YAML 1.1 and 1.2 read differently."),
    ] = False,
    fix: Annotated[
        bool,
        option("--fix", help="Mend what can be mended without a change of meaning, in the files."),
    ] = False,
    strict: Annotated[bool, option("--strict", "-s", help="Exit 1 for warnings too.")] = False,
    format: Annotated[
        str,
        report_format_option(),
    ] = "text",
    output: Annotated[
        str, option("--output", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    quiet: Annotated[bool, option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Lint YAML files by the rules and the configuration files of yamllint.

    Without --config the nearest .yamllint, .yamllint.yaml or .yamllint.yml counts, from here
    upwards, then the user's own, then the rules that yamllint calls default.

    Exit 0 when all is well, 1 for errors, with --strict for warnings too, 3 when a file could not
    be read.
    """
    lint(files or [], config, config_data, two_readers, fix, strict, format, output, quiet)


@parameters.exits
def lint(
    files: Sequence[str],
    config: str | None,
    config_data: str | None,
    two_readers: bool,
    mend: bool,
    strict: bool,
    format_: str,
    output: str,
    quiet: bool,
) -> ExitCode:
    """Lints, mends if asked to, writes the report, and tells the sum."""
    from code_ops import config_lint, config_reports

    if not files:
        raise typer.BadParameter("name a file or a folder, or - for standard input")
    if config and config_data:
        raise typer.BadParameter("give --config or --config-data, not both")
    if mend and STANDARD_INPUT in files:
        raise typer.BadParameter("--fix mends files, not standard input")
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    configuration = _configuration(config, config_data)
    names = [name for name in files if name != STANDARD_INPUT]
    text = sys.stdin.buffer.read() if STANDARD_INPUT in files else None

    def look() -> list[FileReport]:
        return config_lint.lint(
            names, text=text, configuration=configuration, two_readers=two_readers
        )

    reports = look()
    if mend and _mend(console, reports, configuration, two_readers):
        reports = look()
    with open_output(output) as target:
        target.stream.write(config_reports.FORMATS[format_](reports))
    return _sum(console, reports, strict)


def _configuration(config: str | None, config_data: str | None) -> Configuration | None:
    from code_ops.config_lint import find_configuration

    if config_data is not None:
        is_name = config_data in ("default", "relaxed")
        return (f"extends: {config_data}\n" if is_name else config_data), ""
    path = Path(config) if config else find_configuration(Path.cwd())
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except OSError as error:
        raise parameters.InputError(parameters.describe(error)) from error
    except UnicodeDecodeError as error:
        raise parameters.InputError(f"{path}: byte {error.start} is not UTF-8") from error


def _mend(
    console: Console,
    reports: Sequence[FileReport],
    configuration: Configuration | None,
    two_readers: bool,
) -> bool:
    """Writes the files anew that can be mended; true when there was one."""
    from code_ops import config_lint

    mended = 0
    for report in reports:
        if not report.problems:
            continue
        before = Path(report.path).read_bytes()
        if before.startswith(_COMPRESSED):
            console.warning(f"{report.path}: compressed files are not mended")
            continue
        after = config_lint.fix(
            before, report.path, configuration=configuration, two_readers=two_readers
        )
        if after != before:
            with open_output(report.path) as target:
                target.stream.write(after.decode("utf-8"))
            mended += 1
    if mended:
        console.note(f"{count(mended, 'file')} mended")
    return mended > 0


def _sum(console: Console, reports: Sequence[FileReport], strict: bool) -> ExitCode:
    unreadable = unreadable_of(console, reports)
    levels = [problem.level for report in reports for problem in report.problems]
    errors = levels.count("error") + sum(report.more_problems for report in reports)
    warnings = levels.count("warning")
    for report in reports:
        if report.more_problems:
            console.warning(f"{report.path}: and {report.more_problems:,} more problems")
    console.note(
        f"{count(len(reports), 'file')}: {count(errors, 'error')}, {count(warnings, 'warning')}"
        + (f", {unreadable} not read" if unreadable else "")
    )
    if unreadable:
        return ExitCode.INPUT
    return ExitCode.NOT_AS_EXPECTED if errors or (strict and warnings) else ExitCode.OK
