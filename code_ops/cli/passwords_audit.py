"""``code-ops passwords audit``: what share of stored hashes is below policy, and which."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, Verbosity
from code_ops.cli.parameters import choice_option, option
from code_ops.cli.passwords_common import DelimiterOption, NoHeaderOption, QuietOption
from code_ops.errors import PasswordError

if TYPE_CHECKING:
    from code_ops.password_policies import Policy

EXAMPLES = """\b
Examples:
  code-ops passwords audit /etc/shadow --policy linux
  code-ops passwords audit users.csv --hash-column pass --max-below 5%
  code-ops passwords audit .htpasswd --require bcrypt:cost=12
  code-ops passwords audit dump.json -r argon2id:m=64MiB,t=3,p=1 -f csv
  psql -AtF: -c "$QUERY" | code-ops passwords audit -
"""

FORMATS = ("auto", "table", "json", "ndjson", "csv")
_FORMS = ("auto", "lines", "csv", "jsonl", "json")
_POLICIES = ("owasp", "linux", "rfc9106")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")


def command(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...",
            help="shadow, htpasswd, lists of hashes, .csv, .tsv, .jsonl, .json, - for standard "
            "input.",
        ),
    ] = None,
    policy: Annotated[
        str | None,
        choice_option(
            _POLICIES,
            "--policy",
            metavar="NAME",
            help="owasp: OWASP's minimums. linux: these, and yescrypt as libxcrypt makes it. "
            "rfc9106: Argon2id alone. By default owasp.",
        ),
    ] = None,
    require: Annotated[
        list[str] | None,
        option(
            "--require",
            "-r",
            metavar="SCHEME:COSTS",
            help="A policy of your own: argon2id:m=64MiB,t=3,p=1 or bcrypt:cost=12. Several for "
            "several schemes; the others are below it. With --policy it changes that one.",
        ),
    ] = None,
    max_below: Annotated[
        str, option("--max-below", metavar="PERCENT", help="What share may be below: 5%.")
    ] = "0%",
    column: Annotated[
        str | None,
        option(
            "--hash-column",
            "--column",
            "-c",
            metavar="NAME|N",
            help="Of csv and JSON, where fields.password is one in another. [default: hash, "
            "password_hash, password and other usual names]",
            show_default=False,
        ),
    ] = None,
    user_column: Annotated[
        str | None,
        option(
            "--user-column",
            metavar="NAME|N",
            help="The same for the users' names. [default: username, user, login, email ...]",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        str,
        choice_option(
            _FORMS,
            "--from",
            metavar="FORMAT",
            help="lines (user:hash or a hash), csv, jsonl, json (an array of objects), or auto: "
            "by the name, else lines.",
        ),
    ] = "auto",
    delimiter: DelimiterOption = None,
    no_header: NoHeaderOption = False,
    format: Annotated[
        str,
        choice_option(
            FORMATS,
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, ndjson and csv with a record for each row, or auto: as the name of "
            "--output ends, else a table on a terminal and JSON elsewhere.",
        ),
    ] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    quiet: QuietOption = False,
) -> None:
    """Tell what share of stored password hashes is below policy, and which.

    Schemes and costs are read from the form of each hash; nothing is computed, nothing is guessed,
    and no hash is ever shown. Empty passwords, what is no hash that is known, the same salt or
    salted hash in two rows, and salts that are short are found as well.

    Exit 0 when no more than --max-below is below policy and no salt stands twice, else 1; 3 when
    a file or a row could not be read.
    """
    from code_ops.cli.passwords_audit_run import Wanted, audit

    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    if not files:
        raise typer.BadParameter("name a file, or - for standard input")
    wanted = Wanted(from_, column, user_column, delimiter, no_header)
    chosen = _policy(policy, require or ())
    most = _share(max_below)
    audit(files, chosen, most, wanted, _form(format, output), output, console)


def _policy(name: str | None, requirements: Sequence[str]) -> Policy:
    from code_ops.password_policies import POLICIES, own_policy

    if not requirements:
        return POLICIES[name or "owasp"]
    try:
        return own_policy(requirements, POLICIES[name] if name else None)
    except PasswordError as error:
        raise typer.BadParameter(f"--require: {error}") from None


def _form(form: str, output: str) -> str:
    if form != "auto":
        return form
    ending = output.rpartition(".")[2].lower() if output != "-" else ""
    if ending in ("json", "ndjson", "jsonl", "csv"):
        return "ndjson" if ending == "jsonl" else ending
    return "table" if output == "-" and sys.stdout.isatty() else "json"


def _share(text: str) -> float:
    found = _PERCENT.fullmatch(text)
    if found is None or float(found[1]) > 100:
        raise typer.BadParameter(f"--max-below: expected 0% to 100% as in 5%, found '{text}'")
    return float(found[1]) / 100
