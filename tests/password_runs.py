"""Runs commands of ``code-ops passwords`` as programs, for the tests of each."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from code_ops.passwords import verify_batch

COMMAND = str(Path(sys.executable).with_name("code-ops"))
CHEAP = ("--params", "m=8,t=1,p=1")
# Some milliseconds a hash, so that a run lasts long enough to be killed.
SLOW = ("--params", "m=2048,t=4,p=1")
SECRET = "hunter2"
WITHIN_SECONDS = 30

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS_")}
    return kept | {"XDG_CONFIG_HOME": "/nowhere", "NO_COLOR": "1"}


def runner(folder: Path) -> Run:
    """Runs a command of ``code-ops passwords`` in a folder."""

    def run(*words: str, stdin: str | bytes = "", **more: Any) -> Any:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        ended = subprocess.run(
            [COMMAND, "passwords", *words],
            cwd=folder,
            env=environment(),
            input=data,
            capture_output=True,
            timeout=60,
            check=False,
            **more,
        )
        out, error = (text.decode("utf-8", "replace") for text in (ended.stdout, ended.stderr))
        return subprocess.CompletedProcess(ended.args, ended.returncode, out, error)

    return run


@contextlib.contextmanager
def started(folder: Path, *words: str, **more: Any) -> Iterator[Any]:
    with subprocess.Popen(
        [COMMAND, "passwords", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def matches(hashes: Sequence[str], passwords: Sequence[str | bytes]) -> bool:
    """Whether each is the hash of its password."""
    assert len(hashes) == len(passwords)
    return all(verify_batch(list(zip(hashes, passwords, strict=True))))
