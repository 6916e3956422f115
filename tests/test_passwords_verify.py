"""``code-ops passwords verify`` and ``calibrate`` as programs.

Stored hashes come from argon2-cffi, and from what ``hash`` wrote.
"""

from __future__ import annotations

import csv
import io
import json
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from password_runs import CHEAP, WITHIN_SECONDS, Run, runner, started

from code_ops.cli.passwords_common import params_of
from code_ops.passwords import Params

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", "one\n two\n\nthree\n"),
        ("p.csv", 'id,password\n1,one\n2,"t\nwo"\n3,\n'),
        ("p.tsv", "id\tpassword\n1\tone\n"),
        ("p.jsonl", '{"password": "one"}\n{"password": "\\u00fc"}\n'),
    ],
)
def test_what_was_hashed_is_verified(
    run: Run, tmp_path: Path, engine: str, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    out = f"hashed{Path(name).suffix}"
    assert run("hash", name, "-o", out, *CHEAP, "--engine", engine).returncode == 0
    ended = run("verify", name, "--hash-file", out, "--engine", engine)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {json.loads(line)["state"] for line in ended.stdout.splitlines()} == {"match"}


def schema(name: str) -> Any:
    path = Path(__file__).parent.parent / "docs" / "schemas" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def stored(password: str, costs: str = "m=8,t=1,p=1") -> str:
    from argon2.low_level import Type, hash_secret

    memory, iterations, lanes = (int(part[2:]) for part in costs.split(","))
    return hash_secret(
        password.encode(), b"saltsaltsaltsalt", iterations, memory, lanes, 32, Type.ID
    ).decode()


STATES: list[tuple[str, str, str, int]] = [
    ("one", "one", "match", 0),
    ("one", "two", "mismatch", 1),
    ("$argon2id$x", "two", "invalid hash", 3),
    ("", "two", "invalid hash", 3),
    ("$argon2id$v=19$m=4194304,t=3,p=4$c2FsdHNhbHQ$dGFnZ3RhZ2c", "two", "refused", 1),
]


@pytest.mark.parametrize(("hash_", "password", "state", "code"), STATES)
def test_verify_tells_what_came_of_it(
    run: Run, hash_: str, password: str, state: str, code: int
) -> None:
    hash_ = stored(hash_) if hash_ == "one" else hash_
    line = json.dumps({"hash": hash_, "password": password})
    ended = run("verify", "--from", "jsonl", stdin=line)
    record = json.loads(ended.stdout)
    assert (ended.returncode, record["state"]) == (code, state)
    jsonschema.validate(record, schema("passwords-verify"))
    assert bool(record["reason"]) == (state in ("invalid hash", "refused"))


def test_a_failed_check_is_told_before_unread_rows(run: Run) -> None:
    pairs = [{"hash": stored("x"), "password": "y"}, {"hash": "x", "password": "y"}, {}]
    text = "".join(f"{json.dumps(pair)}\n" for pair in pairs)
    ended = run("verify", "--from", "jsonl", "--format", "csv", stdin=text)
    assert ended.returncode == 1
    rows = list(csv.reader(io.StringIO(ended.stdout)))
    assert rows[0] == ["row", "line", "state", "reason", "needs_rehash"]
    assert [row[2] for row in rows[1:]] == ["mismatch", "invalid hash", "unreadable"]
    assert "3 pairs: 1 mismatch, 1 invalid hash, 1 unreadable" in ended.stderr


@pytest.mark.parametrize(
    ("option", "value", "costs"),
    [
        ("--max-memory", "1MiB", "m=2048,t=1,p=1"),
        ("--max-iterations", "3", "m=8,t=4,p=1"),
        ("--max-lanes", "1", "m=16,t=1,p=2"),
    ],
)
def test_limits_are_options(run: Run, option: str, value: str, costs: str) -> None:
    line = json.dumps({"password_hash": stored("x", costs), "password": "x"})
    assert run("verify", "--from", "jsonl", stdin=line).returncode == 0
    ended = run("verify", "--from", "jsonl", option, value, stdin=line)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["state"] == "refused"


def test_hashes_of_other_costs_are_told(run: Run) -> None:
    rows = [f"{stored('x', costs)},x\n" for costs in ("m=8,t=1,p=1", "m=8,t=2,p=1")]
    # Its fields hold the delimiter.
    text = "hash,password\n" + "".join(f'"{row[:-3]}",x\n' for row in rows)
    ended = run("verify", "--from", "csv", *CHEAP, stdin=text)
    assert ended.returncode == 0
    needed = [json.loads(line)["needs_rehash"] for line in ended.stdout.splitlines()]
    assert needed == [False, True]
    table = run("verify", "--from", "csv", *CHEAP, "--format", "table", stdin=text).stdout
    assert table.splitlines()[-1] == "2 pairs: 2 match; 1 needs a new hash"


@pytest.mark.parametrize(
    ("hashes", "passwords", "states"),
    [
        (["x"], ["x", "y", "x"], ["match", "mismatch", "match"]),
        (["x", "y"], ["x"], ["match", "unreadable"]),
        (["x", "y"], ["x", "y", "z"], ["match", "match", "unreadable"]),
        ([], ["x"], ["unreadable"]),
        (["x"], [], []),
    ],
)
def test_hashes_beside_passwords(
    run: Run, tmp_path: Path, hashes: list[str], passwords: list[str], states: list[str]
) -> None:
    text = "".join(f"{stored(each)}\n" for each in hashes)
    (tmp_path / "hashes").write_text(text, encoding="ascii")
    ended = run("verify", "--hash-file", "hashes", stdin="".join(f"{each}\n" for each in passwords))
    assert [json.loads(line)["state"] for line in ended.stdout.splitlines()] == states
    code = 1 if "mismatch" in states else 3 if "unreadable" in states else 0
    assert ended.returncode == code


def test_an_interrupted_verify_tells_what_it_has(tmp_path: Path, engine: str) -> None:
    (tmp_path / "hash").write_text(stored("x", "m=32768,t=4,p=1"), encoding="ascii")
    (tmp_path / "in.txt").write_text("x\n" * 10_000, encoding="ascii")
    words = ("verify", "in.txt", "--hash-file", "hash", "--engine", engine)
    with started(tmp_path, *words, bufsize=0) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=WITHIN_SECONDS)
    records = [json.loads(line) for line in (first + out).splitlines()]
    assert process.returncode == 130
    assert [record["row"] for record in records] == list(range(1, len(records) + 1))
    assert {record["state"] for record in records} == {"match"}
    pairs = f"{len(records):,} pair{'s' * (len(records) != 1)}"
    assert error.decode() == f"interrupted: {pairs}: {len(records):,} match\n"


def test_verify_names_what_it_lacks(run: Run) -> None:
    ended = run("verify", stdin="x\n")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: lines hold no pairs")
    ended = run("verify", "--hash-file", "nothing", stdin="x\n")
    assert (ended.returncode, ended.stderr) == (3, "error: --hash-file: no such file\n")
    ended = run("verify", "-", "--hash-file", "-", stdin="x\n")
    assert ended.returncode == 2


def test_calibrate_recommends_what_hash_takes(run: Run, engine: str) -> None:
    words = ("calibrate", "--target", "100ms", "--memory", "8MiB", "--lanes", "1")
    ended = run(*words, "--engine", engine)
    assert (ended.returncode, ended.stderr) == (0, "")
    found = json.loads(ended.stdout)
    jsonschema.validate(found, schema("passwords-calibrate"))
    assert found["target_ms"] == 100.0
    assert [one["memory_kib"] for one in found["measured"]] == [8192]
    params = found["recommended"]["params"]
    assert params_of(params) == Params(8192, found["recommended"]["iterations"], 1)
    assert found["hashes_a_second"] > 0
    assert f"${params}$" in run("hash", "-p", params, stdin="x").stdout


def test_calibrate_tells_when_nothing_fits(run: Run) -> None:
    ended = run("calibrate", "--target", "1us", "--memory", "8MiB", "--format", "table")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: no setting is within 0.001 ms: ")
    assert "beyond the target" in ended.stdout
