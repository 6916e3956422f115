"""Target text: its lines, the tokens of a line, the parts of a token, its expectation.

Owns the grammar around hosts and ports. What targets add up to is ``targets``' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from code_ops._fallback.addresses import (
    SHORTEST_IPV6_PREFIX,
    Hosts,
    parse_host,
    parse_ipv6,
)
from code_ops.errors import TargetError

LONGEST_LINE = 65536
_TOKEN = re.compile("[^ \t]+")
_COMMA_TOKEN = re.compile("[^ \t,]+")
_LATENCY = re.compile(r"<([0-9]+(?:\.[0-9]+)?)(us|ms|s)")
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_STATES = frozenset(("open", "closed", "filtered", "unreachable", "unresolved"))


class Token(NamedTuple):
    """A word of a line and its column, from 1."""

    text: str
    column: int


class Parts(NamedTuple):
    """A token taken apart; ``ports`` is None where it names none."""

    host: Token
    is_ipv6: bool
    colon: int
    ports: Token | None


class Expectation(NamedTuple):
    """What a line says about its targets; ``limit_ms`` is None without a latency."""

    text: str
    states: frozenset[str]
    limit_ms: float | None

    def met_by(self, state: str, rtt_ms: float | None) -> bool:
        """Whether a result is as expected."""
        if state not in self.states:
            return False
        return self.limit_ms is None or (rtt_ms is not None and rtt_ms < self.limit_ms)


def read_lines(text: str) -> Iterator[str]:
    """The lines of a text, without the byte order mark and carriage returns."""
    start = 1 if text.startswith("\ufeff") else 0
    while True:
        end = text.find("\n", start)
        if end < 0:
            yield text[start:].removesuffix("\r")
            return
        yield text[start:end].removesuffix("\r")
        start = end + 1


def tokens(line: str, *, comma: bool = False) -> list[Token]:
    """The tokens of a line; raises TargetError for a line that is too long."""
    if len(line) > LONGEST_LINE:
        raise TargetError(f"line is longer than {LONGEST_LINE} characters", column=LONGEST_LINE + 1)
    pattern = _COMMA_TOKEN if comma else _TOKEN
    content = line.partition("#")[0]
    return [Token(match[0], match.start() + 1) for match in pattern.finditer(content)]


def take_apart(token: Token) -> Parts:
    """The host and ports of a token; raises TargetError for a wrong shape."""
    text, column = token
    if "://" in text:
        raise TargetError(f"'{text}' is a URL, write host:port", column=column)
    if text.startswith("["):
        return _take_brackets_apart(token)
    colons = _colons_outside_brackets(text)
    if len(colons) != 1:
        return Parts(token, len(colons) > 1, 0, None)
    colon = colons[0]
    return Parts(
        Token(text[:colon], column),
        False,
        column + colon,
        Token(text[colon + 1 :], column + colon + 1),
    )


def _take_brackets_apart(token: Token) -> Parts:
    text, column = token
    inside, bracket, rest = text[1:].partition("]")
    if not bracket:
        raise TargetError(f"missing ']' after '{text}'", column=column)
    colon = column + len(inside) + 2
    if rest and not rest.startswith(":"):
        raise TargetError("expected ':port' after ']'", column=colon)
    ports = Token(rest[1:], colon + 1) if rest else None
    return Parts(Token(inside, column + 1), True, colon, ports)


def _colons_outside_brackets(text: str) -> list[int]:
    colons: list[int] = []
    place = 0
    while place < len(text):
        if text[place] == "[":
            closing = text.find("]", place)
            place = max(place, closing)
        elif text[place] == ":":
            colons.append(place)
        place += 1
    return colons


def host_of(parts: Parts, shortest_ipv6_prefix: int = SHORTEST_IPV6_PREFIX) -> Hosts:
    """The hosts that a token names; raises TargetError with the column of the bad part."""
    if parts.is_ipv6:
        return parse_ipv6(parts.host.text, parts.host.column, shortest_ipv6_prefix)
    return parse_host(parts.host.text, parts.host.column)


def expectation_start(line_tokens: list[Token]) -> int:
    """The place of the token that begins the expectation, or the number of tokens."""
    for place, token in enumerate(line_tokens):
        if place and _begins_expectation(token):
            return place
    return len(line_tokens)


def parse_expectation(line_tokens: list[Token]) -> Expectation:
    """The expectation that these last tokens of a line form.

    Raises TargetError with the column of the bad token.
    """
    states, rest = "open", list(line_tokens)
    if not rest[0].text.startswith("<"):
        states = rest.pop(0).text
    latency = ""
    if rest and rest[0].text.startswith("<"):
        latency, column = rest.pop(0)
        if not _LATENCY.fullmatch(latency):
            raise TargetError(f"expected a latency like <50ms, found '{latency}'", column=column)
        if states != "open":
            raise TargetError("a latency limit needs the state open", column=column)
    if rest:
        raise TargetError(
            f"an expectation ends the line, found '{rest[0].text}' after it",
            column=rest[0].column,
        )
    return _expectation(states, latency)


def usual_expectation(text: str) -> Expectation:
    """The expectation of an option, ``open <50ms``; raises TargetError for anything else."""
    words = tokens(text)
    if not words or not _begins_expectation(words[0]):
        found, column = words[0] if words else Token("", 1)
        raise TargetError(
            f"expected a state like open or closed|filtered, found '{found}'", column=column
        )
    return parse_expectation(words)


def _begins_expectation(token: Token) -> bool:
    return token.text.startswith("<") or _is_states(token.text)


def _is_states(text: str) -> bool:
    return _STATES.issuperset(text.split("|"))


# Cached so that a million lines with the same words share one value.
@lru_cache(maxsize=1024)
def _expectation(states: str, latency: str) -> Expectation:
    match = _LATENCY.fullmatch(latency)
    limit_ms = float(match[1]) * _MILLISECONDS[match[2]] if match else None
    text = f"{states} {latency}" if latency else states
    return Expectation(text, frozenset(states.split("|")), limit_ms)
