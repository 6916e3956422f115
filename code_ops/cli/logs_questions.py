"""What ``logs top``, ``logs stats`` and ``logs hist`` share: asking all inputs, and the forms."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from code_ops.cli.logs_common import Reading, Wanted, readable
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from code_ops.log_events import LogQuestion
    from code_ops.log_inputs import LogInput

_FORMATS = ("auto", "table", "json", "ndjson", "csv")

FormatOption = Annotated[
    str,
    choice_option(
        _FORMATS,
        "--format",
        "-f",
        metavar="FORMAT",
        help="table, json, ndjson, csv, or auto: a table on a terminal, else JSON.",
    ),
]

ByOption = Annotated[
    list[str] | None,
    option("--by", "-b", metavar="FIELD,...", help="For each of the values of these fields."),
]

Report = dict[str, Any]
Row = dict[str, Any]


def ask_all(
    inputs: Sequence[LogInput], question: LogQuestion, wanted: Wanted, reading: Reading
) -> tuple[Report, list[str]]:
    """The report on all inputs, and what could not be read to its end."""
    analyzer = reading.analyzer()
    matching = wanted.matching(reading.time_zone)
    whole = analyzer.ask(b"", question, matching=matching)
    found, problems = readable(inputs)
    for one in found:
        try:
            part = analyzer.ask(Path(one.path), question, matching=matching)
        except OSError as error:
            problems.append(f"{one.name}: {(error.strerror or str(error)).lower()}")
            continue
        if part.problem:
            problems.append(f"{one.name}: {part.problem.lower()}")
        whole.merge(part)
    if whole.is_full:
        problems.append("more than 20,000 groups or 100,000 buckets: the report is of a part")
    return whole.report(), problems


def write_report(
    output: str,
    form: str,
    report: Report,
    rows: Callable[[Report], Iterable[Row]],
    table: Callable[[TextIO, Report], None],
) -> None:
    """Writes a report in the form that is asked for; rows are those of NDJSON and CSV."""
    with open_output(output) as target:
        if form == "auto":
            form = "table" if target.stream.isatty() else "json"
        if form == "table":
            table(target.stream, report)
        elif form == "json":
            _write_json(target.stream, report)
        elif form == "ndjson":
            for row in rows(report):
                target.stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            _write_csv(target.stream, rows(report))


def _write_json(stream: TextIO, report: Report) -> None:
    """An object with a row a line; ``v`` is the version of its keys."""
    members = [f'  "v": {report.pop("version")}']
    for key, value in report.items():
        if key == "rows" and value:
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
            members.append(f'  "rows": [\n{rows}\n  ]')
        else:
            members.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    stream.write("{\n" + ",\n".join(members) + "\n}\n")


def _write_csv(stream: TextIO, rows: Iterable[Row]) -> None:
    from code_ops.text import neutral

    writer = csv.writer(stream)
    for index, row in enumerate(rows):
        if index == 0:
            writer.writerow(row)
        writer.writerow(
            neutral(value) if isinstance(value, str) else value for value in row.values()
        )


def by_fields(texts: Sequence[str] | None) -> list[str]:
    """The fields of ``--by``; raises BadParameter for an empty name."""
    names = [name.strip() for text in texts or () for name in text.split(",")]
    if "" in names:
        raise typer.BadParameter("--by: a name is empty")
    return names
