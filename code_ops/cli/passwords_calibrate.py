"""``code-ops passwords calibrate``: what a hash can cost on this machine."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated, TextIO

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, engine_option, option
from code_ops.cli.passwords_common import QuietOption, ThreadsOption

if TYPE_CHECKING:
    from code_ops.passwords import Calibration, Measured

EXAMPLES = """\b
Examples:
  code-ops passwords calibrate                              for 250ms a hash
  code-ops passwords calibrate --target 1s --memory 256MiB
  code-ops passwords calibrate --target 100ms -f json
"""

VERSION = 1


def command(
    target: Annotated[
        float,
        option(
            "--target",
            "-t",
            parser=parameters.duration_ms,
            metavar="DURATION",
            help="What one hash, such as a login's, may take.",
        ),
    ] = "250ms",  # type: ignore[assignment]
    memory: Annotated[
        int | None,
        option(
            "--memory",
            parser=parameters.size_bytes,
            metavar="SIZE",
            help="What one hash may take. [default: a quarter of what is free]",
            show_default=False,
        ),
    ] = None,
    lanes: Annotated[
        int, option("--lanes", metavar="N", min=1, max=16_777_215, help="Of each hash.")
    ] = 4,
    threads: ThreadsOption = None,
    format: Annotated[
        str,
        choice_option(
            ("auto", "table", "json"),
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, json, or auto: a table on a terminal, else json.",
        ),
    ] = "auto",
    output: Annotated[
        str, option("--output", "-o", metavar="FILE", help="Write to a file, at once and whole.")
    ] = "-",
    engine: Annotated[str, engine_option("auto, rust or python.")] = "auto",
    quiet: QuietOption = False,
) -> None:
    """Measure what an Argon2id hash can cost on this machine within a time.

    For each size of memory the most iterations within the target; the setting to take is the one
    with the most memory, as RFC 9106 advises. It takes some 10 seconds, on a machine with
    nothing else to do.

    Exit 0, 1 when no setting is within the target.
    """
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    calibrate(target, memory, lanes, threads, format, output, engine, console)


@parameters.exits
def calibrate(
    target: float,
    memory: int | None,
    lanes: int,
    threads: int | None,
    form: str,
    output: str,
    engine: str,
    console: Console,
) -> ExitCode:
    """Measures and writes the table."""
    from code_ops import passwords

    if sys.stderr.isatty():
        console.note("measuring, which takes some seconds")
    found = passwords.calibrate(
        target, memory_budget=memory, lanes=lanes, threads=threads, engine=engine
    )
    rate = _rate(found.recommended, threads, engine) if found.recommended else None
    with open_output(output) as out:
        if form == "table" or (form == "auto" and out.stream.isatty()):
            _table(out.stream, found, rate)
        else:
            _json(out.stream, found, rate)
    if found.recommended is None:
        least = min(found.measured, key=lambda one: one.milliseconds)
        console.error(
            f"no setting is within {target:g} ms: the least took {least.milliseconds:.0f} ms "
            "(--target)"
        )
        return ExitCode.NOT_AS_EXPECTED
    return ExitCode.OK


def _rate(one: Measured, threads: int | None, engine: str) -> float:
    """Hashes a second in a batch, measured too: lanes and hashes share the cores."""
    from code_ops.passwords import hash_passwords_batch

    count = 2 * (threads or os.cpu_count() or 1)
    started = time.perf_counter()
    hash_passwords_batch([b""] * count, params=one.params, threads=threads, engine=engine)
    return count / (time.perf_counter() - started)


def _json(stream: TextIO, found: Calibration, rate: float | None) -> None:
    import json

    document = {
        "v": VERSION,
        "target_ms": found.target_ms,
        "recommended": _record(found.recommended) if found.recommended else None,
        "hashes_a_second": round(rate, 2) if rate else None,
        "measured": [_record(one) for one in found.measured],
    }
    stream.write(json.dumps(document, indent=2) + "\n")


def _record(one: Measured) -> dict[str, object]:
    return {
        "params": pasted(one),
        "memory_kib": one.params.memory_kib,
        "iterations": one.params.iterations,
        "lanes": one.params.lanes,
        "milliseconds": round(one.milliseconds, 2),
    }


def pasted(one: Measured) -> str:
    """A setting as ``--params`` takes it."""
    memory, iterations, lanes = one.params
    return f"m={memory},t={iterations},p={lanes}"


def _table(stream: TextIO, found: Calibration, rate: float | None) -> None:
    stream.write("    MEMORY  ITERATIONS  LANES        TIME  PARAMS\n")
    for one in found.measured:
        memory, iterations, lanes = one.params
        size = f"{memory / 1024:g} MiB"
        time = f"{one.milliseconds:,.2f} ms"
        words = pasted(one)
        if one == found.recommended:
            words += "  recommended"
        elif one.milliseconds > found.target_ms:
            words += "  beyond the target"
        stream.write(f"{size:>10}  {iterations:>10}  {lanes:>5}  {time:>10}  {words}\n")
    if found.recommended:
        stream.write(
            f"\n{rate:,.1f} hashes a second in a batch; for `code-ops passwords hash`:\n"
            f"--params {pasted(found.recommended)}\n"
        )
