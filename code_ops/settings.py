"""Defaults of options from files: ``code-ops.toml`` of the project, then of the user.

A table is a command, a key is an option's long name: ``[scan]`` with ``timeout = "2s"``,
``[config.check]`` for a command of a group, ``[vault.recipients.add]`` for one of a group in it.
The environment (``CODE_OPS_SCAN_TIMEOUT``) and the command line stand above both.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_ops.errors import SettingsError

FILE_NAME = "code-ops.toml"
SIZE_MAX = 1 << 20
# As in `vault recipients add`.
_MOST_GROUPS = 2


def project_file(start: Path) -> Path | None:
    """The nearest ``code-ops.toml`` from a folder upwards."""
    for folder in [start, *start.parents]:
        # Not Path.is_file, which stumbles over folders that may not be entered.
        if os.path.isfile(folder / FILE_NAME):
            return folder / FILE_NAME
    return None


def user_file() -> Path | None:
    """``code-ops/code-ops.toml`` in the user's configuration folder."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    # The standard wants relative ones ignored; without a home the tilde stays.
    if not os.path.isabs(home):
        home = os.path.expanduser("~/.config")
    path = Path(home, "code-ops", FILE_NAME)
    return path if os.path.isabs(home) and os.path.isfile(path) else None


@dataclass
class Defaults:
    """Options by command, and where each was set."""

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: list[tuple[Path, str, str]] = field(default_factory=list)

    def place(self, command: str, option: str) -> str:
        """Where the value of an option stands: ``code-ops.toml: [scan] fail-on``."""
        paths = [path for path, *place in self.names if place == [command, option]]
        key = option.rstrip("_").replace("_", "-")
        table = command.replace(" ", ".")
        return f"{paths[-1] if paths else FILE_NAME}: [{table}] {key}"


def defaults() -> Defaults:
    """The options of all commands that files set, the project's over the user's.

    Raises SettingsError for a file that cannot be read.
    """
    merged = Defaults()
    for path in (user_file(), project_file(_folder())):
        if path is not None:
            for command, options in read(path).items():
                merged.options.setdefault(command, {}).update(options)
                merged.names += [(path, command, option) for option in options]
    return merged


def _folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        # The folder was removed while the user was in it.
        return Path("/")


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of one file, option names as parameters have them: ``fail_on``, ``for_``."""
    import tomllib

    try:
        if path.stat().st_size > SIZE_MAX:
            raise ValueError(f"larger than {SIZE_MAX:,} bytes")
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: byte {error.start} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: {_lowered(str(error))}") from error
    for command, options in tables.items():
        if not isinstance(options, dict):
            raise SettingsError(f"{path}: '{command}' stands in no table, write it below [scan]")
    found: dict[str, dict[str, Any]] = {}
    for command, options in tables.items():
        for name, option, value in _options(command, options):
            found.setdefault(name, {})[option] = value
    return found


def _options(command: str, table: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each option with its command; a table in a table is a command of a group."""
    for name, value in table.items():
        if isinstance(value, dict) and command.count(" ") < _MOST_GROUPS:
            yield from _options(f"{command} {name}", value)
        else:
            yield command, _parameter(name), value


def _parameter(name: str) -> str:
    name = name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
