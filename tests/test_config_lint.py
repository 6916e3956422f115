"""`config lint` beside yamllint, which is where its rules come from; and what mending keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from code_ops import _engine
from code_ops.config import ConfigParser
from code_ops.config_lint import find_configuration, fix, lint
from code_ops.errors import ConfigError, EngineError

pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)
PROGRAM = Path(sys.executable).parent / "code-ops"

TEXTS = [
    "a: 1\n",
    "---\na: 1",
    "---\na: 1\n\n\n\nb: 2\n\n\n",
    "---\na: yes\nb: No\nc: 'on'\non: 1\n",
    "---\na:  1\nb : 2\nc: [1,2 , 3]\nd: [ 1 ]\ne: { a: 1}\n",
    "---\n-  a\n- b\n-   - c\n",
    "---\na:\n   b: 1\nc:\n  - d\n  -  e\n",
    "---\na:\n- b\n- c\nd:\n  - e\n",
    "---\n#comment\na: 1 # two\nb: 2  #three\n",
    "---\na:\n  # fine\n  b: 1\n # not fine\n  c: 2\n",
    "---\na: 1 \nb: 2  \n",
    "---\na: 1\na: 2\nb: {c: 1, c: 2}\n",
    "---\n" + "k: " + "x y " * 30 + "\n" + "u: " + "x" * 120 + "\n",
    "---\r\na: 1\r\n",
    "---\na: |\n  text \n  more\n\n\n\nb: >-\n  x\n",
    "---\na: &x 1\nb: *x\n",
    "---\na: 1\n...\n---\nb: 2\n",
    "# yamllint disable rule:truthy\n---\na: yes\n# yamllint enable\nb: yes\n",
    "---\na: yes  # yamllint disable-line\nb: yes  # yamllint disable-line rule:colons\n",
    "# yamllint disable-file\na: yes\n",
    "---\na: {b: 1, c: [1, 2,3]}\nd: {}\ne: []\n",
    "---\n? a\n: b\n? c\n",
    "---\nb: 1\na: 010\nc: .5\nd: 1e3\ne:\n",
]
EVERY_RULE = """
extends: default
rules:
  document-end: {present: true}
  empty-values: enable
  float-values: {require-numeral-before-decimal: true, forbid-scientific-notation: true}
  key-ordering: enable
  octal-values: enable
  quoted-strings: {required: only-when-needed}
"""
CONFIGURATIONS = ["extends: default\n", "extends: relaxed\n", EVERY_RULE]


# In a process of its own: it changes what PyYAML reads, for everybody in the process.
ASK = """
import json, sys
from yamllint import linter
from yamllint.config import YamlLintConfig
texts, configurations = json.load(sys.stdin)
answers = [
    [
        [[p.line, p.column, p.level, p.rule, p.desc] for p in linter.run(text, settings, "a.yaml")]
        for text in texts
    ]
    for settings in map(YamlLintConfig, configurations)
]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def theirs() -> Any:
    """yamllint's findings: by configuration, by text."""
    question = json.dumps([TEXTS, CONFIGURATIONS])
    command = [sys.executable, "-c", ASK]
    ended = subprocess.run(command, input=question, check=True, capture_output=True, text=True)
    return json.loads(ended.stdout)


@pytest.mark.parametrize("configuration", range(3), ids=["default", "relaxed", "every"])
@pytest.mark.parametrize("text", range(len(TEXTS)))
def test_findings_are_those_of_yamllint(text: int, configuration: int, theirs: Any) -> None:
    settings = (CONFIGURATIONS[configuration], "")
    report = lint([], text=TEXTS[text].encode(), configuration=settings)[0]
    ours = [
        [problem.line, problem.column, problem.level, problem.rule, problem.message]
        for problem in report.problems
    ]
    assert sorted(ours) == sorted(theirs[configuration][text])


@pytest.mark.parametrize("text", TEXTS)
def test_mending_keeps_the_values(text: str) -> None:
    parser = ConfigParser(duplicate_keys="last")
    fixed = fix(text.encode(), "a.yaml", two_readers=True)
    assert list(parser.parse_yaml_all(fixed)) == list(parser.parse_yaml_all(text))
    assert fix(fixed, "a.yaml", two_readers=True) == fixed
    before = len(lint([], text=text.encode(), two_readers=True)[0].problems)
    assert len(lint([], text=fixed, two_readers=True)[0].problems) <= before


# The readers differ where PyYAML and this project's YAML 1.2 do: see tests/test_config.py.
DIFFERENT = ["no", "22:22", "0777", "0o17", "1_000", "2001-12-14", "=", "1e3", "0b1", "off"]
ALIKE = ["text", "'no'", "12", "1.5", "true", "null", "~", "-1", "10.0.0.1", "1.2.3", "x:y"]


@pytest.mark.parametrize("scalar", DIFFERENT + ALIKE)
def test_two_readers(scalar: str) -> None:
    report = lint([], text=f"---\na: {scalar}\n".encode(), two_readers=True)[0]
    found = [problem for problem in report.problems if problem.rule == "two-readers"]
    assert len(found) == (scalar in DIFFERENT)
    if found:
        assert (found[0].line, found[0].column) == (2, 4)
        assert found[0].hint


def test_configurations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("YAMLLINT_CONFIG_FILE", raising=False)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_configuration(inner) is None
    (tmp_path / ".yamllint.yml").write_text("extends: relaxed\n", encoding="utf-8")
    assert find_configuration(inner) == tmp_path / ".yamllint.yml"
    base = tmp_path / "base.yaml"
    base.write_text("rules: {truthy: enable}\n", encoding="utf-8")
    mine = ("extends: base.yaml\n", str(tmp_path / ".yamllint"))
    found = lint([], text=b"a: yes", configuration=mine)[0].problems
    assert [problem.rule for problem in found] == ["truthy"]
    with pytest.raises(ConfigError, match="no such rule: `comas`") as caught:
        lint([], text=b"a", configuration=("rules:\n  comas: enable\n", "x.yaml"))
    assert (caught.value.source, caught.value.line) == ("x.yaml", 2)


def test_many_findings_are_cut() -> None:
    report = lint([], text=b"a:  1 \n" * 20_000)[0]
    assert len(report.problems) == 10_000
    assert report.more_problems > 20_000


def test_the_fallback_says_that_it_cannot() -> None:
    with pytest.raises(EngineError, match="needs the rust engine"):
        lint([], engine="python")


@pytest.mark.skipif(not PROGRAM.exists(), reason="install the package")
def test_mending_keeps_mode_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeff---\r\na: é \r\n".encode())
    path.chmod(0o640)
    data = "rules: {trailing-spaces: enable}"
    command = [str(PROGRAM), "config", "lint", "--fix", "-d", data, str(path)]
    ended = subprocess.run(command, check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    assert path.read_bytes() == "\ufeff---\r\na: é\r\n".encode()
    assert os.stat(path).st_mode & 0o777 == 0o640
