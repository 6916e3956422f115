"""YAML and JSON: text to plain values and back, and where each value stands.

``ConfigParser`` reads YAML 1.2.2 and JSON (RFC 8259) and writes both, the same over the Rust
engine and over the pure-Python fallback.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from code_ops import _engine, config_json
from code_ops.errors import ConfigError

__all__ = [
    "ConfigParser",
    "DuplicateKeys",
    "Located",
    "Location",
    "MergeKeys",
    "Schema",
    "Source",
    "Tagged",
    "Tags",
    "Timestamps",
]

Source: TypeAlias = "str | bytes | os.PathLike[str]"
"""Text, bytes in UTF-8, UTF-16 or UTF-32, or the path of a file. A ``str`` is always text."""


_INPUT_BYTES = 4 << 30
_PIECE = 1 << 20


class Schema(StrEnum):
    """What plain scalars mean (YAML 1.2.2, chapter 10)."""

    CORE = "core"
    """YAML 1.2: ``0777`` is 777, ``no`` is text."""
    JSON = "json"
    """As JSON writes them; other plain scalars are errors."""
    FAILSAFE = "failsafe"
    """Everything is text."""
    YAML11 = "yaml11"
    """YAML 1.1 as PyYAML reads it: ``0777`` is 511, ``no`` is False, ``22:22`` is 1342."""


class DuplicateKeys(StrEnum):
    """What a key that its mapping has already does."""

    ERROR = "error"
    LAST = "last"
    FIRST = "first"


class MergeKeys(StrEnum):
    """What the key ``<<`` does."""

    AUTO = "auto"
    """Merges in ``yaml11``, and is a key like others elsewhere, as YAML 1.2 has it."""
    APPLY = "apply"
    KEEP = "keep"


class Timestamps(StrEnum):
    """What dates and times become."""

    AUTO = "auto"
    """``date`` and ``datetime`` in ``yaml11``, text elsewhere."""
    TEXT = "text"
    DATETIME = "datetime"


class Tags(StrEnum):
    """What tags outside the schema do, such as ``!vault``."""

    IGNORE = "ignore"
    """The node is read by its kind; a scalar is text."""
    ERROR = "error"
    KEEP = "keep"
    """The node becomes a ``Tagged``."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag outside the schema: ``!vault``, or a whole URI.

    As a key its value is frozen as keys are: a list is a tuple there.
    """

    tag: str
    value: Any


class Location(NamedTuple):
    """Where a value begins, and its key if it has one. From 1, columns in characters."""

    line: int
    column: int
    key_line: int | None
    key_column: int | None


@dataclass(frozen=True, slots=True)
class Located:
    """A value, and the place of each value in it by its path of keys and indices."""

    value: Any
    positions: dict[tuple[Any, ...], Location] = field(repr=False)

    def locate(self, *path: Any) -> Location:
        """The place of the value at a path. Raises KeyError when there is none."""
        return self.positions[path]


class ConfigParser:
    """Reads and writes YAML and JSON.

    Values are dict, list, str, int (exact at any size), float, bool and None; with ``yaml11``
    also what PyYAML makes of dates, ``!!binary`` and ``!!set``. A list that is a key becomes a
    tuple, a mapping a frozenset of pairs. An alias is the same object once more.

    Options take a member of their enum or its name. Limits, each an integer from 1 up: open
    collections (``max_depth``, 1,000), nodes that aliases stand for (``max_alias_nodes``,
    1,000,000), bytes of a scalar (``max_scalar_bytes``, 256 MiB), bytes of an input
    (``max_input_bytes``, 4 GiB), digits of an integer (``max_integer_digits``, 1,000,000).

    Raises ValueError for an unknown option, EngineError when the engine is not there. The
    methods that read raise ConfigError with the place, and OSError for files.
    """

    def __init__(
        self,
        *,
        schema: Schema | str = Schema.CORE,
        duplicate_keys: DuplicateKeys | str = DuplicateKeys.ERROR,
        merge_keys: MergeKeys | str = MergeKeys.AUTO,
        timestamps: Timestamps | str = Timestamps.AUTO,
        tags: Tags | str = Tags.IGNORE,
        max_depth: int | None = None,
        max_alias_nodes: int | None = None,
        max_scalar_bytes: int | None = None,
        max_input_bytes: int | None = None,
        max_integer_digits: int | None = None,
        engine: str | None = None,
    ) -> None:
        self.engine = _engine.choose(engine)
        self._input_bytes = max_input_bytes
        self._parser = _engine.load("infrastructure", self.engine).ConfigParser(
            schema=str(schema),
            duplicate_keys=str(duplicate_keys),
            merge_keys=str(merge_keys),
            timestamps=str(timestamps),
            tags=str(tags),
            max_depth=max_depth,
            max_alias_nodes=max_alias_nodes,
            max_scalar_bytes=max_scalar_bytes,
            max_input_bytes=max_input_bytes,
            max_integer_digits=max_integer_digits,
        )

    def parse_yaml(self, source: Source) -> Any:
        """The value of a stream of one document, None when it is empty.

        A second document is an error; ``parse_yaml_all`` reads streams of several.
        """
        return self._parser.parse_yaml(*_read(source, self._input_bytes))

    def parse_yaml_all(self, source: Source) -> Iterator[Any]:
        """The documents of a stream, read as they are asked for; an error ends it."""
        documents: Iterator[Any] = self._parser.parse_yaml_all(*_read(source, self._input_bytes))
        return documents

    def parse_json(self, source: Source) -> Any:
        """The value of a JSON text; ``duplicate_keys`` and the limits hold."""
        return self._parser.parse_json(*_read(source, self._input_bytes))

    def parse_ndjson(self, source: Source) -> Iterator[Any]:
        """The values of a text with one JSON value on each line; blank lines are skipped."""
        values: Iterator[Any] = self._parser.parse_ndjson(*_read(source, self._input_bytes))
        return values

    def parse_located(self, source: Source, *, json: bool = False) -> Located:
        """The value of a YAML document, or of a JSON text, and where each part of it stands."""
        text, name = _read(source, self._input_bytes)
        return Located(*self._parser.parse_located(text, Location, name, json))

    def dump_yaml(self, value: Any) -> str:
        """YAML text that readers of YAML 1.1 and 1.2 take for the same value.

        Blocks of two spaces; text in quotes where a reader could take it for something else,
        and as a literal block where it has several lines. Takes what the parser gives, and
        tuples, sets, bytes, dates. Raises ConfigError for other values, and for cycles.
        """
        text: str = self._parser.dump_yaml(value)
        return text

    def dump_yaml_all(self, values: Iterable[Any]) -> str:
        """The same for several documents, each begun with ``---``."""
        text: str = self._parser.dump_yaml_all(values)
        return text

    def dump_json(self, value: Any, *, indent: int | None = None, sort_keys: bool = False) -> str:
        """JSON text of a value, on one line or indented, without a line's end.

        Tuples are arrays; keys that are numbers, booleans or None become text, as in Python's
        ``json``. Raises ConfigError, whose message has the JSON Pointer of the place, for what
        JSON has no form for: NaN and infinities, dates, bytes, sets, keys that are collections,
        keys that become the same text, lone surrogates, and for cycles.
        """
        return config_json.dumps(value, indent=indent, sort_keys=sort_keys)


def _read(source: Source, limit: int | None) -> tuple[str | bytes, str]:
    """The text or bytes of a source, and its name. No more than ``limit`` bytes of a file."""
    if isinstance(source, str):
        _check_text(source)
        return source, ""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    name = os.fspath(source)
    most = _INPUT_BYTES if limit is None else limit
    parts = []
    with open(name, "rb") as file:
        # At once if it has a size, else in pieces; one byte past the limit, which the parser
        # then tells. Not all that can be read has an end.
        piece = max(os.fstat(file.fileno()).st_size + 1, _PIECE)
        while most >= 0 and (part := file.read(min(most + 1, piece))):
            parts.append(part)
            most -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts), name


def _check_text(text: str) -> None:
    """A half of a surrogate pair is no character, though a str may hold one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        before = text[: error.start].replace("\r\n", "\n").replace("\r", "\n")
        line = before.count("\n") + 1
        code = ord(text[error.start])
    else:
        return
    column = len(before) - before.rfind("\n")
    message = f"character U+{code:04X} is not allowed here"
    raise ConfigError(message, "", line, column, hint="decode the text anew: it is half a pair")
