"""Markdown as GitHub reads it, for a comment on a change or a ticket of an incident.

Text of logs stands in code spans of tables, whose content is never markup, and on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from code_ops.log_reports import rates, words
from code_ops.numerals import duration, number, percent, three_digits
from code_ops.text import printable

_ROWS = 10
_FEW_ROWS = 5
_MOST_BARS = 60
# A comment has an end, and a table is read by eye; the other forms have the whole.
_LONGEST = 300
_RUN_OF_BACKTICKS = re.compile("`+")
# Of markup within a line, and of GitHub's own: names, numbers of issues, bare addresses.
_ACTIVE = re.compile(r"([\\`*_\[\]<>#!|~&@$]|:(?=[/\w])(?!\d)|\.(?=[A-Za-z]))")
_PERCENTILES = ("p50", "p90", "p95", "p99", "max")

_Document = Mapping[str, Any]
_Rows = Sequence[Mapping[str, Any]]


def render(document: _Document) -> str:
    """The report's text: the numbers first, then what went wrong, then what is frequent."""
    parts = [
        *_head(document),
        *_rate(document),
        *_messages(document, "problems", "Problems"),
        *_exceptions(document),
        *_messages(document, "messages", "Messages"),
        *_requests(document),
        *_fields(document),
        *_files(document),
    ]
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """A code span in a table that shows the text.

    A table ends a cell at each pipe but those behind a backslash, before it looks for spans; and
    it takes that backslash away. A pipe that has one already is written as a visible escape.
    """
    shown = printable(text)
    if len(shown) > _LONGEST:
        shown = shown[: _LONGEST - 4] + " ..."
    if not shown.strip(" "):
        return "(empty)"
    shown = shown.replace("\\|", "\\\\x7c").replace("|", "\\|")
    longest = max((len(run) for run in _RUN_OF_BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    # One blank at each end is taken off, which keeps backticks and blanks apart from the fence.
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def escaped(text: str) -> str:
    """Words of our own or of the system, of which nothing is markup within a line."""
    return _ACTIVE.sub(r"\\\1", printable(text))


def _head(document: _Document) -> Iterator[str]:
    yield "## Log report"
    yield _table(("", ""), [(f"**{name}**", text) for name, text in _facts(document)])


def _facts(document: _Document) -> Iterator[tuple[str, str]]:
    if document["files"]:
        yield "Log", _names(document)
    yield "Events", escaped(words.events(document))
    yield "Levels", _levels(document)
    if document["first"] is not None:
        yield "Time", escaped(words.span(document))
    for kind in ("bursts", "gaps"):
        if document["rate"][kind]:
            yield kind.capitalize(), escaped(words.stretches(document, kind))
    sources = [f"{code(row['name'])} {number(row['count'])}" for row in document["sources"][:6]]
    if sources:
        rest = document["sources_distinct"] - len(sources)
        more = f", and {number(rest)} more" if rest > 0 else ""
        yield "Sources", ", ".join(sources) + more
    for row in document["conditions"]:
        yield "Check", _verdict(row)
    if document["interrupted"]:
        yield "Note", words.INTERRUPTED
    for note in words.notes(document, document["time_zone"]):
        example = f", such as {code(note.example)}" if note.example else ""
        yield "Note", escaped(note.text) + example


def _names(document: _Document) -> str:
    names = [file["name"] for file in document["files"]]
    if len(names) > 1:
        return f"{len(names)} files"
    return "standard input" if names[0] == "-" else code(names[0])


def _levels(document: _Document) -> str:
    total = document["total"]
    found = [
        f"{name} {number(count)} ({percent(count / total)})"
        for name, count in document["levels"].items()
        if count
    ]
    return ", ".join(found) or "none"


def _verdict(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return f"{code(row['condition'])} **cannot be judged**"
    told = "**met**" if row["is_met"] else "not met"
    return f"{code(row['condition'])} is {told}: {row['value']:,.6g}"


def _rate(document: _Document) -> Iterator[str]:
    """Bars as the table on the terminal has them; they need a font of one width."""
    if len(document["rate"]["buckets"]) < 2:
        return
    seconds, bars = rates.bars(document["rate"], _MOST_BARS)
    lines = []
    for label, counts in (
        ("rate", [bar.events for bar in bars]),
        ("errors", [bar.errors for bar in bars]),
    ):
        if any(counts):
            most = f"most {number(max(counts))} in {duration(seconds)}"
            lines.append(f"{label:<6} {rates.drawn(counts)} {most}")
    yield "\n".join(("```text", *lines, "```"))


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> str:
    """The first so many columns hold numbers."""
    rules = ["---:" if index < numbers else "---" for index in range(len(titles))]
    lines = [titles, rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _messages(document: _Document, key: str, title: str) -> Iterator[str]:
    rows: _Rows = document[key][:_ROWS]
    # What is all there is would stand there twice.
    if not rows or (key == "messages" and document["messages"] == document["problems"]):
        return
    yield f"### {title}"
    yield _table(
        ("Count", "Level", "First", "Last", "Message"),
        [
            (
                number(row["count"]),
                escaped(row["level"]),
                *_first_last(document, row),
                code(row["template"]),
            )
            for row in rows
        ],
        numbers=1,
    )


def _first_last(document: _Document, row: Mapping[str, Any]) -> Iterator[str]:
    is_short = words.is_one_day(document)
    for key in ("first", "last"):
        yield escaped(words.short_time(row[key], is_one_day=is_short))


def _exceptions(document: _Document) -> Iterator[str]:
    if document["exceptions"]:
        yield "### Exceptions"
        rows = [
            (
                number(row["count"]),
                *_first_last(document, row),
                code(row["name"]),
                code(row["frames"][0]) if row["frames"] else "",
            )
            for row in document["exceptions"][:_ROWS]
        ]
        yield _table(("Count", "First", "Last", "Exception", "At"), rows, numbers=1)


def _requests(document: _Document) -> Iterator[str]:
    http = document["http"]
    if http is None:
        return
    yield f"### Requests: {number(http['requests'])}"
    methods = [(row["name"], row["count"]) for row in http["methods"][:6]]
    facts = [
        (f"**{title}**", ", ".join(f"{code(name)} {number(count)}" for name, count in counts))
        for title, counts in (("Statuses", http["classes"].items()), ("Methods", methods))
        if counts
    ]
    yield _table(("", ""), facts)
    for key, title in (
        ("failures", "Failure"),
        ("paths", "Path"),
        ("clients", "Client"),
        ("agents", "Agent"),
    ):
        rows = [(number(row["count"]), code(row["name"])) for row in http[key][:_FEW_ROWS]]
        if rows:
            rest = http[f"{key}_distinct"] - len(rows)
            more = f" (and {number(rest)} more)" if rest > 0 else ""
            yield _table(("Count", title + more), rows, numbers=1)


def _fields(document: _Document) -> Iterator[str]:
    rows = [
        (
            number(numbers["count"]),
            *(_value(numbers[key]) for key in _PERCENTILES),
            code(name),
        )
        for name, numbers in words.fields(document)[:_ROWS]
    ]
    if rows:
        yield "### Fields"
        titles = ("Count", *(key for key in _PERCENTILES), "Field")
        yield _table(titles, rows, numbers=1 + len(_PERCENTILES))


def _value(value: float | None) -> str:
    return "-" if value is None else three_digits(value)


def _files(document: _Document) -> Iterator[str]:
    """Where there are several, or one that was not read."""
    files: _Rows = document["files"]
    if len(files) < 2 and not any(file["error"] for file in files):
        return
    yield "### Files"
    rows = [
        (
            *(number(file[key]) if key in file else "-" for key in ("total", "errors")),
            escaped(", ".join(file.get("formats", {}))) or "-",
            code(file["name"]) + (f": {escaped(file['error'])}" if file["error"] else ""),
        )
        for file in files
    ]
    yield _table(("Events", "Errors", "Format", "File"), rows, numbers=2)
