"""Rows of the vault's commands: one secret read, and one of many set anew.

Every tool holds the same 200 invented secrets in a file of its own form.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import contest, machine, report

SECRETS = {f"service{number:03}/password": f"invented-{number:04}" for number in range(200)}
NAME = "service100/password"
NOTE = "200 secrets in each file. The runs of a tool follow each other's: `python -c pass` too."
# A line that is not in both is shown by diff once for each side.
CHANGES = "diff before.{form} now.{form} | grep -c '^>'; true"
SEAL_WITH_SOPS = "sops encrypt --age $(age-keygen -y identity) plain.json > before.sops"


def rows(context: machine.Context) -> list[report.Row]:
    """Both rows, in a folder that is removed."""
    folder = context.workspace / "vault-commands"
    folder.mkdir(parents=True)
    obstacles = prepare(folder, context.code_ops)
    try:
        return [reading(context, folder, obstacles), setting(context, folder, obstacles)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path, code_ops: tuple[str, ...]) -> dict[str, str]:
    """A file of all secrets for each tool; why there is none for a tool."""
    plain = folder / "plain.json"
    plain.write_text(json.dumps(SECRETS), encoding="ascii")
    (folder / "word").write_text("a passphrase that is invented\n", encoding="ascii")
    ours = [*code_ops, "vault"]
    key = ["--key-file", str(folder / "key"), "--vault", str(folder / "before.vault")]
    steps = {
        "code-ops": [[*ours, "init", *key], [*ours, "import", *key, str(plain)]],
        "ansible-vault": [
            [
                "ansible-vault",
                "encrypt",
                "--vault-password-file",
                str(folder / "word"),
                "--output",
                str(folder / "before.ansible"),
                str(plain),
            ]
        ],
        "sops": [
            ["age-keygen", "-o", str(folder / "identity")],
            ["sh", "-c", f"cd {folder} && {SEAL_WITH_SOPS}"],
        ],
    }
    obstacles = {}
    for tool, commands in steps.items():
        for words in commands:
            if not shutil.which(words[0]) or not shutil.which(tool):
                obstacles[tool] = "not installed"
                break
            ended = subprocess.run(words, capture_output=True, text=True, check=False)
            if ended.returncode:
                obstacles[tool] = f"its file could not be made: {machine.last_line(ended.stderr)}"
                break
    return obstacles


def reading(context: machine.Context, folder: Path, obstacles: dict[str, str]) -> report.Row:
    """One secret, as a script reads it."""
    key = f"--key-file {folder / 'key'} --vault {folder / 'before.vault'}"
    os.environ["SOPS_AGE_KEY_FILE"] = str(folder / "identity")
    entrants = [
        contest.ours("code-ops", "code-ops", context.code_ops, f"vault get {NAME} {key}", 20),
        contest.rival("python", "python -c pass", f"{sys.executable} -c pass", 20),
        contest.rival(
            "ansible-vault",
            "ansible-vault",
            f"ansible-vault view --vault-password-file {folder / 'word'} {folder}/before.ansible",
            5,
        ),
        contest.rival(
            "sops",
            "sops",
            f"sops decrypt --input-type json --extract ['{NAME}'] {folder}/before.sops",
            20,
        ),
    ]
    entrants = [_able(entrant, folder, obstacles) for entrant in entrants]
    outcomes = contest.hold([], context.workspace / "vault-get", entrants)
    found = {
        name: contest.measurement(outcome, _value(outcome)) for name, outcome in outcomes.items()
    }
    ours, empty = found["code-ops"], found["python"]
    over = None
    if ours.seconds and empty.seconds:
        over = 1000 * (min(ours.seconds) - min(empty.seconds))
    goals = [
        report.limit_goal("whole process <= 60 ms over python -c pass", ours, over, 60, "ms"),
        report.ratio_goal("whole process", 0.3, ours, found["ansible-vault"]),
    ]
    notes = [NOTE, *report.ratio_notes((ours, found["sops"]))]
    return report.Row("a secret read, with a key file", [*found.values()], goals, notes)


def _value(outcome: contest.Outcome) -> str:
    if outcome.entrant.name == "python":
        return "nothing"
    texts = outcome.outputs
    right = SECRETS[NAME]
    return "the value" if texts and all(right in text for text in texts) else "DIFFERENT"


def setting(context: machine.Context, folder: Path, obstacles: dict[str, str]) -> report.Row:
    """One secret set to a new value, and how many lines of the file that changes."""
    words = f"vault set {NAME} --quiet --accept-older --key-file key --vault now.vault"
    ours = f"{' '.join(context.code_ops)} {words}"
    scripts = {
        "code-ops": f"cp before.vault now.vault; date +%N | {ours}; {CHANGES.format(form='vault')}",
        "sops": "cp before.sops now.sops; sops set --input-type json --output-type json now.sops "
        f'\'["{NAME}"]\' "\\"$(date +%N)\\""; {CHANGES.format(form="sops")}',
    }
    entrants = [
        contest.Entrant(
            name=tool,
            tool=tool,
            argv=["sh", "-c", f"cd {folder}; {script}"],
            shown=script.replace(" ".join(context.code_ops), "code-ops"),
            runs=10,
            environment=contest.NATIVE,
            why_not="" if shutil.which(tool) or tool == "code-ops" else "not installed",
        )
        for tool, script in scripts.items()
    ]
    entrants = [_able(entrant, folder, obstacles) for entrant in entrants]
    outcomes = contest.hold([], context.workspace / "vault-set", entrants)
    found = {
        tool: contest.measurement(outcome, f"{_changed(outcome)} lines changed")
        for tool, outcome in outcomes.items()
    }
    lines = _changed(outcomes["code-ops"])
    goals = [
        report.answer_goal(
            "one record changes in the diff, and the last line",
            found["code-ops"],
            lines == "2",
            f"{lines} lines",
        )
    ]
    notes = report.ratio_notes((found["code-ops"], found["sops"]))
    return report.Row("one of 200 secrets set anew", [*found.values()], goals, notes)


def _changed(outcome: contest.Outcome) -> str:
    return " or ".join(sorted({text.strip() for text in outcome.outputs})) or "no"


def _able(entrant: contest.Entrant, folder: Path, obstacles: dict[str, str]) -> contest.Entrant:
    """The entrant, unless it has no file; a reader need not know this machine's folders."""
    shown = entrant.shown.replace(f"{folder}/", "").replace(sys.executable, "python")
    reason = entrant.why_not or obstacles.get(entrant.name, "")
    return replace(entrant, shown=shown, why_not=reason)
