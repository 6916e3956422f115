"""The YAML test suite at the level of values, where its folder stands beside the repository."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from code_ops.config import ConfigParser, DuplicateKeys
from code_ops.errors import ConfigError

SUITE = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "yaml-test-suite"
CASES = sorted(path.parent for path in SUITE.rglob("in.yaml"))
needs_suite = pytest.mark.skipif(not CASES, reason="no YAML test suite beside the repository")


def _values(text: str) -> list[Any]:
    """The JSON values of a text, one after another."""
    decoder, values, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    return values


def _same(left: Any, right: Any) -> bool:
    """Equal; booleans strictly, numbers by value."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    numbers = type(left) in (int, float) and type(right) in (int, float)
    return bool((numbers or type(left) is type(right)) and left == right)


def verdict(case: Path, parser: ConfigParser) -> bool:
    """Whether a case is read as it should be; an error wanted wins over values."""
    data = (case / "in.yaml").read_bytes()
    try:
        found = list(parser.parse_yaml_all(data))
    except ConfigError:
        return (case / "error").exists()
    if (case / "error").exists():
        return False
    expected = case / "in.json"
    return not expected.exists() or _same(found, _values(expected.read_text(encoding="utf-8")))


@needs_suite
def test_native_reads_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("code_rust_core")
    # Duplicate keys are for a loader to judge, one valid case has them.
    parser = ConfigParser(engine="rust", duplicate_keys=DuplicateKeys.LAST)
    failed = [str(case.relative_to(SUITE)) for case in CASES if not verdict(case, parser)]
    with capsys.disabled():
        sys.stdout.write(
            f"\nyaml-test-suite, values: {len(CASES) - len(failed)} of {len(CASES)} cases\n"
        )
    assert failed == []


@needs_suite
def test_where_ruamel_differs_is_known() -> None:
    """The fallback's parser has its own mind on these; see docs/config.md."""
    parser = ConfigParser(engine="python", duplicate_keys=DuplicateKeys.LAST)
    failed = [str(case.relative_to(SUITE)) for case in CASES if not verdict(case, parser)]
    assert failed == sorted(" ".join(FALLBACK_DIFFERS.values()).split())


FALLBACK_DIFFERS = {
    "a colon first on its line, in brackets": (
        "4MUZ/00 4MUZ/01 4MUZ/02 5MUD 9MMW K3WX NJ66 UT92 VJP3/01"
    ),
    "tabs as white space": (
        "6BCT A2M4 DK95/00 DK95/01 DK95/03 DK95/04 DK95/05 DK95/07 J3BT K54U Q5MG UV7Q"
    ),
    "block scalars: blank lines first, their end": "4QFQ DWX9 JEF9/02 L24T/01 R4YG",
    "documents that end before they begin": "HWV9 M7A3 QT73",
    "what is no YAML and is read all the same": "9C9N 9JBA CVW2 EB22 G5U8 QB6E RHX7 SU5Z U99R",
    "a question mark, or a tag, at the start of nothing": "652Z WZ62",
}
