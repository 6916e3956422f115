"""Reports on the eight shared logs beside what the people who labelled them wrote down.

The labels are columns of a table beside each log, one row a line.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from log_servers import levels, names, report

LOGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "loghub-2k"
LEVELS = {
    "NOTICE": "notice",
    "ERROR": "error",
    "INFO": "info",
    "WARN": "warning",
    "FATAL": "critical",
}
Row = dict[str, str]

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="no logs beside the repository")


def labels(name: str) -> list[Row]:
    """The rows of the table."""
    with (LOGS / name / f"{name}_2k.log_structured_corrected.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def log(name: str) -> Path:
    return LOGS / name / f"{name}_2k.log"


@pytest.mark.parametrize("name", ["Apache", "HDFS", "Hadoop", "Spark", "Zookeeper"])
def test_levels(name: str) -> None:
    expected = Counter(LEVELS[row["Level"].upper()] for row in labels(name))
    found = report(log(name))
    assert levels(found) == expected
    assert found["total"] == len(labels(name))


# The time of a row; where the log has no year it is 1972, a year that leaps.
TIMES: dict[str, Callable[[Row], datetime]] = {
    "Apache": lambda row: read(row["Time"], "%a %b %d %H:%M:%S %Y"),
    "HDFS": lambda row: read(f"{row['Date']:>06}{row['Time']:>06}", "%y%m%d%H%M%S"),
    "Hadoop": lambda row: read(f"{row['Date']} {row['Time']}000", "%Y-%m-%d %H:%M:%S,%f"),
    "Mac": lambda row: read(f"1972 {row['Month']} {row['Date']} {row['Time']}", "%Y %b %d %X"),
    "OpenSSH": lambda row: read(f"1972 {row['Date']} {row['Day']} {row['Time']}", "%Y %b %d %X"),
    "Spark": lambda row: read(f"{row['Date']} {row['Time']}", "%y/%m/%d %H:%M:%S"),
    "Thunderbird": lambda row: datetime.fromtimestamp(int(row["Timestamp"]), UTC),
    "Zookeeper": lambda row: read(f"{row['Date']} {row['Time']}000", "%Y-%m-%d %H:%M:%S,%f"),
}
YEARLESS = {"Mac", "OpenSSH"}


def read(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", TIMES)
def test_times(name: str) -> None:
    expected = [TIMES[name](row) for row in labels(name)]
    found = report(log(name))
    first, last = (datetime.fromisoformat(found[key]) for key in ("first", "last"))
    if name in YEARLESS:
        assert first.year == last.year
        first, last = first.replace(year=1972), last.replace(year=1972)
        assert found["times"]["year_inferred"] == len(expected)
    assert (first, last) == (min(expected), max(expected))
    earlier = sum(after < before for before, after in itertools.pairwise(expected))
    assert found["times"]["backwards"] == earlier
    assert found["times"]["missing"] == 0
    assert sum(bucket["events"] for bucket in found["rate"]["buckets"]) == len(expected)


# What a log calls the source of an event, of a row of labels. In OpenSSH's the column has the
# host; in Apache's is none.
SOURCES: dict[str, Callable[[Row], str]] = {
    "HDFS": lambda row: row["Component"],
    "Hadoop": lambda row: row["Component"],
    "Spark": lambda row: row["Component"],
    "Mac": lambda row: row["Component"],
    "Thunderbird": lambda row: row["Component"].strip(),
    # Their column also has the end of the address before it: ``2181:FastLeaderElection``.
    "Zookeeper": lambda row: row["Component"].rpartition(":")[2],
}


# A message of the kernel's that the labels take for a source.
NO_SOURCES = {"checking TSC synchronization across 4 CPUs"}


@pytest.mark.parametrize("name", SOURCES)
def test_sources(name: str) -> None:
    expected = Counter(SOURCES[name](row) for row in labels(name))
    for source in NO_SOURCES:
        expected.pop(source, None)
    found = report(log(name))
    ours = names(found["sources"])
    assert {key: expected[key] for key in ours} == ours
    assert found["sources_distinct"] == len(expected)
