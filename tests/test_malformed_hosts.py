"""Two hundred malformed host lists: each tells where it is wrong, at once and in one line each."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from malformed import BY_HAND, mutants

from code_ops.scan import InputProblem, Targets

pytestmark = pytest.mark.timeout(60)
FILES = 200
SEED = 20
LONGEST_LINE = 65_536
# Far more than any of them takes, and far less than one that is read in quadratic time.
SECONDS_A_FILE = 2.0
COMMAND = Path(sys.executable).with_name("code-ops")


def lists() -> dict[str, bytes]:
    """Those made by hand, and mutants that are wrong, until there are enough."""
    chosen = dict(BY_HAND)
    for name, data in mutants(2 * FILES, SEED).items():
        if len(chosen) == FILES:
            break
        if problems_of(data, "python"):
            chosen[name] = data
    return chosen


def problems_of(data: bytes, engine: str) -> list[InputProblem]:
    return Targets("1", engine=engine).add(data.decode("utf-8", "replace"), "hosts.txt")


LISTS = lists()


def test_there_are_enough() -> None:
    assert len(LISTS) == FILES
    assert lists() == LISTS


@pytest.mark.parametrize("name", LISTS)
def test_each_part_has_its_place_and_reason(name: str, engine: str) -> None:
    text = LISTS[name].decode("utf-8", "replace")
    began = time.perf_counter()
    problems = problems_of(LISTS[name], engine)
    assert time.perf_counter() - began < SECONDS_A_FILE
    assert problems
    lines = text.removeprefix("\ufeff").split("\n")
    for problem in problems:
        assert str(problem).startswith(f"hosts.txt:{problem.line}:{problem.column}: ")
        assert 1 <= problem.line <= len(lines)
        # A part that is missing is missing after the last character.
        assert 1 <= problem.column <= min(len(lines[problem.line - 1]), LONGEST_LINE) + 1
        assert re.match("['a-z]", problem.message)
        assert not problem.message.endswith(".")
    places = [(problem.line, problem.column) for problem in problems]
    assert places == sorted(places)


@pytest.mark.parametrize("name", LISTS)
def test_what_is_right_beside_it_counts(name: str, engine: str) -> None:
    text = LISTS[name].decode("utf-8", "replace")
    alone, beside = Targets("1", engine=engine), Targets("1", engine=engine)
    problems = alone.add(text, "hosts.txt")
    assert beside.add(f"{text}\n127.9.9.9:1-4\n", "hosts.txt") == problems
    assert (beside.hosts, beside.probes) == (alone.hosts + 1, alone.probes + 4)


@pytest.mark.parametrize(
    "name",
    [
        "a control character", "an escape sequence", "NUL", "UTF-16", "a huge port",
        "deep brackets", "invalid UTF-8", "a line without end", "right to left",
        "many bad lines", "a shell command",
    ],
)  # fmt: skip
def test_the_command_tells_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "hosts.txt").write_bytes(LISTS[name])
    began = time.perf_counter()
    ended = subprocess.run(
        [COMMAND, "scan", "hosts.txt", "--strict", "-p", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert time.perf_counter() - began < 10
    assert (ended.returncode, ended.stdout) == (3, "")
    *told, last = ended.stderr.splitlines()
    assert re.match(r"error: hosts\.txt:[1-9]\d*:[1-9]\d*: .", told[0])
    assert last.startswith("nothing was scanned: ")
    assert len(told) <= 21
    for line in told:
        assert line.startswith("error: ")
        assert line.isprintable()
        assert len(line) < 500
