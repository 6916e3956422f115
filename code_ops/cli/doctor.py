"""``code-ops doctor``: what runs here, why, and what is missing."""

from __future__ import annotations

from typing import Annotated

from code_ops.cli import parameters
from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import engine_option, option

EXAMPLES = """\b
Examples:
  code-ops doctor                                    which engine runs, and why
  code-ops doctor --json                             the same for a program
  CODE_OPS_ENGINE=rust code-ops doctor               exit 1 when the native engine is absent
"""


def command(
    engine: Annotated[str, engine_option("The engine wanted: auto, rust or python.")] = "auto",
    json: Annotated[bool, option("--json", help="Write JSON.")] = False,
) -> None:
    """Tell which engine runs and why, versions, CPU features, limits, and what is missing.

    Exit 1 when the native engine is absent though wanted; auto and rust want it.
    """
    examine(engine, json)


@parameters.exits
def examine(engine: str, json_output: bool) -> ExitCode:
    """Tells what was found; see ``code_ops.diagnosis``."""
    import json

    from code_ops.diagnosis import diagnose

    found = diagnose(engine)
    if json_output:
        Console().data(json.dumps({"v": 1} | found._asdict(), indent=2) + "\n")
    else:
        features = " ".join(found.cpu_features) or "features unknown"
        limits = f"{found.descriptors_soft:,} soft, {found.descriptors_hard:,} hard"
        ports = "unknown"
        if found.ephemeral_ports:
            ports = "{}-{}".format(*found.ephemeral_ports)
        rows = [
            ("engine", f"{found.engine or 'none'}: {found.engine_reason}"),
            ("code-ops", found.version),
            ("native", found.native_version or "not there"),
            ("python", found.python),
            ("system", found.system),
            (
                "cpu",
                f"{found.cpus} for this process, {features}",
            ),
            ("descriptors", limits),
            ("own ports", ports),
            *(("missing", text) for text in found.missing or ["nothing"]),
        ]
        Console().data("".join(f"{label:<13}{text}\n" for label, text in rows))
    return ExitCode.OK if found.healthy else ExitCode.NOT_AS_EXPECTED
