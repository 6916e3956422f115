"""`config check` in its formats, each in an independent reader, and against other validators."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import JUnitXml

from code_ops import _engine
from code_ops.config_check import check, find_schema
from code_ops.config_reports import FORMATS
from code_ops.errors import ConfigError, EngineError

ROOT = Path(__file__).resolve().parent.parent
CRDS = ROOT.parent / "shared" / "data" / "crds.yaml"
PROGRAM = Path(sys.executable).parent / "code-ops"
pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "b,a:d.yaml").write_text("é: 1\né: 2\n", encoding="utf-8")
    (tmp_path / "half.json").write_text('{"a": [1, 2}', encoding="utf-8")
    return tmp_path


def reports(folder: Path, form: str) -> str:
    return FORMATS[form](check([folder, folder / "none.yaml"]))


def test_json_is_as_its_schema_says(folder: Path) -> None:
    schema = json.loads((ROOT / "docs/schemas/config-check.json").read_text(encoding="utf-8"))
    found = json.loads(reports(folder, "json"))
    jsonschema.Draft202012Validator(schema).validate(found)
    assert [len(file["problems"]) for file in found["files"]] == [1, 0, 1, 0]
    assert found["files"][3]["unreadable"] == "no such file or directory"
    assert found["files"][0]["problems"][0]["message"] == "key `é` stands in line 1 already"


def test_junit_is_read_by_others(folder: Path) -> None:
    found = JUnitXml.fromstring(reports(folder, "junit").encode())
    assert (found.tests, found.failures, found.errors) == (4, 2, 1)
    suite = next(iter(found))
    assert [case.is_passed for case in suite] == [False, True, False, False]


def test_sarif_names_rules_and_places(folder: Path) -> None:
    found = json.loads(reports(folder, "sarif"))
    run = found["runs"][0]
    assert found["version"] == "2.1.0"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    # A URI has no such characters as they are.
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.endswith("/b%2Ca%3Ad.yaml")
    assert run["invocations"][0]["executionSuccessful"] is False


def test_github_escapes_what_would_end_a_property(folder: Path) -> None:
    first = reports(folder, "github").splitlines()[0]
    assert first.startswith("::error file=")
    assert "/b%2Ca%3Ad.yaml,line=2,col=1,title=duplicate-key::key `é`" in first


# Schemas and values by hand; the verdict is that of the Python package `jsonschema`.
CASES: list[tuple[dict[str, Any], list[Any]]] = [
    ({"type": "integer", "minimum": 2}, [1, 2, 2.0, 2.5, "2", None, True]),
    ({"enum": ["a", 1, None]}, ["a", 1, 1.0, None, "b", False]),
    ({"required": ["a"], "properties": {"a": {"type": "string"}}}, [{}, {"a": "x"}, {"a": 1}, []]),
    ({"additionalProperties": False, "properties": {"a": {}}}, [{"a": 1}, {"b": 1}, {}]),
    ({"items": {"type": "number"}, "uniqueItems": True, "maxItems": 2}, [[1], [1, 1], [1, 2, 3]]),
    ({"anyOf": [{"type": "string"}, {"minimum": 5}]}, ["x", 5, 4, {}]),
    ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, [2, 3, 6, 5]),
    ({"not": {"type": "object"}}, [{}, []]),
    ({"pattern": "^a+$"}, ["aa", "ab", 1]),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, [{}, {"a": 1}, {"a": 1, "b": 1}]),
    ({"dependentRequired": {"a": ["b"]}}, [{"a": 1}, {"a": 1, "b": 2}]),
    ({"$defs": {"x": {"type": "null"}}, "$ref": "#/$defs/x"}, [None, 1]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], ["a", 1], [1]]),
    ({"const": {"a": [1]}}, [{"a": [1]}, {"a": [1.0]}, {"a": []}]),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}, {"ab": 1}]),
    ({"contains": {"const": 1}, "minContains": 2}, [[1, 1], [1], []]),
    ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, [{"a": 1}, {"b": 1}]),
]


@pytest.mark.parametrize(("schema", "values"), CASES, ids=lambda value: str(value)[:40])
def test_verdicts_are_those_of_another_validator(
    schema: dict[str, Any], values: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    other = jsonschema.Draft202012Validator(schema)
    for value in values:
        report = check([], text=json.dumps(value).encode(), schema=path)[0]
        assert bool(report.problems) == (not other.is_valid(value)), value


@pytest.mark.parametrize(
    ("draft", "is_valid"),
    [
        ("http://json-schema.org/draft-04/schema#", False),
        ("http://json-schema.org/draft-06/schema#", True),
        ("http://json-schema.org/draft-07/schema#", True),
        ("https://json-schema.org/draft/2019-09/schema", True),
        ("https://json-schema.org/draft/2020-12/schema", True),
    ],
)
def test_the_draft_is_that_of_the_schema(draft: str, is_valid: bool, tmp_path: Path) -> None:
    # In draft 4 a number with a point is no integer, and `const` says nothing.
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"$schema": draft, "type": "integer"}), encoding="utf-8")
    assert bool(check([], text=b"1.0", schema=path)[0].problems) != is_valid
    path.write_text(json.dumps({"$schema": draft, "const": 2}), encoding="utf-8")
    assert bool(check([], text=b"1", schema=path)[0].problems) == is_valid


def test_a_schema_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("type: object", encoding="utf-8")
    assert find_schema("app", str(tmp_path)) == str(tmp_path / "app.yaml")
    assert find_schema("other", str(tmp_path)) == "other"
    with pytest.raises(ConfigError, match="no such file"):
        check([], text=b"1", schema="other")


@pytest.mark.skipif(not CRDS.is_file(), reason="no definitions beside the repository")
def test_the_example_has_its_mistake() -> None:
    report = check([ROOT / "examples" / "alerts.yaml"], crds=[CRDS])[0]
    found = [(problem.line, problem.column, problem.message) for problem in report.problems]
    assert found == [(24, 11, "unknown field `lables`")]
    assert report.problems[0].hint == "did you mean `labels`?"
    assert check([CRDS])[0].documents == 20


def test_the_fallback_says_that_it_cannot() -> None:
    with pytest.raises(EngineError, match="needs the rust engine"):
        check([], engine="python")


@pytest.mark.skipif(not PROGRAM.exists(), reason="install the package")
def test_ctrl_c_ends_a_long_check(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text("- {a: [1, 2, 3]}\n" * 20_000_000, encoding="utf-8")
    command = [str(PROGRAM), "config", "check", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert time.monotonic() - start < 20
