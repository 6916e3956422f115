"""The port list: numbers, ranges, service names and wildcards.

Owns the text of port lists in both directions. Where a list stands, in an option or
after a colon, is for the caller, who shifts the columns.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence

from code_ops import services
from code_ops._fallback.numbers import PORTS
from code_ops.errors import TargetError

BLANKS = " \t"
_NUMERIC = frozenset("0123456789-")


def parse_ports(text: str) -> list[int]:
    """The distinct ports of a list such as ``22,80-81,https,T:[1-1024]``, ascending.

    Raises TargetError with the column of the item that cannot be read.
    """
    ports: set[int] = set()
    start = 0
    for item in text.split(","):
        trimmed = item.lstrip(BLANKS)
        column = start + len(item) - len(trimmed) + 1
        ports.update(_ports_of_item(trimmed.rstrip(BLANKS), column))
        start += len(item) + 1
    return sorted(ports)


def format_ports(ports: Sequence[int]) -> str:
    """Ascending ports in their shortest form, neighbours joined: ``22,80-81``."""
    pieces: list[str] = []
    start = 0
    for place, port in enumerate(ports):
        if place + 1 < len(ports) and ports[place + 1] == port + 1:
            continue
        pieces.append(str(port) if start == place else f"{ports[start]}-{port}")
        start = place + 1
    return ",".join(pieces)


def _ports_of_item(item: str, column: int) -> Iterable[int]:
    if item.startswith(("T:", "t:")):
        rest = item[2:].lstrip(BLANKS)
        column += len(item) - len(rest)
        item = rest
    elif item.startswith(("U:", "u:", "S:", "s:")):
        raise TargetError(f"only TCP is scanned, '{item[:2]}' is not supported", column=column)
    if not item:
        raise TargetError("expected a port, range or service name", column=column)
    if item.startswith("["):
        return _named_within(item, column)
    if _NUMERIC.issuperset(item):
        return PORTS.parse(item, column)
    if "*" in item or "?" in item:
        return _matching(item, column)
    ports = services.ports_of_service(item)
    if not ports:
        raise TargetError(f"unknown service name '{item}'", column=column)
    return ports


def _named_within(item: str, column: int) -> Iterable[int]:
    if not item.endswith("]"):
        raise TargetError(f"missing ']' after '{item}'", column=column)
    wanted = PORTS.parse(item[1:-1], column)
    return [port for port in services.named_ports() if port in wanted]


def _matching(item: str, column: int) -> Iterable[int]:
    # fnmatch would read [a-z] as a set; here only * and ? are special.
    literal_brackets = item.lower().replace("[", "[[]") if item.isascii() else ""
    pattern = re.compile(fnmatch.translate(literal_brackets))
    ports = [
        port
        for name in services.service_names()
        if pattern.match(name)
        for port in services.ports_of_service(name)
    ]
    if not ports:
        raise TargetError(f"no service name matches '{item}'", column=column)
    return ports
