"""Values by their paths: against other readers of YAML and JSON, and files that change whole."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from config_texts import DOCUMENTS, STYLES, TEXTS, VALUES, ruamel_load, written
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from code_ops import _engine, config_access
from code_ops.config import ConfigParser
from code_ops.config_access import Changed, Found, delete_value, get, get_values, query, set_value
from code_ops.errors import (
    ConfigChangeError,
    ConfigError,
    ConfigMissingError,
    ConfigRequestError,
    EngineError,
)

yaml = pytest.importorskip("yaml")
pytest.importorskip("ruamel.yaml")
if _engine.native_error() is not None:
    pytest.skip("the rust engine does not import", allow_module_level=True)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a value but itself."""
    entries: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    return [
        found for key, inner in entries for found in [(*path, key), *paths_of(inner, (*path, key))]
    ]


def pointer(path: tuple[Any, ...]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def brackets(path: tuple[Any, ...]) -> str:
    return "".join(f"[{json.dumps(step, ensure_ascii=False)}]" for step in path)


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@given(DOCUMENTS, STYLES, st.data())
@settings(max_examples=300, deadline=None)
def test_get_gives_what_others_read(value: Any, style: str, data: st.DataObject) -> None:
    text = written(value, style)
    path = data.draw(st.sampled_from(paths_of(value)))
    expected: Any = value
    for step in path:
        expected = expected[step]
    for spelled in (pointer(path), brackets(path)):
        found = get(text.encode(), spelled, form="json")
        assert json.loads(found) == expected
        # The text as it stands means the same, where nothing of its line's start is lost.
        source = get(text.encode(), spelled, form="source")
        assert ruamel_load(source) == expected


@given(DOCUMENTS, STYLES, VALUES, st.data())
@settings(max_examples=400, deadline=None)
@example({"a": {"b": "x"}}, "block", "no", None)
def test_set_is_read_by_others_as_the_value_set(
    value: Any, style: str, new: Any, data: st.DataObject | None
) -> None:
    text = written(value, style)
    assume(yaml.safe_load(text) == value and ruamel_load(text) == value)
    path = data.draw(st.sampled_from(paths_of(value))) if data else ("a", "b")
    given_json = json.dumps(new)
    changed = set_value(text.encode(), pointer(path), given_json, value_type="json")
    assert changed.text is not None
    after = changed.text.decode()
    expected = replaced(value, path, new)
    assert ConfigParser().parse_yaml(after) == expected
    assert yaml.safe_load(after) == expected
    assert ruamel_load(after) == expected
    if style == "json":
        as_json = set_value(text.encode(), pointer(path), given_json, value_type="json", json=True)
        assert as_json.text is not None
        assert json.loads(as_json.text) == expected


def without(value: Any, path: tuple[Any, ...]) -> Any:
    copy = value.copy()
    if len(path) > 1:
        copy[path[0]] = without(value[path[0]], path[1:])
    else:
        del copy[path[0]]
    return copy


@given(DOCUMENTS, STYLES, st.data())
@settings(max_examples=300, deadline=None)
def test_a_deleted_entry_is_gone_for_others(value: Any, style: str, data: st.DataObject) -> None:
    text = written(value, style)
    assume(yaml.safe_load(text) == value and ruamel_load(text) == value)
    path = data.draw(st.sampled_from(paths_of(value)))
    changed = delete_value(text.encode(), pointer(path), json=style == "json")
    assert changed.text is not None
    expected = without(value, path)
    assert ConfigParser().parse_yaml(changed.text) == expected
    assert yaml.safe_load(changed.text) == expected
    assert ruamel_load(changed.text.decode()) == expected
    if style == "json":
        assert json.loads(changed.text) == expected


@given(st.sampled_from(["'old'", '"old"', "old", "3", "|\n      old", "[1, 2]", ""]), TEXTS)
@settings(max_examples=300, deadline=None)
def test_bytes_around_the_value_stay(old: str, new: str) -> None:
    before = "# é\r\nlist:   # kept\n- {a: 1 , b :  2}\n-   key:" + " "
    after = "\n# between\n    other:    \t'x'   # end\n\n# last"
    text = (before + old + after).encode()
    changed = set_value(text, "list[1].key", new, value_type="string", keep="return").text
    assert changed is not None
    decoded = changed.decode()
    assert decoded.startswith(before[:-1])
    assert decoded.endswith(after[1:])
    assert ConfigParser().parse_yaml(changed)["list"][1]["key"] == new


@pytest.mark.parametrize("path", ["a.b", "list[+]", "m.new"])
def test_a_file_is_replaced_whole_with_its_permissions(tmp_path: Path, path: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: {b: 1}\nlist:\n- x\nm:\n  k: v\n")
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    number = file.stat().st_ino
    changed = set_value(link, path, "new")
    assert changed.difference.startswith("@@ ")
    assert link.is_symlink()
    assert file.stat().st_ino != number
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.yaml", "link.yaml"] or len(os.listdir(tmp_path)) == 2
    assert get(file, path.replace("[+]", "[-1]")) == "new"


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1 # c\n")
    number = file.stat().st_ino
    assert set_value(file, "a", "1") == Changed("", 1, 1)
    assert set_value(file, "a", "2", keep="drop").text is None
    with pytest.raises(ConfigMissingError):
        set_value(file, "b.c", "2")
    with pytest.raises(ConfigError, match="no integer"):
        set_value(file, "a", "x", value_type="int")
    assert file.stat().st_ino == number
    assert file.read_text() == "a: 1 # c\n"


def test_a_result_that_is_not_as_wanted_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("[a: b]\n")
    with pytest.raises(ConfigChangeError, match="nothing was written"):
        set_value(file, "[0].c", "d")
    assert file.read_text() == "[a: b]\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            set_value(file, "a", "2")
    finally:
        tmp_path.chmod(0o700)


def test_a_kill_leaves_one_file_or_the_other(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = [f"key{number}: value {number}\n" for number in range(20_000)]
    old = "".join(["first: old\n", *lines])
    new = "".join(["first: new\n", *lines])
    code = (
        "import sys\n"
        "from code_ops.config_access import set_value\n"
        "print('on', flush=True)\n"
        "while True:\n"
        "    set_value(sys.argv[1], 'first', 'new')\n"
        "    set_value(sys.argv[1], 'first', 'old')\n"
    )
    for number in range(12):
        file.write_text(old)
        with subprocess.Popen(
            [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * number + 0.002)
            process.send_signal(signal.SIGKILL)
        assert file.read_text() in (old, new)


def test_interrupts_end_the_wait(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("".join(f"key{number}: [1, 2, 3]\n" for number in range(400_000)))
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
    before = file.stat().st_ino
    timer.start()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        for _ in range(100):
            set_value(file, "key399999[0]", "7", keep="drop")
    timer.join()
    assert file.stat().st_ino == before


def test_several_paths_and_what_is_missing() -> None:
    found = get_values(b"a: 1\nb: [x]\n", ["a", "c", "b[-1]"])
    assert found[0] == Found("1", 1, 1, 4)
    assert isinstance(found[1], ConfigMissingError)
    assert isinstance(found[1], LookupError)
    assert (found[1].line, found[1].column) == (1, 1)
    assert found[2] == Found("x", 1, 2, 5)
    assert get(b"a: 1", "none", "a") == "1"
    with pytest.raises(ConfigMissingError):
        get(b"a: 1", "none")


ERRORS: list[tuple[bytes, str, type[Exception]]] = [
    (b"a: [", "a", ConfigError),
    (b"a: \xff", "a", ConfigError),
    (b"a: 1", "a[", ConfigRequestError),
    (b"a: 1\na: 2", "a", ConfigError),
    (b"\x1f\x8b\x08 damaged", "a", ConfigError),
    (b"[" * 200_000, "[0][0]", ConfigError),
    (b"a: *x", "a", ConfigError),
]


@pytest.mark.parametrize(("text", "path", "error"), ERRORS)
def test_errors(text: bytes, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        get(text, path)
    with pytest.raises((error, ConfigError)):
        set_value(text, path, "1")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        get(tmp_path / "none.yaml", "a")
    with pytest.raises(IsADirectoryError):
        get(tmp_path, "a")


def test_queries_have_places() -> None:
    hits = query(b"a: {b: [1, 2]}\n---\na: {b: [3]}\n", "$.a.b[*]")
    assert [(hit.document, hit.path, hit.json, hit.line, hit.column) for hit in hits] == [
        (1, "$['a']['b'][0]", "1", 1, 9),
        (1, "$['a']['b'][1]", "2", 1, 12),
        (2, "$['a']['b'][0]", "3", 3, 9),
    ]
    assert query(b'{"a": "x"}', "/a", json=True)[0].text == "x"


def test_the_rust_engine_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    for call in (
        lambda: config_access.get(b"a: 1", "a"),
        lambda: config_access.query(b"a: 1", "$"),
        lambda: config_access.set_value(b"a: 1", "a", "2"),
    ):
        with pytest.raises(EngineError, match="needs the rust engine"):
            call()
