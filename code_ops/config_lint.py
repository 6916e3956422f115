"""Whether YAML files are in good style, by the rules and configuration files of yamllint.

The native engine only. The rules, their options and messages are those of yamllint 1.38; the rule
``two-readers`` is this project's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from code_ops import _engine
from code_ops.config_check import FileReport, Problem

__all__ = ["Configuration", "find_configuration", "fix", "lint"]

_NAMES = (".yamllint", ".yamllint.yaml", ".yamllint.yml")
Configuration = tuple[str, str]
"""The text of a configuration, and its file's name, beside which lies what it extends."""


def lint(
    paths: Iterable[str | os.PathLike[str]],
    *,
    text: bytes | None = None,
    configuration: Configuration | None = None,
    two_readers: bool = False,
    engine: str | None = None,
) -> list[FileReport]:
    """What the rules find in files, a report each, in their order; folders are searched.

    ``text`` is linted first, under the name ``-``. Without a configuration the rules are those
    that yamllint calls ``default``. ``two_readers`` adds the rule of that name: scalars that
    readers of YAML 1.1 and 1.2 take for different values.

    Raises ConfigError for a configuration that cannot be used, EngineError without the native
    engine.
    """
    rows = _native(engine).lint_files(
        [os.fspath(path) for path in paths],
        text=text,
        configuration=configuration,
        two_readers=two_readers,
    )
    return [_report(*row) for row in rows]


def fix(
    text: bytes,
    path: str,
    *,
    configuration: Configuration | None = None,
    two_readers: bool = False,
    engine: str | None = None,
) -> bytes:
    """The text with what can be mended safely, byte for byte the same elsewhere.

    It says the same before and after to readers of YAML 1.2. A text that is no YAML, or not in
    UTF-8, stays as it is. Raises as ``lint`` does.
    """
    fixed: bytes = _native(engine).fix_text(
        text, path, configuration=configuration, two_readers=two_readers
    )
    return fixed


def find_configuration(folder: Path) -> Path | None:
    """The nearest ``.yamllint`` from a folder upwards to the home folder, else the user's own."""
    home = Path(os.path.expanduser("~"))
    for place in [folder, *folder.parents]:
        for name in _NAMES:
            if os.path.isfile(place / name):
                return place / name
        if place == home:
            break
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    own = os.environ.get("YAMLLINT_CONFIG_FILE") or os.path.join(base, "yamllint", "config")
    return Path(own) if os.path.isfile(own) else None


def _native(engine: str | None) -> Any:
    return _engine.native("linting files needs the rust engine, see `code-ops doctor`", engine)


def _report(
    path: os.PathLike[str], size: int, problems: list[tuple[Any, ...]], cut: int, unread: str | None
) -> FileReport:
    name = os.fspath(path)
    found = [Problem.from_row(name, *row) for row in problems]
    return FileReport(name, size, 0, found, unread, more_problems=cut)
