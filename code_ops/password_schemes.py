"""What a stored password hash is, told by its form alone; nothing is ever computed with it.

``recognise`` names the scheme of one stored value, its cost, its salt and the size of its digest.
Owns what stands for no password, what is wrapped in a prefix, and forms without a name in front;
the forms that begin with ``$`` are in ``password_crypt_forms``, those that name themselves in
words in ``password_named_forms``. Values come from anywhere: they are short or refused, each is
read in time linear to its length, and none raises. Text that is not recognised may be a password:
it is neither kept nor told.

Sources: crypt(5) of libxcrypt and shadow(5) for the marks of locked accounts, RFC 2307 and the
page of Dovecot on password schemes for prefixes, Django's ``django.contrib.auth.hashers``.
"""

from __future__ import annotations

import re

from code_ops import password_crypt_forms, password_named_forms
from code_ops.stored_hash import StoredHash, number_of, unknown

__all__ = ["LENGTH_MAX", "StoredHash", "recognise"]

LENGTH_MAX = 1024
_TOO_LONG = f"longer than {LENGTH_MAX:,} characters"

# What stands where no password is: alone, or before the hash of a locked account.
_LOCKED = re.compile(r"!!?\*?|\*+|[!*]?\*(?:LK|NP|LOCKED|K|0|1)\*?|x|NP")
# Django's mark, and 40 random characters so that no reset token fits.
_DJANGO_UNUSABLE = re.compile(r"![0-9A-Za-z]{40}")
_WRAPPED = re.compile(
    r"(?:\{(?:CRYPT|ARGON2(?:I|D|ID)?|BCRYPT|BLF-CRYPT|SCRYPT|DES-CRYPT|MD5-CRYPT|SHA256-CRYPT"
    r"|SHA512-CRYPT)\}|crypt\$[^$]*\$)(.*)",
    re.DOTALL | re.IGNORECASE,
)
_HEX_DIGEST = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_HEX_LENGTHS = (32, 40, 56, 64, 96, 128)
# 11 characters of 6 bits hold 64: the last two bits are zero, which few words are by chance.
_DES = re.compile(r"([./0-9A-Za-z]{2})[./0-9A-Za-z]{10}[.26AEIMQUYcgkosw]")
_BSDI = re.compile(r"_([./0-9A-Za-z]{4})([./0-9A-Za-z]{4})[./0-9A-Za-z]{10}[.26AEIMQUYcgkosw]")


def recognise(text: str) -> StoredHash:
    """The scheme, cost and salt of a stored value; ``unknown`` where that cannot be told."""
    if len(text) > LENGTH_MAX:
        return unknown(_TOO_LONG)
    if text[:1] in "{c" and (wrapped := _WRAPPED.fullmatch(text)):
        # One wrapper only: what is in it has a form of its own.
        text = wrapped[1]
    if not text:
        return StoredHash("empty")
    if text[0] in "!*xN" and (found := _unusable(text)) is not None:
        return found
    return _hash_of(text)


def _hash_of(text: str) -> StoredHash:
    if text[0] == "$":
        return password_crypt_forms.read(text)
    return password_named_forms.read(text) or _unnamed(text)


def _unusable(text: str) -> StoredHash | None:
    """What stands for no password; None for what may be a hash."""
    if _LOCKED.fullmatch(text) or _DJANGO_UNUSABLE.fullmatch(text):
        return StoredHash("locked")
    kept = text.lstrip("!")
    if kept and kept != text and _hash_of(kept).scheme != "unknown":
        # passwd -l puts the mark there, passwd -u takes it away.
        return StoredHash("locked", problem="a hash is kept behind the mark")
    return None


def _unnamed(text: str) -> StoredHash:
    """Forms without a name in front: hexadecimal digests, and the two of DES."""
    if len(text) in _HEX_LENGTHS and _HEX_DIGEST.fullmatch(text):
        bits = 4 * len(text)
        return StoredHash("unsalted-digest", (("bits", bits),), digest_bits=bits)
    if found := _DES.fullmatch(text):
        return StoredHash("descrypt", (), found[1].encode(), 64)
    if found := _BSDI.fullmatch(text):
        return StoredHash("bsdicrypt", (("rounds", number_of(found[1])),), found[2].encode(), 64)
    return unknown()
