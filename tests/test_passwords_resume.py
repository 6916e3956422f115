"""A run that is killed goes on where it was: in order, nothing lost, and on its own input only."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import random
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from password_runs import (
    CHEAP,
    SECRET,
    SLOW,
    WITHIN_SECONDS,
    Run,
    matches,
    runner,
    started,
)

from code_ops.password_journal import PasswordJournal

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(tmp_path)


COUNT = 120


class Killed:
    """One command over a file of rows, killed and run again."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.out = folder / "out.csv"
        rows = [f'{number},"{SECRET}-{number}"\n' for number in range(COUNT)]
        rows[60] = "a bad row\n"
        self.text = "id,password\n" + "".join(rows)
        (folder / "users.csv").write_text(self.text, encoding="ascii")
        self.words = (
            "hash", "users.csv", "-o", "out.csv", "--resume", "state", *SLOW, "--engine", engine,
        )  # fmt: skip

    def kill_later(self, number: signal.Signals = signal.SIGKILL) -> tuple[int, str]:
        """Ends a run once it has done more than is in the journal; the code and what it said."""
        before = self.done()
        with started(self.folder, *self.words) as process:
            end = time.monotonic() + WITHIN_SECONDS
            while self.done() <= before and process.poll() is None:
                assert time.monotonic() < end
                time.sleep(0.005)
            process.send_signal(number)
            error = process.communicate(timeout=WITHIN_SECONDS)[1].decode()
        return process.returncode, error

    def done(self) -> int:
        """The hashes in the whole lines of the journal."""
        if not self.state.exists():
            return 0
        text = self.state.read_text(encoding="ascii")
        assert SECRET not in text
        return text.rpartition("\n")[0].count("$argon2id$")

    def check(self) -> None:
        """The output has every row in its order, with a hash that is its password's."""
        with self.out.open(encoding="ascii", newline="") as file:
            rows = list(csv.reader(file))[1:]
        numbers = [number for number in range(COUNT) if number != 60]
        assert rows[60] == ["", ""]
        assert [row[0] for row in rows if row[0]] == [str(number) for number in numbers]
        passwords = [f"{SECRET}-{number}" for number in numbers]
        assert matches([row[1] for row in rows if row[0]], passwords)


@pytest.fixture
def killed(tmp_path: Path, engine: str) -> Killed:
    return Killed(tmp_path, engine)


def test_a_killed_run_goes_on(killed: Killed, run: Run) -> None:
    done = [0]
    for _ in range(3):
        code, _ = killed.kill_later()
        assert code in (-9, 3)
        if code == 3:
            break
        done.append(killed.done())
        assert done[-1] > done[-2]
        assert not killed.out.exists()
    assert len(done) > 1
    kept = killed.state.read_text(encoding="ascii")
    ended = run(*killed.words)
    assert ended.returncode == 3
    assert ended.stderr.startswith(f"resuming: {done[-1]} hashes done\n")
    killed.check()
    # What an earlier run hashed is not hashed again.
    written = killed.out.read_text(encoding="ascii")
    entries = [json.loads(line)["hashes"] for line in kept.splitlines()[1:]]
    assert all(hash_ in written for hashes in entries for hash_ in hashes)
    assert not killed.state.exists()
    left = {name for name in os.listdir(killed.folder) if not name.startswith(".code-ops-")}
    assert left == {"users.csv", "out.csv"}


def test_a_torn_journal_is_survived(killed: Killed, run: Run) -> None:
    killed.kill_later()
    journal = killed.state.read_bytes()
    cuts = [0, 5, *random.Random(3).sample(range(journal.index(b"\n"), len(journal)), 2)]
    for cut in cuts:
        killed.state.write_bytes(journal[:cut])
        assert run(*killed.words).returncode == 3, cut
        killed.check()
        assert not killed.state.exists()


def test_a_torn_line_is_gone_before_the_next_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for torn, expected in ((b"", []), (b'{"hashes": ["' + b"x" * 99, ["a"]), (b"{", ["a", "a"])):
        if torn:
            with path.open("ab") as file:
                file.write(torn)
        journal = PasswordJournal(str(path), "key")
        journal.open()
        assert (journal.done, list(journal.earlier())) == (len(expected), expected)
        journal.write(["a"])
        journal.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_done(
    killed: Killed, run: Run, number: signal.Signals
) -> None:
    code, error = killed.kill_later(number)
    assert code == 130
    told, *_, last = error.splitlines()
    done = killed.done()
    assert told == f"interrupted: {done} hashes done, in out.csv.partial"
    assert last == "the same command goes on from state"
    partial = (killed.folder / "out.csv.partial").read_text(encoding="ascii")
    assert partial.count("$argon2id$") == done
    assert partial.endswith("\n")
    assert not killed.out.exists()
    assert stat.S_IMODE((killed.folder / "out.csv.partial").stat().st_mode) == 0o600
    assert run(*killed.words).stderr.startswith(f"resuming: {done} hashes done\n")
    killed.check()


def test_an_interrupted_pipe_has_whole_rows(tmp_path: Path, engine: str) -> None:
    (tmp_path / "in.txt").write_text("x\n" * 10_000, encoding="ascii")
    # Not buffered here, where what is behind the first line would be lost.
    words = ("hash", "in.txt", *SLOW, "--engine", engine)
    with started(tmp_path, *words, bufsize=0) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=WITHIN_SECONDS)
    hashes = (first + out).decode().splitlines()
    assert process.returncode == 130
    assert error.decode() == f"interrupted: {len(hashes):,} hash{'es' * (len(hashes) != 1)} done\n"
    assert matches(hashes[-2:], ["x"] * len(hashes[-2:]))
    assert (first + out).endswith(b"\n")


def test_ctrl_c_ends_the_waiting_for_a_pipe(tmp_path: Path) -> None:
    with started(tmp_path, "hash", *CHEAP, stdin=subprocess.PIPE) as process:
        process.stdin.write(b"x\nunfinished")
        process.stdin.flush()
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN_SECONDS) == 130
        assert process.stdout.read() == b""
    assert matches([first.decode().strip()], ["x"])


@pytest.fixture
def interrupted(killed: Killed) -> Killed:
    killed.kill_later()
    return killed


OTHER = "error: state: a checkpoint of another input or options, remove it or name another file\n"


@pytest.mark.parametrize(
    "words",
    [CHEAP, ("--column", "2"), ("--no-header", "-c", "2"), ("--pepper-file", "users.csv")],
    ids=" ".join,
)
def test_other_options_are_refused(interrupted: Killed, run: Run, words: tuple[str, ...]) -> None:
    journal = interrupted.state.read_bytes()
    ended = run(*interrupted.words, *words)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.endswith(OTHER)
    assert interrupted.state.read_bytes() == journal
    assert not interrupted.out.exists()


def test_another_input_is_refused(interrupted: Killed, run: Run) -> None:
    users = interrupted.folder / "users.csv"
    users.write_text(interrupted.text.replace("a bad row", "a mad row"), encoding="ascii")
    assert run(*interrupted.words).stderr == OTHER


@pytest.mark.parametrize("place", ["first", "last"])
def test_input_that_looks_the_same_is_verified(interrupted: Killed, run: Run, place: str) -> None:
    """Of the same size and time in the same place, but with another password."""
    users = interrupted.folder / "users.csv"
    before = users.stat()
    number = 0 if place == "first" else interrupted.done() - 1
    number += place == "last" and number >= 60
    changed = interrupted.text.replace(f'"{SECRET}-{number}"', f'"Hunter2-{number}"')
    with users.open("r+", encoding="ascii") as file:
        file.write(changed)
    os.utime(users, ns=(before.st_atime_ns, before.st_mtime_ns))
    journal = interrupted.state.read_bytes()
    ended = run(*interrupted.words)
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1] == (
        "error: state: a checkpoint of other passwords or another pepper, remove it or name "
        "another file"
    )
    assert interrupted.state.read_bytes() == journal
    assert not interrupted.out.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"shopping: milk\n", "not a checkpoint of code-ops, it is left alone"),
        (b"[]\n", "not a checkpoint of code-ops, it is left alone"),
        (b'{"code_ops_passwords_checkpoint": 99}\n', "a checkpoint of another version of code-ops"),
    ],
)
def test_a_foreign_file_is_left_alone(
    tmp_path: Path, run: Run, content: bytes, message: str
) -> None:
    (tmp_path / "in.txt").write_text("x\n", encoding="ascii")
    (tmp_path / "state").write_bytes(content)
    ended = run("hash", "in.txt", "--resume", "state", *CHEAP)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", f"error: state: {message}\n")
    assert (tmp_path / "state").read_bytes() == content


def test_a_damaged_middle_is_told(interrupted: Killed, run: Run) -> None:
    head, first, rest = interrupted.state.read_bytes().split(b"\n", 2)
    interrupted.state.write_bytes(b"\n".join((head, first[:-9], first, rest)))
    ended = run(*interrupted.words)
    assert ended.returncode == 3
    assert ended.stderr == "error: state: a line in the middle is damaged\n"


def test_a_journal_in_use_is_left_alone(interrupted: Killed, run: Run) -> None:
    with interrupted.state.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ended = run(*interrupted.words)
    assert ended.returncode == 3
    assert ended.stderr == "error: state: in use by a run that is still going on\n"
