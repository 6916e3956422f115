"""What an engineer writes instead: a script, and queries for DuckDB. Prints one JSON object.

`python benchmarks/logs_rivals.py NAME FILE`, a process for each measurement.
"""

from __future__ import annotations

import collections
import json
import re
import sys
from typing import Any

_LINE = re.compile(r"(\S+)\s+(\w+)\s+\[(\w+)\]")
_PERCENTILES = (0.5, 0.9, 0.95, 0.99)


def script(path: str) -> dict[str, Any]:
    """Levels, modules and events a minute, with a regular expression a line."""
    levels: collections.Counter[str] = collections.Counter()
    modules: collections.Counter[str] = collections.Counter()
    minutes: collections.Counter[str] = collections.Counter()
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = _LINE.match(line)
            if match:
                levels[match[2]] += 1
                modules[match[3]] += 1
                minutes[match[1][:16]] += 1
    return {"levels": levels, "modules": len(modules), "minutes": len(minutes)}


def duckdb_levels(path: str) -> dict[str, Any]:
    """Events by level: DuckDB reads lines as a table of one column."""
    import duckdb

    query = r"""
        SELECT regexp_extract(line, '^\S+ (\w+) \[', 1) AS level, count(*)
        FROM read_csv(?, columns={'line': 'VARCHAR'}, delim='\x01', quote='', escape='',
                      header=false, auto_detect=false)
        GROUP BY level
    """
    return {"levels": dict(duckdb.execute(query, [path]).fetchall())}


def duckdb_json(path: str) -> dict[str, Any]:
    """Events and percentiles of a field by level."""
    import duckdb

    query = """
        SELECT level, count(*), quantile_cont(duration_ms, [0.5, 0.9, 0.95, 0.99])
        FROM read_json(?, format='newline_delimited',
                       columns={'level': 'VARCHAR', 'duration_ms': 'DOUBLE'})
        GROUP BY level
    """
    rows = duckdb.execute(query, [path]).fetchall()
    return {"levels": {level: count for level, count, _ in rows}}


def script_json(path: str) -> dict[str, Any]:
    """The same with the standard library."""
    values: dict[str, list[float]] = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            values[record["level"]].append(record["duration_ms"])
    for found in values.values():
        found.sort()
    quantiles = {
        level: [found[int(share * (len(found) - 1))] for share in _PERCENTILES]
        for level, found in values.items()
    }
    return {"levels": {level: len(found) for level, found in values.items()}, "p": quantiles}


if __name__ == "__main__":
    answer = {
        "script": script,
        "duckdb-levels": duckdb_levels,
        "duckdb-json": duckdb_json,
        "script-json": script_json,
    }[sys.argv[1]](sys.argv[2])
    json.dump(answer, sys.stdout)
