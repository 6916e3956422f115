"""Reports on logs beside those of other programs, and of parts beside that of the whole.

The other programs are lnav, GoAccess and DuckDB; each test is skipped where its program is absent.
Times are compared in a file of their own.
"""

from __future__ import annotations

import json
import math
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_servers import ENGINES, levels, names, needs, report, run

from code_ops.logs import LogAnalyzer

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
PATHS = ["/", "/about", "/login", "/api/items", "/api/users", "/static/site.css", "/old"]
STATUSES = [200, 200, 200, 204, 301, 304, 400, 403, 404, 404, 500, 502, 503]


def moment(line: int) -> datetime:
    return START + timedelta(seconds=line // 3)


def access(line: int, chance: random.Random) -> str:
    """A line of a combined access log; no path has a number, which would be made a pattern."""
    client = f"10.0.0.{chance.randrange(40)}"
    method = chance.choice(["GET", "GET", "GET", "HEAD", "POST", "DELETE"])
    status, size = chance.choice(STATUSES), chance.choice(["-", *map(str, range(0, 90_000, 777))])
    query = chance.choice(["", "", "?q=a%20b", "?x=1&y=2"])
    return (
        f"{client} - - [{moment(line):%d/%b/%Y:%H:%M:%S} +0000] "
        f'"{method} {chance.choice(PATHS)}{query} HTTP/1.1" {status} {size} '
        f'"-" "agent/{chance.choice("abc")}"\n'
    )


def glog(line: int, chance: random.Random) -> str:
    letter = chance.choice("IIIIWWEF")
    return f"{letter}{moment(line):%m%d %H:%M:%S}.{line:06}    77 main.cc:42] step {line} done\n"


def bunyan(line: int, chance: random.Random) -> str:
    event = {
        "name": chance.choice(["api", "db"]),
        "hostname": "web1",
        "pid": 7,
        "level": chance.choice([10, 20, 30, 30, 40, 50, 60]),
        "msg": f"request {line} done",
        "ms": round(chance.lognormvariate(2, 1), 3),
        "time": f"{moment(line):%Y-%m-%dT%H:%M:%S}.000Z",
        "v": 0,
    }
    return json.dumps(event) + "\n"


def syslog(line: int, chance: random.Random) -> str:
    program = chance.choice(["sshd", "cron", "kernel", "app"])
    return f"{moment(line):%b %e %H:%M:%S} web1 {program}[{chance.randrange(999)}]: step {line}\n"


def python(line: int, chance: random.Random) -> str:
    level = chance.choice(["DEBUG", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL"])
    return f"{moment(line):%Y-%m-%d %H:%M:%S},{line % 1000:03} {level} app.db: step {line} done\n"


def generated(folder: Path, kind: Callable[[int, random.Random], str], lines: int = 2000) -> Path:
    """A log of many lines, always the same."""
    chance = random.Random(7)
    path = folder / "some.log"
    path.write_text("".join(kind(line, chance) for line in range(lines)))
    return path


def lnav(query: str, path: Path) -> dict[str, int]:
    """The rows of a query to lnav, a name and a count each."""
    home = os.environ | {"HOME": str(path.parent)}
    text = run("lnav", "-n", "-c", f";{query}", "-c", ":write-json-to -", path, env=home)
    rows = [list(row.values()) for row in json.loads(text)]
    return {str(name): count for name, count in rows}


# A name of lnav's that differs.
LNAV_LEVELS = {"fatal": "critical"}
# bunyan's README.
BUNYAN = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "critical"}


@needs("lnav")
@pytest.mark.parametrize("kind", [glog, python])
def test_levels_as_lnav(kind: Callable[[int, random.Random], str], tmp_path: Path) -> None:
    path = generated(tmp_path, kind)
    theirs = lnav("SELECT log_level, count(*) AS c FROM all_logs GROUP BY 1", path)
    found = report(path)
    assert levels(found) == {LNAV_LEVELS.get(name, name): n for name, n in theirs.items()}
    assert found["total"] == 2000


@needs("lnav")
def test_sources_as_lnav(tmp_path: Path) -> None:
    """Levels are not compared: lnav looks for words in the message where syslog has none."""
    path = generated(tmp_path, syslog)
    theirs = lnav("SELECT log_procname, count(*) AS c FROM syslog_log GROUP BY 1", path)
    assert names(report(path)["sources"]) == theirs


@needs("lnav")
@pytest.mark.parametrize(
    ("column", "key"),
    [("sc_status", "statuses"), ("cs_method", "methods"), ("cs_uri_stem", "paths")],
)
def test_requests_as_lnav(column: str, key: str, tmp_path: Path) -> None:
    path = generated(tmp_path, access)
    theirs = lnav(f"SELECT {column}, count(*) AS c FROM access_log GROUP BY 1", path)
    ours = report(path)["http"][key]
    assert (ours if isinstance(ours, dict) else names(ours)) == theirs


@needs("goaccess")
def test_requests_as_goaccess(tmp_path: Path) -> None:
    path, output = generated(tmp_path, access), tmp_path / "goaccess.json"
    options = ("--log-format=COMBINED", "--no-global-config", "--no-query-string", "--no-progress")
    run("goaccess", path, *options, "--all-static-files", "-o", output)
    theirs = json.loads(output.read_text())
    http = report(path)["http"]
    assert http["requests"] == theirs["general"]["valid_requests"] == 2000
    assert http["bytes"]["sum"] == theirs["general"]["bandwidth"]
    assert http["clients_distinct"] == len(theirs["hosts"]["data"])
    clients = {row["data"]: row["hits"]["count"] for row in theirs["hosts"]["data"]}
    assert names(http["clients"]).items() <= clients.items()
    # Its statuses are grouped by class, and its panels of paths are three.
    statuses: Counter[str] = Counter()
    for group in theirs["status_codes"]["data"]:
        for row in group["items"]:
            statuses[row["data"].split()[0]] += row["hits"]["count"]
    assert http["statuses"] == statuses
    paths: Counter[str] = Counter()
    for panel in ("requests", "static_requests"):
        for row in theirs[panel]["data"]:
            paths[row["data"]] += row["hits"]["count"]
    # What was not found is in a panel of its own only.
    text = path.read_text()
    for name, count in names(http["paths"]).items():
        missed = sum(
            f" {name}{end}" in line and '" 404 ' in line
            for line in text.splitlines()
            for end in (" ", "?")
        )
        assert count - missed == paths[name], name


def test_requests_as_duckdb(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = generated(tmp_path, access)
    lines = f"read_csv('{path}', columns={{'line': 'VARCHAR'}}, sep='\x01', quote='', header=false)"

    def counts(pattern: str) -> dict[str, int]:
        query = f"SELECT regexp_extract(line, '{pattern}', 1), count(*) FROM {lines} GROUP BY 1"
        return dict(duckdb.sql(query).fetchall())

    http = report(path)["http"]
    assert http["statuses"] == counts(r'" (\d{3}) ')
    assert names(http["methods"]) == counts('"([A-Z]+) ')
    assert names(http["paths"]) == counts('"[A-Z]+ ([^ ?]+)')
    assert names(http["agents"]) == counts('"([^"]*)"$')
    size = f"SELECT sum(try_cast(regexp_extract(line, '(\\S+) \"-\"', 1) AS BIGINT)) FROM {lines}"
    assert http["bytes"]["sum"] == duckdb.sql(size).fetchall()[0][0]


def test_json_as_duckdb(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = generated(tmp_path, bunyan)
    rows = f"read_json('{path}', format='newline_delimited')"
    found = report(path)
    theirs = duckdb.sql(f"SELECT level, count(*) FROM {rows} GROUP BY 1").fetchall()
    assert levels(found) == {BUNYAN[number]: count for number, count in theirs}
    theirs = duckdb.sql(f"SELECT name, count(*) FROM {rows} GROUP BY 1").fetchall()
    assert names(found["sources"]) == dict(theirs)
    columns = "min(ms), max(ms), sum(ms), count(ms), quantile_disc(ms, [0.5, 0.9, 0.95, 0.99])"
    least, most, whole, count, quantiles = duckdb.sql(f"SELECT {columns} FROM {rows}").fetchall()[0]
    ms = found["fields"]["ms"]
    assert (ms["min"], ms["max"], ms["count"]) == (least, most, count)
    assert ms["sum"] == pytest.approx(whole)
    assert [ms[name] for name in PERCENTILES] == pytest.approx(quantiles, rel=0.01)


PERCENTILES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99}
DISTRIBUTIONS: dict[str, Callable[[random.Random], float]] = {
    "uniform": lambda chance: chance.uniform(0, 1000),
    "uniform, both signs": lambda chance: chance.uniform(-50, 50),
    "lognormal": lambda chance: chance.lognormvariate(0, 3),
    "exponential": lambda chance: chance.expovariate(0.001),
    "Pareto": lambda chance: chance.paretovariate(0.5),
    "constant": lambda _: 42.5,
    "zeros": lambda _: 0,
    "mostly zeros": lambda chance: chance.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
    "negative": lambda chance: -chance.lognormvariate(3, 2),
    "whole": lambda chance: chance.randrange(10_000_000),
    "tiny": lambda chance: chance.uniform(1e-12, 1e-9),
    "huge": lambda chance: chance.uniform(1e14, 1e17),
    "two far ends": lambda chance: chance.choice([1e-9, 1e9]),
}


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("count", [1, 2, 99, 3000])
def test_percentiles(name: str, count: int, engine_name: str) -> None:
    """Within 1 % of the exact ones; of many parts the same as of the whole."""
    chance = random.Random(count)
    numbers = [DISTRIBUTIONS[name](chance) for _ in range(count)]
    lines = [f'{{"level":30,"msg":"x","n":{number!r}}}\n' for number in numbers]
    analyzer = LogAnalyzer(engine=engine_name)
    found = analyzer.analyze_logs("".join(lines))
    ours = found["fields"]["n"]
    numbers.sort()
    for key, percent in PERCENTILES.items():
        # The nearest rank, as SQL's percentile_disc: the first that so many are not above.
        exact = numbers[-(-percent * count // 100) - 1]
        assert ours[key] == pytest.approx(exact, rel=0.01, abs=0), key
    assert (ours["min"], ours["max"], ours["count"]) == (numbers[0], numbers[-1], count)
    # Sums are in billionths.
    assert ours["sum"] == pytest.approx(math.fsum(numbers), rel=1e-9, abs=count * 1e-9)
    cuts = sorted(chance.randrange(count + 1) for _ in range(6))
    parts = ["".join(lines[a:b]) for a, b in zip([0, *cuts], [*cuts, count], strict=True)]
    chance.shuffle(parts)
    assert merged(analyzer, parts) == found


def merged(analyzer: LogAnalyzer, parts: list[str]) -> dict[str, Any]:
    """The report on parts, each analyzed alone."""
    whole = analyzer.summarize(parts[0])
    for part in parts[1:]:
        whole.merge(analyzer.summarize(part))
    return whole.report()


TRACE = """Traceback (most recent call last):
  File "app.py", line 3, in f
    g()
ValueError: bad
"""


def traced(line: int, chance: random.Random) -> str:
    """An event, some with lines that belong to it."""
    return python(line, chance) + (TRACE if line % 3 == 0 else "")


def with_year(line: int, chance: random.Random) -> str:
    return f"{moment(line):%Y-%m-%dT%H:%M:%S}Z web1 " + syslog(line, chance).split("web1 ")[1]


def logfmt(line: int, chance: random.Random) -> str:
    level = chance.choice(["info", "warn", "error"])
    return f'ts={moment(line).timestamp():.0f} level={level} msg="step {line}" ms={line % 50}\n'


def klog_in_cri(line: int, chance: random.Random) -> str:
    return f"{moment(line):%Y-%m-%dT%H:%M:%S}.000000000Z stderr F " + glog(line, chance)


KINDS = [access, bunyan, python, traced, with_year, logfmt, klog_in_cri, glog, syslog]


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_cut_between_events(
    kind: Callable[[int, random.Random], str], engine_name: str, data: st.DataObject
) -> None:
    """The parts of a log, cut between events, come to the summary of the whole."""
    seed, count = data.draw(st.integers(0, 99)), data.draw(st.integers(1, 30))
    chance = random.Random(seed)
    events = [kind(line, chance) for line in range(count)]
    cut = data.draw(st.integers(0, count))
    analyzer = LogAnalyzer(engine=engine_name)
    whole = analyzer.analyze_logs("".join(events))
    parts = ["".join(events[:cut]), "".join(events[cut:])]
    assert whole["total"] == count
    assert merged(analyzer, parts) == whole
    assert merged(analyzer, parts[::-1]) == whole
