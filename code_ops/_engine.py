"""The one place that chooses between the Rust engine and the pure-Python fallback.

``auto`` takes Rust when ``code_rust_core`` imports. An error raised by the Rust
engine is never retried in Python.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Literal, get_args

from code_ops.errors import EngineError

EngineName = Literal["auto", "rust", "python"]
ENVIRONMENT_VARIABLE = "CODE_OPS_ENGINE"

# The fallback's module for each module of the native engine.
_FALLBACK = {
    "infrastructure": "code_ops._fallback.infrastructure",
    "security": "code_ops._fallback.security",
}


def native_error() -> ImportError | None:
    """The reason why the Rust engine does not import, or None when it does."""
    try:
        importlib.import_module("code_rust_core")
    except ImportError as error:
        return error
    return None


def wanted(engine: str | None = None) -> EngineName:
    """The engine asked for: the argument, else the environment, else ``auto``."""
    name = engine or os.environ.get(ENVIRONMENT_VARIABLE) or "auto"
    for known in get_args(EngineName):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise EngineError(f"engine {name!r} is not one of auto, rust, python")


def choose(engine: str | None = None) -> Literal["rust", "python"]:
    """``rust`` or ``python``, whichever the wish and this installation come to."""
    name = wanted(engine)
    if name == "python":
        return "python"
    error = native_error()
    if error is None:
        return "rust"
    if name == "rust":
        raise EngineError(f"the rust engine does not import: {error}") from error
    return "python"


def native(complaint: str, engine: str | None = None) -> Any:
    """The native module ``infrastructure``; raises EngineError with the complaint without it."""
    if choose(engine) != "rust":
        raise EngineError(complaint)
    return load("infrastructure", "rust")


def load(module: str, engine: str | None = None) -> Any:
    """The module ``infrastructure`` or ``security`` of the engine chosen."""
    if choose(engine) == "rust":
        return getattr(importlib.import_module("code_rust_core"), module)
    return importlib.import_module(_FALLBACK[module])
