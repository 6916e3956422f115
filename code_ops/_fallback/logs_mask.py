"""The constant part of a message: words with digits, and words of eight and more hexadecimal
letters, are variable and become ``<*>``.

A word is a run of letters, digits and what joins them in addresses, paths and names; brackets,
quotes, blanks, commas and equals signs part words. Variables in a row are one.
"""

from __future__ import annotations

import re

_VARIABLE = b"<*>"
# How much of a message or path is looked at, in bytes; the rest tells seldom more.
_LONGEST = 300
_LETTERS = rb"A-Za-z_\-.:/@%+$\\~#\x80-\xff"
_WORD = re.compile(
    rb"[%b]*+[0-9][0-9%b]*+|(?<![0-9%b])[A-Fa-f]{8,}+(?![0-9%b])" % ((_LETTERS,) * 4)
)
_IDENTITY = re.compile(rb"[0-9]+|(?=[^0-9]*[0-9])[0-9A-Fa-f-]{8,}")
_PATH = re.compile(rb"[^?#;]*")


def mask(message: bytes) -> bytes:
    """The constant part of a message."""
    text = message[:_LONGEST]
    out = bytearray()
    copied = 0
    for match in _WORD.finditer(text):
        out += text[copied : match.start()]
        # A comma and blanks between two variables.
        kept = len(out)
        while kept > max(0, len(out) - 2) and out[kept - 1] in b" ,":
            kept -= 1
        if out.endswith(_VARIABLE, 0, kept):
            del out[kept:]
        else:
            out += _VARIABLE
        copied = match.start() + len(match[0].rstrip(b":.-/"))
    return bytes(out + text[copied:])


def mask_path(target: bytes) -> bytes:
    """The path of a request without its query; numbers and hexadecimal identities become ``*``."""
    match = _PATH.match(target)
    path = b"" if match is None else match[0][:_LONGEST]
    return b"/".join(b"*" if _IDENTITY.fullmatch(part) else part for part in path.split(b"/"))
