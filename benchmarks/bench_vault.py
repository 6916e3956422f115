"""The benchmark of sealing, against cryptography in memory and age in files."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import contest, machine, report, vault_commands

HERE = Path(__file__).resolve().parent
TMPFS = Path("/dev/shm")
FILE_BYTES = 1 << 30
# Of each length, how many times as fast as cryptography it shall be.
SIZES = {1 << 10: 1.0, 64 << 10: 1.5, 64 << 20: 2.0}
MODULES = {"code-ops": "code_rust_core", "cryptography": "cryptography"}
RIVALS = {
    "age": ["age", "--version"],
    "ansible-vault": ["ansible-vault", "--version"],
    "cryptography": [sys.executable, "-c", "import cryptography; print(cryptography.__version__)"],
    "sops": ["sops", "--version", "--disable-version-check"],
}
NOTE = "Times are those of the calls alone, from the best of seven turns in a process of its own."


def in_memory(context: machine.Context, size: int, times: float) -> report.Row:
    """Sealing a message, and opening it."""
    shown = f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
    entrants = [
        contest.Entrant(
            name=library,
            tool=library,
            argv=[sys.executable, str(HERE / "vault_seal.py"), library, str(size)],
            shown=f"python benchmarks/vault_seal.py {library} {size}",
            runs=context.repeat,
            why_not="" if importlib.util.find_spec(MODULES[library]) else "not installed",
        )
        for library in MODULES
    ]
    outcomes = contest.hold([], context.workspace / f"seal-{size}", entrants)
    seals: dict[str, report.Measurement] = {}
    opens: dict[str, report.Measurement] = {}
    for library, outcome in outcomes.items():
        told = [json.loads(text) for text in outcome.outputs]
        plain = contest.measurement(outcome, "")
        for way, found in (("seal", seals), ("open", opens)):
            found[library] = plain
            if told:
                rate = size / min(each[way] for each in told) / 1e9
                agrees = "opened by the other" if all(t["agrees"] for t in told) else "DIFFERENT"
                found[library] = replace(
                    plain,
                    tool=f"{library}, {way}",
                    seconds=[round(each[way] * FILE_BYTES / size, 4) for each in told],
                    answers=f"{rate:.2f} GB/s, {agrees}",
                )
    goals = [
        report.ratio_goal("seal", round(1 / times, 3), seals["code-ops"], seals["cryptography"])
    ]
    notes = [NOTE, *report.ratio_notes((opens["code-ops"], opens["cryptography"]))]
    return report.Row(
        f"1 GiB in messages of {shown}, in memory", [*seals.values(), *opens.values()], goals, notes
    )


def files(context: machine.Context) -> list[report.Row]:
    """A file of 1 GiB, from memory to memory: sealed, and opened."""
    folder = TMPFS / f"code-ops-bench-{os.getpid()}"
    folder.mkdir()
    try:
        _touch(folder / "touched")
        return [_file(context, folder, way) for way in ("seal", "open")]
    finally:
        shutil.rmtree(folder)


def _touch(path: Path) -> None:
    """Takes memory once and gives it back: a virtual machine gets it slowly the first time."""
    with path.open("wb") as file:
        for _ in range(6 * FILE_BYTES >> 20):
            file.write(bytes(1 << 20))
    path.unlink()


def _file(context: machine.Context, folder: Path, way: str) -> report.Row:
    plain, sealed, aged = (folder / name for name in ("plain", "sealed", "aged"))
    source, out = {"seal": (plain, "out"), "open": (sealed, "out")}[way]
    words = [str(HERE / "vault_files.py"), way, str(source), str(folder / out)]
    obstacle = _prepare(folder, plain, sealed, aged, way)
    identity = folder / "identity"
    command = f"age -e -i {identity} -o {folder / 'aged-out'} {plain}"
    if way == "open":
        command = f"age -d -i {identity} -o {folder / 'aged-out'} {aged}"
    entrants = [
        contest.Entrant(
            name="code-ops",
            tool="code-ops",
            argv=[sys.executable, *words],
            shown=f"python benchmarks/vault_files.py {way} plain sealed",
            runs=context.repeat,
        ),
        replace(contest.rival("age", "age", command, context.repeat), shown=f"age ({way})"),
    ]
    outcomes = contest.hold([], context.workspace / f"file-{way}", entrants, obstacle=obstacle)
    ours, age = (contest.measurement(outcomes[name], "1 GiB") for name in ("code-ops", "age"))
    goals = [
        report.ratio_goal("time", 0.5, ours, age),
        report.limit_goal("peak <= 64 MB over start-up", ours, ours.peak_mb - 30, 64, "MB"),
    ]
    return report.Row(f"a file of 1 GiB in memory: {way}", [ours, age], goals)


def _prepare(folder: Path, plain: Path, sealed: Path, aged: Path, way: str) -> str:
    identity = folder / "identity"
    if not plain.exists():
        block = os.urandom(1 << 20)
        with plain.open("wb") as file:
            for _ in range(FILE_BYTES >> 20):
                file.write(block)
    if shutil.which("age-keygen") and not identity.exists():
        subprocess.run(["age-keygen", "-o", str(identity)], check=True, capture_output=True)
    for left in ("out", "aged-out"):
        (folder / left).unlink(missing_ok=True)
    if way == "open":
        seal = [sys.executable, str(HERE / "vault_files.py"), "seal", str(plain), str(sealed)]
        subprocess.run(seal, check=True)
        plain_age = ["age", "-e", "-i", str(identity), "-o", str(aged), str(plain)]
        if identity.exists():
            subprocess.run(plain_age, check=True)
        plain.unlink()
    return ""


def run(context: machine.Context) -> list[report.Row]:
    """Every row of the vault."""
    rows = [in_memory(context, size, times) for size, times in SIZES.items()]
    rows += vault_commands.rows(context)
    return [*rows, *(files(context) if TMPFS.is_dir() else [])]
