"""``ConfigParser`` on both engines: what texts mean, by the specification and by PyYAML."""

from __future__ import annotations

import datetime
import json
import math
import pathlib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from code_ops.config import ConfigParser, Location, Tagged
from code_ops.errors import ConfigError

UTC = datetime.UTC
DATE = datetime.date(2001, 12, 14)


@pytest.fixture
def parse(engine: str) -> Any:
    """``parse(text, **options)`` with each engine."""
    return lambda text, **options: ConfigParser(engine=engine, **options).parse_yaml(text)


def same(left: Any, right: Any) -> bool:
    """Equal, with types told apart all the way down, and the order of keys."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return len(left) == len(right) and all(
            same(one, other) and same(left[one], right[other])
            for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        is_zero = left == right == 0 and math.copysign(1, left) != math.copysign(1, right)
        return (left == right and not is_zero) or (math.isnan(left) and math.isnan(right))
    return bool(left == right)


# By YAML 1.2.2: 2 and 7 for the shapes, 10.3 for the meaning.
CORE: list[tuple[str, Any]] = [
    ("", None),
    ("# nothing\n", None),
    ("---\n", None),
    ("a: 1\nb: [x, 'y', \"z\\n\"]\n", {"a": 1, "b": ["x", "y", "z\n"]}),
    ("- ~\n- null\n- Null\n-\n- ''\n", [None, None, None, None, ""]),
    ("[true, True, FALSE, yes, no, on, y]", [True, True, False, "yes", "no", "on", "y"]),
    ("[0, -0, +1, 0777, 0o17, 0xFf, 1_000]", [0, 0, 1, 777, 15, 255, "1_000"]),
    ("[1., .5, -0.0, 1e3, +1.5E-2, 1e400]", [1.0, 0.5, -0.0, 1000.0, 0.015, math.inf]),
    ("[.inf, -.Inf, .nan, inf, 1e]", [math.inf, -math.inf, math.nan, "inf", "1e"]),
    ("[22:22, 2001-12-14, =, <<, 1.2.3, 0x, '1']",
     ["22:22", "2001-12-14", "=", "<<", "1.2.3", "0x", "1"]),
    ("[9223372036854775807, 9223372036854775808, -9223372036854775809]",
     [2**63 - 1, 2**63, -(2**63) - 1]),
    ("0xFFFFFFFFFFFFFFFFFFFF", 2**80 - 1),
    ("a: |\n  x\n   y\n\nb: >-\n  p\n  q\n", {"a": "x\n y\n", "b": "p q"}),
    ("{a: , b: ~, ? c, 'd':1}", {"a": None, "b": None, "c": None, "d": 1}),
    ("[a: 1, {b: 2}]", [{"a": 1}, {"b": 2}]),
    ("2: a\n1.5: b\ntrue: c\n~: d\n", {2: "a", 1.5: "b", True: "c", None: "d"}),
    ("&a x: *a\ny: &b [1]\nz: *b\n", {"x": "x", "y": [1], "z": [1]}),
    ("<<: {a: 1}\nb: 2\n", {"<<": {"a": 1}, "b": 2}),
    ("? [1, [2]]\n: a\n? {k: [v]}\n: b\n",
     {(1, (2,)): "a", frozenset({("k", ("v",))}): "b"}),
    ("!!str 12", "12"),
    ("!!int '0x1F'", 31),
    ("!!float 1", 1.0),
    ("[!!bool 'true', !!null '', !!seq [], !!map {}]", [True, None, [], {}]),
    ("[! 12, !local 12, !e [1], !!binary YQ==]", ["12", "12", [1], "YQ=="]),
    ("!!set {a, b}", {"a": None, "b": None}),
    ("!!omap [a: 1, b: 2]", [{"a": 1}, {"b": 2}]),
    ("é: ü\n日本: \U0001f600\n", {"é": "ü", "日本": "\U0001f600"}),
    ("\ufeffa: 1", {"a": 1}),
    ("a: 1\r\nb: 'x\r\n  y'\r\n", {"a": 1, "b": "x y"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CORE)
def test_core_schema(parse: Any, text: str, expected: Any) -> None:
    assert same(parse(text), expected)
    assert same(parse(text.encode()), expected)


@pytest.mark.parametrize("text", [text for text, _ in CORE if text and text[0] != "\ufeff"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_encodings(parse: Any, text: str, codec: str) -> None:
    assert same(parse(("\ufeff" + text).encode(codec)), parse(text))
    if text[0].isascii():
        assert same(parse(text.encode(codec)), parse(text))


OTHER_SCHEMAS = [
    ("json", "{a: [null, true, -1, 1.5e3]}", None),
    ("json", '{"a": [null, true, -1, 1.5e3, "x"]}', {"a": [None, True, -1, 1500.0, "x"]}),
    ("json", "[~]", None),
    ("json", "[01]", None),
    ("json", "- 'text'\n", ["text"]),
    ("failsafe", "[null, ~, 1, true, 2001-12-14]", ["null", "~", "1", "true", "2001-12-14"]),
    ("failsafe", "[!!int 1, a]", [1, "a"]),
    ("failsafe", "a:\n", {"a": ""}),
]


@pytest.mark.parametrize(("schema", "text", "expected"), OTHER_SCHEMAS)
def test_other_schemas(parse: Any, schema: str, text: str, expected: Any) -> None:
    if expected is None:
        with pytest.raises(ConfigError, match="is no value of the JSON schema"):
            parse(text, schema=schema)
    else:
        assert same(parse(text, schema=schema), expected)


# PyYAML's own answers are the expected values.
YAML11 = [
    "yes", "No", "on", "OFF", "y", "~", "NULL", "0777", "-010", "08", "0o17", "0b1010_0111",
    "0x_0A", "+685_230", "1_", "_1", "0_", "190:20:30", "22:22", "-1:30", "01:30", "0:30",
    "190:20:30.15", "01:30.5", "-1:30.", "6.8523015e+5", "685.230_15e+03", "1e3", "1.e3",
    "1.5E-2", ".5", "-.5", "._5", "1.", "1._5", ".inf", "-.INF", ".NaN", "2001-12-14",
    "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43Z", "12345678901234567890123", "1.2.3",
    "10.0.0.1", "0xZ", "0b2", "abc", "a:b", "2001-1-1", "20:99", "1__0", "0__7", "+.inf",
]  # fmt: skip


@pytest.mark.parametrize("text", [*YAML11, "2001-12-14 21:59:43.123456789", "2001-1-2 1:02:03 +5"])
def test_yaml11_is_as_pyyaml_reads_it(parse: Any, text: str) -> None:
    assert same(parse(text, schema="yaml11"), yaml.safe_load(text))


YAML11_TEXTS = [
    "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  x: 9\n  <<: [*a, *b]\n  w: 0\n",
    "a: &a {x: 1}\nb: {<<: *a, x: 2}\nc: {<<: {p: 1}}\n",
    "!!set {a, b}",
    "!!omap [a: 1, b: 2]",
    "!!pairs [a: 1, a: 2]",
    "!!binary |\n  R0lGODlhDAAMAIQA\n  AP//9/X1\n",
    "!!timestamp 2001-12-14",
    "[!!float 1, !!int '0b11', !!str yes]",
]


@pytest.mark.parametrize("text", YAML11_TEXTS)
def test_yaml11_texts(parse: Any, text: str) -> None:
    found, expected = parse(text, schema="yaml11"), yaml.safe_load(text)
    assert same(found, expected) or found == expected
    assert type(found) is type(expected)


def test_what_pyyaml_fails_at_is_text(parse: Any) -> None:
    assert parse("[=, 0b_, 2001-99-99]", schema="yaml11") == ["=", "0b_", "2001-99-99"]


OPTIONS = [
    ("a: 1\na: 2\n", {"duplicate_keys": "last"}, {"a": 2}),
    ("a: 1\na: 2\n", {"duplicate_keys": "first"}, {"a": 1}),
    ("1: x\n0x1: y\n1.0: z\n", {"duplicate_keys": "last"}, {1: "z"}),
    ("a: {<<: {x: 1}, y: 2}", {"merge_keys": "apply"}, {"a": {"x": 1, "y": 2}}),
    ("{<<: {x: 1}}", {"schema": "yaml11", "merge_keys": "keep"}, {"<<": {"x": 1}}),
    ("'<<': {x: 1}", {"merge_keys": "apply"}, {"<<": {"x": 1}}),
    ("[<<]", {"merge_keys": "apply"}, ["<<"]),
    ("2001-12-14", {"timestamps": "datetime"}, DATE),
    ("2001-12-14 1:02:03Z", {"timestamps": "datetime"},
     datetime.datetime(2001, 12, 14, 1, 2, 3, tzinfo=UTC)),
    ("2001-12-14", {"schema": "yaml11", "timestamps": "text"}, "2001-12-14"),
    ("!vault x", {"tags": "keep"}, Tagged("!vault", "x")),
    ("a: !Ref [1]", {"tags": "keep"}, {"a": Tagged("!Ref", [1])}),
    ("%TAG !e! tag:e.org,1:\n--- !e!x {}", {"tags": "keep"}, Tagged("tag:e.org,1:x", {})),
    ("? !t [a, !u {b: [c]}]\n: x", {"tags": "keep"},
     {Tagged("!t", ("a", Tagged("!u", frozenset({("b", ("c",))})))): "x"}),
    ("? !!set {a}\n: x", {"schema": "yaml11"}, {frozenset({"a"}): "x"}),
    ("? !!omap [a: [1]]\n: x", {"schema": "yaml11"}, {(("a", (1,)),): "x"}),
    ("&m <<: {x: 1}\ny: *m\n", {"schema": "yaml11"}, {"x": 1, "y": "<<"}),
    ("!!merge k: {x: 1}\ny: 2\n", {"schema": "yaml11"}, {"x": 1, "y": 2}),
    ("!!str 1", {"tags": "error"}, "1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "expected"), OPTIONS)
def test_options(parse: Any, text: str, options: dict[str, str], expected: Any) -> None:
    assert same(parse(text, **options), expected)


def test_options_are_checked(engine: str) -> None:
    with pytest.raises(ValueError, match=r"schema 'yaml' is not one of core, json, failsafe"):
        ConfigParser(schema="yaml", engine=engine)
    with pytest.raises(ValueError, match=r"max_depth 0 is out of range 1-100000"):
        ConfigParser(max_depth=0, engine=engine)
    with pytest.raises(ValueError, match=r"max_input_bytes 1000000000000000000000 is out of range"):
        ConfigParser(max_input_bytes=10**21, engine=engine)


def test_streams(engine: str) -> None:
    parser = ConfigParser(engine=engine)
    assert list(parser.parse_yaml_all("a\n---\n- 1\n---\n...\n---\n{}\n")) == ["a", [1], None, {}]
    assert list(parser.parse_yaml_all("")) == []
    documents = parser.parse_yaml_all("a: 1\n---\nb: [\n---\nc: 1\n")
    assert next(documents) == {"a": 1}
    with pytest.raises(ConfigError) as caught:
        next(documents)
    assert caught.value.line == 4
    assert list(documents) == []
    with pytest.raises(ConfigError, match="a second document") as caught:
        parser.parse_yaml("a\n---\nb\n")
    assert caught.value.line == 2
    # An anchor is of its document only.
    with pytest.raises(ConfigError):
        list(parser.parse_yaml_all("&a 1\n---\n*a\n"))


def test_ndjson(engine: str) -> None:
    parser = ConfigParser(engine=engine)
    assert list(parser.parse_ndjson('{"a": 1}\r\n\n[2]\n  \n"x"')) == [{"a": 1}, [2], "x"]
    values = parser.parse_ndjson('1\n{"a":\n2\n')
    assert next(values) == 1
    with pytest.raises(ConfigError, match=r"`\{` is not closed") as caught:
        next(values)
    assert (caught.value.line, caught.value.column) == (2, 1)
    assert list(values) == []


def test_files(engine: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("a: [1\n", encoding="utf-8")
    parser = ConfigParser(engine=engine)
    with pytest.raises(ConfigError) as caught:
        parser.parse_yaml(path)
    assert caught.value.source == str(path)
    assert str(caught.value).startswith(f"{path}:")
    path.write_text('{"a": 1}\n', encoding="utf-8")
    assert parser.parse_yaml(path) == parser.parse_json(path) == {"a": 1}
    assert list(parser.parse_ndjson(path)) == list(parser.parse_yaml_all(path)) == [{"a": 1}]
    with pytest.raises(FileNotFoundError):
        parser.parse_yaml(tmp_path / "none.yaml")
    # A text is never taken for a path.
    assert parser.parse_yaml(str(path)) == str(path)


def test_positions(engine: str) -> None:
    text = "a: 1\nlist:\n  - é: x\n    b: [1, {c: 2}]\n'k l': |\n  text\n"
    located = ConfigParser(engine=engine).parse_located(text)
    assert located.value == {"a": 1, "list": [{"é": "x", "b": [1, {"c": 2}]}], "k l": "text\n"}
    assert located.positions == {
        (): Location(1, 1, None, None),
        ("a",): Location(1, 4, 1, 1),
        ("list",): Location(3, 3, 2, 1),
        ("list", 0): Location(3, 5, None, None),
        ("list", 0, "é"): Location(3, 8, 3, 5),
        ("list", 0, "b"): Location(4, 8, 4, 5),
        ("list", 0, "b", 0): Location(4, 9, None, None),
        ("list", 0, "b", 1): Location(4, 12, None, None),
        ("list", 0, "b", 1, "c"): Location(4, 16, 4, 13),
        ("k l",): Location(5, 8, 5, 1),
    }
    assert located.locate("list", 0) == (3, 5, None, None)
    with pytest.raises(KeyError):
        located.locate("none")
    found = ConfigParser(engine=engine).parse_located('{"a":\n [1]}', json=True)
    assert found.positions[("a", 0)] == (2, 3, None, None)
    assert found.positions[("a",)] == (2, 2, 1, 2)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=20,
)  # fmt: skip


@given(JSON_VALUES, st.booleans())
def test_json_round_trip(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    for engine in ("rust", "python"):
        parser = ConfigParser(engine=engine)
        assert same(parser.parse_json(text), value)
        assert same(json.loads(parser.dump_json(value)), value)
    # All JSON is YAML: of long keys alone YAML wants `? ` before them.
    if '": ' not in text or len(text) < 1000:
        assert same(ConfigParser(engine="rust", schema="json").parse_yaml(text), value)


DEEP_JSON = ["[" * 400 + "]" * 400, '{"a":' * 300 + "1" + "}" * 300]


@pytest.mark.parametrize("text", [*DEEP_JSON, '{"b":1,"a":{"é":[1.0,1e5,"\\u00e9",null]}}'])
def test_json_texts(engine: str, text: str) -> None:
    parser = ConfigParser(engine=engine)
    assert parser.parse_json(text) == json.loads(text)
    assert json.loads(parser.dump_json(parser.parse_json(text))) == json.loads(text)
