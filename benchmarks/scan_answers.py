"""What the scanners said, read back from their output, and how far it is the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

Port = tuple[str, int]
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Difference:
    """Open ports not found, and ports said to be open that are not."""

    missed: int
    false: int


def difference(found: set[Port], truth: set[Port]) -> Difference:
    """How one answer differs from the truth."""
    return Difference(missed=len(truth - found), false=len(found - truth))


def in_words(differences: Iterable[Difference], total: int) -> str:
    """All runs of a tool in a few words, worst and best when they differ."""
    runs = list(differences)
    missed = _span([run.missed for run in runs])
    false = _span([run.false for run in runs])
    found = f"all {total:,} found" if missed == "0" else f"{missed} of {total:,} missed"
    return found if false == "0" else f"{found}, {false} false"


def _span(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,}-{high:,}"


def agreed(differences: Iterable[Difference]) -> bool:
    """Whether every run told the truth, no more and no less."""
    return all(run == Difference(0, 0) for run in differences)


def read_nmap(text: str) -> set[Port]:
    """The open ports of nmap's normal output."""
    found: set[Port] = set()
    host = ""
    for line in text.splitlines():
        if line.startswith("Nmap scan report for "):
            host = line.split()[-1].strip("()")
        elif match := re.match(r"(\d+)/tcp\s+open\b", line):
            found.add((host, int(match.group(1))))
    return found


def read_rustscan(text: str) -> set[Port]:
    """The open ports of RustScan's `--greppable` output."""
    lines = re.findall(r"^(\S+) -> \[([\d,\s]*)\]", text, re.MULTILINE)
    return {(host, int(port)) for host, ports in lines for port in re.findall(r"\d+", ports)}


def read_ndjson(text: str) -> set[Port]:
    """The open ports of code-ops' NDJSON; a line that does not parse counts as a false one."""
    return {port for port, state in read_states(text) if state in ("open", UNREADABLE)}


def read_states(text: str) -> list[tuple[Port, str]]:
    """Every record of code-ops' NDJSON: where, and in which state; nothing merged."""
    records: list[tuple[Port, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            record = json.loads(line)
            records.append(((record["ip"], record["port"]), record["state"]))
        except (ValueError, TypeError, KeyError):
            records.append(((f"line {number}", 0), UNREADABLE))
    return records


def read_table(text: str) -> set[Port]:
    """The open ports of code-ops' table, which ends at the first empty line.

    An address stands at its first port only, in a narrow table on a line of its own.
    """
    found: set[Port] = set()
    host = ""
    for line in text.splitlines():
        if not line.strip():
            break
        if address := re.match(r"\d+\.\d+\.\d+\.\d+", line):
            host = address.group()
        port = re.match(r"\s*(\d+)\s+(?:\S+\s+)?open\b", line.removeprefix(host))
        if host and port:
            found.add((host, int(port.group(1))))
    return found


def system_calls(text: str) -> int:
    """All calls in the table of `strace -c`; summed, as the total's columns vary."""
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", text, re.MULTILINE)
    return sum(int(calls) for calls, name in rows if name != "total")


def scan_seconds(errors: str) -> float | None:
    """`scan_s` of the line that `--timings` writes to standard error."""
    for line in errors.splitlines():
        if line.startswith('{"timings"'):
            return float(json.loads(line)["timings"]["scan_s"])
    return None
