"""``code-ops vault exec`` as scripts of CI use it: in their shells, with the options of each."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from vault_runs import COMMAND, KEY_TEXT, environment, made

from code_ops import _engine

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a vault of one secret and its key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, **{"app/token": "hunter2-hunter2"})


SHOW_BOTH = "exec_ sh -c 'echo $APP_TOKEN$CODE_OPS_VAULT_KEY'"
CI = {
    "sh -e": ("sh -e", "exec_ false\necho not reached", 1, ""),
    "sh -e, a pipe": ("sh -e", "exec_ sh -c 'echo $APP_TOKEN; exit 3' | cat", 0, "[app/token]\n"),
    "GitHub's bash": (
        "bash --noprofile --norc -eo pipefail",
        "exec_ sh -c 'echo $APP_TOKEN; exit 3' | cat\necho not reached",
        3,
        "[app/token]\n",
    ),
    "GitLab's bash": (
        "bash",
        "set -eo pipefail\nset +o noclobber\n: | eval $'exec_ sh -c \"echo \\\\$APP_TOKEN\"\\n'",
        0,
        "[app/token]\n",
    ),
    "a substitution": ("sh -e", 'x="$(exec_ printenv APP_TOKEN)"\necho "$x"', 0, "[app/token]\n"),
    "a condition": (
        "sh -e",
        "if exec_ test 1 = 2; then echo yes; else echo no $?; fi",
        0,
        "no 1\n",
    ),
    "a script of lines": (
        "sh -e",
        "exec_ sh -eu <<'END'\necho $APP_TOKEN\nfalse\necho not reached\nEND",
        1,
        "[app/token]\n",
    ),
    "in the background": ("sh -e", "exec_ sh -c 'exit 5' &\nwait $! || echo $?", 0, "5\n"),
    "head": (
        "bash -eo pipefail",
        "set +e; exec_ yes | head -1; echo ${PIPESTATUS[0]}",
        0,
        "y\n141\n",
    ),
    "a key of the CI's secrets": (
        "sh -e",
        f"export CODE_OPS_VAULT_KEY=$(cat key) CODE_OPS_VAULT_KEY_FILE=\n{SHOW_BOTH}",
        0,
        "[app/token]\n",
    ),
    "in itself": ("sh -e", "exec_ printenv CODE_OPS_VAULT_KEY_FILE || echo none", 0, "none\n"),
}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("name", CI)
def test_as_ci_uses_it(tmp_path: Path, name: str) -> None:
    shell, script, code, expected = CI[name]
    (tmp_path / "step").write_text(
        f'exec_() {{ "{COMMAND}" vault exec -- "$@"; }}\n{script}\n', encoding="ascii"
    )
    ended = subprocess.run(
        [*shell.split(), "step"],
        cwd=tmp_path,
        env=environment(tmp_path, CODE_OPS_VAULT_KEY_FILE="key"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert (ended.returncode, ended.stdout.decode(), ended.stderr) == (code, expected, b"")
