"""``code-ops passwords verify``: do passwords match their stored hashes."""

from __future__ import annotations

from typing import Annotated, Any

from code_ops.cli import parameters
from code_ops.cli.console import Console, Verbosity
from code_ops.cli.parameters import choice_option, engine_option, option
from code_ops.cli.passwords_common import (
    DelimiterOption,
    FileArgument,
    FromOption,
    MemoryOption,
    NoHeaderOption,
    OutputOption,
    PepperOption,
    QuietOption,
    ThreadsOption,
    params_option,
)

EXAMPLES = """\b
Examples:
  code-ops passwords verify pairs.csv                       columns `hash` and `password`
  code-ops passwords verify users.csv --hash-file hashed.csv    row by row, after `hash`
  code-ops passwords verify --hash-file one.txt             asks for the password
  code-ops passwords verify pairs.csv -p owasp -f csv       also which hashes are to be renewed
"""


def command(
    file: FileArgument = None,
    hash_file: Annotated[
        str | None,
        option(
            "--hash-file",
            metavar="FILE",
            help="The hashes, a row for each password, or one for all; its form is that of its "
            "name. - for standard input.",
        ),
    ] = None,
    from_: FromOption = "auto",
    hash_column: Annotated[
        str | None,
        option(
            "--hash-column",
            metavar="NAME|N",
            help="Of csv and jsonl. [default: hash, else password_hash]",
            show_default=False,
        ),
    ] = None,
    password_column: Annotated[
        str, option("--password-column", metavar="NAME|N", help="Of csv and jsonl.")
    ] = "password",  # noqa: S107
    delimiter: DelimiterOption = None,
    no_header: NoHeaderOption = False,
    params: Annotated[
        Any,
        params_option(
            "Also tell which hashes have other costs than these: a preset, or m=64MiB,t=3,p=4.",
            show_default=False,
        ),
    ] = None,
    max_memory: Annotated[
        int,
        option(
            "--max-memory",
            parser=parameters.size_bytes,
            metavar="SIZE",
            help="A stored hash that wants more is refused.",
        ),
    ] = "2GiB",  # type: ignore[assignment]
    max_iterations: Annotated[
        int, option("--max-iterations", metavar="N", min=1, help="The same for its iterations.")
    ] = 16,
    max_lanes: Annotated[
        int, option("--max-lanes", metavar="N", min=1, help="The same for its lanes.")
    ] = 16,
    pepper_file: PepperOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    format: Annotated[
        str,
        choice_option(
            ("auto", "table", "ndjson", "csv"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="ndjson and csv: each row. table: what is no match, and the sum. auto: a table "
            "on a terminal, else ndjson.",
        ),
    ] = "auto",
    output: OutputOption = "-",
    engine: Annotated[str, engine_option("auto, rust or python.")] = "auto",
    quiet: QuietOption = False,
) -> None:
    """Verify passwords against stored Argon2 hashes, and refuse hashes that cost too much.

    Pairs are rows of csv or jsonl with both, or the rows of FILE with those of --hash-file.

    Exit 0 when all match, 1 when one does not or is refused, 3 when a row could not be read or
    its hash is invalid.
    """
    from code_ops.cli.passwords_verify_run import VerifyRequest, run

    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    request = VerifyRequest(
        files=file or (),
        hash_file=hash_file,
        from_=from_,
        hash_column=hash_column,
        password_column=password_column,
        delimiter=delimiter,
        no_header=no_header,
        params=params,
        max_memory=max_memory,
        max_iterations=max_iterations,
        max_lanes=max_lanes,
        pepper_file=pepper_file,
        threads=threads,
        memory=memory,
        form=format,
        output=output,
        engine=engine,
    )
    parameters.exits(run)(request, console)
