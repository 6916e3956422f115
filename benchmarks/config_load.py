"""Loads one file with one library and tells what it cost: `config_load.py LIBRARY FILE`.

Prints a JSON line: seconds of the best of three loads (after the import, the file in memory),
the growth of the peak memory in the first one, and a digest of the values, so that the answers
of libraries can be compared. Runs in a process of its own; knows libraries, not goals.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOADS = 3


def _code_ops(data: bytes) -> Any:
    return list(_PARSER.parse_yaml_all(data))


def _code_ops_json(data: bytes) -> Any:
    return _PARSER.parse_json(data)


_PARSER: Any = None


def loader(library: str) -> Callable[[bytes], Any]:
    """The library's way from bytes to the list of documents; for JSON files to the value."""
    global _PARSER
    match library:
        case "code-ops" | "code-ops-json":
            from code_ops import ConfigParser

            _PARSER = ConfigParser(engine="rust")
            return _code_ops if library == "code-ops" else _code_ops_json
        case "yamlrocks":
            import yamlrocks

            return lambda data: list(yamlrocks.loads_all(data))
        case "py-yaml12":
            import yaml12

            return lambda data: yaml12.parse_yaml(data.decode(), multi=True)
        case "ryaml":
            import ryaml

            return lambda data: list(ryaml.loads_all(data.decode()))
        case "PyYAML":
            import yaml

            return lambda data: list(yaml.load_all(data, Loader=yaml.CSafeLoader))
        case "rapidyaml":
            import ryml

            return lambda data: ryml.parse_in_arena(data) and None
        case "orjson":
            import orjson

            loads: Callable[[bytes], Any] = orjson.loads
            return loads
        case "json":
            return json.loads
    raise SystemExit(f"no library {library}")


def peak_bytes() -> int:
    """The largest resident set so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) * 1024


def digest(value: Any) -> str:
    """A digest of a value; the order of keys counts."""
    text = json.dumps(value, default=repr, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def main(library: str, path: str) -> None:
    """Loads, and tells."""
    data = Path(path).read_bytes()
    load = loader(library)
    before = peak_bytes()
    seconds = []
    value = None
    for number in range(LOADS):
        value = None
        start = time.perf_counter()
        value = load(data)
        seconds.append(time.perf_counter() - start)
        if number == 0:
            peak = peak_bytes() - before
    found: dict[str, Any] = {"seconds": min(seconds), "peak": peak, "bytes": len(data)}
    # A tree in the library's own memory is no answer in Python.
    found["digest"] = digest(value) if value is not None else ""
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
