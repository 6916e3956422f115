"""``code-ops passwords hash``: Argon2 hashes of many passwords, or of one that is typed."""

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
  code-ops passwords hash                                   asks for a password, shows its hash
  code-ops passwords hash passwords.txt -o hashes.txt       a hash for each line
  code-ops passwords hash users.csv -o hashed.csv           its column `password` replaced
  code-ops passwords hash users.jsonl --column login.pw -p owasp
  code-ops passwords hash big.csv -o hashed.csv --resume big.state
"""


def command(
    file: FileArgument = None,
    from_: FromOption = "auto",
    column: Annotated[
        str,
        option(
            "--column",
            "-c",
            metavar="NAME|N",
            help="Where passwords stand: a column of csv or its number from 1, a member of jsonl "
            "or a path such as login.password.",
        ),
    ] = "password",
    delimiter: DelimiterOption = None,
    no_header: NoHeaderOption = False,
    hash_column: Annotated[
        str, option("--hash-column", metavar="NAME", help="What that is named in the output.")
    ] = "password_hash",
    format: Annotated[
        str,
        choice_option(
            ("rows", "lines", "ndjson"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="rows: each row as it was with its hash in the password's place. lines: hashes "
            "alone. ndjson: row, line, hash and problem of each.",
        ),
    ] = "rows",
    params: Annotated[
        Any,
        params_option(
            "What a hash costs: owasp, rfc9106-first, rfc9106-second, or memory, iterations and "
            "lanes as m=64MiB,t=3,p=4."
        ),
    ] = "rfc9106-second",
    pepper_file: PepperOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    output: OutputOption = "-",
    resume: Annotated[
        str | None,
        option(
            "--resume",
            metavar="FILE",
            help="Keep what is done there; after a kill the same command goes on from it.",
        ),
    ] = None,
    engine: Annotated[str, engine_option("auto, rust or python.")] = "auto",
    quiet: QuietOption = False,
) -> None:
    """Hash passwords with Argon2id, in their order and within a budget of memory.

    A password is a line's bytes as they are, or the text of a field, in UTF-8. As many rows come
    out as went in: one that could not be read is an empty line, a row of empty fields, or an
    object whose hash is null, and is told on standard error.

    Exit 0, 3 when a row could not be read.
    """
    from code_ops.cli.passwords_hash_run import run
    from code_ops.cli.passwords_hashing import HashRequest

    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    request = HashRequest(
        files=file or (),
        from_=from_,
        column=column,
        delimiter=delimiter,
        no_header=no_header,
        hash_column=hash_column,
        form=format,
        params=params,
        pepper_file=pepper_file,
        threads=threads,
        memory=memory,
        output=output,
        resume=resume,
        engine=engine,
    )
    parameters.exits(run)(request, console)
