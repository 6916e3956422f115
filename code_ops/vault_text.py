"""A vault's text without anything sealed, for the diffs of git; no key is needed.

Names, versions, dates, types and slots stand as they are; what is sealed is eight digits of its
digest, so that a change shows. What is no vault is shown as it is, and nothing fails: git would
give up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["vault_text"]

_FIRST = b"code-ops-vault/"
_MOST_BYTES = 256 << 20
# Longer than any line that is not sealed.
_MOST_SHOWN = 1024
_PLAIN = re.compile(rb"code-ops-vault/[0-9]{1,10}|id [a-z2-7]{26}|(<{7,}|\|{7,}|={7,}|>{7,})( .*)?")
_SECRET = re.compile(
    rb"(?P<shown>[A-Za-z0-9_][A-Za-z0-9_./-]{0,254} [0-9]{1,20} [0-9-]{10} (text|bytes)) \S+"
)
_MANIFEST = re.compile(rb"manifest (?P<generation>[0-9]{1,20}) \S+")
_SLOT = re.compile(
    rb"(?P<shown>slot [a-z0-9]{1,20}( [a-z]{1,20}=\S{1,2048})*?)( salt=\S+)?"
    rb"(?P<label> label=[A-Za-z0-9._@-]{1,64})? body=\S+"
)


def vault_text(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Pieces of the text; the size in bytes is what the system says of the file."""
    if size > _MOST_BYTES:
        yield b"no vault: %d bytes, which is more than 256 MiB\n" % size
        return
    first = file.readline(_MOST_SHOWN)
    if not first.startswith((_FIRST, b"<<<<<<<")):
        yield from _other(first, file)
        return
    file.seek(0)
    for line in file:
        yield _shown(line.rstrip(b"\n")) + b"\n"


def _other(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    """A file that is no vault, as it is; bytes that are no text by their digest."""
    rest = file.read()
    data = first + rest
    try:
        is_text = "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        is_text = False
    yield data if is_text else b"no vault: %d bytes, digest %s\n" % (len(data), _digest(data))


def _shown(line: bytes) -> bytes:
    if _PLAIN.fullmatch(line):
        return line[:_MOST_SHOWN]
    if secret := _SECRET.fullmatch(line):
        return b"%s sealed %s" % (secret["shown"], _digest(line))
    if manifest := _MANIFEST.fullmatch(line):
        return b"generation %s sealed %s" % (manifest["generation"], _digest(line))
    if slot := _SLOT.fullmatch(line):
        return b"%s%s sealed %s" % (slot["shown"], slot["label"] or b"", _digest(line))
    if line.startswith(b"hmac "):
        return b"hmac %s" % _digest(line)
    return b"no line of a vault: %d bytes, digest %s" % (len(line), _digest(line))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest()[:8].encode()
