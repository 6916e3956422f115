"""The parts of the page that are tables: levels, messages, exceptions, requests, fields, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from code_ops.log_reports.html_chart import levels_bar
from code_ops.log_reports.html_parts import (
    Cell,
    Html,
    Kind,
    Section,
    code,
    count_cell,
    joined,
    section,
    share_cell,
    shown_of,
    table,
    tag,
    time_cell,
)
from code_ops.log_reports.words import is_one_day
from code_ops.numerals import number, three_digits

_PERCENTILES = ("min", "p50", "p90", "p95", "p99", "max", "sum")
_COUNT = ("Count", Kind.NUMBER)
_FIRST_LAST = (("First", Kind.TIME), ("Last", Kind.TIME))

_Document = Mapping[str, Any]
_Rows = Sequence[Mapping[str, Any]]


def levels(document: _Document) -> Section:
    """Those that occur, the worst first."""
    total = document["total"]
    found = [(name, count) for name, count in document["levels"].items() if count]
    if not found:
        return section("levels", "Levels", tag("p", "No events.", class_="muted"))
    rows = [
        (
            _level_cell(document, name),
            count_cell(count),
            share_cell(count, total),
        )
        for name, count in found
    ]
    columns = (
        ("Level", Kind.LEVEL),
        ("Events", Kind.NUMBER),
        ("Share", Kind.SHARE),
    )
    told = ", ".join(
        f"{name} {number(count)}" for name, count in document["level_sources"].items() if count
    )
    note = tag("p", f"What told the level: {told}.", class_="muted")
    return section("levels", "Levels", levels_bar(document), table("Levels", columns, rows), note)


def messages(document: _Document, key: str, title: str) -> Section | None:
    """Templates with an example each; None where there are none."""
    found: _Rows = document[key]
    if not found:
        return None
    is_short = is_one_day(document)
    rows = [
        (
            count_cell(row["count"]),
            _level_cell(document, row["level"]),
            time_cell(row["first"], is_one_day=is_short),
            time_cell(row["last"], is_one_day=is_short),
            Cell(_with_example(row), row["template"]),
        )
        for row in found
    ]
    columns = (_COUNT, ("Level", Kind.LEVEL), *_FIRST_LAST, ("Message", Kind.WIDE))
    small = "level warning and worse, the worst first" if key == "problems" else ""
    if key == "messages":
        small = shown_of(len(rows), document["messages_distinct"])
    return section(key, title, table(title, columns, rows), small=small)


def _with_example(row: Mapping[str, Any]) -> Html:
    template = code(row["template"], blanks=True)
    example = row["example"]
    if not example or example == row["template"]:
        return template
    more = tag("p", tag("span", "for example ", class_="muted"), code(example), class_="more")
    return tag("details", tag("summary", template), more)


def exceptions(document: _Document) -> Section | None:
    """What was thrown, with the frames behind it."""
    found: _Rows = document["exceptions"]
    if not found:
        return None
    is_short = is_one_day(document)
    rows = [
        (
            count_cell(row["count"]),
            time_cell(row["first"], is_one_day=is_short),
            time_cell(row["last"], is_one_day=is_short),
            Cell(_trace(row), row["name"]),
        )
        for row in found
    ]
    columns = (_COUNT, *_FIRST_LAST, ("Exception", Kind.WIDE))
    small = shown_of(len(rows), document["exceptions_distinct"])
    return section("exceptions", "Exceptions", table("Exceptions", columns, rows), small=small)


def _trace(row: Mapping[str, Any]) -> Html:
    frames = [frame for frame in row["frames"] if frame]
    parts = [tag("ol", *(tag("li", code(frame)) for frame in frames), class_="frames")]
    if row["example"]:
        said = tag("span", "for example at ", class_="muted")
        parts.append(tag("p", said, code(row["example"])))
    first = joined((" ", tag("span", code(frames[0]), class_="muted"))) if frames else Html()
    summary = tag("summary", tag("strong", code(row["name"])), first)
    return tag("details", summary, tag("div", *parts, class_="more"))


def sources(document: _Document) -> Section | None:
    """Where events came from."""
    found: _Rows = document["sources"]
    if not found:
        return None
    rows = [
        (
            count_cell(row["count"]),
            count_cell(row["errors"]),
            share_cell(row["count"], document["total"]),
            Cell(code(row["name"]), row["name"]),
        )
        for row in found
    ]
    columns = (
        ("Events", Kind.NUMBER),
        ("Errors", Kind.NUMBER),
        ("Share", Kind.SHARE),
        ("Source", Kind.WIDE),
    )
    small = shown_of(len(rows), document["sources_distinct"])
    return section("sources", "Sources", table("Sources", columns, rows), small=small)


def requests(document: _Document) -> Section | None:
    """What access logs say; None where there was none."""
    http = document["http"]
    if http is None:
        return None
    total = http["requests"]
    parts = [
        _counted("Status classes", "Class", http["classes"].items(), total),
        _counted("Statuses", "Status", http["statuses"].items(), total),
    ]
    for key, title, one in (
        ("methods", "Methods", "Method"),
        ("failures", "Failures", "Status and path"),
        ("paths", "Paths", "Path"),
        ("clients", "Clients", "Client"),
        ("agents", "Agents", "Agent"),
    ):
        pairs = [(row["name"], row["count"]) for row in http[key]]
        small = shown_of(len(pairs), http.get(f"{key}_distinct", 0))
        parts.append(_counted(title, one, pairs, total, small))
    sizes = ""
    if http["bytes"]["count"]:
        sizes = joined((tag("h3", "Response sizes in bytes"), _numbers("Bytes", http)))
    columns = tag("div", *parts, class_="columns")
    return section("requests", "Requests", columns, sizes, small=f"{number(total)} in access logs")


def _counted(
    title: str, one: str, counts: Iterable[tuple[str, int]], total: int, small: str = ""
) -> Html:
    rows = [
        (count_cell(count), share_cell(count, total), Cell(code(name), name))
        for name, count in counts
    ]
    columns = (_COUNT, ("Share", Kind.SHARE), (one, Kind.WIDE))
    heading = tag("h3", title, *((" ", tag("small", small)) if small else ()))
    return tag("section", heading, table(title, columns, rows)) if rows else Html()


def fields(document: _Document) -> Section | None:
    """Numbers of structured logs."""
    if not document["fields"]:
        return None
    whole = _numbers("Field", document["fields"])
    return section("fields", "Fields", whole, small="percentiles are within 1 % of the exact ones")


def _numbers(title: str, holder: Mapping[str, Any]) -> Html:
    """A row of percentiles for each name whose value has them."""
    rows = [
        (
            Cell(code(name), name),
            count_cell(numbers["count"]),
            *(_value_cell(numbers[key]) for key in _PERCENTILES),
        )
        for name, numbers in holder.items()
        if isinstance(numbers, Mapping) and "p50" in numbers
    ]
    columns = ((title, Kind.TEXT), _COUNT, *((key, Kind.NUMBER) for key in _PERCENTILES))
    return table(title, columns, rows)


def _value_cell(value: float | None) -> Cell:
    return Cell("-", "") if value is None else Cell(three_digits(value), value)


def files(document: _Document) -> Section | None:
    """Each input; None where there is but one, and nothing to tell of it."""
    found: _Rows = document["files"]
    if len(found) < 2:
        return None
    is_short = is_one_day(document)
    rows = [
        (
            count_cell(file.get("total")),
            count_cell(file.get("errors")),
            count_cell(file.get("warnings")),
            time_cell(file.get("first"), is_one_day=is_short),
            time_cell(file.get("last"), is_one_day=is_short),
            Cell(", ".join(file.get("formats", {})) or "-"),
            Cell(_file(file), file["name"]),
        )
        for file in found
    ]
    columns = (
        ("Events", Kind.NUMBER),
        ("Errors", Kind.NUMBER),
        ("Warnings", Kind.NUMBER),
        *_FIRST_LAST,
        ("Format", Kind.TEXT),
        ("File", Kind.WIDE),
    )
    return section("files", "Files", table("Files", columns, rows))


def _file(file: Mapping[str, Any]) -> Html:
    name = code(file["name"])
    return joined((name, tag("p", file["error"], class_="error"))) if file["error"] else name


def unparsed(document: _Document) -> Section | None:
    """Lines that no format reads, as they are."""
    examples = document["unparsed_examples"]
    if not examples:
        return None
    lines = tag("ul", *(tag("li", code(example)) for example in examples))
    small = shown_of(len(examples), document["unparsed_lines"])
    return section("unparsed", "Lines that were not understood", lines, small=small)


def _level_cell(document: _Document, name: str) -> Cell:
    """Sorted by how bad it is; the document has the worst first."""
    names = list(document["levels"])
    rank = len(names) - names.index(name) if name in names else 0
    known = name if name in names else "unknown"
    return Cell(tag("span", name, class_=f"level {known}"), rank)
