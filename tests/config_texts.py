"""Values and the texts that people and programs write for them, for property tests."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import strategies as st

from code_ops.config import ConfigParser

yaml = pytest.importorskip("yaml")
ruamel = pytest.importorskip("ruamel.yaml")

WORDS = st.sampled_from(["a", "b", "name", "x y", "no", "1", "é", "a.b", "c/d", "~e", "'q'", "#f"])
TEXTS = st.one_of(
    WORDS,
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.sampled_from(["l1\nl2\n", "l1\nl2", " l1\n\nl2\n\n", "- a", "a: b", "a #b", "22:22", "\t"]),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(WORDS, VALUES, min_size=1, max_size=3)
DOCUMENTS = st.one_of(st.lists(VALUES, min_size=1, max_size=3), MAPPINGS)


def ruamel_load(text: str) -> Any:
    return ruamel.YAML(typ="safe", pure=True).load(text)


def written(value: Any, style: str) -> str:
    """A text of the value, in one of the styles that people and programs write."""
    if style == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    if style == "ours":
        return ConfigParser().dump_yaml(value)
    if style == "ruamel":
        out = io.StringIO()
        ruamel.YAML(pure=True).dump(value, out)
        return out.getvalue()
    flow = {"block": False, "flow": True, "mixed": None}[style]
    text: str = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    return text


STYLES = st.sampled_from(["json", "ours", "block", "flow", "mixed", "ruamel"])
