"""Events over time as a chart of SVG, and levels as a bar.

The drawing is stretched to the page's width and has no text: labels are HTML beside it, so that
they stay readable on a telephone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from code_ops.log_reports.html_parts import (
    Cell,
    Html,
    Kind,
    count_cell,
    joined,
    table,
    tag,
    time_cell,
)
from code_ops.log_reports.rates import Bar, Bars, moment, round_bars
from code_ops.log_reports.words import is_one_day, short_time
from code_ops.numerals import duration, number, plural

_WIDTH, _HEIGHT = 1000, 200
_MOST_BARS = 150
# Of a bar's place, what it fills: the rest parts it from the next.
_FILLED = 0.86
# So high is what is not nothing.
_LEAST = 2.0
# A burst is marked above the bars too: they can hide what is behind them.
_MARK = 5.0
_STEPS = (2, 4, 6, 8, 10, 12, 16)
_PARTS = 4
_FILLS = {
    "emergency": "error",
    "alert": "error",
    "critical": "error",
    "error": "error",
    "warning": "warning",
    "notice": "notice",
    "info": "info",
    "debug": "debug",
    "trace": "debug",
    "unknown": "unknown",
}

_Document = Mapping[str, Any]


def chart(document: _Document) -> Html | None:
    """Events over time; None where there are no two moments to compare."""
    if len(document["rate"]["buckets"]) < 2:
        return None
    drawn = round_bars(document["rate"], _MOST_BARS)
    most = max(bar.events for bar in drawn.bars)
    top = _top(most)
    svg = tag(
        "svg",
        tag("title", f"Events over time, at most {number(most)} in {duration(drawn.seconds)}"),
        *_bands(document, drawn),
        *(_grid_line(_HEIGHT * part / 2) for part in range(3)),
        *_columns(document, drawn, top),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
    )
    counts = tag("div", *(tag("span", number(at)) for at in (top, top // 2, 0)), class_="counts")
    caption = (
        f"Events in {duration(drawn.seconds)} each, by time in UTC. "
        f"The highest bar has {number(most)}."
    )
    return tag(
        "figure",
        tag("div", counts, svg, _times(document, drawn), class_="chart"),
        _legend(document),
        tag("figcaption", caption),
        _numbers(document, drawn),
    )


def _top(most: int) -> int:
    """Where the axis ends: a round number with a round half."""
    scale = 1
    while True:
        for step in _STEPS:
            if step * scale >= most:
                return step * scale
        scale *= 10


def _grid_line(y: float) -> Html:
    return tag("line", class_="grid", x1=0, x2=_WIDTH, y1=f"{y:g}", y2=f"{y:g}")


def _rect(name: str, x: float, y: float, width: float, height: float) -> Html:
    return tag(
        "rect",
        class_=name,
        x=f"{x:.2f}",
        y=f"{y:.2f}",
        width=f"{width:.2f}",
        height=f"{height:.2f}",
    )


def _bands(document: _Document, drawn: Bars) -> Iterator[Html]:
    """Bursts and gaps behind the bars, bursts as wide as the bars they are in."""
    place = _WIDTH / len(drawn.bars)
    for kind, name in (("gaps", "gap"), ("bursts", "burst")):
        for stretch in document["rate"][kind]:
            start = _bar_at(drawn, moment(stretch["from"]))
            end = _bar_at(drawn, moment(stretch["to"]))
            left, right = (math.floor(start), math.ceil(end)) if name == "burst" else (start, end)
            x, width = left * place, (right - left) * place
            words = f"{name} of {duration(stretch['seconds'])} from {stretch['from'][:19]}"
            band = _rect(f"{name}-band", x, 0, width, _HEIGHT)
            marks = [band]
            if name == "burst":
                marks.append(_rect("burst-mark", x, -2 * _MARK, width, _MARK))
            yield tag("g", tag("title", words), *marks)


def _bar_at(drawn: Bars, when: datetime) -> float:
    seconds = (when - drawn.bars[0].start).total_seconds()
    return min(max(seconds / drawn.seconds, 0.0), float(len(drawn.bars)))


def _columns(document: _Document, drawn: Bars, top: int) -> Iterator[Html]:
    """Errors stand on the ground, warnings on them, and the rest on top."""
    place = _WIDTH / len(drawn.bars)
    for index, bar in enumerate(drawn.bars):
        if not bar.events:
            continue
        x, y = index * place, float(_HEIGHT)
        parts = []
        rest = bar.events - bar.errors - bar.warnings
        for name, count in (("errors", bar.errors), ("warnings", bar.warnings), ("rest", rest)):
            if count > 0:
                height = max(_HEIGHT * count / top, _LEAST)
                y -= height
                parts.append(
                    _rect(f"{name}-bar", x + place * (1 - _FILLED) / 2, y, place * _FILLED, height)
                )
        hit = _rect("hit", x, 0, place, _HEIGHT)
        yield tag("g", tag("title", _told(document, bar, drawn.seconds)), *parts, hit)


def _told(document: _Document, bar: Bar, seconds: int) -> str:
    when = short_time(bar.start.isoformat(), is_one_day=is_one_day(document))
    words = f"{when}, {duration(seconds)}: {plural(bar.events, 'event')}"
    for count, name in ((bar.errors, "error"), (bar.warnings, "warning")):
        if count:
            words += f", {plural(count, name)}"
    return words


def _times(document: _Document, drawn: Bars) -> Html:
    """The axis' times at its ends and quarters."""
    whole = timedelta(seconds=drawn.seconds * len(drawn.bars))
    is_short = is_one_day(document)
    labels = []
    for part in range(_PARTS + 1):
        when = (drawn.bars[0].start + whole * part / _PARTS).isoformat()
        is_between = part % _PARTS not in (0, _PARTS // 2)
        labels.append(
            tag(
                "span",
                short_time(when, is_one_day=is_short),
                class_="between" if is_between else None,
            )
        )
    return tag("div", *labels, class_="times")


def _legend(document: _Document) -> Html:
    names = [("errors-bar", "errors"), ("warnings-bar", "warnings"), ("rest-bar", "the rest")]
    for kind, name in (("bursts", "burst"), ("gaps", "gap")):
        if document["rate"][kind]:
            names.append((f"{name}-band", name))
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag(
                    "svg",
                    tag("rect", class_=name, width=10, height=10),
                    viewBox="0 0 10 10",
                    aria_hidden="true",
                ),
                words,
            )
            for name, words in names
        ),
        class_="legend",
    )


def _numbers(document: _Document, drawn: Bars) -> Html:
    """The same for those who do not see the chart."""
    columns = (
        ("From", Kind.TIME),
        ("Events", Kind.NUMBER),
        ("Errors", Kind.NUMBER),
        ("Warnings", Kind.NUMBER),
    )
    is_short = is_one_day(document)
    rows = [
        (
            time_cell(f"{bar.start:%Y-%m-%dT%H:%M:%SZ}", is_one_day=is_short),
            *(count_cell(count) for count in (bar.events, bar.errors, bar.warnings)),
        )
        for bar in drawn.bars
        if bar.events
    ]
    numbers = table("Events over time", columns, rows)
    return tag("details", tag("summary", "The chart as a table"), numbers)


def stretches(document: _Document) -> Html | None:
    """Bursts and gaps as a table; None where there are none."""
    is_short = is_one_day(document)
    rows = [
        (
            Cell(name),
            time_cell(stretch["from"], is_one_day=is_short),
            time_cell(stretch["to"], is_one_day=is_short),
            Cell(duration(stretch["seconds"]), stretch["seconds"]),
            count_cell(stretch["events"]),
        )
        for kind, name in (("bursts", "burst"), ("gaps", "gap"))
        for stretch in document["rate"][kind]
    ]
    columns = (
        ("Kind", Kind.TEXT),
        ("From", Kind.TIME),
        ("To", Kind.TIME),
        ("Length", Kind.NUMBER),
        ("Events", Kind.NUMBER),
    )
    return table("Bursts and gaps", columns, rows) if rows else None


def levels_bar(document: _Document) -> Html:
    """All events by level on one bar, the worst at its start."""
    total = document["total"] or 1
    x, parts = 0.0, []
    for name, count in document["levels"].items():
        width = _WIDTH * count / total
        if count:
            parts.append(_rect(f"fill-{_FILLS.get(name, 'unknown')}", x, 0, width, 10))
        x += width
    return tag(
        "svg",
        tag("title", "Events by level"),
        joined(parts),
        class_="levels-bar",
        viewBox=f"0 0 {_WIDTH} 10",
        preserveAspectRatio="none",
        role="img",
    )
