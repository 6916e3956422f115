"""Stored hashes that begin with ``$``: crypt(3)'s, the PHC string format's and their relatives.

Owns one reader a form. Sources: crypt(5) and the source of libxcrypt (yescrypt's and scrypt's
numbers), the PHC string format, RFC 9106, the pages of passlib for its own forms, phpass and
Drupal 7's ``password.inc``, WordPress 6.8 for ``$wp$``, MySQL's reference for
``caching_sha2_password``, and hashcat's page on modes 9200 and 9300 for Cisco's types 8 and 9.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from code_ops import argon2_strings
from code_ops.stored_hash import (
    CRYPT_VALUES,
    STANDARD,
    StoredHash,
    damaged,
    decoded,
    number_of,
    raw,
    unknown,
)

__all__ = ["bcrypt", "pbkdf2", "read", "scrypt"]

_H = "[./0-9A-Za-z]"
_N = "([1-9][0-9]{0,9})"

_BCRYPT = re.compile(rf"\$2([abxy])\$([0-3][0-9])\$({_H}{{22}}){_H}{{31}}")
_BCRYPT_SHA256 = re.compile(
    rf"\$bcrypt-sha256\$(?:v=2,t=)?2([aby]),(?:r=)?([0-9]{{1,2}})\$({_H}{{22}})\${_H}{{31}}"
)
_SHA_CRYPT = re.compile(rf"\$([56])\$(?:rounds={_N}\$)?([^$]{{0,16}})\$({_H}{{43}}|{_H}{{86}})")
_MD5_CRYPT = re.compile(rf"\$(?:1|apr1)\$([^$]{{0,8}})\${_H}{{22}}")
_SUN_MD5 = re.compile(rf"\$md5(?:[,$]rounds={_N})?\$({_H}{{1,8}})\${{1,2}}{_H}{{22}}")
_SHA1_CRYPT = re.compile(rf"\$sha1\${_N}\$({_H}{{1,64}})\${_H}{{28}}")
_NT = re.compile(r"\$3\$\$[0-9a-fA-F]{32}")
_YESCRYPT = re.compile(rf"\$(?:y|gy|sm3y)\$({_H}{{3,32}})\$({_H}{{0,86}})\${_H}{{43}}")
_SCRYPT_7 = re.compile(rf"\$7\$({_H})({_H}{{5}})({_H}{{5}})({_H}{{0,86}})\${_H}{{43}}")
_SCRYPT = re.compile(
    rf"\$scrypt\$ln=([1-9][0-9]?),r={_N},p={_N}\$([A-Za-z0-9+/]*)\$([A-Za-z0-9+/]+)"
)
_PBKDF2 = re.compile(
    rf"\$pbkdf2(?:-(sha1|sha224|sha256|sha384|sha512))?\$(?:i=)?{_N}(?:,l={_N})?"
    r"\$([A-Za-z0-9./+]*)\$([A-Za-z0-9./+]+)"
)
_PHPASS = re.compile(rf"\$[PH]\$({_H})({_H}{{8}}){_H}{{22}}")
_DRUPAL = re.compile(rf"\$S\$({_H})({_H}{{8}}){_H}{{43}}")
_CISCO = re.compile(rf"\$([89])\$({_H}{{14}})\${_H}{{43}}")
_CACHING_SHA2 = re.compile(
    rf"\$A\$([0-9A-F]{{3}})\$(.{{20}}){_H}{{43}}"
    r"|\$mysql\$A\$([0-9A-F]{3})\*([0-9A-F]{40})\*[0-9A-F]{86}",
    re.DOTALL,
)

_PBKDF2_FUNCTIONS = ("", "-sha1", "-sha224", "-sha256", "-sha384", "-sha512")
_SHA_CRYPT_ROUNDS = 5000
_MD5_CRYPT_ROUNDS = 1000
_SUN_MD5_ROUNDS = 4096
_CISCO_8_ITERATIONS = 20_000

_BCRYPT_TO_STANDARD = str.maketrans(
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", STANDARD
)
_DOT_TO_PLUS = str.maketrans(".", "+")


def read(text: str) -> StoredHash:
    """What a text that begins with ``$`` is."""
    name = text[1:].partition("$")[0].partition(",")[0]
    if name.startswith("argon2"):
        return _argon2(text, name)
    scheme, reader = _READERS.get(name, ("", None))
    if reader is None:
        return unknown()
    return reader(text) or damaged(scheme)


def _argon2(text: str, name: str) -> StoredHash:
    if name not in ("argon2i", "argon2d", "argon2id"):
        return unknown()
    try:
        found = argon2_strings.read(text)
    except argon2_strings.InvalidHashError as error:
        # A version that is none may be a part of anything.
        is_version = str(error).startswith("version ")
        return damaged(name, "its version is not 16 or 19" if is_version else str(error))
    parameters: tuple[tuple[str, int | str], ...] = (
        ("v", found.version),
        ("m", found.memory_kib),
        ("t", found.iterations),
        ("p", found.lanes),
    )
    return StoredHash(found.variant, parameters, found.salt, 8 * len(found.tag))


def bcrypt(text: str, scheme: str = "bcrypt") -> StoredHash | None:
    """bcrypt's own form; ``scheme`` where the password was digested before."""
    found = _BCRYPT.fullmatch(text)
    return _bcrypt(scheme, found[1], int(found[2]), found[3]) if found else None


def _bcrypt_sha256(text: str) -> StoredHash | None:
    found = _BCRYPT_SHA256.fullmatch(text)
    return _bcrypt("bcrypt-sha256", found[1], int(found[2]), found[3]) if found else None


def _bcrypt(scheme: str, variant: str, cost: int, salt: str) -> StoredHash | None:
    # Bits past the 16th byte mean nothing; some generators set them.
    decoded_salt = decoded(salt.translate(_BCRYPT_TO_STANDARD))
    if decoded_salt is None or not 4 <= cost <= 31:
        return None
    parameters = (("cost", cost), ("variant", f"2{variant}"))
    return StoredHash(scheme, parameters, decoded_salt, 184)


def _wordpress(text: str) -> StoredHash | None:
    return bcrypt(text.removeprefix("$wp"), "bcrypt-sha384")


def _sha_crypt(text: str) -> StoredHash | None:
    found = _SHA_CRYPT.fullmatch(text)
    if found is None or len(found[4]) != (43 if found[1] == "5" else 86):
        return None
    bits = 256 if found[1] == "5" else 512
    parameters = (("rounds", int(found[2] or _SHA_CRYPT_ROUNDS)),)
    return StoredHash(f"sha{bits}crypt", parameters, raw(found[3]), bits)


def _md5_crypt(text: str) -> StoredHash | None:
    found = _MD5_CRYPT.fullmatch(text)
    scheme = "md5crypt" if text.startswith("$1$") else "apr1"
    parameters = (("rounds", _MD5_CRYPT_ROUNDS),)
    return StoredHash(scheme, parameters, raw(found[1]), 128) if found else None


def _sun_md5(text: str) -> StoredHash | None:
    found = _SUN_MD5.fullmatch(text)
    if found is None:
        return None
    parameters = (("rounds", _SUN_MD5_ROUNDS + int(found[1] or 0)),)
    return StoredHash("sunmd5", parameters, raw(found[2]), 128)


def _sha1_crypt(text: str) -> StoredHash | None:
    found = _SHA1_CRYPT.fullmatch(text)
    parameters = (("rounds", int(found[1])),) if found else ()
    return StoredHash("sha1crypt", parameters, raw(found[2]), 160) if found else None


def _nt(text: str) -> StoredHash | None:
    return StoredHash("nt", digest_bits=128) if _NT.fullmatch(text) else None


def _yescrypt(text: str) -> StoredHash | None:
    found = _YESCRYPT.fullmatch(text)
    parameters = _yescrypt_parameters(found[1]) if found else None
    if found is None or parameters is None:
        return None
    # Digits of six bits, the lowest first, of which a rest below a byte is none.
    salt = number_of(found[2]).to_bytes(65, "little")[: len(found[2]) * 6 // 8]
    scheme = {"y": "yescrypt", "g": "gost-yescrypt", "s": "sm3-yescrypt"}[text[1]]
    return StoredHash(scheme, parameters, salt, 256)


@functools.lru_cache(maxsize=256)
def _yescrypt_parameters(text: str) -> tuple[tuple[str, int | str], ...] | None:
    """Numbers of one to six digits each: flags, log2 of N, r, and the others where they are said.

    The fourth tells which of p, t, g and the ROM's size follow.
    """
    numbers = []
    at = 0
    while at < len(text):
        value, at = _variable_number(text, at)
        if at == 0:
            return None
        numbers.append(value)
    if len(numbers) < 3:
        return None
    _flags, ln, r, *rest = numbers
    said = rest[0] + 1 if rest else 0
    names = [name for bit, name in enumerate("ptgR") if said >> bit & 1]
    if len(rest) != len(names) + bool(rest) or said > 15 or ln > 62:
        return None
    more = dict(zip(names, rest[1:], strict=True))
    p = more["p"] + 2 if "p" in more else 1
    t = more["t"] + 1 if "t" in more else 0
    return ("ln", ln + 1), ("r", r + 1), ("p", p), ("t", t)


def _variable_number(text: str, at: int) -> tuple[int, int]:
    """The number at a place, from 0, and the place after it; place 0 where it is cut off.

    The first digit tells how many there are: 48 of them begin numbers of one digit, 8 of two, 4
    of three, 2 of four, and one each of five and six.
    """
    first = CRYPT_VALUES[text[at]]
    begin = least = 0
    for more, width in enumerate((48, 8, 4, 2, 1, 1)):
        if first < begin + width:
            break
        begin += width
        least += width << 6 * more
    digits = text[at + 1 : at + 1 + more]
    if len(digits) < more:
        return 0, 0
    value = first - begin
    for digit in digits:
        value = value << 6 | CRYPT_VALUES[digit]
    return least + value, at + 1 + more


def _scrypt_7(text: str) -> StoredHash | None:
    found = _SCRYPT_7.fullmatch(text)
    if found is None:
        return None
    ln, r, p = (number_of(found[group]) for group in (1, 2, 3))
    return scrypt(ln, r, p, raw(found[4]), 256)


def _scrypt(text: str) -> StoredHash | None:
    found = _SCRYPT.fullmatch(text)
    salt, digest = (decoded(found[4]), decoded(found[5])) if found else (None, None)
    if found is None or salt is None or digest is None:
        return None
    return scrypt(int(found[1]), int(found[2]), int(found[3]), salt, 8 * len(digest))


def scrypt(ln: int, r: int, p: int, salt: bytes, bits: int) -> StoredHash | None:
    """scrypt with N as its binary logarithm, None for what RFC 7914 rules out."""
    if not (1 <= ln <= 63 and r >= 1 and p >= 1 and r * p < 1 << 30):
        return None
    return StoredHash("scrypt", (("ln", ln), ("r", r), ("p", p)), salt, bits)


def _pbkdf2(text: str) -> StoredHash | None:
    found = _PBKDF2.fullmatch(text)
    return pbkdf2(found[1] or "sha1", found[2], found[4], found[5]) if found else None


def pbkdf2(function: str, iterations: str, salt: str, digest: str) -> StoredHash | None:
    """PBKDF2 with salt and digest in base 64, in which passlib writes ``.`` for ``+``."""
    raw_salt, tag = decoded(salt.translate(_DOT_TO_PLUS)), decoded(digest.translate(_DOT_TO_PLUS))
    if raw_salt is None or not tag:
        return None
    return StoredHash(f"pbkdf2-{function}", (("i", int(iterations)),), raw_salt, 8 * len(tag))


def _phpass(text: str) -> StoredHash | None:
    found = _PHPASS.fullmatch(text)
    return _repeated("phpass", found, 128)


def _drupal(text: str) -> StoredHash | None:
    return _repeated("drupal7", _DRUPAL.fullmatch(text), 258)


def _repeated(scheme: str, found: re.Match[str] | None, bits: int) -> StoredHash | None:
    if found is None or not 1 <= (log2 := CRYPT_VALUES[found[1]]) <= 30:
        return None
    return StoredHash(scheme, (("rounds", 1 << log2),), raw(found[2]), bits)


def _cisco(text: str) -> StoredHash | None:
    found = _CISCO.fullmatch(text)
    if found is None:
        return None
    salt = raw(found[2])
    if found[1] == "9":
        return scrypt(14, 1, 1, salt, 256)
    return StoredHash("pbkdf2-sha256", (("i", _CISCO_8_ITERATIONS),), salt, 256)


def _caching_sha2(text: str) -> StoredHash | None:
    found = _CACHING_SHA2.fullmatch(text)
    if found is None:
        return None
    salt = bytes.fromhex(found[4]) if found[4] else raw(found[2])
    thousands = int(found[1] or found[3], 16)
    return StoredHash("mysql-caching-sha2", (("rounds", 1000 * thousands),), salt, 256)


_READERS: dict[str, tuple[str, Callable[[str], StoredHash | None]]] = {
    "2a": ("bcrypt", bcrypt),
    "2b": ("bcrypt", bcrypt),
    "2x": ("bcrypt", bcrypt),
    "2y": ("bcrypt", bcrypt),
    "bcrypt-sha256": ("bcrypt-sha256", _bcrypt_sha256),
    "wp": ("WordPress's bcrypt", _wordpress),
    "5": ("sha256crypt", _sha_crypt),
    "6": ("sha512crypt", _sha_crypt),
    "1": ("md5crypt", _md5_crypt),
    "apr1": ("apr1", _md5_crypt),
    "md5": ("sunmd5", _sun_md5),
    "sha1": ("sha1crypt", _sha1_crypt),
    "3": ("nt", _nt),
    "y": ("yescrypt", _yescrypt),
    "gy": ("gost-yescrypt", _yescrypt),
    "sm3y": ("sm3-yescrypt", _yescrypt),
    "7": ("scrypt", _scrypt_7),
    "scrypt": ("scrypt", _scrypt),
    **{f"pbkdf2{function}": ("pbkdf2", _pbkdf2) for function in _PBKDF2_FUNCTIONS},
    "P": ("phpass", _phpass),
    "H": ("phpass", _phpass),
    "S": ("drupal7", _drupal),
    "8": ("Cisco's type 8", _cisco),
    "9": ("Cisco's type 9", _cisco),
    "A": ("mysql-caching-sha2", _caching_sha2),
    "mysql": ("mysql-caching-sha2", _caching_sha2),
}
