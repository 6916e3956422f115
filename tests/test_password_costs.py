"""What a hash should cost: needs_rehash, and calibrate on a clock of our own."""

from __future__ import annotations

from typing import Any

import pytest

from code_ops import _engine, password_costs, passwords
from code_ops.errors import PasswordError
from code_ops.passwords import PRESETS, Calibration, Params, calibrate, needs_rehash

MIB = 1 << 20
SALT = "AAAAAAAAAAAAAAAAAAAAAA"
TAG = "A" * 43
LONGER = "A" * 44


@pytest.mark.parametrize(
    ("stored", "params", "is_needed"),
    [
        (f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${TAG}", "rfc9106-second", False),
        (f"$argon2id$v=19$m=19456,t=2,p=1${SALT}${TAG}", "owasp", False),
        (f"$argon2id$v=19$m=2097152,t=1,p=4${SALT}${TAG}", "rfc9106-first", False),
        (f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}", Params(8, 1, 1), False),
        # A longer salt or tag is no reason.
        (f"$argon2id$v=19$m=8,t=1,p=1${LONGER}${LONGER}", Params(8, 1, 1), False),
        # Each of the costs, less and more.
        (f"$argon2id$v=19$m=65535,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65537,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=2,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=4,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=3,p=3${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=3,p=5${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${TAG}", "owasp", True),
        # Other variants, and the version of 2015.
        (f"$argon2i$v=19$m=65536,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2d$v=19$m=65536,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=16$m=65536,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        (f"$argon2id$m=65536,t=3,p=4${SALT}${TAG}", "rfc9106-second", True),
        # 15 bytes of salt, 31 of tag.
        (f"$argon2id$v=19$m=65536,t=3,p=4${'A' * 20}${TAG}", "rfc9106-second", True),
        (f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${'A' * 42}", "rfc9106-second", True),
        # What cannot be read.
        ("", "owasp", True),
        ("$2b$12$KIXQJ1nVnHn1Y0kXxqk0eO", "owasp", True),
        (f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${TAG}=", "rfc9106-second", True),
        (None, "owasp", True),
    ],
)
def test_needs_rehash(stored: Any, params: Any, is_needed: bool) -> None:
    assert needs_rehash(stored, params) is is_needed


def test_needs_rehash_compares_with_the_default() -> None:
    assert not needs_rehash(f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${TAG}")
    with pytest.raises(PasswordError, match="preset 'x' is not one of"):
        needs_rehash("", "x")  # type: ignore[arg-type]


@pytest.mark.usefixtures("security")
def test_a_new_hash_needs_none(engine: str) -> None:
    for params in (Params(8, 1, 1), Params(64, 2, 3), PRESETS["owasp"]):
        made = passwords.hash_password("x", params=params, engine=engine)
        assert not needs_rehash(made, params)


class Machine:
    """An engine whose hashes take exact times of a clock that moves with them alone."""

    def __init__(self, first_ms: float, pass_ms: float, free: int = 16384 * MIB) -> None:
        """``first_ms`` and ``pass_ms`` are of a MiB, before the first pass and for each."""
        self.first_ms, self.pass_ms, self.free = first_ms, pass_ms, free
        self.milliseconds = 0.0
        self.hashes: list[Params] = []

    def took(self, params: Params) -> float:
        """Milliseconds of one hash."""
        mib = params.memory_kib / 1024
        return mib * (self.first_ms + self.pass_ms * params.iterations)

    def hash_passwords_batch(self, rows: list[bytes], *, params: Params, threads: Any) -> None:
        """Hashes nothing."""
        assert (len(rows), threads) == (1, None)
        if params.memory_kib * 1024 > self.free:
            raise MemoryError
        self.hashes.append(params)
        self.milliseconds += self.took(params)

    def available_memory(self) -> int:
        """Bytes."""
        return self.free

    def perf_counter(self) -> float:
        """The clock; also the one that is called ``monotonic``."""
        return self.milliseconds / 1000

    monotonic = perf_counter


def _calibrated(machine: Machine, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Calibration:
    monkeypatch.setattr(password_costs, "time", machine)
    monkeypatch.setattr(_engine, "load", lambda *_: machine)
    return calibrate(**options)


MEMORIES = (8, 19, 32, 46, 64, 128, 256, 512, 1024, 2048)


@pytest.mark.parametrize(
    ("first_ms", "pass_ms", "target_ms", "budget_mib", "most_mib"),
    [
        (0.5, 1.0, 250, 4096, 128),
        (0.0, 1.0, 250, 4096, 128),
        (0.0, 1.0, 257, 4096, 256),
        (3.0, 1.0, 250, 4096, 46),
        (0.5, 1.0, 250, 64, 64),
        (0.5, 1.0, 250, 63, 46),
        (0.5, 1.0, 5000, 4096, 2048),
        (0.5, 0.05, 300, 4096, 512),
        (0.5, 1.0, 250, None, 128),
    ],
)
def test_the_recommendation_is_that_of_the_rfc(
    monkeypatch: pytest.MonkeyPatch,
    first_ms: float,
    pass_ms: float,
    target_ms: float,
    budget_mib: int | None,
    most_mib: int,
) -> None:
    """The most memory that one pass can take in time, then as many passes as there is time for."""
    machine = Machine(first_ms, pass_ms)
    budget = None if budget_mib is None else budget_mib * MIB
    found = _calibrated(
        machine, monkeypatch, target_ms=target_ms, memory_budget=budget, seconds=1e6
    )
    within = [one for one in found.measured if one.milliseconds <= target_ms]
    assert [one.params.memory_kib // 1024 for one in within] == [
        mib for mib in MEMORIES if mib <= most_mib
    ]
    for params, milliseconds in within:
        assert milliseconds == pytest.approx(machine.took(params))
        # One pass more would be too long.
        assert machine.took(params._replace(iterations=params.iterations + 1)) > target_ms
        assert params.lanes == 4
        assert params in machine.hashes
    assert found.recommended == within[-1]
    beyond = found.measured[len(within) :]
    assert [one.params.iterations for one in beyond] in ([], [1])


def test_a_target_that_nothing_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one measurement says how much is missing."""
    found = _calibrated(Machine(0.0, 1.0), monkeypatch, target_ms=7.9)
    assert found.recommended is None
    ((params, milliseconds),) = found.measured
    assert params == Params(8 * 1024, 1, 4)
    assert milliseconds == pytest.approx(8.0)


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the docstring says; what was not measured further has its one iteration."""
    machine = Machine(0.0, 1.0)
    found = _calibrated(machine, monkeypatch, target_ms=2048, seconds=0)
    assert {one.params.iterations for one in found.measured} == {1}
    assert machine.milliseconds < 20 * 2048
    machine = Machine(0.0, 1.0)
    found = _calibrated(machine, monkeypatch, target_ms=2048, seconds=30)
    assert machine.milliseconds < 30_000 + 20 * 2048
    assert found.measured[-1].params.memory_kib == 2048 * 1024


def test_where_memory_ends_so_does_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(0.0, 1.0, free=100 * MIB)
    found = _calibrated(machine, monkeypatch, target_ms=1000, memory_budget=512 * MIB)
    assert found.measured[-1].params.memory_kib == 64 * 1024


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_ms": 0}, "a target of 0 ms is not a number above 0"),
        ({"target_ms": -1.5}, "a target of -1.5 ms is not a number above 0"),
        ({"target_ms": float("nan")}, "a target of nan ms is not a number above 0"),
        ({"target_ms": float("inf")}, "a target of inf ms is not a number above 0"),
        (
            {"target_ms": 5, "memory_budget": MIB},
            "a hash takes 8192 KiB of memory, the budget is 1024 KiB",
        ),
        ({"target_ms": 5, "lanes": 0}, "0 lanes are out of range 1-16777215"),
        ({"target_ms": 5, "lanes": -1}, "-1 lanes are out of range 1-16777215"),
        ({"target_ms": 5, "threads": 0}, "0 threads are out of range 1-1024"),
    ],
)
@pytest.mark.usefixtures("security")
def test_what_cannot_be_calibrated(engine: str, options: Any, message: str) -> None:
    with pytest.raises(PasswordError) as caught:
        calibrate(**options, engine=engine)
    assert str(caught.value) == message


@pytest.mark.usefixtures("security")
def test_calibrate_measures_this_machine(engine: str) -> None:
    found = calibrate(60, memory_budget=20 * MIB, lanes=1, seconds=1, engine=engine)
    assert found.measured
    for params, milliseconds in found.measured:
        assert params.memory_kib * 1024 <= 20 * MIB
        assert params.lanes == 1
        assert milliseconds > 0
    assert found.recommended is None or found.recommended in found.measured
