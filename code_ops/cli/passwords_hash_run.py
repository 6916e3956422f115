"""Runs ``code-ops passwords hash``: rows in, rows with hashes out, and the exit code."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, cast

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.output import Output, open_output
from code_ops.cli.passwords_chunks import Chunks
from code_ops.cli.passwords_common import Problems, Source, ask, pepper_of, source_of
from code_ops.cli.passwords_hashing import Hashing, HashRequest, Shown
from code_ops.cli.progress import ProgressLine
from code_ops.errors import BatchInterrupted, CheckpointError
from code_ops.numerals import plural
from code_ops.password_inputs import PasswordRows, Row
from code_ops.password_journal import PasswordJournal
from code_ops.password_outputs import HashWriter, OutputForm

OWNER_ALONE = 0o600


def run(request: HashRequest, console: Console) -> ExitCode:
    """``code-ops passwords hash`` from its options to its exit code."""
    source = source_of(request.files, request.from_, request.delimiter, request.no_header)
    _check(request, source)
    pepper = pepper_of(request.pepper_file, console)
    hashing = Hashing(request, console, pepper)
    # What is wrong with the options is told before anything is asked or read.
    hashing.hashes([])
    if source is None:
        return _typed(hashing, request)
    return HashRun(request, source, hashing, console).run()


def _check(request: HashRequest, source: Source | None) -> None:
    if not request.resume:
        return
    if source is None or not source.is_regular():
        raise typer.BadParameter("--resume needs a FILE: other input cannot be read again")
    for other, name in ((source.path, "FILE"), (request.output, "--output")):
        if os.path.realpath(request.resume) == os.path.realpath(other) and other != "-":
            raise typer.BadParameter(f"--resume and {name} are the same file")


def _typed(hashing: Hashing, request: HashRequest) -> ExitCode:
    """Of the password that is typed."""
    password = ask("twice")
    if not password:
        hashing.console.warning("the password is empty")
    layout = PasswordRows(io.BytesIO(), "lines")
    with open_output(request.output, OWNER_ALONE) as output:
        writer = _writer(output.stream, layout, request, ",")
        writer.write(Row(1, 1, (password,)), hashing.hashes([password])[0])
    return ExitCode.OK


def _writer(stream: TextIO, rows: PasswordRows, request: HashRequest, delimiter: str) -> HashWriter:
    form = cast("OutputForm", request.form)
    return HashWriter(stream, rows, form, request.hash_column, delimiter)


_Pending = tuple[Row, str | None, str | None]
"""A row, its hash where an earlier run made it, and its problem."""


class HashRun:
    """One run under way."""

    _writer: HashWriter
    """There once the input is open."""

    def __init__(
        self, request: HashRequest, source: Source, hashing: Hashing, console: Console
    ) -> None:
        self._request = request
        self._source = source
        self._hashing = hashing
        self._console = console
        self._problems = Problems()
        self._empty = 0
        self._chunks: Chunks[_Pending] = Chunks(self._work)
        self._journal: PasswordJournal | None = None
        self._earlier: Iterator[str] = iter(())
        self._taken = 0
        self._line = ProgressLine("hashing", wanted=self._is_shown())
        self._shown = Shown(self._line)

    def run(self) -> ExitCode:
        """Reads, hashes, writes, and tells how it ended."""
        started = time.monotonic()
        is_interrupted = False
        self._shown.total = self._count()
        self._open_journal()
        try:
            with open_output(self._request.output, OWNER_ALONE) as output:
                try:
                    self._all(output)
                except KeyboardInterrupt:
                    is_interrupted = True
                    self._tell_interrupted(output.keep_partial())
            if self._journal and not is_interrupted:
                self._journal.remove()
        finally:
            if self._journal:
                self._journal.close()
        return self._end(time.monotonic() - started, is_interrupted)

    def _all(self, output: Output) -> None:
        columns = [self._request.column]
        try:
            with self._chunks, self._source.rows(columns, self._chunks.flush) as rows:
                self._writer = _writer(output.stream, rows, self._request, self._source.delimiter)
                self._writer.start()
                for row in self._patiently(rows):
                    self._add(row)
                self._chunks.flush()
        finally:
            self._line.stop()
        if self._journal and self._taken < self._journal.done:
            raise self._foreign_journal()

    def _patiently(self, rows: PasswordRows) -> Iterator[Row]:
        found = iter(rows)
        while True:
            with self._chunks.patient():
                row = next(found, None)
            if row is None:
                return
            for note in rows.notes if row.number == 1 else ():
                self._console.warning(f"{self._source.name}: {note}")
            yield row

    def _add(self, row: Row) -> None:
        problem = self._writer.problem(row)
        if problem is not None:
            self._problems.add(self._source.name, row.number, row.line, self._source.form, problem)
            self._chunks.add((row, None, problem), 0, 0)
            return
        self._empty += not row.value
        done = self._done_earlier(row)
        self._chunks.add((row, done, None), 0 if done else 1, len(row.value))

    def _done_earlier(self, row: Row) -> str | None:
        """The hash that an earlier run made of this row."""
        if self._journal is None or self._taken == self._journal.done:
            return None
        self._taken += 1
        hash_ = next(self._earlier)
        is_probe = self._taken in (1, self._journal.done)
        if is_probe and not self._hashing.fits(hash_, row.value):
            raise self._foreign_journal()
        return hash_

    def _work(self, pending: list[_Pending]) -> None:
        """Hashes a chunk and writes it, as far as it came."""
        wanted = [row.value for row, done, problem in pending if not (done or problem)]
        new: list[str] = []
        stopped = False
        try:
            with self._chunks.patient():
                new = self._hashing.hashes(wanted, self._shown) if wanted else []
        except BatchInterrupted as interrupt:
            stopped = True
            new = list(_until_none(interrupt.results))
        if self._journal:
            self._journal.write(new)
        self._write(pending, iter(new))
        if stopped:
            raise KeyboardInterrupt

    def _write(self, pending: Iterable[_Pending], new: Iterator[str]) -> None:
        count = 0
        for row, done, problem in pending:
            hash_ = None if problem else done or next(new, None)
            if not (problem or hash_):
                # Interrupted here: what comes after it in order is not written either.
                break
            self._writer.write(row, hash_, problem)
            count += problem is None
        self._writer.flush()
        self._shown.add(count, sum(1 for _, done, problem in pending if not (done or problem)))

    def _is_shown(self) -> bool:
        """Hashes on a terminal would run into the progress line."""
        is_apart = self._request.output != "-" or not sys.stdout.isatty()
        return self._console.verbosity > 0 and is_apart

    def _count(self) -> int | None:
        """How many passwords there are, where that can be known: to read costs next to nothing."""
        if not self._source.is_regular() or not (self._is_shown() and sys.stderr.isatty()):
            return None
        with self._source.rows([self._request.column]) as rows:
            return sum(row.problem is None for row in rows)

    def _open_journal(self) -> None:
        if self._request.resume is None:
            return
        self._journal = PasswordJournal(self._request.resume, self._key())
        self._journal.open()
        self._earlier = self._journal.earlier()
        if self._journal.done:
            self._console.note(f"resuming: {plural(self._journal.done, 'hash', 'hashes')} done")

    def _key(self) -> str:
        """Tells input and options from others, without a digest of what is secret."""
        request = self._request
        files = [_identity(name) for name in (self._source.path, request.pepper_file) if name]
        options = (
            tuple(request.costs), request.column, request.hash_column, request.form,
            self._source.form, self._source.delimiter, self._source.header,
        )  # fmt: skip
        return hashlib.sha256(repr((files, options)).encode("utf-8", "surrogateescape")).hexdigest()

    def _foreign_journal(self) -> CheckpointError:
        return CheckpointError(
            f"{self._request.resume}: a checkpoint of other passwords or another pepper, remove "
            "it or name another file"
        )

    def _tell_interrupted(self, partial: str | None) -> None:
        done = plural(self._shown.done, "hash", "hashes")
        where = f", in {partial}" if partial else ""
        self._console.note(f"interrupted: {done} done{where}")

    def _end(self, seconds: float, is_interrupted: bool) -> ExitCode:
        console = self._console
        self._problems.tell(console)
        if self._empty:
            console.warning(f"{plural(self._empty, 'password is', 'passwords are')} empty")
        if is_interrupted:
            if self._journal:
                console.note(f"the same command goes on from {self._journal.path}")
            return ExitCode.INTERRUPTED
        done = plural(self._shown.done, "password")
        if sys.stderr.isatty() and self._is_shown():
            console.note(f"{done} in {seconds:.2f} s")
        return ExitCode.INPUT if self._problems.count else ExitCode.OK


def _until_none(results: Iterable[str | None]) -> Iterator[str]:
    for result in results:
        if result is None:
            return
        yield result


def _identity(path: str) -> tuple[int, ...]:
    with contextlib.suppress(OSError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return ()
