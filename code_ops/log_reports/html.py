"""HTML: one page with nothing outside it, for people and incidents.

All text of logs goes through ``html_parts``. As a second wall the page's policy allows no script
and no style but its own two, by their hashes, and nothing from elsewhere. That is why there are
no ``style`` attributes and no ``on...`` ones.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from code_ops import __version__
from code_ops.log_reports import html_tables, words
from code_ops.log_reports.html_chart import chart, stretches
from code_ops.log_reports.html_parts import Content, Html, Section, code, joined, section, tag
from code_ops.log_reports.rates import moment
from code_ops.numerals import binary_size, duration, number, percent, plural

_Document = Mapping[str, Any]


def render(document: _Document) -> str:
    """The page's text."""
    style, script = _own("report.css"), _own("report.js")
    title = _title(document)
    parts = [part for part in _sections(document) if part]
    body = joined(
        (_header(document, title, parts), tag("main", *(part.html for part in parts)), _footer())
    )
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{tag('title', f'Log report: {title}')}\n"
        f"<style>{style}</style>\n</head>\n<body>\n{body}\n<script>{script}</script>\n"
        "</body>\n</html>\n"
    )


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _title(document: _Document) -> str:
    names = [file["name"] for file in document["files"]]
    if not names:
        return "logs"
    if len(names) > 1:
        return f"{len(names)} files"
    return "standard input" if names[0] == "-" else names[0]


def _header(document: _Document, title: str, parts: list[Section]) -> Html:
    span = words.span(document) if document["first"] else "no event has a time"
    boxes = [_conditions(document), _failures(document), _notes(document)]
    return tag(
        "header",
        tag("h1", title),
        tag("p", span, class_="muted"),
        *(box for box in boxes if box),
        _tiles(document),
        _contents(parts),
    )


def _conditions(document: _Document) -> Html | None:
    """What was to be checked, before all else."""
    found = document["conditions"]
    if not found:
        return None
    is_fine = all(row["value"] is not None and not row["is_met"] for row in found)
    items = [tag("li", code(row["condition"]), f" {_verdict(row)}") for row in found]
    title = "Checks: all as expected" if is_fine else "Checks: not as expected"
    return _box("good" if is_fine else "bad", title, items)


def _verdict(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "cannot be judged: no event has it"
    return f"is {'met' if row['is_met'] else 'not met'}: {row['value']:,.6g}"


def _failures(document: _Document) -> Html | None:
    """Inputs that are not in the report, or not whole."""
    items = [
        tag("li", code(file["name"]), f": {file['error']}")
        for file in document["files"]
        if file["error"]
    ]
    return _box("bad", "Not all was read", items) if items else None


def _notes(document: _Document) -> Html | None:
    items = [tag("li", words.INTERRUPTED)] if document["interrupted"] else []
    for note in words.notes(document, document["time_zone"]):
        example = (", such as ", code(note.example)) if note.example else ()
        items.append(tag("li", note.text, *example))
    return _box("note", "Notes", items) if items else None


def _box(kind: str, title: str, items: list[Html]) -> Html:
    return tag("section", tag("h2", title), tag("ul", *items), class_=f"box {kind}")


def _tiles(document: _Document) -> Html:
    tiles = [
        tag(
            "div",
            tag("dt", label),
            tag("dd", tag("span", figure, class_=f"figure {kind}".rstrip())),
            tag("dd", small, class_="muted"),
        )
        for label, figure, small, kind in _figures(document)
    ]
    return tag("dl", *tiles, class_="tiles")


def _figures(document: _Document) -> Iterator[tuple[str, Content, str, str]]:
    """Label, figure, what stands below, and a class for its looks."""
    total = document["total"]
    yield "Events", number(total), f"in {plural(document['lines'], 'line')}", ""
    for key, name in (("errors", "error"), ("warnings", "warning")):
        count = document[key]
        yield key.capitalize(), number(count), _part(count, total), name if count else ""
    if document["http"]:
        http = document["http"]
        count = http["classes"].get("5xx", 0)
        of_all = _part(count, http["requests"])
        yield "Status 5xx", number(count), of_all, "error" if count else ""
    if document["first"]:
        first, last = moment(document["first"]), moment(document["last"])
        seconds = (last - first).total_seconds()
        rate = f"{total / seconds:,.3g} a second" if seconds else "one moment"
        yield "Time span", duration(seconds), rate, ""
    yield "Size", binary_size(document["bytes"]), "", ""
    formats = words.formats(document)
    yield "Format", ", ".join(document["formats"]) or "-", formats if "," in formats else "", "text"


def _part(count: int, total: int) -> str:
    return f"{percent(count / total)} of all" if count and total else "none"


def _contents(parts: list[Section]) -> Html:
    """Links to the sections that are there."""
    links = [tag("li", tag("a", part.title, href=f"#{part.name}")) for part in parts]
    return tag("nav", tag("ul", *links), aria_label="Contents")


def _sections(document: _Document) -> Iterator[Section | None]:
    yield _over_time(document)
    yield html_tables.messages(document, "problems", "Problems")
    yield html_tables.exceptions(document)
    yield html_tables.levels(document)
    yield html_tables.messages(document, "messages", "Messages")
    yield html_tables.sources(document)
    yield html_tables.requests(document)
    yield html_tables.fields(document)
    yield html_tables.files(document)
    yield html_tables.unparsed(document)


def _over_time(document: _Document) -> Section | None:
    drawn = chart(document)
    if drawn is None:
        return None
    found = stretches(document)
    more = (tag("h3", "Bursts and gaps"), found) if found else ()
    return section("time", "Events over time", drawn, *more)


def _footer() -> Html:
    return tag("footer", tag("p", f"code-ops {__version__} logs analyze. All times are in UTC."))
