"""What PostgreSQL logs in its three forms: the report tells what the test had it do."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from log_servers import (
    levels,
    names,
    native_report,
    needs,
    open_folder,
    program,
    report,
    run,
    running,
    wait_until,
)

AS_USER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_directory = '{folder}/logs'
log_filename = 'pg.log'
log_file_mode = 0644
log_min_messages = notice
log_min_duration_statement = 0
log_line_prefix = '{prefix}'
log_timezone = '{zone}'
"""
ACCESS = "local all stranger scram-sha-256\nlocal all nobody reject\nlocal all all trust\n"

# Statements as one call each, and the levels of what they make the server say.
STATEMENTS: list[tuple[str, list[str]]] = [
    ("CREATE TABLE thing (id int PRIMARY KEY, amount int CHECK (amount > 0))", ["LOG"]),
    ("CREATE ROLE stranger LOGIN PASSWORD 'x'", ["LOG"]),
    ("INSERT INTO thing VALUES (1, 2)", ["LOG"]),
    # A syntax error; a violated constraint has a DETAIL.
    ("SELECT nonsense FROM", ["ERROR"]),
    ("INSERT INTO thing VALUES (1, 2)", ["ERROR"]),
    ("INSERT INTO thing VALUES (2, -2)", ["ERROR"]),
    # Statements of several lines, one of which looks like the start of another event.
    ("SELECT 1,\n       'ERROR:  none',\n\n  2\nFROM thing", ["LOG"]),
    ("SELECT 1,\n  missing_column\nFROM thing\nWHERE 'FATAL:  no' <> ''", ["ERROR"]),
    # With CONTEXT and HINT.
    ("DO $$BEGIN PERFORM 1 / 0; END$$", ["ERROR"]),
    ("DO $$BEGIN RAISE WARNING 'low on %', 'space' USING HINT = 'buy'; END$$", ["WARNING", "LOG"]),
    ("DO $$BEGIN RAISE NOTICE 'it went well'; END$$", ["NOTICE", "LOG"]),
    ("SELECT pg_terminate_backend(pg_backend_pid())", ["FATAL"]),
]
LEVELS = {
    "LOG": "info",
    "NOTICE": "notice",
    "WARNING": "warning",
    "ERROR": "error",
    "FATAL": "critical",
}
PREFIXES = {"utc": ("%m [%p] ", "UTC"), "debian": ("%m [%p] %q%u@%d ", "Europe/Berlin")}
PROBLEMS = [
    ("error", "syntax error at end of input"),
    ("error", "duplicate key value violates"),
    ("error", 'new row for relation "thing" violates'),
    ("error", 'column "missing_column" does not exist'),
    ("error", "division by zero"),
    ("critical", "terminating connection due to administrator command"),
    ("critical", "password authentication failed"),
    ("critical", "pg_hba.conf rejects connection"),
    ("warning", "low on space"),
]


def psql(folder: Path, user: str, statement: str) -> str:
    """What psql wrote, whether it went well or not."""
    return run(
        *("psql", "-X", "-w", "-h", str(folder), "-U", user, "-d", "postgres", "-c", statement),
        check=False,
        env=os.environ | {"PGPASSWORD": "wrong"},
    )


@contextlib.contextmanager
def server(folder: Path, prefix: str, zone: str) -> Iterator[None]:
    """A PostgreSQL that listens on a socket in the folder."""
    data = folder / "data"
    run(*AS_USER, program("initdb") or "", "-D", data, "-A", "trust", "--no-sync", "-U", "admin")
    settings = SETTINGS.format(folder=folder, prefix=prefix, zone=zone)
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(settings)
    (data / "pg_hba.conf").write_text(ACCESS)

    words: list[str | Path] = [*AS_USER, program("postgres") or "", "-D", data]
    with running(words, folder / "output", lambda: has_said(folder, "ready to accept")):
        yield


def has_said(folder: Path, words: str) -> bool:
    """Whether the server has logged it."""
    path = folder / "logs" / "pg.log"
    return path.exists() and words in path.read_text()


@pytest.fixture(scope="module", params=PREFIXES)
def logs(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder with the logs of a server that has ended."""
    with open_folder("postgres" if AS_USER else None) as folder:
        with server(folder, *PREFIXES[request.param]):
            for statement, _ in STATEMENTS:
                psql(folder, "admin", statement)
            assert "authentication failed" in psql(folder, "stranger", "")
            assert "rejects connection" in psql(folder, "nobody", "")
        wait_until(lambda: has_said(folder, "system is shut down"), "the end of the log")
        yield folder / "logs"


def check(found: dict[str, Any], written: Counter[str]) -> None:
    """What the server wrote is what it was made to say, and each event is read with its time."""
    expected = Counter(level for _, said in STATEMENTS for level in said)
    # The two who may not come in, and what the server says at start and end.
    expected["FATAL"] += 2
    expected["LOG"] = written["LOG"]
    assert written == expected
    assert (found["total"], found["unparsed_lines"]) == (sum(written.values()), 0)
    assert found["times"]["zone_assumed"] == found["times"]["missing"] == 0
    for time in (found["first"], found["last"]):
        assert abs(datetime.now(UTC) - datetime.fromisoformat(time)) < timedelta(minutes=5)


def check_problems(found: dict[str, Any]) -> None:
    """The problems are those that the test made, at their levels."""
    rows = [(row["level"], row["example"]) for row in found["problems"]]
    assert len(rows) == len(PROBLEMS)
    for level, words in PROBLEMS:
        assert [text for of, text in rows if of == level and text.startswith(words)], words


def check_levels(found: dict[str, Any], written: Counter[str]) -> None:
    assert levels(found) == {LEVELS[level]: count for level, count in written.items()}


def written_to_stderr(logs: Path) -> Counter[str]:
    """Events by level: lines that begin with a time and are no part of another event."""
    event = re.compile(r"\d{4}-.*?\] (?:\S+@\S+ )?([A-Z]+):  ")
    found = map(event.match, (logs / "pg.log").read_text().splitlines())
    return Counter(match[1] for match in found if match and match[1] in LEVELS)


@needs("postgres", "initdb", "psql")
def test_stderr(logs: Path) -> None:
    found = report(logs / "pg.log")
    check(found, written_to_stderr(logs))
    check_problems(found)
    # DETAIL, HINT, CONTEXT, STATEMENT and the further lines of statements belong to an event.
    lines = len((logs / "pg.log").read_text().splitlines())
    whole = found["continuation_lines"] + found["blank_lines"] + found["total"]
    assert whole == found["lines"] == lines


@needs("postgres", "initdb", "psql")
def test_stderr_levels(logs: Path) -> None:
    check_levels(report(logs / "pg.log"), written_to_stderr(logs))


@needs("postgres", "initdb", "psql")
def test_stderr_names_no_source_duration(logs: Path) -> None:
    """``LOG:  duration: 0.060 ms  statement: ...``"""
    sources = names(report(logs / "pg.log")["sources"])
    assert "duration" not in sources
    assert "LOG" not in sources


def written_as_json(logs: Path) -> Counter[str]:
    rows = map(json.loads, (logs / "pg.json").read_text().splitlines())
    return Counter(row["error_severity"] for row in rows)


@needs("postgres", "initdb", "psql")
def test_json(logs: Path) -> None:
    found = report(logs / "pg.json")
    assert found["formats"] == {"json": found["lines"]}
    check(found, written_as_json(logs))


@needs("postgres", "initdb", "psql")
def test_json_levels(logs: Path) -> None:
    found = report(logs / "pg.json")
    check_levels(found, written_as_json(logs))
    check_problems(found)


def written_as_csv(logs: Path) -> Counter[str]:
    with (logs / "pg.csv").open(newline="") as file:
        return Counter(row[11] for row in csv.reader(file))


@needs("postgres", "initdb", "psql")
def test_csv(logs: Path) -> None:
    check(native_report(logs / "pg.csv"), written_as_csv(logs))


@needs("postgres", "initdb", "psql")
def test_csv_levels(logs: Path) -> None:
    found = native_report(logs / "pg.csv")
    check_levels(found, written_as_csv(logs))
    check_problems(found)
