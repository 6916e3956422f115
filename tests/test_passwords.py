"""Passwords on both engines: known answers, what a password is, what a hash looks like."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from code_ops import passwords
from code_ops.passwords import Limits, Params, Verification

# The known answers of the reference implementation, from its own test program (CC0), but those
# that take 1 GiB. The last of each version are what it must not take, and a mismatch.
KNOWN_ANSWERS = json.loads(
    (Path(__file__).parent / "vectors" / "argon2.json").read_text(encoding="utf-8")
)
CHEAP = Params(8, 1, 1)
MEGABYTE = 1_000_000

# Each is another password than all others; the last two look alike.
DIFFERENT: list[str | bytes] = [
    "",
    " ",
    "x",
    "x ",
    "X",
    "x\n",
    "x\r\n",
    "x\0",
    "\0",
    b"\0\0",
    b"y",
    b"y ",
    b"\ty",
    b"\xff\xfe",
    "p" * MEGABYTE,
    "p" * (MEGABYTE - 1) + "q",
    "\u20ac",
    "\U0001f511",
    "\ufeffx",
    unicodedata.normalize("NFC", "caf\u00e9"),
    unicodedata.normalize("NFD", "caf\u00e9"),
]


def test_known_answers_of_the_reference_implementation(security: Any) -> None:
    rows = [(row["hash"], row["password"]) for row in KNOWN_ANSWERS]
    wanted = [(row["state"], row["reason"]) for row in KNOWN_ANSWERS]
    assert security.verify_batch(rows) == wanted


def test_another_password_has_other_answers(security: Any) -> None:
    rows = [(row["hash"], "Password") for row in KNOWN_ANSWERS if row["state"] == "match"]
    assert set(security.verify_batch(rows)) == {("mismatch", "")}


def test_the_version_of_2015_can_be_named(security: Any) -> None:
    row = next(row for row in KNOWN_ANSWERS if "$argon2i$m=256," in row["hash"])
    named = row["hash"].replace("$argon2i$", "$argon2i$v=16$")
    newer = row["hash"].replace("$argon2i$", "$argon2i$v=19$")
    found = security.verify_batch([(named, row["password"]), (newer, row["password"])])
    assert found == [("match", ""), ("mismatch", "")]


def test_each_password_matches_its_own_hash_and_no_other(security: Any) -> None:
    hashes = security.hash_passwords_batch(DIFFERENT, params=CHEAP)
    pairs = [(one, password) for one in hashes for password in DIFFERENT]
    states = [state for state, _ in security.verify_batch(pairs)]
    size = len(DIFFERENT)
    wanted = ["mismatch"] * size**2
    wanted[:: size + 1] = ["match"] * size
    assert states == wanted


@pytest.mark.parametrize(
    "text", ["", "a", "caf\u00e9", "cafe\u0301", "\u20ac\0\U0001f511", "\ufeff"]
)
def test_a_str_is_its_utf_8_bytes(security: Any, text: str) -> None:
    data = text.encode("utf-8")
    of_text, of_bytes = security.hash_passwords_batch([text, data], params=CHEAP)
    assert security.verify_batch([(of_text, data), (of_bytes, text)]) == [("match", "")] * 2


def test_a_new_hash(security: Any) -> None:
    """The form of the PHC string format, with 16 bytes of salt and 32 of tag, in base64."""
    (one,) = security.hash_passwords_batch(["x"], params=Params(40, 2, 3))
    pattern = r"\$argon2id\$v=19\$m=40,t=2,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
    assert re.fullmatch(pattern, one)


def test_salts_differ(security: Any) -> None:
    hashes = security.hash_passwords_batch(["same"] * 1000, params=CHEAP)
    assert len({one.split("$")[4] for one in hashes}) == 1000
    assert len({one.split("$")[5] for one in hashes}) == 1000


def test_nothing_to_do(security: Any) -> None:
    assert security.hash_passwords_batch([]) == []
    assert security.verify_batch([]) == []


# What the issue says of each; the costs stand in the string.
@pytest.mark.parametrize(
    ("params", "costs"),
    [
        ("owasp", "m=19456,t=2,p=1"),
        ("rfc9106-second", "m=65536,t=3,p=4"),
        (Params(8, 1, 1), "m=8,t=1,p=1"),
    ],
)
def test_presets(security: Any, engine: str, params: Any, costs: str) -> None:
    (one,) = security.hash_passwords_batch(["x"], params=params)
    assert one.startswith(f"$argon2id$v=19${costs}$")
    assert passwords.hash_password("x", params=params, engine=engine).split("$")[3] == costs
    assert not passwords.needs_rehash(one, params)


def test_what_a_preset_is() -> None:
    """Of RFC 9106, section 4, and of OWASP's cheat sheet; the first takes 2 GiB."""
    assert passwords.PRESETS == {
        "owasp": (19 * 1024, 2, 1),
        "rfc9106-first": (2 * 1024**2, 1, 4),
        "rfc9106-second": (64 * 1024, 3, 4),
    }


def test_the_default_is_the_second_choice_of_the_rfc(security: Any) -> None:
    (one,) = security.hash_passwords_batch(["x"])
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_any_object_with_the_three_attributes_is_parameters(security: Any) -> None:
    class Costs:
        memory_kib = 16
        iterations = 2
        lanes = 1

    (one,) = security.hash_passwords_batch(["x"], params=Costs())
    assert "$m=16,t=2,p=1$" in one


def test_a_pepper_is_needed_again(security: Any) -> None:
    peppered, plain = (
        security.hash_passwords_batch(["x"], params=CHEAP, pepper=pepper)[0]
        for pepper in (b"k\0\xff", None)
    )
    table = [
        (peppered, b"k\0\xff", "match"),
        (peppered, b"k\0", "mismatch"),
        (peppered, b"k", "mismatch"),
        (peppered, b"", "mismatch"),
        (peppered, None, "mismatch"),
        (plain, None, "match"),
        (plain, b"", "match"),
        (plain, b"k", "mismatch"),
    ]
    for one, pepper, state in table:
        assert security.verify_batch([(one, "x")], pepper=pepper) == [(state, "")], pepper


@pytest.mark.usefixtures("security")
def test_the_library_on_top(engine: str) -> None:
    several: Iterator[str | bytes] = iter(["a", b"b"])
    hashes = passwords.hash_passwords_batch(several, params=CHEAP, pepper=b"k", engine=engine)
    rows = [(hashes[0], "a"), (hashes[1], "a"), ("x", "a"), (hashes[0], 7), (hashes[0], b"a")]
    assert passwords.verify_batch(iter(rows), pepper=b"k", engine=engine) == [  # type: ignore[arg-type]
        Verification("match"),
        Verification("mismatch"),
        Verification("invalid hash", "no Argon2 hash"),
        Verification("invalid password", "neither str nor bytes"),
        Verification("match"),
    ]
    assert passwords.verify_password(hashes[1], "b", pepper=b"k", engine=engine)
    assert not passwords.verify_password(hashes[1], "b", engine=engine)
    refused = passwords.verify_password(hashes[0], "a", limits=Limits(7, 1, 1), engine=engine)
    assert str(refused) == "refused: costs m=8, t=1, p=1; the limits are m=7, t=1, p=1"


@pytest.mark.parametrize(
    ("state", "is_true"),
    [
        ("match", True),
        ("mismatch", False),
        ("invalid hash", False),
        ("invalid password", False),
        ("refused", False),
    ],
)
def test_only_a_match_is_true(state: Any, is_true: bool) -> None:
    assert bool(Verification(state)) is is_true
    assert str(Verification(state)) == state
