"""Access logs: Apache's and nginx's common and combined formats, with a virtual host before or
more fields behind."""

from __future__ import annotations

import re

from code_ops._fallback.logs_record import Record, Request
from code_ops._fallback.logs_requests import numbers_behind
from code_ops._fallback.logs_times import Shape

_LONGEST_CLIENT = 600
_MOST_STATUS = 2**16
# Virtual host, client, ident, and a user of two words.
_MOST_WORDS = 5

_ADDRESS = re.compile(rb"(?=[0-9A-Fa-f]*[.:])[0-9A-Fa-f.:]{3,}")
_QUOTED = rb'"((?>(?:[^"\\]+|\\.)*))"'
_REQUEST = re.compile(rb"\] " + _QUOTED + rb" ([0-9]{1,19})", re.DOTALL)
# A size, a dash or another byte; then, quoted, where the client came from and what it calls itself.
_BEHIND = re.compile(
    rb"(?>(?: (?>(?:([0-9]{1,19})|-)?)|.)?)"
    + (rb"(?>(?: " + _QUOTED + rb"(?>(?: " + _QUOTED + rb")?))?)"),
    re.DOTALL,
)
_REQUEST_LINE = re.compile(rb"([A-Z]{2,}) (?:(.*) HTTP[^ ]*|(.*))", re.DOTALL)


def parse(text: bytes) -> Record | None:
    """``[vhost ]client ident user [time] "request" status bytes[ "referrer" "agent" …]``."""
    start = text.find(b"[", 0, _LONGEST_CLIENT)
    words = text[: max(start, 0)]
    # More words are the header of another log around this one.
    if not words.endswith(b" ") or not 3 <= words.count(b" ") <= _MOST_WORDS:
        return None
    stamp = Shape.DAY_FIRST.parse(text, at=start + 1)
    request = None if stamp is None else _REQUEST.match(text, stamp.end)
    if request is None or int(request[2]) >= _MOST_STATUS:
        return None
    behind = _BEHIND.match(text, request.end())
    size, agent = (None, None) if behind is None else (behind[1], behind[3])
    method, target = split(request[1])
    return Record(
        stamp,
        request=Request(
            client=_client(words[:-1]),
            method=method,
            target=target,
            status=int(request[2]),
            size=None if size is None else int(size),
            agent=agent or b"",
        ),
        numbers=() if behind is None else numbers_behind(text[behind.end() :]),
    )


def _client(words: bytes) -> bytes:
    """The first word; the second behind the name of a virtual host."""
    first, second, *others = words.split(b" ")
    is_virtual = _ADDRESS.fullmatch(second) is not None
    return second if is_virtual and len(others) >= 2 else first


def split(request: bytes) -> tuple[bytes, bytes]:
    """``METHOD target HTTP/x``; else, as at the start of a TLS handshake, there is no method."""
    match = _REQUEST_LINE.fullmatch(request)
    if match is None:
        return b"", b""
    return match[1], match[2] if match[2] is not None else match[3]
