"""Lines of other formats: containers' runtimes, klog, logfmt, and lines without a time."""

from __future__ import annotations

import re

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_json import time_of
from code_ops._fallback.logs_keys import Key, Keys, Role
from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_pieces import command_level, piece, skip
from code_ops._fallback.logs_record import Record, is_continuation, number
from code_ops._fallback.logs_times import Shape

_LONGEST_PLACE = 160
# How much is looked at behind a line, in bytes.
_FARTHEST = 64 << 10

_STREAM = re.compile(rb" std(?:out|err) [FP](?: |\Z)")
_OUTPUT = re.compile(rb"[^ ]{0,39} (stdout|stderr) ")
_PLACE_END = re.compile(rb"\] |\]\Z")
_PAIR = re.compile(rb'([\w\-.@/:]{1,79})=(?:"((?:[^"\\]++|\\.)*+)"|(?!")([^ ]*)) *+', re.DOTALL)
# Python's `LEVEL:name:message`.
_PYTHON = re.compile(rb"([A-Z]+):([^: ]+):")


def cri(text: bytes) -> Record | None:
    """``TIME stdout|stderr P|F message`` (Kubernetes' container runtime interface)."""
    stamp = Shape.ISO.parse(text)
    stream = None if stamp is None else _STREAM.match(text, stamp.end)
    return None if stream is None else Record(stamp, message=text[stream.end() :])


def output(line: bytes) -> tuple[bytes, int] | None:
    """The stream of a container that a line names, and where its tag stands."""
    match = _OUTPUT.match(line)
    return None if match is None else (match[1], match.end())


def is_partial(line: bytes) -> bool:
    """Whether the message goes on in a later line of the stream: the tag is ``P``."""
    found = output(line)
    return found is not None and line.startswith(b"P ", found[1])


def parts(line: bytes, rest: bytes) -> bytes:
    """The messages behind a partial one, up to the last of its stream."""
    own = output(line)
    found = []
    for text in rest.split(b"\n"):
        text = text.removesuffix(b"\r")
        other = output(text)
        if own is None or other is None:
            break
        if own[0] == other[0]:
            found.append(text[other[1] + 2 :])
            if not text.startswith(b"P", other[1]):
                break
    return b"".join(found)


class Outputs:
    """Messages of containers that go on in later lines."""

    def __init__(self, *, is_cri: bool) -> None:
        self._is_cri = is_cri
        self._open: dict[bytes, bool] = {}

    def goes_on(self, line: bytes) -> bool:
        """Whether a line belongs to the event that another one opened."""
        found = output(line) if self._is_cri else None
        if found is None:
            return False
        was_open = self._open.get(found[0], False)
        self._open[found[0]] = is_partial(line)
        return was_open

    def ahead(self, line: bytes, text: bytes, at: int) -> bytes:
        """What the lines behind add to the message of a partial one."""
        if not self._is_cri or not is_partial(line):
            return b""
        return parts(line, text[at : at + _FARTHEST])


def klog(text: bytes, year: int) -> Record | None:
    """``Lmmdd hh:mm:ss.uuuuuu threadid file:line] message`` (klog and glog)."""
    if not text.startswith((b"I", b"W", b"E", b"F")):
        return None
    stamp = Shape.KLOG.parse(text, year, at=1)
    if stamp is None:
        return None
    window = text[stamp.end : stamp.end + _LONGEST_PLACE]
    close = _PLACE_END.search(window)
    if close is None or b" " not in window[: close.start()]:
        return None
    record = Record(stamp, is_year_missing=True)
    record.found(logs_levels.of_letter(text[:1]), "header")
    record.source = window[: close.start()].rpartition(b" ")[2]
    record.message = text[stamp.end + close.start() + 2 :]
    return record


class LogfmtReader:
    """Reads ``key=value key="quoted value" …``; it remembers keys from line to line."""

    def __init__(self) -> None:
        self._keys = Keys()

    def parse(self, text: bytes) -> Record | None:
        """Reads a line; None unless it is pairs from its start to its end, and one of them a
        level, a time or a message."""
        at = pairs = 0
        best: dict[Role, tuple[Key, bytes]] = {}
        numbers = []
        while at < len(text):
            pair = _PAIR.match(text, at)
            if pair is None:
                return None
            at, pairs = pair.end(), pairs + 1
            word = pair[3] if pair[2] is None else pair[2]
            key = self._keys.look_up(pair[1])
            value = number(word) if key.role in (Role.NONE, Role.MARK) else None
            if value is not None and key.is_kept:
                numbers.append((pair[1], value))
            if key.role not in best or key.rank < best[key.role][0].rank:
                best[key.role] = key, word
        if pairs < 2 or not best.keys() & {Role.TIME, Role.LEVEL, Role.MESSAGE}:
            return None
        record = Record(numbers=tuple(numbers))
        for role, (key, word) in best.items():
            if role is Role.TIME:
                record.time = time_of(word)
            elif role is Role.LEVEL:
                record.found(_level(word, key), "field")
            elif role is Role.MESSAGE:
                record.message = word
            elif role is Role.SOURCE:
                record.source = word
        return record


def _level(word: bytes, key: Key) -> Level | None:
    if key.scale == "syslog" and len(word) == 1 and word in b"01234567":
        return logs_levels.of_priority(int(word))
    return logs_levels.of_word(word) or logs_levels.of_letter(word)


def plain(text: bytes) -> Record | None:
    """A line without a time, that a level may open: ``ERROR: text``, ``[warn] text``,
    ``INFO:root:text``. Every line is an event but those that continue one."""
    if not text or is_continuation(text):
        return None
    record = Record(message=text)
    first = piece(text, 0)
    if first is None:
        return record
    python = None if first.is_bracketed else _PYTHON.match(text)
    level = None if python is None else logs_levels.of_word(python[1])
    if python is not None and level is not None:
        record.found(level, "header")
        record.source, record.message = python[2], text[python.end() :]
        return record
    is_marked = first.is_bracketed or first.text.endswith(b":")
    is_shouted = len(first.text) > 2 and first.text.isalpha() and first.text.isupper()
    level = first.level if (is_marked or is_shouted) and len(first.text) > 1 else None
    if level is not None:
        record.found(level, "header")
        record.message = text[skip(text, first.end) :]
    record.found(command_level(text), "header")
    return record
