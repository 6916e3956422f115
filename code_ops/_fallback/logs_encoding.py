"""Encodings of logs: UTF-8 stays as it is, all else becomes UTF-8.

Of other encodings those of one byte a character are here; those of more are native only.
"""

from __future__ import annotations

import codecs
import re

from code_ops.errors import EngineError
from code_ops.log_encodings import wide_encoding

_UTF8_MARK = b"\xef\xbb\xbf"
_OWN = {"utf8": "utf-8", "utf16": "utf-16", "latin1": "latin-1", "iso-8859-1": "latin-1"}
_SINGLE = re.compile(r"windows-125[0-8]|iso-8859-([2-8]|1[03-6])|koi8-[ru]|ibm866")
# Where the Encoding Standard has characters that Python's table has not, or others.
_DIFFERENT = {"koi8-u": {0xAE: "ў", 0xBE: "Ў"}, "windows-1255": {0xCA: "\u05ba"}}


def known(name: str) -> str:
    """The name of an encoding as it is used here.

    Raises ValueError for one that is none, EngineError for one that is native only.
    """
    label = name.lower()
    label = _OWN.get(label, label)
    if label in ("auto", "utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1"):
        return label
    if _SINGLE.fullmatch(label):
        return label
    try:
        codecs.lookup(label)
    except LookupError:
        raise ValueError(f"encoding '{name}' is not known") from None
    raise EngineError(f"reading {name} needs the rust engine")


def decoded(data: bytes, encoding: str) -> bytes:
    """The text as UTF-8, without a byte order mark."""
    if encoding in ("auto", "utf-8") and data.startswith(_UTF8_MARK):
        return data[len(_UTF8_MARK) :]
    codec = _codec(data, encoding)
    if codec is None:
        return data
    if codec.startswith("utf-16"):
        text = data.decode(codec, "replace").removeprefix("\ufeff")
    elif codec == "latin-1":
        text = data.decode(codec)
    else:
        text = data.decode("latin-1").translate(_table(codec))
    return text.encode()


def _codec(data: bytes, encoding: str) -> str | None:
    wide = wide_encoding(data)
    match encoding:
        case "auto":
            return wide
        case "utf-8":
            return None
        case "utf-16":
            return wide if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16-le"
        case "utf-16le" | "utf-16be":
            return f"utf-16-{encoding[-2:]}"
    return encoding


def _table(codec: str) -> dict[int, str]:
    """The characters of the upper half. As in the Encoding Standard, control characters stand where
    Windows' tables have none."""
    table = {}
    for byte in range(0x80, 0x100):
        character = bytes([byte]).decode(codec, "replace")
        if character == "\ufffd" and byte < 0xA0:
            character = chr(byte)
        table[byte] = character
    return table | _DIFFERENT.get(codec, {})
