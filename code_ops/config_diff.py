"""What is different in two YAML or JSON texts, by their structure.

Native only: without the Rust engine every function here raises EngineError.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from code_ops import _engine
from code_ops.config_access import is_json_name

__all__ = ["Change", "Side", "Source", "diff", "patch"]

Source: TypeAlias = str | os.PathLike[str] | bytes


@dataclass(frozen=True, slots=True)
class Side:
    """A value in one of the texts; its document, line and column count from 1."""

    document: int
    pointer: str
    """JSON Pointer (RFC 6901)."""
    json: str
    text: str | None
    """The text of a string, None for other values."""
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Change:
    """A difference: ``kind`` is added, removed, changed, moved or renamed."""

    kind: str
    document: str | None
    """What the document is called, None when there is one without a name."""
    path: str
    """As ``config get`` reads it; ``.`` is the document."""
    new_path: str | None
    """Of what was renamed."""
    old: Side | None
    new: Side | None


def diff(
    old: Source,
    new: Source,
    *,
    ignore_order: bool = False,
    ignore: Sequence[str] = (),
    document: int | None = None,
    merge_keys: str = "keep",
    json: bool | None = None,
    names: tuple[str, str] | None = None,
) -> list[Change]:
    """The differences, document by document in the order of the first text.

    Sources are files' paths, compressed or not, or bytes. The order of keys, comments, style
    and the way in which a number is written do not count. Entries of lists go by ``name``,
    ``id`` or ``key`` where all entries of both lists have one, else equal entries go together;
    documents of Kubernetes go by group, kind, namespace and name. ``ignore`` has paths whose
    values do not count, with ``*`` for every key or entry. With ``ignore_order`` places in lists
    do not count. ``document`` (from 1) compares that one alone.

    Raises ConfigError for texts that cannot be read, ConfigRequestError for paths,
    ConfigMissingError for a document that is not there, OSError for files.
    """
    rows = _native().config_diff(
        *_prepared(old, new, json, names),
        ignore_order=ignore_order,
        ignore=list(ignore),
        document=document,
        merge_keys=merge_keys,
    )
    return [
        Change(kind, name, path, new_path, old and Side(*old), new and Side(*new))
        for kind, name, path, new_path, old, new in rows
    ]


def patch(
    old: Source,
    new: Source,
    *,
    document: int | None = None,
    merge_keys: str = "keep",
    json: bool | None = None,
    names: tuple[str, str] | None = None,
) -> str:
    """A JSON Patch (RFC 6902) that makes the value of one document the other's, on one line.

    Raises as ``diff`` does, and ConfigRequestError for several documents without ``document``.
    """
    operations: str = _native().config_patch(
        *_prepared(old, new, json, names), document=document, merge_keys=merge_keys
    )
    return operations


def _prepared(
    old: Source, new: Source, json: bool | None, names: tuple[str, str] | None
) -> list[tuple[Any, str, bool]]:
    prepared: list[tuple[Any, str, bool]] = []
    for number, source in enumerate((old, new)):
        if isinstance(source, bytes):
            prepared.append((source, names[number] if names else "", bool(json)))
        else:
            path = os.fspath(source)
            is_json = is_json_name(path) if json is None else json
            prepared.append((path, names[number] if names else path, is_json))
    return prepared


def _native() -> Any:
    return _engine.native("comparing needs the rust engine, see `code-ops doctor`")
