"""Syslog: RFC 3164 with and without a priority, RFC 5424, and lines with an ISO time before the
host, as journalctl's ``short-iso`` and rsyslog write them."""

from __future__ import annotations

import re

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_pieces import opening_level
from code_ops._fallback.logs_record import WHITE, Record
from code_ops._fallback.logs_times import Shape

_LONGEST_TAG = 120
_MOST_WORDS = 4
_PRIORITIES = 192

_PRIORITY = re.compile(rb"<([0-9]{1,3})>")
_HOST = re.compile(rb" *+([^ ]*) ?")
_HOST_NAME = re.compile(rb"[0-9A-Za-z][0-9A-Za-z._\-:%@]*(?<!:)")
_TAG_COLON = re.compile(rb":(?: |\Z)")
# `[3-1] … ERROR:  message`: what PostgreSQL sends, behind its own prefix.
_SEQUENCE = re.compile(rb"\[[0-9]+-[0-9]+(?=\])")
_LEVEL = re.compile(rb"[A-Z0-9]*")
_LONGEST_SEQUENCE = 24
_LONGEST_PREFIX = 200
_PARTS = re.compile(rb"([^ ]*) ([^ ]*) [^ ]* [^ ]* ")
# In values `"`, `\` and `]` are escaped (section 6.3.3).
_STRUCTURED_DATA = re.compile(
    rb'(?!\Z)(?:-|(?>(?:\[(?>(?:[^\]"]+|"(?>(?:[^"\\]+|\\.)*)")*)\])*)(?!\[))', re.DOTALL
)


def _priority(text: bytes) -> tuple[int | None, int]:
    """``<PRI>`` at the start and where it ends (RFC 5424, section 6.2.1)."""
    match = _PRIORITY.match(text)
    if match is None or int(match[1]) >= _PRIORITIES:
        return None, 0
    return int(match[1]), match.end()


def rfc3164(text: bytes, shape: Shape, year: int) -> Record | None:
    """``[<PRI>]Mmm dd HH:MM:SS host tag[pid]: message``, the time also as ISO."""
    priority, at = _priority(text)
    stamp = shape.parse(text, year, at)
    if stamp is None or text[stamp.end : stamp.end + 1] != b" ":
        return None
    record = Record(stamp, shape.may_lack_year)
    if priority is not None:
        record.found(logs_levels.of_priority(priority), "priority")
    host = read_tagged(text, stamp.end, record)
    # A level where a host should be is another format. With an ISO time only the tag tells syslog
    # from all others.
    is_host = _HOST_NAME.fullmatch(host) is not None and logs_levels.of_word(host) is None
    # There a number is that of a thread.
    is_tagged = bool(record.source) and not host.isdigit()
    return record if is_host and (is_tagged or shape is Shape.SYSLOG) else None


def read_tagged(text: bytes, at: int, record: Record) -> bytes:
    """Reads ``host tag[pid]: message`` behind the time; returns the host."""
    match = _HOST.match(text, at)
    host, at = (b"", at) if match is None else (match[1], match.end())
    record.source, record.message = _tag(text[at:])
    record.found(opening_level(record.message), "header")
    return host


def _tag(text: bytes) -> tuple[bytes, bytes]:
    """The program, up to ``[pid]:`` or ``:``, and the message; its name may have spaces."""
    colon = _TAG_COLON.search(text)
    if colon is None or colon.start() >= _LONGEST_TAG:
        return b"", text
    name = _without_process(text[: colon.start()])
    # More than a few words are a message with a colon in it, and a level opens one.
    if name.count(b" ") >= _MOST_WORDS or name.startswith(b"[") or _is_level(name):
        return b"", text
    return name.rstrip(WHITE), text[colon.end() :]


def _without_process(tag: bytes) -> bytes:
    """A tag without ``[pid]``, also where more stands behind: ``sandboxd[129] ([10018])``."""
    if tag.endswith(b"]") and b"[" in tag:
        return tag[: tag.rindex(b"[")]
    head, close, _ = tag.partition(b"] (")
    name, opening, digits = head.rpartition(b"[")
    is_process = close and opening and (digits.isdigit() or not digits)
    return name if is_process and tag.endswith(b")") else tag


def _is_level(tag: bytes) -> bool:
    """Whether the first word of a tag is a level in capitals."""
    word = tag.partition(b" ")[0]
    return word.isalpha() and word.isupper() and logs_levels.of_word(word) is not None


def postgres(text: bytes) -> Record | None:
    """PostgreSQL's lines in the message of syslog."""
    sequence = _SEQUENCE.match(text[:_LONGEST_SEQUENCE])
    if sequence is None:
        return None
    window = text[sequence.end() : sequence.end() + _LONGEST_PREFIX]
    colon = window.find(b":  ")
    _, space, word = window[: max(colon, 0)].rpartition(b" ")
    level = logs_levels.of_word(word) if _LEVEL.fullmatch(word) is not None else None
    if not space or level is None:
        return None
    record = Record(message=text[sequence.end() + colon + 3 :])
    record.found(level, "header")
    return record


def rfc5424(text: bytes) -> Record | None:
    """``<PRI>1 TIME HOST APP PROCID MSGID SD [MESSAGE]`` (RFC 5424, section 6)."""
    priority, at = _priority(text)
    if priority is None or text[at : at + 2] != b"1 ":
        return None
    record = Record()
    record.found(logs_levels.of_priority(priority), "priority")
    at += 2
    if text[at : at + 2] == b"- ":
        at += 2
    else:
        record.time = Shape.ISO.parse(text, at=at)
        if record.time is None:
            return None
        at = record.time.end + 1
    parts = _PARTS.match(text, at)
    if parts is None:
        return None
    record.source = b"" if parts[2] == b"-" else parts[2]
    data = _STRUCTURED_DATA.match(text, parts.end())
    if data is None:
        return None
    message = text[data.end() :].removeprefix(b" ")
    record.message = message.removeprefix(b"\xef\xbb\xbf")
    return record
