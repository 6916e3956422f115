"""Defaults of options from files: ``code-ops.toml`` of the project, then of the user.

A table is a command, a key is an option's long name: ``[scan]`` with ``timeout = "2s"``.
The environment (``CODE_OPS_SCAN_TIMEOUT``) and the command line stand above both.
"""

from __future__ import annotations

import keyword
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_ops.errors import SettingsError

FILE_NAME = "code-ops.toml"
SIZE_MAX = 1 << 20


def project_file(start: Path) -> Path | None:
    """The nearest ``code-ops.toml`` from a folder upwards."""
    for folder in [start, *start.parents]:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def user_file() -> Path | None:
    """``code-ops/code-ops.toml`` in the user's configuration folder."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    path = Path(home, "code-ops", FILE_NAME)
    return path if path.is_file() else None


@dataclass
class Defaults:
    """Options by command, and where each was set."""

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: list[tuple[Path, str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.options)


def defaults() -> Defaults:
    """The options of all commands that files set, the project's over the user's.

    Raises SettingsError for a file that cannot be read.
    """
    merged = Defaults()
    for path in (user_file(), project_file(Path.cwd())):
        if path is not None:
            for command, options in read(path).items():
                merged.options.setdefault(command, {}).update(options)
                merged.names += [(path, command, option) for option in options]
    return merged


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of one file, option names as parameters have them: ``fail_on``, ``for_``."""
    import tomllib

    try:
        if path.stat().st_size > SIZE_MAX:
            raise SettingsError(f"{path}: larger than {SIZE_MAX} bytes")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
    for command, options in tables.items():
        if not isinstance(options, dict):
            raise SettingsError(f"{path}: expected a table [{command}], found a value")
    return {
        command: {_parameter(name): value for name, value in options.items()}
        for command, options in tables.items()
    }


def _parameter(name: str) -> str:
    name = name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name
