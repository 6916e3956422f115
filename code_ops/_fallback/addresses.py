"""The three kinds of host, and the text that names them.

A host pattern is kept as its parts and never expanded: the address of any place in it
is computed, so a /8 costs as little as a single address.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from code_ops._fallback.numbers import OCTETS, is_number, saturated
from code_ops.errors import TargetError

SHORTEST_IPV6_PREFIX = 96
_LONGEST_ZONE = 15
_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_PATTERN_CHARACTERS = frozenset("0123456789.,-*/")
_NOT_IN_NAMES = re.compile("[^A-Za-z0-9._-]")
_EVERY_OCTET = 256
MAPPED_FIRST = 0xFFFF_0000_0000
MAPPED_LAST = 0xFFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class Ipv4Hosts:
    """Every combination of four octet lists, the last octet fastest."""

    octets: tuple[tuple[int, ...], ...]
    zone = ""
    family = socket.AF_INET

    @property
    def count(self) -> int:
        """How many addresses there are, at least 1."""
        return self._strides()[0] * len(self.octets[0])

    def at(self, number: int) -> int:
        """The address of that place, as an integer."""
        address = 0
        for octets, stride in zip(self.octets, self._strides(), strict=True):
            place, number = divmod(number, stride)
            address = address << 8 | octets[place]
        return address

    def rank(self, address: int) -> int:
        """How many of the addresses are below this one."""
        if address >> 32:
            return self.count
        rank = 0
        wanted = address.to_bytes(4, "big")
        for octets, stride, octet in zip(self.octets, self._strides(), wanted, strict=True):
            place = bisect_left(octets, octet)
            rank += place * stride
            if place == len(octets) or octets[place] != octet:
                break
        return rank

    def last_of_run(self, address: int) -> int | None:
        """The end of the neighbours from ``address`` on that all belong, or None."""
        octets = address.to_bytes(4, "big")
        if any(octet not in known for octet, known in zip(octets, self.octets, strict=True)):
            return None
        for place in (3, 2, 1, 0):
            if len(self.octets[place]) < _EVERY_OCTET:
                break
        known, last = self.octets[place], octets[place]
        while last + 1 in known:
            last += 1
        low_bits = 8 * (3 - place)
        kept = address >> (low_bits + 8) << 8 | last
        return (kept + 1 << low_bits) - 1

    def runs(self, most: int) -> Iterator[tuple[int, int]] | None:
        """First and last address of every run of neighbours; None for more than ``most``."""
        place = 3
        while place > 0 and len(self.octets[place]) == _EVERY_OCTET:
            place -= 1
        ends = [octet for octet in self.octets[place] if octet + 1 not in self.octets[place]]
        starts = [octet for octet in self.octets[place] if octet - 1 not in self.octets[place]]
        combinations = 1
        for known in self.octets[:place]:
            combinations *= len(known)
        if combinations * len(ends) > most:
            return None
        return self._runs(place, list(zip(starts, ends, strict=True)))

    def _runs(self, place: int, pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        low_bits = 8 * (3 - place)
        for head in product(*self.octets[:place]):
            above = int.from_bytes(bytes(head), "big") << 8
            for start, end in pairs:
                yield (above | start) << low_bits, ((above | end) + 1 << low_bits) - 1

    def _strides(self) -> tuple[int, int, int, int]:
        _, second, third, fourth = map(len, self.octets)
        return second * third * fourth, third * fourth, fourth, 1


@dataclass(frozen=True, slots=True)
class Ipv6Hosts:
    """The addresses of one IPv6 network."""

    first: int
    count: int
    zone: str
    family = socket.AF_INET6

    def at(self, number: int) -> int:
        """The address of that place, as an integer."""
        return self.first + number

    def rank(self, address: int) -> int:
        """How many of the addresses are below this one."""
        return min(max(address - self.first, 0), self.count)


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host name as typed; ``prefix`` widens its IPv4 addresses to their networks."""

    name: str
    prefix: int | None
    count = 1

    def __str__(self) -> str:
        return self.name if self.prefix is None else f"{self.name}/{self.prefix}"


Hosts = Ipv4Hosts | Ipv6Hosts | NamedHost


def folded(name: str) -> str:
    """A name in the form in which two spellings of it are equal."""
    return name.removesuffix(".").lower()


def address_text(family: int, address: int, zone: str = "") -> str:
    """The canonical text of an address, mapped IPv4 in dotted form on every Python."""
    if family == socket.AF_INET:
        return socket.inet_ntoa(address.to_bytes(4, "big"))
    if MAPPED_FIRST <= address <= MAPPED_LAST:
        text = "::ffff:" + socket.inet_ntoa((address & 0xFFFF_FFFF).to_bytes(4, "big"))
    else:
        text = str(ipaddress.IPv6Address(address))
    return f"{text}%{zone}" if zone else text


def ipv4_network(address: int, prefix: int) -> Ipv4Hosts:
    """The whole network of that prefix length around an address."""
    octets = tuple((octet,) for octet in address.to_bytes(4, "big"))
    return Ipv4Hosts(_masked(octets, prefix))


def parse_host(text: str, column: int) -> Ipv4Hosts | NamedHost:
    """An IPv4 pattern or a name; raises TargetError with the column of the bad part."""
    if _PATTERN_CHARACTERS.issuperset(text):
        return _parse_ipv4(text, column)
    return _parse_name(text, column)


def parse_ipv6(text: str, column: int, shortest: int = SHORTEST_IPV6_PREFIX) -> Ipv6Hosts:
    """``address%zone/prefix``; raises TargetError with the column of the bad part."""
    rest, slash, prefix_text = text.partition("/")
    prefix = 128
    if slash:
        note = " (wider IPv6 networks are not scanned)" if shortest else ""
        prefix = _prefix(prefix_text, column + len(rest) + 1, shortest, 128, note)
    # From the right, so that of two per cent signs the first makes the address wrong.
    address, percent, zone = rest.rpartition("%")
    if not percent:
        address, zone = rest, ""
    elif not zone:
        raise TargetError("expected a zone after '%'", column=column + len(rest))
    elif ":" in zone:
        before, _, ports = zone.partition(":")
        raise TargetError(
            f"a zone has no colon, write [{address}%{before}]:{ports}",
            column=column + len(address) + 1,
        )
    elif len(zone) > _LONGEST_ZONE:
        raise TargetError(
            f"zone '{zone}' is longer than {_LONGEST_ZONE} characters",
            column=column + len(address) + 1,
        )
    try:
        value = int(ipaddress.IPv6Address(address))
    except ValueError:
        value = -1
    # The address class would take a zone of its own, and mask errors of the split above.
    if value < 0 or "%" in address:
        raise TargetError(f"'{address}' is not an IPv6 address", column=column)
    host_bits = 128 - prefix
    return Ipv6Hosts(value >> host_bits << host_bits, 1 << host_bits, zone)


def _prefix(text: str, column: int, shortest: int, longest: int, note: str = "") -> int:
    if not is_number(text):
        raise TargetError(f"'{text}' is not a prefix length", column=column)
    value = saturated(text)
    if not shortest <= value <= longest:
        raise TargetError(
            f"prefix /{text} is out of range {shortest}-{longest}{note}", column=column
        )
    return value


def _parse_ipv4(text: str, column: int) -> Ipv4Hosts:
    rest, slash, prefix_text = text.partition("/")
    prefix = _prefix(prefix_text, column + len(rest) + 1, 0, 32) if slash else 32
    parts = rest.split(".")
    if len(parts) != 4:
        raise TargetError(f"expected four octets, found {len(parts)}", column=column)
    lists: list[tuple[int, ...]] = []
    for part in parts:
        lists.append(_octet_list(part, column))
        column += len(part) + 1
    return Ipv4Hosts(_masked(tuple(lists), prefix))


def _octet_list(text: str, column: int) -> tuple[int, ...]:
    octets: set[int] = set()
    for item in text.split(","):
        octets.update(range(256) if item == "*" else OCTETS.parse(item, column))
        column += len(item) + 1
    return tuple(sorted(octets))


def _masked(lists: tuple[tuple[int, ...], ...], prefix: int) -> tuple[tuple[int, ...], ...]:
    mask = ((1 << prefix) - 1 << (32 - prefix)).to_bytes(4, "big")
    return tuple(
        octets
        if byte == 255
        else tuple(sorted({low for octet in octets for low in _block(octet, byte)}))
        for octets, byte in zip(lists, mask, strict=True)
    )


def _block(octet: int, mask: int) -> range:
    return range(octet & mask, (octet | ~mask & 255) + 1)


def _parse_name(text: str, column: int) -> NamedHost:
    name, slash, prefix_text = text.partition("/")
    prefix = _prefix(prefix_text, column + len(name) + 1, 0, 32) if slash else None
    if not name.isascii():
        raise TargetError(
            f"host names are ASCII, write '{name}' in punycode (xn--...)", column=column
        )
    bad = _NOT_IN_NAMES.search(name)
    if bad:
        raise TargetError(
            f"character '{bad[0]}' is not allowed in a host name", column=column + bad.start()
        )
    labels = name.removesuffix(".")
    if len(labels) > _LONGEST_NAME:
        raise TargetError(f"host name is longer than {_LONGEST_NAME} characters", column=column)
    for label in labels.split("."):
        _check_label(label, column)
    return NamedHost(name, prefix)


def _check_label(label: str, column: int) -> None:
    if not label:
        raise TargetError("a label of the host name is empty", column=column)
    if len(label) > _LONGEST_LABEL:
        raise TargetError(
            f"a label of the host name is longer than {_LONGEST_LABEL} characters", column=column
        )
    if label.startswith("-") or label.endswith("-"):
        raise TargetError("a label of the host name starts or ends with a hyphen", column=column)
