"""What a summary says, as a plain value: times are RFC 3339 in UTC, sizes are in bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from code_ops._fallback.logs_levels import Level, LevelSource
from code_ops._fallback.logs_stretches import Stretch, bursts, gaps
from code_ops._fallback.logs_summary import Met, Summary
from code_ops._fallback.logs_times import NANOSECONDS, rfc3339

# How many entries lists have.
_TOP = 20

_Key = TypeVar("_Key", bytes, tuple[Level, bytes])


def report(summary: Summary) -> dict[str, Any]:
    """The report: see ``code_ops.logs``."""
    lines = summary.lines
    return {
        "version": 1,
        "total": summary.events,
        "errors": _errors(summary.levels),
        "warnings": summary.levels[Level.WARNING],
        "levels": {_name(level): summary.levels[level] for level in reversed(Level)},
        "level_sources": {name: summary.level_sources[name] for name in get_args(LevelSource)},
        "lines": lines.total,
        "bytes": lines.bytes,
        "blank_lines": lines.blank,
        "continuation_lines": lines.continuations,
        "unparsed_lines": lines.unparsed,
        "unparsed_examples": [_text(line) for line in summary.examples],
        "cut_lines": lines.cut,
        "invalid_utf8_lines": lines.invalid_utf8,
        "formats": dict(sorted(summary.formats.items())),
        "first": rfc3339(summary.times.first),
        "last": rfc3339(summary.times.last),
        "times": _times(summary),
        "rate": _rate(summary),
        "sources": _sources(summary.sources),
        "sources_distinct": len(summary.sources),
        "messages": _messages(summary.messages),
        "problems": _problems(summary.messages),
        "exceptions": _exceptions(summary.exceptions),
        "exceptions_distinct": len(summary.exceptions),
        "messages_distinct": len(summary.messages),
        "is_exact": True,
        "fields": {_text(name): numbers.report() for name, numbers in summary.fields().items()},
        "http": _http(summary),
    }


def _text(text: bytes) -> str:
    return text.decode(errors="replace")


def _name(level: Level) -> str:
    return level.name.lower()


def _errors(levels: Counter[Level]) -> int:
    return sum(count for level, count in levels.items() if level >= Level.ERROR)


def _top(counts: Iterable[tuple[_Key, int]]) -> list[tuple[_Key, int]]:
    """The keys with the highest counts; equal ones in the order of their bytes."""
    return sorted(counts, key=lambda counted: (-counted[1], counted[0]))[:_TOP]


def _times(summary: Summary) -> dict[str, Any]:
    times = summary.times
    return {
        "missing": times.missing,
        "zone_assumed": times.zone_assumed,
        "year_inferred": times.year_inferred,
        "backwards": times.backwards,
        "farthest_backwards_seconds": float(times.farthest_backwards) / 1e9,
    }


def _rate(summary: Summary) -> dict[str, Any]:
    buckets = [
        {
            "time": rfc3339(start * NANOSECONDS),
            "events": levels.total(),
            "errors": _errors(levels),
            "warnings": levels[Level.WARNING],
        }
        for start, levels in summary.timeline.buckets()
    ]
    return {
        "bucket_seconds": summary.timeline.bucket_seconds,
        "bursts": _stretches(bursts(summary.timeline)),
        "gaps": _stretches(gaps(summary.timeline)),
        "buckets": buckets,
    }


def _stretches(stretches: list[Stretch]) -> list[dict[str, Any]]:
    return [
        {
            "from": rfc3339(stretch.start * NANOSECONDS),
            "to": rfc3339(stretch.end * NANOSECONDS),
            "seconds": stretch.end - stretch.start,
            "events": stretch.events,
        }
        for stretch in stretches
    ]


def _sources(sources: Mapping[bytes, Met]) -> list[dict[str, Any]]:
    top = _top((name, met.count) for name, met in sources.items())
    return [
        {"name": _text(name), "count": count, "errors": sources[name].errors} for name, count in top
    ]


def _messages(messages: Mapping[tuple[Level, bytes], Met]) -> list[dict[str, Any]]:
    return _rows(messages, _top((key, met.count) for key, met in messages.items()))


def _problems(messages: Mapping[tuple[Level, bytes], Met]) -> list[dict[str, Any]]:
    """The messages at level warning and worse, the worst level first."""
    problems = [(key, met.count) for key, met in messages.items() if key[0] >= Level.WARNING]
    problems.sort(key=lambda counted: (-counted[0][0], -counted[1], counted[0][1]))
    return _rows(messages, problems[:_TOP])


def _rows(
    messages: Mapping[tuple[Level, bytes], Met], top: list[tuple[tuple[Level, bytes], int]]
) -> list[dict[str, Any]]:
    return [
        {
            "level": _name(key[0]),
            "template": _text(key[1]),
            "count": count,
            "first": rfc3339(messages[key].first),
            "last": rfc3339(messages[key].last),
            "example": _text(messages[key].example),
        }
        for key, count in top
    ]


def _exceptions(exceptions: Mapping[bytes, Met]) -> list[dict[str, Any]]:
    """By what was thrown and its frames, with a NUL byte between the two."""
    rows = []
    for key, count in _top((key, met.count) for key, met in exceptions.items()):
        name, _, frames = key.partition(b"\0")
        met = exceptions[key]
        rows.append(
            {
                "name": _text(name),
                "frames": [_text(frame) for frame in frames.split(b"\n")],
                "count": count,
                "first": rfc3339(met.first),
                "last": rfc3339(met.last),
                "example": _text(met.example),
            }
        )
    return rows


def _http(summary: Summary) -> dict[str, Any] | None:
    requests = summary.requests
    if requests is None:
        return None
    statuses = sorted(requests.statuses.items())
    classes: Counter[str] = Counter()
    for status, count in statuses:
        classes[f"{status // 100}xx" if 100 <= status < 600 else "other"] += count
    return {
        "requests": requests.count,
        "classes": dict(classes),
        "statuses": {str(status): count for status, count in statuses},
        "methods": _counts(requests.methods),
        "paths": _counts(requests.paths),
        "paths_distinct": len(requests.paths),
        "failures": _counts(requests.failures),
        "failures_distinct": len(requests.failures),
        "clients": _counts(requests.clients),
        "clients_distinct": len(requests.clients),
        "agents": _counts(requests.agents),
        "agents_distinct": len(requests.agents),
        "bytes": requests.sizes.report(),
    }


def _counts(counts: Counter[bytes]) -> list[dict[str, Any]]:
    return [{"name": _text(name), "count": count} for name, count in _top(counts.items())]
