"""The pure parts of the benchmark runner. Nothing here asserts a time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The benchmarks are no part of the installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import contest, machine, measure, report, scan_answers
from benchmarks.report import Goal, Measurement, Row, Section

NMAP = Measurement(
    "nmap", "nmap -p- host", [1.0, 3.0, 2.0], [1.0, 1.0, 1.0], 23.0, 10.0, "all 1 found"
)
MISSING = Measurement("RustScan", "rustscan -a host", not_run="not installed")
FAILED = Measurement("code-ops", "code-ops scan", not_run="exit 4: no descriptors", failed=True)


def ours(*seconds: float) -> Measurement:
    """A code-ops that took this long."""
    return Measurement("code-ops", "code-ops scan", list(seconds), list(seconds), 30.0, 10.0, "yes")


def section(noun: str, *goals: Goal, quick: bool = False) -> Section:
    """A section with one row of these goals."""
    row = Row("A row", [NMAP, MISSING, FAILED], list(goals), ["a note"])
    return Section(noun, "2026-01-02", quick, {"cores": "2"}, {"nmap": "7.93"}, [row])


@pytest.mark.parametrize(
    ("mine", "theirs", "met", "measured"),
    [
        (ours(0.5, 1.0), NMAP, True, "0.50 x best, 0.38 x median"),
        (ours(1.0, 2.0, 3.0), NMAP, True, "1.00 x best, 1.00 x median"),
        # The worse of the two ratios decides, whichever it is.
        (ours(1.1, 1.1, 1.1), NMAP, False, "1.10 x best, 0.55 x median"),
        (ours(0.9, 2.1, 2.1), NMAP, False, "0.90 x best, 1.05 x median"),
        (ours(1.0), MISSING, None, "not run: RustScan: not installed"),
        (MISSING, NMAP, None, "not run: RustScan: not installed"),
        # To fail at the job is a loss, to be absent is not.
        (FAILED, NMAP, False, "failed: code-ops: exit 4: no descriptors"),
    ],
)
def test_a_ratio_is_judged(
    mine: Measurement, theirs: Measurement, met: bool | None, measured: str
) -> None:
    goal = report.ratio_goal("whole process", 1.0, mine, theirs)
    assert goal == Goal(f"whole process <= 1.0 x {theirs.tool}", measured, met)


@pytest.mark.parametrize(
    ("value", "met"), [(39.9, True), (40.0, True), (40.1, False), (None, None)]
)
def test_a_limit_is_judged(value: float | None, met: bool | None) -> None:
    assert report.limit_goal("peak <= 40 MB", ours(1.0), value, 40.0, "MB").met is met


def test_results_are_rendered_and_other_nouns_are_kept(tmp_path: Path) -> None:
    won, lost = Goal("faster", "0.50 x", True), Goal("smaller", "2.00 x", False)
    unknown = Goal("truer", "not run: RustScan: not installed", None)
    report.save(section("logs", won), tmp_path)
    report.save(section("scan", won, lost, unknown, quick=True), tmp_path)

    assert report.load_all(tmp_path / "results") == [
        section("logs", won),
        section("scan", won, lost, unknown, quick=True),
    ]
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    logs, scan = text.split("## scan\n")
    assert "## logs\n" in logs
    assert "Goals: 1 met, 0 not met, 0 not judged." in logs
    assert "Goals: 1 met, 1 not met, 1 not judged.\nA quick run" in scan
    for line in (
        "| nmap | 3 | 1.000 | 2.000 | 1.000 | 23.0 | all 1 found |",
        "| RustScan | 0 | - | - | - | - | not run: not installed |",
        "| code-ops | 0 | - | - | - | - | failed: exit 4: no descriptors |",
        "| faster | 0.50 x | yes |",
        "| smaller | 2.00 x | **no** |",
        "| truer | not run: RustScan: not installed | - |",
        "- a note",
        "nmap -p- host",
    ):
        assert f"\n{line}\n" in scan


def test_answers_are_read_and_compared() -> None:
    open_ports = {("127.0.0.1", 22), ("127.0.0.1", 80)}
    nmap = "Nmap scan report for 127.0.0.1\n22/tcp open ssh\n25/tcp filtered smtp\n80/tcp open http"
    rustscan = "127.0.0.1 -> [22,80]\n"
    record = '{"ip":"127.0.0.1","port":%d,"state":"%s"}\n'
    ndjson = record % (22, "open") + record % (80, "open") + record % (81, "closed")
    wide = (
        "HOST       PORT  SERVICE  STATE\n"
        "127.0.0.1    22  ssh      open\n"
        "             80           open\n"
    )
    narrow = "127.0.0.1\n     22  open  ssh\n     80  open\n     81  closed\n"
    summary = "\nscanned  1 address\n         2 open\n"
    assert scan_answers.read_nmap(nmap) == open_ports
    assert scan_answers.read_rustscan(rustscan) == open_ports
    assert scan_answers.read_ndjson(ndjson) == open_ports
    assert scan_answers.read_table(wide + summary) == open_ports
    assert scan_answers.read_table(narrow + summary) == open_ports
    assert scan_answers.read_table(summary.lstrip()) == set()
    assert len(scan_answers.read_ndjson(ndjson + "no record\n") - open_ports) == 1

    same = scan_answers.difference(open_ports, open_ports)
    other = scan_answers.difference({("127.0.0.1", 22), ("127.0.0.1", 9)}, open_ports)
    assert scan_answers.agreed([same, same])
    assert not scan_answers.agreed([same, other])
    assert scan_answers.in_words([same], 2) == "all 2 found"
    assert scan_answers.in_words([same, other], 2) == "0-1 of 2 missed, 0-1 false"


def test_side_channels_are_read() -> None:
    strace = (
        "% time     seconds  usecs/call     calls    errors syscall\n"
        "------ ----------- ----------- --------- --------- ----------------\n"
        " 60.00    0.000300           3       100        99 connect\n"
        " 40.00    0.000200           2       101           close\n"
        "------ ----------- ----------- --------- --------- ----------------\n"
        "100.00    0.000500           2       201        99 total\n"
    )
    timings = 'note\n{"timings":{"startup_s":0.1,"scan_s":0.25,"output_s":0.0}}\n'
    assert scan_answers.system_calls(strace) == 201
    assert scan_answers.scan_seconds(timings) == 0.25
    assert scan_answers.scan_seconds("nothing of the kind\n") is None


def test_commands_take_turns_and_keep_their_outputs(tmp_path: Path) -> None:
    def shell(name: str, text: str, runs: int) -> contest.Entrant:
        argv = ["sh", "-c", text, "sh", measure.OUTPUT_PLACEHOLDER]
        return contest.Entrant(name, name, argv, f"sh {name}", runs)

    entrants = [
        shell("twice", "echo twice >> order; cat order > $1", 2),
        shell("fails", "echo fails >> order; echo why >&2; exit 3", 1),
        contest.rival("absent", "Absent", "no-such-program-anywhere", 1),
    ]
    outcomes = contest.hold([], tmp_path, entrants)
    assert outcomes["twice"].outputs == ["twice\n", "twice\nfails\ntwice\n"]
    assert outcomes["fails"].problem == "exit 3: why"
    assert not outcomes["fails"].outputs
    assert outcomes["absent"].problem == "not installed"

    measured = contest.measurement(outcomes["twice"], "right")
    assert len(measured.seconds) == 2
    assert not measured.not_run
    assert contest.measurement(outcomes["fails"], "").failed
    assert not contest.measurement(outcomes["absent"], "").failed


def test_a_namespace_that_lacks_a_tool_is_an_obstacle() -> None:
    assert machine.namespace_obstacle(["no-such-program-anywhere"]).endswith("not installed")
