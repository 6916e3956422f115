"""The records of a report: flat mappings with a ``kind``, which NDJSON and CSV share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from code_ops.log_reports.rates import moment

Record = dict[str, Any]

# The document's lists, and what one of each is.
_LISTS = {
    "sources": "source",
    "problems": "problem",
    "messages": "message",
    "exceptions": "exception",
}
_HTTP_LISTS = {
    "methods": "method",
    "paths": "path",
    "failures": "failure",
    "clients": "client",
    "agents": "agent",
}


def records(document: Mapping[str, Any]) -> Iterator[Record]:
    """All that the document says, the summary first; ``share`` is of all events."""
    total = document["total"]
    yield _summary(document)
    for key, kind in (("levels", "level"), ("formats", "format")):
        yield from _counts(kind, document[key].items(), total)
    for name, count in document["level_sources"].items():
        yield {"kind": "level_source", "name": name, "count": count}
    yield from _rate(document["rate"])
    for key, kind in _LISTS.items():
        for row in document[key]:
            yield {"kind": kind, **row, "share": _share(row["count"], total)}
    for name, numbers in document["fields"].items():
        yield {"kind": "field", "name": name, **numbers}
    if document["http"] is not None:
        yield from _requests(document["http"])
    for example in document["unparsed_examples"]:
        yield {"kind": "unparsed", "example": example}
    for file in document["files"]:
        yield {"kind": "file", **file}
    for condition in document["conditions"]:
        yield {"kind": "condition", **condition}


def _summary(document: Mapping[str, Any]) -> Record:
    """The single values, also those of ``times``."""
    single = {
        key: value for key, value in document.items() if not isinstance(value, (list, Mapping))
    }
    version = {"v": single.pop("v")}
    http = document["http"]
    requests = {"requests": http["requests"]} if http else {}
    distinct = {key: http[key] for key in http if key.endswith("_distinct")} if http else {}
    single.pop("http", None)
    times = {f"times_{key}": value for key, value in document["times"].items()}
    bucket = {"bucket_seconds": document["rate"]["bucket_seconds"]}
    return {"kind": "summary", **version, **single, **times, **bucket, **requests, **distinct}


def _rate(rate: Mapping[str, Any]) -> Iterator[Record]:
    seconds = rate["bucket_seconds"]
    for bucket in rate["buckets"]:
        end = moment(bucket["time"]) + timedelta(seconds=seconds)
        yield {
            "kind": "bucket",
            "from": bucket["time"],
            "to": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "seconds": seconds,
            **{key: bucket[key] for key in ("events", "errors", "warnings")},
        }
    for key, kind in (("bursts", "burst"), ("gaps", "gap")):
        for stretch in rate[key]:
            yield {"kind": kind, **stretch}


def _requests(http: Mapping[str, Any]) -> Iterator[Record]:
    total = http["requests"]
    yield from _counts("status_class", http["classes"].items(), total)
    yield from _counts("status", http["statuses"].items(), total)
    for key, kind in _HTTP_LISTS.items():
        yield from _counts(kind, ((row["name"], row["count"]) for row in http[key]), total)
    yield {"kind": "response_size", "name": "bytes", **http["bytes"]}


def _counts(kind: str, counts: Iterable[tuple[str, int]], total: int) -> Iterator[Record]:
    for name, count in counts:
        yield {"kind": kind, "name": name, "count": count, "share": _share(count, total)}


def _share(count: int, total: int) -> float | None:
    """Six digits: more would say nothing."""
    return round(count / total, 6) if total else None
