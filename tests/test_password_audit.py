"""Stored hashes held against policies, whose minimums are those of their sources."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops import password_audit
from code_ops.errors import PasswordError, PasswordInputError
from code_ops.fingerprints import Fingerprints
from code_ops.password_accounts import accounts, form_of
from code_ops.password_audit import Auditor, audit_hashes
from code_ops.password_policies import POLICIES, Policy, own_policy
from code_ops.password_schemes import recognise

H22, H31, H43, H86 = "a" * 22, "b" * 31, "c" * 43, "d" * 86


def _b64(size: int, fill: int = 7) -> str:
    return base64.b64encode(bytes([fill]) * size).decode().rstrip("=")


def argon2(m: int, t: int, p: int, *, variant: str = "id", v: int = 19, salt: int = 16) -> str:
    return f"$argon2{variant}$v={v}$m={m},t={t},p={p}${_b64(salt)}${_b64(32)}"


def scrypt(ln: int, r: int, p: int) -> str:
    return f"$scrypt$ln={ln},r={r},p={p}${_b64(16)}${_b64(32)}"


def bcrypt(cost: int, variant: str = "2b", salt: str = H22) -> str:
    return f"${variant}${cost:02}${salt}{H31}"


def pbkdf2(function: str, iterations: int, salt: int = 16) -> str:
    size = hashlib.new(function).digest_size
    return f"$pbkdf2-{function}${iterations}${_b64(salt)}${_b64(size)}"


SCRAM = f"SCRAM-SHA-256${{}}:{_b64(16)}==${H43}=:{H43}="
YESCRYPT = f"$y$j9T${H22}${H43}"
# Everything that the cheat sheet lists is enough, and a little less of any cost of it is not.
OWASP = [
    *((argon2(m, t, 1), "") for m, t in ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))),
    *(
        (argon2(m - 1, t, 1), "argon2id m=")
        for m, t in ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))
    ),
    (argon2(1 << 20, 9, 9), ""),
    (
        argon2(4096, 3, 1),
        "argon2id m=4096 t=3 p=1, policy asks m=19456 t=2 p=1 or its equal",
    ),
    (argon2(65536, 3, 4, variant="i"), "argon2i is not in the policy"),
    (argon2(65536, 3, 4, variant="d"), "argon2d is not in the policy"),
    *((scrypt(ln, 8, p), "") for ln, p in ((17, 1), (16, 2), (15, 3), (14, 5), (13, 10))),
    *((scrypt(ln - 1, 8, p), "scrypt ln=") for ln, p in ((16, 2), (15, 3), (14, 5), (13, 10))),
    *((scrypt(ln, 8, p - 1), "scrypt ln=") for ln, p in ((16, 2), (15, 3), (14, 5), (13, 10))),
    *((argon2(m, t - 1, 1), "argon2id m=") for m, t in ((19456, 2), (9216, 4), (7168, 5))),
    (scrypt(17, 7, 1), "scrypt ln=17 r=7 p=1, policy asks ln=17 r=8 p=1 or its equal"),
    (bcrypt(10), ""),
    (bcrypt(9), "bcrypt cost 9, policy asks 10"),
    (bcrypt(31, "2y"), ""),
    (bcrypt(12, "2x"), "bcrypt 2x, made by an implementation with a flaw"),
    (f"$bcrypt-sha256$v=2,t=2b,r=9${H22}${H31}", "bcrypt-sha256 cost 9, policy asks 10"),
    (f"$bcrypt-sha256$v=2,t=2b,r=10${H22}${H31}", ""),
    (pbkdf2("sha256", 600_000), ""),
    (pbkdf2("sha256", 599_999), "pbkdf2-sha256 iterations 599,999, policy asks 600,000"),
    (pbkdf2("sha512", 220_000), ""),
    (pbkdf2("sha512", 219_999), "pbkdf2-sha512 iterations 219,999, policy asks 220,000"),
    (pbkdf2("sha1", 1_400_000), ""),
    (pbkdf2("sha1", 1_399_999), "pbkdf2-sha1 iterations 1,399,999, policy asks 1,400,000"),
    (SCRAM.format(600_000), ""),
    (SCRAM.format(4096), "scram-sha-256 iterations 4,096, policy asks 600,000"),
    (YESCRYPT, "yescrypt is not in the policy"),
    (f"$6$rounds=999999${'s' * 16}${H86}", "sha512crypt is not in the policy"),
    ("0a" * 16, "unsalted-digest is not in the policy"),
    ("{SSHA}" + _b64(28), "salted-digest is not in the policy"),
    ("{CLEARTEXT}secret", "the password itself is stored"),
]
RFC9106 = [
    (argon2(65536, 3, 4), ""),
    (argon2(2097152, 1, 4), ""),
    # Fewer lanes are no less work to guess.
    (argon2(65536, 3, 1), ""),
    (argon2(65535, 3, 1), "argon2id v=19 m=65535 t=3 salt=16 tag=32, policy asks"),
    (argon2(2097151, 2, 4), "argon2id v=19 m=2097151 t=2 salt=16 tag=32, policy asks"),
    (argon2(65536, 3, 4, v=16), "argon2id v=16 m=65536 t=3 salt=16 tag=32, policy asks v=19"),
    (argon2(65536, 3, 4, salt=15), "argon2id v=19 m=65536 t=3 salt=15 tag=32, policy asks"),
    (argon2(65536, 3, 4, variant="i"), "argon2i is not in the policy"),
    (scrypt(20, 8, 1), "scrypt is not in the policy"),
    (bcrypt(14), "bcrypt is not in the policy"),
]
LINUX = [
    (YESCRYPT, ""),
    (YESCRYPT.replace("$y$", "$gy$"), ""),
    (YESCRYPT.replace("$y$", "$sm3y$"), ""),
    (YESCRYPT.replace("j9T", "j8T"), "yescrypt ln=11 r=32 p=1, policy asks ln=12 r=32 p=1"),
    (bcrypt(10), ""),
    (f"$6${'s' * 16}${H86}", "sha512crypt is not in the policy"),
]


@pytest.mark.parametrize(
    ("policy", "text", "reason"),
    [
        (name, *row)
        for name, rows in (("owasp", OWASP), ("rfc9106", RFC9106), ("linux", LINUX))
        for row in rows
    ],
)
def test_a_policy_is_as_its_source(policy: str, text: str, reason: str) -> None:
    state, why = POLICIES[policy].judge(recognise(text))
    assert state == ("below" if reason else "ok"), why
    assert why.startswith(reason)
    assert bool(why) == bool(reason)


@pytest.mark.parametrize(
    ("text", "state"),
    [("", "empty"), ("!", "locked"), (f"!{bcrypt(4)}", "locked"), ("pw", "unknown")],
)
@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_no_hash_has_a_state_in_every_policy(text: str, state: str, policy: str) -> None:
    assert POLICIES[policy].judge(recognise(text))[0] == state


OWN = [
    (["bcrypt:cost=12"], bcrypt(12), ""),
    (["bcrypt:cost=12"], bcrypt(11), "bcrypt cost 11, policy asks 12"),
    (["bcrypt:cost=12"], argon2(65536, 3, 4), "argon2id is not in the policy"),
    (["argon2id:m=64MiB,t=3,p=1"], argon2(65536, 3, 1), ""),
    (["argon2id:m=65536,t=3,p=1"], argon2(65536, 3, 1), ""),
    (["argon2id:m=65536KiB"], argon2(65535, 3, 1), "argon2id m 65,535, policy asks 65,536"),
    (["argon2id:m=1GiB"], argon2(1 << 20, 1, 1), ""),
    (["scrypt:N=131072,r=8"], scrypt(17, 8, 1), ""),
    (["scrypt:N=131072,r=8"], scrypt(16, 8, 1), "scrypt ln=16 r=8, policy asks ln=17 r=8"),
    (["sha512crypt"], f"$6$abc${H86}", ""),
    (["pbkdf2-sha256:salt=16"], pbkdf2("sha256", 1, 15), "pbkdf2-sha256 salt 15, policy asks 16"),
    (["bcrypt:cost=12", "argon2id:t=2"], argon2(8, 2, 1), ""),
    (["argon2id:m=64MiB,t=1", "argon2id:m=8,t=9"], argon2(64, 9, 1), ""),
]


@pytest.mark.parametrize(("requirements", "text", "reason"), OWN)
def test_own_requirements(requirements: list[str], text: str, reason: str) -> None:
    state, why = own_policy(requirements).judge(recognise(text))
    assert (state, why) == ("below" if reason else "ok", reason)


def test_own_requirements_can_change_a_policy() -> None:
    policy = own_policy(["bcrypt:cost=12", "sha512crypt"], POLICIES["owasp"])
    assert policy.name == "owasp and own"
    texts = [bcrypt(12), bcrypt(11), f"$6$abc${H86}", argon2(19456, 2, 1), argon2(19455, 2, 1)]
    states = [policy.judge(recognise(text))[0] for text in texts]
    assert states == ["ok", "below", "ok", "ok", "below"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a scheme and costs as in bcrypt:cost=12, found ''"),
        ("bcrypt:", "expected a scheme and costs as in bcrypt:cost=12, found 'bcrypt:'"),
        ("bcrypt:12", "bcrypt: expected a cost as in cost=12, found '12'"),
        ("bcrypt:cost=12,cost=13", "bcrypt: 'cost' is given twice"),
        ("bcrypt:m=12", "bcrypt: 'm' is not one of cost, salt, tag"),
        ("bcrypt:cost=12MiB", "bcrypt: 'cost' has no unit"),
        ("argon2id:m=64MB", "argon2id: expected a cost as in v=12, found 'm=64MB'"),
        ("scrypt:N=1000", "scrypt: N=1000 is no power of two"),
        ("scrypt:N=0", "scrypt: N=0 is no power of two"),
        ("argon2:m=64MiB", "'argon2' is not one of argon2id, argon2i, argon2d, scrypt, "),
    ],
)
def test_what_is_no_requirement(text: str, message: str) -> None:
    with pytest.raises(PasswordError) as raised:
        own_policy([text])
    assert str(raised.value).startswith(message)


def test_the_numbers_of_an_audit() -> None:
    audit = audit_hashes(
        [
            ("anna", bcrypt(8)),
            ("bob", bcrypt(8, salt="b" * 22)),
            ("carl", bcrypt(12, salt="c" * 22)),
            ("dora", ""),
            ("eve", "hunter2"),
            ("fred", "!"),
        ]
    )
    total = audit.total
    assert (total.rows, total.judged, total.below, total.share_below) == (6, 5, 4, 0.8)
    assert total.states == {"ok": 1, "below": 2, "locked": 1, "empty": 1, "unknown": 1}
    assert [(group.scheme, group.count) for group in audit.groups] == [
        ("bcrypt", 2), ("bcrypt", 1), ("empty", 1), ("locked", 1), ("unknown", 1),
    ]  # fmt: skip
    assert [(each.kind, each.user, each.row) for each in audit.findings] == [
        ("below", "anna", 1), ("below", "bob", 2), ("empty", "dora", 4), ("unknown", "eve", 5),
    ]  # fmt: skip
    assert audit.is_all_compared


def test_an_audit_of_nothing_and_of_locked_rows() -> None:
    assert audit_hashes([]).total.share_below == 0
    assert audit_hashes(["!", "*"]).total.judged == 0


SAME = [
    ([bcrypt(12), bcrypt(12)], "same-hash", "the same hash as row 1, salt and all"),
    ([bcrypt(12), f"$2b$12${H22}{'x' * 31}"], "same-salt", "the same salt as row 1, another hash"),
    # The same salt in two schemes is the same generator.
    ([argon2(65536, 3, 4), pbkdf2("sha256", 600_000)], "same-salt", "the same salt as row 1"),
    (["0a" * 16, "0a" * 16], "same-password", "the same unsalted hash as row 1"),
    # Salts of 12 bits are the same by chance, locked accounts and empty ones have none.
    (["abzlUXK5ed5rs", "ab.lUXK5ed5rs"], "", ""),
    (["!", "!", "", "", "hunter2", "hunter2"], "", ""),
]


@pytest.mark.parametrize(("rows", "kind", "reason"), SAME)
def test_what_stands_twice(rows: list[str], kind: str, reason: str) -> None:
    audit = audit_hashes(rows)
    found = [each for each in audit.findings if each.kind.startswith("same")]
    assert [each.kind for each in found] == ([kind] if kind else [])
    assert all(each.reason.startswith(reason) and each.row == 2 for each in found)
    assert audit.repeated == (kind in ("same-hash", "same-salt"))


def test_what_stands_twice_in_two_sources() -> None:
    auditor = Auditor()
    auditor.begin("one.txt")
    auditor.add(bcrypt(12), row=7)
    auditor.begin("two.txt")
    found = auditor.add(bcrypt(12), row=7)
    assert [each.reason for each in found.findings] == ["the same hash as one.txt:7, salt and all"]
    assert [each.rows for each in auditor.result().sources] == [1, 1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (argon2(65536, 3, 4, salt=15), "a salt of 15 bytes, 16 are advised"),
        (argon2(65536, 3, 4), ""),
        (bcrypt(12), ""),
        # Room for eight characters, and for sixteen.
        (f"$1$12345678${H22}", ""),
        (f"$1$1234567${H22}", "a salt of 7 bytes, 8 are advised"),
        (f"$6$123456789012345${H86}", "a salt of 15 bytes, 16 are advised"),
        ("abzlUXK5ed5rs", ""),
        ("0a" * 16, ""),
        ("{SSHA}pKqkNr1tq3wtQqk+UcPyA3HnA2NsU5NJ", "a salt of 4 bytes, 16 are advised"),
    ],
)
def test_salts_that_could_be_longer(text: str, reason: str) -> None:
    found = [each.reason for each in audit_hashes([text]).findings if each.kind == "short-salt"]
    assert found == ([reason] if reason else [])


def test_bcrypt_2a_is_counted_and_is_not_below() -> None:
    auditor = Auditor()
    assert [each.kind for each in auditor.add(bcrypt(12, "2a")).findings] == ["bcrypt-2a"]
    audit = auditor.result()
    assert audit.total.below == 0
    # Java makes nothing else: a line for each of them would hide the others.
    assert audit.finding_counts["bcrypt-2a"] == 1
    assert not audit.findings


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_audit, "FINDINGS_KEPT", 5)
    monkeypatch.setattr(password_audit, "_GROUPS_KEPT", 3)
    auditor = Auditor(compared=4)
    for cost in range(4, 20):
        auditor.add(bcrypt(cost, salt=chr(65 + cost) * 22))
    audit = auditor.result()
    assert len(audit.findings) == 5
    assert audit.finding_counts["below"] == 6
    # Three with their costs, and below and ok without.
    assert sum(group.count for group in audit.groups) == 16
    assert [len(group.parameters) for group in audit.groups].count(0) == 2
    assert not audit.is_all_compared


@given(st.lists(st.binary(max_size=3), max_size=300), st.integers(1, 400))
def test_fingerprints_find_what_a_dictionary_finds(values: list[bytes], most: int) -> None:
    table = Fingerprints(most)
    first: dict[bytes, int] = {}
    for number, value in enumerate(values):
        if value in first or len(first) < most:
            assert table.first(value, number) == first.setdefault(value, number)
        else:
            assert table.first(value, number) == number
            assert table.is_full


def test_fingerprints_grow() -> None:
    table = Fingerprints(1 << 20)
    values = [random.Random(1).randbytes(9) for _ in range(1)] + [
        number.to_bytes(4, "big") for number in range(20_000)
    ]
    assert [table.first(value, number) for number, value in enumerate(values)] == list(
        range(len(values))
    )
    assert [table.first(value, -1) for value in values] == list(range(len(values)))


def test_no_value_is_in_an_audit() -> None:
    rows = [("user", text) for text, _ in (*OWASP, *RFC9106, *LINUX)] + [("eve", "hunter2secret")]
    shown = repr(audit_hashes(rows))
    assert "hunter2secret" not in shown
    assert not any(part in shown for part in (H22, H31, H43, H86, _b64(16), _b64(32)))


@given(st.lists(st.tuples(st.text(), st.text())))
def test_every_row_counts_once(rows: list[tuple[str, str]]) -> None:
    audit = audit_hashes(rows)
    assert audit.total.rows == len(rows) == sum(audit.total.states.values())
    assert sum(group.count for group in audit.groups) == len(rows)


HASH = bcrypt(12)
LINES = [
    (f"{HASH}\n", [(1, "", HASH)]),
    (f"anna:{HASH}\r\n# comment\n\n  \nbob:{HASH}", [(1, "anna", HASH), (5, "bob", HASH)]),
    (f"anna:{HASH}:19000:0:99999:7:::\n", [(1, "anna", HASH)]),
    ("root:x:0:0:root:/root:/bin/sh\n", [(1, "root", "x")]),
    ("daemon:*:19000:0:99999:7:::\nbob::1:::::\n", [(1, "daemon", "*"), (2, "bob", "")]),
    # Colons of the hash itself.
    ("scrypt:1024:8:1$salt$00ff\n", [(1, "", "scrypt:1024:8:1$salt$00ff")]),
    ("a:scrypt:1024:8:1$salt$00ff\n", [(1, "a", "scrypt:1024:8:1$salt$00ff")]),
    (f"{SCRAM.format(7)}\n", [(1, "", SCRAM.format(7))]),
    (f"pg:{SCRAM.format(7)}\n", [(1, "pg", SCRAM.format(7))]),
    # No name is told in a file in which none stood before a hash: it may be half a password.
    ("half:secret\n", [(1, "", "secret")]),
    (f"anna:{HASH}\nhalf:secret\n", [(1, "anna", HASH), (2, "half", "secret")]),
    ("\ufeffhunter2\n", [(1, "", "hunter2")]),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_lines_are_told_apart(text: str, expected: list[tuple[int, str, str]]) -> None:
    found = list(accounts(io.BytesIO(text.encode())))
    assert [(each.row, each.user, each.text) for each in found] == expected
    assert all(each.stored == recognise(each.text) for each in found)


DJANGO = """[
 {"model": "contenttypes.contenttype", "pk": 1, "fields": {"app_label": "auth"}},
 {"model": "auth.user", "pk": 1, "fields": {"username": "anna", "password": "HASH"}},
 {"model": "auth.user", "pk": 2, "fields": {"username": "bob", "password": "!"}}
]"""
BY_NUMBER = {"column": "2", "user_column": "1"}
TABLES: list[tuple[str, str, dict[str, str], list[tuple[int, str, str, str]]]] = [
    ("csv", "username,password_hash\nanna,HASH\n", {}, [(2, "anna", "HASH", "")]),
    ("csv", "user,hash\nanna,\n", {}, [(2, "anna", "", "")]),
    ("csv", "w,h\na,HASH\n", {"column": "h", "user_column": "w"}, [(2, "a", "HASH", "")]),
    ("csv", "w,h\na,HASH\n", BY_NUMBER, [(2, "a", "HASH", "")]),
    ("csv", "a,HASH\n", {"header": "none", **BY_NUMBER}, [(1, "a", "HASH", "")]),
    ("csv", "user;hash\nanna;HASH\n", {"delimiter": ";"}, [(2, "anna", "HASH", "")]),
    ("csv", "user,hash\nanna\n", {}, [(2, "", "", "1 field, expected 2")]),
    ("jsonl", '{"user": "anna", "hash": "HASH"}\n', {}, [(1, "anna", "HASH", "")]),
    ("jsonl", '{"hash": null, "name": "a"}\n', {}, [(1, "a", "!", "")]),
    ("jsonl", "[]\n", {}, [(1, "", "", "no JSON object")]),
    ("jsonl", '{"a": {"b": "HASH"}}\n', {"column": "a.b"}, [(1, "", "HASH", "")]),
    ("jsonl", '{"a": 1}\n', {}, [(1, "", "", "no column named 'password_hash' or the like")]),
    ("json", DJANGO, {}, [(2, "anna", "HASH", ""), (3, "bob", "!", "")]),
    ("json", '[{"h": "HASH"}]', {"column": "h"}, [(1, "", "HASH", "")]),
    ("json", '[{"h": 1}]', {"column": "h"}, [(1, "", "", "'h' is no string")]),
    ("json", '[{"user": "a"}]', {"column": "h"}, [(1, "a", "", "no 'h'")]),
    ("json", "[3]", {}, [(1, "", "", "no object")]),
]


@pytest.mark.parametrize(("form", "text", "options", "expected"), TABLES)
def test_tables_are_read(
    form: str, text: str, options: dict[str, str], expected: list[tuple[int, str, str, str]]
) -> None:
    found = accounts(io.BytesIO(text.encode()), form, **options)  # type: ignore[arg-type]
    assert [(each.row, each.user, each.text, each.problem) for each in found] == expected


@pytest.mark.parametrize(
    ("form", "text", "options", "message"),
    [
        ("csv", "a,b\n", {}, "no column named 'password_hash' or the like in the header row"),
        ("csv", "hash,b\n", {"user_column": "who"}, "no column 'who' in the header row"),
        ("json", "{}", {}, "expected an array of objects"),
        ("json", "[", {}, "no JSON"),
        ("json", "[" * 100_000, {}, "no JSON"),
    ],
)
def test_what_is_no_table(form: str, text: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(PasswordInputError) as raised:
        list(accounts(io.BytesIO(text.encode()), form, **options))  # type: ignore[arg-type]
    assert str(raised.value).startswith(message)


@given(st.binary(max_size=200), st.sampled_from(["lines", "csv", "jsonl", "json"]))
def test_no_bytes_raise_more_than_that(data: bytes, form: str) -> None:
    auditor = Auditor()
    with contextlib.suppress(PasswordInputError):
        for each in accounts(io.BytesIO(data), form):  # type: ignore[arg-type]
            auditor.add(each.text, each.user, each.row, each.stored)
    auditor.result()


def test_the_form_is_that_of_the_name() -> None:
    names = ["shadow", "a.csv", "a.TSV", "a.jsonl", "a.ndjson", "a.json", "-"]
    forms = [form_of(name)[0] for name in names]
    assert forms == ["lines", "csv", "csv", "jsonl", "jsonl", "json", "lines"]


def test_policies_have_names() -> None:
    assert all(name == policy.name for name, policy in POLICIES.items())
    assert Policy("none", {}).judge(recognise(bcrypt(12))) == (
        "below",
        "bcrypt is not in the policy",
    )
