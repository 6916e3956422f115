"""The table and the summary of a scan for people; the only file that imports rich.

Colours repeat what words already say. Closed, filtered and other unremarkable ports are
collapsed into one line a host once there are many, like nmap's "Not shown". The summary
then tells what is certain and what is not.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from code_ops.cli.scan_rows import LISTED_LIMIT, Row, TableCollector, host_text
from code_ops.cli.scan_summary import summary
from code_ops.scan import ScanResult
from code_ops.scan_formats.report import ScanReport
from code_ops.text import printable

__all__ = ["LISTED_LIMIT", "TableCollector", "render"]

_STYLES: dict[str, str] = {
    "open": "green",
    "closed": "dim",
    "filtered": "yellow",
    "unreachable": "yellow",
    "unresolved": "red",
    "local_error": "red",
    "new": "green",
    "gone": "red",
    "changed": "yellow",
    "uncertain": "yellow",
    "interrupted": "red",
}
_FAILED = "bold red"
_TITLES = ("HOST", "PORT", "SERVICE", "STATE", "REASON", "LATENCY", "EXPECTED")
_RIGHT_ALIGNED = ("PORT", "LATENCY")
_GAP = "  "
# Narrower than this, details are not wrapped any further.
_SHORTEST_DETAILS = 12

# A line's parts: text and the name of its style, "" for none.
_Line = list[tuple[str, str]]


def render(
    console: Console,
    results: Sequence[ScanResult] | TableCollector,
    report: ScanReport,
    *,
    failing_first: bool,
    only_open: bool,
) -> None:
    """Prints the table, the differences from the baseline, and the summary.

    ``only_open`` leaves out what is neither open nor a failed expectation; the summary
    counts it all the same.
    """
    if isinstance(results, TableCollector):
        collector = results
    else:
        collector = TableCollector()
        collector.write(results)
    rows = collector.rows(failing_first=failing_first, only_open=only_open)
    if rows:
        _print_rows(console, rows)
        console.print()
    if report.differences:
        console.print(_differences(report))
        console.print()
    for line in _summary(report, collector, console.width):
        console.print(line, soft_wrap=True)


def _print_rows(console: Console, rows: list[Row]) -> None:
    """One table where it fits; else each host's name on a line above its ports.

    Laid out by hand, because rich's own tables take a hundred times as long, and a host
    may have 65,535 open ports.
    """
    titles = _TITLES if any(row.expected for row in rows) else _TITLES[:-1]
    table = [_cells(row)[: len(titles)] for row in rows]
    widths = [
        max(_width(title), *(_width(cells[column]) for cells in table))
        for column, title in enumerate(titles)
    ]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= console.width:
        lines = _wide(rows, table, titles, widths)
    else:
        lines = _narrow(rows, console.width)
    segments: list[Segment] = []
    for line in lines:
        segments += [
            Segment(text, console.get_style(style) if style else None) for text, style in line
        ]
        segments.append(Segment.line())
    console.print(Segments(segments), end="", crop=False)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.host, row.port, row.service, row.state_text, row.reason, row.latency,
        row.expected_text,
    )  # fmt: skip


def _wide(
    rows: list[Row], table: list[tuple[str, ...]], titles: tuple[str, ...], widths: list[int]
) -> Iterator[_Line]:
    yield _padded(titles, titles, widths, ["bold"] * len(titles))
    above = ""
    for row, cells in zip(rows, table, strict=True):
        # A host's name stands at its first port only, so that hosts are told apart.
        shown = ("", *cells[1:]) if row.host == above else cells
        above = row.host
        failed = _FAILED if row.failed else ""
        yield _padded(titles, shown, widths, ["", "", "", _STYLES[row.state], "", "", failed])


def _padded(
    titles: tuple[str, ...], cells: tuple[str, ...], widths: list[int], styles: list[str]
) -> _Line:
    line: _Line = []
    for title, text, width, style in zip(titles, cells, widths, styles, strict=False):
        blanks = " " * (width - _width(text))
        before, after = (blanks, "") if title in _RIGHT_ALIGNED else ("", blanks)
        line += [(before, ""), (text, style), (after + _GAP, "")]
    while line and not line[-1][0].strip():
        line.pop()
    return line


def _narrow(rows: list[Row], width: int) -> Iterator[_Line]:
    """Nothing is cut: a long name is folded, details are wrapped under themselves."""
    state_width = max(len(row.state_text) for row in rows)
    indent = 2 + 5 + len(_GAP) + state_width + len(_GAP)
    room = max(_SHORTEST_DETAILS, width - indent)
    for host, group in groupby(rows, key=lambda row: row.host):
        for start in range(0, len(host), width):
            yield [(host[start : start + width], "bold")]
        for row in group:
            details = _details(row, room)
            state = (row.state_text.ljust(state_width) + _GAP, _STYLES[row.state])
            style = _FAILED if row.failed else ""
            yield [(f"  {row.port:>5}{_GAP}", ""), state, (details[0], style)]
            for more in details[1:]:
                yield [(" " * indent, ""), (more, style)]


def _details(row: Row, room: int) -> list[str]:
    # A number keeps its unit: the blank between them is none to textwrap.
    latency = row.latency.strip("-").replace(" ", "\N{NO-BREAK SPACE}")
    text = ", ".join(filter(None, (row.expected_text, row.service, row.reason, latency)))
    lines = textwrap.wrap(text, room, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines] or [""]


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _differences(report: ScanReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for difference in report.differences or []:
        host = host_text(difference.host, difference.ip)
        now = f"{difference.after} ({printable(difference.reason)})"
        was = difference.before or "not open"
        table.add_row(
            Text(difference.kind, _STYLES[difference.kind]),
            Text(f"{host} {difference.port}"),
            Text(f"{now}, was {was}"),
        )
    return table


def _summary(report: ScanReport, collector: TableCollector, width: int) -> Iterator[Text]:
    """Labels before their texts, which are folded under themselves; no blanks at line ends."""
    lines = summary(report, collector.tally, collector.hosts)
    indent = max(len(label) for label, _ in lines) + len(_GAP)
    above = ""
    for label, text in lines:
        shown = label if label != above else ""
        above = label
        folded = textwrap.wrap(text, max(_SHORTEST_DETAILS, width - indent)) or [""]
        style = _STYLES.get(label, "bold")
        yield Text.assemble((shown.ljust(indent), style), folded[0])
        yield from (Text(" " * indent + more) for more in folded[1:])
