"""``code-ops passwords audit``: what share of stored hashes is below policy, and which."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TextIO, cast

import typer

from code_ops.cli import parameters
from code_ops.cli.console import PROBLEMS_SHOWN, Console, ExitCode, Verbosity
from code_ops.cli.interrupts import Interrupts
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option
from code_ops.cli.passwords_common import DelimiterOption, NoHeaderOption, QuietOption
from code_ops.cli.progress import ProgressLine
from code_ops.errors import PasswordError

if TYPE_CHECKING:
    from code_ops.password_accounts import Account
    from code_ops.password_audit import Audit, Auditor, RowAudit
    from code_ops.password_policies import Policy

EXAMPLES = """\b
Examples:
  code-ops passwords audit /etc/shadow --policy linux
  code-ops passwords audit users.csv --hash-column pass --max-below 5%
  code-ops passwords audit .htpasswd --require bcrypt:cost=12
  code-ops passwords audit dump.json -r argon2id:m=64MiB,t=3,p=1 -f csv
  psql -AtF: -c "$QUERY" | code-ops passwords audit -
"""

STANDARD_INPUT = "-"
FORMATS = ("auto", "table", "json", "ndjson", "csv")
_FORMS = ("auto", "lines", "csv", "jsonl", "json")
_POLICIES = ("owasp", "linux", "rfc9106")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_STEP = 4096


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
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    if not files:
        raise typer.BadParameter("name a file, or - for standard input")
    wanted = _Wanted(from_, column, user_column, delimiter, no_header)
    chosen = _policy(policy, require or ())
    _share(max_below)
    audit(files, chosen, max_below, wanted, _form(format, output), output, console)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How files are read, as the options say it."""

    from_: str
    column: str | None
    user_column: str | None
    delimiter: str | None
    no_header: bool

    def accounts(self, name: str, stream: BinaryIO) -> Iterator[Account]:
        from code_ops.password_accounts import Form, accounts, form_of

        form, by_name = form_of(name)
        delimiter = {"\\t": "\t", "tab": "\t"}.get(self.delimiter or "", self.delimiter)
        return accounts(
            stream,
            form if self.from_ == "auto" else cast("Form", self.from_),
            column=self.column,
            user_column=self.user_column,
            delimiter=by_name if delimiter is None else delimiter,
            header="none" if self.no_header else "first row",
        )


def _policy(name: str | None, requirements: Sequence[str]) -> Policy:
    from code_ops.password_policies import POLICIES, own_policy

    if not requirements:
        return POLICIES[name or "owasp"]
    try:
        return own_policy(requirements, POLICIES[name] if name else None)
    except PasswordError as error:
        raise typer.BadParameter(f"--require: {error}") from None


def _share(text: str) -> float:
    found = _PERCENT.fullmatch(text)
    if found is None or float(found[1]) > 100:
        raise typer.BadParameter(f"--max-below: expected 0% to 100% as in 5%, found '{text}'")
    return float(found[1]) / 100


def _form(form: str, output: str) -> str:
    if form != "auto":
        return form
    ending = output.rpartition(".")[2].lower() if output != "-" else ""
    if ending in ("json", "ndjson", "jsonl", "csv"):
        return "ndjson" if ending == "jsonl" else ending
    return "table" if output == "-" and sys.stdout.isatty() else "json"


@dataclass(slots=True)
class _Problems:
    """What could not be read; of rows the first few."""

    texts: list[tuple[str, int, str]] = field(default_factory=list)
    """File, row or 0 for the whole file, and what it is."""
    rows: int = 0

    def of_file(self, name: str, text: str) -> None:
        self.texts.append((name, 0, text))

    def of_row(self, name: str, row: int, text: str) -> None:
        self.rows += 1
        if self.rows <= PROBLEMS_SHOWN:
            self.texts.append((name, row, text))

    def tell(self, console: Console) -> None:
        for name, row, text in self.texts:
            console.error(f"{name}:{row}: {text}" if row else f"{name}: {text}")
        if self.rows > PROBLEMS_SHOWN:
            console.error(f"and {self.rows - PROBLEMS_SHOWN:,} more rows like these")


@parameters.exits
def audit(
    files: Sequence[str],
    policy: Policy,
    max_below: str,
    wanted: _Wanted,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Reads all files, writes the report, and tells the sum."""
    from code_ops.password_audit import Auditor

    auditor = Auditor(policy)
    problems = _Problems()
    with Interrupts() as interrupts, open_output(output) as target:
        take = _rows_writer(form, target.stream)
        for name in files:
            if not interrupts.asked:
                _read(name, auditor, wanted, take, problems, interrupts)
        result = auditor.result()
        _write(form, target.stream, result, problems)
    return _sum(console, result, problems, max_below, form, interrupts.asked)


def _read(
    name: str,
    auditor: Auditor,
    wanted: _Wanted,
    take: Callable[[str, Account, RowAudit], None] | None,
    problems: _Problems,
    interrupts: Interrupts,
) -> None:
    """Judges the rows of a file, which may end before it is read."""
    from code_ops.errors import PasswordInputError

    shown = "stdin" if name == STANDARD_INPUT else parameters.readable(name)
    auditor.begin(shown)
    progress = ProgressLine("audit", wanted=True)
    try:
        with _opened(name) as stream:
            size = _size(stream)
            for number, account in enumerate(wanted.accounts(name, stream)):
                if number % _STEP == 0 and size:
                    progress.update(stream.tell(), size, f"{number:,} rows")
                if account.problem:
                    problems.of_row(shown, account.row, account.problem)
                else:
                    found = auditor.add(account.text, account.user, account.row, account.stored)
                    if take:
                        take(shown, account, found)
                if interrupts.asked:
                    return
    except PasswordInputError as error:
        problems.of_file(shown, str(error))
    except OSError as error:
        # What is written to has its own complaint.
        if isinstance(error, BrokenPipeError) or error.filename not in (None, name):
            raise
        problems.of_file(shown, (error.strerror or str(error)).lower())
    finally:
        progress.stop()


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with open(name, "rb") as stream:
        yield stream


def _size(stream: BinaryIO) -> int:
    """Bytes of a file, 0 for what is none."""
    try:
        return os.fstat(stream.fileno()).st_size if stream.seekable() else 0
    except OSError:
        return 0


def _rows_writer(form: str, stream: TextIO) -> Callable[[str, Account, RowAudit], None] | None:
    """What writes a record for each row, in the forms that have them."""
    from code_ops.password_audit_reports import RECORD_FIELDS, record

    def as_ndjson(source: str, account: Account, found: RowAudit) -> None:
        row = record(source, account.row, account.user, found)
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    if form == "ndjson":
        return as_ndjson
    if form != "csv":
        return None
    writer = csv.DictWriter(stream, RECORD_FIELDS, lineterminator="\n")
    writer.writeheader()

    def as_csv(source: str, account: Account, found: RowAudit) -> None:
        writer.writerow(_cells(record(source, account.row, account.user, found)))

    return as_csv


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    from code_ops.text import neutral

    costs = " ".join(f"{name}={value}" for name, value in row["parameters"].items())
    findings = "; ".join(finding["reason"] for finding in row["findings"])
    texts = {name: neutral(row[name]) for name in ("file", "user", "reason")}
    return row | texts | {"parameters": costs, "findings": neutral(findings)}


def _write(form: str, stream: TextIO, result: Audit, problems: _Problems) -> None:
    if form == "json":
        from code_ops.password_audit_reports import document

        whole = document(result, problems.texts, problems.rows)
        stream.write(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    elif form == "table":
        from code_ops.cli.passwords_audit_table import write_table

        write_table(stream, result)


def _sum(
    console: Console,
    result: Audit,
    problems: _Problems,
    max_below: str,
    form: str,
    is_interrupted: bool,
) -> ExitCode:
    """What was found, in talk, and the exit code for it."""
    from code_ops.cli.passwords_audit_table import share, summary

    problems.tell(console)
    if not result.is_all_compared:
        console.warning("equal hashes and salts were looked for in the first 4,000,000 only")
    if form != "table":
        console.note(summary(result))
    if is_interrupted:
        console.error("interrupted: the report is of what was read until then")
        return ExitCode.INTERRUPTED
    if problems.texts:
        return ExitCode.INPUT
    if not result.total.rows:
        console.error("no hashes in the input")
        return ExitCode.INPUT
    if result.policy == "owasp" and any("yescrypt" in group.scheme for group in result.groups):
        console.hint("OWASP does not name yescrypt: `--policy linux` has it")
    is_below = result.total.share_below > _share(max_below)
    if is_below and _share(max_below):
        console.note(f"{share(result.total)} is more than the {max_below} allowed")
    return ExitCode.NOT_AS_EXPECTED if is_below or result.repeated else ExitCode.OK
