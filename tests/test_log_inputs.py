"""What names come to as inputs of logs: files, folders, patterns, and rotated sets."""

from __future__ import annotations

import errno
import gzip
import itertools
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from code_ops.log_inputs import LogInput, find_logs
from code_ops.log_rotation import in_sets, rotated_name
from code_ops.logs import LogAnalyzer

# Each set as rotating programs leave it, the oldest first: logrotate's documentation (numbers,
# `dateext`, `extension`, `dateformat`), Python's logging.handlers, logback's and log4j2's policies,
# Tomcat, glog's and Kubernetes' names, savelog.
SETS = {
    "numbers": ("app.log", ["app.log.10", "app.log.2.gz", "app.log.1", "app.log"]),
    "numbers before the extension": ("app.log", ["app.2.log.gz", "app.1.log", "app.log"]),
    "days": ("app.log", ["app.log-20251231.gz", "app.log-20261118.gz", "app.log-20261119"]),
    "days of Python": ("app.log", ["app.log.2026-11-18", "app.log.2026-11-19", "app.log"]),
    "days before the extension": ("app.log", ["app-2026-11-18.log.xz", "app-2026-11-19.log"]),
    "days without marks": ("app.log", ["app-20261118.log.zst", "app-20261119.log", "app.log"]),
    "days and numbers": (
        "app.log",
        ["app-2026-11-18.2.log.gz", "app-2026-11-18.10.log", "app-2026-11-19.1.log.gz", "app.log"],
    ),
    "days and times": (
        "0.log",
        ["0.log.20261118-235959.gz", "0.log.20261119-000000.gz", "0.log.20261119-103000", "0.log"],
    ),
    "hours": ("app.log", ["app.log.2026-11-19_09", "app.log.2026-11-19_10", "app.log"]),
    "seconds": ("app.log", ["app.log-1763500000.gz", "app.log-1763600000", "app.log"]),
    "months": ("app.log", ["app.log.2025-12", "app.log.2026-01", "app.log"]),
    "no extension": ("messages", ["messages-20261101.gz", "messages-20261108", "messages"]),
    "old": ("Xorg.log", ["Xorg.log.old", "Xorg.log"]),
    "from numbers to days": ("a", ["a-20261118", "a-20261119", "a.2.gz", "a.1.gz", "a"]),
    "in a folder": ("x.1/app.log", ["x.1/app.log.1", "x.1/app.log"]),
    "compressed and not": ("app.log", ["app.log.3.bz2", "app.log.2", "app.log.1.zip", "app.log"]),
}  # fmt: skip

# What is no rotation.
ALONE = [
    *("app.log", "app-1.log", "app-20261399.log", "app-2026-02-30.log", "0.log", ".1", ".gz", ""),
    *("app.log.1234567", "a.log.x", "20261119.log", "x-20261119b.log", "db2", "app.log.-1"),
]


@pytest.mark.parametrize("name", SETS)
def test_sets_are_ordered_from_names(name: str) -> None:
    set_name, members = SETS[name]
    for turn in range(5):
        mixed = random.Random(turn).sample(members, len(members))
        assert in_sets(mixed) == {set_name: members}


@pytest.mark.parametrize("name", ALONE)
def test_other_names_are_sets_of_their_own(name: str) -> None:
    found = rotated_name(name)
    assert (found.set_name, found.age.name) == (name.removesuffix(".gz") or name, "LIVE")


def test_sets_stay_apart() -> None:
    names = ["b.log", "a.log", "x/a.log.1", "a.log.1", "a.json", "a.1.json", "a.txt"]
    assert in_sets(names) == {
        "b.log": ["b.log"],
        "a.log": ["a.log.1", "a.log"],
        "x/a.log": ["x/a.log.1"],
        "a.json": ["a.1.json", "a.json"],
        "a.txt": ["a.txt"],
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes files in the current folder, each with a line that is its own unless given."""
    monkeypatch.chdir(tmp_path)

    def made(*names: str, data: bytes | None = None) -> None:
        for name in names:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            text = f"ERROR: {name}\n".encode() if data is None else data
            Path(name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)

    return made


def names(*arguments: str, with_rotated: bool = False) -> list[str]:
    """The names of what is read; a problem stands behind its name."""
    found = find_logs(arguments, with_rotated=with_rotated).inputs
    return [f"{each.name}: {each.problem}" if each.problem else each.name for each in found]


LOGS = ["app.log", "app.log.1", "app.log.2.gz", "sub/deep/b-2026-11-19.log", "sub/b.log", "c.out"]
ALL = ["app.log.2.gz", "app.log.1", "app.log", "c.out", "sub/b.log", "sub/deep/b-2026-11-19.log"]

# The arguments, and what is read.
ARGUMENTS: list[tuple[list[str], list[str]]] = [
    (["."], [f"./{name}" for name in ALL]),
    (["sub/", "app.log"], ["sub/b.log", "sub/deep/b-2026-11-19.log", "app.log"]),
    (["app.log"], ["app.log"]),
    (["app.log", "c.out", "app.log.1"], ["app.log.1", "app.log", "c.out"]),
    (["*.log*"], ALL[:3]),
    (["**"], ALL),
    (["**/*.log"], ["app.log", "sub/b.log", "sub/deep/b-2026-11-19.log"]),
    (["s*/**/b*"], ["sub/b.log", "sub/deep/b-2026-11-19.log"]),
    (["[ac].out", "app.lo?"], ["c.out", "app.log"]),
    (["missing.log", "c.out"], ["missing.log: no such file or directory", "c.out"]),
    (["*.zzz", "c.out"], ["*.zzz: no log matches this pattern", "c.out"]),
    (["**/*.zzz"], ["**/*.zzz: no log matches this pattern"]),
    (["a\0b"], ["a\0b: a name cannot have NUL"]),
    (["app.log/x"], ["app.log/x: not a directory"]),
    ([], []),
]


@pytest.mark.parametrize(("arguments", "expected"), ARGUMENTS)
def test_arguments(folder: Callable[..., None], arguments: list[str], expected: list[str]) -> None:
    folder(*LOGS)
    assert names(*arguments) == expected
    assert find_logs(arguments).notes == ()


def test_a_pattern_that_is_a_file(folder: Callable[..., None]) -> None:
    folder("a[1].log", "a1.log")
    assert names("a[1].log") == ["a[1].log"]


def test_rotated_files_are_read_when_asked_for(folder: Callable[..., None]) -> None:
    folder(*LOGS, "app.log.gzip", "other.log.1")
    assert names("app.log", with_rotated=True) == ALL[:3]
    assert names("app.log.1", "c.out", with_rotated=True) == [*ALL[:3], "c.out"]
    assert names("./app.log", "app.log", with_rotated=True) == [f"./{name}" for name in ALL[:3]]
    # The live file alone is gone for a moment while it is rotated.
    Path("app.log").unlink()
    expected = [*ALL[:2], "app.log: no such file or directory"]
    assert names("app.log", with_rotated=True) == expected


def test_sets_have_a_name(folder: Callable[..., None]) -> None:
    folder(*LOGS)
    sets = [(each.name, each.set_name) for each in find_logs(["app.log.1", "sub"]).inputs]
    assert sets == [
        ("app.log.1", "app.log"),
        ("sub/b.log", "sub/b.log"),
        ("sub/deep/b-2026-11-19.log", "sub/deep/b.log"),
    ]


def test_each_file_is_read_once(folder: Callable[..., None]) -> None:
    folder("app.log", "app.log.1", "app.log.1.gz", "b.log.gz", "b.log.xz")
    os.symlink("app.log", "link.log")
    os.link("app.log", "hard.log")
    found = find_logs(["app.log", "link.log", "./hard.log", "app.log", "app.log.1.gz", "*.*"])
    assert [each.name for each in found.inputs] == ["app.log.1", "app.log", "b.log.gz"]
    assert found.notes[:3] == (
        "link.log: the same file as app.log, read once",
        "./hard.log: the same file as app.log, read once",
        "app.log: named twice, read once",
    )
    assert found.notes[-2:] == (
        "app.log.1.gz: skipped as a copy of app.log.1",
        "b.log.xz: skipped as a copy of b.log.gz",
    )
    # A compressed file whose plain one is gone is no copy.
    assert names("b.log", "b.log.gz") == ["b.log: no such file or directory", "b.log.gz"]


NAME_IT = ": name it to read it"
FOLLOW_IT = ": a pattern such as '*.log' follows it"


def test_folders_have_other_files_too(folder: Callable[..., None]) -> None:
    folder("f/a.log", "f/README.md", "f/.hidden.log", "f/.git/x.log", "f/catalog.py", "f/syslog")
    folder("f/wtmp", "f/btmp.1", data=b"\x07\0\0\0tty1\0\n\0\0")
    folder("f/x.journal", data=b"LPKSHHRH\0\0\0\0")
    folder("f/hole.log", data=bytes(9000) + b"ERROR: x\n")
    folder("f/holes.log", data=bytes(4000) + b"ERROR: x\n")
    folder("f/wide.log", data="\ufeffERROR: x\n".encode("utf-16-le"))
    folder("f/wide2.log", data="ERROR: x\n".encode("utf-16-be"))
    folder("f/empty.log", data=b"")
    folder("out/o.log", "out/deep/p.log")
    os.symlink("../out/o.log", "f/o.log")
    os.symlink("../out/deep", "f/deep")
    os.symlink(".", "f/loop")
    os.symlink("a.log", "f/inner.log")
    os.mkfifo("f/pipe.log")
    found = find_logs(["f"])
    read = ["a.log", "empty.log", "holes.log", "syslog", "wide.log", "wide2.log"]
    assert [each.name for each in found.inputs] == [f"f/{name}" for name in read]
    assert sorted(found.notes) == [
        "f/inner.log: the same file as f/a.log, read once",
        f"f: skipped 1 x pipe, socket or device (pipe.log){NAME_IT}",
        "f: skipped 1 x systemd journal (x.journal): journalctl -o json --file reads it",
        f"f: skipped 2 x file that is not named as logs are (README.md, catalog.py){NAME_IT}",
        f"f: skipped 2 x link that leads out of the folder (deep, o.log){FOLLOW_IT}",
        "f: skipped 3 x binary file (btmp.1, hole.log, wtmp)",
    ]
    # Patterns follow links to files, and go in no circle.
    assert names("f/o.log") == ["f/o.log"]
    assert names("f/**/[op].log") == ["f/o.log"]


def test_nothing_to_read(folder: Callable[..., None]) -> None:
    folder("f/wtmp", data=b"\1\0")
    Path("empty").mkdir()
    assert names("empty") == ["empty: no logs in this folder"]
    found = find_logs(["f", "f/w*"])
    assert [each.problem for each in found.inputs] == [
        "no logs in this folder",
        "no log matches this pattern",
    ]
    assert [each.number for each in found.inputs] == [errno.ENOENT] * 2
    assert found.notes == tuple(f"{name}: skipped 1 x binary file (wtmp)" for name in ("f", "f/w*"))


def test_named_files_are_taken_as_they_are(folder: Callable[..., None]) -> None:
    folder("wtmp", data=b"\1\0")
    folder(".hidden", "notes.md")
    folder("x.journal", data=b"LPKSHHRH\0")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    os.mkfifo("pipe")
    os.symlink("nowhere", "broken")
    os.symlink("round", "round")
    assert names("wtmp", ".hidden", "notes.md", "pipe", "/dev/null") == [
        *("wtmp", ".hidden", "notes.md", "pipe", "/dev/null")
    ]
    assert names("x.journal", "socket", "broken", "round") == [
        "x.journal: is a systemd journal: journalctl -o json --file x.journal reads it",
        "socket: is a socket, which cannot be read as a file",
        "broken: no such file or directory",
        "round: too many levels of symbolic links",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(folder: Callable[..., None]) -> None:
    folder("f/a/a.log", "f/b/b.log", "f/b.log")
    os.chmod("f/a", 0)
    os.chmod("f/b.log", 0)
    assert names("f") == ["f/b.log", "f/a: permission denied", "f/b/b.log"]
    os.chmod("f/a", 0o700)


def test_names_that_are_no_text(folder: Callable[..., None]) -> None:
    folder("f/\udcff.log", data=b"ERROR: x\n")
    found = find_logs(["f"]).inputs
    assert found == (LogInput("f/\udcff.log", "f/\ufffd.log", "f/\ufffd.log"),)


def test_the_order_is_that_of_names(folder: Callable[..., None]) -> None:
    """Not that of the folder on the disk."""
    made = ["b.log", "a.log", "a.log.1", "z/a.log", "c/a.log", "b.log.12", "b.log.2"]
    expected = ["a.log.1", "a.log", "b.log.12", "b.log.2", "b.log", "c/a.log", "z/a.log"]
    for turn, order in enumerate(itertools.islice(itertools.permutations(made), 0, 5000, 999)):
        folder(*(f"{turn}/{name}" for name in order))
        assert names(str(turn)) == [f"{turn}/{name}" for name in expected]


def test_the_library_reads_them(engine: str, folder: Callable[..., None]) -> None:
    folder(*LOGS)
    analyzer = LogAnalyzer(engine=engine)
    assert analyzer.analyze_files(["."])["errors"] == 6
    assert analyzer.analyze_files(["app.log"], with_rotated=True)["errors"] == 3
    assert analyzer.analyze_files(["*.log", Path("sub"), "app.log"])["errors"] == 3
    for wrong in ("missing.log", "*.zzz"):
        with pytest.raises(FileNotFoundError):
            analyzer.analyze_files([wrong])
