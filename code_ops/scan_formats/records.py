"""The record of one result: the keys that JSON, NDJSON and CSV share.

``record`` is the definition; ``RecordFormatter`` writes the same as JSON text about
three times faster than ``json.dumps``, for scans of millions of ports. A test holds
the two together.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from code_ops.scan import ScanResult
from code_ops.services import service_name

VERSION = 1
"""Version of the record and of the document; it grows when a key changes its meaning."""

# Names and addresses repeat, once for every port; past this many the cache starts anew.
_CACHE_LIMIT = 50_000


def timestamp(seconds: float) -> str:
    """Unix time as RFC 3339 in UTC with milliseconds: ``2026-11-20T22:56:20.125Z``."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{_second(whole)}.{milliseconds:03d}Z"


@lru_cache(maxsize=64)
def _second(whole: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))


def record(result: ScanResult) -> dict[str, Any]:
    """The record of a result, its keys in their published order."""
    return {
        "v": VERSION,
        "input": result.input,
        "host": result.host,
        "ip": result.ip,
        "port": result.port,
        "protocol": "tcp",
        "state": result.state,
        "reason": result.reason,
        "service": service_name(result.port),
        "rtt_ms": None if result.rtt_ms is None else round(result.rtt_ms, 3),
        "tries": result.tries,
        "dns_ms": None if result.dns_ms is None else round(result.dns_ms, 3),
        # Not probed. The key stands for readers of naabu's records, which have it.
        "tls": None,
        "timestamp": timestamp(result.timestamp),
        "source": result.source,
        "expected": result.expected,
        "as_expected": result.as_expected,
    }


class _Quoted(dict[str | None, str]):
    """JSON text of strings, made once for each. ASCII only, so any sink can take it."""

    def __missing__(self, text: str | None) -> str:
        quoted = "null" if text is None else encode_basestring_ascii(text)
        self[text] = quoted
        return quoted


class _Services(dict[int, str]):
    """JSON text of service names by port."""

    def __missing__(self, port: int) -> str:
        name = service_name(port)
        quoted = "null" if name is None else encode_basestring_ascii(name)
        self[port] = quoted
        return quoted


_TRUTH = {None: "null", True: "true", False: "false"}


class RecordFormatter:
    """Writes results as compact JSON objects, without line ends."""

    def __init__(self) -> None:
        self._quoted = _Quoted()
        self._services = _Services()
        self._millisecond = -1
        self._stamp = ""

    def lines(self, results: Iterable[ScanResult]) -> list[str]:
        """One JSON text for each result."""
        if len(self._quoted) > _CACHE_LIMIT:
            self._quoted.clear()
        quoted, services, stamp = self._quoted, self._services, self._timestamp
        return [
            f'{{"v":1,"input":{quoted[typed]},"host":{quoted[host]},"ip":{quoted[ip]},'
            f'"port":{port},"protocol":"tcp","state":"{state}","reason":{quoted[reason]},'
            f'"service":{services[port]},'
            f'"rtt_ms":{"null" if rtt_ms is None else round(rtt_ms, 3)},"tries":{tries},'
            f'"dns_ms":{"null" if dns_ms is None else round(dns_ms, 3)},"tls":null,'
            f'"timestamp":"{stamp(known)}","source":{quoted[source]},'
            f'"expected":{quoted[expected]},"as_expected":{_TRUTH[as_expected]}}}'
            for (
                _, typed, host, ip, port, state, reason, rtt_ms, tries, dns_ms, known,
                source, expected, as_expected,
            ) in results
        ]  # fmt: skip

    def _timestamp(self, seconds: float) -> str:
        """``timestamp``, with the last answer kept: neighbours share their millisecond."""
        millisecond = round(seconds * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            self._stamp = timestamp(seconds)
        return self._stamp
