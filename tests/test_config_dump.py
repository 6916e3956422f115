"""YAML text of values: readers of YAML 1.1 and 1.2 take it for the same value."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from code_ops.config import ConfigParser, Tagged
from code_ops.errors import ConfigError

# The style, by hand: what a person would write, in quotes where some reader would stumble.
ROWS = [
    (None, "null\n"),
    ("", '""\n'),
    ("text", "text\n"),
    ([], "[]\n"),
    ({}, "{}\n"),
    ({"a": 1, "b": [1, "x", None, True], "c": {}},
     "a: 1\nb:\n  - 1\n  - x\n  - null\n  - true\nc: {}\n"),
    ([[1, [2]], {"a": {"b": []}, "c": 1}], "- - 1\n  - - 2\n- a:\n    b: []\n  c: 1\n"),
    ({"no": "no", "y": "22:22", "1": "0777"}, '"no": "no"\n"y": "22:22"\n"1": "0777"\n'),
    (["2001-12-14", "1e3", "0x", "=", "<<", "~", "null", "1_0", ".5", "._", "-._1"],
     ('- "2001-12-14"\n- "1e3"\n- "0x"\n- "="\n- "<<"\n- "~"\n- "null"\n- "1_0"\n- ".5"\n'
      '- "._"\n- "-._1"\n')),
    (["1.2.3", "10.0.0.1", "a:b", "-x", "a#b", "it's", "C:\\x", "a, b", "[x"],
     "- 1.2.3\n- 10.0.0.1\n- a:b\n- -x\n- a#b\n- it's\n- C:\\x\n- a, b\n- \"[x\"\n"),
    (["- x", "a: b", "a #b", "a:", " a", "a ", "---", "@x", "\t", "x\x07\x85"],
     ('- "- x"\n- "a: b"\n- "a #b"\n- "a:"\n- " a"\n- "a "\n- "---"\n- "@x"\n- "\\t"\n'
      '- "x\\u0007\\u0085"\n')),
    ({"t": "a\nb\n"}, "t: |\n  a\n  b\n"),
    (["a\n\nb", "a\n\n\n", " a\nb\n"], "- |-\n  a\n\n  b\n- |+\n  a\n\n\n- |2\n   a\n  b\n"),
    ("a\nb", "|-\n  a\n  b\n"),
    (["\n", "a\n  \nb", "a\r\n"], '- "\\n"\n- "a\\n  \\nb"\n- "a\\r\\n"\n'),
    ([1.0, 1e16, 1.5e-7, -0.0, math.inf, -math.inf, 2**70],
     "- 1.0\n- 1.0e+16\n- 1.5e-07\n- -0.0\n- .inf\n- -.inf\n- 1180591620717411303424\n"),
    ({2: 1, None: 3, 1.5: 5}, "2: 1\nnull: 3\n1.5: 5\n"),
    ({(1, "a,b"): 2, frozenset({("k", (1,))}): [3]}, '? [1, "a,b"]\n: 2\n? {k: [1]}\n:\n  - 3\n'),
    ({("0?", "a"): 1, "0?": 2}, '? ["0?", a]\n: 1\n0?: 2\n'),
    ((1, (2,)), "- 1\n- - 2\n"),
    ({"s": {"b", "a"}}, "s: !!set\n  a: null\n  b: null\n"),
    ({"b": b"abc"}, 'b: !!binary "YWJj"\n'),
    (datetime.date(2001, 12, 14), "2001-12-14\n"),
    ({"a": Tagged("!Ref", "x"), "b": Tagged("!s", [1]), "c": Tagged("tag:e.org,1:t", {})},
     "a: !Ref x\nb: !s\n  - 1\nc: !<tag:e.org,1:t> {}\n"),
    ([Tagged("!s", [1]), Tagged("!m", {"a": "x\ny"})],
     "- !s\n  - 1\n- !m\n  a: |-\n    x\n    y\n"),
    ({"é": "日本 \U0001f600"}, "é: 日本 \U0001f600\n"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), ROWS, ids=range(len(ROWS)))
def test_style(engine: str, value: Any, text: str) -> None:
    assert ConfigParser(engine=engine).dump_yaml(value) == text


def test_long_keys_are_explicit(engine: str) -> None:
    key = "k" * 2000
    parser = ConfigParser(engine=engine)
    text = parser.dump_yaml({key: [1], "l": 2})
    assert text == f"? {key}\n:\n  - 1\nl: 2\n"
    assert parser.parse_yaml(text) == {key: [1], "l": 2}


def test_streams(engine: str) -> None:
    parser = ConfigParser(engine=engine)
    values: list[Any] = [{"a": 1}, [], "x\ny\n", None]
    text = parser.dump_yaml_all(values)
    assert text == "---\na: 1\n---\n[]\n---\n|\n  x\n  y\n---\nnull\n"
    assert list(parser.parse_yaml_all(text)) == values
    assert parser.dump_yaml_all(iter([])) == ""


@pytest.mark.parametrize("value", [object(), [1j], {"a": {object(): 1}}], ids=repr)
def test_other_values_are_errors(engine: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"a value of type `\w+` cannot be written as YAML"):
        ConfigParser(engine=engine).dump_yaml(value)


def test_cycles_are_errors(engine: str) -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ConfigError, match="nested deeper than 1000, or contain themselves"):
        ConfigParser(engine=engine).dump_yaml(value)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    | st.text() | st.text(alphabet="ab \n\t:#-'\"{}[],&*!|>%@`?0123456789.eE+_xo~=<yn", max_size=12)
)  # fmt: skip
KEYS = st.text(max_size=8) | st.integers() | st.none()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=15
)


@given(VALUES)
@settings(max_examples=600)
def test_every_reader_reads_the_value_back(value: Any) -> None:
    texts = {engine: ConfigParser(engine=engine).dump_yaml(value) for engine in ("rust", "python")}
    assert texts["rust"] == texts["python"]
    text = texts["rust"]
    for schema in ("core", "yaml11"):
        assert ConfigParser(schema=schema).parse_yaml(text) == value
    assert yaml.load(text, Loader=yaml.SafeLoader) == value
    reader = YAML(typ="safe", pure=True)
    assert reader.load(text) == value
