"""Port numbers and their service names, read once from ``data/ports.txt``.

Owns the look-ups by frequency, by number and by name. What a port list may look like
is the grammar's business, not this module's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["named_ports", "ports_of_service", "service_name", "service_names", "top_ports"]

RANKED_PORTS = 1000
"""How many ports at the head of the file stand in the order of their frequency."""


class _Table(NamedTuple):
    ranked: list[int]
    name_of_port: dict[int, str]
    ports_of_name: dict[str, list[int]]


@cache
def _table() -> _Table:
    # Path(__file__) and not importlib.resources: that import alone costs more than this file.
    path = Path(__file__).parent / "data" / "ports.txt"
    table = _Table([], {}, {})
    for line in path.read_text(encoding="ascii").splitlines():
        if not line or line.startswith("#"):
            continue
        number, *names = line.split()
        port = int(number)
        if len(table.ranked) < RANKED_PORTS:
            table.ranked.append(port)
        if names:
            table.name_of_port[port] = names[0]
        for name in names:
            table.ports_of_name.setdefault(name.lower(), []).append(port)
    return table


def top_ports(n: int) -> list[int]:
    """The ``n`` ports most often found open, most frequent first.

    Raises ValueError when ``n`` is not within 1-1000.
    """
    if not 1 <= n <= RANKED_PORTS:
        raise ValueError(f"n is out of range 1-{RANKED_PORTS}")
    return _table().ranked[:n]


def service_name(port: int) -> str | None:
    """The first service name of a TCP port, or None when it has none."""
    return _table().name_of_port.get(port)


def ports_of_service(name: str) -> list[int]:
    """The ports that bear this name or alias, ignoring ASCII case; empty when none does."""
    # Only ASCII names exist, and lower() would turn a Kelvin sign into a plain k.
    if not name.isascii():
        return []
    return list(_table().ports_of_name.get(name.lower(), ()))


def service_names() -> Iterator[str]:
    """Every service name and alias, in lower case."""
    return iter(_table().ports_of_name)


def named_ports() -> list[int]:
    """The ports that have a service name, ascending."""
    return sorted(_table().name_of_port)
