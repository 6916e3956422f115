"""Values in YAML and JSON files by their paths: read, queried, and changed in place.

Native only: without the Rust engine every function here raises EngineError.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from code_ops import _engine
from code_ops.errors import ConfigMissingError

__all__ = ["Changed", "Found", "Hit", "delete_value", "get", "get_values", "query", "set_value"]

_JSON_ENDINGS = (".json", ".json.gz", ".json.zst")


@dataclass(frozen=True, slots=True)
class Found:
    """The value of a path: its text, its document from 1, and where it begins."""

    text: str
    document: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that a query selects."""

    document: int
    path: str
    """Its normalized path (RFC 9535)."""
    json: str
    text: str | None
    """The text of a string, None for other values."""
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What ``set_value`` did: a unified diff's hunk, empty when the value was there already."""

    difference: str
    document: int
    line: int
    text: bytes | None = None
    """The changed text, when it was asked for or came from bytes."""


def get(path: str | os.PathLike[str] | bytes, *paths: str, **options: Any) -> str:
    """The text of the value at the first of the paths that has one.

    Takes the options of ``get_values``. Raises ConfigMissingError when none has.
    """
    found = get_values(path, paths, **options)
    for value in found:
        if isinstance(value, Found):
            return value.text
    missing = found[0] if found else ConfigMissingError("no path was given")
    assert isinstance(missing, ConfigMissingError)  # noqa: S101 - the others were returned
    raise missing


def get_values(
    source: str | os.PathLike[str] | bytes,
    paths: Sequence[str],
    *,
    form: str = "raw",
    document: int | None = None,
    merge_keys: str = "keep",
    json: bool | None = None,
    name: str | None = None,
) -> list[Found | ConfigMissingError]:
    """For each path its value, or the error that says where it ends.

    ``source`` is a file's path, compressed or not, or bytes. ``form`` is ``raw`` (a scalar's
    text, a collection as it stands), ``source`` or ``json``. Without ``document`` (from 1) one
    document must have the path. Raises ConfigError for texts that cannot be read, and when
    several documents have a path; ConfigRequestError for paths; OSError for files.
    """
    native, given, name, is_json = _prepared("config_get", source, json, name)
    found = native(
        given,
        list(paths),
        name=name,
        json=is_json,
        form=form,
        document=document,
        merge_keys=merge_keys,
    )
    return [Found(*value) if isinstance(value, tuple) else value for value in found]


def query(
    source: str | os.PathLike[str] | bytes,
    expression: str,
    *,
    document: int | None = None,
    merge_keys: str = "keep",
    json: bool | None = None,
    name: str | None = None,
) -> list[Hit]:
    """The values that a JSONPath (RFC 9535) or a JSON Pointer selects, over all documents.

    Raises as ``get_values`` does.
    """
    native, given, name, is_json = _prepared("config_query", source, json, name)
    hits = native(
        given, expression, name=name, json=is_json, document=document, merge_keys=merge_keys
    )
    return [Hit(*hit) for hit in hits]


def set_value(
    source: str | os.PathLike[str] | bytes,
    path: str,
    value: str,
    *,
    value_type: str = "auto",
    create: bool = False,
    document: int | None = None,
    keep: str = "write",
    json: bool | None = None,
    name: str | None = None,
) -> Changed:
    """Changes the bytes of one value, and nothing else.

    ``value_type`` is ``auto``, ``string``, ``int``, ``float``, ``bool``, ``null`` or ``json``.
    ``create`` makes parents that are not there. ``keep`` says what becomes of the text: ``write``
    replaces the file at once or not at all, ``return`` returns it, ``drop`` only tells the
    difference. Raises ConfigMissingError for a path without a parent, ConfigChangeError when the
    result, read again, is not as wanted, and as ``get_values`` does.
    """
    native, given, name, is_json = _prepared("config_set", source, json, name)
    if isinstance(given, bytes) and keep == "write":
        keep = "return"
    changed = native(
        given,
        path,
        value,
        name=name,
        json=is_json,
        value_type=value_type,
        create=create,
        document=document,
        keep=keep,
    )
    return Changed(*changed)


def delete_value(
    source: str | os.PathLike[str] | bytes,
    path: str,
    *,
    document: int | None = None,
    keep: str = "write",
    json: bool | None = None,
    name: str | None = None,
) -> Changed:
    """Removes an entry with its lines and the comments on and directly above them.

    The last entry leaves empty brackets. Takes and raises what ``set_value`` does.
    """
    native, given, name, is_json = _prepared("config_set", source, json, name)
    if isinstance(given, bytes) and keep == "write":
        keep = "return"
    changed = native(
        given, path, "", name=name, json=is_json, delete=True, document=document, keep=keep
    )
    return Changed(*changed)


def _prepared(
    call: str, source: str | os.PathLike[str] | bytes, json: bool | None, name: str | None
) -> tuple[Any, Any, str, bool]:
    """The native function, what it takes, and the source's name and form."""
    module = _engine.native(f"{call.replace('_', ' ')} needs the rust engine")
    native = getattr(module, call)
    if isinstance(source, bytes):
        return native, source, name or "", bool(json)
    path = os.fspath(source)
    is_json = is_json_name(path) if json is None else json
    return native, path, path if name is None else name, is_json


def is_json_name(path: str) -> bool:
    """Whether a file's name says JSON, compressed or not."""
    return path.lower().endswith(_JSON_ENDINGS)
