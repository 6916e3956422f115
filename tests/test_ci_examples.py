"""The CI jobs of ``examples/ci`` run as their runners run them, without the runners.

GitHub Actions runs a step as ``bash --noprofile --norc -eo pipefail FILE``; GitLab's runner gives
all lines of a job to one ``bash`` with ``set -eo pipefail``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from vault_runs import COMMAND, CREDENTIALS, KEY_TEXT, environment, made, runner

from code_ops import ConfigParser, _engine
from code_ops.vault_file import edit_vault
from code_ops.vault_reports import FIELDS

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TOKEN = "t0ken-for-deploys"
pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash"),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the examples and a vault, as a job finds it."""
    folder = tmp_path / "checkout"
    shutil.copytree(EXAMPLES, folder / "examples")
    with edit_vault(made(folder), CREDENTIALS) as vault:
        vault.set("deploy/token", TOKEN)
        vault.set("other/token", "n0t-for-deploys")
    git = ["git", "-C", str(folder), "-c", "user.name=ci", "-c", "user.email=ci@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert runner(folder)("git-setup").returncode == 0
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "-qm", "all of it"], check=True)
    return folder


def job(checkout: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a runner starts: no terminal, no input, and the job's variables."""
    path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words,
        cwd=checkout,
        env=environment(checkout.parent, CI="true", PATH=path, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def steps(name: str) -> Any:
    text = (EXAMPLES / "ci" / name).read_text(encoding="utf-8")
    return ConfigParser().parse_yaml(text)


def test_the_steps_of_github_actions(checkout: Path) -> None:
    outputs = []
    for step in steps("github-actions.yml")["jobs"]["deploy"]["steps"]:
        if "run" not in step or step["name"] == "install":
            continue
        script = checkout.parent / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        variables = {
            name: value.replace("${{ secrets.CODE_OPS_VAULT_KEY }}", KEY_TEXT)
            for name, value in step.get("env", {}).items()
        }
        bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script))
        ended = job(checkout, *bash, **variables)
        assert ended.returncode == 0, ended.stderr
        outputs.append(ended.stdout)
    assert outputs[-1] == "deploying with the token [deploy/token]\n"
    names = (checkout / "names.csv").read_text(encoding="utf-8").splitlines()
    assert names[0] == ",".join(FIELDS)
    assert [line.split(",")[0] for line in names[1:]] == ["deploy/token", "other/token"]


def test_the_job_of_gitlab(checkout: Path) -> None:
    lines = steps("gitlab-ci.yml")["deploy"]["script"]
    script = "\n".join(["set -eo pipefail", *lines])
    ended = job(checkout, "bash", "-c", script, CODE_OPS_VAULT_KEY=KEY_TEXT)
    assert (ended.returncode, TOKEN in ended.stdout + ended.stderr) == (0, False), ended.stderr
    assert ended.stdout.endswith("deploying with the token [deploy/token]\n")


def test_the_plain_script(checkout: Path) -> None:
    script = "examples/ci/plain.sh"
    ended = job(checkout, "sh", script, CODE_OPS_VAULT_KEY=KEY_TEXT)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("deploying with the token [deploy/token]\n")
    without = job(checkout, "sh", script)
    assert (without.returncode, "deploying" in without.stdout) == (3, False)


def test_a_job_fails_with_the_code_of_what_it_runs(checkout: Path) -> None:
    (checkout / "examples" / "ci" / "deploy.sh").write_text(
        'echo "$DEPLOY_TOKEN, $OTHER_TOKEN, $CODE_OPS_VAULT_KEY"; exit 17\n', encoding="ascii"
    )
    lines = steps("gitlab-ci.yml")["deploy"]["script"]
    script = "\n".join(["set -eo pipefail", *lines])
    ended = job(checkout, "bash", "-c", script, CODE_OPS_VAULT_KEY=KEY_TEXT)
    assert ended.returncode == 17
    assert ended.stdout.splitlines()[-1] == "[deploy/token], , "
