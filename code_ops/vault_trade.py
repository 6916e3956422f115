"""Secrets from and to the files of other tools: names, and what comes of keys that are none.

Owns the way from keys of a file to names of a vault and back. Reading and writing the forms is a
module each: ``vault_dotenv``, ``vault_documents``, ``vault_ansible``, ``vault_sops``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal, NamedTuple, NoReturn

from code_ops.errors import VaultTradeError
from code_ops.vault_file import is_name

__all__ = [
    "SECRETS_MAX",
    "SOURCE_BYTES_MAX",
    "Entry",
    "Named",
    "Rules",
    "Source",
    "named",
    "nested",
    "selected",
    "textual",
]

SECRETS_MAX = 100_000
SOURCE_BYTES_MAX = 64 << 20
_MISFIT = re.compile(r"[^A-Za-z0-9_./-]")
_WAYS_OUT = "give it a name with --map KEY=NAME, or all such with --fit-names"


class Entry:
    """A value of a file: its keys from the outermost, and where it stands."""

    __slots__ = ("keys", "line", "value")

    def __init__(self, keys: tuple[str, ...], value: str | bytes, line: int = 0) -> None:
        self.keys = keys
        self.value = value
        self.line = line
        """From 1; 0 where only the source's ``line_of`` can tell."""

    def __repr__(self) -> str:
        return f"Entry({self.keys!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Entry is neither copied nor pickled: it holds a secret")


class Source:
    """What a file holds, and what is to be said of it."""

    def __init__(
        self,
        name: str,
        entries: Sequence[Entry],
        notes: Sequence[str] = (),
        line_of: Callable[[Entry], int] = lambda entry: entry.line,
        warnings: Sequence[str] = (),
        protection: Literal["plain", "sealed"] = "plain",
    ) -> None:
        self.name = name
        self.entries = entries
        self.notes = notes
        self.warnings = warnings
        self.line_of = line_of
        self.protection = protection

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.entries)} entries)"

    def place(self, entry: Entry) -> str:
        """``file:line``, or the file alone."""
        line = self.line_of(entry)
        return f"{self.name}:{line}" if line else self.name


class Rules(NamedTuple):
    """How keys become names."""

    prefix: str = ""
    mapping: Mapping[str, str] = {}
    """Names of keys, joined by ``/``; nothing is added to them."""
    letters: Literal["keep", "lower"] = "keep"
    misfits: Literal["refuse", "replace"] = "refuse"
    """What becomes of characters that no name has: ``replace`` makes them ``_``."""
    only: Sequence[str] = ()
    """Patterns of names; all without one."""


class Named(NamedTuple):
    """An entry with its name."""

    name: str
    entry: Entry


def selected(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns takes a name, as ``db/*``; all names without one."""
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def named(sources: Iterable[Source], rules: Rules) -> list[Named]:
    """The names of all entries, in order.

    Raises VaultTradeError with all keys that make no name, and all that make one name.
    """
    found: dict[str, tuple[Source, Entry]] = {}
    problems: list[str] = []
    unused = set(rules.mapping)
    for source in sources:
        for entry in source.entries:
            key = "/".join(entry.keys)
            unused.discard(key)
            name = _name(key, rules)
            if not selected(name, rules.only):
                continue
            if not is_name(name):
                shown = name if rules.prefix or key in rules.mapping else key
                problems.append(f"{source.place(entry)}: {_complaint(shown)}")
            elif name in found:
                other, before = found[name]
                places = f"{source.place(entry)} and {other.place(before)}"
                keys = f"`{'/'.join(before.keys)}` and `{key}`"
                problems.append(f"{places}: both {keys} become {name}")
            else:
                found[name] = (source, entry)
    if problems:
        raise VaultTradeError(problems, _WAYS_OUT)
    if unused:
        raise VaultTradeError([f"--map: there is no key `{key}`" for key in sorted(unused)])
    return [Named(name, entry) for name, (_, entry) in found.items()]


def _name(key: str, rules: Rules) -> str:
    if key in rules.mapping:
        return rules.mapping[key]
    name = rules.prefix + (key.lower() if rules.letters == "lower" else key)
    if rules.misfits == "replace":
        name = _MISFIT.sub("_", name)
        name = f"_{name}" if name[:1] in (".", "/", "-") else name
    return name


def _complaint(name: str) -> str:
    if not name:
        return "an empty key is no name"
    if len(name) > 255:
        return f"`{name[:40]}...` has {len(name):,} characters, a name has 255 at most"
    return f"`{name}` is no name: only letters, digits and _ . / -, the first no . / -"


def textual(
    values: Mapping[str, bytes], other: Literal["refuse", "base64", "keep"]
) -> dict[str, Any]:
    """Values as text; those that are none are refused, written in base64, or kept as bytes."""
    made: dict[str, Any] = {}
    refused = []
    for name, value in values.items():
        try:
            made[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            refused.append(name)
            made[name] = base64.b64encode(value).decode("ascii") if other == "base64" else value
    if refused and other == "refuse":
        problems = [
            f"{name}: bytes that are no text have no place in this form" for name in refused
        ]
        raise VaultTradeError(problems, "--base64 writes them so, --format yaml as !!binary")
    return made


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name as objects within each other, cut at each ``/``.

    Raises VaultTradeError with all names that others are below.
    """
    root: dict[str, Any] = {}
    # Names that end here; objects are made of the others.
    problems = []
    for name, value in values.items():
        *folders, last = name.split("/")
        place = root
        for depth, folder in enumerate(folders, 1):
            inner = place.setdefault(folder, {})
            if not isinstance(inner, dict):
                above = "/".join(folders[:depth])
                problems.append(f"{above} is a value, and {name} would be below it")
                break
            place = inner
        else:
            if isinstance(place.get(last), dict):
                problems.append(f"{name} is a value, and there are others below it")
            else:
                place[last] = value
    if problems:
        raise VaultTradeError(problems, "--flat writes the names as they are")
    return root
