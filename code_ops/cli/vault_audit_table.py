"""An audit on one screen: who can open each vault, then what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from code_ops.cli.console import printable
from code_ops.cli.tables import table_console
from code_ops.cli.vault_table import shown_detail
from code_ops.numerals import plural
from code_ops.vault_audit import Audit, Audited
from code_ops.vault_history import Commit, History, who_of

_STYLES = {"error": "red", "warning": "yellow", "note": ""}
_UNKNOWN = {"none": "not in git", "part": "before git's history", "whole": "not committed"}


def write_table(stream: TextIO, audit: Audit) -> None:
    """Writes the screen as wide as the terminal."""
    with table_console(stream) as console:
        for audited in audit.vaults:
            _print_vault(console, audited)
        _print_findings(console, audit)


def _print_vault(console: Console, audited: Audited) -> None:
    overview, history = audited.overview, audited.history
    parts = [plural(len(overview.secrets), "secret"), f"generation {overview.generation}"]
    parts.append("verified" if audited.is_verified else "not verified")
    console.print(Text(f"{printable(audited.path)}: {', '.join(parts)}", style="bold"))
    table = _table("TYPE", "LABEL", "DETAIL", "SINCE", "UNTIL")
    for slot in overview.slots:
        since = _since(history, history.since.get(who_of(*slot)))
        cells = (slot.kind, slot.label, shown_detail(slot.detail), since, "")
        table.add_row(*_texts(cells))
    for each in history.departed:
        since = _since(history, history.since.get(each.who))
        until = f"{each.left.date} {each.left.id[:8]}" if each.left else "not committed"
        kind, label, detail = each.who
        cells = (kind, label, shown_detail(detail), since, until)
        table.add_row(*_texts(cells), style="dim")
    console.print(table)
    console.print()


def _texts(cells: Iterable[str]) -> Iterator[Text]:
    return (Text(printable(cell)) for cell in cells)


def _since(history: History, commit: Commit | None) -> str:
    return f"{commit.date} {commit.id[:8]}" if commit else _UNKNOWN[history.extent]


def _print_findings(console: Console, audit: Audit) -> None:
    if not audit.findings:
        console.print(Text(f"{plural(audit.files, 'file')}, no findings", style="bold green"))
        return
    table = _table("LEVEL", "WHERE", "WHAT")
    for finding in audit.findings:
        place = f"{finding.path}: {finding.name}" if finding.name else finding.path
        cells = (finding.level, printable(place), printable(finding.message))
        table.add_row(*map(Text, cells), style=_STYLES[finding.level])
    console.print(table)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
