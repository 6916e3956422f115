"""YAML, JSON, NDJSON and TOML into each other, in the order of the keys.

Native only: without the Rust engine ``convert`` raises EngineError.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from code_ops import _engine

__all__ = ["FORMATS", "Source", "convert", "format_of"]

FORMATS = ("yaml", "json", "ndjson", "toml")
_ENDINGS = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".toml": "toml",
}
_COMPRESSED = (".gz", ".zst")

Source = str | os.PathLike[str] | bytes
"""A file's path, compressed or not, or bytes."""


def format_of(path: str | os.PathLike[str]) -> str | None:
    """The format that a file's name tells, also with ``.gz`` or ``.zst``; None for other names."""
    stem, ending = os.path.splitext(os.fspath(path).lower())
    if ending in _COMPRESSED:
        ending = os.path.splitext(stem)[1]
    return _ENDINGS.get(ending)


def convert(
    source: Source | Sequence[Source],
    to: str,
    *,
    from_: str | None = None,
    indent: int = 2,
    document: int | None = None,
    array: bool = False,
    merge_keys: str = "keep",
    special_floats: str = "error",
    drop_nulls: bool = False,
    name: str | None = None,
) -> bytes:
    """The documents of one source or of several, as UTF-8 text in the format ``to``.

    The formats are ``yaml``, ``json``, ``ndjson`` and ``toml``; ``from_`` is told by the file's
    name, else it is ``yaml``, which reads JSON too. JSON has ``indent`` spaces for each level, 0
    for one line. Of several documents ``json`` and ``toml`` want one (``document``, from 1), or
    one array of all (``array``). ``merge_keys`` is ``apply`` or ``keep``. Infinities and NaN are an
    ``error`` in JSON, ``null`` or a ``string`` by ``special_floats``; keys whose value is null are
    left out of TOML by ``drop_nulls``. ``name`` stands for bytes in errors.

    Raises ConfigError for text that cannot be read or has no form in the other format, with the
    place; OSError for files; ValueError for options.
    """
    native = _engine.native("config convert needs the rust engine").config_convert
    sources = [source] if isinstance(source, str | bytes | os.PathLike) else source
    named = [_named(one, from_, name) for one in sources]
    converted: bytes = native(
        named,
        to,
        indent=indent,
        document=document,
        array=array,
        merge_keys=merge_keys,
        special_floats=special_floats,
        drop_nulls=drop_nulls,
    )
    return converted


def _named(
    source: Source, format_name: str | None, name: str | None
) -> tuple[str | bytes, str, str]:
    """What the native function takes for a source: itself, its name and its format."""
    if isinstance(source, bytes):
        return source, name or "", format_name or "yaml"
    path = os.fspath(source)
    return path, path, format_name or format_of(path) or "yaml"
