"""Conversions: what independent readers of each format find in the result."""

from __future__ import annotations

import datetime
import gzip
import json
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from code_ops import _engine
from code_ops.config_convert import convert, format_of
from code_ops.errors import ConfigError, EngineError

yaml = pytest.importorskip("yaml")
ruamel = pytest.importorskip("ruamel.yaml")
if _engine.native_error() is not None:
    pytest.skip("the rust engine does not import", allow_module_level=True)

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

KEYS = st.one_of(
    st.sampled_from(["a", "b", "name", "x y", "no", "1", "é", "a.b", "", "<<", "~", "l1\nl2", '"']),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6),
)
TEXTS = st.one_of(
    KEYS,
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        [
            "l1\nl2\n",
            " l1\n\nl2\n\n",
            "1_000",
            "22:22",
            "\t",
            '""""""',
            'a\n"""',
            "\r\n",
            "\0",
            "1e3",
            "2001-01-01",
            "null",
            "'",
            "\\",
            "# c",
            "a: b",
            "-",
            "\u2028",
            "\ufeff",
            "\x7f",
        ]
    ),
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TOML_LEAVES = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), FLOATS, TEXTS)
JSON_LEAVES = st.one_of(TOML_LEAVES, st.none(), st.integers())


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)
        ),
        max_leaves=20,
    )


JSON_VALUES = nested(JSON_LEAVES)
TOML_TABLES = st.dictionaries(KEYS, nested(TOML_LEAVES), max_size=6)


def ordered(value: Any) -> str:
    """A value with the order of its keys, and the types of its numbers, for a comparison."""
    return json.dumps(value, ensure_ascii=True)


def ruamel_load_all(text: bytes) -> list[Any]:
    return list(ruamel.YAML(typ="safe", pure=True).load_all(text.decode()))


def text_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


# YAML on the left, as YAML 1.2 reads it; the exact JSON on the right.
EXACT = {
    "0x1F": "31",
    "0o17": "15",
    "0777": "777",
    "+12": "12",
    "-0": "-0",
    "1_000": '"1_000"',
    "22:22": '"22:22"',
    "2001-12-14": '"2001-12-14"',
    "no": '"no"',
    "'1'": '"1"',
    "1.50": "1.50",
    "1.": "1.0",
    ".5": "0.5",
    "-.50": "-0.50",
    "+01.20": "1.20",
    "1e3": "1e3",
    "1.E+003": "1.0E+003",
    "1e999": "1e999",
    "0.1000000000000000055511151231257827": "0.1000000000000000055511151231257827",
    "123456789012345678901234567890": "123456789012345678901234567890",
    "-000123456789012345678901234567890": "-123456789012345678901234567890",
    "0x123456789abcdef0123456789abcdef": str(0x123456789ABCDEF0123456789ABCDEF),
    "0o7777777777777777777777777": str(0o7777777777777777777777777),
    "!!str 12": '"12"',
    "!!int '0x10'": "16",
    "!!float 12": "12.0",
    "!!float 0x10": "16.0",
    "!!null ''": "null",
    "!!bool 'true'": "true",
    "!local 12": '"12"',
    "! 12": '"12"',
    "~": "null",
    "": "null",
    '"a\\0b\\u2028\\x7f\\e"': '"a\\u0000b\\u2028\\u007f\\u001b"',
}


@pytest.mark.parametrize(("written", "expected"), EXACT.items())
def test_scalars_of_yaml_in_json(written: str, expected: str) -> None:
    assert convert(f"--- {written}\n".encode(), "json").decode() == f"{expected}\n"


NUMBERS_IN_TOML = {
    "1_000": "1000",
    "0xdead_beef": str(0xDEADBEEF),
    "0b11": "3",
    "0o17": "15",
    "1_0.50": "10.50",
    "+1e1_0": "1e10",
    "-0": "-0",
}


@pytest.mark.parametrize(("written", "expected"), NUMBERS_IN_TOML.items())
def test_numbers_of_toml_in_json(written: str, expected: str) -> None:
    assert tomllib.loads(f"a = {written}")["a"] == json.loads(expected)
    got = convert(f"a = {written}".encode(), "json", from_="toml", indent=0)
    assert got.decode() == f'{{"a":{expected}}}\n'


@given(JSON_VALUES)
@settings(max_examples=300, deadline=None)
def test_json_to_yaml_and_back(value: Any) -> None:
    as_yaml = convert(text_of(value), "yaml", from_="json")
    for indent in (0, 2, 3):
        back = convert(as_yaml, "json", indent=indent)
        assert ordered(json.loads(back)) == ordered(value)


@pytest.mark.parametrize("indent", [1, 2, 4])
def test_json_is_laid_out_as_pythons(indent: int) -> None:
    value = {"a": [], "b": {}, "c": [1, [2, {"é": None}], {"x": [[]]}], "d": True}
    got = convert(text_of(value), "json", from_="json", indent=indent)
    assert got.decode() == json.dumps(value, ensure_ascii=False, indent=indent) + "\n"


@given(JSON_VALUES)
@example({"a": [[], {}, [[1]], [{"b": []}]], "c": "l1\nl2\n"})
@settings(max_examples=200, deadline=None)
def test_readers_of_yaml_1_1_and_1_2_find_the_same_values(value: Any) -> None:
    as_yaml = convert(text_of(value), "yaml", from_="json")
    assert ordered(yaml.safe_load(as_yaml)) == ordered(value)
    assert ordered(ruamel_load_all(as_yaml)) == ordered([value])


@given(st.lists(JSON_VALUES, max_size=4))
@settings(max_examples=100, deadline=None)
def test_documents_stay_apart(values: list[Any]) -> None:
    ndjson = b"".join(text_of(value) + b"\n" for value in values)
    as_yaml = convert(ndjson, "yaml", from_="ndjson")
    assert ordered(ruamel_load_all(as_yaml)) == ordered(values)
    back = convert(as_yaml, "ndjson")
    assert ordered([json.loads(line) for line in back.split(b"\n") if line]) == ordered(values)
    array = convert(as_yaml, "json", array=True)
    assert ordered(json.loads(array)) == ordered(values)
    for number, value in enumerate(values, 1):
        one = convert(as_yaml, "json", document=number)
        assert ordered(json.loads(one)) == ordered(value)


@given(TOML_TABLES)
@example({"a": {"b": {"c": 1}, "d": {}}, "e": [{"f": [{"g": 1}, {}]}, {"h": {"i": 1}}]})
@example({"a": {"x": 1, "t": {"y": {}}}, "b": 2, "c": [{"z": 1}], "d": [[{"q": 1}], []]})
@example({"a": {"b": [{"c": 1}], "d": 1}, "e": {"f": {"g": {"h": 1}}, "i": [1, {"j": "l1\nl2"}]}})
@settings(max_examples=500, deadline=None)
def test_toml_keeps_values_and_order(table: dict[str, Any]) -> None:
    as_toml = convert(text_of(table), "toml", from_="json")
    assert ordered(tomllib.loads(as_toml.decode())) == ordered(table)
    assert ordered(json.loads(convert(as_toml, "json", from_="toml"))) == ordered(table)
    assert convert(as_toml, "toml", from_="toml") == as_toml


TOML_TEXTS = [
    "a.b = 1\n[x]\ny = [1, [2.5, 'z']]\n[x.u]\nv = '''\nl1\nl2'''\n",
    (
        "[[fruit]]\nname = 'apple'\n[fruit.physical]\ncolor = 'red'\n[[fruit.variety]]\nn = 1\n"
        "[[fruit.variety]]\nn = 2\n[[fruit]]\nname = 'banana'\n"
    ),
    "[a]\n[b]\nx = 1\n[a.c]\ny = 2\n[c.d]\n[c]\nz = {q.r = 1, s = []}\n",
    '"a.b".\'c d\' = """\\\n   x \\u00e9 \\\\ ""quotes"" """\n1.2 = true\n',
    "d = 1979-05-27T07:32:00Z\ne = 1979-05-27 00:32:00.999999-07:00\n",
    "f = 1979-05-27\ng = 07:32:00\nh = 1979-05-27T07:32:00\n",
    "i = [inf, -inf, nan, +1.5, 1e06, 0.0, -0.0]\n",
    "\ufeffx = 1\r\n[y]\r\nz = 'a'\r\n",
]


def as_yaml_has_it(value: Any) -> Any:
    """What tomllib reads, dates and times as texts."""
    if isinstance(value, dict):
        return {key: as_yaml_has_it(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_yaml_has_it(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat().replace("+00:00", "Z")
    return value


@pytest.mark.parametrize("text", TOML_TEXTS)
def test_toml_as_tomllib_reads_it(text: str) -> None:
    read = tomllib.loads(text.removeprefix("\ufeff"))
    as_yaml = convert(text.encode(), "yaml", from_="toml")
    expected = as_yaml_has_it(read)
    assert ordered(yaml.safe_load(as_yaml)) == ordered(expected)
    assert ordered(ruamel_load_all(as_yaml)) == ordered([expected])
    # Dates and times stay what they are.
    again = tomllib.loads(convert(text.encode(), "toml", from_="toml").decode())
    assert repr(again) == repr(read)


MERGES = [
    "a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\n",
    "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n  w: 0\n",
    "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: &c\n  <<: *b\n  x: 9\nd: *c\ne: {<<: {q: 1}, r: 2}\n",
    "a: &a {}\nb: {<<: *a}\nc: {<<: []}\nd: {<<: [{x: {y: [1]}}, {x: 2, z: &z [1]}], v: *z}\n",
    "? &k key\n: *k\nb: {*k : 1}\nc: &c {*k : [*k]}\nd: {<<: *c}\n",
]


@pytest.mark.parametrize("text", MERGES)
def test_aliases_and_merge_keys_as_pyyaml_has_them(text: str) -> None:
    assert json.loads(convert(text.encode(), "json", merge_keys="apply")) == yaml.safe_load(text)


@st.composite
def merging(draw: st.DrawFn) -> str:
    """Mappings that merge those before them, in each way to write it."""
    lines = []
    for number in range(draw(st.integers(1, 6))):
        entries = [f"{key}: {number}" for key in draw(st.sets(st.sampled_from("abcd")))]
        known = st.sampled_from([f"*m{other}" for other in range(number)] + ["{a: in, e: in}"])
        way = draw(st.sampled_from(["none", "one", "list", "inner"]))
        if way == "list":
            entries.append(f"<<: [{', '.join(draw(st.lists(known, max_size=3)))}]")
        elif way != "none":
            entries.append(f"<<: {draw(known)}")
        if way == "inner" and number:
            entries.append(f"f: {{<<: {draw(known)}, a: &v{number} [{number}]}}")
            entries.append(f"g: *v{number}")
        lines.append(f"- &m{number} {{{', '.join(draw(st.permutations(entries)))}}}")
        if lines[-1].find(f"*v{number}") < lines[-1].find(f"&v{number}"):
            lines[-1] = f"- &m{number} {{}}"
    return "\n".join(lines) + "\n"


@given(merging())
@settings(max_examples=300, deadline=None)
def test_any_merges_are_those_of_pyyaml(text: str) -> None:
    assert json.loads(convert(text.encode(), "json", merge_keys="apply")) == yaml.safe_load(text)


def test_merge_keys_are_kept_by_default() -> None:
    text = b"a: &a {x: 1}\nb: {<<: *a, y: 2}\n"
    assert json.loads(convert(text, "json")) == {"a": {"x": 1}, "b": {"<<": {"x": 1}, "y": 2}}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_anchors_and_aliases_as_pyyaml_reads_them(data: st.DataObject) -> None:
    """PyYAML writes anchors for what is shared, and reads them."""
    shared = data.draw(st.lists(nested(st.integers()), min_size=1, max_size=3))
    pick = st.sampled_from(shared)
    value = data.draw(
        st.recursive(
            pick,
            lambda inner: st.one_of(
                st.lists(st.one_of(inner, pick), max_size=3),
                st.dictionaries(st.sampled_from("abc"), st.one_of(inner, pick), max_size=3),
            ),
            max_leaves=12,
        )
    )
    text = yaml.safe_dump([value, value, shared], sort_keys=False)
    expected = yaml.safe_load(text)
    assert ordered(json.loads(convert(text.encode(), "json"))) == ordered(expected)


def test_the_order_of_keys_stays() -> None:
    keys = [f"k{number * 7919 % 1000}" for number in range(1000)]
    text = "".join(f"{key}: {{z: 1, a: 2}}\n" for key in keys).encode()
    for to, load in (("json", json.loads), ("yaml", yaml.safe_load)):
        assert list(load(convert(text, to))) == keys
    assert list(tomllib.loads(convert(text, "toml").decode())) == keys


# An empty input, and what it is in each format.
EMPTY = [
    ("yaml", "json", "null\n"),
    ("yaml", "ndjson", ""),
    ("yaml", "yaml", ""),
    ("yaml", "toml", ""),
    ("ndjson", "yaml", ""),
    ("toml", "json", "{}\n"),
    ("toml", "yaml", "{}\n"),
]


@pytest.mark.parametrize(("from_", "to", "expected"), EMPTY)
def test_nothing_is_nothing(from_: str, to: str, expected: str) -> None:
    assert convert(b"", to, from_=from_).decode() == expected


def test_infinities_and_nan() -> None:
    text = b"[.inf, -.INF, .nan]"
    assert json.loads(convert(text, "json", special_floats="null")) == [None, None, None]
    assert json.loads(convert(text, "json", special_floats="string")) == [".inf", "-.inf", ".nan"]
    infinite, negative, no_number = tomllib.loads(
        convert(b"a: [.inf, -.INF, .nan]", "toml").decode()
    )["a"]
    assert (infinite, negative) == (math.inf, -math.inf)
    assert math.isnan(no_number)
    assert yaml.safe_load(convert(text, "yaml"))[:2] == [math.inf, -math.inf]


def test_keys_with_null_are_left_out_of_toml() -> None:
    value = {
        "a": None,
        "b": {"c": None},
        "d": [{"e": None, "f": 1}],
        "g": {"h": {"i": None}},
        "j": 1,
    }
    written = convert(text_of(value), "toml", from_="json", drop_nulls=True)
    assert tomllib.loads(written.decode()) == {"b": {}, "d": [{"f": 1}], "g": {"h": {}}, "j": 1}
    with pytest.raises(ConfigError, match="null has no form"):
        convert(b"a: [1, null]", "toml", drop_nulls=True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data beside the repository")
def test_a_real_file_as_pyyaml_reads_it() -> None:
    loader = yaml.SafeLoader
    # PyYAML fails at a bare `=`, and reads dates.
    plain: Any = type("Plain", (loader,), {})
    plain.add_constructor("tag:yaml.org,2002:value", loader.construct_yaml_str)
    plain.add_constructor("tag:yaml.org,2002:timestamp", loader.construct_yaml_str)
    text = (SHARED / "crds.yaml").read_bytes()[:200_000].rsplit(b"\n---", 1)[0]
    expected = list(yaml.load_all(text, Loader=plain))
    lines = convert(text, "ndjson").splitlines()
    assert [json.loads(line) for line in lines] == expected
    assert ruamel_load_all(convert(text, "yaml")) == expected


def test_files_by_their_names(tmp_path: Path) -> None:
    value = {"b": 1.5, "a": ["x"]}
    texts = {
        "f.yaml": b"b: 1.5\na: [x]\n",
        "f.json": text_of(value),
        "f.jsonl": text_of(value),
        "f.toml": b"b = 1.5\na = ['x']\n",
        "f.toml.gz": gzip.compress(b"b = 1.5\na = ['x']\n"),
        "other": b"b: 1.5\na: [x]\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
        assert ordered(json.loads(convert(tmp_path / name, "json"))) == ordered(value)
    several = convert([tmp_path / name for name in texts], "ndjson")
    assert [json.loads(line) for line in several.splitlines()] == [value] * len(texts)
    with pytest.raises(OSError, match="no such file"):
        convert(tmp_path / "none.yaml", "json")


def test_an_error_names_the_file_it_is_in(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("a: 1\n")
    (tmp_path / "bad.yaml").write_text("a: [\n")
    with pytest.raises(ConfigError) as caught:
        convert([tmp_path / "good.yaml", tmp_path / "bad.yaml"], "ndjson")
    assert caught.value.source == str(tmp_path / "bad.yaml")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.YAML", "yaml"),
        ("a.yml.zst", "yaml"),
        ("a.jsonl.gz", "ndjson"),
        ("a", None),
        ("a.gz", None),
    ],
)
def test_names_of_formats(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


@pytest.mark.parametrize(
    "options", [{"to": "xml"}, {"to": "json", "from_": "ini"}, {"to": "json", "merge_keys": "x"}]
)
def test_options_that_are_none(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not one of"):
        convert(b"a: 1", **options)


def test_it_needs_the_native_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    with pytest.raises(EngineError, match="config convert"):
        convert(b"a: 1", "json")
