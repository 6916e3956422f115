"""The fleet rows of scan: 254 hosts with open, closed and silent ports, with and without loss."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import contest, machine, report
from benchmarks import scan_answers as answers

HOSTS = [f"127.0.1.{number}" for number in range(1, 255)]
PORTS = "20000-20099,25000-25099"
OPEN = {(host, port) for host in HOSTS for port in range(20000, 20010)}
LOSS_PERCENT = 3
LOSS_RUNS = 5
QUICK_LOSS_RUNS = 2
HOSTS_FILE = "hosts.txt"

NMAP = f"nmap -n -Pn -sT -T4 -p {PORTS} 127.0.1.1-254"
# RustScan takes neither address ranges nor several port ranges.
RUSTSCAN_PORTS = ",".join(str(port) for port in (*range(20000, 20100), *range(25000, 25100)))
RUSTSCAN = (
    f"rustscan --no-config -b 4500 -t 1000 --scripts none --greppable -a {HOSTS_FILE} -p PORTS"
)
CODE_OPS = f"scan 127.0.1.1-254 -p {PORTS} --timeout 1s --format ndjson --open"

READERS = {
    "code-ops": answers.read_ndjson,
    "nmap": answers.read_nmap,
    "rustscan": answers.read_rustscan,
}


def rows(context: machine.Context) -> list[report.Row]:
    """The fleet without and with loss."""
    return [plain_row(context), loss_row(context)]


def obstacle(context: machine.Context) -> str:
    """Why the fleet cannot be set up here; empty when it can."""
    if not context.fleet.is_file():
        return "the fleet script was not found (--fleet PATH)"
    return machine.namespace_obstacle(["ip", "nft"])


def entrants(context: machine.Context, runs: int) -> list[contest.Entrant]:
    """nmap runs once: its half minute to two minutes need no second look."""
    left_out = "left out of a quick run" if context.quick else ""
    nmap = contest.rival("nmap", "nmap", NMAP, 1)
    rustscan = contest.rival("rustscan", "RustScan", RUSTSCAN, runs)
    argv = [RUSTSCAN_PORTS if word == "PORTS" else word for word in rustscan.argv]
    return [
        replace(nmap, why_not=nmap.why_not or left_out),
        replace(rustscan, argv=argv),
        contest.ours("code-ops", "code-ops", context.code_ops, CODE_OPS, runs),
    ]


def held(
    context: machine.Context, loss: int, runs: int
) -> tuple[dict[str, report.Measurement], dict[str, list[answers.Difference]]]:
    """Each entrant's measurement, and how each of its runs differs from the truth."""
    folder = context.workspace / f"fleet-{loss}"
    folder.mkdir()
    (folder / HOSTS_FILE).write_text("\n".join(HOSTS) + "\n", encoding="utf-8")
    options = ["--loss", str(loss)] if loss else []
    prefix = [*machine.root_prefix(), str(context.fleet), *options, "--"]
    outcomes = contest.hold(prefix, folder, entrants(context, runs), obstacle=obstacle(context))
    differences = {
        name: [answers.difference(READERS[name](text), OPEN) for text in outcome.outputs]
        for name, outcome in outcomes.items()
    }
    wrapper = " ".join(["fleet", *options, "-- "])
    measurements = {
        name: contest.measurement(outcome, said(differences[name]), wrapper)
        for name, outcome in outcomes.items()
    }
    return measurements, differences


def said(differences: list[answers.Difference]) -> str:
    """The answers in words; nothing when there were no runs."""
    return answers.in_words(differences, len(OPEN)) if differences else ""


def plain_row(context: machine.Context) -> report.Row:
    """Speed where a silent port costs its whole time limit."""
    measured, differences = held(context, 0, context.repeat)
    ours, rustscan, nmap = measured["code-ops"], measured["rustscan"], measured["nmap"]
    found = answers.agreed(differences["code-ops"])
    goals = [
        report.ratio_goal("whole process", 0.7, ours, rustscan),
        report.answer_goal(f"all {len(OPEN):,} open ports, no other", ours, found, ours.answers),
    ]
    title = f"A fleet of {len(HOSTS)} hosts, 200 ports each: 10 open, 100 silent, 90 closed"
    return report.Row(title, list(measured.values()), goals, report.ratio_notes((ours, nmap)))


def loss_row(context: machine.Context) -> report.Row:
    """Truth on a bad link: every lost SYN of an open port is a chance to miss it."""
    runs = QUICK_LOSS_RUNS if context.quick else LOSS_RUNS
    measured, differences = held(context, LOSS_PERCENT, runs)
    ours, rustscan, nmap = measured["code-ops"], measured["rustscan"], measured["nmap"]
    told = answers.agreed(differences["code-ops"])
    words = ours.answers
    if told and runs < LOSS_RUNS:
        words = f"not judged: {words}, but {LOSS_RUNS} runs are asked for"
    met = None if told and runs < LOSS_RUNS else told
    goals = [
        report.ratio_goal("whole process", 1.0, ours, rustscan),
        report.answer_goal(f"none missed, none false in {LOSS_RUNS} runs", ours, met, words),
    ]
    title = f"The same fleet with {LOSS_PERCENT} % of the SYN packets lost"
    return report.Row(title, list(measured.values()), goals, report.ratio_notes((ours, nmap)))
