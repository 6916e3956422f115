"""What stands behind the agent in access logs, and HAProxy's logs."""

from __future__ import annotations

import re
from collections.abc import Callable

from code_ops._fallback.logs_record import Record, Request, number
from code_ops._fallback.logs_times import Shape

Numbers = tuple[tuple[bytes, float], ...]

_MOST_CELLS = 24
_LONGEST_CLIENT = 64
_MOST_STATUS = 1000
_MOST_SIZE = 2**64
# nginx's variables in the order in which they mostly stand.
_SECONDS_NAMES = (b"request_time", b"upstream_response_time")
_HTTP_TIMERS = (b"Tq", b"Tw", b"Tc", b"Tr", b"Tt")
_TCP_TIMERS = (b"Tw", b"Tc", b"Tt")

_QUOTED = re.compile(rb'"((?>(?:[^"\\]+|\\.)*))"', re.DOTALL)
_PLAIN = re.compile(rb'[^ "]*+')
# nginx writes seconds with three digits behind the point.
_SECONDS = re.compile(rb"[0-9]+\.[0-9]{3}")
_PAIR = re.compile(rb"([A-Za-z][A-Za-z0-9_\-.]{0,39})=(.*)", re.DOTALL)
_ADDRESSES = re.compile(rb"[0-9A-Fa-f.:, ]+")
_TIMER = re.compile(rb"[+-]?[0-9]+")
_WHOLE = re.compile(rb"\+?[0-9]+")


def numbers_behind(rest: bytes) -> Numbers:
    """The numbers of the rest of a line, where their names or forms tell what they are."""
    cells = _cells(rest)
    known = _ingress(cells) or _traefik(cells)
    if known:
        return _floats(known)
    found = []
    seconds = 0
    for index, (word, is_quoted) in enumerate(cells):
        if is_quoted and index == 0 and _is_addresses(word):
            continue
        pair = _PAIR.fullmatch(word)
        if pair is not None:
            value = pair[2]
            is_inner = len(value) > 1 and value[:1] == value[-1:] == b'"'
            found.append((pair[1], value[1:-1] if is_inner else value))
        elif seconds < len(_SECONDS_NAMES) and _SECONDS.fullmatch(word) is not None:
            found.append((_SECONDS_NAMES[seconds], word))
            seconds += 1
    return _floats(found)


def _floats(found: list[tuple[bytes, bytes]]) -> Numbers:
    values = ((name, number(word)) for name, word in found)
    return tuple((name, value) for name, value in values if value is not None)


def _cells(rest: bytes) -> list[tuple[bytes, bool]]:
    """The words and quoted texts, and whether they are quoted; none where there are more."""
    cells: list[tuple[bytes, bool]] = []
    at = 0
    while True:
        at = len(rest) - len(rest[at:].lstrip(b" "))
        if at >= len(rest):
            return cells
        if len(cells) == _MOST_CELLS:
            return []
        quoted = _QUOTED.match(rest, at)
        if rest[at : at + 1] == b'"':
            if quoted is None:
                return []
            cells.append((quoted[1], True))
            at = quoted.end()
            continue
        end = _word_end(rest, at)
        if end is None:
            return []
        cells.append((rest[at:end], False))
        at = end


def _word_end(rest: bytes, at: int) -> int | None:
    """The end of a word; ``name="a value"`` is one. None where a quote does not close."""
    while True:
        plain = _PLAIN.match(rest, at)
        at = at if plain is None else plain.end()
        if rest[at : at + 1] != b'"':
            return at
        quoted = _QUOTED.match(rest, at)
        if quoted is None:
            return None
        at = quoted.end()


def _is_addresses(word: bytes) -> bool:
    return word.count(b".") + word.count(b":") >= 2 and _ADDRESSES.fullmatch(word) is not None


def _ingress(cells: list[tuple[bytes, bool]]) -> list[tuple[bytes, bytes]]:
    """ingress-nginx: ``length time [upstream] [alternative] address length time status id``."""
    if len(cells) not in (8, 9):
        return []
    words = [word for word, _ in cells]
    is_timed = words[0].isdigit() and _SECONDS.fullmatch(words[1]) is not None
    if not (is_timed and words[2].startswith(b"[") and words[3].startswith(b"[")):
        return []
    return [
        (b"request_length", words[0]),
        (b"request_time", words[1]),
        (b"upstream_response_length", words[5]),
        (b"upstream_response_time", words[6]),
    ]


def _traefik(cells: list[tuple[bytes, bool]]) -> list[tuple[bytes, bytes]]:
    """Traefik: ``count "router" "server" 2ms``."""
    if len(cells) != 4:
        return []
    count, duration = cells[0][0], cells[3][0]
    milliseconds = duration.removesuffix(b"ms")
    if duration == milliseconds or not (count.isdigit() and milliseconds.isdigit()):
        return []
    return [(b"request_count", count), (b"duration_ms", milliseconds)]


def haproxy(text: bytes, split: Callable[[bytes], tuple[bytes, bytes]]) -> Record | None:
    """HAProxy's HTTP and TCP logs (configuration manual, sections 8.2.2 and 8.2.3).

    ``split`` gives method and target of a request.
    """
    client, colon, port = text[: text.find(b" ", 0, _LONGEST_CLIENT)].rpartition(b":")
    start = len(client) + len(colon) + len(port)
    if not (colon and port.isdigit() and text[start : start + 2] == b" ["):
        return None
    stamp = Shape.DAY_FIRST.parse(text, at=start + 2)
    if stamp is None or text[stamp.end : stamp.end + 2] != b"] ":
        return None
    words = text[stamp.end + 2 :].split(b" ")
    timers = words[2].split(b"/") if len(words) > 2 else []
    if len(timers) not in (3, 5) or not all(_TIMER.fullmatch(timer) for timer in timers):
        return None
    is_http = len(timers) == len(_HTTP_TIMERS)
    count = 9 if is_http else 6
    if len(words) < count or b"" in words[:count] or b"/" not in words[1]:
        return None
    size = _whole(words[4 if is_http else 3])
    if size is None or words[count - 1].count(b"/") != 4:
        return None
    names = _HTTP_TIMERS if is_http else _TCP_TIMERS
    values = [
        (name, timer.removeprefix(b"+"))
        for name, timer in zip(names, timers, strict=True)
        if not timer.startswith(b"-")
    ]
    record = Record(stamp, message=b" ".join(words), numbers=_floats(values))
    if is_http:
        status = 0 if words[3] == b"-1" else _whole(words[3])
        if status is None or status >= _MOST_STATUS:
            return None
        rest = b" ".join(words[count:]) if len(words) > count else None
        method, target, record.message = _request(rest, record.message, split)
        record.request = Request(client, method, target, status, size, b"")
    return record


def _request(
    rest: bytes | None, message: bytes, split: Callable[[bytes], tuple[bytes, bytes]]
) -> tuple[bytes, bytes, bytes]:
    """Method, target and all of the request in the quotes at the end; it can have been cut."""
    quote = -1 if rest is None else rest.find(b' "')
    if rest is None or quote < 0:
        return b"", b"", message
    quoted = _QUOTED.match(rest, quote + 1)
    request = rest[quote + 2 :] if quoted is None else quoted[1]
    return (*split(request), request)


def _whole(text: bytes) -> int | None:
    if _WHOLE.fullmatch(text) is None:
        return None
    value = int(text)
    return value if value < _MOST_SIZE else None
