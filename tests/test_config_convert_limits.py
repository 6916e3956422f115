"""Conversions of what cannot be converted: refusals with their places, limits, hostile input."""

from __future__ import annotations

import contextlib
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_ops import _engine
from code_ops.config_convert import convert
from code_ops.errors import ConfigError

yaml = pytest.importorskip("yaml")
if _engine.native_error() is not None:
    pytest.skip("the rust engine does not import", allow_module_level=True)

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
BRACKETS = 200_000

# Input, its format, the output's, the place and words of the error.
REFUSED = [
    (b"a: 1\nb: 2\na: 3\n", "yaml", "json", 3, 1, "key `a` stands twice"),
    (b'{"a": 1,\n "a": 2}', "json", "yaml", 2, 2, "key `a` stands twice"),
    (b"a: 1\n? [b]\n: c\n", "yaml", "json", 2, 3, "a collection as a key"),
    (b"x: &k [b]\n*k : c\n", "yaml", "json", 2, 1, "a collection as a key"),
    (b"a: &a\n  b: *a\n", "yaml", "json", 2, 6, "stands inside what it names"),
    (b"a: 1\n---\nb: 2\n", "yaml", "json", 2, 1, "--to ndjson"),
    (b"a: 1\n---\nb: 2\n", "yaml", "toml", 2, 1, "--document"),
    (b"- 1\n- .inf\n", "yaml", "json", 2, 3, "--special-floats"),
    (b"- 1\n- !!int x\n", "yaml", "json", 2, 9, "does not fit its tag"),
    (b"a:\n  b: ~\n", "yaml", "toml", 2, 6, "--drop-nulls"),
    (b"a: 1\nb: [9223372036854775808]\n", "yaml", "toml", 2, 5, "64 bits"),
    (b"a: 1\nb: -9223372036854775809\n", "yaml", "toml", 2, 4, "64 bits"),
    (b"[1]", "json", "toml", 1, 1, "a table at its top"),
    (b"a = 1\na = 2\n", "toml", "json", 2, 1, "duplicate key"),
    (b"a = [1\n", "toml", "json", 1, 0, ""),
    (b"a = 1\n[a.b]\n", "toml", "json", 2, 0, ""),
    (b"a: {<<: 1}\n", "yaml", "ndjson", 1, 9, "`<<` takes a mapping"),
    (b"a: {<<: [{}, 1]}\n", "yaml", "ndjson", 1, 9, "`<<` takes a mapping"),
    (b"a: &a 1\nb: {<<: *a}\n", "yaml", "ndjson", 2, 9, "`<<` takes a mapping"),
    (b"<<: {}\n<<: {}\n", "yaml", "ndjson", 2, 1, "`<<` stands twice"),
    (b"\xff\xfe\xfd", "json", "yaml", 1, 1, "invalid"),
    (b"a = '\xff'", "toml", "yaml", 1, 6, "invalid UTF-8"),
    (b"a: b\0c", "yaml", "json", 1, 5, "U+0000"),
    (b"a = '\0'", "toml", "json", 1, 6, "U+0000"),
    (b'{"a":1}\n{"a":', "ndjson", "yaml", 2, 1, "is not closed"),
    (b"[1,", "json", "yaml", 1, 1, "is not closed"),
    (b"", "json", "yaml", 1, 1, "expected a value"),
    (b"0x" + b"f" * 5000, "yaml", "json", 1, 1, "4096 digits"),
]


@pytest.mark.parametrize(("text", "from_", "to", "line", "column", "words"), REFUSED)
def test_what_is_refused_has_its_place(
    text: bytes, from_: str, to: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        convert(text, to, from_=from_, merge_keys="apply", name="f")
    assert caught.value.line == line
    assert not column or caught.value.column == column
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"f:{line}:")


def test_an_integer_of_a_million_digits_stays_exact() -> None:
    digits = b"7" * 1_000_000
    assert convert(b'{"a": ' + digits + b"}", "yaml", from_="json") == b"a: " + digits + b"\n"
    assert convert(b"a: " + digits, "json", indent=0) == b'{"a":' + digits + b"}\n"


def test_an_alias_bomb_ends_at_the_limit() -> None:
    lines = ["a0: &a0 [" + ", ".join("xxxxxxxxx") + "]"]
    lines += [
        f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 9) + "]" for level in range(1, 9)
    ]
    with pytest.raises(ConfigError, match="limit alias_nodes"):
        convert("\n".join(lines).encode(), "json")
    merges = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(9)) + "}"]
    for level in range(1, 9):
        pairs = ", ".join(f"k{n}: *a{level - 1}" for n in range(9))
        merges.append(f"a{level}: &a{level} {{<<: {{{pairs}}}}}")
    with pytest.raises(ConfigError, match="limit alias_nodes"):
        convert("\n".join(merges).encode(), "json", merge_keys="apply")


def test_aliases_stand_for_a_million_nodes_and_no_more() -> None:
    anchor = "- &a [" + ", ".join("x" * 99) + "]\n"
    assert convert((anchor + "- *a\n" * 10_000).encode(), "ndjson").count(b"x") == 99 * 10_001
    with pytest.raises(ConfigError, match="limit alias_nodes") as caught:
        convert((anchor + "- *a\n" * 10_001).encode(), "ndjson")
    assert caught.value.line == 10_002


def test_aliases_count_for_the_depth() -> None:
    lines = ["a0: &a0 []"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 1100)]
    with pytest.raises(ConfigError, match="deeper than 1000") as caught:
        convert("\n".join(lines).encode(), "json")
    assert caught.value.line == 1000


def test_large_toml_is_refused() -> None:
    text = b"a = 1\n".ljust((64 << 20) + 1)
    with pytest.raises(ConfigError, match="67108864 bytes"):
        convert(text, "json", from_="toml")
    assert convert(text[:1000], "json", from_="toml", indent=0) == b'{"a":1}\n'


@pytest.mark.parametrize(
    ("text", "from_"),
    [
        (b"[" * BRACKETS, "yaml"),
        (b"[" * BRACKETS + b"]" * BRACKETS, "yaml"),
        (b'{"a":' * BRACKETS, "json"),
        (b"[" * BRACKETS + b"]" * BRACKETS, "json"),
        (b"[" * BRACKETS, "ndjson"),
        (b"a = " + b"[" * BRACKETS + b"]" * BRACKETS, "toml"),
        (b"a = " + b"{a = " * BRACKETS, "toml"),
        (b"a." * BRACKETS + b"a = 1", "toml"),
        (b"[" + b"a." * BRACKETS + b"a]", "toml"),
        (b"[" * BRACKETS, "toml"),
        (b"a = " + (b"{" + b"a." * 60 + b"a = [") * 70, "toml"),
    ],
)
def test_brackets_end_at_a_limit(text: bytes, from_: str) -> None:
    with pytest.raises(ConfigError):
        convert(text, "json", from_=from_)


def test_deep_values_pass_up_to_the_limit() -> None:
    text = b"[" * 1000 + b"]" * 1000
    assert convert(text, "json", from_="json", indent=0) == text + b"\n"
    value = json.loads("[" * 400 + "]" * 400)
    assert yaml.load(convert(json.dumps(value).encode(), "yaml"), Loader=yaml.CSafeLoader) == value
    table = b'{"a":' * 997 + b'{"b": [{}], "c": 1}' + b"}" * 997
    assert convert(table, "toml", from_="json").count(b"a") >= 997


def test_paths_are_not_repeated_without_end() -> None:
    """Headers repeat their path: a long one is not made a header."""
    text = b'{"' + b"k" * 10_000 + b'": [' + b",".join([b'{"a":1}'] * 10_000) + b"]}"
    written = convert(text, "toml", from_="json")
    assert len(written) < 3 * len(text)
    assert tomllib.loads(written.decode()) == json.loads(text)


@given(st.binary(max_size=80), st.sampled_from(["yaml", "json", "ndjson", "toml"]))
@settings(max_examples=400, deadline=None)
def test_any_bytes_give_a_text_or_an_error(text: bytes, from_: str) -> None:
    for to in ("yaml", "json", "ndjson", "toml"):
        with contextlib.suppress(ConfigError):
            convert(text, to, from_=from_)


@given(st.text("ab=[]{}.,'\"\n #1-:&*<>|T\t", max_size=60), st.sampled_from(["yaml", "toml"]))
@settings(max_examples=600, deadline=None)
def test_syntax_in_pieces(text: str, from_: str) -> None:
    """What is read comes out as JSON that another reader takes, the same by way of YAML."""
    try:
        lines = convert(text.encode(), "ndjson", from_=from_)
    except ConfigError:
        return
    for line in lines.splitlines():
        json.loads(line)
    by_yaml = convert(convert(text.encode(), "yaml", from_=from_), "ndjson")
    assert by_yaml == lines


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data beside the repository")
def test_every_truncation_of_a_real_file() -> None:
    text = (SHARED / "crds.yaml").read_bytes()[:4096]
    for end in range(len(text)):
        try:
            converted = convert(text[:end], "ndjson")
        except ConfigError:
            continue
        for line in converted.splitlines():
            json.loads(line)
