"""Whole sessions of the command line, a file each: see ``session`` for how they read.

``pytest --update-sessions`` writes the files anew from what the commands do; look at the
difference before it goes in.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from session import ports_of, read, run, skip_where_needs_are_not_met

from code_ops import _engine

FILES = sorted((Path(__file__).parent / "sessions").glob("*.txt"))
Case = tuple[Path, str]
pytestmark = pytest.mark.timeout(120)


def _cases() -> list[Case]:
    """Each file, once for each engine where it says ``{engine}``."""
    return [
        (path, engine)
        for path in FILES
        for engine in (
            ("rust", "python") if "--engine {engine}" in path.read_text("utf-8") else ("",)
        )
    ]


def _went(case: Case, folder: Path) -> str:
    """The text of a session as it goes now."""
    path, engine = case
    text = path.read_text(encoding="utf-8")
    session = read(text)
    assert session.text() == text, "the file is not taken apart without loss"
    skip_where_needs_are_not_met(session)
    if engine == "rust" and _engine.native_error():
        pytest.skip("the rust engine does not import")
    with ports_of(text) as ports:
        return run(session, folder, ports, engine)


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Case, Future[str]]]:
    """The sessions chosen, as many at a time as there are CPUs: most of it is starting up."""
    chosen: list[dict[str, Any]] = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.function is test_session
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            case: pool.submit(_went, case, tmp_path_factory.mktemp("session"))
            for case in [(parameters["path"], parameters["engine"]) for parameters in chosen]
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(
    ("path", "engine"), _cases(), ids=lambda value: getattr(value, "stem", value) or "auto"
)
def test_session(
    path: Path, engine: str, running: dict[Case, Future[str]], request: pytest.FixtureRequest
) -> None:
    went = running[path, engine].result()
    if request.config.getoption("--update-sessions"):
        path.write_text(went, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(expected.splitlines(), went.splitlines(), "expected", "went")
    assert went == expected, "\n".join(difference)


def test_the_sessions_are_found() -> None:
    assert len(FILES) > 40


@pytest.mark.parametrize("command", ["echo 8", "echo 7 >&2", "echo 7; exit 1", "printf 7", ":"])
def test_any_difference_shows(command: str, tmp_path: Path) -> None:
    text = f"$ {command}\n7\n[exit 0]\n"
    with ports_of(text) as ports:
        assert run(read(text), tmp_path, ports) != text


def test_a_late_end_after_a_signal_fails(tmp_path: Path) -> None:
    deaf = "trap '' INT; exec 3<>/dev/tcp/127.0.0.1/{open1}; sleep 1.6"
    text = f'^C$ bash -c "{deaf}"\n[exit 0]\n'
    with ports_of(text) as ports, pytest.raises(AssertionError, match=r"s after SIGINT"):
        run(read(text), tmp_path, ports)
