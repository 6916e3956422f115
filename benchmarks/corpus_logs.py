"""Seeded generators of logs, 100 MiB each: an application's, an access log and JSON lines.

Lines come in the order of time, with the variety of a real service: few messages that are
frequent, many that are rare, and numbers, addresses and identities in all of them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20_261_120
SIZE = 100 << 20
_START = datetime(2026, 11, 20, tzinfo=UTC)
_MODULES = ("auth", "billing", "cache", "db", "http", "mailer", "queue", "search")
_LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
_WEIGHTS = (20, 70, 7, 3)
_MESSAGES = (
    "request {n} served in {ms} ms",
    "user {n} logged in from {ip}",
    "cache miss for key user:{n}:profile",
    "connection to {ip}:5432 refused, attempt {small}",
    "retrying job {hex} in {small} s",
    "payment {n} accepted by provider",
    "slow query took {ms} ms",
    "session {hex} expired",
)
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "curl/8.10.1",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
)
_PATHS = ("/", "/api/v1/users/{n}", "/api/v1/orders/{n}/items", "/static/app.js", "/search?q={hex}")
_STATUSES = (200, 301, 304, 404, 500, 502)
_STATUS_WEIGHTS = (80, 4, 8, 6, 1, 1)


def _fill(chance: random.Random, template: str) -> str:
    return template.format(
        n=chance.randrange(100_000),
        ms=chance.randrange(1, 5_000),
        small=chance.randrange(1, 10),
        ip=f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(256)}",
        hex=f"{chance.getrandbits(32):08x}",
    )


def _times(chance: random.Random, most_ms: int) -> Iterator[datetime]:
    now = _START
    while True:
        now += timedelta(milliseconds=chance.randrange(most_ms))
        yield now


def application(size: int = SIZE) -> Iterator[str]:
    """`TIME LEVEL [module] message`: about 1.2 million lines."""
    chance = random.Random(SEED)
    for now in _times(chance, 150):
        level = chance.choices(_LEVELS, _WEIGHTS)[0]
        message = _fill(chance, chance.choice(_MESSAGES))
        stamp = now.isoformat(timespec="milliseconds")[:23]
        trace = chance.getrandbits(48)
        line = f"{stamp}Z {level} [{chance.choice(_MODULES)}] {message} trace={trace:012x}\n"
        size -= len(line)
        if size < 0:
            return
        yield line


def access(size: int = SIZE) -> Iterator[str]:
    """The combined format: about half a million lines."""
    chance = random.Random(SEED)
    for now in _times(chance, 300):
        path = _fill(chance, chance.choice(_PATHS))
        status = chance.choices(_STATUSES, _STATUS_WEIGHTS)[0]
        client = f"203.0.{chance.randrange(64)}.{chance.randrange(256)}"
        line = (
            f"{client} - - [{now:%d/%b/%Y:%H:%M:%S} +0000] "
            f'"{chance.choice(("GET", "GET", "GET", "POST"))} {path} HTTP/1.1" {status} '
            f'{chance.randrange(50_000)} "https://example.com/" "{chance.choice(_AGENTS)}"\n'
        )
        size -= len(line)
        if size < 0:
            return
        yield line


def json_lines(size: int = SIZE) -> Iterator[str]:
    """An object a line with a level, a message and a duration: about 600,000 lines."""
    chance = random.Random(SEED)
    for now in _times(chance, 300):
        record = {
            "time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": chance.choices(("debug", "info", "warn", "error"), _WEIGHTS)[0],
            "logger": chance.choice(_MODULES),
            "msg": _fill(chance, chance.choice(_MESSAGES)),
            "duration_ms": round(chance.lognormvariate(3, 1), 3),
            "request": {"id": f"{chance.getrandbits(64):016x}", "bytes": chance.randrange(90_000)},
        }
        line = json.dumps(record, separators=(",", ":")) + "\n"
        size -= len(line)
        if size < 0:
            return
        yield line


LOGS: dict[str, Callable[[], Iterator[str]]] = {
    "application.log": application,
    "access.log": access,
    "json.log": json_lines,
}


def write(name: str, path: Path) -> int:
    """Writes a log of that name; returns its lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in LOGS[name]():
            file.write(line)
            count += 1
    return count
