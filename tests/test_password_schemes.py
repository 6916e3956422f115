"""Stored hashes told apart by their form.

Expected values come from documented examples, from what their settings were made of, and from
programs that make such hashes here: the system's crypt(3) by way of Perl, ``openssl passwd``,
``htpasswd`` and argon2-cffi. Where the password is known and hashlib can compute the scheme, the
digest is computed with what was read, which shows that cost and salt were read right.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops.password_schemes import LENGTH_MAX, StoredHash, recognise

H22, H31, H43, H86 = "a" * 22, "b" * 31, "c" * 43, "d" * 86
BCRYPT_TAIL = "UBVLHeMpJ/QQCv3XqJx8zOe.pL8nYSy877eo3/hfhy4bkX42q/jXm"
# The salts of libxcrypt's test of crypt_gensalt, made of these 16 bytes.
GENSALT_BYTES = bytes.fromhex("5835cd2603ab2c1492131e59b0bcfed5")


def _costs(text: str) -> str:
    """Scheme and parameters in one text, as tables show them."""
    stored = recognise(text)
    return " ".join([stored.scheme, *(f"{name}={value}" for name, value in stored.parameters)])


DOCUMENTED = [
    # libxcrypt, test/gensalt.c: the settings of costs 5 (the default), 1 and 11.
    (f"$y$j9T$MJHnaAkegEVYHsFKkmfzJ1${H43}", "yescrypt ln=12 r=32 p=1 t=0", 16, 256),
    (f"$y$j75$MJHnaAkegEVYHsFKkmfzJ1${H43}", "yescrypt ln=10 r=8 p=1 t=0", 16, 256),
    (f"$y$jFT$MJHnaAkegEVYHsFKkmfzJ1${H43}", "yescrypt ln=18 r=32 p=1 t=0", 16, 256),
    (f"$gy$j9T$MJHnaAkegEVYHsFKkmfzJ1${H43}", "gost-yescrypt ln=12 r=32 p=1 t=0", 16, 256),
    (f"$sm3y$j9T$MJHnaAkegEVYHsFKkmfzJ1${H43}", "sm3-yescrypt ln=12 r=32 p=1 t=0", 16, 256),
    (f"$7$BU..../....MJHnaAkegEVYHsFKkmfzJ1${H43}", "scrypt ln=13 r=32 p=1", 22, 256),
    (f"$7$GU..../....MJHnaAkegEVYHsFKkmfzJ1${H43}", "scrypt ln=18 r=32 p=1", 22, 256),
    (f"$2b$31$UBVLHeMpJ/QQCv3XqJx8zO{H31}", "bcrypt cost=31 variant=2b", 16, 184),
    ("$sha1$248488$ggu.H673kaZ5$" + "e" * 28, "sha1crypt rounds=248488", 12, 160),
    (f"$md5,rounds=55349$BPm.fm03${H22}", "sunmd5 rounds=59445", 8, 128),
    (f"$md5$BPm.fm03$${H22}", "sunmd5 rounds=4096", 8, 128),
    ("_/.2.MJHn7xO6UX1D6nY", "bsdicrypt rounds=16385", 4, 64),
    ("_zzzzMJHn7xO6UX1D6nY", "bsdicrypt rounds=16777215", 4, 64),
    (f"$6$rounds=10191$MJHnaAkegEVYHsFK${H86}", "sha512crypt rounds=10191", 16, 512),
    (f"$5$MJHnaAkegEVYHsFK${H43}", "sha256crypt rounds=5000", 16, 256),
    ("$3$$8cc19b6a8cfeac299c2871c86b38de28", "nt", 0, 128),
    # passlib's pages.
    (
        "$bcrypt-sha256$2a,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO",
        "bcrypt-sha256 cost=12 variant=2a",
        16,
        184,
    ),
    (
        f"$bcrypt-sha256$v=2,t=2b,r=12${H22}${H31}",
        "bcrypt-sha256 cost=12 variant=2b",
        16,
        184,
    ),
    ("{SMD5}jNoSMNY0cybfuBWiaGlFw3Mfi/U=", "salted-digest function=md5", 4, 128),
    ("{SSHA}pKqkNr1tq3wtQqk+UcPyA3HnA2NsU5NJ", "salted-digest function=sha1", 4, 160),
    ("{MD5}X03MO1qnZdYdgyfeuILPmQ==", "unsalted-digest bits=128", 0, 128),
    ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "unsalted-digest bits=160", 0, 160),
    # OpenLDAP's pw-pbkdf2, Atlassian's form, phpass, Drupal, WordPress, Cisco, GRUB, MySQL.
    ("{PBKDF2-SHA256}10000$AAAAAAAAAAAAAAAAAAAAAA$" + H43, "pbkdf2-sha256 i=10000", 16, 256),
    ("{PBKDF2}10000$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 27, "pbkdf2-sha1 i=10000", 16, 160),
    ("{PKCS5S2}" + base64.b64encode(bytes(48)).decode(), "pbkdf2-sha1 i=10000", 16, 256),
    ("$P$B12345678" + H22, "phpass rounds=8192", 8, 128),
    ("$S$D12345678" + H43, "drupal7 rounds=32768", 8, 258),
    (f"$wp$2y$10${BCRYPT_TAIL}", "bcrypt-sha384 cost=10 variant=2y", 16, 184),
    (f"$8$12345678901234${H43}", "pbkdf2-sha256 i=20000", 14, 256),
    (f"$9$12345678901234${H43}", "scrypt ln=14 r=1 p=1", 14, 256),
    ("grub.pbkdf2.sha512.10000." + "0a" * 64 + "." + "F0" * 64, "pbkdf2-sha512 i=10000", 64, 512),
    ("$A$005$" + "\x01\x7f!$" * 5 + H43, "mysql-caching-sha2 rounds=5000", 20, 256),
    ("$mysql$A$005*" + "0F" * 20 + "*" + "0A" * 43, "mysql-caching-sha2 rounds=5000", 20, 256),
    ("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "mysql-native", 0, 160),
    # PostgreSQL.
    ("md5" + "0af" * 10 + "00", "postgresql-md5", 0, 128),
    (
        f"SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==${H43}=:{H43}=",
        "scram-sha-256 i=4096",
        16,
        256,
    ),
    # Django's tests and forms, Werkzeug's forms.
    (
        "argon2$argon2id$v=19$m=102400,t=2,p=8$Y041dExhNkljRUUy$TMa6A8fPJhCAUXRhJXCXdw",
        "argon2id v=19 m=102400 t=2 p=8",
        12,
        128,
    ),
    (f"bcrypt$$2b$12${BCRYPT_TAIL}", "bcrypt cost=12 variant=2b", 16, 184),
    (f"bcrypt_sha256$$2b$12${BCRYPT_TAIL}", "bcrypt-sha256 cost=12 variant=2b", 16, 184),
    ("md5$seasalt$" + "0a" * 16, "salted-digest function=md5", 7, 128),
    ("md5$$" + "0a" * 16, "unsalted-digest bits=128", 0, 128),
    ("sha1$seasalt$" + "0a" * 20, "salted-digest function=sha1", 7, 160),
    ("crypt$$abzlUXK5ed5rs", "descrypt", 2, 64),
    ("sha256$abc$" + "0a" * 32, "salted-digest function=sha256", 3, 256),
    ("plain$$secret", "plaintext", 0, 0),
    # Argon2 of version 1.0, which had no field for it, and behind a prefix.
    (
        "$argon2i$m=120,t=5000,p=2$4fXXG0spB92WPB1NitT8/OH0VKI$iPBVuORECm5biUsjq33hn9/7BKqy9aPWKhFfK2haEsM",
        "argon2i v=16 m=120 t=5000 p=2",
        20,
        256,
    ),
    (
        "{ARGON2}$argon2i$v=19$m=32,t=2,p=4$c29tZXNhbHQ$t3wvdI5gUU+HEU2Kv2NPNTui7ek61zrrJXpXHJ7C3kg",
        "argon2i v=19 m=32 t=2 p=4",
        8,
        256,
    ),
    (f"{{bcrypt}}$2a$10${BCRYPT_TAIL}", "bcrypt cost=10 variant=2a", 16, 184),
    ("{CLEARTEXT}secret", "plaintext", 0, 0),
    ("{noop}secret", "plaintext", 0, 0),
    # Bare digests: MD5 or NT, SHA-1, SHA-256, SHA-512.
    *((digits * "0a", f"unsalted-digest bits={bits}", 0, bits) for digits, bits in (
        (16, 128), (20, 160), (32, 256), (64, 512)
    )),
]  # fmt: skip


@pytest.mark.parametrize(("text", "costs", "salt", "bits"), DOCUMENTED, ids=lambda v: str(v)[:24])
def test_a_documented_form_is_read(text: str, costs: str, salt: int, bits: int) -> None:
    stored = recognise(text)
    assert _costs(text) == costs
    assert len(stored.salt) == salt
    assert stored.digest_bits == bits
    assert stored.problem == ("the password itself" if costs == "plaintext" else "")


def test_encoded_salts_are_decoded() -> None:
    # All of test/gensalt.c are of the same bytes.
    for text in (
        f"$y$j9T$MJHnaAkegEVYHsFKkmfzJ1${H43}",
        f"$2b$05$UBVLHeMpJ/QQCv3XqJx8zO{H31}",
    ):
        assert recognise(text).salt == GENSALT_BYTES


# yescrypt's numbers: how many of one digit there are, of two, and so on, and which of crypt(5)'s
# 64 digits begin them.
DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CLASSES = [(48, "."), (512, "k"), (16384, "s"), (524288, "w"), (16777216, "y"), (1 << 30, "z")]


def yescrypt_number(value: int) -> str:
    for more, (count, first) in enumerate(CLASSES):
        if value < count:
            digits = [DIGITS[value >> 6 * place & 63] for place in range(more)]
            lead = DIGITS[DIGITS.index(first) + (value >> 6 * more)]
            return lead + "".join(reversed(digits))
        value -= count
    raise AssertionError(value)


BOUNDS = [sum(count for count, _ in CLASSES[:end]) for end in range(6)]


@given(st.one_of(st.sampled_from(BOUNDS), st.integers(0, 1 << 29)), st.integers(0, 1 << 20))
def test_numbers_of_yescrypt_have_one_to_six_digits(r: int, t: int) -> None:
    # Flags, log2 of N from 1, r from 1, and that a t from 1 follows.
    numbers = "".join(yescrypt_number(value) for value in (47, 11, r, 1, t))
    expected = f"yescrypt ln=12 r={r + 1} p=1 t={t + 1}"
    assert _costs(f"$y${numbers}$MJHnaAkegEVYHsFKkmfzJ1${H43}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        "$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE",
        "$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ",
    ],
)
def test_hashlib_computes_what_passlib_documents(text: str) -> None:
    stored = recognise(text)
    digest = base64.b64encode(_computed(stored, b"password")).decode().rstrip("=")
    assert text.rpartition("$")[2] == digest.replace("+", "." if "pbkdf2" in text else "+")


@pytest.mark.parametrize(
    "text",
    [
        (
            "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkX"
            "FRkdVCBhhY8mx7rQwite/Pw=="
        ),
        (
            "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6"
            "ji6ze3Fbb7JEFPKGpuEf5vw=="
        ),
    ],
)
def test_hashlib_computes_what_django_tests(text: str) -> None:
    digest = base64.b64encode(_computed(recognise(text), "lètmein".encode())).decode()
    assert text.endswith(f"${digest}")


@pytest.mark.parametrize("method", ["pbkdf2:sha256:1000", "pbkdf2:sha1:7", "scrypt:2048:8:2"])
def test_hashlib_computes_what_werkzeug_would(method: str) -> None:
    name, *numbers = method.split(":")
    if name == "scrypt":
        n, r, p = map(int, numbers)
        digest = hashlib.scrypt(b"secret", salt=b"0123456789abcdef", n=n, r=r, p=p)
    else:
        digest = hashlib.pbkdf2_hmac(numbers[0], b"secret", b"0123456789abcdef", int(numbers[1]))
    text = f"{method}$0123456789abcdef${digest.hex()}"
    stored = recognise(text)
    assert stored.salt == b"0123456789abcdef"
    assert _computed(stored, b"secret") == digest


def _computed(stored: StoredHash, password: bytes) -> bytes:
    costs = {name: int(value) for name, value in stored.parameters}
    size = stored.digest_bits // 8
    if stored.scheme == "scrypt":
        n, r, p = 1 << costs["ln"], costs["r"], costs["p"]
        return hashlib.scrypt(password, salt=stored.salt, n=n, r=r, p=p, dklen=size)
    function = stored.scheme.removeprefix("pbkdf2-")
    return hashlib.pbkdf2_hmac(function, password, stored.salt, costs["i"], size)


SETTINGS = [
    ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$", "yescrypt ln=12 r=32 p=1 t=0"),
    ("$y$j75$F5Jx5fExrKuPp53xLKQ..1$", "yescrypt ln=10 r=8 p=1 t=0"),
    # With p = 2, and with t = 1: what follows r tells which.
    ("$y$j75..$F5Jx5fExrKuPp53xLKQ..1$", "yescrypt ln=10 r=8 p=2 t=0"),
    ("$y$j75/.$F5Jx5fExrKuPp53xLKQ..1$", "yescrypt ln=10 r=8 p=1 t=1"),
    ("$gy$j75$F5Jx5fExrKuPp53xLKQ..1$", "gost-yescrypt ln=10 r=8 p=1 t=0"),
    ("$7$8U..../....F5Jx5fExrKuPp53xLKQ..1$", "scrypt ln=10 r=32 p=1"),
    ("$2b$04$UBVLHeMpJ/QQCv3XqJx8zO", "bcrypt cost=4 variant=2b"),
    ("$2y$05$UBVLHeMpJ/QQCv3XqJx8zO", "bcrypt cost=5 variant=2y"),
    ("$2a$04$UBVLHeMpJ/QQCv3XqJx8zO", "bcrypt cost=4 variant=2a"),
    ("$2x$04$UBVLHeMpJ/QQCv3XqJx8zO", "bcrypt cost=4 variant=2x"),
    ("$6$abcdefgh$", "sha512crypt rounds=5000"),
    ("$6$rounds=1000$abcdefgh$", "sha512crypt rounds=1000"),
    ("$5$rounds=1234$abcdefgh$", "sha256crypt rounds=1234"),
    ("$sha1$40$ggu.H673kaZ5$", "sha1crypt rounds=40"),
    ("$md5,rounds=100$BPm.fm03$", "sunmd5 rounds=4196"),
    ("$1$abc$", "md5crypt rounds=1000"),
    ("_J9..MJHn", "bsdicrypt rounds=725"),
    ("ab", "descrypt"),
    ("$3$", "nt"),
]


@pytest.mark.parametrize(("setting", "costs"), SETTINGS)
def test_what_the_systems_crypt_makes_is_read(setting: str, costs: str) -> None:
    if shutil.which("perl") is None:
        pytest.skip("needs perl")
    made = _run("perl", "-e", "print crypt($ARGV[0], $ARGV[1]) // ''", "pw", setting)
    if not made or made.startswith("*"):
        pytest.skip(f"the system's crypt has no {costs.split()[0]}")
    assert _costs(made) == costs


@pytest.mark.parametrize(
    ("option", "costs"),
    [
        ("-1", "md5crypt rounds=1000"),
        ("-apr1", "apr1 rounds=1000"),
        ("-5", "sha256crypt rounds=5000"),
        ("-6", "sha512crypt rounds=5000"),
    ],
)
def test_what_openssl_makes_is_read(option: str, costs: str) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    made = _run("openssl", "passwd", option, "pw")
    assert _costs(made) == costs
    assert recognise(made).salt == made.split("$")[2].encode()


@pytest.mark.parametrize(
    ("options", "costs"),
    [
        ("-B -C 5", "bcrypt cost=5 variant=2y"),
        ("-m", "apr1 rounds=1000"),
        ("-s", "unsalted-digest bits=160"),
        ("-d", "descrypt"),
        ("-2", "sha256crypt rounds=5000"),
        ("-5", "sha512crypt rounds=5000"),
    ],
)
def test_what_htpasswd_makes_is_read(options: str, costs: str) -> None:
    if shutil.which("htpasswd") is None:
        pytest.skip("needs htpasswd, of apache2-utils")
    made = _run("htpasswd", "-nb", *options.split(), "anna", "pw")
    assert _costs(made.removeprefix("anna:")) == costs


@pytest.mark.parametrize("variant", ["argon2i", "argon2d", "argon2id"])
def test_what_argon2_cffi_makes_is_read(variant: str) -> None:
    argon2 = pytest.importorskip("argon2")
    kind = {"argon2i": argon2.Type.I, "argon2d": argon2.Type.D, "argon2id": argon2.Type.ID}
    hasher = argon2.PasswordHasher(2, 64, 3, hash_len=24, salt_len=11, type=kind[variant])
    made = hasher.hash("pw")
    assert _costs(made) == f"{variant} v=19 m=64 t=2 p=3"
    assert (len(recognise(made).salt), recognise(made).digest_bits) == (11, 192)
    assert _costs(f"argon2{made}") == _costs(made)


def _run(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return ended.stdout.strip()


@pytest.mark.parametrize(
    "text",
    [
        "!", "!!", "*", "!*", "**", "x",
        "*LK*", "*NP*", "NP", "*0", "*1", "*LOCKED*", "!" + "a3B7" * 10],
)  # fmt: skip
def test_a_mark_is_no_password(text: str) -> None:
    assert recognise(text) == StoredHash("locked")


@pytest.mark.parametrize(
    "kept", ["$1$abc$Kb85XxsXB.VXinPhbS4431", "abzlUXK5ed5rs", f"$2b$10${BCRYPT_TAIL}", "0a" * 16]
)
@pytest.mark.parametrize("mark", ["!", "!!"])
def test_a_mark_before_a_hash_locks_it(mark: str, kept: str) -> None:
    stored = recognise(mark + kept)
    assert (stored.scheme, stored.salt) == ("locked", b"")
    assert stored.problem == "a hash is kept behind the mark"


def test_nothing_is_an_empty_password() -> None:
    assert recognise("").scheme == "empty"
    assert recognise("{CRYPT}").scheme == "empty"
    assert recognise("{CRYPT}!").scheme == "locked"


UNKNOWN = [
    ("hunter2", "not recognised, perhaps plain text"),
    ("!hunter2", "not recognised, perhaps plain text"),
    ("*hunter2", "not recognised, perhaps plain text"),
    ("xyz", "not recognised, perhaps plain text"),
    # 13 letters as DES has, but with bits that DES leaves at zero.
    ("correcthorseb", "not recognised, perhaps plain text"),
    ("0a" * 15, "not recognised, perhaps plain text"),
    ("0aA" * 10 + "00", "not recognised, perhaps plain text"),
    ("shadow of the colossus", "not recognised, perhaps plain text"),
    ("md5sum", "not recognised, perhaps plain text"),
    ("$", "not recognised, perhaps plain text"),
    ("$$", "not recognised, perhaps plain text"),
    ("$argon2x$v=19$m=8,t=1,p=1$a$b", "not recognised, perhaps plain text"),
    ("{SECRET}word", "not recognised, perhaps plain text"),
    ("{CRYPT}{CRYPT}{CRYPT}ab", "not recognised, perhaps plain text"),
    # Cut off in a column that is too narrow.
    (f"$2b$10${BCRYPT_TAIL}"[:50], "begins like bcrypt but is no whole hash"),
    (f"$2b$10${BCRYPT_TAIL}x", "begins like bcrypt but is no whole hash"),
    (f"$2b$03${BCRYPT_TAIL}", "begins like bcrypt but is no whole hash"),
    (f"$2b$32${BCRYPT_TAIL}", "begins like bcrypt but is no whole hash"),
    (f"$6$abc${H43}", "begins like sha512crypt but is no whole hash"),
    (f"$6$rounds=0$abc${H86}", "begins like sha512crypt but is no whole hash"),
    (f"$y$j${H22}${H43}", "begins like yescrypt but is no whole hash"),
    (f"$y$zzzzz$aa${H43}", "begins like yescrypt but is no whole hash"),
    (f"$7$/U....zzzzzaa${H43}", "begins like scrypt but is no whole hash"),
    ("$scrypt$ln=64,r=8,p=1$AAAA$AAAA", "begins like scrypt but is no whole hash"),
    ("$scrypt$ln=1,r=8,p=1$A$AAAA", "begins like scrypt but is no whole hash"),
    ("scrypt:1000:8:1$a$00", "begins like Werkzeug's scrypt but is no whole hash"),
    ("pbkdf2:sha256$salt$00", "begins like Werkzeug's pbkdf2 but is no whole hash"),
    ("pbkdf2_sha256$99999999999$a$AAAA", "begins like Django's pbkdf2 but is no whole hash"),
    ("pbkdf2_sha256$٣$a$AAAA", "begins like Django's pbkdf2 but is no whole hash"),
    ("{SSHA}AAAA", "begins like {SSHA} but is no whole hash"),
    ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj", "begins like {SHA} but is no whole hash"),
    ("$argon2id$v=19$m=7,t=1,p=1$a$b", ("begins like argon2id but is no whole hash: m is out of "
      "range 8-4294967295")),
    ("$argon2id$v=hunter2$m=8,t=1,p=1$a$b", ("begins like argon2id but is no whole hash: its "
      "version is not 16 or 19")),
    ("a" * (LENGTH_MAX + 1), "longer than 1,024 characters"),
    ("$2b$10$" * 100_000, "longer than 1,024 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), UNKNOWN, ids=lambda value: value[:24])
def test_what_is_no_whole_hash_is_unknown(text: str, problem: str) -> None:
    assert recognise(text) == StoredHash("unknown", problem=problem)


def test_nothing_of_a_value_is_shown() -> None:
    for text, *_ in DOCUMENTED:
        stored = recognise(text)
        shown = repr(stored) + str(stored)
        parts = [part for part in text.replace(":", "$").split("$") if len(part) > 15]
        assert not any(part in shown for part in parts if "=" not in part)
        assert str(stored.salt) not in shown or not stored.salt


FRAGMENTS = st.sampled_from(
    ["$", "{", "}", ":", ",", "=", "*", "!", ".", "2b", "2a", "10", "y", "gy", "7", "j9T",
     "argon2id", "argon2", "v=19", "m=65536,t=3,p=4", "pbkdf2_sha256", "pbkdf2:sha256:",
     "scrypt:", "scrypt$",
     "{CRYPT}", "{SSHA}", "{PBKDF2-SHA256}", "md5", "sha1$", "SCRAM-SHA-256$4096:", "grub.pbkdf2.",
     "crypt$$", "rounds=", "99999999999", "0", "AAAA", H22, H31, H43, H86, "\n", "\0",
     "\ud800", "é", "٣"]
)  # fmt: skip
HOSTILE = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=20).map("".join))


@given(HOSTILE)
def test_nothing_raises(text: str) -> None:
    stored = recognise(text)
    assert isinstance(stored, StoredHash)
    assert all(isinstance(value, int | str) for _, value in stored.parameters)
    assert (stored.scheme == "unknown") <= bool(stored.problem)


@given(st.sampled_from([text for text, *_ in DOCUMENTED]), st.data())
def test_a_changed_hash_raises_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    recognise(
        text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    )


@pytest.mark.timeout(20)
def test_the_longest_texts_take_no_time() -> None:
    # Each of these has many ways to be taken apart by a pattern that goes back and forth.
    began = time.process_time()
    for unit in ("$", "a", "=", "{", ".", "0", "$y$", "rounds=1", "$1$", "A=", "*", "!"):
        for start in (
            "",
            "$6$rounds=",
            "$pbkdf2-sha256$",
            "{SSHA}",
            "pbkdf2_sha256$1$",
            "$y$",
            "!",
        ):
            recognise((start + unit * LENGTH_MAX)[:LENGTH_MAX])
    assert time.process_time() - began < 10
