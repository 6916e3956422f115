"""Pairs of a stored hash and a password, from one input or from two side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from code_ops.cli.passwords_common import Source
from code_ops.password_inputs import Column, PasswordRows, Row


class Pair(NamedTuple):
    """A hash and a password, or why there are none, and their row."""

    row: int
    line: int
    hash: str = ""
    password: str | bytes = b""
    problem: str | None = None

    def __repr__(self) -> str:
        return f"Pair(row={self.row}, line={self.line}, problem={self.problem!r})"


@contextlib.contextmanager
def pairs_of_one(
    source: Source, columns: Sequence[Column], on_wait: Callable[[], None]
) -> Iterator[Iterator[Pair]]:
    """Pairs that stand in the same rows."""
    with source.rows(columns, on_wait) as rows:
        yield (
            Pair(row.number, row.line, problem=row.problem)
            if row.problem
            else Pair(row.number, row.line, _text(row.values[0]), row.values[1])
            for row in rows
        )


@contextlib.contextmanager
def pairs_of_two(
    hashes: Source,
    hash_column: Column,
    passwords: Source | bytes,
    password_column: Column,
    on_wait: Callable[[], None],
) -> Iterator[Iterator[Pair]]:
    """Row by row from two inputs; a single hash is that of all passwords."""
    with contextlib.ExitStack() as stack:
        stored: Iterator[Row] = iter(stack.enter_context(hashes.rows([hash_column], on_wait)))
        typed: Iterable[Row] | PasswordRows = (
            [Row(1, 1, (passwords,))]
            if isinstance(passwords, bytes)
            else stack.enter_context(passwords.rows([password_column], on_wait))
        )
        first, second = next(stored, None), next(stored, None)
        if first is None or second is None:
            yield (_pair(first, row) for row in typed)
            return
        yield (
            _pair(hash_row, row)
            for hash_row, row in zip_longest(chain([first, second], stored), typed)
        )


def _pair(stored: Row | None, typed: Row | None) -> Pair:
    place = typed or stored or Row(0, 0)
    problem = None
    if stored is None:
        problem = "there is no hash for it"
    elif typed is None:
        problem = "there is no password for it"
    elif typed.problem or stored.problem:
        problem = typed.problem or f"the hash: {stored.problem}"
    if problem or stored is None or typed is None:
        return Pair(place.number, place.line, problem=problem)
    return Pair(place.number, place.line, _text(stored.value), typed.value)


def _text(hash_: str | bytes) -> str:
    # Of bytes that are no UTF-8 nothing is lost: no hash has them, and the answer is the same.
    return hash_ if isinstance(hash_, str) else hash_.decode("utf-8", "replace")
