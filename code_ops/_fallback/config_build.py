"""Python objects from ruamel.yaml's events: the rules of the native engine, one document."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from code_ops._fallback.config_resolve import TEXT, TooLongError, resolve, timestamp

_CORE = "tag:yaml.org,2002:"
_COLLECTIONS = ("seq", "map", "set", "omap", "pairs")
_STANDARD = (
    *_COLLECTIONS,
    *("str", "null", "bool", "int", "float", "timestamp", "binary", "value", "merge"),
)
_KEY_DEPTH = 100
_NODES = ("scalar", "mapping", "sequence", "alias")
_NOTHING: Any = object()


class Event(NamedTuple):
    """A step of the parser: ``scalar``, ``mapping``, ``sequence``, ``end`` or ``alias``."""

    kind: str
    at: int
    """Characters of the text before it."""
    value: str = ""
    is_plain: bool = False
    anchor: str | None = None
    tag: str | None = None


class TextError(Exception):
    """What is wrong, with a hint, at an index of the text."""

    def __init__(self, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.at, self.hint = message, at, hint


@dataclass(frozen=True)
class Options:
    """What the parser's options come to."""

    schema: str
    duplicate_keys: str
    merges: bool
    datetimes: bool
    tags: str
    depth: int
    alias_nodes: int
    scalar_bytes: int
    input_bytes: int
    integer_digits: int


@dataclass
class _Frame:
    value: Any
    event: Event
    nodes_before: int
    anchor_number: int
    key: Any = _NOTHING
    key_at: int = 0
    merging: bool = False
    merges: list[Any] | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is _NOTHING and not self.merging


class Builder:
    """Takes the events of one document; ``root`` is its value then.

    ``note``, if given, is called with the path and index of each value, and the index of its key.
    """

    def __init__(
        self,
        options: Options,
        note: Callable[[tuple[Any, ...], int, int | None], None] | None = None,
    ) -> None:
        self.root: Any = None
        self._options = options
        self._note = note
        self._frames: list[_Frame] = []
        # A number while the collection is open, then its value and its nodes.
        self._anchors: dict[str, int | tuple[Any, int]] = {}
        self._nodes = self._expanded = self._opened = 0

    def event(self, event: Event) -> None:
        """Takes the next event. Raises TextError."""
        if event.kind in _NODES:
            if self._frames and self._frames[-1].wants_key:
                self._frames[-1].key_at = event.at
            elif self._note is not None:
                self._place(event.at, self._note)
        match event.kind:
            case "scalar":
                self._scalar(event)
            case "mapping":
                self._start({}, event)
            case "sequence":
                self._start([], event)
            case "end":
                self._end()
            case "alias":
                self._alias(event)

    def _place(self, at: int, note: Callable[[tuple[Any, ...], int, int | None], None]) -> None:
        if any(outer.wants_key for outer in self._frames):
            return
        path = tuple(
            len(each.value) if isinstance(each.value, list) else "<<" if each.merging else each.key
            for each in self._frames
        )
        frame = self._frames[-1] if self._frames else None
        is_pair = frame is not None and isinstance(frame.value, dict)
        note(path, at, frame.key_at if frame and is_pair else None)

    def _scalar(self, event: Event) -> None:
        self._nodes += 1
        options, text, at = self._options, event.value, event.at
        if len(text) > options.scalar_bytes or len(text.encode()) > options.scalar_bytes:
            limit = options.scalar_bytes
            hint = "raise the limit if the input is to be trusted"
            raise TextError(f"scalar is longer than {limit} bytes (limit scalar_bytes)", at, hint)
        is_plain, tag = event.is_plain, event.tag
        is_merge = is_plain and text == "<<" and tag is None
        if (is_merge or tag == f"{_CORE}merge") and self._starts_merge():
            if event.anchor:
                self._anchors[event.anchor] = (text, 1)
            return
        if tag is None:
            value = self._plain(text, at) if is_plain else text
        else:
            value = self._tagged_scalar(tag, text, at)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, at)

    def _starts_merge(self) -> bool:
        frame = self._frames[-1] if self._frames else None
        if frame is None or not self._options.merges or not frame.wants_key:
            return False
        if frame.merges is None:
            frame.merges = []
        frame.merging = True
        return True

    def _resolve(self, text: str, schema: str, at: int) -> Any:
        try:
            return resolve(text, schema, self._options.integer_digits)
        except TooLongError:
            limit = self._options.integer_digits
            message = f"integer is longer than {limit} digits (limit integer_digits)"
            raise TextError(message, at) from None

    def _plain(self, text: str, at: int) -> Any:
        value = self._resolve(text, self._options.schema, at)
        if value is not TEXT:
            return value
        if self._options.schema == "json":
            message = f"`{shortened(text)}` is no value of the JSON schema"
            raise TextError(message, at, "write text in quotes")
        return self._date(text) or text

    def _date(self, text: str) -> Any:
        return timestamp(text) if self._options.datetimes else None

    def _tagged_scalar(self, tag: str, text: str, at: int) -> Any:
        options = self._options
        name = tag.removeprefix(_CORE) if tag.startswith(_CORE) else None
        yaml11 = options.schema == "yaml11"
        kinds = {"null": type(None), "bool": bool, "int": int, "float": float}
        if name in kinds:
            value = self._resolve(text, "yaml11" if yaml11 else "core", at)
            if name == "float" and type(value) is int and text.lstrip("+-")[:2] not in ("0x", "0o"):
                value = float(text.replace("_", ""))
            if type(value) is not kinds[name]:
                raise TextError(f"`{shortened(text)}` is not of its tag `!!{name}`", at)
            return value
        if name == "timestamp" and options.datetimes:
            date = timestamp(text)
            if date is None:
                raise TextError(f"`{shortened(text)}` is not of its tag `!!{name}`", at)
            return date
        if name == "binary" and yaml11:
            try:
                return base64.decodebytes(text.encode("ascii"))
            except (ValueError, binascii.Error):
                raise TextError("`!!binary` is not followed by base 64", at) from None
        if name in _COLLECTIONS:
            raise TextError(f"tag `!!{name}` is not for a scalar", at)
        return text if name in _STANDARD or tag == "!" else self._unknown(tag, text, at)

    def _unknown(self, tag: str, value: Any, at: int) -> Any:
        if self._options.tags == "error":
            hint = "choose `ignore` or `keep` for tags"
            raise TextError(f"unknown tag `{shortened(tag)}`", at, hint)
        if self._options.tags == "keep":
            from code_ops.config import Tagged

            return Tagged(tag, value)
        return value

    def _start(self, value: Any, event: Event) -> None:
        if len(self._frames) >= self._options.depth:
            limit = self._options.depth
            message = f"collections are nested deeper than {limit} (limit depth)"
            hint = "raise the limit if the input is to be trusted"
            raise TextError(message, event.at, hint)
        self._opened += 1
        if event.anchor:
            self._anchors[event.anchor] = self._opened
        self._frames.append(_Frame(value, event, self._nodes, self._opened))
        self._nodes += 1

    def _end(self) -> None:
        frame = self._frames.pop()
        event, value = frame.event, frame.value
        if frame.merges:
            value = _merged(value, frame.merges)
        if event.tag is not None:
            value = self._tagged_collection(event.tag, value, event.at)
        if event.anchor and self._anchors.get(event.anchor) == frame.anchor_number:
            self._anchors[event.anchor] = (value, self._nodes - frame.nodes_before)
        self._put_collection(value, event.at)

    def _tagged_collection(self, tag: str, value: Any, at: int) -> Any:
        name = tag.removeprefix(_CORE) if tag.startswith(_CORE) else None
        is_mapping = isinstance(value, dict)
        if name in (("map", "set") if is_mapping else ("seq", "omap", "pairs")):
            if self._options.schema != "yaml11" or name in ("map", "seq"):
                return value
            return set(value) if name == "set" else _pairs(value, at)
        if name in _STANDARD:
            kind = "mapping" if is_mapping else "sequence"
            raise TextError(f"tag `!!{name}` is not for a {kind}", at)
        return value if tag == "!" else self._unknown(tag, value, at)

    def _alias(self, event: Event) -> None:
        known = self._anchors.get(event.value)
        if known is None:
            message = f"alias `*{event.value}` has no anchor before it in this document"
            raise TextError(message, event.at)
        if isinstance(known, int):
            message = f"alias `*{event.value}` stands inside what it names"
            raise TextError(message, event.at, "a value cannot contain itself")
        value, nodes = known
        self._nodes += nodes
        self._expanded += nodes
        if self._expanded > self._options.alias_nodes:
            limit = self._options.alias_nodes
            message = f"aliases stand for more than {limit} nodes (limit alias_nodes)"
            hint = "raise the limit if the input is to be trusted"
            raise TextError(message, event.at, hint)
        self._put_collection(value, event.at)

    def _put_collection(self, value: Any, at: int) -> None:
        if self._frames and self._frames[-1].wants_key:
            value = frozen(value, at)
        self._put(value, at)

    def _put(self, value: Any, at: int) -> None:
        if not self._frames:
            self.root = value
            return
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.merging:
            _check_merge(value, at)
            frame.merging = False
            if frame.merges is not None:
                frame.merges.append(value)
        elif frame.key is _NOTHING:
            frame.key = value
        else:
            self._insert(frame, value)

    def _insert(self, frame: _Frame, value: Any) -> None:
        key, frame.key = frame.key, _NOTHING
        try:
            if key not in frame.value or self._options.duplicate_keys == "last":
                frame.value[key] = value
            elif self._options.duplicate_keys == "error":
                hint = "remove one, or choose `last` or `first` for duplicate keys"
                message = f"key `{shortened(str(key))}` stands twice in this mapping"
                raise TextError(message, frame.key_at, hint)
        except RecursionError:
            # Python compares and writes them down the machine's stack.
            raise TextError("keys are nested too deep in keys", frame.key_at) from None


def shortened(text: str) -> str:
    """At most 60 characters, for a message."""
    return text if len(text) <= 60 else text[:60] + "…"


def frozen(value: Any, at: int, depth: int = 0) -> Any:
    """A list as a tuple, a dict as a frozenset of pairs, a set as one, all the way down."""
    if depth > _KEY_DEPTH:
        raise TextError("a key is nested deeper than 100", at)
    if isinstance(value, list | tuple):
        return tuple(frozen(item, at, depth + 1) for item in value)
    if isinstance(value, dict):
        return frozenset((key, frozen(item, at, depth + 1)) for key, item in value.items())
    if isinstance(value, set):
        return frozenset(value)
    if type(value).__name__ == "Tagged":
        return dataclasses.replace(value, value=frozen(value.value, at, depth + 1))
    return value


def _check_merge(value: Any, at: int) -> None:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in values):
        raise TextError("`<<` takes a mapping or a list of mappings", at)


def _merged(own: dict[Any, Any], merges: Iterable[Any]) -> dict[Any, Any]:
    """The keys that ``<<`` brings, then the mapping's own, which win. Of a list the first wins."""
    merged: dict[Any, Any] = {}
    for merge in merges:
        for item in reversed(merge) if isinstance(merge, list) else (merge,):
            merged.update(item)
    return merged | own


def _pairs(items: list[Any], at: int) -> list[tuple[Any, Any]]:
    if not all(isinstance(item, dict) and len(item) == 1 for item in items):
        raise TextError("`!!omap` and `!!pairs` take mappings of one key", at)
    return [next(iter(item.items())) for item in items]
