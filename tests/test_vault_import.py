"""``code-ops vault import``: what files of other tools are read as, names, and what is refused."""

from __future__ import annotations

import io
import json
import pickle
import re
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import assume, given
from hypothesis import strategies as st
from vault_runs import KEY_TEXT, SECRET, Run, made, runner, values

from code_ops import _engine, vault_documents, vault_dotenv
from code_ops.errors import VaultError, VaultTradeError
from code_ops.vault_forms import Writing, form_of_name
from code_ops.vault_trade import Entry, Rules, Source, named
from code_ops.vault_variables import variable_name

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
BY_KEY = ("--key-file", "key")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands in a folder with an empty vault."""
    made(tmp_path)
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    inner = runner(tmp_path)
    return lambda *words, **more: inner(words[0], *BY_KEY, *words[1:], **more)


def lines(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stderr.decode().splitlines()


def found(source: Source) -> dict[str, str | bytes]:
    return {"/".join(entry.keys): entry.value for entry in source.entries}


# A line of a file, and its value as docs/vault.md has it.
DOTENV: dict[str, str | None] = {
    "A=": "",
    "A=1": "1",
    "A=a b": "a b",
    "  export  A = b  ": "b",
    "A=a#b": "a#b",
    "A=a #b": "a",
    "A=#b": "#b",
    "A= #b": "",
    "A=a'b'": "a'b'",
    "A=a\\nb": "a\\nb",
    "A==": "=",
    "A=''": "",
    "A='a # b' # c": "a # b",
    "A='a\\'b\\\\c\\nd'": "a'b\\c\\nd",
    "A='$X \"'": '$X "',
    "A='a\nb'": "a\nb",
    'A="a\nb"#c': "a\nb",
    'A="\\n\\t\\r\\"\\\'\\\\\\$\\`\\q"': "\n\t\r\"'\\$`\\q",
    "A=é": "é",
    "A='a'b": None,
    "A='a": None,
    'A="a\\"': None,
    "A": None,
    "export A": None,
    "=1": None,
    "'A'=1": None,
    "A: 1": None,
}


@pytest.mark.parametrize("line", DOTENV)
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_line_of_variables(line: str, ending: str) -> None:
    text = f"\ufeff# first{ending or chr(10)}{line}{ending}".encode()
    read = vault_documents.decoded(text, "f")
    if DOTENV[line] is None:
        with pytest.raises(VaultError, match=r"^f:2: "):
            vault_dotenv.read(read, "f")
    else:
        source = vault_dotenv.read(read, "f")
        assert found(source) == {"A": DOTENV[line]}
        assert [source.place(entry) for entry in source.entries] == ["f:2"]


@pytest.mark.parametrize(
    ("line", "warned"),
    [
        ("A=$X", 1),
        ("A=a${X}", 1),
        ('A="$(date)"', 1),
        ('A="\\$X"', 0),
        ('A="\\\\$X"', 1),
        ("A='$X'", 0),
        ("A=$5", 0),
        ("A=a$", 0),
    ],
)
def test_what_others_would_expand_is_told(line: str, warned: int) -> None:
    source = vault_dotenv.read(f"\n{line}\n", "f")
    assert len(source.warnings) == warned
    assert all(warning.startswith("f:2: A has a `$`") for warning in source.warnings)


_WORDS = st.text(st.sampled_from("ab$#'\" \t\\n=`{}é"), max_size=12)
_KEYS = st.sampled_from(["A", "export B", "c.d-e", "é"])


@given(st.lists(st.tuples(_KEYS, st.sampled_from(["=", "= ", " = "]), _WORDS), max_size=3))
def test_variables_are_read_as_by_python_dotenv(parts: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{key}{sign}{word}\n" for key, sign, word in parts)
    # What docs/vault.md says is read otherwise.
    assume(not re.search(r"\\[$`]|=[ \t]+#", text))
    try:
        source = vault_dotenv.read(text, "f")
    except VaultError:
        # Lines that it cannot read it leaves out; `A` alone has no value.
        assume(False)
    expected = dotenv_values(stream=io.StringIO(text), interpolate=False)
    assert found(source) == expected


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (vault_dotenv.read, vault_documents.read_json, vault_documents.read_yaml):
        try:
            read(text, "f")
        except VaultError as error:
            complaint = str(error)
        else:
            continue
        assert complaint.startswith("f")


TREE = {
    "db/password": "0777",
    "db/big": "1e3",
    "db/hosts/0": "a",
    "db/hosts/1": "-0.10",
    "db/hosts/2": "true",
    "text": "no",
    "empty": "",
}
DOCUMENTS = {
    "json": '{"db": {"password": "0777", "big": 1e3, "hosts": ["a", -0.10,\n true]},\r"text": "no",'
    ' "nothing": null, "none": {}, "empty": ""}',
    "yaml": "db: &db\n  password: 0777\n  big: 1e3\n  hosts:\n  - a\n  - -0.10\n  - true\n"
    "text: no\nnothing: ~\nnone: {}\nempty: ''\n",
}


@pytest.mark.parametrize("form", DOCUMENTS)
def test_values_are_named_by_the_keys_that_lead_there(form: str) -> None:
    source = getattr(vault_documents, f"read_{form}")(DOCUMENTS[form], "f")
    assert found(source) == TREE
    assert source.notes == ["f: nothing is null, left out", "f: none is empty, left out"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2: a\ntrue: b\n2026-01-01: c\n", {"2": "a", "true": "b", "2026-01-01": "c"}),
        (
            "a: !!binary /wA=\nb: 22:22\nc: yes\nd: 0o7\n",
            {"a": b"\xff\0", "b": "22:22", "c": "yes", "d": "0o7"},
        ),
        ("a: 2026-01-01 # binary\n", {"a": "2026-01-01"}),
        ("a: &x {b: 01}\nc:\n  <<: *x\n  d: *x\n", {"a/b": "01", "c/b": "01", "c/d/b": "01"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: !!str 012\nb: '~'\n", {"a": "012", "b": "~"}),
        ("- 1_000\n- 123456789012345678901\n", {"0": "1_000", "1": "123456789012345678901"}),
        ("a: !unsafe '{{ x }}'\nb: !unsafe 0777\n", {"a": "{{ x }}", "b": "0777"}),
        ("", {}),
    ],
)
def test_yaml_keeps_what_stands_there(text: str, expected: dict[str, Any]) -> None:
    assert found(vault_documents.read_yaml(text, "f")) == expected


# What is no secret's document; the secret in it is never repeated.
REFUSED = {
    "an alias": (f"a: 1\nb: *{SECRET}\n", "f:2: alias"),
    "a tag": (f"a: 1\nb: !!int {SECRET}\n", "f:2: "),
    "another tag": (f"a: 1\nb: !foo {SECRET}\n", "f:2: a value with the tag !foo"),
    "one value": (SECRET, "f: expected names with values"),
    "two documents": (f"a: {SECRET}\n---\nb: 1\n", "f:2: a second document"),
    "a list as a key": (f"b: 1\n? [a]\n: {SECRET}\n", "f:2: a key that is no text"),
    "depth": ("a: " + "[" * 200 + "]" * 200, "f:1: "),
    "much depth": ("a: " + "[" * 1_000_000, "f:1: "),
    "aliases": (
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
        "f:",
    ),
    "a million keys": ("".join(f"k{n}: 1\n" for n in range(1_000_000)), "f: a vault has 100,000"),
    "many": ("".join(f"k{n}: 1\n" for n in range(2_000_001)), "f: more than 2,000,000 lines"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_documents_that_are_refused(name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(VaultError) as raised:
        vault_documents.read_yaml(text, "f")
    assert str(raised.value).startswith(message)
    assert SECRET not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_large_or_undecodable_file_is_refused() -> None:
    with pytest.raises(VaultError, match="more than 64 MiB"):
        vault_documents.decoded(bytes((64 << 20) + 1), "f")
    with pytest.raises(VaultError, match=r"^f:2: the text is no UTF-8"):
        vault_documents.decoded(b"a\nb\xff", "f")
    with pytest.raises(VaultError, match="100,000"):
        vault_dotenv.read("A=1\n" * 1_000_000, "f")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A" + " " * 3_000_000, None),
        ("A" + " " * 3_000_000 + "=1", "1"),
        ("A=1" + " " * 3_000_000 + "2", "1" + " " * 3_000_000 + "2"),
        ("A=1" + "\t#" * 1_000_000, "1"),
        ('A="' + "\\" * 3_000_000, None),
        ('A="' + "\\" * 3_000_000 + '$"', "\\" * 1_500_000 + "$"),
        ("A='" + "x\n" * 3_000_000 + "'", "x\n" * 3_000_000),
        ("#" * 3_000_000 + "\nA=1", "1"),
    ],
    ids=lambda part: "" if part is None else str(len(part)),
)
def test_long_lines_of_variables_are_gone_over_once(text: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(VaultError, match=r"^f:1: "):
            vault_dotenv.read(text, "f")
    else:
        assert found(vault_dotenv.read(text, "f")) == {"A": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" + "1," * 20_000_000 + "1]", "more than 2,000,000 lines and items"),
        ("[" + "[]," * 1_000_000 + "1]", "more than 2,000,000 lines and items"),
        ("[" + "null," * 1_900_000 + "1]", "a vault has 100,000"),
        ("[" + "1," * 1_900_000 + "1]", "a vault has 100,000"),
    ],
)
def test_documents_of_millions_are_refused_before_they_fill_memory(text: str, message: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for read in (vault_documents.read_json, vault_documents.read_yaml):
        with pytest.raises(VaultError, match=message):
            read(text, "f")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000


def source(*keys: str) -> Source:
    return Source(
        "f", [Entry(tuple(key.split("|")), SECRET, line) for line, key in enumerate(keys, 1)]
    )


@pytest.mark.parametrize(
    ("keys", "rules", "names"),
    [
        (("a|b", "c"), Rules(), ["a/b", "c"]),
        (("A_B",), Rules(letters="lower"), ["a_b"]),
        (("a",), Rules("app/"), ["app/a"]),
        (("é b", ".x", "a:b|-c"), Rules(misfits="replace"), ["__b", "_.x", "a_b/-c"]),
        (("a b|c",), Rules("p/", {"a b/c": "d"}), ["d"]),
        (("a|b", "c d"), Rules(only=["a/*"]), ["a/b"]),
        (("manifest",), Rules("x/"), ["x/manifest"]),
    ],
)
def test_names_of_keys(keys: tuple[str, ...], rules: Rules, names: list[str]) -> None:
    assert [name for name, _ in named([source(*keys)], rules)] == names


@pytest.mark.parametrize(
    ("keys", "rules", "problems"),
    [
        (
            ("a b", "c", "é", ".d", "manifest", ""),
            Rules(),
            ["f:1: `a b`", "f:3: `é`", "f:4: `.d`", "f:5: `manifest`", "f:6: an empty"],
        ),
        (("x" * 256,), Rules(), ["f:1: `" + "x" * 40 + "...` has 256"]),
        (("a|b", "a/b"), Rules(), ["f:2 and f:1: both `a/b` and `a/b` become a/b"]),
        (("A", "a"), Rules(letters="lower"), ["f:2 and f:1: both `A` and `a` become a"]),
        (
            ("a b", "a_b"),
            Rules(misfits="replace"),
            ["f:2 and f:1: both `a b` and `a_b` become a_b"],
        ),
        (("a",), Rules(mapping={"b": "c"}), ["--map: there is no key `b`"]),
        (("a",), Rules(mapping={"a": "é"}), ["f:1: `é`"]),
    ],
)
def test_all_keys_that_make_no_name_are_told(
    keys: tuple[str, ...], rules: Rules, problems: list[str]
) -> None:
    with pytest.raises(VaultTradeError) as raised:
        named([source(*keys)], rules)
    told = raised.value.problems
    assert [line[: len(problem)] for line, problem in zip(told, problems, strict=True)] == problems
    assert SECRET not in str(raised.value)


def test_what_holds_secrets_does_not_show_them() -> None:
    one = source("a")
    assert SECRET not in f"{one!r} {one.entries!r} {named([one], Rules())!r}"
    for held in (one, one.entries[0], named([one], Rules())[0], Writing("json", passphrase=b"x")):
        with pytest.raises(TypeError, match="neither copied nor pickled"):
            pickle.dumps(held)
        assert SECRET not in repr(held)


@pytest.mark.parametrize(
    ("name", "variable"),
    [("db/password", "DB_PASSWORD"), ("a.b-c", "A_B_C"), ("2fa/x", "_2FA_X"), ("Path_1", "Path_1")],
)
def test_variables_of_names(name: str, variable: str) -> None:
    assert variable_name(name) == variable


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (".env", "dotenv"),
        ("a/.env.local", "dotenv"),
        ("prod.env", "dotenv"),
        ("A.YML", "yaml"),
        ("a.json", "json"),
        ("a.txt", None),
        ("env", None),
    ],
)
def test_forms_of_names(path: str, form: str | None) -> None:
    assert form_of_name(path) == form


def test_an_import_tells_what_it_did(tmp_path: Path, run: Run) -> None:
    (tmp_path / ".env").write_text(f"A=1\nB={SECRET}\n", encoding="ascii")
    ended = run("import", ".env", "--dry-run")
    assert (ended.returncode, ended.stdout) == (0, b"added A\nadded B\n")
    assert values(str(tmp_path / "secrets.vault")) == {}
    ended = run("import", ".env")
    assert (ended.returncode, ended.stdout) == (0, b"")
    told = lines(ended)
    assert told[:3] == ["A: added", "B: added", "secrets.vault: 2 added, 0 changed, 0 same"]
    assert told[3].startswith(".env: its plain values still lie there, and in git's history")
    assert values(str(tmp_path / "secrets.vault")) == {"A": b"1", "B": SECRET.encode()}
    before = (tmp_path / "secrets.vault").read_bytes()
    assert lines(run("import", ".env"))[0] == "secrets.vault: 0 added, 0 changed, 2 same"
    assert (tmp_path / "secrets.vault").read_bytes() == before


def test_a_value_is_changed_only_with_replace(tmp_path: Path, run: Run) -> None:
    assert run("import", "-", "--format", "json", stdin=b'{"a": "1", "b": "2"}').returncode == 0
    before = (tmp_path / "secrets.vault").read_bytes()
    changed = json.dumps({"a": SECRET, "b": "2", "c": "3"}).encode()
    for more in ((), ("--dry-run",)):
        ended = run("import", "-", "--format", "json", *more, stdin=changed)
        assert ended.returncode == 1
        assert "error: a: there is another value of it" in lines(ended)
        assert SECRET not in ended.stderr.decode()
        assert (tmp_path / "secrets.vault").read_bytes() == before
    ended = run("import", "-", "--format", "json", "--dry-run", "--replace", stdin=changed)
    assert (ended.returncode, ended.stdout) == (0, b"changed a\nsame b\nadded c\n")
    assert (tmp_path / "secrets.vault").read_bytes() == before
    ended = run("import", "-", "--format", "json", "--replace", stdin=changed)
    assert (ended.returncode, lines(ended)[:2]) == (0, ["a: changed", "c: added"])
    assert values(str(tmp_path / "secrets.vault"))["a"] == SECRET.encode()


def test_several_files_are_one_import(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.yaml").write_text("db:\n  password: 0777\n", encoding="ascii")
    (tmp_path / "b.json").write_text('{"x y": 1, "db": {"password": 2}}', encoding="ascii")
    before = (tmp_path / "secrets.vault").read_bytes()
    ended = run("import", "a.yaml", "b.json")
    assert ended.returncode == 3
    assert lines(ended)[:2] == [
        "error: b.json:1: `x y` is no name: only letters, digits and _ . / -, the first no . / -",
        "error: b.json:1 and a.yaml:2: both `db/password` and `db/password` become db/password",
    ]
    assert (tmp_path / "secrets.vault").read_bytes() == before
    words = ("--map", "x y=one", "--prefix", "app/", "--only", "app/*")
    assert run("import", "a.yaml", *words[2:]).returncode == 0
    assert run("import", "b.json", *words[:2], "--only", "one").returncode == 0
    assert values(str(tmp_path / "secrets.vault")) == {"app/db/password": b"0777", "one": b"1"}


MISTAKES: dict[str, tuple[tuple[str, ...], bytes, int, str]] = {
    "no file": (("nowhere.env",), b"", 3, "nowhere.env: no such file or directory"),
    "a folder": ((".",), b"", 3, ".: is a directory"),
    "a value": (("db/password=hunter2",), b"", 2, "expected FILE...; a value is never an argument"),
    "no form": (("key",), b"", 3, "key: its form is not known: give --format"),
    "an empty pipe": (("-", "--format", "json"), b"", 3, "standard input: there is nothing in it"),
    "garbage": (("-", "--format", "yaml"), b"\xff\xfe\0", 3, "standard input:1: the text is no"),
    "no map": (("-", "--map", "a"), b"", 2, "--map: expected KEY=NAME"),
    "two maps": (("-", "--map", "a=b", "--map", "a=c"), b"", 2, "--map: two names for 'a'"),
    "another format": (("-", "--format", "xml"), b"", 2, "--format: expected one of auto, "),
    "a cut file": (("-", "--format", "dotenv"), b'A="hunter2', 3, "standard input:1: the quote"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_and_nothing_is_written(tmp_path: Path, run: Run, name: str) -> None:
    words, stdin, code, message = MISTAKES[name]
    before = (tmp_path / "secrets.vault").read_bytes()
    ended = run("import", *words, stdin=stdin)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert lines(ended)[0].startswith(f"error: {message}")
    assert SECRET not in ended.stderr.decode()
    assert (tmp_path / "secrets.vault").read_bytes() == before


def test_the_key_and_the_secrets_are_not_both_in_one_pipe(tmp_path: Path) -> None:
    made(tmp_path)
    ended = runner(tmp_path)("import", "-", "--key-file", "-", stdin=KEY_TEXT.encode())
    assert ended.returncode == 2
    assert lines(ended)[0].startswith("error: standard input has the key")


def test_settings_name_no_files(tmp_path: Path, run: Run) -> None:
    for name in ("sources", "replace"):
        (tmp_path / "code-ops.toml").write_text(
            f"[vault.import]\n{name} = true\n", encoding="ascii"
        )
        ended = run("import", ".env")
        assert ended.returncode == 2
        assert "is given on the command line only" in lines(ended)[0]
