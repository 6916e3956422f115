"""YAML and JSON in one style: layout anew, everything else as it is.

Native only: without the Rust engine every function here raises EngineError.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from code_ops import _engine

__all__ = ["FormattedFile", "format_files", "format_text"]


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file, whether its style was another one, and why it could not be read or written.

    ``line`` and ``column`` of the error count from 1, and are 0 where it has no place.
    """

    path: str
    is_changed: bool
    error: str | None = None
    line: int = 0
    column: int = 0


def format_text(
    text: str | bytes,
    *,
    json: bool = False,
    name: str = "",
    indent: int = 2,
    sequences: str = "indent",
) -> bytes:
    """The text in UTF-8 with one indentation, single spaces and at most one empty line.

    Comments, quotes, anchors, tags and the order of keys stay; brackets stay on one line or on
    several. ``indent`` is 2 to 8 spaces. ``sequences`` in mappings are ``indent``-ed or
    ``flush`` with their key. The result is read again: it says the same. Raises ConfigError for
    texts that cannot be read or are not in UTF-8.
    """
    data = text.encode() if isinstance(text, str) else text
    formatted: bytes = _native().format_text(
        data, name=name, json=json, indent=indent, sequences=sequences
    )
    return formatted


def format_files(
    paths: Sequence[str | os.PathLike[str]],
    *,
    write: bool = True,
    indent: int = 2,
    sequences: str = "indent",
) -> list[FormattedFile]:
    """Formats files, and those of folders that git would know and whose names say YAML or JSON.

    Each file is replaced at once or not at all. Without ``write`` it is only told which would
    change. Takes the options of ``format_text``.
    """
    rows = _native().format_files(
        [os.fspath(path) for path in paths], write=write, indent=indent, sequences=sequences
    )
    return [
        FormattedFile(os.fspath(path), changed, *(failure or ())) for path, changed, failure in rows
    ]


def _native() -> Any:
    return _engine.native("formatting needs the rust engine, see `code-ops doctor`")
