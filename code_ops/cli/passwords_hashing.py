"""What each hash of ``code-ops passwords hash`` has in common: options, errors, progress."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from code_ops.cli.console import Console
from code_ops.cli.progress import ProgressLine
from code_ops.errors import PasswordError
from code_ops.passwords import PRESETS, Limits, Params, hash_passwords_batch, verify_password

if TYPE_CHECKING:
    from code_ops.passwords import Preset


@dataclass(frozen=True, slots=True)
class HashRequest:
    """The options, as they were given."""

    files: Sequence[str]
    from_: str
    column: str
    delimiter: str | None
    no_header: bool
    hash_column: str
    form: str
    params: Params | Preset
    pepper_file: str | None
    threads: int | None
    memory: int | None
    output: str
    resume: str | None
    engine: str

    @property
    def costs(self) -> Params:
        """What a hash costs."""
        return PRESETS[self.params] if isinstance(self.params, str) else self.params


class Hashing:
    """What each hash has in common."""

    def __init__(self, request: HashRequest, console: Console, pepper: bytes | None) -> None:
        self.console = console
        self._request = request
        self._pepper = pepper

    def hashes(self, passwords: Sequence[str | bytes], progress: Shown | None = None) -> list[str]:
        """The hashes; errors say which option helps."""
        request = self._request
        try:
            if request.memory is not None and not passwords:
                # An engine that has nothing to hash need not look at the budget.
                _check_budget(request.costs.memory_kib, request.memory)
            return hash_passwords_batch(
                passwords,
                params=request.params,
                pepper=self._pepper,
                threads=request.threads,
                memory_budget=request.memory,
                progress=progress.show if progress else None,
                engine=request.engine,
            )
        except PasswordError as error:
            way_out = " (--memory)" if "budget" in str(error) else " (--params)"
            raise PasswordError(f"{error}{way_out}") from None
        except MemoryError as error:
            raise MemoryError(f"{error}; --params sets what a hash takes") from None

    def fits(self, hash_: str, password: str | bytes) -> bool:
        """Whether a hash is one of a password with this pepper."""
        limits = Limits(*self._request.costs)
        found = verify_password(
            hash_, password, pepper=self._pepper, limits=limits, engine=self._request.engine
        )
        return bool(found)


class Shown:
    """The progress line over all chunks."""

    def __init__(self, line: ProgressLine) -> None:
        self.done = 0
        self.total: int | None = None
        """How many there are, where that is known."""
        self._new = 0
        self._started = time.monotonic()
        self._line = line

    def show(self, done: int, _: int) -> None:
        """Called with the hashes of this chunk that are done."""
        seconds = time.monotonic() - self._started
        rate = (self._new + done) / seconds if seconds else 0.0
        of = f" of {self.total:,}" if self.total is not None else ""
        text = f"{self.done + done:,}{of}, {rate:,.1f} a second"
        self._line.update(self.done + done, self.total, text)

    def add(self, count: int, new: int) -> None:
        """Adds what a chunk came to."""
        self.done += count
        self._new += new


def _check_budget(memory_kib: int, budget: int) -> None:
    if memory_kib * 1024 > budget:
        complaint = f"a hash takes {memory_kib} KiB of memory, the budget is {budget // 1024} KiB"
        raise PasswordError(complaint)
