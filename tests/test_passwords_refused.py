"""What is no password, no hash, or too dear: every message of both engines, and hostile hashes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NamedTuple

import pytest
from argon2_malformed import ENDING, HOSTILE, INVALID, costs_string

from code_ops.errors import PasswordError
from code_ops.passwords import Params


class Refused(NamedTuple):
    """A call for hashes, and the exception that it is."""

    error: type[Exception]
    message: str
    passwords: list[Any] = ["x"]  # noqa: RUF012
    options: dict[str, Any] = {}  # noqa: RUF012


NO_PASSWORDS: list[tuple[int, list[Any]]] = [
    (0, [None]),
    (0, [7]),
    (3, ["a", "b", "c", bytearray(b"d"), None]),
    (1, ["a", ["b"]]),
]
HASHING = [
    Refused(
        PasswordError,
        "preset 'x' is not one of owasp, rfc9106-first, rfc9106-second",
        options={"params": "x"},
    ),
    *(
        Refused(PasswordError, message, options={"params": Params(*numbers)})
        for numbers, message in [
            ((7, 1, 1), "memory of 7 KiB is out of range 8-4294967295"),
            ((0, 1, 1), "memory of 0 KiB is out of range 8-4294967295"),
            ((-8, 1, 1), "memory of -8 KiB is out of range 8-4294967295"),
            ((31, 1, 4), "memory of 31 KiB is out of range 32-4294967295"),
            ((2**32, 1, 1), "memory of 4294967296 KiB is out of range 8-4294967295"),
            ((8, 0, 1), "0 iterations are out of range 1-4294967295"),
            ((8, -1, 1), "-1 iterations are out of range 1-4294967295"),
            ((8, 2**32, 1), "4294967296 iterations are out of range 1-4294967295"),
            ((8, 1, 0), "0 lanes are out of range 1-16777215"),
            ((8, 1, -1), "-1 lanes are out of range 1-16777215"),
            ((8, 1, 2**24), "16777216 lanes are out of range 1-16777215"),
            # The order of the checks.
            ((0, 0, 0), "0 lanes are out of range 1-16777215"),
            ((0, 0, 1), "0 iterations are out of range 1-4294967295"),
        ]
    ),
    Refused(PasswordError, "0 threads are out of range 1-1024", options={"threads": 0}),
    Refused(PasswordError, "-1 threads are out of range 1-1024", options={"threads": -1}),
    Refused(PasswordError, "1025 threads are out of range 1-1024", options={"threads": 1025}),
    Refused(
        PasswordError,
        "a hash takes 65536 KiB of memory, the budget is 1024 KiB",
        options={"memory_budget": 1 << 20},
    ),
    Refused(
        PasswordError,
        "a hash takes 65536 KiB of memory, the budget is 65535 KiB",
        options={"memory_budget": (64 << 20) - 1},
    ),
    Refused(
        PasswordError,
        "memory of 7 KiB is out of range 8-4294967295",
        options={"params": Params(7, 1, 1), "threads": 0, "memory_budget": 1},
    ),
    Refused(
        PasswordError,
        "0 threads are out of range 1-1024",
        options={"threads": 0, "memory_budget": 1},
    ),
    *(
        Refused(TypeError, f"password {place} is neither str nor bytes", passwords=values)
        for place, values in NO_PASSWORDS
    ),
    Refused(ValueError, "password 0 is no valid Unicode", ["\udc00"]),
    Refused(ValueError, "password 1 is no valid Unicode", ["a", "b\ud800c", 7]),
]


@pytest.mark.parametrize("case", HASHING, ids=lambda case: case.message)
def test_no_hashes(security: Any, case: Refused) -> None:
    with pytest.raises(case.error) as caught:
        security.hash_passwords_batch(case.passwords, **case.options)
    assert type(caught.value) is case.error
    assert str(caught.value) == case.message


@pytest.mark.parametrize("pair", [None, 7, "ab", b"ab", (), ("a",), ("a", "b", "c"), {"a": "b"}])
def test_what_is_no_pair(security: Any, pair: Any) -> None:
    with pytest.raises(TypeError) as caught:
        security.verify_batch([("$argon2id$", "x"), ["", ""], pair, None])
    assert str(caught.value) == "pair 2 is no pair of a hash and a password"


def test_threads_of_verifying_are_checked(security: Any) -> None:
    with pytest.raises(PasswordError) as caught:
        security.verify_batch([], threads=1025)
    assert str(caught.value) == "1025 threads are out of range 1-1024"


def test_invalid_hashes(security: Any) -> None:
    found = security.verify_batch([(text, "x") for text, _ in INVALID])
    for (text, reason), outcome in zip(INVALID, found, strict=True):
        assert outcome == ("invalid hash", reason), repr(text)[:200]


def test_a_version_that_is_no_unicode_is_no_version(security: Any) -> None:
    ((state, reason),) = security.verify_batch([("$argon2id$v=\udc00$m=8,t=1,p=1$" + ENDING, "x")])
    assert state == "invalid hash"
    assert reason.startswith("version ")


@pytest.mark.parametrize(("costs", "named"), HOSTILE)
def test_hostile_costs_are_refused(security: Any, costs: str, named: str) -> None:
    reason = f"costs {named}; the limits are m=2097152, t=16, p=16"
    assert security.verify_batch([(costs_string(costs), "x")]) == [("refused", reason)]


def test_limits_can_be_raised_and_lowered(security: Any) -> None:
    row = (costs_string("m=144,t=17,p=18"), "x")
    options = {"max_memory_kib": 144, "max_iterations": 17, "max_lanes": 18}
    assert security.verify_batch([row], **options) == [("mismatch", "")]
    for name, number in options.items():
        limits = {**options, name: number - 1}
        named = "m={max_memory_kib}, t={max_iterations}, p={max_lanes}".format(**limits)
        reason = f"costs m=144, t=17, p=18; the limits are {named}"
        assert security.verify_batch([row], **limits) == [("refused", reason)]


def test_a_budget_takes_what_is_as_large(security: Any) -> None:
    def make(memory_kib: int, budget: int | None = None) -> str:
        params = Params(memory_kib, 1, 1)
        made = security.hash_passwords_batch(["x"], params=params, memory_budget=budget)
        return str(made[0])

    hashes = [make(64, 64 * 1024), make(65), make(64)]
    with pytest.raises(PasswordError):
        make(64, 64 * 1024 - 1)
    found = security.verify_batch([(one, "x") for one in hashes], memory_budget=64 * 1024)
    refused = ("refused", "costs m=65; the memory budget is 64 KiB")
    assert found == [("match", ""), refused, ("match", "")]


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (("no hash", None), ("invalid password", "neither str nor bytes")),
        ((None, "\ud800"), ("invalid password", "no valid Unicode")),
        (
            (costs_string("m=8,t=17,p=1"), bytearray(b"x")),
            ("invalid password", "neither str nor bytes"),
        ),
        ((costs_string("m=7,t=17,p=1"), "x"), ("invalid hash", "m is out of range 8-4294967295")),
        (
            (costs_string("m=65536,t=17,p=1"), "x"),
            ("refused", "costs m=65536, t=17, p=1; the limits are m=2097152, t=16, p=16"),
        ),
    ],
)
def test_the_order_of_the_checks_of_a_row(security: Any, row: Any, outcome: Any) -> None:
    assert security.verify_batch([row], memory_budget=8 * 1024) == [outcome]


@pytest.mark.usefixtures("security")
def test_hostile_hashes_take_no_memory(engine: str) -> None:
    """In a process that can have 64 MiB more, where it says what it took at most."""
    code = f"""
import resource, sys
sys.path.insert(0, {str(__file__.rpartition("/")[0])!r})
from argon2_malformed import HOSTILE, INVALID, costs_string
from memory_use import peak, limit_memory
from code_ops import _engine
security = _engine.load("security", {engine!r})
security.hash_passwords_batch(["x"], params="rfc9106-second", threads=1)
rows = [(text, "x") for text, _ in INVALID]
rows += [(costs_string(text), "x") for text, _ in HOSTILE] * 1000
limit_memory(64 << 20)
before = peak()
found = security.verify_batch(rows)
assert len(found) == len(rows)
assert {{state for state, _ in found}} == {{"invalid hash", "refused"}}
assert peak() - before < 16 << 20, peak() - before
print("done")
"""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr) == ("done\n", "")


SECRET = "correct-horse"
PEPPER = b"battery-staple"


@pytest.mark.parametrize(
    ("passwords", "options"),
    [
        ([SECRET + "\udc00"], {}),
        ([SECRET, None], {}),
        ([[SECRET]], {}),
        ([SECRET], {"params": Params(7, 1, 1)}),
        ([SECRET], {"threads": 0}),
        ([SECRET], {"pepper": PEPPER.decode()}),
        ([SECRET], {"memory_budget": 1}),
    ],
)
def test_no_secret_is_in_an_exception(security: Any, passwords: Any, options: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        security.hash_passwords_batch(passwords, **{"pepper": PEPPER, **options})
    assert _secrets_in(caught.value) == []


def test_no_secret_is_in_an_exception_of_verifying(security: Any) -> None:
    with pytest.raises(TypeError) as caught:
        security.verify_batch([("x", SECRET), (SECRET,)], pepper=PEPPER)
    assert _secrets_in(caught.value) == []
    assert SECRET not in repr(security.verify_batch([("x", SECRET + "\ud800"), (SECRET, SECRET)]))


def _secrets_in(error: BaseException | None) -> list[BaseException]:
    """The exceptions of a chain that name a secret, in any attribute."""
    found = []
    while error is not None:
        text = f"{error!r} {error} {error.args!r} {vars(error)!r} {getattr(error, 'object', '')!r}"
        if SECRET in text or PEPPER.decode() in text:
            found.append(error)
        error = error.__cause__ or error.__context__
    return found


def test_the_python_engine_without_its_library_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['argon2'] = None\n"
        "from code_ops import passwords\n"
        "from code_ops.errors import EngineError\n"
        "for call in (passwords.hash_passwords_batch, passwords.verify_batch):\n"
        "    try:\n"
        "        call([], engine='python')\n"
        "    except EngineError as error:\n"
        "        print(error)\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    message = "the python engine needs argon2-cffi: pip install 'code-ops[fallback]'\n"
    assert ended.stdout == message * 2
