"""Both engines on any text, and the differences between them, each by name.

``DIFFERENCES`` is the list that docs/config.md sums up: ruamel.yaml's parser is not ours, and what
it reads in another way is kept, not mended. A row that comes true on both engines has to go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from code_ops.config import ConfigParser
from code_ops.errors import ConfigError

ERROR = object()

# Name, text, native value, value of the fallback.
DIFFERENCES: list[tuple[str, str, Any, Any]] = [
    ("a tab between tokens", "a:\t\t1\n\t\nb:\t[\t1]\n", {"a": 1, "b": [1]}, ERROR),
    ("a tag behind which a comma stands", "[!t, a]", ["", "a"], ["a"]),
    ("a tag behind which a bracket stands", "[a, !t]", ["a", ""], ERROR),
    ("a question mark that begins text in brackets", "[?a]", ["?a"], [{"a": None}]),
    ("a colon before a comma", "{a:, b: 1}", {"a": None, "b": 1}, {"a:": None, "b": 1}),
    ("a colon alone in brackets", "[:]", [{None: None}], [":"]),
    ("a colon first on its line in brackets", "{a\n: b}", {"a": "b"}, ERROR),
    ("a block scalar whose last line has no break", "|\n a", "a\n", "a"),
    ("a bracket that closes too far left", "? [a\n]\n: b\n", ERROR, {("a",): "b"}),
    ("a comment without a space before it", "[a, b,#c\n]", ERROR, ["a", "b"]),
    ("two ends of a document", "---\n...\n...\n", None, ERROR),
    ("a later version", "%YAML 1.3\n--- a", "a", ERROR),
    ("NEL is a break in quotes", "'a\x85  b'", "a\x85  b", "a b"),
    ("NEL in a block scalar", "|\n a\x85b\n", "a\x85b\n", ERROR),
    ("the separator of lines in quotes", "'a\u2028 b'", "a\u2028 b", "a\u2028b"),
    ("DEL outside quotes", "a\x7f", ERROR, "a\x7f"),
    ("a byte order mark in the text", "a: \ufeffb", ERROR, {"a": "\ufeffb"}),
    ("an escape in a core tag", "!!%69nt 3", "3", 3),
]  # fmt: skip


def read(engine: str, text: str) -> Any:
    try:
        return ConfigParser(engine=engine).parse_yaml(text)
    except ConfigError:
        return ERROR


@pytest.mark.parametrize(
    ("text", "native", "fallback"),
    [row[1:] for row in DIFFERENCES],
    ids=[row[0] for row in DIFFERENCES],
)
def test_differences_by_name(engine: str, text: str, native: Any, fallback: Any) -> None:
    assert native is not fallback
    assert read(engine, text) == (native if engine == "rust" else fallback)


# Syntax that both have, so that all else can be compared: meaning, places, errors.
SCALARS = st.sampled_from(
    [
        *("a", "b", "x y", "é", "1", "1.0", "0x1", "0o7", "0777", "1_0", "-.inf", ".5", "~", "no"),
        *("true", "=", "22:22", "2001-12-14", "<<", "'x'", '"y\\n"', "*a", "*b", "&a c", "&b 1"),
        *("!!str 1", "!t v", "! z", "!!float 3", "!!binary YQ=="),
    ]
)
PROPERTIES = st.sampled_from(
    ["", "", "", "&a ", "&b ", "!t ", "!!map ", "!!seq ", "!!omap ", "!!set ", "&a !t "]
)


def _collections(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    pairs = st.tuples(inner, inner).map(lambda pair: f"? {pair[0]} : {pair[1]}")
    mappings = st.lists(pairs, max_size=3).map(lambda items: f"{{{', '.join(items)}}}")
    return st.tuples(PROPERTIES, lists | mappings).map("".join)


FLOW = st.recursive(SCALARS, _collections, max_leaves=8)
LINES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "<<", "1", "'k'", "&a k", "!t k"]), FLOW).map(
        lambda pair: f"{pair[0]}: {pair[1]}\n"
    ),
    min_size=1,
    max_size=4,
).map("".join)
OPTIONS = st.fixed_dictionaries(
    {
        "schema": st.sampled_from(["core", "core", "json", "failsafe", "yaml11"]),
        "duplicate_keys": st.sampled_from(["error", "last", "first"]),
        "merge_keys": st.sampled_from(["auto", "apply", "keep"]),
        "timestamps": st.sampled_from(["auto", "text", "datetime"]),
        "tags": st.sampled_from(["ignore", "error", "keep"]),
    }
)


def outcome(engine: str, text: str | bytes, options: dict[str, Any]) -> Any:
    """Value and places, or message and place of the error."""
    try:
        located = ConfigParser(engine=engine, **options).parse_located(text)
    except ConfigError as error:
        return error.message, error.line, error.column, error.excerpt, error.hint
    return located.value, located.positions


@given(FLOW | LINES, OPTIONS)
@settings(max_examples=600)
@example("? !!set {a}\n: 1\n", {"schema": "yaml11"})
@example("? [!t [a]]\n: 1\n", {"tags": "keep"})
@example("? !!omap [a: [1]]\n: 1\n", {"schema": "yaml11"})
@example("a: {b: 1}\nb: 2\na:\n  c: 3\n", {})
@example("&a <<: {a: 1}\nb: *a\n", {"merge_keys": "apply"})
@example("!!merge k: {a: 1}\n", {"merge_keys": "apply"})
@example("!!int 12345678901234567890\n", {"max_integer_digits": 5})
@example("123456789012345678\n", {"max_integer_digits": 5})
def test_the_engines_agree(text: str, options: dict[str, Any]) -> None:
    native, fallback = (outcome(engine, text, options) for engine in ("rust", "python"))
    # Natively an alias without its anchor is found before what stands earlier means something.
    if isinstance(native[0], str) and native[0].startswith("alias `*"):
        assert len(fallback) == 5
    else:
        assert repr(native) == repr(fallback) or native == fallback


TEXTS = st.text(max_size=40) | st.text(alphabet="ab:-?#[]{}&*!|>'\"\\ \n\t,%1u", max_size=30)


def failure(parse: Callable[[str], object], text: str) -> ConfigError | None:
    try:
        parse(text)
    except ConfigError as error:
        return error
    return None


@given(TEXTS)
@settings(max_examples=300)
@example('"\\uD800"')
@example('"\\UFFFFFFFF"')
@example("%YAML 1.x\n---")
def test_the_fallback_gives_a_value_or_an_error_inside_the_text(text: str) -> None:
    parser = ConfigParser(engine="python")
    for parse in (
        parser.parse_yaml,
        parser.parse_located,
        lambda t: list(parser.parse_yaml_all(t)),
    ):
        error = failure(parse, text)
        if error is not None:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            assert len(error.excerpt) <= 120


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
@example("é: \U0001f600\r\na: [", "utf-16")
def test_text_and_its_bytes_are_one(text: str, codec: str) -> None:
    text = "a" + text.replace("\0", "")
    for engine in ("rust", "python"):
        found = [repr(outcome(engine, source, {})) for source in (text, text.encode(codec))]
        assert found[0] == found[1]


def test_a_pair_of_escapes_is_one_character(engine: str) -> None:
    assert read(engine, '"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize("text", ["%YAML 1.1\n--- 0777", "%YAML 1.1\n---\n- no\n- 'a\\/b'\n"])
def test_a_directive_changes_no_meaning(engine: str, text: str) -> None:
    assert read(engine, text) == read(engine, text.partition("\n")[2])


@pytest.mark.parametrize("depth", [300, 450, 900])
def test_keys_within_keys_end_in_an_error(engine: str, depth: int) -> None:
    key = "{" + "? {" * depth + "a: b" + "}" * depth
    with pytest.raises(ConfigError, match=r"stands twice in this mapping|too deep in keys"):
        ConfigParser(engine=engine).parse_yaml(f"{key}: 1, {key[1:]}: 2}}")


# Numbers and near-numbers, of which PyYAML says what they are.
YAML11 = st.lists(
    st.sampled_from(
        [
            *("0", "1", "7", "9", "5", "59", "60", "_", ":", ".", "e", "E", "+", "-", "0x", "0b"),
            *("T", "Z", "2001-12-14", ":30", ".5", "yes", ".inf"),
        ]
    ),
    min_size=1,
    max_size=5,
).map("".join)


@given(YAML11)
@settings(max_examples=1_000)
@example("1e+3")
@example("-0b1_0:30.")
def test_yaml11_is_pyyaml(text: str) -> None:
    text = f"- {text}"
    try:
        expected = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return
    for engine in ("rust", "python"):
        found = ConfigParser(engine=engine, schema="yaml11", duplicate_keys="last").parse_yaml(text)
        assert repr(found) == repr(expected)
