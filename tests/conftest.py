"""Fixtures for every test: each engine's modules, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from code_ops import _engine

EngineName = Literal["rust", "python"]


def pytest_addoption(parser: pytest.Parser) -> None:
    # Here and not beside the sessions: options are read before tests/cli is looked into.
    parser.addoption(
        "--update-sessions",
        action="store_true",
        help="write tests/cli/sessions anew from what the commands do",
    )


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the library remembers of vaults is kept apart from what this user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", params=["rust", "python"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; the native one is skipped where it is not built."""
    name: EngineName = request.param
    error = _engine.native_error() if name == "rust" else None
    if error is not None:
        pytest.skip(f"the rust engine does not import: {error}")
    return name


@pytest.fixture(scope="session")
def infrastructure(engine: EngineName) -> Any:
    """The module ``infrastructure`` of the engine."""
    return _engine.load("infrastructure", engine)


@pytest.fixture(scope="session")
def security(engine: EngineName) -> Any:
    """The module ``security`` of the engine."""
    return _engine.load("security", engine)
