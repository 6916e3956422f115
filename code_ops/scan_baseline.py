"""An earlier scan as the state that a new one is compared with.

Reads our NDJSON and JSON, and naabu's NDJSON, which holds open ports only. A port that
the baseline does not name counts as not open: it may have been written with ``--open``.
What our own side failed to probe says nothing about a port and is no state of it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, cast, get_args

from code_ops.errors import TargetError
from code_ops.scan import STATES, ScanResult, State

__all__ = [
    "DOCUMENT_LIMIT",
    "LINE_LIMIT",
    "RECORD_LIMIT",
    "Baseline",
    "Comparison",
    "Difference",
    "DifferenceKind",
    "compare",
    "read_baseline",
]

LINE_LIMIT = 1024 * 1024
"""Bytes of one NDJSON line, its end not counted."""
RECORD_LIMIT = 10_000_000
DOCUMENT_LIMIT = 512 * 1024 * 1024
"""Bytes of a JSON document, which has to be read as a whole."""

DifferenceKind = Literal["new", "gone", "changed"]
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)

# One address (None when the name did not resolve) and the state found there.
_Seen = tuple[str | None, State]
# How much a state tells, best first: of two answers for one port the better one counts.
_RANK: dict[State, int] = {
    "open": 0, "closed": 1, "filtered": 2, "unreachable": 3, "unresolved": 4, "local_error": 5,
}  # fmt: skip
# How our JSON document begins, also with its keys sorted or set out over several lines.
_DOCUMENT = re.compile(rb'\s*\{\s*(?:"v"\s*:\s*\d+\s*,\s*"scan"|"differences")\s*:')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Difference(NamedTuple):
    """A port whose state is not what the baseline says."""

    kind: DifferenceKind
    """``new``: open now, was not. ``gone``: was open, is not. ``changed``: any other."""
    host: str
    ip: str | None
    port: int
    before: State | None
    """None when the baseline does not name the port."""
    after: State
    reason: str
    """What proves the state of now."""


class Baseline:
    """The states of an earlier scan by host, port and address."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[int, tuple[_Seen, ...]]] = {}
        # Ten million records share a few thousand of these.
        self._shared: dict[_Seen, tuple[_Seen, ...]] = {}
        self.records = 0
        """Ports of the baseline that have a state, one for each address."""
        self.skipped = 0
        """Records of other protocols and of our own failures, which compare with nothing."""

    def add(self, host: str, ip: str | None, port: int, state: State) -> None:
        """Takes one record. Of two for the same address and port the better answer stays."""
        if state == "local_error":
            self.skipped += 1
            return
        seen = (ip, state)
        entry = self._shared.setdefault(seen, (seen,))
        ports = self._hosts.setdefault(_host_key(host), {})
        known = ports.get(port)
        if known is None:
            ports[port] = entry
            self.records += 1
            return
        states = dict(known)
        if ip not in states:
            self.records += 1
        if ip not in states or _RANK[state] < _RANK[states[ip]]:
            states[ip] = state
        ports[port] = tuple(states.items())

    def at(self, host: str, port: int) -> tuple[tuple[str | None, State], ...]:
        """The addresses and states that the baseline has for a port; empty for none."""
        return self._hosts.get(_host_key(host), {}).get(port, ())


class Comparison:
    """Compares results with a baseline as they come; only what may differ is kept."""

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self._results: dict[tuple[str, int], list[ScanResult]] = {}
        # Ports with one address that is as it was. Most are, so they take a number each.
        self._same: dict[str, set[int]] = {}
        self.not_scanned = baseline.records
        """Records of the baseline that were not scanned; known after ``differences``."""

    def write(self, results: Sequence[ScanResult]) -> None:
        """Takes results in any order."""
        at = self._baseline.at
        for result in results:
            if result.state == "local_error":
                continue
            before = at(result.host, result.port)
            if len(before) == 1 and before[0] == (result.ip, result.state):
                self._same.setdefault(_host_key(result.host), set()).add(result.port)
            elif before or result.state == "open":
                key = (_host_key(result.host), result.port)
                self._results.setdefault(key, []).append(result)

    def differences(self) -> list[Difference]:
        """Every difference, in the order of the targets."""
        found: list[tuple[int, Difference]] = []
        compared = sum(map(len, self._same.values()))
        for (host, port), results in self._results.items():
            before = dict(self._baseline.at(host, port))
            best = _best(results)
            same = port in self._same.get(host, ())
            if same:
                best = [result for result in best if _adds(result, before)]
            # A name with one address, then and now, is one thing though the address changed.
            single = len(before) == 1 and len(best) == 1 and not same
            matched: set[str | None] = set()
            for result, addresses in _pairs(before, best, single):
                matched.update(addresses)
                for address in addresses or [None]:
                    difference = _difference(result, address, before)
                    if difference is not None:
                        found.append((result.ordinal, difference))
            compared += 0 if same else len(matched)
        self.not_scanned = self._baseline.records - compared
        found.sort(key=lambda item: (item[0], item[1].ip or ""))
        return [difference for _, difference in found]


def compare(baseline: Baseline, results: Iterable[ScanResult]) -> list[Difference]:
    """The differences of a whole scan; ``Comparison`` takes one as it comes."""
    comparison = Comparison(baseline)
    comparison.write(list(results))
    return comparison.differences()


def _host_key(host: str) -> str:
    """Names are the same in any case and with or without the dot of the root."""
    return host.lower().removesuffix(".")


def _best(results: list[ScanResult]) -> list[ScanResult]:
    """One result an address: a port that two targets name is compared once."""
    if len(results) == 1:
        return results
    best: dict[str | None, ScanResult] = {}
    for result in sorted(results, key=lambda result: (_RANK[result.state], result.ordinal)):
        best.setdefault(result.ip, result)
    return list(best.values())


def _adds(result: ScanResult, before: dict[str | None, State]) -> bool:
    """Whether a result says more than that its port is as it was."""
    if result.ip in before:
        return _RANK[result.state] < _RANK[before[result.ip]]
    return result.ip is not None


def _pairs(
    before: dict[str | None, State], results: list[ScanResult], single: bool
) -> Iterator[tuple[ScanResult, list[str | None]]]:
    """Each result with the baseline's addresses it is to be compared with."""
    for result in results:
        if result.ip is None or single:
            # A name that does not resolve any more is gone from all its addresses.
            yield result, list(before)
        elif result.ip in before:
            yield result, [result.ip]
        else:
            yield result, [None] if None in before else []


def _difference(
    result: ScanResult, address: str | None, before: dict[str | None, State]
) -> Difference | None:
    was, now = before.get(address), result.state
    kind: DifferenceKind
    if now == was or (was is None and now != "open"):
        return None
    kind = "new" if now == "open" else "gone" if was == "open" else "changed"
    ip = address if result.ip is None else result.ip
    return Difference(kind, result.host, ip, result.port, was, now, result.reason)


def read_baseline(file: Path | BinaryIO, source: str | None = None) -> Baseline:
    """Reads a baseline from a file or a binary stream.

    ``source`` is the name for messages, the path when not given. Raises TargetError with
    the source and the line for anything that is not a record of a scan, and OSError.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return read_baseline(opened, source if source is not None else str(file))
    source = source or "baseline"
    # Anything readable will do, but only this class can look ahead.
    stream: io.BufferedReader = (
        file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(Any, file))
    )
    baseline = Baseline()
    if _DOCUMENT.match(stream.peek(4096).removeprefix(_BYTE_ORDER_MARK)):
        records = _document_records(stream, source)
    else:
        records = _line_records(stream, source)
    for count, (line, found) in enumerate(records, start=1):
        if count > RECORD_LIMIT:
            raise TargetError(f"more than {RECORD_LIMIT} records in a baseline", source, line)
        try:
            _add(baseline, found)
        except ValueError as error:
            raise TargetError(f"not a record of a scan: {error}", source, line) from None
    return baseline


def _line_records(file: io.BufferedReader, source: str) -> Iterator[tuple[int, Any]]:
    """The line number and the value of each line that is not blank."""
    line = 0
    while read := file.readline(LINE_LIMIT + 2):
        line += 1
        # An error at the line's end must not be told as one of the next line.
        text = read.rstrip(b"\r\n")
        if len(text) > LINE_LIMIT:
            raise TargetError(f"line is longer than {LINE_LIMIT} bytes", source, line)
        if line == 1:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        if text.strip():
            yield line, _parse(text, source, line)


def _document_records(file: io.BufferedReader, source: str) -> Iterator[tuple[int, Any]]:
    """The results of our JSON document; their place in the file is not known."""
    text = file.read(DOCUMENT_LIMIT + 1)
    if len(text) > DOCUMENT_LIMIT:
        message = f"document is longer than {DOCUMENT_LIMIT} bytes, write the baseline as ndjson"
        raise TargetError(message, source)
    document = _parse(text.removeprefix(_BYTE_ORDER_MARK), source, 1)
    results = document.get("results")
    if not isinstance(results, list):
        raise TargetError('not a document of a scan: "results" is not a list', source)
    for result in results:
        yield 1, result


def _parse(text: bytes, source: str, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = line + error.lineno - 1
        raise TargetError(f"not JSON: {error.msg.lower()}", source, place, error.colno) from None
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        # Not UTF-8, nested without end, or a number of thousands of digits.
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise TargetError(f"not JSON: {reason}", source, line) from None


def _add(baseline: Baseline, found: Any) -> None:
    """Takes a record of ours or of naabu's; ValueError says what is wrong with it."""
    if not isinstance(found, dict):
        raise ValueError("a JSON object is expected")
    if found.get("v", 1) != 1:
        raise ValueError(f"version {found['v']!r} is newer than this program")
    ip = found.get("ip")
    if ip is not None and (not isinstance(ip, str) or not ip):
        raise ValueError('"ip" is not an address')
    # naabu leaves "host" out where the target was an address.
    host = found.get("host", ip)
    if not isinstance(host, str) or not host:
        raise ValueError('"host" is missing or not a name')
    port = found.get("port")
    if type(port) is not int or not 0 <= port <= 65535:
        raise ValueError('"port" is missing or not a number from 0 to 65535')
    # naabu's records have no state, because it reports what is open.
    state = found.get("state", "open" if "v" not in found and ip is not None else None)
    if state not in STATES:
        raise ValueError(f'"state" is missing or not one of {", ".join(STATES)}')
    if found.get("protocol", "tcp") != "tcp":
        baseline.skipped += 1
        return
    baseline.add(host, ip, port, state)
