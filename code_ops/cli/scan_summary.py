"""The words of a scan's summary: what is certain and what is not.

Plain text in lines with a label; the table's file gives them their looks.
"""

from __future__ import annotations

from collections.abc import Iterator

from code_ops.numerals import number, plural
from code_ops.scan_formats.report import ScanReport
from code_ops.scan_formats.tally import Tally
from code_ops.text import printable

# Names told one by one before the rest is counted.
_NAMES_SHOWN = 5

_Line = tuple[str, str]


def summary(report: ScanReport, tally: Tally, hosts: int) -> list[_Line]:
    """Label and text of each line."""
    lines = list(_run(report, tally, hosts))
    lines.append(("certain", _certain(report, tally)))
    doubts = list(_uncertain(report, tally))
    lines += [("uncertain", doubt) for doubt in doubts or ["nothing"]]
    if tally.met or tally.failed:
        text = f"{number(tally.met)} as expected, {number(tally.failed)} not as expected"
        lines.append(("expected", text))
    if report.differences is not None:
        lines.append(("baseline", _baseline(report)))
    return lines


def _run(report: ScanReport, tally: Tally, hosts: int) -> Iterator[_Line]:
    done = report.progress.done if report.progress else tally.total
    text = f"{plural(done, 'probe')} of {plural(hosts, 'host')} in {report.seconds:.2f} s"
    if report.seconds > 0:
        text += f", {number(round(done / report.seconds))} probes/s"
    yield "scanned", text
    if report.interrupted:
        total = report.progress.total if report.progress else 0
        rest = f": {plural(total - done, 'probe')} not done" if total > done else ""
        yield "interrupted", f"the results are not complete{rest}"
    found = ", ".join(f"{number(count)} {state}" for state, count in tally.states.items() if count)
    yield "found", found or "nothing"


def _certain(report: ScanReport, tally: Tally) -> str:
    states = tally.states
    answered = states["open"] + states["closed"]
    text = f"{plural(answered, 'port')} answered"
    if answered:
        text += f": {number(states['open'])} open, {number(states['closed'])} closed"
    progress = report.progress
    if progress and progress.canary_sent and not progress.canary_missed:
        text += f"; {plural(progress.canary_sent, 'canary', 'canaries')} sent, none missed"
    return text


def _uncertain(report: ScanReport, tally: Tally) -> Iterator[str]:
    for tries, count in tally.silent.items():
        yield (
            f"{plural(count, 'port')} gave no answer after {plural(tries, 'try', 'tries')}:"
            " filtered, or the packets were lost"
        )
    refused = tally.states["filtered"] - sum(tally.silent.values())
    if refused:
        yield f"{plural(refused, 'port')} filtered: something on the way refused the probe"
    if tally.states["unreachable"]:
        ports = plural(tally.states["unreachable"], "port")
        yield f"{ports} unreachable: no way to the host, or a router or firewall says so"
    yield from _own_doubts(report, tally)
    if tally.unresolved:
        shown = [
            f"{printable(name)} ({reason})"
            for name, reason in list(tally.unresolved.items())[:_NAMES_SHOWN]
        ]
        rest = len(tally.unresolved) - len(shown)
        more = f" and {number(rest)} more" if rest else ""
        names = plural(len(tally.unresolved), "name")
        yield f"{names} did not resolve: {', '.join(shown)}{more}"
    if report.problems:
        parts = plural(len(report.problems), "part")
        yield f"{parts} of the input could not be read"


def _own_doubts(report: ScanReport, tally: Tally) -> Iterator[str]:
    """What went wrong on our side, or was put right later."""
    errors = tally.local_errors
    if errors:
        names = ", ".join(f"{name} ({number(count)})" for name, count in errors.items())
        yield f"{plural(sum(errors.values()), 'port')} not probed, errors on this side: {names}"
    progress = report.progress
    if progress is None:
        return
    if progress.found_late:
        yield f"{plural(progress.found_late, 'port')} found only in a later pass"
    if progress.local_errors:
        yield (
            f"{plural(progress.local_errors, 'local error')} waited out:"
            " descriptors, ports or memory were short"
        )
    if progress.canary_missed:
        sent = plural(progress.canary_sent, "canary", "canaries")
        yield f"{number(progress.canary_missed)} of {sent} missed: answers were lost"


def _baseline(report: ScanReport) -> str:
    kinds = [difference.kind for difference in report.differences or []]
    counts = [
        f"{number(kinds.count(kind))} {kind}"
        for kind in ("new", "gone", "changed")
        if kind in kinds
    ]
    text = ", ".join(counts) or "no difference"
    if report.not_scanned:
        text += f"; {plural(report.not_scanned, 'port')} of it not scanned now"
    return text
