"""Runs ``code-ops passwords verify``: pairs in, a record each out, and the exit code."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.output import Output, open_output
from code_ops.cli.passwords_chunks import Chunks
from code_ops.cli.passwords_common import Problems, Source, ask, pepper_of, source, source_of
from code_ops.cli.passwords_pairs import Pair, pairs_of_one, pairs_of_two
from code_ops.cli.progress import ProgressLine
from code_ops.errors import BatchInterrupted
from code_ops.numerals import plural
from code_ops.passwords import (
    Limits,
    Params,
    Preset,
    Verification,
    needs_rehash,
    verify_batch,
)

VERSION = 1
UNREADABLE = "unreadable"
_FIELDS = ("row", "line", "state", "reason", "needs_rehash")
_FAILED = ("mismatch", "refused")
_UNREAD = ("invalid hash", "invalid password", UNREADABLE)


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The options, as they were given."""

    files: Sequence[str]
    hash_file: str | None
    from_: str
    hash_column: str | None
    password_column: str
    delimiter: str | None
    no_header: bool
    params: Params | Preset | None
    max_memory: int
    max_iterations: int
    max_lanes: int
    pepper_file: str | None
    threads: int | None
    memory: int | None
    form: str
    output: str
    engine: str

    @property
    def limits(self) -> Limits:
        """What a stored hash may cost."""
        return Limits(self.max_memory // 1024, self.max_iterations, self.max_lanes)


def run(request: VerifyRequest, console: Console) -> ExitCode:
    """``code-ops passwords verify`` from its options to its exit code."""
    pepper = pepper_of(request.pepper_file, console)
    # What is wrong with the options is told before anything is asked or read.
    _verify(request, pepper, [], None)
    return VerifyRun(request, pepper, console).run()


def _verify(
    request: VerifyRequest, pepper: bytes | None, pairs: Sequence[Pair], progress: Any
) -> list[Verification]:
    return verify_batch(
        [(pair.hash, pair.password) for pair in pairs],
        pepper=pepper,
        threads=request.threads,
        memory_budget=request.memory,
        limits=request.limits,
        progress=progress,
        engine=request.engine,
    )


class VerifyRun:
    """One run under way."""

    _writer: _Writer
    """There once the output is open."""

    def __init__(self, request: VerifyRequest, pepper: bytes | None, console: Console) -> None:
        self._request = request
        self._pepper = pepper
        self._console = console
        self._states: Counter[str] = Counter()
        self._rehash = 0
        self._problems = Problems()
        self._chunks: Chunks[Pair] = Chunks(self._work)
        is_apart = request.output != "-" or not sys.stdout.isatty()
        self._line = ProgressLine("verifying", wanted=console.verbosity > 0 and is_apart)
        self._name = "stdin"
        self._form: Any = "lines"

    def run(self) -> ExitCode:
        """Reads, verifies, writes, and tells how it ended."""
        pairs = self._pairs()
        is_interrupted = False
        with open_output(self._request.output, 0o600) as output:
            form = self._request.form
            if form == "auto":
                form = "table" if output.stream.isatty() else "ndjson"
            self._writer = _Writer(output.stream, form, is_told=self._request.params is not None)
            try:
                self._all(pairs)
            except KeyboardInterrupt:
                is_interrupted = True
            self._finish(output, form, is_interrupted)
        if form != "table":
            self._problems.tell(self._console)
        return ExitCode.INTERRUPTED if is_interrupted else self._exit_code()

    def _pairs(self) -> contextlib.AbstractContextManager[Iterator[Pair]]:
        """The pairs that the options name."""
        request = self._request
        hash_column = request.hash_column or ("hash", "password_hash")
        if request.hash_file is None:
            found = self._source()
            if found is None or found.form in ("lines", "nul"):
                raise typer.BadParameter(
                    "lines hold no pairs: name a csv or jsonl FILE or --from, or the hashes with "
                    "--hash-file"
                )
            columns = [hash_column, request.password_column]
            return pairs_of_one(found, columns, self._chunks.flush)
        hashes = source(
            request.hash_file, "auto", request.delimiter, request.no_header, "--hash-file"
        )
        passwords: Source | bytes | None = None
        if hashes.path != "-" or request.files:
            passwords = self._source()
            if passwords and passwords.path == hashes.path == "-":
                raise typer.BadParameter("standard input cannot be both hashes and passwords")
        if passwords is None:
            passwords = ask("once")
        return pairs_of_two(
            hashes, hash_column, passwords, request.password_column, self._chunks.flush
        )

    def _source(self) -> Source | None:
        request = self._request
        found = source_of(request.files, request.from_, request.delimiter, request.no_header)
        if found:
            self._name, self._form = found.name, found.form
        return found

    def _all(self, found: contextlib.AbstractContextManager[Iterator[Pair]]) -> None:
        try:
            with self._chunks, found as pairs:
                while True:
                    with self._chunks.patient():
                        pair = next(pairs, None)
                    if pair is None:
                        break
                    cost = 0 if pair.problem else 1
                    self._chunks.add(pair, cost, len(pair.password) + len(pair.hash))
                self._chunks.flush()
        finally:
            self._line.stop()

    def _work(self, pairs: list[Pair]) -> None:
        """Verifies a chunk and writes its records, as far as it came."""
        wanted = [pair for pair in pairs if not pair.problem]
        stopped = False
        outcomes: list[Any] = []
        try:
            with self._chunks.patient():
                outcomes = _verify(self._request, self._pepper, wanted, self._show)
        except BatchInterrupted as interrupt:
            stopped = True
            outcomes = interrupt.results
        left = iter(outcomes)
        for pair in pairs:
            if pair.problem:
                self._write(pair, UNREADABLE, pair.problem)
                continue
            outcome = next(left, None)
            if outcome is None:
                break
            self._write(pair, outcome.state, outcome.reason)
        self._writer.flush()
        if stopped:
            raise KeyboardInterrupt

    def _write(self, pair: Pair, state: str, reason: str) -> None:
        self._states[state] += 1
        if state in _UNREAD:
            problem = reason if state == UNREADABLE else f"{state}: {reason}"
            self._problems.add(self._name, pair.row, pair.line, self._form, problem)
        rehash = None
        if self._request.params is not None and state not in _UNREAD:
            rehash = needs_rehash(pair.hash, self._request.params)
            self._rehash += rehash
        self._writer.write((pair.row, pair.line, state, reason, rehash))

    def _show(self, done: int, _: int) -> None:
        total = self._states.total() + done
        self._line.update(total, None, f"{total:,} verified")

    def _finish(self, output: Output, form: str, is_interrupted: bool) -> None:
        text = self._sum()
        if is_interrupted:
            partial = output.keep_partial()
            text = f"interrupted: {text}" + (f", in {partial}" if partial else "")
        if form == "table":
            output.stream.write(f"{text}\n")
        elif is_interrupted or sys.stderr.isatty() or set(self._states) - {"match"}:
            self._console.note(text)

    def _sum(self) -> str:
        counts = [f"{count:,} {state}" for state, count in self._states.most_common()]
        text = f"{plural(self._states.total(), 'pair')}: {', '.join(counts) or 'nothing'}"
        if self._request.params is not None:
            needs = "needs" if self._rehash == 1 else "need"
            text += f"; {self._rehash:,} {needs} a new hash"
        return text

    def _exit_code(self) -> ExitCode:
        """A failed check is told before what could not be read."""
        if any(self._states[state] for state in _FAILED):
            return ExitCode.NOT_AS_EXPECTED
        if any(self._states[state] for state in _UNREAD):
            return ExitCode.INPUT
        return ExitCode.OK


class _Writer:
    """Writes records in one of the forms."""

    def __init__(self, stream: TextIO, form: str, *, is_told: bool) -> None:
        self._stream = stream
        self._form = form
        self._is_told = is_told
        self._is_first = True
        self._table = csv.writer(stream, lineterminator="\n")
        if form == "csv":
            self._table.writerow(_FIELDS)

    def write(self, record: tuple[int, int, str, str, bool | None]) -> None:
        """Writes a record."""
        row, line, state, reason, rehash = record
        if self._form == "csv":
            told = "" if rehash is None else str(rehash).lower()
            self._table.writerow((row, line, state, reason, told))
        elif self._form == "ndjson":
            fields = dict(zip(_FIELDS, record, strict=True))
            self._stream.write(f"{json.dumps({'v': VERSION} | fields)}\n")
        elif state != "match" or rehash:
            self._write_line(row, line, state, ", ".join(self._words(reason, rehash)))

    def _words(self, reason: str, rehash: bool | None) -> Iterator[str]:
        if reason:
            yield reason
        if rehash:
            yield "needs a new hash"

    def _write_line(self, row: int, line: int, state: str, words: str) -> None:
        if self._is_first:
            self._is_first = False
            self._stream.write("     ROW      LINE  STATE             REASON\n")
        self._stream.write(f"{row:>8}  {line:>8}  {state:<16}  {words}".rstrip() + "\n")

    def flush(self) -> None:
        """Gives away what was written."""
        self._stream.flush()
