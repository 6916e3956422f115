"""Differences by structure; patches are applied by an applier of their own."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from config_texts import DOCUMENTS, STYLES, VALUES, written
from hypothesis import given, settings
from hypothesis import strategies as st

from code_ops import _engine, config_diff
from code_ops.config import ConfigParser
from code_ops.config_diff import Change, diff, patch
from code_ops.errors import (
    ConfigError,
    ConfigMissingError,
    ConfigRequestError,
    EngineError,
)

if _engine.native_error() is not None:
    pytest.skip("the rust engine does not import", allow_module_level=True)


def told(old: str, new: str, **options: Any) -> list[tuple[str, ...]]:
    """Kind, path, and new path or values of each difference."""
    return [row(change) for change in diff(old.encode(), new.encode(), **options)]


def row(change: Change) -> tuple[str, ...]:
    sides = [side.json for side in (change.old, change.new) if side]
    if change.kind == "renamed":
        return (change.kind, change.path, str(change.new_path))
    if change.kind == "moved":
        assert change.old is not None
        assert change.new is not None
        return (change.kind, change.path, change.old.pointer, change.new.pointer)
    return (change.kind, change.path, *sides)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a: 1", "a: 1 # c", []),
        ("a: 1\nb: 2", "{b: 2, a: 1}", []),
        ("a: 1.0\nb: 0x10\nc: 1e2", "a: 1\nb: 16\nc: 100.0", []),
        ("a: 1", "a: '1'", [("changed", "a", "1", '"1"')]),
        ("a: 12345678901234567890", "a: 12345678901234567891",
         [("changed", "a", "12345678901234567890", "12345678901234567891")]),
        ("a: 1", "b: 2", [("removed", "a", "1"), ("added", "b", "2")]),
        ("a: {x: [1]}", "b: {x: [1]}", [("renamed", "a", "b")]),
        ("a: 1", "b: 1", [("removed", "a", "1"), ("added", "b", "1")]),
        ("a: {b.c: 1}", "a: {b.c: 2}", [("changed", 'a["b.c"]', "1", "2")]),
        ("a: [1, 2, 3]", "a: [1, 3]", [("removed", "a[1]", "2")]),
        ("a: [1, 2, 3]", "a: [1, 5, 3]", [("changed", "a[1]", "2", "5")]),
        ("a: [1, 2, 3]", "a: [3, 1, 2]", [("moved", "a[2]", "/a/2", "/a/0")]),
        ("a: [1, 2]", "a: [0, 1, 2]", [("added", "a[0]", "0")]),
        ("[{name: a, x: 1}, {name: b}]", "[{name: b}, {name: a, x: 2}]",
         [("moved", "[name=a]", "/0", "/1"), ("changed", "[name=a].x", "1", "2")]),
        ("[{name: a, x: 1}, {name: b}]", "[{name: c, x: 1}, {name: b}]",
         [("renamed", "[name=a]", "[name=c]")]),
        ("[{id: 1, x: 1}, {id: 2, x: 1}]", "[{id: 2, x: 2}]",
         [("removed", "[id=1]", '{"id":1,"x":1}'), ("changed", "[id=2].x", "1", "2")]),
        # A name that stands twice tells nothing apart.
        ("[{name: a, x: 1}, {name: a, x: 2}]", "[{name: a, x: 1}, {name: a, x: 3}]",
         [("changed", "[1].x", "2", "3")]),
        ("a: {b: 1}", "a: [1]", [("changed", "a", '{"b":1}', "[1]")]),
        ("a: 1", "", [("removed", ".", '{"a":1}')]),
        ("", "a: 1", [("added", ".", '{"a":1}')]),
        ("a: 1\n---\nb: 1", "a: 1\n---\nb: 2\n---\nc: 3",
         [("changed", "b", "1", "2"), ("added", ".", '{"c":3}')]),
        ("a: &x {b: 1}\nc: *x", "a: {b: 1}\nc: {b: 2}", [("changed", "c.b", "1", "2")]),
    ],
)  # fmt: skip
def test_differences(old: str, new: str, expected: list[tuple[str, ...]]) -> None:
    assert told(old, new) == expected


def manifest(kind: str, name: str, *, version: str = "v1", data: str = "a") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\ndata: {data}\n"


def test_documents_of_kubernetes_go_by_name() -> None:
    one, two = manifest("A", "x"), manifest("B", "x")
    assert told(f"{one}---\n{two}", f"{two}---\n{one}") == []
    (change,) = diff(
        f"{one}---\n{two}".encode(), f"{two}---\n{manifest('A', 'x', data='b')}".encode()
    )
    assert (change.document, change.path) == ("v1 A x", "data")
    assert change.old is not None
    assert change.new is not None
    assert (change.old.document, change.old.line) == (1, 4)
    assert (change.new.document, change.new.line) == (2, 9)
    renamed = diff(f"{one}---\n{two}".encode(), f"{two}---\n{manifest('A', 'y')}".encode())
    assert [row(change) for change in renamed] == [("changed", "metadata.name", '"x"', '"y"')]
    newer = manifest("A", "x", version="g/v2")
    assert told(manifest("A", "x", version="g/v1"), newer) == [
        ("changed", "apiVersion", '"g/v1"', '"g/v2"')
    ]


def test_what_does_not_count() -> None:
    old = "metadata: {uid: 1, name: x}\nitems: [{s: {t: 1, u: 2}}, 3]\n"
    new = "metadata: {uid: 2, name: x}\nitems: [3, {s: {t: 2, u: 2}}]\n"
    assert len(told(old, new)) == 3
    ignored = ["metadata.uid", "items.*.s.t"]
    assert told(old, new, ignore=ignored, ignore_order=True) == []
    assert told(old, new, ignore=["/metadata/uid", "items"]) == []
    assert told("a: 1", "b: 2", ignore=["*"]) == []
    assert told("[1, 2, 2]", "[2, 1, 2]", ignore_order=True) == []
    assert told("[1, 2, 2]", "[2, 1, 1]", ignore_order=True) == [("changed", "[2]", "2", "1")]
    assert told("a: {<<: {b: 1}}", "a: {b: 1}", merge_keys="apply") == []
    assert told("a: 1\n---\nb: 1", "a: 2\n---\nb: 2", document=2) == [("changed", "b", "1", "2")]


def applied(value: Any, operations: list[dict[str, Any]]) -> Any:
    """RFC 6902, section 4."""
    root = {"": copy.deepcopy(value)}

    def place(pointer: str) -> tuple[Any, Any]:
        tokens = pointer.split("/")
        parent: Any = root
        key: Any = ""
        for token in tokens[1:]:
            parent = parent[key]
            key = token.replace("~1", "/").replace("~0", "~")
            key = int(key) if isinstance(parent, list) else key
        return parent, key

    def take(pointer: str) -> Any:
        parent, key = place(pointer)
        return parent.pop(key)

    def put(pointer: str, new: Any) -> None:
        parent, key = place(pointer)
        if isinstance(parent, list):
            assert 0 <= key <= len(parent)
            parent.insert(key, new)
        else:
            parent[key] = new

    for operation in operations:
        match operation:
            case {"op": "add", "path": path, "value": new}:
                put(path, copy.deepcopy(new))
            case {"op": "remove", "path": path}:
                take(path)
            case {"op": "replace", "path": path, "value": new}:
                parent, key = place(path)
                assert isinstance(parent, list) or key in parent
                parent[key] = copy.deepcopy(new)
            case {"op": "move", "from": start, "path": path}:
                put(path, take(start))
            case _:
                raise AssertionError(operation)
    return root[""]


NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcdef")}, optional={"x": VALUES}), max_size=6
)
NUMBERS = st.lists(st.integers(0, 6), max_size=8)


@given(st.data())
@settings(max_examples=800, deadline=None)
def test_a_patch_makes_one_value_the_other(data: st.DataObject) -> None:
    values = data.draw(
        st.sampled_from([VALUES, DOCUMENTS, NAMED, NUMBERS, st.lists(NUMBERS), NAMED | NUMBERS])
    )
    old, new = data.draw(values), data.draw(values)
    texts = json.dumps(old).encode(), json.dumps(new).encode()
    operations = json.loads(patch(*texts, json=True))
    assert applied(old, operations) == new
    # In Python 1 is True.
    is_same = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    assert (operations == []) == (diff(*texts, json=True) == []) == is_same


@given(DOCUMENTS, STYLES, STYLES)
@settings(max_examples=300, deadline=None)
def test_style_does_not_count(value: Any, style: str, other: str) -> None:
    assert diff(written(value, style).encode(), written(value, other).encode()) == []


@given(DOCUMENTS, DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_every_difference_is_where_it_says(old: Any, new: Any) -> None:
    parser = ConfigParser()
    texts = json.dumps(old, indent=1).encode(), json.dumps(new, indent=1).encode()
    for change in diff(*texts, json=True):
        for side, value, text in ((change.old, old, texts[0]), (change.new, new, texts[1])):
            if side is None:
                continue
            for token in side.pointer.split("/")[1:]:
                key = token.replace("~1", "/").replace("~0", "~")
                value = value[int(key)] if isinstance(value, list) else value[key]
            assert json.loads(side.json) == value
            line = text.decode().split("\n")[side.line - 1][side.column - 1 :]
            assert line[:1] == side.json[:1], (line, parser)


@pytest.mark.parametrize(
    ("old", "new", "options", "name", "line"),
    [
        (b"a: [", b"", {}, "old", 1),
        (b"", b"a: 1\na: 2", {}, "new", 2),
        (b"\xff", b"", {}, "old", 1),
        (b"a: &a [*a]", b"", {}, "old", 1),
        (b"? [a]\n: 1", b"", {}, "old", 1),
    ],
)
def test_broken_texts(
    old: bytes, new: bytes, options: dict[str, Any], name: str, line: int
) -> None:
    with pytest.raises(ConfigError) as caught:
        diff(old, new, names=("old", "new"), **options)
    assert (caught.value.source, caught.value.line) == (name, line)


def test_wrong_requests() -> None:
    with pytest.raises(ConfigRequestError, match=r"path:3:"):
        diff(b"a: 1", b"", ignore=["a["])
    with pytest.raises(ConfigMissingError, match="there is no document 2"):
        diff(b"a: 1", b"b: 1", document=2)
    with pytest.raises(ConfigRequestError, match="a patch is of one document"):
        patch(b"a: 1\n---\nb: 1", b"a: 1")
    with pytest.raises(ValueError, match="merge_keys 'x' is not one of"):
        diff(b"", b"", merge_keys="x")


def test_large_lists() -> None:
    numbers = list(range(100_000))
    old = json.dumps(numbers).encode()
    reverse = json.dumps(numbers[::-1]).encode()
    other = json.dumps([number + 0.5 for number in numbers]).encode()
    moved = diff(old, reverse, json=True)
    assert {change.kind for change in moved} == {"moved"}
    assert len(moved) == 99_999
    assert {change.kind for change in diff(old, other, json=True)} == {"changed"}
    assert applied(numbers, json.loads(patch(old, reverse, json=True))) == numbers[::-1]
    deep = b"[" * 999 + b"1" + b"]" * 999
    (change,) = diff(deep, deep.replace(b"1", b"2"))
    assert change.path == "[0]" * 999
    bomb = "l0: &l0 [x]\n" + "".join(
        f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    with pytest.raises(ConfigError, match="stand for more than"):
        diff(bomb.encode(), b"")


def test_without_the_native_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    with pytest.raises(EngineError, match="comparing needs the rust engine"):
        config_diff.diff(b"", b"")
