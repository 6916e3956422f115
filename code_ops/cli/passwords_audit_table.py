"""An audit on one screen: the share first, then schemes by count, then who is concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from code_ops.cli.console import printable
from code_ops.cli.logs_cells import print_table
from code_ops.cli.tables import table_console
from code_ops.numerals import number, percent, plural
from code_ops.password_audit import Audit, Finding, Group, Kind, Tally

_GROUPS = 20
_FINDINGS = 20
_STYLES = {"ok": "green", "below": "red", "unknown": "red", "empty": "bold red", "locked": "dim"}
_NAMES: dict[Kind, tuple[str, str]] = {
    "empty": ("empty password", ""),
    "unknown": ("not recognised", "not recognised"),
    "same-hash": ("hash of another row", "hashes of other rows"),
    "same-salt": ("salt of another row", "salts of other rows"),
    "same-password": ("password of another row", "passwords of other rows"),
    "short-salt": ("short salt", ""),
    "bcrypt-2a": ("bcrypt 2a", "bcrypt 2a"),
}


def share(tally: Tally) -> str:
    """``40%`` of those judged."""
    return percent(tally.share_below) if tally.below else "0%"


def summary(audit: Audit) -> str:
    """All in one line."""
    total = audit.total
    parts = [f"{plural(total.judged, 'password')}, {number(total.below)} below policy "]
    parts[0] += f"{audit.policy} ({share(total)})"
    if total.states["locked"]:
        parts.append(f"{number(total.states['locked'])} locked")
    for kind, (one, many) in _NAMES.items():
        count = audit.finding_counts[kind]
        if count:
            parts.append(plural(count, one, many))
    return ", ".join(parts)


def write_table(stream: TextIO, audit: Audit) -> None:
    """Writes the screen as wide as the terminal."""
    with table_console(stream) as console:
        style = "red" if audit.total.below else "green"
        console.print(Text(summary(audit), style=f"bold {style}"))
        if len(audit.sources) > 1:
            _print_files(console, audit.sources)
        if audit.groups:
            _print_groups(console, audit.groups, audit.total.rows)
        if audit.findings:
            _print_findings(console, audit)


def _print_files(console: Console, sources: Sequence[Tally]) -> None:
    rows = [
        [
            Text(number(each.judged)),
            Text(number(each.below), style="red" if each.below else ""),
            Text(share(each)),
            Text(printable(each.name)),
        ]
        for each in sources
    ]
    console.print()
    print_table(console, ["COUNT", "BELOW", "SHARE", "FILE"], rows)


def _print_groups(console: Console, groups: Sequence[Group], total: int) -> None:
    rows = [
        [
            Text(number(group.count)),
            Text(percent(group.count / total)),
            Text(group.state, style=_STYLES[group.state]),
            Text("-" if group.scheme == group.state else group.scheme),
            Text(" ".join(f"{name}={value}" for name, value in group.parameters)),
            Text(group.reason),
        ]
        for group in groups[:_GROUPS]
    ]
    console.print()
    print_table(console, ["COUNT", "SHARE", "STATE", "SCHEME", "COSTS", "REASON"], rows, wraps=True)
    if len(groups) > _GROUPS:
        console.print(f"and {number(len(groups) - _GROUPS)} more, see --format json")


def _print_findings(console: Console, audit: Audit) -> None:
    several = len(audit.sources) > 1
    shown = _chosen(audit.findings)
    rows = [
        [
            Text(printable(finding.user) or "-"),
            Text(_place(finding, several)),
            Text(printable(finding.reason)),
        ]
        for finding in shown
    ]
    console.print()
    print_table(console, ["USER", "ROW", "FINDING"], rows, wraps=True)
    counts = audit.finding_counts
    rest = sum(counts.values()) - counts["bcrypt-2a"] - len(shown)
    if rest > 0:
        console.print(f"and {number(rest)} more, see --format ndjson", style="dim")


def _place(finding: Finding, several: bool) -> str:
    return printable(f"{finding.source}:{finding.row}") if several else number(finding.row)


def _chosen(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The first of each kind in turn, so that none is hidden by a frequent one."""
    if len(findings) <= _FINDINGS:
        return findings
    kinds: dict[str, list[int]] = {}
    for place, finding in enumerate(findings):
        kinds.setdefault(finding.kind, []).append(place)
    chosen: list[int] = []
    depth = 0
    while len(chosen) < _FINDINGS:
        chosen += [places[depth] for places in kinds.values() if depth < len(places)]
        depth += 1
    return [findings[place] for place in sorted(chosen[:_FINDINGS])]
