"""Redaction of what real programs write: each form of a secret, through the redactor alone.

Splits, overlaps and limits are tested with the Rust core; streams with ``vault exec``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
PASSWORD = "p&ss w/rd'\"<é>\\1+"

FORMS = {
    "as it is": ["sh", "-c", 'printf "%s" "$S"'],
    "base64": ["sh", "-c", 'printf "%s" "$S" | base64 -w0'],
    "base64 in lines": ["sh", "-c", 'printf "%s" "$S$S$S$S" | base64 -w0'],
    "base64 with a line end": ["bash", "-c", 'echo "$S" | base64 -w0'],
    "hexadecimal": ["xxd", "-p", "-c", "0", "{file}"],
    "hexadecimal in capitals": ["xxd", "-p", "-u", "-c", "0", "{file}"],
    "jq": ["jq", "-n", "env.S"],
    "jq, ASCII": ["jq", "-na", "env.S"],
    "jq, URL": ["jq", "-nr", "env.S | @uri"],
    "jq, base64": ["jq", "-nr", "env.S | @base64"],
    "jq, HTML": ["jq", "-nr", "env.S | @html"],
    "jq, sh": ["jq", "-nr", "env.S | @sh"],
    "set -x of bash": ["bash", "-xc", ': "$S"'],
    "set -x of dash": ["dash", "-xc", ': "$S"'],
    "printf %q": ["bash", "-c", 'printf %q "$S"'],
    "export -p": ["bash", "-c", "export -p | grep ' S='"],
    "Python's JSON": ["python", "json.dumps(s)"],
    "Python's JSON, UTF-8": ["python", "json.dumps(s, ensure_ascii=False)"],
    "Python's repr": ["python", "repr(s)"],
    "Python's repr of a list": ["python", "[s + chr(39)]"],
    "Python's quote": ["python", "urllib.parse.quote(s)"],
    "Python's quote without /": ["python", "urllib.parse.quote(s, safe='')"],
    "Python's quote_plus": ["python", "urllib.parse.quote_plus(s)"],
    "a query": ["python", "urllib.parse.urlencode({'p': s})"],
    "Python's shlex": ["python", "shlex.quote(s)"],
    "Python's HTML": ["python", "html.escape(s)"],
    "base64 for URLs": ["python", "base64.urlsafe_b64encode(s.encode()).decode()"],
    "basic authentication": ["python", "base64.b64encode(f'user:{s}'.encode()).decode()"],
    "Perl's URL": ["perl", "-e", '$_=$ENV{S}; s/([^\\w.~-])/sprintf("%%%02x",ord $1)/ge; print'],
    "Node's JSON": ["node", "-p", "JSON.stringify(process.env.S)"],
    "encodeURIComponent": ["node", "-p", "encodeURIComponent(process.env.S)"],
    "encodeURI": ["node", "-p", "encodeURI(process.env.S)"],
    "URLSearchParams": ["node", "-p", "String(new URLSearchParams({p: process.env.S}))"],
}
VALUES = {
    "plain": "correct-horse-battery",
    "hostile": PASSWORD,
    "a quote": 'it\'s a "quoted" $ecret `word`; (and) more!',
    "lines": "first line\n\tsecond 'line'\r\n\\third\x1b[0m",
    "long": "".join(hashlib.sha512(bytes([number])).hexdigest() for number in range(30)),
    "base64's last two": "\xfb\xff?>~?>~",
}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_secret_comes_out(tmp_path: Path, form: str) -> None:
    """What real programs write, through the redactor alone."""
    from code_rust_core import security

    program = FORMS[form]
    if program[0] == "python":
        modules = "base64, html, json, os, shlex, urllib.parse"
        show = f"import {modules}; s = os.environ['S']; print({program[1]})"
        program = [sys.executable, "-c", show]
    if shutil.which(program[0]) is None:
        pytest.skip(f"no {program[0]} here")
    for secret in VALUES.values():
        (tmp_path / "value").write_bytes(secret.encode())
        program = [word.replace("{file}", str(tmp_path / "value")) for word in program]
        env = os.environ | {"S": secret, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
        ended = subprocess.run(program, env=env, capture_output=True, check=True)
        written = ended.stdout + ended.stderr
        redactor = security.Redactor([("s", secret.encode())])
        shown = (redactor.feed(written) + redactor.finish()).decode()
        assert "[s]" in shown, written
        # What stands around the value, and a few bits of it in a neighbour's character.
        around = 12 if "base64" in form else 30
        assert len(shown.replace("[s]", "")) <= around, (written, shown)


def test_names_and_limits() -> None:
    from code_rust_core import security

    long = b"x" * (2 << 20)
    redactor = security.Redactor([("a", b"hunter2"), b"nameless", ("short", b"abc"), ("", long)])
    assert redactor.unredacted == [(2, "short"), (3, "long")]
    other = redactor.another()
    assert redactor.feed(b"hunter") == b""
    assert other.feed(b"hunter2 nameless abc") == b"[a] *** abc"
    assert redactor.feed(b"2") + redactor.finish() + other.finish() == b"[a]"
    assert "hunter2" not in repr(redactor)
