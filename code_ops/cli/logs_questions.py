"""What ``logs top``, ``logs stats`` and ``logs hist`` share: asking all inputs, and the forms."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.logs_common import (
    Reading,
    Wanted,
    ended,
    form_of_name,
    note_if_none,
    readable,
)
from code_ops.cli.output import open_output
from code_ops.cli.parameters import choice_option, option

if TYPE_CHECKING:
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
        help="table, json, ndjson, csv, or auto: as the name of --output ends, else a table on a "
        "terminal and JSON elsewhere.",
    ),
]

ByOption = Annotated[
    list[str] | None,
    option("--by", "-b", metavar="FIELD,...", help="For each of the values of these fields."),
]

Report = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The report on all inputs, and what became of them."""

    report: Report
    problems: list[str]
    """Inputs that could not be read to their end, and limits that were met."""
    is_interrupted: bool

    def ended(
        self,
        console: Console,
        missing: str | None,
        hint: Callable[[], str | None] = lambda: None,
    ) -> ExitCode:
        """Tells of all that is not as wanted; ``missing`` is what no event has."""
        code = ended(console, self.problems)
        if self.is_interrupted:
            console.error("interrupted: the report is of what was read until then")
            return ExitCode.INTERRUPTED
        if code == ExitCode.OK and self.report["events"] and missing is not None:
            console.error(f"no event has {missing}")
            if text := hint():
                console.hint(text)
            return ExitCode.NOT_AS_EXPECTED
        note_if_none(console, self.report["events"], self.report["filtered"])
        return code


def ask_all(
    inputs: Sequence[LogInput], question: LogQuestion, wanted: Wanted, reading: Reading
) -> Asked:
    """Asks one input after the other."""
    analyzer = reading.analyzer()
    matching = wanted.matching(reading.time_zone)
    whole = analyzer.ask(b"", question, matching=matching)
    found, problems = readable(inputs)
    is_interrupted = False
    for one in found:
        try:
            part = analyzer.ask(Path(one.path), question, matching=matching)
        except OSError as error:
            problems.append(f"{one.name}: {(error.strerror or str(error)).lower()}")
            continue
        except KeyboardInterrupt:
            is_interrupted = True
            rest = analyzer.interrupted_answer()
            if rest is not None:
                whole.merge(rest)
            break
        if part.problem:
            problems.append(f"{one.name}: {part.problem.lower()}")
        whole.merge(part)
    if whole.is_full:
        problems.append("more than 20,000 groups or 100,000 buckets: the report is of a part")
    return Asked(whole.report(), problems, is_interrupted)


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
            form = form_of_name(output, _FORMATS) or ("table" if target.stream.isatty() else "json")
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


def column(name: str, others: Iterable[str]) -> str:
    """The name of a field's column, beside those that every row has."""
    return f"field.{name}" if name in others else name


def by_fields(texts: Sequence[str] | None) -> list[str]:
    """The fields of ``--by``; raises BadParameter for an empty name."""
    names = [name.strip() for text in texts or () for name in text.split(",")]
    if "" in names:
        raise typer.BadParameter("--by: a name is empty")
    return names
