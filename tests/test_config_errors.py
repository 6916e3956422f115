"""What ``ConfigParser`` refuses, where it says that is, and input made to hurt."""

from __future__ import annotations

import copy
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_ops.config import ConfigParser
from code_ops.errors import ConfigError

# Both engines say these with one voice. Line and column are those of the place to mend.
SAME = [
    ("a: 1\na: 2\n", {}, 2, 1, "key `a` stands twice in this mapping"),
    ("{x: 1, 0x1: a, 1: b}", {}, 1, 16, "key `1` stands twice in this mapping"),
    ("a:\n  - b: 1\n    c: 2\na:\n  - x\nd: 3\n", {}, 4, 1, "key `a` stands twice in this mapping"),
    ("k: &a\n  b: 1\nk: [1,\n  2]\n", {}, 3, 1, "key `k` stands twice in this mapping"),
    ("? [a]\n: 1\n? [a]\n: 2\n", {}, 3, 3, "key `('a',)` stands twice in this mapping"),
    ("1: x\ntrue: y\n", {}, 2, 1, "key `True` stands twice in this mapping"),
    ("- &a [1, *a]\n", {}, 1, 10, "alias `*a` stands inside what it names"),
    ("&a 1: 2\nb: &a [*a]\n", {}, 2, 8, "alias `*a` stands inside what it names"),
    ("[*a]", {}, 1, 2, "alias `*a` has no anchor before it in this document"),
    ("a: !!int x", {}, 1, 10, "`x` is not of its tag `!!int`"),
    ("!!float 0x1", {}, 1, 9, "`0x1` is not of its tag `!!float`"),
    ("!!map x", {}, 1, 7, "tag `!!map` is not for a scalar"),
    ("!!seq {}", {}, 1, 7, "tag `!!seq` is not for a mapping"),
    ("!!str []", {}, 1, 7, "tag `!!str` is not for a sequence"),
    ("a: !x 1", {"tags": "error"}, 1, 7, "unknown tag `!x`"),
    ("!!binary é", {"schema": "yaml11"}, 1, 10, "`!!binary` is not followed by base 64"),
    ("{<<: 1}", {"merge_keys": "apply"}, 1, 6, "`<<` takes a mapping or a list of mappings"),
    ("a: b\0", {}, 1, 5, "character U+0000 is not allowed here"),
    (b"a: \xff", {}, 1, 4, "invalid UTF-8 at byte 3"),
    (b"\xff\xfea\0\x00\xd8", {}, 1, 2, "invalid UTF-16LE at byte 4"),
    ("é: [1,\n 1234]", {"max_scalar_bytes": 3}, 2, 2,
     "scalar is longer than 3 bytes (limit scalar_bytes)"),
    ("[[[1]]]", {"max_depth": 2}, 1, 3, "collections are nested deeper than 2 (limit depth)"),
    ("12345678901234567890123", {"max_integer_digits": 22}, 1, 1,
     "integer is longer than 22 digits (limit integer_digits)"),
    ("abc", {"max_input_bytes": 2}, 1, 1, "input is longer than 2 bytes (limit input_bytes)"),
    ("a: &a [1, 2]\nb: *a\nc: *a\n", {"max_alias_nodes": 5}, 3, 4,
     "aliases stand for more than 5 nodes (limit alias_nodes)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "line", "column", "message"), SAME)
def test_errors(
    engine: str, text: str, options: dict[str, Any], line: int, column: int, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        ConfigParser(engine=engine, **options).parse_yaml(text)
    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)
    assert str(error).startswith(f"{line}:{error.column}: {message}")


# By the specification no YAML; each engine has words of its own for why.
NO_YAML = [
    ("a: b: c", 1, 5),
    ("a:\n\tb: 1", 2, 1),
    ("[1, 2", 1, 1),
    ("'a", 1, 1),
    ('"\\x"', 1, 2),
    ("a: 1\n b: 2\n", 2, 3),
    ("%YAML 1.2\na", 1, 1),
    ("a: @b", 1, 4),
    ("key: [a]]", 1, 9),
    ("- a\nb: c\n", 2, 1),
]


@pytest.mark.parametrize(("text", "line", "column"), NO_YAML)
def test_no_yaml(engine: str, text: str, line: int, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        ConfigParser(engine=engine).parse_yaml(text)
    if engine == "rust":
        assert (caught.value.line, caught.value.column) == (line, column)
        assert caught.value.excerpt == text.splitlines()[line - 1]


NO_JSON = [
    ("", 1, 1, "expected a value"),
    ("[1,]", 1, 4, "expected a value: JSON has no comma before `]`"),
    ('{"a":1,}', 1, 8, "expected a key: JSON has no comma before `}`"),
    ("{'a':1}", 1, 2, "expected a key in double quotes or `}`"),
    ('{"a" 1}', 1, 6, "expected `:` after the key"),
    ("[1 2]", 1, 4, "expected `,` or `]`"),
    ('[\n{"a":', 2, 1, "`{` is not closed"),
    ("1 2", 1, 3, "expected the end after the value"),
    ("01", 1, 2, "expected a number without zeros before it"),
    ("1.", 1, 3, "expected a digit"),
    ("NaN", 1, 1, "expected a value: JSON has neither NaN nor Infinity"),
    ("truex", 1, 5, "expected `,` or the end after the value"),
    ('"a', 1, 1, "the string is not closed"),
    ('"a\nb"', 1, 3, "character U+000A is not allowed here"),
    ('"\\x41"', 1, 2, "unknown escape in double quotes"),
    ('"\\ud800"', 1, 2, "unknown escape in double quotes"),
    ('"\\ud800\\u0041"', 1, 2, "unknown escape in double quotes"),
    ('"\\u12"', 1, 2, "unknown escape in double quotes"),
    ('{"a":1,"é":2,"a":3}', 1, 14, "key `a` stands twice in this mapping"),
    ("[" * 1001 + "]" * 1001, 1, 1001, "collections are nested deeper than 1000 (limit depth)"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), NO_JSON)
def test_no_json(engine: str, text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ConfigParser(engine=engine).parse_json(text)
    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)


@given(st.text(alphabet='{}[],:"\\ue19d8cf0123456789-+.E \n\ttrufalsn', max_size=30))
@settings(max_examples=500)
def test_both_engines_judge_json_alike(text: str) -> None:
    found = []
    for engine in ("rust", "python"):
        try:
            found.append(repr(ConfigParser(engine=engine).parse_json(text)))
        except ConfigError as error:
            found.append(str(error))
    assert found[0] == found[1]


def _error(parse: Callable[[Any], object], text: str | bytes) -> ConfigError | None:
    try:
        parse(text)
    except ConfigError as error:
        return error
    return None


@given(st.text(max_size=60) | st.text(alphabet="ab:-?#[]{}&*!|>'\" \n\t,%1", max_size=40))
@settings(max_examples=500)
def test_any_text_is_a_value_or_an_error_inside_it(text: str) -> None:
    parser = ConfigParser(engine="rust")
    for parse in (parser.parse_yaml, parser.parse_json, parser.parse_located):
        error = _error(parse, text)
        assert error is None or 1 <= error.line <= text.count("\n") + text.count("\r") + 1
        assert error is None or 1 <= error.column <= len(text) + 1


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    for engine in ("rust", "python"):
        for parse in (ConfigParser(engine=engine).parse_yaml, ConfigParser().parse_json):
            error = _error(parse, data)
            assert error is None or error.line >= 1


def test_an_error_survives_copying() -> None:
    error = ConfigError("bad", "f.yaml", 2, 3, "a: b", "mend it")
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert vars(other) == vars(error)
        assert str(other) == "f.yaml:2:3: bad (mend it)"
    assert str(ConfigError("bad")) == "bad"
    assert str(ConfigError("bad", "f.yaml")) == "f.yaml: bad"


def test_lone_surrogates_are_no_text(engine: str) -> None:
    parser = ConfigParser(engine=engine)
    reads: list[Callable[[Any], object]] = [
        parser.parse_yaml, parser.parse_yaml_all, parser.parse_json, parser.parse_ndjson,
        parser.parse_located,
    ]  # fmt: skip
    for read in reads:
        with pytest.raises(ConfigError, match=r"U\+D800 is not allowed here") as caught:
            read('"é\r\n\rab\ud800"')
        assert (caught.value.line, caught.value.column) == (3, 3)


def test_a_file_without_an_end_is_read_up_to_the_limit(engine: str) -> None:
    parser = ConfigParser(engine=engine, max_input_bytes=100_000)
    with pytest.raises(ConfigError, match="longer than 100000 bytes") as caught:
        parser.parse_yaml(pathlib.Path("/dev/zero"))
    assert caught.value.source == "/dev/zero"


def test_a_file_of_the_limit_is_read(engine: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_bytes(b"#" * 99 + b"\n")
    assert ConfigParser(engine=engine, max_input_bytes=100).parse_yaml(path) is None
    with pytest.raises(ConfigError, match="longer than 99 bytes"):
        ConfigParser(engine=engine, max_input_bytes=99).parse_yaml(path)


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x]"]
    for level in range(1, levels):
        names = ", ".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} [{names}]")
    return "\n".join(lines)


HOSTILE = {
    "brackets": ("[" * 200_000 + "]" * 200_000, "nested deeper than 1000"),
    "braces": ("{a: " * 200_000, "nested deeper than 1000"),
    "dashes": ("- " * 200_000 + "a", "nested deeper than 1000"),
    "bomb": (bomb(9, 9), "aliases stand for more than 1000000 nodes"),
    "keys": ("? " * 200_000, "nested deeper than 1000"),
    "key": ("? " + "[" * 200 + "]" * 200, "a key is nested deeper than 100"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_end_in_an_error(engine: str, name: str) -> None:
    text, message = HOSTILE[name]
    with pytest.raises(ConfigError, match=message):
        ConfigParser(engine=engine).parse_yaml(text)


CRDS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "crds.yaml"


@pytest.mark.skipif(not CRDS.is_file(), reason="no definitions beside the repository")
def test_every_truncation_is_a_value_or_an_error() -> None:
    data = CRDS.read_bytes()[:4096]
    parser = ConfigParser(engine="rust")
    for end in range(len(data)):
        error = _error(lambda part: list(parser.parse_yaml_all(part)), data[:end])
        assert error is None or error.line <= data[:end].count(b"\n") + 1


def test_a_small_bomb_is_shared_not_copied(engine: str) -> None:
    value = ConfigParser(engine=engine).parse_yaml(bomb(5, 9))
    assert value["a4"][0] is value["a4"][8] is value["a3"]


def test_a_hundred_thousand_anchors(engine: str) -> None:
    count = 100_000 if engine == "rust" else 2_000
    text = "".join(f"- &a{number} {number}\n- *a{number}\n" for number in range(count))
    value = ConfigParser(engine=engine).parse_yaml(text)
    assert value[-2:] == [count - 1] * 2


@pytest.mark.parametrize("digits", [601, 4_301, 5_000, 100_000])
def test_integers_are_exact_at_any_size(engine: str, digits: int) -> None:
    expected = 10**digits - 7 * 10 ** (digits // 2) - 1
    text = "9" * (digits - digits // 2 - 1) + "2" + "9" * (digits // 2)
    parser = ConfigParser(engine=engine)
    for parse in (parser.parse_yaml, parser.parse_json):
        assert parse(text) == expected
        assert parse("-" + text) == -expected
    assert parser.parse_yaml(f"{expected:#x}") == expected


def test_threads(engine: str) -> None:
    text = "".join(f"k{number}: [{number}, x{number % 7}]\n" for number in range(500))
    parser = ConfigParser(engine=engine)
    expected, found = parser.parse_yaml(text), []
    threads = [
        threading.Thread(target=lambda: found.append(parser.parse_yaml(text))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_ctrl_c_ends_a_long_parse(engine: str) -> None:
    code = (
        "import sys\nfrom code_ops.config import ConfigParser\n"
        "text = '- [a, b, {c: 1}]\\n' * 6_000_000\n"
        f"parser = ConfigParser(engine={engine!r})\n"
        "print('parsing', flush=True)\nparser.parse_yaml(text)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"parsing\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode != 0
    assert b"KeyboardInterrupt" in errors


def test_the_collector_runs_again_after_a_parse() -> None:
    import gc

    parser = ConfigParser(engine="rust")
    text = "- a: [1]\n" * 10_000
    parser.parse_yaml(text)
    assert gc.isenabled()
    with pytest.raises(ConfigError):
        parser.parse_yaml(text + "- [")
    assert gc.isenabled()
    gc.disable()
    try:
        parser.parse_yaml(text)
        assert not gc.isenabled()
    finally:
        gc.enable()
