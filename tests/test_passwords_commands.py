"""``code-ops passwords hash`` as a program: forms, mistakes, outputs and pipes.

Hashes are judged by verifying them; what must not show is looked for in all that was written.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
import typer
from password_runs import (
    CHEAP,
    COMMAND,
    SECRET,
    WITHIN_SECONDS,
    Run,
    environment,
    matches,
    runner,
    started,
)

from code_ops.cli.parameters import size_bytes
from code_ops.cli.passwords_common import params_of
from code_ops.passwords import Params, verify_batch

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(tmp_path)


def test_lines_become_hashes_in_their_order(run: Run, engine: str) -> None:
    data = b"one\r\n two \n\n\xff\xfe\nlast"
    ended = run("hash", *CHEAP, "--engine", engine, stdin=data)
    assert (ended.returncode, ended.stderr) == (0, "warning: 1 password is empty\n")
    assert matches(ended.stdout.splitlines(), [b"one", b" two ", b"", b"\xff\xfe", b"last"])


def test_nul_separated_passwords_may_have_line_ends(run: Run) -> None:
    ended = run("hash", "--from", "nul", *CHEAP, stdin=b"a\nb\0c\0")
    assert ended.returncode == 0
    assert matches(ended.stdout.splitlines(), [b"a\nb", b"c"])


def test_csv_has_hashes_in_the_passwords_place(run: Run, tmp_path: Path) -> None:
    text = f'id;pass;note\r\n1;{SECRET};"a;b"\r\n2;"x\ny";\n3;ü;c'
    (tmp_path / "users.csv").write_text(text, encoding="utf-8", newline="")
    words = ("users.csv", "--delimiter", ";", "--column", "pass", "--hash-column", "hash")
    ended = run("hash", *words, *CHEAP)
    rows = list(csv.reader(io.StringIO(ended.stdout, newline=""), delimiter=";"))
    assert [[row[0], row[2]] for row in rows] == [
        ["id", "note"], ["1", "a;b"], ["2", ""], ["3", "c"],
    ]  # fmt: skip
    assert rows[0][1] == "hash"
    assert matches([row[1] for row in rows[1:]], [SECRET, "x\ny", "ü"])


def test_csv_without_a_header(run: Run) -> None:
    ended = run("hash", "--from", "csv", "--no-header", "-c", "2", *CHEAP, stdin="a,x\nb,y\n")
    rows = list(csv.reader(io.StringIO(ended.stdout)))
    assert [row[0] for row in rows] == ["a", "b"]
    assert matches([row[1] for row in rows], ["x", "y"])


def test_jsonl_keeps_every_other_byte(run: Run) -> None:
    line = '{"id": 12345678901234567890, "login": {"pw" :"%s", "n": 1.10}, "x": "\\u00fc"}'
    ended = run("hash", "--from", "jsonl", "-c", "login.pw", *CHEAP, stdin=line % SECRET + "\r\n\n")
    hash_ = json.loads(ended.stdout)["login"]["password_hash"]
    assert ended.stdout == line.replace('"pw"', '"password_hash"') % hash_ + "\n"
    assert matches([hash_], [SECRET])


BAD_CSV = f"""id,password
1,one
2,{SECRET},{SECRET}
3,"{SECRET}"{SECRET}
4
5,five
6,"{SECRET}
"""
BAD_JSONL = f"""{{"password": "one"}}
{{"password": 2, "id": "{SECRET}-is-no-password-here"}}
{{"passwort": "{SECRET}"}}
{SECRET}
{{"password": "{SECRET}", "password": "{SECRET}"}}
{{"password": "five"}}
{{"password": "{SECRET}", "password_hash": "there"}}
"""


@pytest.mark.parametrize("form", ["rows", "lines", "ndjson"])
@pytest.mark.parametrize(
    ("name", "text", "bad"), [("u.csv", BAD_CSV, 4), ("u.jsonl", BAD_JSONL, 5)]
)
def test_as_many_rows_come_out_and_no_password(
    run: Run, tmp_path: Path, form: str, name: str, text: str, bad: int
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    ended = run("hash", name, "--format", form, *CHEAP)
    if form != "rows" and name == "u.jsonl":
        bad -= 1
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == bad
    assert f"error: {name}:3: " in ended.stderr
    count = ended.stdout.count("$argon2id$")
    total = 6 + (name == "u.jsonl")
    assert count == total - bad
    has_header = form == "rows" and name == "u.csv"
    assert len(ended.stdout.splitlines()) == total + has_header
    shown = ended.stdout.replace(f"{SECRET}-is-no-password-here", "") + ended.stderr
    assert SECRET not in shown


def test_a_failed_row_has_its_place_in_each_form(run: Run) -> None:
    csv_out = run("hash", "--from", "csv", *CHEAP, stdin="id,password\n1\n").stdout
    assert csv_out == "id,password_hash\n,\n"
    one = run("hash", "--from", "csv", *CHEAP, stdin='password\n"\n').stdout
    assert one == 'password_hash\n""\n'
    assert run("hash", "--from", "jsonl", *CHEAP, stdin="x").stdout == '{"password_hash": null}\n'
    long = run("hash", *CHEAP, stdin=b"x" * (16 << 20) + b"y\nz\n")
    assert long.stdout.splitlines()[0] == ""
    assert matches(long.stdout.splitlines()[1:], [b"z"])
    assert long.stderr == "error: stdin:1: longer than 16,777,216 bytes\n"
    record = run("hash", "--from", "jsonl", "-f", "ndjson", *CHEAP, stdin="\nx").stdout
    assert json.loads(record) == {
        "v": 1, "row": 1, "line": 2, "password_hash": None, "problem": "no JSON object",
    }  # fmt: skip


def test_many_problems_are_counted(run: Run) -> None:
    ended = run("hash", "--from", "jsonl", *CHEAP, stdin="x\n" * 1000)
    assert len(ended.stderr.splitlines()) == 21
    assert ended.stderr.endswith("error: and 980 more like these\n")
    assert len(ended.stdout.splitlines()) == 1000


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("hash", SECRET), 3),
        (("hash", f"/{SECRET}.csv"), 3),
        (("hash", "users.csv", SECRET), 2),
        (("verify", "$argon2id$", SECRET), 2),
        (("verify", SECRET), 3),
        (("hash", f"--password={SECRET}"), 2),
    ],
)
def test_an_argument_that_may_be_a_password_is_not_repeated(
    run: Run, words: tuple[str, ...], code: int
) -> None:
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert SECRET not in ended.stderr
    if "=" not in words[1]:
        assert "passwords are never arguments" in ended.stderr


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("--params", "m=7,t=1,p=1"), 2, "memory of 7 KiB is out of range 8-4294967295 (--params)"),
        (("--params", "m=64,t=0,p=1"), 2, "0 iterations are out of range 1-4294967295 (--params)"),
        (("--memory", "1MiB"), 2,
         "a hash takes 65536 KiB of memory, the budget is 1024 KiB (--memory)"),
        (("--params", "m=1"), 2,
         "--params: expected owasp, rfc9106-first, rfc9106-second or m=64MiB,t=3,p=4, found 'm=1'"),
        (("--from", "csv", "-c", "pw"), 3,
         "stdin: no column 'pw' in the header row, which has 2 columns"),
        (("--from", "csv", "--hash-column", "id"), 3, "stdin: there is a column 'id' already"),
        (("--resume", "state"), 2, "--resume needs a FILE: other input cannot be read again"),
        (("--pepper-file", "nothing"), 3, "nothing: no such file or directory"),
        (("--output", "no/such/folder"), 4, "no/such/folder: no such file or directory"),
    ],
)  # fmt: skip
def test_mistakes_are_told(run: Run, words: tuple[str, ...], code: int, error: str) -> None:
    ended = run("hash", *words, stdin=f"id,password\n1,{SECRET}\n")
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.splitlines()[0] == f"error: {error}"


def test_a_json_document_is_no_list_of_passwords(run: Run, tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text("[]", encoding="ascii")
    ended = run("hash", "users.json")
    assert (ended.returncode, ended.stdout) == (2, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owasp", "owasp"),
        ("m=65536,t=3,p=4", Params(65536, 3, 4)),
        ("p=4, t=3, m=64MiB", Params(65536, 3, 4)),
        ("m=1GiB,t=1,p=2", Params(1048576, 1, 2)),
        ("m=1.5MiB,t=1,p=2", Params(1536, 1, 2)),
        ("m=64,t=3", None),
        ("m=64,t=3,p=4,p=4", None),
        ("m=64,t=3,p=-4", None),
        ("m=64,t=3,p=\N{ARABIC-INDIC DIGIT FOUR}", None),
        ("m=,t=3,p=4", None),
        ("m=64Mi,t=3,p=4", None),
        ("", None),
        ("OWASP", None),
    ],
)
def test_costs_are_read(text: str, expected: Params | str | None) -> None:
    if expected is None:
        with pytest.raises(typer.BadParameter):
            params_of(text)
    else:
        assert params_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64MiB", 67108864),
        ("1.5KiB", 1536),
        ("0B", 0),
        ("2GB", 2_000_000_000),
        ("3kB", 3000),
        ("1TiB", 1099511627776),
        ("64", None),
        ("64 MiB", None),
        ("-1MiB", None),
        ("MiB", None),
        ("64mib", None),
    ],
)
def test_sizes_are_read(text: str, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(typer.BadParameter):
            size_bytes(text)
    else:
        assert size_bytes(text) == expected


def test_the_pepper_counts_and_its_file_is_looked_at(run: Run, tmp_path: Path) -> None:
    pepper = tmp_path / "pepper"
    pepper.write_bytes(b"pep\nper\n")
    pepper.chmod(0o644)
    ended = run("hash", *CHEAP, "--pepper-file", "pepper", stdin="x\n")
    assert ended.stderr.startswith("warning: pepper: others can read this pepper")
    hash_ = ended.stdout.strip()
    assert verify_batch([(hash_, "x")], pepper=b"pep\nper")[0]
    pepper.chmod(0o600)
    (tmp_path / "hash").write_text(ended.stdout, encoding="ascii")
    words = ("verify", "--hash-file", "hash")
    assert run(*words, stdin="x\n").returncode == 1
    ended = run(*words, "--pepper-file", "pepper", stdin="x\n")
    assert (ended.returncode, ended.stderr) == (0, "")
    pepper.write_bytes(b"\r\n")
    ended = run("hash", *CHEAP, "--pepper-file", "pepper", stdin="x\n")
    assert (ended.returncode, ended.stderr) == (3, "error: pepper: the pepper is empty\n")


def test_a_new_output_is_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("x\n", encoding="ascii")
    assert run("hash", "in.txt", *CHEAP, "-o", "new").returncode == 0
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    (tmp_path / "in.txt").chmod(0o640)
    assert run("hash", "in.txt", *CHEAP, "-o", "in.txt").returncode == 0
    assert stat.S_IMODE((tmp_path / "in.txt").stat().st_mode) == 0o640
    assert matches((tmp_path / "in.txt").read_text(encoding="ascii").splitlines(), ["x"])


def test_a_failure_leaves_the_output_as_it_was(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("before", encoding="ascii")
    assert run("hash", "--from", "csv", "-o", "out.csv", stdin="id\n").returncode == 3
    assert (tmp_path / "out.csv").read_text(encoding="ascii") == "before"
    assert os.listdir(tmp_path) == ["out.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told(run: Run) -> None:
    ended = run("hash", *CHEAP, "-o", "/dev/full", stdin="x\n")
    assert ended.returncode == 4
    assert ended.stderr == "error: /dev/full: no space left on device\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"seq 100000 | {COMMAND} passwords hash {' '.join(CHEAP)} | head -n 1"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    assert matches(ended.stdout.splitlines(), ["1"])


def test_a_closed_standard_input_is_told(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-c", f"{COMMAND} passwords hash <&-"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == "error: stdin: bad file descriptor\n"


def test_a_pipe_has_its_hash_before_the_next_password(tmp_path: Path) -> None:
    with started(tmp_path, "hash", *CHEAP, stdin=subprocess.PIPE) as process:
        for password in ("first", "second"):
            process.stdin.write(f"{password}\n".encode())
            process.stdin.flush()
            assert matches([process.stdout.readline().decode().strip()], [password])
        process.stdin.close()
        assert process.wait(WITHIN_SECONDS) == 0


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """Passwords of 400 MB in all, of 1 MB each, in a file that takes no room."""

    def peak_mib(count: int) -> float:
        with (tmp_path / "in.txt").open("wb") as file:
            for number in range(1, count + 1):
                file.seek(number * 1_000_000)
                file.write(b"\n")
        with started(tmp_path, "hash", "in.txt", *CHEAP) as process:
            assert len(process.stdout.read().splitlines()) == count
            peak: int = os.wait4(process.pid, 0)[2].ru_maxrss
        return peak / 1024

    assert peak_mib(400) - peak_mib(1) < 120
