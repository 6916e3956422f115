"""Whether files are YAML and JSON, and what a schema or custom resource definitions say of them.

The native engine only: it reads many files at once on all cores and builds no Python objects.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from code_ops import _engine
from code_ops.config import Schema

__all__ = ["FileReport", "Problem", "check", "find_schema"]

_SCHEMA_ENDINGS = ("", ".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be. Lines and columns count from 1, in characters."""

    path: str
    line: int
    column: int
    level: str
    """``error`` or ``warning``."""
    rule: str
    """``syntax``, ``encoding``, ``duplicate-key``, ``alias``, ``limit``, ``json``, ``schema``; of
    ``lint`` the rule's name."""
    message: str
    hint: str | None = None
    end_line: int | None = None
    end_column: int | None = None
    excerpt: str = ""
    """The line around the place, at most 120 characters."""
    excerpt_column: int = 1
    """The column of the place within the excerpt."""
    instance_path: str | None = None
    """JSON Pointer of the value that a schema refuses."""
    schema_path: str | None = None
    """JSON Pointer of the rule in the schema."""

    @classmethod
    def from_row(
        cls,
        path: str,
        rule: str,
        level: str,
        message: str,
        start: tuple[int, int],
        end: tuple[int, int] | None,
        hint: str | None,
        excerpt: tuple[str, int],
        instance_path: str | None,
        schema_path: str | None,
    ) -> Problem:
        """A problem as the native engine gives it."""
        return cls(
            path=path,
            line=start[0],
            column=start[1],
            level=level,
            rule=rule,
            message=message,
            hint=hint,
            end_line=end[0] if end else None,
            end_column=end[1] if end else None,
            excerpt=excerpt[0],
            excerpt_column=excerpt[1],
            instance_path=instance_path,
            schema_path=schema_path,
        )


@dataclass(frozen=True, slots=True)
class FileReport:
    """All that is known of one file."""

    path: str
    bytes: int
    """Of the text, decompressed."""
    documents: int
    problems: list[Problem] = field(default_factory=list)
    unreadable: str | None = None
    """Why it was not read; None when it was."""
    unknown_kinds: list[str] = field(default_factory=list)
    """Documents of kinds without a definition, where definitions were given."""
    unjudged_rules: int = 0
    """Rules of definitions, in CEL, that only a server judges."""
    more_problems: int = 0
    """Problems beyond the 10,000 that are told of one file."""


def check(
    paths: Iterable[str | os.PathLike[str]],
    *,
    text: bytes | None = None,
    schema: str | os.PathLike[str] | None = None,
    crds: Sequence[str | os.PathLike[str]] = (),
    scalars: Schema | str = Schema.CORE,
    engine: str | None = None,
) -> list[FileReport]:
    """Checks files, a report each, in their order; folders are searched as git would.

    ``text`` is checked first, under the name ``-``. ``schema`` is a JSON Schema in a file, draft 4
    to 2020-12; nothing is fetched. ``crds`` are files of custom resource definitions.

    Raises ConfigError for a schema or definitions that cannot be used, EngineError without the
    native engine.
    """
    native = _engine.native("checking files needs the rust engine, see `code-ops doctor`", engine)
    rows = native.check_files(
        [os.fspath(path) for path in paths],
        text=text,
        schema=schema,
        definitions=[os.fspath(path) for path in crds] or None,
        scalars=str(scalars),
    )
    return [_report(*row) for row in rows]


def _report(
    path: os.PathLike[str],
    size: int,
    documents: int,
    problems: list[tuple[Any, ...]],
    unreadable: str | None,
    unknown_kinds: list[str],
    unjudged_rules: int,
) -> FileReport:
    name = os.fspath(path)
    found = [Problem.from_row(name, *row) for row in problems]
    return FileReport(name, size, documents, found, unreadable, unknown_kinds, unjudged_rules)


def find_schema(name: str, folder: str | None) -> str:
    """The file of a schema: a path, or a name in a folder of schemas with or without ending."""
    if os.path.exists(name) or folder is None:
        return name
    places = [os.path.join(folder, name + ending) for ending in _SCHEMA_ENDINGS]
    return next((place for place in places if os.path.isfile(place)), name)
