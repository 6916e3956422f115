"""One style, and texts over one another: other readers read the same before and after."""

from __future__ import annotations

import copy
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from config_texts import DOCUMENTS, MAPPINGS, STYLES, ruamel_load, written
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from code_ops import _engine, config_format, config_merge
from code_ops.config import ConfigParser
from code_ops.config_format import FormattedFile, format_files, format_text
from code_ops.config_lint import lint
from code_ops.config_merge import merge
from code_ops.errors import ConfigError, ConfigRequestError, EngineError

yaml = pytest.importorskip("yaml")
if _engine.native_error() is not None:
    pytest.skip("the rust engine does not import", allow_module_level=True)

# What the default rules say of other things than layout.
NOT_LAYOUT = {"truthy", "line-length", "document-start"}


@given(DOCUMENTS, STYLES, st.integers(2, 8), st.sampled_from(["indent", "flush"]))
@settings(max_examples=400, deadline=None)
def test_other_readers_read_the_same(value: Any, style: str, indent: int, sequences: str) -> None:
    text = written(value, style)
    assume(yaml.safe_load(text) == value and ruamel_load(text) == value)
    new = format_text(text, indent=indent, sequences=sequences)
    assert yaml.safe_load(new) == value
    assert ruamel_load(new.decode()) == value
    assert ConfigParser().parse_yaml(new) == value
    assert format_text(new, indent=indent, sequences=sequences) == new
    if style == "json":
        as_json = format_text(text, json=True, indent=indent)
        assert as_json.decode() == json.dumps(value, indent=indent, ensure_ascii=False) + "\n"


@given(DOCUMENTS, STYLES)
@settings(max_examples=300, deadline=None)
def test_the_linter_has_nothing_to_say_of_the_layout(value: Any, style: str) -> None:
    new = format_text(written(value, style))
    (report,) = lint([], text=new)
    found = {problem.rule for problem in report.problems} - NOT_LAYOUT
    # The ends of a literal block are text.
    is_text = "|" in new.decode()
    assert found <= ({"trailing-spaces", "empty-lines"} if is_text else set()), new.decode()


def patched(base: Any, overlay: Any, nulls: str) -> Any:
    """RFC 7396, section 2; with ``keep``, nulls are values."""
    if not isinstance(overlay, dict):
        return overlay
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in overlay.items():
        if value is None and nulls == "delete":
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value, nulls)
    return result


@given(MAPPINGS, MAPPINGS, STYLES, STYLES, st.sampled_from(["keep", "delete"]))
@settings(max_examples=500, deadline=None)
def test_merged_is_what_rfc_7396_makes(
    base: Any, overlay: Any, style: str, other: str, nulls: str
) -> None:
    texts = written(base, style), written(overlay, other)
    for read in (yaml.safe_load, ConfigParser().parse_yaml):
        assume([read(text) for text in texts] == [base, overlay])
    before = copy.deepcopy(base)
    new = merge(texts[0].encode(), texts[1].encode(), nulls=nulls)
    expected = patched(before, overlay, nulls)
    assert yaml.safe_load(new) == expected
    assert ConfigParser().parse_yaml(new) == expected
    keys = list(ConfigParser().parse_yaml(new))
    kept = [key for key in base if key in expected]
    assert keys == kept + [key for key in expected if key not in kept]
    if style == other == "json":
        as_json = merge(texts[0].encode(), texts[1].encode(), nulls=nulls, json=True)
        assert json.loads(as_json) == expected


LISTS = st.lists(st.integers(0, 5) | st.sampled_from(["a", "1", None]), max_size=5)


@given(LISTS, LISTS, STYLES, STYLES)
@settings(max_examples=200, deadline=None)
def test_lists_by_strategy(base: list[Any], overlay: list[Any], style: str, other: str) -> None:
    texts = (written({"l": base}, style).encode(), written({"l": overlay}, other).encode())
    union = base + [value for n, value in enumerate(overlay) if value not in base + overlay[:n]]
    expected = {"replace": overlay, "append": base + overlay, "union": union}
    for lists, values in expected.items():
        assert yaml.safe_load(merge(*texts, lists=lists)) == {"l": values}


@pytest.mark.parametrize(
    ("sources", "options", "place"),
    [
        ((b"a: 1\na: 2", b"b: 1"), {}, (2, 1)),
        ((b"a: 1", b"b: ["), {}, (1, 4)),
        ((b"a: 1", b"a: &x [*x]"), {}, (1, 8)),
        ((b"a: 1", b"\xff"), {}, (1, 1)),
        ((b"{", b"{}"), {"json": True}, (1, 1)),
    ],
)
def test_what_cannot_be_merged(
    sources: tuple[bytes, ...], options: dict[str, Any], place: tuple[int, int]
) -> None:
    with pytest.raises(ConfigError) as caught:
        merge(*sources, **options)
    assert (caught.value.line, caught.value.column) == place


def test_yaml_does_not_go_into_json(tmp_path: Path) -> None:
    for name, text in (("a.json", "{}"), ("b.yaml", "a: 1")):
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigRequestError, match=r"b\.yaml: a YAML text"):
        merge(tmp_path / "a.json", tmp_path / "b.yaml")
    assert merge(tmp_path / "b.yaml", tmp_path / "a.json") == b"a: 1\n"


@pytest.mark.parametrize(
    "text", [b"a: [", b"\xff", b"\xff\xfea\0", b"a: 1\n b: 2", b"\0", b"*a", b"[" * 200_000]
)
def test_what_cannot_be_formatted(text: bytes) -> None:
    with pytest.raises(ConfigError):
        format_text(text)


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="indent 9 is out of range 2-8"):
        format_text("a: 1", indent=9)
    with pytest.raises(ValueError, match="sequences 'x' is not one of indent, flush"):
        format_text("a: 1", sequences="x")
    with pytest.raises(ValueError, match="lists 'x' is not one of"):
        merge(b"", b"", lists="x")


def test_files(tmp_path: Path) -> None:
    texts = {
        "a.yaml": "a:   1\n",
        "b.yml": "b: 1\n",
        "c.json": "[1]",
        "d.ndjson": "{}\n",
        "e.txt": "a:   1\n",
        "f.yaml": "a: [",
        "sub/g.yaml": "-   x\n",
        "ignored.yaml": "a:   1\n",
        ".gitignore": "ignored.yaml\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    os.chmod(tmp_path / "a.yaml", 0o640)
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    told = format_files([tmp_path], write=False)
    assert {name: (tmp_path / name).read_text() for name in texts} == texts
    found = format_files([tmp_path])
    assert told == found
    assert [(os.path.relpath(file.path, tmp_path), file.is_changed) for file in found] == [
        ("a.yaml", True), ("b.yml", False), ("c.json", True), ("f.yaml", False),
        ("sub/g.yaml", True),
    ]  # fmt: skip
    (broken,) = [file for file in found if file.error]
    assert (broken.error, broken.line, broken.column) == ("`[` is not closed", 1, 4)
    after = texts | {"a.yaml": "a: 1\n", "c.json": "[\n  1\n]\n", "sub/g.yaml": "- x\n"}
    assert {name: (tmp_path / name).read_text() for name in texts} == after
    assert stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode) == 0o640
    (tmp_path / "a.yaml").write_text("a:   1\n")
    named = [tmp_path / name for name in ("link.yaml", "d.ndjson", "none.yaml")]
    link, lines, none = format_files(named)
    assert link == FormattedFile(str(tmp_path / "link.yaml"), True)
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "a.yaml").read_text() == "a: 1\n"
    assert lines.error == "JSON on each line has no other style"
    assert none.error == "no such file or directory"


def test_without_the_native_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_OPS_ENGINE", "python")
    with pytest.raises(EngineError, match="formatting needs the rust engine"):
        config_format.format_text("a: 1")
    with pytest.raises(EngineError, match="merging needs the rust engine"):
        config_merge.merge(b"", b"")
