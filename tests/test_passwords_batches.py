"""Batches of passwords on both engines: order, bad rows, progress, threads, Ctrl-C."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from code_ops.passwords import Params

CHEAP = Params(8, 1, 1)
ROWS = 10_000
# Where work in chunks would go wrong first.
POSITIONS = {
    "first": [0],
    "last": [ROWS - 1],
    "before an edge": [1023],
    "at an edge": [1024],
    "after an edge": [1025],
    "middle": [ROWS // 2],
    "two next to each other": [4095, 4096],
    "all": list(range(ROWS)),
}
BAD_ROWS: list[tuple[tuple[Any, Any], tuple[str, str]]] = [
    (("no hash", "x"), ("invalid hash", "no Argon2 hash")),
    ((None, "x"), ("invalid hash", "not a str")),
    (("$argon2id$", None), ("invalid password", "neither str nor bytes")),
    (
        ("$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAAAA", "x"),
        ("refused", "costs m=4294967295, t=1, p=1; the limits are m=2097152, t=16, p=16"),
    ),
]


@pytest.fixture(scope="module")
def hashes(security: Any) -> list[str]:
    """Those of the passwords 0, 1, 2, …"""
    made: list[str] = security.hash_passwords_batch(map(str, range(ROWS)), params=CHEAP)
    return made


def test_every_hash_is_that_of_its_row(security: Any, hashes: list[str]) -> None:
    """Each third row has the password of the row before."""
    rows = [(one, str(row - (row % 3 == 2))) for row, one in enumerate(hashes)]
    wanted = [("mismatch" if row % 3 == 2 else "match", "") for row in range(ROWS)]
    assert security.verify_batch(rows) == wanted


@pytest.mark.parametrize("places", POSITIONS.values(), ids=POSITIONS)
def test_a_bad_row_changes_no_other(security: Any, hashes: list[str], places: list[int]) -> None:
    rows: list[Any] = [(one, str(row)) for row, one in enumerate(hashes)]
    wanted = [("match", "")] * ROWS
    for place in places:
        rows[place], wanted[place] = BAD_ROWS[place % len(BAD_ROWS)]
    assert security.verify_batch(rows) == wanted


@pytest.mark.parametrize("places", POSITIONS.values(), ids=POSITIONS)
def test_a_bad_password_is_named_before_any_work(security: Any, places: list[int]) -> None:
    values: list[Any] = ["x"] * ROWS
    for place in places:
        values[place] = 7
    told: list[int] = []
    with pytest.raises(TypeError, match=rf"^password {places[0]} is neither str nor bytes$"):
        # Were it begun, this would take minutes.
        security.hash_passwords_batch(values, progress=lambda done, _: told.append(done))
    assert told == []


@pytest.mark.parametrize("threads", [1, 2, 3, 8, 1024])
def test_threads_change_no_result(security: Any, hashes: list[str], threads: int) -> None:
    rows = [(one, str(row % 40)) for row, one in enumerate(hashes[:80])]
    found = security.verify_batch(rows, threads=threads)
    assert found == [("match", "")] * 40 + [("mismatch", "")] * 40
    made = security.hash_passwords_batch(["a", "b", "c"], params=Params(32, 1, 4), threads=threads)
    assert security.verify_batch(list(zip(made, "abc", strict=True))) == [("match", "")] * 3


def test_hashes_of_very_different_costs(security: Any) -> None:
    """Within a budget that takes one of the large, and all the others beside it."""
    costs = [Params(4096, 1, 1), *[CHEAP] * 50, Params(3000, 2, 3), *[Params(512, 1, 4)] * 20] * 3
    rows = [
        (security.hash_passwords_batch([str(row)], params=one)[0], str(row))
        for row, one in enumerate(costs)
    ]
    found = security.verify_batch(rows, memory_budget=4096 * 1024, threads=4)
    assert found == [("match", "")] * len(rows)


@pytest.mark.parametrize("call", ["hash", "verify"])
def test_progress(security: Any, hashes: list[str], call: str) -> None:
    told: list[tuple[int, int]] = []
    callers = set()

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        callers.add(threading.get_ident())

    if call == "hash":
        security.hash_passwords_batch(["x"] * ROWS, params=CHEAP, progress=progress)
    else:
        rows = [(one, str(row)) for row, one in enumerate(hashes)]
        rows[:3] = [("no hash", "x")] * 3
        security.verify_batch(rows, progress=progress)
    numbers = [done for done, _ in told]
    assert {total for _, total in told} == {ROWS}
    assert numbers[-1] == ROWS
    assert numbers == sorted(set(numbers))
    assert callers == {threading.get_ident()}


def test_progress_where_nothing_is_computed(security: Any) -> None:
    told: list[tuple[int, int]] = []
    security.verify_batch([("x", "x")] * 5, progress=lambda *numbers: told.append(numbers))
    assert told == [(5, 5)]


def test_an_exception_of_progress_passes_on(security: Any) -> None:
    class EnoughError(Exception):
        """Of the caller's own."""

    calls = []

    def progress(done: int, total: int) -> None:
        calls.append((done, total))
        raise EnoughError

    with pytest.raises(EnoughError):
        security.hash_passwords_batch(["x"] * 2000, params=Params(1024, 2, 1), progress=progress)
    # It came while there was work to do, and was the last call.
    ((done, total),) = calls
    assert 0 < done < total


INTERRUPTED = """
import json, os, signal, threading
from code_ops import passwords
from code_ops.errors import BatchInterrupted

params = passwords.Params(1024, 2, 1)
begun = threading.Event()


def interrupt():
    begun.wait()
    os.kill(os.getpid(), signal.SIGINT)


threading.Thread(target=interrupt).start()
progress = lambda done, total: begun.set()
names = [str(row) for row in range(20_000)]
one = passwords.hash_password("7", params=params, engine=ENGINE)
try:
    if CALL == "hash":
        passwords.hash_passwords_batch(names, params=params, progress=progress, engine=ENGINE)
    else:
        rows = [(one, name) for name in names]
        passwords.verify_batch(rows, progress=progress, engine=ENGINE)
except BatchInterrupted as interrupted:
    found = interrupted.results
done = [row for row, result in enumerate(found) if result is not None]
# The process goes on as if nothing had been.
if CALL == "hash":
    rows = [(found[row], names[row]) for row in done[:5] + done[-5:]]
    right = all(passwords.verify_batch(rows, engine=ENGINE))
else:
    right = all(found[row] == passwords.Verification("mismatch") for row in done if row != 7)
    right = right and found[7] == passwords.Verification("match")
print(json.dumps([len(found), len(done), right]))
"""


@pytest.mark.usefixtures("security")
@pytest.mark.parametrize("call", ["hash", "verify"])
def test_an_interrupt_keeps_what_is_done(engine: str, call: str) -> None:
    """Sent when some rows are done; all of them would take many seconds."""
    code = f"ENGINE, CALL = {engine!r}, {call!r}\n{INTERRUPTED}"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.stderr == ""
    total, done, right = json.loads(ended.stdout)
    assert total == 20_000
    assert 0 < done < total
    assert right is True


INTERRUPTED_AGAIN = """
import json, os, signal, threading, time
from code_ops import passwords
from code_ops.errors import BatchInterrupted

begun = threading.Event()


def interrupt():
    begun.wait()
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.03)


sender = threading.Thread(target=interrupt)
sender.start()
try:
    # Longer than all of the signals, so that the last come while the first is answered.
    params = passwords.Params(131072, 6, 1)
    progress = lambda done, total: begun.set() if done else None
    passwords.hash_passwords_batch(["x"] * 50, params=params, progress=progress, engine=ENGINE)
except BatchInterrupted as interrupted:
    found = interrupted.results
done = sum(result is not None for result in found)
# And nothing goes on behind the caller's back.
print(json.dumps([len(found), done, threading.active_count()]))
"""


@pytest.mark.usefixtures("security")
def test_an_impatient_interrupt_keeps_what_is_done(engine: str) -> None:
    code = f"ENGINE = {engine!r}\n{INTERRUPTED_AGAIN}"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.stderr == ""
    total, done, threads = json.loads(ended.stdout)
    assert (total, threads) == (50, 1)
    assert 0 < done < total
