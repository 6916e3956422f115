"""The files in zip and tar archives, read from the start to the end of the archive.

The headers before the files tell them, as in the native engine, which reads archives from pipes:
so the directory at the end of a zip, on which Python's ``zipfile`` stands, is not looked at.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from code_ops._fallback.logs_inflate import inflated

Part = tuple[bytes, str | None]
"""The bytes of a file, and what is wrong with it or with the archive behind it, or None."""

_ENCRYPTED, _SIZE_BEHIND = 1, 8
_STORED, _DEFLATED = 0, 8
_LARGE, _ZIP64 = 0xFFFF_FFFF, 1
# APPNOTE.TXT, section 4.4.5.
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma"}
_METHODS |= {93: "zstd", 95: "xz", 98: "ppmd", 99: "aes"}
_LONGEST_NAME = 200
_BLOCK = 512
_MOST_EXTENDED = 1 << 20
_MOST_SIZE = (1 << 63) - 1
_ZIP_END = "damaged zip data: unexpected end"
_TAR_END = "damaged tar data: unexpected end"


def is_zip(data: bytes) -> bool:
    """Whether it is one, also one of no files."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06" + bytes(8)))


def is_tar(data: bytes) -> bool:
    """Whether it is one of POSIX or GNU."""
    return data[257:263] in (b"ustar\0", b"ustar ")


def _shown(name: bytes) -> str:
    text = name[:_LONGEST_NAME].decode("utf-8", "replace")
    return "".join("\ufffd" if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text)


def _is_attributes(name: bytes) -> bool:
    """macOS puts a file with attributes beside each."""
    return name.rpartition(b"/")[2].startswith(b"._") or name.startswith(b"__MACOSX/")


@dataclass(slots=True)
class _Member:
    """What the header before a file in a zip says; ``start`` is where its content is."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int

    @property
    def is_file(self) -> bool:
        return not (self.name.endswith(b"/") or _is_attributes(self.name))

    @property
    def is_size_known(self) -> bool:
        return not self.flags & _SIZE_BEHIND or self.packed > 0

    def refusal(self) -> str | None:
        """Why it cannot be read."""
        name = f"{_shown(self.name)} in the zip is"
        if self.flags & _ENCRYPTED:
            return f"{name} encrypted: unpack it first"
        if self.method == _STORED and not self.is_size_known:
            return f"{name} stored without its size: unpack it first"
        if self.method in (_STORED, _DEFLATED):
            return None
        method = _METHODS.get(self.method, f"method {self.method}")
        return f"{name} packed with {method}: unpack it first"


def zip_parts(data: bytes) -> Iterator[Part]:
    """The files of a zip."""
    at = 0
    while True:
        mark = data[at : at + 4]
        if mark in (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08"):
            return
        if len(data) < at + 30:
            yield b"", _ZIP_END
            return
        if mark != b"PK\x03\x04":
            yield b"", "damaged zip data: no header where one should be"
            return
        member = _member(data, at)
        if member is None:
            yield b"", _ZIP_END
            return
        content, problem, end = _content(data, member)
        if member.is_file or (end is None and problem == _ZIP_END):
            yield (content if member.is_file else b""), problem
        if end is None:
            return
        if end > len(data):
            yield b"", _ZIP_END
            return
        at = end


def _member(data: bytes, at: int) -> _Member | None:
    flags, method, crc, packed, size, names, extras = struct.unpack_from("<HH4xIIIHH", data, at + 6)
    start = at + 30 + names + extras
    if start > len(data):
        return None
    name, extra = data[at + 30 : at + 30 + names], data[at + 30 + names : start]
    is_large = (size == _LARGE, packed == _LARGE)
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if len(extra) < 4 + length:
            break
        if kind == _ZIP64:
            count = length // 8
            values = list(struct.unpack_from(f"<{count}Q", extra, 4))
            if is_large[0] and values:
                size = values.pop(0)
            if is_large[1] and values:
                packed = values.pop(0)
        extra = extra[4 + length :]
    return _Member(name, flags, method, crc, packed, size, start)


def _content(data: bytes, member: _Member) -> tuple[bytes, str | None, int | None]:
    """The content, what is wrong with it, and where the next header is, or None if that is lost."""
    end = member.start + member.packed if member.is_size_known else None
    refusal = member.refusal()
    if refusal is not None:
        return b"", refusal, end
    limit = len(data) if end is None else min(end, len(data))
    if member.method == _STORED:
        content, used, problem = data[member.start : limit], member.packed, None
        if end is not None and end > len(data):
            problem = _ZIP_END
    else:
        content, used, problem = _inflated(data, member, limit, end)
    if problem is not None:
        return content, problem, end
    found = (zlib.crc32(content), len(content))
    if member.flags & _SIZE_BEHIND:
        length = _descriptor(data[member.start + used :][:24], *found, used)
        is_right = length is not None
        end = member.start + used + (length or 0) if is_right else end
    else:
        is_right = found == (member.crc, member.size) and used == member.packed
    if not is_right:
        name = _shown(member.name)
        return content, f"damaged zip data: {name} is not what its checksum is of", end
    return content, None, end


def _inflated(
    data: bytes, member: _Member, limit: int, end: int | None
) -> tuple[bytes, int, str | None]:
    """The content, how many bytes it was packed in, and what is wrong with it."""
    decompressor = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    parts: list[bytes] = []
    at = member.start
    while at < limit and not decompressor.eof:
        piece = data[at : min(at + (1 << 16), limit)]
        text, problem = inflated(decompressor, piece)
        parts.append(text)
        at += len(piece)
        if problem is not None:
            return b"".join(parts), 0, f"damaged zip data: {problem}"
    content = b"".join(parts)
    if not decompressor.eof:
        is_cut = end is None or end > len(data)
        early = f"damaged zip data: {_shown(member.name)} ends too early"
        return content, 0, _ZIP_END if is_cut else early
    return content, at - len(decompressor.unused_data) - member.start, None


def _descriptor(behind: bytes, crc: int, size: int, packed: int) -> int | None:
    """The length of the descriptor behind a file; None where it is not right."""
    for start in (4, 0) if behind.startswith(b"PK\x07\x08") else (0,):
        head = behind[start : start + 4]
        sizes = behind[start + 4 :]
        if head != struct.pack("<I", crc):
            continue
        if sizes[:16] == struct.pack("<QQ", packed, size):
            return start + 20
        if sizes[:8] == struct.pack("<II", packed & _LARGE, size & _LARGE):
            return start + 12
    return None


def tar_parts(data: bytes) -> Iterator[Part]:
    """The files of a tar."""
    at = 0
    extended: dict[bytes, bytes] = {}
    while True:
        header = data[at : at + _BLOCK]
        at += _BLOCK
        if len(header) < _BLOCK:
            yield b"", _TAR_END
            return
        if not any(header):
            return
        total = sum(header) - sum(header[148:156]) + 8 * 32
        if not is_tar(header) or _number(header[148:156]) != total:
            yield b"", "damaged tar data: no header where one should be"
            return
        name, kind = header[:100].partition(b"\0")[0], header[156:157]
        size = _decimal(extended.get(b"size"))
        size = _number(header[124:136]) if size is None else size
        if size is None:
            yield b"", "damaged tar data: a file without its size"
            return
        size = 0 if kind in b"123456" else size
        if kind == b"x":
            extended = _records(data[at : at + size]) if size <= _MOST_EXTENDED else {}
        elif kind not in (b"L", b"K", b"g"):
            is_file = kind in (b"0", b"\0", b"7", b"S")
            if is_file and not name.endswith(b"/") and not _is_attributes(name):
                if kind == b"S":
                    at = _behind_map(data, at, header)
                if kind == b"S" or any(key.startswith(b"GNU.sparse.") for key in extended):
                    yield b"", f"{_shown(name)} in the tar is sparse: unpack it first"
                else:
                    is_whole = at + size <= len(data)
                    yield data[at : at + size], None if is_whole else _TAR_END
            extended = {}
        at += size + -size % _BLOCK


def _behind_map(data: bytes, at: int, header: bytes) -> int:
    """Past what a sparse file of GNU has more of its header."""
    has_more = header[482] != 0
    while has_more and at + _BLOCK <= len(data):
        has_more = data[at + 504] != 0
        at += _BLOCK
    return at


def _records(text: bytes) -> dict[bytes, bytes]:
    """The records of an extended header: each the length of all of it, a key and a value."""
    records: dict[bytes, bytes] = {}
    while b" " in text:
        head = text.partition(b" ")[0]
        length = _decimal(head)
        if length is None or length < len(head) + 1 or length > len(text):
            break
        key, equals, value = text[len(head) + 1 : length].removesuffix(b"\n").partition(b"=")
        if equals or key.startswith(b"GNU.sparse."):
            records[key] = value
        text = text[length:]
    return records


def _decimal(digits: bytes | None) -> int | None:
    if not digits or not digits.isdigit() or len(digits) > 20:
        return None
    return value if (value := int(digits)) <= _MOST_SIZE else None


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits between blanks, or of GNU big endian behind a mark."""
    if field[0] == 0x80:
        value = int.from_bytes(field[1:], "big")
        return value if value <= _MOST_SIZE else None
    digits = field.partition(b"\0")[0].strip(b" \t\n\r\f")
    if digits.strip(b"01234567"):
        return None
    return int(digits or b"0", 8)
