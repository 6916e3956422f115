"""``dump_json``: what Python's ``json`` writes where that is right, and errors with their place."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_ops.config import ConfigParser, Tagged
from code_ops.errors import ConfigError

KEYS = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 0, 1, 4]), st.booleans())
def test_texts_are_those_of_json(value: Any, indent: int | None, sort_keys: bool) -> None:
    separators = (",", ":") if indent is None else (",", ": ")
    expected = json.dumps(
        value, ensure_ascii=False, indent=indent, sort_keys=sort_keys, separators=separators
    )
    found = ConfigParser(engine="python").dump_json(value, indent=indent, sort_keys=sort_keys)
    assert found == expected


@given(st.dictionaries(KEYS.filter(lambda key: key not in (math.inf, -math.inf)), st.integers()))
def test_keys_become_text_or_an_error(value: dict[Any, int]) -> None:
    texts = [next(iter(json.loads(json.dumps({key: 0})))) for key in value]
    parser = ConfigParser(engine="python")
    if len(set(texts)) == len(texts):
        found = json.loads(parser.dump_json(value, sort_keys=True))
        assert found == dict(zip(texts, value.values(), strict=True))
        assert list(found) == sorted(texts)
    else:
        with pytest.raises(ConfigError, match="two keys become"):
            parser.dump_json(value)


CYCLE: dict[str, Any] = {"b": [1]}
CYCLE["b"].append(CYCLE)

ERRORS = [
    (math.nan, "nan is no number of JSON, at ''"),
    ({"a": [0, -math.inf]}, "-inf is no number of JSON, at '/a/1'"),
    ({"a": {"b/~": datetime.date(2001, 12, 14)}}, "JSON has no date, at '/a/b~1~0'"),
    ([b"x"], "JSON has no bytes, at '/0'"),
    ([[], {1, 2}], "JSON has no set, at '/1'"),
    ({"x": Tagged("!t", 1)}, "JSON has no Tagged, at '/x'"),
    ({"x": {(1,): 2}}, "JSON has no key that is a tuple, at '/x'"),
    ({1: "a", "1": "b"}, "two keys become \"1\", at ''"),
    ({"k": {math.inf: 1}}, "inf is no number of JSON, at '/k'"),
    (["\ud800"], "character U+D800 is a surrogate alone, at '/0'"),
    ({"a": {"\ud800": 1}}, "character U+D800 is a surrogate alone, at '/a'"),
    (CYCLE, "a value contains itself, at '/b/1'"),
    (object(), "JSON has no object, at ''"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "message"), ERRORS, ids=[message for _, message in ERRORS])
def test_what_json_cannot_hold(engine: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ConfigParser(engine=engine).dump_json(value)
    assert str(caught.value) == caught.value.message == message
    assert (caught.value.line, caught.value.column) == (0, 0)


def test_what_stands_twice_is_no_cycle(engine: str) -> None:
    shared = [1]
    assert ConfigParser(engine=engine).dump_json([shared, {"a": shared}]) == '[[1],{"a":[1]}]'


@pytest.mark.parametrize("exponent", [540, 541, 542, 4_299, 4_300, 20_000])
def test_integers_are_exact_at_any_size(engine: str, exponent: int) -> None:
    parser = ConfigParser(engine=engine)
    text = "7" + "0" * (exponent - 1) + "1"
    number = 7 * 10**exponent + 1
    assert parser.dump_json([number, -number]) == f"[{text},-{text}]"
    assert parser.parse_json(parser.dump_json(number)) == number


def test_nesting_has_no_limit_of_its_own(engine: str) -> None:
    parser = ConfigParser(engine=engine, max_depth=100_000)
    text = "[" * 50_000 + "]" * 50_000
    assert parser.dump_json(parser.parse_json(text)) == text


def test_json_is_written_small_or_indented(engine: str) -> None:
    parser = ConfigParser(engine=engine)
    assert parser.dump_json({"b": [1, None], "a": "é"}) == '{"b":[1,null],"a":"é"}'
    assert parser.dump_json({"b": 1, "a": []}, indent=2, sort_keys=True) == (
        '{\n  "a": [],\n  "b": 1\n}'
    )
