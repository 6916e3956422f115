"""The benchmark of `ConfigParser` and the YAML parser against the readers of Python and Rust."""

from __future__ import annotations

import sys

from benchmarks import config_commands, config_events, config_objects, machine, report


def _version(package: str) -> list[str]:
    code = f"from importlib.metadata import version; print(version('{package}'))"
    return [sys.executable, "-c", code]


RIVALS = {
    "YAMLRocks": _version("yamlrocks"),
    "py-yaml12": _version("py-yaml12"),
    "ryaml": _version("ryaml"),
    "PyYAML": _version("PyYAML"),
    "rapidyaml": _version("rapidyaml"),
    "orjson": _version("orjson"),
    "yq": ["yq", "--version"],
    "yamllint": ["yamllint", "--version"],
    "check-jsonschema": ["check-jsonschema", "--version"],
}


def run(context: machine.Context) -> list[report.Row]:
    """Every row of config."""
    return [
        *config_objects.rows(context),
        *config_events.rows(context),
        *config_commands.rows(context),
    ]
