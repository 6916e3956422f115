"""YAML and JSON texts over one another, with the comments and the style of both.

Native only: without the Rust engine ``merge`` raises EngineError.
"""

from __future__ import annotations

import os

from code_ops import _engine
from code_ops.config_access import is_json_name

__all__ = ["merge"]


def merge(
    base: str | os.PathLike[str] | bytes,
    *overlays: str | os.PathLike[str] | bytes,
    lists: str = "replace",
    nulls: str = "keep",
    json: bool | None = None,
    indent: int = 2,
    sequences: str = "indent",
) -> bytes:
    """The text of the base with the overlays over it, one after another.

    A source is a file's path, compressed or not, or bytes. Mappings are merged deeply. ``lists``
    says what becomes of lists that both have: ``replace``, ``append``, ``union`` (what is not
    there yet comes behind) or ``match`` (entries with the same ``name``, ``id`` or ``key`` are
    merged). ``nulls`` of an overlay ``keep`` their place as values or ``delete`` the key
    (RFC 7396). Documents of Kubernetes are matched by group, kind, namespace and name, others by
    their order. ``json`` says whether bytes are JSON, and overrides the names of files.

    Raises ConfigError for a text that is broken or has a key twice, and past a limit of aliases;
    ConfigRequestError for YAML over JSON; OSError for files.
    """
    native = _engine.native("merging needs the rust engine, see `code-ops doctor`")
    sources: list[tuple[str | bytes, str, bool]] = []
    for source in (base, *overlays):
        if isinstance(source, bytes):
            sources.append((source, "", bool(json)))
        else:
            path = os.fspath(source)
            sources.append((path, path, is_json_name(path) if json is None else json))
    merged: bytes = native.config_merge(
        sources, lists=lists, nulls=nulls, indent=indent, sequences=sequences
    )
    return merged
