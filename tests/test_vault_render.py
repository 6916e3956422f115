"""``code-ops vault render``: what a template becomes, and what is told of one that is wrong."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import urllib.parse
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vault_runs import CREDENTIALS, KEY_TEXT, Run, leftovers, made, runner

from code_ops import _engine
from code_ops.vault_file import edit_vault
from code_ops.vault_render import TemplateError, parse

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
BY_KEY = ("--key-file", "key")
PASSWORD = "p&ss w/rd'\"<é>\\1+\n\t😀\x85\u2028"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands in a folder with a vault and its key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, a="A", bytes=b"\xff\0", **{"db/password": PASSWORD})
    return runner(tmp_path)


def lines(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stderr.decode().splitlines()


VALUES = {"a": b"A", "b/c.d-e": b"B{{ a }}", "x": b"\xff", "e": b""}
TEMPLATES: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "no tag": (b"a } b }} { {x}\n", b"a } b }} { {x}\n"),
    "one": (b"{{ a }}", b"A"),
    "close": (b"{{a}}{{a|base64}}", b"AQQ=="),
    "wide": (b"{{ \t a\t|\tjson }}\n", b'"A"\n'),
    "a value is no template": (b"<{{ b/c.d-e }}>", b"<B{{ a }}>"),
    "filters in a row": (b"{{ a | json | base64 | url }}", b"IkEi"),
    "braces": (b"{{ \"{{\" }} a }} {{'{{'}}{{ a }}", b"{{ a }} {{A"),
    "bytes around": (b"\xff{{ x }}\r\n\0", b"\xff\xff\r\n\0"),
    "of bytes": (b"{{ x | base64 }} {{ x | url }}", b"/w== %FF"),
    "empty": (b"[{{ e }}{{ e | shell }}{{ e | json }}]", b"[''\"\"]"),
    "braces behind": (b"{{{{ a }}}}"[2:], b"A}}"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_templates_become(name: str) -> None:
    text, expected = TEMPLATES[name]
    assert parse("t", text).render(VALUES.__getitem__) == expected


WRONG: dict[str, tuple[bytes, str]] = {
    "open": (b"a\n b {{ a\n}}", "t:2:4: `{{` is not closed in its line"),
    "open at the end": (b"{{", "t:1:1: `{{` is not closed in its line"),
    "empty": (b"{{ }}", "t:1:1: expected a secret's name"),
    "three braces": (b"{{{ a }}}", "t:1:1: expected a secret's name"),
    "characters, not bytes": ("é😀{{ a b }}".encode(), "t:1:3: expected a secret's name"),
    "behind others": (b"{{ a }} {{ a }}\n{{ a }} {{ $a }}", "t:2:9: expected a secret's name"),
    "no filter": (b"{{ a | }}", "t:1:1: expected a secret's name"),
    "an unknown filter": (b"\n\n  {{ a | json | upper }}", "t:3:3: there is no filter `upper`"),
    "a condition": (b"{{ if a }}", "t:1:1: expected a secret's name"),
    "no text": (b"a{{ x | json }}", "t:1:2: x is no text, which `json` needs"),
    "no text for YAML": (b"{{ x | yaml }}", "t:1:1: x is no text, which `yaml` needs"),
    "a zero byte": (b"{{ z | shell }}", "t:1:1: z has a zero byte, and none is in words, which"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str) -> None:
    text, message = WRONG[name]
    with pytest.raises(TemplateError) as found:
        parse("t", text).render({**VALUES, "z": b"\0"}.__getitem__)
    assert str(found.value).startswith(message)


def test_the_result_has_a_limit() -> None:
    template = parse("t", b"{{ a }}" * 300)
    with pytest.raises(TemplateError, match="256 MiB"):
        template.render(lambda _: b"x" * (1 << 20))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_filters_are_read_back_by_others(text: str, data: bytes) -> None:
    values = {"t": text.encode(), "d": data}

    def rendered(template: str) -> bytes:
        return parse("t", template.encode()).render(values.__getitem__)

    assert json.loads(rendered("[{{ t | json }}]")) == [text]
    # PyYAML takes no line for the end of one within quotes that JSON has as it is.
    assert yaml.safe_load(rendered("a: {{ t | yaml }}\n").decode()) == {"a": text}
    assert base64.b64decode(rendered("{{ d | base64 }}"), validate=True) == data
    assert urllib.parse.unquote_to_bytes(rendered("{{ d | url }}").decode()) == data


@pytest.mark.parametrize("value", [PASSWORD, "", "plain", "it's", "a\nb", "$x `y` \\", "-n", "*"])
def test_a_shell_reads_what_is_quoted_for_it(value: str) -> None:
    script = parse("t", b"printf '<%s>' {{ v | shell }}").render(lambda _: value.encode())
    for shell in ("sh", "bash"):
        assert subprocess.check_output([shell, "-c", script]) == f"<{value}>".encode()


@given(st.binary(max_size=60) | st.text("{}ab |\"'\n", max_size=40).map(str.encode))
def test_any_bytes_are_a_template_or_an_error_of_one(text: bytes) -> None:
    with contextlib.suppress(TemplateError):
        template = parse("t", text)
        plain = b"".join(part for part in template.parts if isinstance(part, bytes))
        if not template.tags and b"{{" not in text:
            assert plain == text


def test_a_template_of_one_long_line_is_read_at_once() -> None:
    tags = parse("t", b"{{ a }}" * 1_000_000).tags
    assert (len(tags), tags[-1].line, tags[-1].column) == (1_000_000, 1, 6_999_994)


def test_to_standard_output_and_to_a_file(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t").write_bytes(b'p = {{ db/password | json }}\nb = "{{ bytes }}"\n')
    expected = f"p = {json.dumps(PASSWORD, ensure_ascii=False)}\nb = ".encode() + b'"\xff\0"\n'
    ended = run("render", "t", *BY_KEY)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, expected, b"")
    ended = run("render", "-", *BY_KEY, "--output", "out", stdin=(tmp_path / "t").read_bytes())
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert (tmp_path / "out").read_bytes() == expected
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    (tmp_path / "out").chmod(0o644)
    ended = run("render", "t", *BY_KEY, "-o", "out")
    assert lines(ended) == ["warning: out: others can read this file, which was there before"]


def test_all_names_that_are_not_there_are_told_and_nothing_is_written(
    tmp_path: Path, run: Run
) -> None:
    text = "{{ a }} {{ db/pasword }}\n" + "{{ a }}{{ none | json }}\n" * 30
    (tmp_path / "t").write_text(text, encoding="ascii")
    expected = ["error: t:1:9: there is no secret db/pasword in secrets.vault"]
    expected += [f"error: t:{n}:8: there is no secret none in secrets.vault" for n in range(2, 32)]
    (tmp_path / "out").write_text("old", encoding="ascii")
    for words in ((*BY_KEY, "--output", "out"), ("--check",)):
        ended = run("render", "t", *words)
        assert (ended.returncode, ended.stdout) == (1, b"")
        assert lines(ended) == [*expected, "hint: there is db/password"]
    assert (tmp_path / "out").read_text("ascii") == "old"
    assert leftovers(tmp_path) == []


def test_a_check_needs_no_key(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t").write_text("{{ a }}{{ a }}{{ bytes | json }}", encoding="ascii")
    ended = run("render", "t", "--check")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert lines(ended) == ["2 secrets, all are there"]
    (tmp_path / "t").write_text("{{ a", encoding="ascii")
    assert run("render", "t", "--check").returncode == 3


def test_refusals(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t").write_text("\n {{ bytes | json }}", encoding="ascii")
    for words, stdin, code, message in (
        (("t", *BY_KEY), b"", 3, "t:2:2: bytes is no text, which `json` needs"),
        (("none", *BY_KEY), b"", 3, "none: no such file"),
        (("-", *BY_KEY), b"a{{", 3, "standard input:1:2: `{{` is not closed in its line"),
        (("-", "--key-file", "-"), KEY_TEXT.encode(), 2, "standard input has the key"),
        (("t", *BY_KEY, "--output", "./t"), b"", 2, "--output: the template would be replaced"),
        (("t", *BY_KEY, "--output", "no/out"), b"", 4, "no/out: no such file"),
        (("t", "--key-file", "none"), b"", 3, "none: no such file"),
    ):
        if "no/out" in words:
            (tmp_path / "t").write_text("{{ a }}", encoding="ascii")
        ended = run("render", *words, stdin=stdin)
        assert (ended.returncode, ended.stdout) == (code, b""), words
        assert lines(ended)[0].startswith(f"error: {message}")


def test_a_secret_that_is_not_as_it_was_signed(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "secrets.vault"
    old = path.read_bytes().splitlines(keepends=True)
    with edit_vault(str(path), CREDENTIALS) as vault:
        vault.set("a", "changed")
    new = path.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(new) if line.startswith(b"a "))
    path.write_bytes(b"".join([*new[:place], old[place], *new[place + 1 :]]))
    ended = run("render", "-", *BY_KEY, "-o", "out", stdin=b"{{ a }}")
    assert (ended.returncode, os.path.exists(tmp_path / "out")) == (1, False)
    ended = run("render", "-", *BY_KEY, stdin=b"{{ db/password | base64 }}")
    assert (ended.returncode, base64.b64decode(ended.stdout)) == (0, PASSWORD.encode())
