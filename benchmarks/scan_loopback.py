"""The loopback rows of scan: all 65,535 ports of 127.0.0.1, one of them open.

nmap waits an idle second in most of its runs, and only when the ports include the range that
outgoing connections take theirs from. Its best run is the one without, so a median alone
would flatter us: this is why a ratio of the best runs has to hold too.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from benchmarks import contest, machine, measure, report
from benchmarks import scan_answers as answers

HOST = "127.0.0.1"
OPEN_PORT = 2024
LAST_PORT = 65_535
TRUTH = {(HOST, OPEN_PORT)}
STATES = {
    (HOST, port): "open" if port == OPEN_PORT else "closed" for port in range(1, LAST_PORT + 1)
}
PEAK_LIMIT_MB = 40
CALLS_LIMIT = 6
SLOW_RUNS = 3

NMAP = f"nmap -n -Pn -sT {{ports}} -T4 {HOST}"
RUSTSCAN = f"rustscan --no-config -b 4500 -t 500 --scripts none -a {HOST} -r {{ports}} --greppable"
CODE_OPS = f"scan {HOST} {{ports}} --format ndjson --open --timings"
TABLE = f"scan {HOST} -p- --format table --open"
FULL = f"scan {HOST} -p- --format ndjson --output {{output}}"
PYTHON = " --engine python"
STRACE = ["strace", "-f", "-c", "-o", measure.OUTPUT_PLACEHOLDER, "--"]

TITLE = "65,535 ports of 127.0.0.1, all but one closed"

Outcomes = dict[str, contest.Outcome]
Reader = Callable[[str], set[answers.Port]]


def rows(context: machine.Context) -> list[report.Row]:
    """All rows come from one contest, so every ratio is of one run."""
    outcomes = contest.hold(
        machine.own_loopback_prefix(),
        context.workspace / "loopback",
        [*entrants(context), *traced(context)],
        listen=[OPEN_PORT],
        obstacle=machine.namespace_obstacle(["ip"]),
    )
    return [
        open_row(outcomes),
        table_row(outcomes),
        full_row(outcomes),
        fallback_row(outcomes),
    ]


def entrants(context: machine.Context) -> list[contest.Entrant]:
    """Everybody who is timed."""
    code_ops, runs = context.code_ops, context.repeat
    slow_runs = min(runs, SLOW_RUNS)
    return [
        contest.rival("nmap", "nmap", NMAP.format(ports="-p-"), runs),
        contest.rival("rustscan", "RustScan", RUSTSCAN.format(ports=f"1-{LAST_PORT}"), runs),
        contest.ours("open", "code-ops", code_ops, CODE_OPS.format(ports="-p-"), runs),
        contest.ours("table", "code-ops", code_ops, TABLE, runs),
        contest.ours("full", "code-ops, native", code_ops, FULL, runs),
        contest.ours("python", "code-ops, Python", code_ops, FULL + PYTHON, slow_runs),
    ]


def traced(context: machine.Context) -> list[contest.Entrant]:
    """The same under strace, for all ports and for one: the difference is the probes' cost."""
    code_ops = context.code_ops
    pairs = [
        contest.ours("open-all", "code-ops", code_ops, CODE_OPS.format(ports="-p-"), 1),
        contest.ours("open-one", "code-ops", code_ops, CODE_OPS.format(ports="-p 1"), 1),
    ]
    if not context.quick:
        pairs += [
            contest.rival("nmap-all", "nmap", NMAP.format(ports="-p-"), 1),
            contest.rival("nmap-one", "nmap", NMAP.format(ports="-p1"), 1),
            contest.rival("rustscan-all", "RustScan", RUSTSCAN.format(ports="1-65535"), 1),
            contest.rival("rustscan-one", "RustScan", RUSTSCAN.format(ports="1-1"), 1),
        ]
    missing = "" if shutil.which("strace") else "strace not installed"
    return [
        replace(each, argv=[*STRACE, *each.argv], why_not=each.why_not or missing) for each in pairs
    ]


def calls_per_probe(outcomes: Outcomes, name: str) -> float | None:
    """System calls of a scan of all ports less those of one port, a probe; None if not had."""
    totals = []
    for part in ("all", "one"):
        outcome = outcomes.get(f"{name}-{part}")
        if not outcome or not outcome.outputs:
            return None
        totals.append(answers.system_calls(outcome.outputs[0]))
    return (totals[0] - totals[1]) / (LAST_PORT - 1)


def open_differences(outcome: contest.Outcome, read: Reader) -> list[answers.Difference]:
    """How each run's open ports differ from the one that is open."""
    return [answers.difference(read(text), TRUTH) for text in outcome.outputs]


def open_measurement(outcome: contest.Outcome, read: Reader) -> report.Measurement:
    """An outcome judged by its open ports."""
    differences = open_differences(outcome, read)
    said = answers.in_words(differences, len(TRUTH)) if differences else ""
    return contest.measurement(outcome, said)


def rivals(outcomes: Outcomes) -> tuple[report.Measurement, report.Measurement]:
    """nmap and RustScan."""
    return (
        open_measurement(outcomes["nmap"], answers.read_nmap),
        open_measurement(outcomes["rustscan"], answers.read_rustscan),
    )


def open_row(outcomes: Outcomes) -> report.Row:
    """The row of the goals: only what is open is printed, as the rivals do."""
    nmap, rustscan = rivals(outcomes)
    ours = open_measurement(outcomes["open"], answers.read_ndjson)
    told = answers.agreed(open_differences(outcomes["open"], answers.read_ndjson))
    scan = [answers.scan_seconds(text) for text in outcomes["open"].errors]
    seconds = [each for each in scan if each is not None]
    calls = calls_per_probe(outcomes, "open")
    goals = [
        report.ratio_goal("whole process", 1.0, ours, nmap),
        report.ratio_goal("the scan itself (--timings)", 0.75, ours, nmap, seconds),
        report.limit_goal(f"peak <= {PEAK_LIMIT_MB} MB", ours, ours.peak_mb, PEAK_LIMIT_MB, "MB"),
        report.limit_goal(
            f"at most {CALLS_LIMIT} system calls a closed probe", ours, calls, CALLS_LIMIT, "calls"
        ),
        report.answer_goal("the one open port, no other", ours, told, ours.answers),
    ]
    others = [(name, calls_per_probe(outcomes, name.lower())) for name in ("nmap", "RustScan")]
    notes = [f"{name}: {each:.1f} system calls a probe" for name, each in others if each]
    notes += report.ratio_notes((ours, rustscan))
    if seconds:
        notes.append(f"the scan itself: best {min(seconds):.3f} s")
    return report.Row(TITLE, [nmap, rustscan, ours], goals, notes)


def table_row(outcomes: Outcomes) -> report.Row:
    """The form a person reads."""
    nmap, _ = rivals(outcomes)
    ours = open_measurement(outcomes["table"], answers.read_table)
    told = answers.agreed(open_differences(outcomes["table"], answers.read_table))
    goals = [
        report.answer_goal("the one open port, no other", ours, told, ours.answers),
    ]
    return report.Row("The same as a table", [nmap, ours], goals, report.ratio_notes((ours, nmap)))


def states_in_words(outcome: contest.Outcome) -> list[str]:
    """What is wrong with each run's full record of states; empty words when nothing is."""
    return [wrong_states(answers.read_states(text)) for text in outcome.outputs]


def wrong_states(records: list[tuple[answers.Port, str]]) -> str:
    """How the records differ from one a port with the true state; empty when they do not."""
    problems = []
    if len(records) != LAST_PORT:
        problems.append(f"{len(records):,} records instead of {LAST_PORT:,}")
    wrong = Counter(state for port, state in records if STATES.get(port) != state)
    problems += [f"{count:,} falsely {state}" for state, count in sorted(wrong.items())]
    if len({port for port, _ in records}) != len(records):
        problems.append("some ports more than once")
    return ", ".join(problems)


def full_measurement(outcome: contest.Outcome) -> tuple[report.Measurement, str]:
    """An outcome judged by all its states, and the first thing wrong with it."""
    wrong = next((words for words in states_in_words(outcome) if words), "")
    right = f"{LAST_PORT:,} records, every state right"
    return contest.measurement(outcome, wrong or right), wrong


def full_row(outcomes: Outcomes) -> report.Row:
    """Every port has its record, also the closed ones, written to a file."""
    nmap, _ = rivals(outcomes)
    ours, wrong = full_measurement(outcomes["full"])
    goals = [
        report.answer_goal(
            f"{LAST_PORT:,} records, every state right", ours, not wrong, ours.answers
        ),
    ]
    title = "The same with a record for every port, to a file"
    return report.Row(title, [nmap, ours], goals, report.ratio_notes((ours, nmap)))


def fallback_row(outcomes: Outcomes) -> report.Row:
    """What the native engine is worth, and that both say the same."""
    native, wrong_native = full_measurement(outcomes["full"])
    python, wrong_python = full_measurement(outcomes["python"])
    same = native.answers == python.answers
    measured = python.answers if same else f"{native.answers}; {python.answers}"
    met = same and not (wrong_native or wrong_python)
    absent = native if native.not_run else python
    goals = [
        report.answer_goal("both engines give the same results", absent, met, measured),
    ]
    title = "The Python fallback, a record for every port"
    return report.Row(title, [native, python], goals, report.ratio_notes((python, native)))
