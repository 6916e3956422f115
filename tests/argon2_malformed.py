"""Strings that are no Argon2 hashes, each with the reason, and hashes that cost too much."""

from __future__ import annotations

from typing import Any

SALT = "c29tZXNhbHQ"
TAG = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
ENDING = f"{SALT}${TAG}"
ORDER = "expected m=, t= and p=, once each and in this order"
PARTS = "expected a salt and a tag after the costs"
NO_HASH = "no Argon2 hash"


def costs_string(text: str) -> str:
    """A hash with these costs, whatever they are."""
    return f"$argon2id$v=19${text}${ENDING}"


def _salted(salt: str = SALT, tag: str = TAG) -> str:
    return f"$argon2id$v=19$m=8,t=1,p=1${salt}${tag}"


INVALID: list[tuple[Any, str]] = [
    *((value, "not a str") for value in (None, 7, b"$argon2id$", bytearray(), ["$argon2id$"])),
    (_salted() + "A" * 1024, "longer than 1024 characters"),
    ("$" * 10_000_000, "longer than 1024 characters"),
    ("$argon2id$v=19$m=8,t=1,p=1$" + "A" * 10_000_000, "longer than 1024 characters"),
    *(
        (text, NO_HASH)
        for text in (
            "",
            "$",
            "x",
            "$argon2id",
            "$argon2",
            "$argon2$v=19$m=8,t=1,p=1$" + ENDING,
            "$argon2x$v=19$m=8,t=1,p=1$" + ENDING,
            "$Argon2id$v=19$m=8,t=1,p=1$" + ENDING,
            " " + _salted(),
            "\ufeff" + _salted(),
            "argon2id$v=19$m=8,t=1,p=1$" + ENDING,
            "$2b$12$KIXQJ1nVnHn1Y0kXxqk0eO",
            "$argon2\u0456d$v=19$m=8,t=1,p=1$" + ENDING,
            "\udc00",
        )
    ),
    *(
        (f"$argon2id$v={text}$m=8,t=1,p=1${ENDING}", f"version {text[:20]} is not 16 or 19")
        for text in (
            "",
            "0",
            "18",
            "20",
            "019",
            "+19",
            "-19",
            " 19",
            "19 ",
            "19\0",
            "\u0661\u0669",
            "0x13",
            "19,v=19",
            "1" * 500,
        )
    ),
    ("$argon2id$v=18$", "version 18 is not 16 or 19"),
    *(
        (costs_string(text), ORDER)
        for text in (
            "",
            "m=8",
            "m=8,t=1",
            "m=8,t=1,p=1,",
            ",m=8,t=1,p=1",
            "m=8,,t=1,p=1",
            "t=1,m=8,p=1",
            "m=8,p=1,t=1",
            "m=8,m=8,t=1,p=1",
            "m=8,t=1,p=1,p=1",
            "m=8,t=1,p=1,keyid=AAAA",
            "m=8,t=1,p=1,data=AAAA",
            "M=8,t=1,p=1",
            "m=,t=1,p=1",
            "m=8,t=,p=1",
            "m=-8,t=1,p=1",
            "m=+8,t=1,p=1",
            "m=08,t=1,p=1",
            "m=00,t=1,p=1",
            "m= 8,t=1,p=1",
            "m=8 ,t=1,p=1",
            "m=8, t=1,p=1",
            "m=8,t=1,p=1\n",
            "m=8\0,t=1,p=1",
            "m=8.0,t=1,p=1",
            "m=8e0,t=1,p=1",
            "m=0x8,t=1,p=1",
            "m=1_0,t=1,p=1",
            "m=\u0668,t=1,p=1",
            "m=\uff18,t=1,p=1",
            "m=\u00b2,t=1,p=1",
            "m=4294967296,t=1,p=1",
            "m=8,t=4294967296,p=1",
            "m=8,t=1,p=4294967296",
            "m=99999999999999999999999999,t=1,p=1",
            "m=" + "9" * 900 + ",t=1,p=1",
            "m=\udc00,t=1,p=1",
        )
    ),
    ("$argon2id$", ORDER),
    ("$argon2id$v=19", ORDER),
    ("$argon2id$v=19$", ORDER),
    ("$argon2id$$v=19$m=8,t=1,p=1$" + ENDING, ORDER),
    ("$argon2id$v=19$v=19$m=8,t=1,p=1$" + ENDING, ORDER),
    ("$argon2id$m=8,t=1,p=1$v=19$" + ENDING, PARTS),
    ("$argon2id$v=19$m=8,t=1,p=1", PARTS),
    ("$argon2id$v=19$m=8,t=1,p=1$" + SALT, PARTS),
    (_salted() + "$", PARTS),
    (_salted() + "$" + TAG, PARTS),
    (costs_string("m=8,t=1,p=0"), "p is out of range 1-16777215"),
    (costs_string("m=0,t=0,p=0"), "p is out of range 1-16777215"),
    (costs_string("m=8,t=1,p=16777216"), "p is out of range 1-16777215"),
    (costs_string("m=8,t=0,p=1"), "t is out of range 1-4294967295"),
    (costs_string("m=0,t=0,p=1"), "t is out of range 1-4294967295"),
    (costs_string("m=7,t=1,p=1"), "m is out of range 8-4294967295"),
    (costs_string("m=0,t=1,p=1"), "m is out of range 8-4294967295"),
    (costs_string("m=31,t=1,p=4"), "m is out of range 32-4294967295"),
    (costs_string("m=8,t=1,p=16777215"), "m is out of range 134217720-4294967295"),
    *(
        (_salted(salt=text), "the salt is no base64")
        for text in (
            SALT + "=",
            "c29tZXNhbH*",
            "c29tZXNhb\nQ",
            "c29tZXNhb Q",
            SALT + "\n",
            "c29tZXNhbH-",
            "c29tZXNhbH_",
            "c29tZXNhb\0Q",
            # A last character of four bits of which some are no part of a byte, and one alone.
            "c29tZXNhbHR",
            "c29tZXNhbHQAA",
            "c29tZXNhbH\u00e9",
            "\udc00" * 11,
            "A",
        )
    ),
    (_salted(salt=""), "the salt has 0 bytes, at least 8 are needed"),
    (_salted(salt="AAAAAAAAAA"), "the salt has 7 bytes, at least 8 are needed"),
    (_salted(salt="*", tag="*"), "the salt is no base64"),
    (_salted(tag="AAAAA"), "the tag is no base64"),
    (_salted(tag=TAG + "="), "the tag is no base64"),
    (_salted(tag=TAG[:-1] + "5"), "the tag is no base64"),
    (_salted(tag=TAG + "\n"), "the tag is no base64"),
    (_salted(tag=""), "the tag has 0 bytes, at least 4 are needed"),
    (_salted(tag="AAAA"), "the tag has 3 bytes, at least 4 are needed"),
]
HOSTILE = [
    ("m=4294967295,t=1,p=1", "m=4294967295, t=1, p=1"),
    ("m=4194304,t=3,p=4", "m=4194304, t=3, p=4"),
    ("m=2097153,t=1,p=1", "m=2097153, t=1, p=1"),
    ("m=4294967295,t=4294967295,p=16777215", "m=4294967295, t=4294967295, p=16777215"),
    ("m=8,t=4294967295,p=1", "m=8, t=4294967295, p=1"),
    ("m=8,t=17,p=1", "m=8, t=17, p=1"),
    ("m=136,t=1,p=17", "m=136, t=1, p=17"),
]
