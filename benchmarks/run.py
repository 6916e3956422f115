"""Runs the benchmarks: `python benchmarks/run.py [NOUN ...] [--repeat N] [--quick]`.

Each noun has a `bench_<noun>.py` with `RIVALS`, the commands that print the rivals'
versions, and `run(context)`, which measures and returns the rows. Writes
`results/<noun>.json` and RESULTS.md.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

# As a script this file's own folder is on the path, not the one that holds the package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import machine, report

FOLDER = Path(__file__).resolve().parent
DEFAULT_REPEAT = 5


def nouns() -> list[str]:
    """Every noun that has a bench module."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line; exits with 2 on a word that is no noun."""
    parser = argparse.ArgumentParser(description="Runs the benchmarks and writes RESULTS.md.")
    parser.add_argument("nouns", nargs="*", metavar="NOUN", help="default: all")
    parser.add_argument("--repeat", type=int, help="runs of each tool (5; with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="leave the slow rivals out")
    parser.add_argument("--fleet", type=Path, default=machine.FLEET, help="the fleet script")
    parser.add_argument("--code-ops", metavar="COMMAND", help="what to run as code-ops")
    parser.add_argument(
        "--results", type=Path, default=FOLDER, metavar="FOLDER", help="where to write"
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.nouns) - set(nouns()))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(nouns())}")
    if options.repeat is not None and options.repeat < 1:
        parser.error("--repeat must be at least 1")
    return options


def versions(rivals: dict[str, list[str]], code_ops: Sequence[str]) -> dict[str, str]:
    """Each tool's version, or that it is not there."""
    commands = {**rivals, "code-ops": [*code_ops, "--version"] if code_ops else []}
    return {
        name: (machine.version_of(argv) if argv else None) or "not found"
        for name, argv in commands.items()
    }


def run_noun(noun: str, options: argparse.Namespace) -> report.Section:
    """Measures one noun."""
    module = importlib.import_module(f"benchmarks.bench_{noun}")
    facts = machine.facts()
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    with tempfile.TemporaryDirectory(prefix="code-ops-bench-") as workspace:
        context = machine.Context(
            repeat=options.repeat or (1 if options.quick else DEFAULT_REPEAT),
            quick=options.quick,
            fleet=options.fleet.resolve(),
            code_ops=machine.find_code_ops(options.code_ops),
            workspace=Path(workspace),
        )
        found = versions(module.RIVALS, context.code_ops)
        rows = module.run(context)
    return report.Section(noun, date, options.quick, facts, found, rows)


def main(arguments: Sequence[str]) -> None:
    """Measures the nouns asked for, one after another, and prints their sections."""
    options = parse(arguments)
    machine.put_rivals_first()
    # As an installed package has it: a checkout need not have been run before.
    compileall.compile_dir(machine.REPOSITORY / "code_ops", quiet=1)
    for noun in options.nouns or nouns():
        section = run_noun(noun, options)
        report.save(section, options.results)
        print(report.render_section(section))


if __name__ == "__main__":
    main(sys.argv[1:])
