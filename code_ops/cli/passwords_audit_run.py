"""Runs ``code-ops passwords audit``: reads files, writes the report, and tells the sum."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from code_ops.cli import parameters
from code_ops.cli.console import PROBLEMS_SHOWN, Console, ExitCode
from code_ops.cli.interrupts import Interrupts
from code_ops.cli.output import open_output
from code_ops.cli.passwords_common import STANDARD_INPUT
from code_ops.cli.progress import ProgressLine

if TYPE_CHECKING:
    from code_ops.password_accounts import Account
    from code_ops.password_audit import Audit, Auditor, RowAudit
    from code_ops.password_policies import Policy

_STEP = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
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
    max_below: float,
    wanted: Wanted,
    form: str,
    output: str,
    console: Console,
) -> ExitCode:
    """Reads all files, writes the report, and tells the sum."""
    from code_ops.password_audit import Auditor

    problems = _Problems()
    with open_output(output) as target:
        reading = _Reading(Auditor(policy), wanted, _rows_writer(form, target.stream), problems)
        is_interrupted = reading.all_of(files)
        result = reading.auditor.result()
        _write(form, target.stream, result, problems)
    return _sum(console, result, problems, max_below, form, is_interrupted)


@dataclass(slots=True)
class _Reading:
    """Takes rows from files to the auditor, and on to the output."""

    auditor: Auditor
    wanted: Wanted
    take: Callable[[str, Account, RowAudit], None] | None
    problems: _Problems
    is_waiting: bool = False
    """Whether the next row is being read, which can last and tears nothing when it is left."""

    def all_of(self, names: Sequence[str]) -> bool:
        """Judges the rows of all files; returns whether it was interrupted."""
        with Interrupts(self._leave) as interrupts:
            for name in names:
                with contextlib.suppress(_Left):
                    self._one(name, interrupts)
                if interrupts.asked:
                    return True
        return False

    def _leave(self) -> None:
        if self.is_waiting:
            raise _Left

    def _one(self, name: str, interrupts: Interrupts) -> None:
        shown = "stdin" if name == STANDARD_INPUT else parameters.readable(name)
        self.auditor.begin(shown)
        with contextlib.closing(self._accounts(name, shown)) as rows:
            while not interrupts.asked:
                self.is_waiting = True
                try:
                    account = next(rows, None)
                finally:
                    self.is_waiting = False
                if account is None:
                    break
                if account.problem:
                    self.problems.of_row(shown, account.row, account.problem)
                    continue
                found = self.auditor.add(account.text, account.user, account.row, account.stored)
                if self.take:
                    self.take(shown, account, found)

    def _accounts(self, name: str, shown: str) -> Generator[Account]:
        """The rows of a file; what is wrong with the file itself is a problem like others."""
        from code_ops.errors import PasswordInputError

        progress = ProgressLine("audit", wanted=True)
        try:
            with _opened(name) as stream:
                size = _size(stream)
                for number, account in enumerate(self.wanted.accounts(name, stream)):
                    if number % _STEP == 0 and size:
                        progress.update(stream.tell(), size, f"{number:,} rows")
                    yield account
        except PasswordInputError as error:
            self.problems.of_file(shown, str(error))
        except OSError as error:
            self.problems.of_file(shown, (error.strerror or str(error)).lower())
        finally:
            progress.stop()


class _Left(BaseException):
    """The wait for the next row is over: whoever waits has asked to end."""


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
        row = {"v": 1, **record(source, account.row, account.user, found)}
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
    max_below: float,
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
    is_below = result.total.share_below > max_below
    if is_below and max_below:
        console.note(f"{share(result.total)} is more than the {100 * max_below:g}% allowed")
    return ExitCode.NOT_AS_EXPECTED if is_below or result.repeated else ExitCode.OK
