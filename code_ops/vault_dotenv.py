"""Files of variables, ``.env``: read as most programs do, written as all of them do.

They differ, and docs/vault.md says how this reads. What is written is read alike by python-dotenv,
docker compose and a shell's ``set -a; . file``; what none of their common forms can carry is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from code_ops.errors import VaultError, VaultTradeError
from code_ops.vault_trade import SECRETS_MAX, Entry, Source
from code_ops.vault_variables import variable_name

__all__ = ["read", "write"]

# Each goes over a text once, whatever stands there.
_BLANK = re.compile(r"[^\S\n]*+(?:#[^\n]*+)?(?:\n|\Z)")
_KEY = re.compile(r"[^\S\n]*+(?:export[^\S\n]++)?([^\s=#'\"][^\n=#'\"]*+)=[^\S\n]*+")
_SINGLE = re.compile(r"'((?:[^'\\]++|\\.)*+)'", re.DOTALL)
_DOUBLE = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_PLAIN = re.compile(r"[^\n]*+")
_COMMENT = re.compile(r"(?<=\s)#")
_SINGLE_ESCAPE = re.compile(r"\\([\\'])")
_DOUBLE_ESCAPE = re.compile(r"\\([\\'\"$`abfnrtv])")
_LETTERS = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
# What a shell or docker compose would put something else for.
_EXPANDED = re.compile(r"(?<!\\)(?:\\\\)*\$[A-Za-z_{(]")

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
# Read as one backslash by python-dotenv, and as the end's by docker compose.
_BACKSLASHES = re.compile(r"\\(?:[\\']|\Z)")


def read(text: str, name: str) -> Source:
    """The variables of a text. Raises VaultError with the line of what is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    entries: list[Entry] = []
    warnings: list[str] = []
    place, line = 0, 1
    while place < len(text):
        start = place
        if blank := _BLANK.match(text, place):
            place = blank.end()
        else:
            place = _read_line(text, place, f"{name}:{line}", line, entries, warnings)
        if len(entries) > SECRETS_MAX:
            raise VaultError(f"{name}: a vault has {SECRETS_MAX:,} secrets at most")
        line += text.count("\n", start, place)
    return Source(name, entries, warnings=warnings)


def _read_line(
    text: str, place: int, where: str, line: int, entries: list[Entry], warnings: list[str]
) -> int:
    """Reads a variable; returns where the next line begins. No error repeats what it read."""
    key = _KEY.match(text, place)
    if key is None:
        raise VaultError(f"{where}: expected NAME=VALUE, a comment or nothing")
    value, place, expands = _value(text, key.end(), where)
    end = _BLANK.match(text, place)
    if end is None:
        raise VaultError(f"{where}: there is more after the closing quote")
    entries.append(Entry((key[1].rstrip(),), value, line))
    if expands:
        warnings.append(
            f"{where}: {key[1].rstrip()} has a `$`, which is taken as it is: nothing is expanded"
        )
    return end.end()


def _value(text: str, place: int, where: str) -> tuple[str, int, bool]:
    """A value, where it ends, and whether others would expand something in it."""
    quote = text[place : place + 1]
    if quote in ("'", '"') and quote:
        found = (_SINGLE if quote == "'" else _DOUBLE).match(text, place)
        if found is None:
            raise VaultError(f"{where}: the quote that opens here is not closed")
        if quote == "'":
            return _SINGLE_ESCAPE.sub(r"\1", found[1]), found.end(), False
        value = _DOUBLE_ESCAPE.sub(lambda escape: _LETTERS.get(escape[1], escape[1]), found[1])
        return value, found.end(), bool(_EXPANDED.search(found[1]))
    found = _PLAIN.match(text, place)
    raw = found[0] if found else ""
    # A comment may follow the sign at once, but then after a blank.
    is_comment = raw.startswith("#") and text[place - 1] != "="
    comment = _COMMENT.search(raw)
    value = "" if is_comment else raw[: comment.start() if comment else None].rstrip()
    return value, place + len(raw), bool(_EXPANDED.search(value))


def write(values: Mapping[str, str]) -> str:
    """The text for values by name; a name becomes a variable by ``variable_name``.

    Raises VaultTradeError with all values that have no form, and all names that become one.
    """
    made: dict[str, str] = {}
    lines = []
    problems = []
    for name, value in values.items():
        variable = variable_name(name)
        if variable in made:
            problems.append(f"{made[variable]} and {name} both become {variable}")
            continue
        made[variable] = name
        form = _form(value)
        if form is None:
            problems.append(f"{name}: no quotes carry this value to all programs alike")
        else:
            lines.append(f"{variable}={form}\n")
    if problems:
        raise VaultTradeError(problems, "--only leaves out, --format json carries all")
    return "".join(lines)


def _form(value: str) -> str | None:
    """The value as all read it; None where there is no such form."""
    if _BARE.fullmatch(value):
        return value
    # python-dotenv expands `${` within all quotes, and reads a carriage return as a line's end.
    if "${" in value or "\r" in value or "\0" in value:
        return None
    if "'" not in value and not _BACKSLASHES.search(value):
        return f"'{value}'"
    if "$" in value or "`" in value:
        return None
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
