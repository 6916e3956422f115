"""Stored hashes that say their scheme in words: of frameworks, directories and databases.

Owns one reader a form. Sources: ``django.contrib.auth.hashers``, ``werkzeug.security``, RFC 2307
and OpenLDAP's ``slappasswd`` and ``pw-pbkdf2``, the page of Dovecot on password schemes, Spring
Security's ``DelegatingPasswordEncoder``, passlib's pages on its forms for LDAP, Atlassian and
GRUB, PostgreSQL's page on ``pg_authid``, and MySQL's on ``mysql_native_password``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from code_ops import password_crypt_forms
from code_ops.password_crypt_forms import bcrypt, pbkdf2, scrypt
from code_ops.stored_hash import StoredHash, damaged, decoded, raw, unknown

__all__ = ["read"]

_N = "([1-9][0-9]{0,9})"
_B64 = "[A-Za-z0-9+/]+={0,2}"
_AB64 = "[A-Za-z0-9./+]"

_PREFIXED = re.compile(r"\{([A-Za-z0-9_.-]{1,32})\}(.*)", re.DOTALL)
_LDAP_PBKDF2 = re.compile(rf"{_N}\$({_AB64}*={{0,2}})\$({_AB64}+={{0,2}})")
_DJANGO_PBKDF2 = re.compile(rf"pbkdf2_(sha1|sha256|sha512)\${_N}\$([^$]*)\$({_B64})")
_DJANGO_SCRYPT = re.compile(rf"scrypt\${_N}\$([^$]*)\${_N}\${_N}\$({_B64})")
_WERKZEUG_PBKDF2 = re.compile(
    rf"pbkdf2:(sha1|sha224|sha256|sha384|sha512):{_N}\$([^$]*)\$([0-9a-f]+)"
)
_WERKZEUG_SCRYPT = re.compile(rf"scrypt:{_N}:{_N}:{_N}\$([^$]*)\$([0-9a-f]+)")
_SALTED_HEX = re.compile(r"(md5|sha1|sha224|sha256|sha384|sha512)\$([^$]*)\$([0-9a-f]+)")
_SCRAM = re.compile(rf"SCRAM-SHA-256\${_N}:({_B64})\$([A-Za-z0-9+/]{{43}}=):([A-Za-z0-9+/]{{43}}=)")
_POSTGRESQL_MD5 = re.compile(r"md5[0-9a-f]{32}")
_MYSQL_NATIVE = re.compile(r"\*[0-9A-Fa-f]{40}")
_GRUB = re.compile(rf"grub\.pbkdf2\.sha512\.{_N}\.([0-9A-Fa-f]+)\.([0-9A-Fa-f]+)")

_BITS = {"md5": 128, "sha1": 160, "sha224": 224, "sha256": 256, "sha384": 384, "sha512": 512}
_ATLASSIAN_ITERATIONS = 10_000

# What a prefix in braces says, in capitals and without dashes and underscores.
_DIGESTS = {name.upper(): name for name in _BITS} | {"SHA": "sha1", "PLAINMD5": "md5"}
_SALTED = {"SMD5": "md5", "SSHA": "sha1", "SSHA256": "sha256", "SSHA384": "sha384"}
_SALTED |= {"SSHA512": "sha512"}
_PBKDF2 = {"PBKDF2": "sha1", "PBKDF2SHA1": "sha1", "PBKDF2SHA256": "sha256"}
_PBKDF2 |= {"PBKDF2SHA512": "sha512"}
_PLAIN = ("CLEARTEXT", "PLAIN", "PLAINTEXT", "NOOP")


def read(text: str) -> StoredHash | None:
    """What a text is that names its scheme; None where it names none."""
    if text[0] == "{":
        return _braced(text)
    for start, reader, scheme in _READERS:
        if text.startswith(start):
            return reader(text) or (damaged(scheme) if scheme else None)
    return None


def _braced(text: str) -> StoredHash | None:
    found = _PREFIXED.fullmatch(text)
    if found is None:
        return None
    word, rest = found[1].upper().replace("-", "").replace("_", ""), found[2]
    if word in _PLAIN:
        return StoredHash("plaintext", problem="the password itself")
    if word == "SASL":
        return StoredHash("locked", problem="checked by another service")
    return _of_prefix(word, rest) or damaged("{" + found[1].upper() + "}")


def _of_prefix(word: str, rest: str) -> StoredHash | None:
    if word in _DIGESTS:
        return _digest(rest, _DIGESTS[word])
    if word in _SALTED:
        return _salted(rest, _SALTED[word])
    if word in _PBKDF2:
        found = _LDAP_PBKDF2.fullmatch(rest)
        return pbkdf2(_PBKDF2[word], found[1], found[2], found[3]) if found else None
    if word == "PKCS5S2":
        return _atlassian(_base64(rest))
    return unknown()


def _atlassian(data: bytes | None) -> StoredHash | None:
    """A salt of 16 bytes and a tag of 32."""
    if data is None or len(data) != 48:
        return None
    return StoredHash("pbkdf2-sha1", (("i", _ATLASSIAN_ITERATIONS),), data[:16], 256)


def _base64(text: str) -> bytes | None:
    return decoded(text) if re.fullmatch(_B64, text) else None


def _digest(text: str, function: str) -> StoredHash | None:
    bits = _BITS[function]
    data = _base64(text)
    is_hex = len(text) * 4 == bits and re.fullmatch("[0-9a-fA-F]+", text)
    is_whole = data is not None and len(data) * 8 == bits
    return (
        StoredHash("unsalted-digest", (("bits", bits),), b"", bits) if is_hex or is_whole else None
    )


def _salted(text: str, function: str) -> StoredHash | None:
    data = _base64(text)
    size = _BITS[function] // 8
    if data is None or len(data) <= size:
        return None
    return _salted_digest(function, data[size:])


def _salted_digest(function: str, salt: bytes) -> StoredHash:
    return StoredHash("salted-digest", (("function", function),), salt, _BITS[function])


def _salted_hex(text: str) -> StoredHash | None:
    """Django's and Werkzeug's single digests, with an empty salt where there is none."""
    found = _SALTED_HEX.fullmatch(text)
    if found is None or len(found[3]) * 4 != _BITS[found[1]]:
        return None
    bits = _BITS[found[1]]
    if not found[2]:
        return StoredHash("unsalted-digest", (("bits", bits),), b"", bits)
    return _salted_digest(found[1], raw(found[2]))


def _django_pbkdf2(text: str) -> StoredHash | None:
    found = _DJANGO_PBKDF2.fullmatch(text)
    tag = decoded(found[4]) if found else None
    if found is None or not tag:
        return None
    parameters = (("i", int(found[2])),)
    return StoredHash(f"pbkdf2-{found[1]}", parameters, raw(found[3]), 8 * len(tag))


def _django_scrypt(text: str) -> StoredHash | None:
    found = _DJANGO_SCRYPT.fullmatch(text)
    tag = decoded(found[5]) if found else None
    if found is None or not tag:
        return None
    return _scrypt_of_n(found[1], found[3], found[4], found[2], len(tag))


def _werkzeug_pbkdf2(text: str) -> StoredHash | None:
    found = _WERKZEUG_PBKDF2.fullmatch(text)
    if found is None:
        return None
    parameters = (("i", int(found[2])),)
    return StoredHash(f"pbkdf2-{found[1]}", parameters, raw(found[3]), 4 * len(found[4]))


def _werkzeug_scrypt(text: str) -> StoredHash | None:
    found = _WERKZEUG_SCRYPT.fullmatch(text)
    if found is None:
        return None
    return _scrypt_of_n(found[1], found[2], found[3], found[4], len(found[5]) // 2)


def _scrypt_of_n(n: str, r: str, p: str, salt: str, size: int) -> StoredHash | None:
    ln = int(n).bit_length() - 1
    return scrypt(ln, int(r), int(p), raw(salt), 8 * size) if int(n) == 1 << ln else None


def _django_argon2(text: str) -> StoredHash | None:
    rest = text.removeprefix("argon2")
    return password_crypt_forms.read(rest) if rest.startswith("$argon2") else None


def _django_bcrypt(text: str) -> StoredHash | None:
    return bcrypt(text.removeprefix("bcrypt$"))


def _django_bcrypt_sha256(text: str) -> StoredHash | None:
    return bcrypt(text.removeprefix("bcrypt_sha256$"), "bcrypt-sha256")


def _werkzeug_plain(_text: str) -> StoredHash:
    return StoredHash("plaintext", problem="the password itself")


def _scram(text: str) -> StoredHash | None:
    found = _SCRAM.fullmatch(text)
    salt = decoded(found[2]) if found else None
    if found is None or salt is None:
        return None
    return StoredHash("scram-sha-256", (("i", int(found[1])),), salt, 256)


def _postgresql_md5(text: str) -> StoredHash | None:
    # Salted with the name of the role, which is no part of it.
    is_one = _POSTGRESQL_MD5.fullmatch(text)
    return StoredHash("postgresql-md5", digest_bits=128) if is_one else None


def _mysql_native(text: str) -> StoredHash | None:
    is_one = _MYSQL_NATIVE.fullmatch(text)
    return StoredHash("mysql-native", digest_bits=160) if is_one else None


def _grub(text: str) -> StoredHash | None:
    found = _GRUB.fullmatch(text)
    if found is None or len(found[2]) % 2:
        return None
    parameters = (("i", int(found[1])),)
    return StoredHash("pbkdf2-sha512", parameters, bytes.fromhex(found[2]), 4 * len(found[3]))


# What a form begins with, and what to call it when it goes on in another way: nothing where words
# of a password begin so as well.
_READERS: tuple[tuple[str, Callable[[str], StoredHash | None], str], ...] = (
    ("pbkdf2_", _django_pbkdf2, "Django's pbkdf2"),
    ("pbkdf2:", _werkzeug_pbkdf2, "Werkzeug's pbkdf2"),
    ("scrypt:", _werkzeug_scrypt, "Werkzeug's scrypt"),
    ("scrypt$", _django_scrypt, "Django's scrypt"),
    ("argon2$", _django_argon2, "Django's argon2"),
    ("bcrypt$", _django_bcrypt, "Django's bcrypt"),
    ("bcrypt_sha256$", _django_bcrypt_sha256, "Django's bcrypt_sha256"),
    ("plain$$", _werkzeug_plain, ""),
    ("md5$", _salted_hex, ""),
    ("sha", _salted_hex, ""),
    ("md5", _postgresql_md5, ""),
    ("SCRAM-SHA-256$", _scram, "scram-sha-256"),
    ("*", _mysql_native, ""),
    ("grub.pbkdf2.", _grub, "grub.pbkdf2"),
)
