"""``code-ops passwords audit`` as a program: inputs, forms, exit codes, what it never shows."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = [sys.executable, "-m", "code_ops"]
SCHEMA = json.loads((ROOT / "docs/schemas/passwords-audit.json").read_text(encoding="utf-8"))
FORMATS = ("table", "json", "ndjson", "csv")

BCRYPT = "$2y$05$UBVLHeMpJ/QQCv3XqJx8zOe.pL8nYSy877eo3/hfhy4bkX42q/jXm"
BETTER = "$2y$12$MJHnaAkegEVYHsFKkmfzJ1e.pL8nYSy877eo3/hfhy4bkX42q/jXm"
YESCRYPT = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$U4SOHmDd8SvW5vCUKSMR6N835VPwFAtgYNhQ9mFFeL5"
DJANGO = "pbkdf2_sha256$1000000$CDOra4DGmpOn4JkK6bGoVK$nAGTNFZF7XmAnkQgsGlgsn0ZYyNKS+6KlTOXuqdJ5Pk="
SHA = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="
SHADOW = f"""root:{YESCRYPT}:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
anna:$6$abcdefgh$jE.dnWzY4A.VVVdnDvbfQSKWHoeutF3E6Lrx7j1bsFe0UqiNgLliOYeKnygX1noFzyqqm.nyq6wejbmdAzjrc.:1::::::
bob::19000:0:99999:7:::
carl:!{BCRYPT}:19000::::::
eve:hunter2secret:19000::::::
"""
FILES = {
    "shadow": SHADOW,
    ".htpasswd": f"# users\nanna:{BCRYPT}\n\nbob:{BETTER}\ncarl:{SHA}\n",
    "users.csv": f"id,username,password_hash\n1,=anna,{BCRYPT}\n2,bob,{BETTER}\n3,carl,{BETTER}\n",
    "users.jsonl": f'{{"user": "anna\\u001b[31m", "hash": "{BETTER}"}}\n',
    "fixture.json": json.dumps(
        [
            {"model": "auth.group", "pk": 1, "fields": {"name": "staff"}},
            {"model": "auth.user", "pk": 1, "fields": {"username": "anna", "password": DJANGO}},
        ]
    ),
    "list.txt": "5f4dcc3b5aa765d61d8327deb882cf99\nplaintextpassword\n",
}
# Parts of what stands above that nothing may show.
SECRETS = (
    "UBVLHeMpJ/QQCv3XqJx8zO", "e.pL8nYSy877eo3", "MJHnaAkegEVYHsFK", "F5Jx5fExrKuPp53xLKQ",
    "U4SOHmDd8SvW5vCU", "CDOra4DGmpOn4JkK6bGoVK", "nAGTNFZF7XmAnkQg", "jE.dnWzY4A", "hunter2",
    "W6ph5Mm5Pz8", "5f4dcc3b5aa7", "plaintextpassword", "abcdefgh",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def audit(
    folder: Path, *words: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODE_OPS")}
    ended = subprocess.run(
        [*PROGRAM, "passwords", "audit", *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={**kept, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder), **(env or {})},
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
    )


def document(folder: Path, *words: str, stdin: bytes = b"") -> dict[str, Any]:
    ended = audit(folder, *words, "--format", "json", stdin=stdin)
    whole: dict[str, Any] = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(whole)
    return whole


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["shadow"], 1),
        (["shadow", "--policy", "linux"], 1),
        ([".htpasswd"], 1),
        ([".htpasswd", "--max-below", "66.6%"], 1),
        ([".htpasswd", "--max-below", "66.7%"], 0),
        (["users.jsonl"], 0),
        (["users.jsonl", "--require", "bcrypt:cost=12"], 0),
        (["users.jsonl", "--require", "bcrypt:cost=13"], 1),
        (["users.jsonl", "--require", "argon2id:m=64MiB,t=3,p=1"], 1),
        (["users.jsonl", "--require", "argon2id:m=64MiB", "-r", "bcrypt:cost=12"], 0),
        (["users.jsonl", "--policy", "rfc9106"], 1),
        (["fixture.json"], 0),
        # The same hash twice is wrong at any share.
        (["users.csv", "--max-below", "100%"], 1),
        (["list.txt", "--max-below", "100%"], 0),
        (["none.txt"], 3),
        (["."], 3),
        (["users.jsonl", "none.txt"], 3),
        (["users.csv", "--hash-column", "none"], 3),
        (["users.csv", "--from", "json"], 3),
        (["users.csv", "--from", "jsonl"], 3),
        (["/dev/null"], 3),
        ([], 2),
        (["users.jsonl", "--policy", "none"], 2),
        (["users.jsonl", "--require", "none:cost=3"], 2),
        (["users.jsonl", "--max-below", "5"], 2),
        (["users.jsonl", "--max-below", "101%"], 2),
        (["users.jsonl", "--format", "xml"], 2),
    ],
)
def test_exit_codes(words: list[str], code: int, folder: Path) -> None:
    ended = audit(folder, *words)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout or code == 2


def test_a_document_has_the_numbers(folder: Path) -> None:
    whole = document(folder, "shadow", ".htpasswd", "--policy", "linux")
    assert whole["policy"] == "linux"
    assert whole["total"]["rows"] == 9
    assert whole["total"]["states"] == {
        "ok": 2, "below": 3, "locked": 2, "empty": 1, "unknown": 1,
    }  # fmt: skip
    assert (whole["total"]["judged"], whole["total"]["below"]) == (7, 5)
    assert [(each["name"], each["rows"]) for each in whole["files"]] == [
        ("shadow", 6), (".htpasswd", 3),
    ]  # fmt: skip
    found = [(each["file"], each["row"], each["user"], each["kind"]) for each in whole["findings"]]
    assert found == [
        ("shadow", 3, "anna", "below"), ("shadow", 3, "anna", "short-salt"),
        ("shadow", 4, "bob", "empty"), ("shadow", 6, "eve", "unknown"),
        (".htpasswd", 2, "anna", "below"), (".htpasswd", 5, "carl", "below"),
    ]  # fmt: skip


def test_problems_stand_in_the_document(folder: Path) -> None:
    (folder / "broken.csv").write_text(f"user,hash\nanna\nbob,{BETTER}\n", encoding="utf-8")
    whole = document(folder, "broken.csv", "none.txt")
    assert whole["unread_rows"] == 1
    assert whole["problems"] == [
        {"file": "broken.csv", "row": 2, "problem": "1 field, expected 2"},
        {"file": "none.txt", "row": None, "problem": "no such file or directory"},
    ]
    ended = audit(folder, "broken.csv", "none.txt")
    assert ended.stderr.splitlines()[:2] == [
        "error: broken.csv:2: 1 field, expected 2",
        "error: none.txt: no such file or directory",
    ]


def test_every_row_has_a_record(folder: Path) -> None:
    rows = [
        json.loads(line) for line in audit(folder, "shadow", "-f", "ndjson").stdout.splitlines()
    ]
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[0] == {
        "v": 1,
        "file": "shadow",
        "row": 1,
        "user": "root",
        "scheme": "yescrypt",
        "parameters": {"ln": 12, "r": 32, "p": 1, "t": 0},
        "state": "below",
        "reason": "yescrypt is not in the policy",
        "findings": [],
    }
    table = list(csv.DictReader(audit(folder, "shadow", "-f", "csv").stdout.splitlines()))
    assert [(row["user"], row["state"]) for row in table] == [
        (row["user"], row["state"]) for row in rows
    ]
    assert table[0]["parameters"] == "ln=12 r=32 p=1 t=0"


def test_names_do_no_harm(folder: Path) -> None:
    # A formula in a spreadsheet, and a control sequence on a terminal.
    table = list(csv.DictReader(audit(folder, "users.csv", "-f", "csv").stdout.splitlines()))
    assert table[0]["user"] == "'=anna"
    assert "\x1b" not in audit(folder, "users.jsonl", "-r", "scrypt", "-f", "table").stdout


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("from_", ["auto", "csv", "jsonl"])
def test_no_hash_is_ever_shown(from_: str, form: str, folder: Path) -> None:
    ended = audit(folder, *FILES, "--format", form, "--from", from_, "--require", "scrypt:ln=20")
    assert ended.returncode == (1 if from_ == "auto" else 3)
    shown = ended.stdout + ended.stderr
    assert not [secret for secret in SECRETS if secret in shown]


def test_standard_input(folder: Path) -> None:
    whole = document(folder, "-", stdin=f"anna:{BETTER}\n".encode())
    assert [(each["name"], each["rows"]) for each in whole["files"]] == [("stdin", 1)]
    whole = document(folder, "-", "--from", "csv", stdin=f"hash\n{BETTER}\n".encode())
    assert whole["total"]["states"]["ok"] == 1


def test_garbage_is_unknown_and_no_fault(folder: Path) -> None:
    (folder / "garbage").write_bytes(bytes(range(256)) * 40 + b"\n" + b"$2b$" * 500_000)
    ended = audit(folder, "garbage", "-f", "ndjson")
    assert ended.returncode == 1
    states = {json.loads(line)["state"] for line in ended.stdout.splitlines()}
    assert "unknown" in states
    assert "Traceback" not in ended.stderr


def test_an_output_file_appears_whole(folder: Path) -> None:
    ended = audit(folder, "shadow", "--output", "report.json", "--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")
    jsonschema.validate(json.loads((folder / "report.json").read_text("utf-8")), SCHEMA)
    assert audit(folder, "shadow", "-o", "none/report.json").returncode == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("form", FORMATS)
def test_an_output_that_is_full_is_no_fault_of_the_input(form: str, folder: Path) -> None:
    (folder / "many").write_text(f"a:{BETTER}\n" * 5_000, encoding="utf-8")
    ended = audit(folder, "many", "--format", form, "--output", "/dev/full")
    assert ended.returncode == 4
    assert ended.stderr == "error: /dev/full: no space left on device\n"


def test_options_from_the_environment(folder: Path) -> None:
    ended = audit(folder, "users.jsonl", env={"CODE_OPS_PASSWORDS_AUDIT_POLICY": "rfc9106"})
    assert json.loads(ended.stdout)["policy"] == "rfc9106"


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    (folder / "many").write_text(f"a:{BETTER}\n" * 20_000, encoding="utf-8")
    command = f"{sys.executable} -m code_ops passwords audit many -f ndjson | head -n 1"
    ended = subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_an_interrupt_tells_what_was_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    process = subprocess.Popen(
        [*PROGRAM, "passwords", "audit", "pipe", "-f", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        with open(folder / "pipe", "wb") as pipe:
            pipe.write(f"a:{BETTER}\n".encode() * 20_000)
            pipe.flush()
            time.sleep(1)
            # It waits for more now, which does not come.
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert b"interrupted: the report is of what was read until then" in error
    assert json.loads(out)["total"]["rows"] == 20_000


@pytest.mark.parametrize(
    ("options", "state"),
    [("-B -C 4", "below"), ("-B -C 10", "ok"), ("-m", "below"), ("-s", "below"), ("-d", "below")],
)
def test_a_real_htpasswd_file(options: str, state: str, folder: Path) -> None:
    if shutil.which("htpasswd") is None:
        pytest.skip("needs htpasswd, of apache2-utils")
    command = ["htpasswd", "-cb", *options.split(), "made", "anna", "secret"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
    whole = document(folder, "made")
    assert whole["total"]["states"][state] == 1


def test_the_shadow_of_this_machine(folder: Path) -> None:
    path = Path("/etc/shadow")
    if not os.access(path, os.R_OK):
        pytest.skip("/etc/shadow cannot be read")
    lines = [line for line in path.read_text("utf-8").splitlines() if line]
    whole = document(folder, str(path), "--policy", "linux")
    assert whole["total"]["rows"] == len(lines)
    assert not whole["problems"]
