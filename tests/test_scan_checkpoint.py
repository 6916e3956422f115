"""The journal of a scan: what it takes up, what it refuses, and that it harms no other file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from code_ops.errors import CheckpointError
from code_ops.scan import ScanResult
from code_ops.scan_checkpoint import Checkpoint

FOREIGN = {
    "text": b"shopping: milk\n",
    "json": b'{"some": "thing"}\n',
    "list": b"[1, 2]\n",
    "deep": b"[" * 100_000 + b"\n",
    "binary": bytes(range(256)) * 9,
    "head cut short": b'{"code_ops_checkpoint":1,"key":"ab',
    "other version": b'{"code_ops_checkpoint":99,"key":"ab"}\n',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_left_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(CheckpointError, match=r"state: (not a|a checkpoint of another)"):
        Checkpoint(str(path), "key", None).open()
    assert path.read_bytes() == FOREIGN[name]
    assert os.listdir(tmp_path) == ["state"]


@pytest.mark.parametrize("make", ["mkdir", "mkfifo", "null"])
def test_what_is_no_file_is_left_alone(make: str, tmp_path: Path) -> None:
    path = tmp_path / "state"
    if make == "null":
        path.symlink_to("/dev/null")
    else:
        getattr(os, make)(path)
    with pytest.raises(CheckpointError, match="not a regular file"):
        Checkpoint(str(path), "key", None).open()
    assert os.listdir(tmp_path) == ["state"]


def result(index: int) -> ScanResult:
    return ScanResult(
        index, "a", "a", "127.0.0.1", index, "open", "syn-ack", 0.1, 1, None, 1.5, "", None, None
    )


def opened(path: Path) -> Checkpoint:
    checkpoint = Checkpoint(str(path), "key", None)
    checkpoint.open()
    return checkpoint


def written(path: Path) -> bytes:
    """The journal of twenty results in four batches."""
    checkpoint = opened(path)
    for start in (0, 10, 5, 15):
        checkpoint.write([result(index) for index in range(start, start + 5)])
    checkpoint.close()
    return path.read_bytes()


def test_a_journal_cut_anywhere_holds_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "state"
    journal = written(path)
    seen = set()
    for cut in range(journal.index(b"\n") + 1, len(journal) + 1):
        path.write_bytes(journal[:cut])
        checkpoint = opened(path)
        indexes = [each.ordinal for batch in checkpoint.earlier() for each in batch]
        done = [place for first, last in checkpoint.skip for place in range(first, last + 1)]
        assert sorted(indexes) == done
        assert len(indexes) == checkpoint.done
        checkpoint.close()
        seen.add(checkpoint.done)
    assert seen == {0, 5, 10, 15, 20}


@pytest.mark.parametrize(
    "line", [b"{}", b'{"done":1,"results":[]}', b'{"done":[[1]],"results":[]}',
             b'{"done":[],"results":[[1,2]]}', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "number", "single", "short", "bytes", "deep"],
)  # fmt: skip
def test_damage_in_the_middle_is_told(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "state"
    lines = written(path).splitlines(keepends=True)
    damaged = b"".join([*lines[:2], line + b"\n", *lines[2:]])
    path.write_bytes(damaged)
    with pytest.raises(CheckpointError, match="state: a line in the middle is damaged"):
        opened(path)
    assert path.read_bytes() == damaged


def test_a_growing_journal_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("code_ops.scan_checkpoint.COMPACT_BYTES", 1000)
    monkeypatch.setattr("code_ops.scan_checkpoint.RANGES_A_LINE", 7)
    path = tmp_path / "state"
    checkpoint = Checkpoint(str(path), "key", lambda each: each.ordinal % 10 == 0)
    checkpoint.open()
    for index in range(0, 1000, 2):
        checkpoint.write([result(index)])
        assert path.stat().st_size < 40_000
    checkpoint.close()
    again = opened(path)
    assert again.skip == [(index, index) for index in range(0, 1000, 2)]
    assert [each.ordinal for batch in again.earlier() for each in batch] == list(range(0, 1000, 10))
    again.remove()
    assert os.listdir(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "state", tmp_path / "link"
    link.symlink_to(path)
    written(link)
    assert link.is_symlink()
    again = opened(path)
    assert again.done == 20
    again.close()


def test_two_cannot_write_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "state"
    first = opened(path)
    first.write([result(0)])
    with pytest.raises(CheckpointError, match="state: in use by a scan that is still running"):
        opened(path)
    first.write([result(1)])
    first.close()
    again = opened(path)
    assert again.skip == [(0, 1)]
    again.remove()
    assert os.listdir(tmp_path) == []


def test_errors_name_the_file_that_the_user_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "state"
    with pytest.raises(FileNotFoundError) as caught:
        opened(path)
    assert caught.value.filename == str(path)
