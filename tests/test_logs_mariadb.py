"""What MariaDB logs: errors, slow queries, and what a server says that cannot start."""

from __future__ import annotations

import getpass
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from log_servers import levels, native_report, needs, report, run, running

PROGRAMS = needs("mariadbd", "mariadb-install-db", "mariadb")
STATEMENTS = """create database x; use x; create table t (a int); insert into t values (1), (2);
select sleep(0.05), a from t; select a,
 'ERROR' from t"""
LEVELS = {"Note": "notice", "Warning": "warning", "ERROR": "error"}


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the logs of a server that has ended, and of one that could not start."""
    folder = tmp_path_factory.mktemp("mariadb")
    data, socket = folder / "data", folder / "s"
    common = ("--no-defaults", f"--datadir={data}", f"--user={getpass.getuser()}")
    run("mariadb-install-db", *common, "--auth-root-authentication-method=normal")
    words: list[str | Path] = [
        *("mariadbd", *common, f"--socket={socket}", "--skip-networking"),
        *(f"--log-error={folder / 'error.log'}", "--log-warnings=4"),
        *("--slow-query-log", f"--slow-query-log-file={folder / 'slow.log'}"),
        "--long-query-time=0",
    ]
    with running(words, folder / "output", socket.exists):
        client = ("mariadb", "--no-defaults", "-S", socket)
        run(*client, "-u", "root", "-e", STATEMENTS)
        run(*client, "-u", "nobody", "-pwrong", "-e", "", check=False)
    bad = (f"--log-error={folder / 'failed.log'}", "--innodb-data-file-path=nothing")
    run("mariadbd", *common, "--skip-networking", f"--socket={socket}", *bad, check=False)
    return folder


def written(path: Path) -> Counter[str]:
    """Lines by level: ``2026-11-20 10:00:00 0 [Note] InnoDB: ...``."""
    form = re.compile(r"^\d{4}-\d\d-\d\d +\d+:\d\d:\d\d \d+ \[(\w+)\]", re.MULTILINE)
    return Counter(LEVELS[level] for level in form.findall(path.read_text()))


@PROGRAMS
def test_times_of_errors(mariadb: Path) -> None:
    found = report(mariadb / "error.log")
    assert found["total"] == sum(written(mariadb / "error.log").values())
    for time in (found["first"], found["last"]):
        assert abs(datetime.now(UTC) - datetime.fromisoformat(time)) < timedelta(minutes=5)
    problems = [row["example"] for row in found["problems"]]
    assert any("Access denied for user 'nobody'" in text for text in problems)


@PROGRAMS
@pytest.mark.parametrize("name", ["error.log", "failed.log"])
def test_levels(mariadb: Path, name: str) -> None:
    expected = written(mariadb / name)
    assert expected["error"] >= (1 if name == "failed.log" else 0)
    assert levels(report(mariadb / name)) == expected


@PROGRAMS
def test_slow_queries(mariadb: Path) -> None:
    """Each begins with ``# User@Host`` or, in a new second, ``# Time`` before."""
    text = (mariadb / "slow.log").read_text()
    found = native_report(mariadb / "slow.log")
    assert found["total"] == text.count("# User@Host: ")
    assert found["first"] is not None
