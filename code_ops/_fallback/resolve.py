"""Names to addresses: the system's resolver, many at once, each with its own limit.

A look-up that hangs cannot be ended, so each has a thread of its own, which is left
behind when its time is over.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import OrderedDict, deque
from queue import Empty, SimpleQueue
from typing import NamedTuple

from code_ops._fallback.addresses import address_text
from code_ops._fallback.numbers import is_number, saturated

_MOST_KNOWN = 16384
_DESCRIPTORS_OF_A_LOOK_UP = 4
_SHORTAGE_PAUSE = 0.05
_HIGHEST_SCOPE = 2**32 - 1

_NO_SUCH_NAME = frozenset(
    getattr(socket, name)
    for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY")
    if hasattr(socket, name)
)

SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class Address:
    """One address to connect to."""

    __slots__ = ("_scope", "family", "number", "text", "zone")

    def __init__(self, family: int, number: int, zone: str = "") -> None:
        self.family = family
        self.number = number
        self.zone = zone
        self._scope: int | None = None
        self.text = address_text(family, number, zone)

    def at(self, port: int) -> SocketAddress:
        """What connect takes; raises OSError when the zone is no interface here."""
        if self.family == socket.AF_INET:
            return self.text, port
        if self._scope is None:
            self._scope = _scope_of_zone(self.zone)
        return self.text.partition("%")[0], port, 0, self._scope


class Resolution(NamedTuple):
    """What a look-up found: addresses in the resolver's order, or the reason of failure."""

    addresses: tuple[Address, ...]
    reason: str
    milliseconds: float


class Question(NamedTuple):
    """A name and the family of addresses wanted, ``AF_UNSPEC`` for any."""

    name: str
    family: int


class Resolver:
    """Runs look-ups in the background; results are fetched with ``finished``."""

    def __init__(self, concurrency: int, timeout: float, wake: threading.Event) -> None:
        self._concurrency = concurrency
        self._timeout = timeout
        self._wake = wake
        self._waiting: deque[Question] = deque()
        self._started: dict[Question, float] = {}
        self._answers: SimpleQueue[tuple[Question, float, Resolution]] = SimpleQueue()
        self._known: OrderedDict[Question, Resolution] = OrderedDict()

    @property
    def pending(self) -> int:
        """How many questions have no answer yet."""
        return len(self._waiting) + len(self._started)

    def known(self, question: Question) -> Resolution | None:
        """The answer to a question asked before."""
        return self._known.get(question)

    def ask(self, question: Question) -> None:
        """Look a name up; a question is to be asked once until it is answered."""
        self._waiting.append(question)
        self._start_some()

    def finished(self) -> list[tuple[Question, Resolution]]:
        """The answers since the last call, those whose time is over among them."""
        answered: list[tuple[Question, Resolution]] = []
        with contextlib.suppress(Empty):
            while True:
                question, started, resolution = self._answers.get_nowait()
                # An answer after its time is over belongs to nobody.
                if self._started.get(question) == started:
                    answered.append((question, resolution))
                    del self._started[question]
        now = time.monotonic()
        for question, started in list(self._started.items()):
            if now - started <= self._timeout:
                break
            del self._started[question]
            late = Resolution((), "dns-timeout", (now - started) * 1000)
            answered.append((question, late))
        for question, resolution in answered:
            self._remember(question, resolution)
        self._start_some()
        return answered

    def _start_some(self) -> None:
        while self._waiting and len(self._started) < self._concurrency:
            question = self._waiting.popleft()
            started = time.monotonic()
            self._started[question] = started
            thread = threading.Thread(
                target=self._look_up, args=(question, started), name="resolve", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:  # no more threads: our own failure, but the name has no answer
                self._answers.put((question, started, Resolution((), "dns-failure", 0.0)))
                self._wake.set()

    def _look_up(self, question: Question, started: float) -> None:
        addresses, reason = _resolve(question, started + self._timeout)
        elapsed_ms = (time.monotonic() - started) * 1000
        self._answers.put((question, started, Resolution(addresses, reason, elapsed_ms)))
        self._wake.set()

    def _remember(self, question: Question, resolution: Resolution) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.popitem(last=False)
        self._known[question] = resolution


def _resolve(question: Question, deadline: float) -> tuple[tuple[Address, ...], str]:
    while True:
        try:
            # As bytes, because Python would push text through IDNA and its own errors.
            found = socket.getaddrinfo(
                question.name.encode("ascii"), None, question.family, socket.SOCK_STREAM
            )
        except OSError as error:
            # Without descriptors the C library says that the name does not exist.
            if _short_of_descriptors() and time.monotonic() < deadline:
                time.sleep(_SHORTAGE_PAUSE)
                continue
            return (), _reason(error)
        ordered = dict.fromkeys(
            (family, str(place[0]), _scope(place))
            for family, *_, place in found
            if family in (socket.AF_INET, socket.AF_INET6)
        )
        return tuple(_address(*key) for key in ordered), "" if ordered else "name-not-found"


def _scope_of_zone(zone: str) -> int:
    if not zone or is_number(zone):
        return min(saturated(zone), _HIGHEST_SCOPE)
    return socket.if_nametoindex(zone)


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        if error.errno in _NO_SUCH_NAME:
            return "name-not-found"
        if error.errno == socket.EAI_AGAIN:
            return "dns-timeout"
    return "dns-failure"


def _scope(place: tuple[object, ...]) -> int:
    scope = place[3] if len(place) == 4 else 0
    return scope if isinstance(scope, int) else 0


def _address(family: int, text: str, scope: int) -> Address:
    plain = text.partition("%")[0]
    zone = ""
    if scope:
        zone = str(scope)
        with contextlib.suppress(OSError):
            zone = socket.if_indextoname(scope)
    packed = socket.inet_pton(family, plain)
    return Address(family, int.from_bytes(packed, "big"), zone)


def _short_of_descriptors() -> bool:
    with contextlib.ExitStack() as opened:
        try:
            for _ in range(_DESCRIPTORS_OF_A_LOOK_UP):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return True
    return False
