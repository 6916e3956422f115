"""YAML and JSON from and to secrets: which values are secrets, and their text.

The engine of ``code_ops.config`` reads both. A number keeps the spelling it has in the file, as
nobody wants 0777 or 1e3 as another one.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from code_ops.config import ConfigParser, Location, Tagged
from code_ops.errors import ConfigError, VaultError
from code_ops.vault_trade import SECRETS_MAX, SOURCE_BYTES_MAX, Entry, Source

__all__ = [
    "Path",
    "Unlock",
    "decoded",
    "document",
    "read_json",
    "read_yaml",
    "walked",
    "write_json",
    "write_yaml",
]

Path = tuple[Any, ...]
"""Keys and indices from the outermost, as the document has them."""
Unlock = Callable[[str], "str | bytes"]
"""Opens the text of a value with the tag ``!vault``."""

_LIMITS: dict[str, Any] = {
    "max_alias_nodes": SECRETS_MAX,
    "max_input_bytes": SOURCE_BYTES_MAX,
    "max_depth": 128,
}
# What stands between values, or opens what holds some; a text has more of them than values.
_SEPARATORS = (",", "\n", "\r", "[", "{")
_SEPARATORS_MAX = 2_000_000
# What messages quote of the text, but for signs.
_QUOTED = re.compile(r"`[^`]*\w[^`]*`")
_NUMBER = re.compile(r"[-+.0-9eE]+")


def decoded(data: bytes, name: str) -> str:
    """The text of a file in UTF-8, with or without a mark at its beginning."""
    if len(data) > SOURCE_BYTES_MAX:
        raise VaultError(f"{name}: more than {SOURCE_BYTES_MAX >> 20} MiB are not imported")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise VaultError(f"{name}:{line}: the text is no UTF-8")


def read_json(text: str, name: str) -> Source:
    """The secrets of a JSON text; see ``read_yaml``."""
    value = document(text, name, "json")

    @functools.cache
    def positions() -> Mapping[Path, Location]:
        return ConfigParser(**_LIMITS).parse_located(text, json=True).positions

    @functools.cache
    def lines() -> list[str]:
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def spelled(path: Path, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        place = positions()[path]
        found = _NUMBER.match(lines()[place.line - 1], place.column - 1)
        return found[0] if found else str(value)

    return _Reading(name, positions, spelled).source(value, value)


def read_yaml(text: str, name: str, unlock: Unlock | None = None) -> Source:
    """The secrets of a YAML document: all its scalars by the keys and indices that lead there.

    ``!vault`` values are opened by ``unlock``. Raises VaultError where there is no such document,
    and with the line of a value that is none.
    """
    # As YAML 1.1 `!!binary` are bytes; all else comes by its spelling.
    schema = "yaml11" if "binary" in text else "core"
    _check_size(text, name)
    with _named(name):
        value, twin = (
            ConfigParser(
                schema=each, tags="keep", merge_keys="apply", timestamps="text", **_LIMITS
            ).parse_yaml(text)
            for each in (schema, "failsafe")
        )

    def positions() -> Mapping[Path, Location]:
        parser = ConfigParser(schema="failsafe", tags="keep", merge_keys="apply", **_LIMITS)
        return parser.parse_located(text).positions

    return _Reading(name, positions, lambda _, spelling: _text(spelling), unlock).source(
        value, twin
    )


def document(text: str, name: str, form: str) -> Any:
    """The value of a YAML or JSON text, for who knows what is in it."""
    _check_size(text, name)
    with _named(name):
        parser = ConfigParser(**_LIMITS)
        return parser.parse_json(text) if form == "json" else parser.parse_yaml(text)


def _check_size(text: str, name: str) -> None:
    """Refuses what would be millions of objects before it is read."""
    if sum(map(text.count, _SEPARATORS)) > _SEPARATORS_MAX:
        raise VaultError(f"{name}: more than {_SEPARATORS_MAX:,} lines and items are not imported")


class _Reading:
    """A document on its way to a source. Its twin has the same shape, and the keys as text."""

    def __init__(
        self,
        name: str,
        positions: Callable[[], Mapping[Path, Location]],
        spelled: Callable[[Path, Any], str],
        unlock: Unlock | None = None,
    ) -> None:
        self.name = name
        # Read once for all that is told of them.
        self.positions = functools.cache(positions)
        self.spelled = spelled
        self.unlock = unlock

    def source(self, value: Any, twin: Any) -> Source:
        """The entries; raises VaultError where there are none to be."""
        if value is not None and not isinstance(value, dict | list):
            raise VaultError(f"{self.name}: expected names with values, found a single value")
        entries: list[Entry] = []
        notes: list[str] = []
        paths: dict[int, Path] = {}
        leaves = walked(value, twin) if value is not None else iter(())
        few = list(itertools.islice(leaves, SECRETS_MAX + 1))
        if len(few) > SECRETS_MAX:
            raise VaultError(f"{self.name}: a vault has {SECRETS_MAX:,} secrets at most")
        for path, scalar, spelling in few:
            keys = tuple(self._key(path, key) for key in path)
            if scalar is None or isinstance(scalar, dict | list):
                what = "null" if scalar is None else "empty"
                notes.append(f"{self.name}: {'/'.join(keys)} is {what}, left out")
                continue
            entry = Entry(keys, self._value(path, scalar, spelling))
            paths[id(entry)] = path
            entries.append(entry)
        return Source(self.name, entries, notes, lambda entry: self._line(paths[id(entry)]))

    def _key(self, path: Path, key: Any) -> str:
        if isinstance(key, str | int):
            return str(key)
        raise VaultError(f"{self.name}:{self._line(path)}: a key that is no text is no name")

    def _value(self, path: Path, scalar: Any, spelling: Any) -> str | bytes:
        if isinstance(scalar, str | bytes):
            return scalar
        if isinstance(scalar, Tagged):
            text = scalar.value
            if scalar.tag == "!vault" and isinstance(text, str) and self.unlock is not None:
                return self.unlock(text)
            # As ansible writes what is not to be taken for a template.
            if scalar.tag == "!unsafe" and isinstance(text, str):
                return text
            complaint = f"a value with the tag {scalar.tag} is none that a vault takes"
            raise VaultError(f"{self.name}:{self._line(path)}: {complaint}")
        return self.spelled(path, spelling)

    def _line(self, path: Path) -> int:
        positions = self.positions()
        # What a merge brought in stands elsewhere: then the line of what it is in.
        while path and path not in positions:
            path = path[:-1]
        place = positions.get(path)
        return 0 if place is None else place.key_line or place.line


def walked(value: Any, twin: Any) -> Iterator[tuple[Path, Any, Any]]:
    """The path, value and twin of all that holds nothing else; a collection where it is empty."""
    ahead: list[tuple[Path, Any, Any]] = [((), value, twin)]
    while ahead:
        path, value, twin = ahead.pop()
        if isinstance(value, dict) and value and isinstance(twin, dict):
            inner = zip(twin, value.values(), twin.values(), strict=True)
        elif isinstance(value, list) and value:
            inner = zip(range(len(value)), value, twin, strict=True)
        else:
            yield path, value, twin
            continue
        ahead += [((*path, key), one, other) for key, one, other in reversed(list(inner))]


def _text(spelling: Any) -> str:
    """A number, a truth value or a date as it is spelled; with a tag of its own as JSON has it."""
    if isinstance(spelling, bool):
        return "true" if spelling else "false"
    return spelling if isinstance(spelling, str) else ConfigParser().dump_yaml(spelling).strip()


def write_json(values: Mapping[str, Any]) -> str:
    """JSON text of nested or flat values."""
    return ConfigParser().dump_json(values, indent=2) + "\n"


def write_yaml(values: Mapping[str, Any]) -> str:
    """YAML text of nested or flat values; bytes are ``!!binary``."""
    return ConfigParser().dump_yaml(values)


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors of a text begin with its file's name and repeat no value."""
    try:
        yield
    except ConfigError as error:
        message = error.message
        if not message.startswith("key `"):
            # An unquoted password that begins with `*` is taken for an alias.
            message = _QUOTED.sub("`...`", message)
        place = f"{name}:{error.line}" if error.line else name
    else:
        return
    raise VaultError(f"{place}: {message}")
