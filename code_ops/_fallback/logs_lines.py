"""Lines of other formats: containers' runtimes, klog, logfmt, and lines without a time."""

from __future__ import annotations

import re

from code_ops._fallback import logs_levels
from code_ops._fallback.logs_json import time_of, without_offset
from code_ops._fallback.logs_keys import Key, Keys, Role
from code_ops._fallback.logs_levels import Level
from code_ops._fallback.logs_pieces import command_level, piece, skip
from code_ops._fallback.logs_record import Record, is_continuation, number
from code_ops._fallback.logs_times import Shape

_LONGEST_PLACE = 160

_STREAM = re.compile(rb" std(?:out|err) [FP](?: |\Z)")
_PLACE_END = re.compile(rb"\] |\]\Z")
_PAIR = re.compile(rb'([\w\-.@/:]{1,79})=(?:"((?>(?:[^"\\]+|\\.)*))"|(?!")([^ ]*)) *+', re.DOTALL)
_CLOCK = re.compile(rb"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?")
# Python's `LEVEL:name:message`.
_PYTHON = re.compile(rb"([A-Z]+):([^: ]+):")


def cri(text: bytes) -> Record | None:
    """``TIME stdout|stderr P|F message`` (Kubernetes' container runtime interface)."""
    stamp = Shape.ISO.parse(text)
    stream = None if stamp is None else _STREAM.match(text, stamp.end)
    return None if stream is None else Record(stamp, message=text[stream.end() :])


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
    if len(word) == 1:
        return logs_levels.of_letter(word)
    return logs_levels.of_word(without_offset(word))


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
    # The time of day alone is no time, but a level can stand behind it.
    second = piece(text, skip(text, first.end)) if _CLOCK.fullmatch(first.text) else None
    first = second or first
    is_marked = first.is_bracketed or first.text.endswith(b":")
    is_shouted = len(first.text) > 2 and first.text.isalpha() and first.text.isupper()
    level = first.level if (is_marked or is_shouted) and len(first.text) > 1 else None
    if level is not None:
        record.found(level, "header")
        record.message = text[skip(text, first.end) :]
    record.found(command_level(text), "header")
    return record
