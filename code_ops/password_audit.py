"""Stored password hashes held against a policy: what share is below it, by scheme and cost.

Owns the counting and the findings. Nothing is computed with a hash, and no hash, nor any part of
one, is kept or in a result: equal ones are found by keyed fingerprints. Memory has a bound at any
number of rows: beside the fingerprints it holds the first findings, the first groups and numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

from code_ops.fingerprints import Fingerprints
from code_ops.numerals import plural
from code_ops.password_policies import POLICIES, Policy, State
from code_ops.password_schemes import StoredHash, recognise

__all__ = [
    "FINDINGS_KEPT",
    "Audit",
    "Auditor",
    "Finding",
    "Group",
    "Kind",
    "RowAudit",
    "Tally",
    "audit_hashes",
]

Kind: TypeAlias = Literal[
    "below",
    "empty",
    "unknown",
    "same-hash",
    "same-salt",
    "same-password",
    "short-salt",
    "bcrypt-2a",
]
"""What a finding is of; the last three are worth a look, and no reason to fail by themselves.

Salted hashes that are the same were copied, or two accounts are one; the same salt in different
ones is a generator that is broken. The same unsalted hash is the same password.
"""
Parameters: TypeAlias = "tuple[tuple[str, int | str], ...]"

_GroupKey: TypeAlias = "tuple[str, Parameters, State, str]"

FINDINGS_KEPT = 1_000
COMPARED_MOST = 4_000_000
"""Hashes, and salts, of which equal ones are found; 128 MiB of fingerprints of each at the most."""
_GROUPS_KEPT = 1_000
_JUDGED_KEPT = 4_096

_SALT_ADVISED = 16
# The longest salt of schemes that have no room for 16 bytes.
_SALT_MOST = {
    "descrypt": 2, "bsdicrypt": 4, "md5crypt": 8, "apr1": 8, "sunmd5": 8, "phpass": 8, "drupal7": 8,
}  # fmt: skip
# Shorter ones are the same by chance in a large file.
_SALT_COMPARED = 6
# The last one is salted with the name of its user, which is not in it.
_UNSALTED = ("unsalted-digest", "mysql-native", "nt", "postgresql-md5")
_STATES: tuple[State, ...] = get_args(State)


class Finding(NamedTuple):
    """Something that is not as it should be, and where."""

    kind: Kind
    reason: str
    source: str = ""
    row: int = 0
    """From 1; what ``Auditor.add`` was told, such as a line of a file."""
    user: str = ""


class RowAudit(NamedTuple):
    """What is to be said of one row."""

    scheme: str
    parameters: Parameters
    state: State
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one scheme with the same costs. Past the first 1,000 groups costs are left out."""

    scheme: str
    parameters: Parameters
    state: State
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of rows, of one source or of all."""

    name: str
    rows: int
    states: Mapping[State, int]

    @property
    def judged(self) -> int:
        """Rows that somebody could log in with: all but the locked ones."""
        return self.rows - self.states["locked"]

    @property
    def below(self) -> int:
        """Rows below policy, those with an empty password and those not recognised included."""
        return self.judged - self.states["ok"]

    @property
    def share_below(self) -> float:
        """``below`` as a part of ``judged``; 0 where none is judged."""
        return self.below / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of all rows."""

    policy: str
    total: Tally
    sources: tuple[Tally, ...]
    groups: tuple[Group, ...]
    """The most frequent first."""
    findings: tuple[Finding, ...]
    """The first 1,000, in the order of the rows, without those of ``bcrypt-2a``."""
    finding_counts: Mapping[Kind, int]
    """How many there are of each kind, also of those that are not kept."""
    is_all_compared: bool
    """Whether all hashes and salts were looked at for equal ones; else the first 4,000,000."""

    @property
    def repeated(self) -> int:
        """Rows with a salt, or a salted hash, that another row has: never as it should be."""
        return self.finding_counts["same-hash"] + self.finding_counts["same-salt"]


@dataclass(slots=True)
class _Counts:
    name: str
    rows: int = 0
    states: Counter[State] = field(default_factory=Counter)

    def tally(self) -> Tally:
        return Tally(self.name, self.rows, {state: self.states[state] for state in _STATES})


class _Judged(NamedTuple):
    state: State
    reason: str
    found: tuple[tuple[Kind, str], ...]
    group: _GroupKey


class Auditor:
    """Takes rows one by one; ``result`` tells what came of them."""

    def __init__(
        self, policy: Policy = POLICIES["owasp"], *, compared: int = COMPARED_MOST
    ) -> None:
        self._policy = policy or POLICIES["owasp"]
        self._hashes = Fingerprints(compared)
        self._salts = Fingerprints(compared)
        self._sources: list[_Counts] = []
        self._groups: Counter[_GroupKey] = Counter()
        self._findings: list[Finding] = []
        self._kinds: Counter[Kind] = Counter()
        self._judged: dict[tuple[str, Parameters, int, int, str], _Judged] = {}

    def begin(self, source: str) -> None:
        """What comes from now on is of this source, such as a file."""
        self._sources.append(_Counts(source))

    def add(
        self,
        text: str,
        user: str = "",
        row: int | None = None,
        stored: StoredHash | None = None,
    ) -> RowAudit:
        """Judges one stored value, which may have been recognised already.

        ``row`` is its place in the source, the next one if None.
        """
        if not self._sources:
            self.begin("")
        source = self._sources[-1]
        source.rows += 1
        row = source.rows if row is None else row
        stored = recognise(text) if stored is None else stored
        judged = self._judge(stored)
        source.states[judged.state] += 1
        self._count(judged)
        found = judged.found
        if stored.digest_bits and (repeated := self._repeated(text, stored, row)):
            found = (*found, repeated)
        findings = tuple([Finding(kind, why, source.name, row, user) for kind, why in found])
        if findings:
            self._keep(findings)
        return RowAudit(stored.scheme, stored.parameters, judged.state, judged.reason, findings)

    def result(self) -> Audit:
        """What came of all rows so far."""
        tallies = tuple(counts.tally() for counts in self._sources)
        states = {state: sum(each.states[state] for each in tallies) for state in _STATES}
        groups = sorted(self._groups.items(), key=lambda item: (-item[1], item[0][0]))
        return Audit(
            self._policy.name,
            Tally("", sum(each.rows for each in tallies), states),
            tallies,
            tuple(Group(*key, count) for key, count in groups),
            tuple(self._findings),
            {kind: self._kinds[kind] for kind in get_args(Kind)},
            not (self._hashes.is_full or self._salts.is_full),
        )

    def _judge(self, stored: StoredHash) -> _Judged:
        """What is to be said of a hash for its form, which few of many rows differ in."""
        size = len(stored.salt)
        key = (stored.scheme, stored.parameters, size, stored.digest_bits, stored.problem)
        judged = self._judged.get(key)
        if judged is None:
            state, reason = self._policy.judge(stored)
            found = _flaws(stored) if stored.digest_bits else ()
            if state == "below" or state == "empty" or state == "unknown":
                found = ((state, reason), *found)
            group = (stored.scheme, stored.parameters, state, reason)
            judged = _Judged(state, reason, found, group)
            if len(self._judged) >= _JUDGED_KEPT:
                self._judged.clear()
            self._judged[key] = judged
        return judged

    def _count(self, judged: _Judged) -> None:
        group = judged.group
        if group not in self._groups and len(self._groups) >= _GROUPS_KEPT:
            group = (group[0], (), judged.state, "")
        self._groups[group] += 1

    def _repeated(self, text: str, stored: StoredHash, row: int) -> tuple[Kind, str] | None:
        number = self._number(row)
        first = self._hashes.first(text.encode("utf-8", "surrogatepass"), number)
        if first != number:
            place = self._place(first)
            if stored.scheme in _UNSALTED:
                return "same-password", f"the same unsalted hash as {place}"
            return "same-hash", f"the same hash as {place}, salt and all"
        if len(stored.salt) >= _SALT_COMPARED:
            first = self._salts.first(stored.salt, number)
            if first != number:
                return "same-salt", f"the same salt as {self._place(first)}, another hash"
        return None

    def _number(self, row: int) -> int:
        """Source and row in one number."""
        return len(self._sources) << 40 | row

    def _place(self, number: int) -> str:
        source, row = number >> 40, number & (1 << 40) - 1
        name = self._sources[source - 1].name
        return f"row {row}" if source == len(self._sources) or not name else f"{name}:{row}"

    def _keep(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self._kinds[finding.kind] += 1
            # Whole files are of bcrypt 2a, and nearly none has the flaw: its number is enough.
            if len(self._findings) < FINDINGS_KEPT and finding.kind != "bcrypt-2a":
                self._findings.append(finding)


def _flaws(stored: StoredHash) -> tuple[tuple[Kind, str], ...]:
    found: list[tuple[Kind, str]] = []
    least = min(_SALT_ADVISED, _SALT_MOST.get(stored.scheme, _SALT_ADVISED))
    if stored.scheme not in _UNSALTED and len(stored.salt) < least:
        size = plural(len(stored.salt), "byte")
        found.append(("short-salt", f"a salt of {size}, {least} are advised"))
    if ("variant", "2a") in stored.parameters:
        found.append(("bcrypt-2a", "bcrypt 2a, which one old implementation made with a flaw"))
    return tuple(found)


def audit_hashes(rows: Iterable[str | tuple[str, str]], policy: Policy | str = "owasp") -> Audit:
    """Holds stored values against a policy, which has a name or is one of ``own_policy``.

    A row is a stored value, or a user's name and a stored value. KeyError for a policy that there
    is none of.
    """
    auditor = Auditor(POLICIES[policy] if isinstance(policy, str) else policy)
    for row in rows:
        if isinstance(row, str):
            auditor.add(row)
        else:
            user, text = row
            auditor.add(text, user)
    return auditor.result()
