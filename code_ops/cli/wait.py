"""``code-ops wait``: until services answer, or until they no longer do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode, Verbosity
from code_ops.cli.parameters import choice_option, engine_option, option
from code_ops.cli.progress import ProgressLine

if TYPE_CHECKING:
    from code_ops.scan import ScanResult

EXAMPLES = """\b
Examples:
  code-ops wait db1:5432 --timeout 60s               until the database answers
  code-ops wait web:80 web:443 --for open            until both answer
  code-ops wait old-db:5432 --for closed             until it is drained
"""


def command(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="HOST:PORT...", help="What to wait for; all of them.", show_default=False
        ),
    ],
    for_: Annotated[
        str,
        choice_option(
            ("open", "closed"),
            "--for",
            metavar="STATE",
            envvar="CODE_OPS_WAIT_FOR",
            help="open, or closed: refused, silent or unreachable.",
        ),
    ] = "open",
    timeout: Annotated[
        float,
        option(parser=parameters.duration_ms, metavar="DURATION", help="Give up after this."),
    ] = "60s",  # type: ignore[assignment]
    probe_timeout: Annotated[
        int,
        option(parser=parameters.timeout_ms, metavar="DURATION", help="One try waits this long."),
    ] = "1s",  # type: ignore[assignment]
    engine: Annotated[str, engine_option("auto, rust or python.")] = "auto",
    json: Annotated[bool, option("--json", help="Write the last state of each as JSON.")] = False,
    quiet: Annotated[bool, option("--quiet", "-q", help="No talk but errors.")] = False,
) -> None:
    """Wait until services answer, or until they no longer do.

    Tries again and again, soon at first and then every few seconds, and ends as soon as all
    are as wanted: exit 0. Exit 1 when the time is over. A name that does not resolve yet is
    tried again as well.
    """
    console = Console(Verbosity.QUIET if quiet else Verbosity.NORMAL)
    wait(targets, for_, timeout, probe_timeout, engine, json, console)


@parameters.exits
def wait(
    targets: list[str],
    goal: str,
    timeout_ms: float,
    probe_timeout_ms: int,
    engine: str,
    json_output: bool,
    console: Console,
) -> ExitCode:
    """Waits, tells, and says how it ended."""
    from code_ops.scan_formats.records import record
    from code_ops.scan_wait import read_services, wait_for

    services = read_services([parameters.readable(text) for text in targets], engine=engine)
    line = ProgressLine("waiting", wanted=console.verbosity > Verbosity.QUIET)
    try:
        waited = wait_for(
            services,
            "open" if goal == "open" else "closed",
            timeout_ms=timeout_ms,
            probe_timeout_ms=probe_timeout_ms,
            engine=engine,
            met=lambda result, seconds: console.note(
                f"{_service(result)} is {result.state} after {seconds:.1f} s"
            ),
            tried=lambda left, seconds: line.update(
                round(seconds * 1000), round(timeout_ms), f"{left} of {len(services)} not {goal}"
            ),
        )
    finally:
        line.stop()
    if json_output:
        import json

        results = [record(result) for result in waited.results]
        document = {"v": 1, "met": waited.met, "seconds": round(waited.seconds, 3)}
        console.data(json.dumps(document | {"results": results}) + "\n")
    for result in waited.missing:
        console.error(
            f"{_service(result)} is still {result.state} ({result.reason}) "
            f"after {waited.seconds:.1f} s, waited for {goal}"
        )
    return ExitCode.OK if waited.met else ExitCode.NOT_AS_EXPECTED


def _service(result: ScanResult) -> str:
    """``db1:5432``, ``[::1]:22``: as it can be typed."""
    host = f"[{result.host}]" if ":" in result.host else result.host
    return f"{host}:{result.port}"
