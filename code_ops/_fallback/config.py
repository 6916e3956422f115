"""``ConfigParser`` in pure Python: the same results as the native engine, on ruamel.yaml.

Owns options, encodings and places of errors. What ruamel.yaml reads in another way than the
specification stays as ruamel.yaml has it.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from code_ops._fallback import config_emit, config_events, config_json
from code_ops._fallback.config_build import Builder, Options, TextError
from code_ops.errors import ConfigError

_MOST = 2**63 - 1
_NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BREAK = re.compile(r"\r\n|\r|\n")
_CHOICES = {
    "schema": ("core", "json", "failsafe", "yaml11"),
    "duplicate_keys": ("error", "last", "first"),
    "merge_keys": ("auto", "apply", "keep"),
    "timestamps": ("auto", "text", "datetime"),
    "tags": ("ignore", "error", "keep"),
}
_LIMITS = {
    "max_depth": (1_000, 100_000),
    "max_alias_nodes": (1_000_000, _MOST),
    "max_scalar_bytes": (256 << 20, _MOST),
    "max_input_bytes": (4 << 30, _MOST),
    "max_integer_digits": (1_000_000, _MOST),
}


class ConfigParser:
    """Reads YAML and JSON; see ``code_ops.config.ConfigParser`` for the options."""

    def __init__(self, **options: Any) -> None:
        given = {name: options.pop(name, names[0]) for name, names in _CHOICES.items()}
        for name, names in _CHOICES.items():
            if given[name] not in names:
                raise ValueError(f"{name} '{given[name]}' is not one of {', '.join(names)}")
        limits = {
            name: _limit(name, options.pop(name, None), default, most)
            for name, (default, most) in _LIMITS.items()
        }
        if options:
            raise TypeError(f"unexpected keyword argument {next(iter(options))!r}")
        is_yaml11 = given["schema"] == "yaml11"
        shared = {
            "depth": limits["max_depth"],
            "alias_nodes": limits["max_alias_nodes"],
            "scalar_bytes": limits["max_scalar_bytes"],
            "input_bytes": limits["max_input_bytes"],
            "integer_digits": limits["max_integer_digits"],
            "duplicate_keys": given["duplicate_keys"],
            "tags": given["tags"],
        }
        self._options = Options(
            schema=given["schema"],
            merges=given["merge_keys"] == "apply" or (given["merge_keys"] == "auto" and is_yaml11),
            datetimes=given["timestamps"] == "datetime"
            or (given["timestamps"] == "auto" and is_yaml11),
            **shared,
        )
        self._json_options = Options(schema="json", merges=False, datetimes=False, **shared)

    def parse_yaml(self, text: str | bytes, name: str = "") -> Any:
        """The value of a stream of one document; None when there is none."""
        return self._single(_Text(text, name, self._options))

    def parse_yaml_all(self, text: str | bytes, name: str = "") -> Iterator[Any]:
        """The documents of a stream, one after another."""
        return self._documents(_Text(text, name, self._options))

    def parse_json(self, text: str | bytes, name: str = "") -> Any:
        """The value of a JSON text."""
        return self._json(_Text(text, name, self._json_options), None)

    def parse_ndjson(self, text: str | bytes, name: str = "") -> Iterator[Any]:
        """The values of a text with one JSON value on each line, one after another."""
        return self._lines(_Text(text, name, self._json_options))

    def parse_located(
        self,
        text: str | bytes,
        location: Callable[[int, int, int | None, int | None], Any],
        name: str = "",
        json: bool = False,
    ) -> tuple[Any, dict[tuple[Any, ...], Any]]:
        """The value of a document, and line and column of each key and value by its path."""
        source = _Text(text, name, self._json_options if json else self._options)
        found: dict[tuple[Any, ...], Any] = {}

        def note(path: tuple[Any, ...], at: int, key_at: int | None) -> None:
            key = (None, None) if key_at is None else source.position(key_at)
            found[path] = location(*source.position(at), *key)

        value = self._json(source, note) if json else self._single(source, note)
        return value, found

    @staticmethod
    def dump_yaml(value: Any) -> str:
        """YAML text of a value."""
        return config_emit.dump([value], is_stream=False)

    @staticmethod
    def dump_yaml_all(values: Iterable[Any]) -> str:
        """YAML text of several documents."""
        return config_emit.dump(values, is_stream=True)

    def _json(self, source: _Text, note: Any) -> Any:
        return self._json_part(source, 0, len(source.text), note)

    def _json_part(self, source: _Text, start: int, end: int, note: Any) -> Any:
        builder = Builder(self._json_options, note)
        with source:
            for event in config_json.events(source.text, start, end, self._json_options.depth):
                builder.event(event)
        return builder.root

    def _lines(self, source: _Text) -> Iterator[Any]:
        start = 0
        while start < len(source.text):
            end = source.text.find("\n", start)
            end = len(source.text) if end < 0 else end
            if source.text[start:end].strip(" \t\r\f"):
                yield self._json_part(source, start, end, None)
            start = end + 1

    def _single(self, source: _Text, note: Any = None) -> Any:
        builder: Builder | None = None
        with source:
            for event in config_events.events(source.text):
                if event.kind == "document":
                    if builder is not None:
                        hint = "read a stream of several with `parse_yaml_all`"
                        raise TextError("a second document", event.at, hint)
                    builder = Builder(self._options, note)
                elif builder is not None:
                    builder.event(event)
        return builder.root if builder is not None else None

    def _documents(self, source: _Text) -> Iterator[Any]:
        builder: Builder | None = None
        events = config_events.events(source.text)
        while True:
            with source:
                event = next(events, None)
                if event is not None and event.kind not in ("document", "close"):
                    if builder is not None:
                        builder.event(event)
                    continue
            if event is None:
                return
            if event.kind == "document":
                builder = Builder(self._options)
            elif builder is not None:
                yield builder.root


class _Text:
    """A text and its name; as a context it gives problems their place."""

    def __init__(self, text: str | bytes, name: str, options: Options) -> None:
        self.name = name
        self.text = ""
        size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "strict"))
        if size > options.input_bytes:
            limit = options.input_bytes
            hint = "raise the limit if the input is to be trusted"
            raise self.error(
                TextError(f"input is longer than {limit} bytes (limit input_bytes)", 0, hint)
            )
        self.text = (self._decode(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
        if match := _NOT_ALLOWED.search(self.text):
            message = f"character U+{ord(match[0]):04X} is not allowed here"
            hint = "write it as an escape in double quotes"
            raise self.error(TextError(message, match.start(), hint))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, TextError):
            raise self.error(error) from None

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]

    def position(self, at: int) -> tuple[int, int]:
        """Line and column of an index."""
        line = bisect.bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def error(self, problem: TextError) -> ConfigError:
        """The problem with its place and the line there."""
        line, column = self.position(problem.at)
        start = self._starts[line - 1]
        match = _BREAK.search(self.text, start)
        whole = self.text[start : match.start() if match else len(self.text)]
        skipped = max(0, column - 60)
        excerpt = whole[skipped : skipped + 120]
        return ConfigError(problem.message, self.name, line, column, excerpt, problem.hint)

    def _decode(self, data: bytes) -> str:
        encoding = _encoding(data)
        codec = encoding.removeprefix("UTF-").lower().replace("8", "utf-8")
        codec = {"16be": "utf-16-be", "16le": "utf-16-le", "32be": "utf-32-be"}.get(codec, codec)
        codec = {"32le": "utf-32-le"}.get(codec, codec)
        try:
            return data.decode(codec)
        except UnicodeDecodeError as error:
            self.text = data[: error.start].decode(codec).removeprefix("\ufeff")
            message = f"invalid {encoding} at byte {error.start}"
            problem = TextError(message, len(self.text), "save the file as UTF-8")
            raise self.error(problem) from None


def _encoding(data: bytes) -> str:
    """By the mark, or by where the first character has its NULs (YAML 1.2.2, section 5.2)."""
    marks = (
        (b"\x00\x00\xfe\xff", "UTF-32BE"),
        (b"\xff\xfe\x00\x00", "UTF-32LE"),
        (b"\xfe\xff", "UTF-16BE"),
        (b"\xff\xfe", "UTF-16LE"),
    )
    for mark, encoding in marks:
        if data.startswith(mark):
            return encoding
    start = data[:4]
    if start[:3] == b"\0\0\0" and len(start) == 4:
        return "UTF-32BE"
    if start[1:] == b"\0\0\0":
        return "UTF-32LE"
    if len(start) > 1 and 0 in start[:2]:
        return "UTF-16BE" if start[0] == 0 else "UTF-16LE"
    return "UTF-8"


def _limit(name: str, value: Any, default: int, most: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer")
    if not 1 <= int(value) <= most:
        raise ValueError(f"{name} {value} is out of range 1-{most}")
    return int(value)
