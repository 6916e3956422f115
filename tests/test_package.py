"""The package as a whole: names, versions, layers, and errors of the native module."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import code_ops
from code_ops import _engine, errors

ROOT = Path(__file__).parent.parent


def test_all_is_what_is_visible() -> None:
    assert list(code_ops.__all__) == sorted(code_ops.__all__)
    assert dir(code_ops) == code_ops.__all__
    for name in code_ops.__all__:
        assert getattr(code_ops, name) is not None
    with pytest.raises(AttributeError):
        code_ops.nothing_of_this_name  # noqa: B018


def test_versions_agree() -> None:
    cargo = tomllib.loads((ROOT / "rust_core" / "Cargo.toml").read_text(encoding="utf-8"))
    version = cargo["workspace"]["package"]["version"]
    assert code_ops.__version__ == version
    assert metadata.version("code-ops") == version
    if _engine.native_error() is None:
        assert importlib.import_module("code_rust_core").__version__ == version


def _modules() -> list[str]:
    found = pkgutil.walk_packages(code_ops.__path__, "code_ops.")
    return [module.name for module in found if not module.name.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_every_module_imports_alone(name: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {name}"], check=True)


def test_the_fallback_runs_without_the_native_module() -> None:
    code = (
        "import sys; sys.modules['code_rust_core'] = None\n"
        "from code_ops import ServiceScanner\n"
        "scanner = ServiceScanner()\n"
        "assert scanner.engine == 'python'\n"
        "print(scanner.scan_services([('127.0.0.1', 1)])[0].state)\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ended.stdout == "closed\n"


def test_an_engine_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "code_rust_core", None)
    with pytest.raises(errors.EngineError, match="rust engine does not import"):
        _engine.choose("rust")
    with pytest.raises(errors.EngineError, match="not one of auto, rust, python"):
        _engine.choose("go")
    assert _engine.choose("auto") == "python"


def test_the_environment_chooses_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    assert _engine.choose() == "python"
    # What the caller says stands above it.
    if _engine.native_error() is None:
        assert _engine.choose("rust") == "rust"


def test_the_native_submodule_imports_as_a_module() -> None:
    pytest.importorskip("code_rust_core")
    module = importlib.import_module("code_rust_core.infrastructure")
    assert module.ServiceScanner().scan_services([("127.0.0.1", 1)])[0].state == "closed"


def test_the_native_module_works_without_the_library() -> None:
    """As after ``maturin develop`` alone: results are named tuples of the same fields."""
    pytest.importorskip("code_rust_core")
    code = (
        "import sys; sys.modules['code_ops'] = None\n"
        "from code_rust_core import infrastructure\n"
        "result = infrastructure.ServiceScanner().scan_services([('127.0.0.1', 1)])[0]\n"
        "print(result.state, result.port)\n"
        "try:\n"
        "    infrastructure.parse_ports('x')\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout == "closed 1\nunknown service name 'x'\n"


def test_every_exception_is_in_the_tree_of_the_docstring() -> None:
    tree: Any = errors.__doc__
    for name in errors.__all__:
        kind = getattr(errors, name)
        # Ctrl-C is no error of ours: what is caught as one must not catch it.
        is_interrupt = issubclass(kind, KeyboardInterrupt)
        assert issubclass(kind, errors.CodeOpsError) != is_interrupt
        assert name in tree


def test_the_layers_point_one_way() -> None:
    """The library knows neither the command line nor what prints."""
    for path in (ROOT / "code_ops").rglob("*.py"):
        if "cli" in path.parts or path.name == "__main__.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert "code_ops.cli" not in text, path
        assert "import typer" not in text, path
        assert "print(" not in text.replace("def print", ""), path
