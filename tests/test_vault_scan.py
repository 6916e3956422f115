"""``code-ops vault scan``: real files, real packed logs, real git history; places, never values."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import signal
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from vault_reader import expand, opened
from vault_runs import COMMAND, CREDENTIALS, KEY, KEY_TEXT, Run, environment, made, runner

from code_ops import _engine
from code_ops.errors import VaultError
from code_ops.vault_file import edit_vault, open_vault
from code_ops.vault_scan import find_leaks

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "schemas" / "vault-scan.json"
SECRET = "correct+horse/battery"
OTHER = "staple-0123"
TEXT = ("--format", "text")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Has a vault outside of the folder that is looked through, which is empty."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    path = made(tmp_path)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.set("db/password", SECRET)
        vault.set("api", OTHER)
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def run(folder: Path) -> Run:
    """Commands in the folder that opens the vault."""
    run = runner(folder)

    def scan(*words: str, **more: Any) -> Any:
        vault = ("--vault", "../secrets.vault", "--key-file", "../key")
        # Not in the folder that is looked through.
        state = {"XDG_STATE_HOME": str(folder.parent / "state")}
        ended = run("scan", *words, *vault, env=state, **more)
        for value in (SECRET, OTHER, "hunter"):
            assert value.encode() not in ended.stdout + ended.stderr
        return ended

    return scan


def lines(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stdout.decode().splitlines()


def git(folder: Path, *words: str) -> str:
    ended = subprocess.run(
        ["git", "-c", "user.email=a@example.com", "-c", "user.name=a", *words],
        cwd=folder,
        env=environment(folder) | {"GIT_CONFIG_GLOBAL": "/dev/null"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.strip()


def committed(folder: Path, message: str, **files: str) -> str:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def test_places_and_forms(folder: Path, run: Run) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "env").write_text(f"A=1\nDB={SECRET}\n", encoding="ascii")
    (folder / ".hidden").write_text(f"\u00e9 {OTHER} {OTHER}x", encoding="utf-8")
    coded = base64.b64encode(f"user:{SECRET}".encode()).decode()
    (folder / "header").write_text(f"Authorization: Basic {coded}\n", encoding="ascii")
    (folder / "binary").write_bytes(b"\0\xff\0" + OTHER.encode() + b"\0")
    (folder / "clean").write_text("correct horse battery staple\n", encoding="ascii")
    ended = run(*TEXT)
    assert ended.returncode == 1
    assert sorted(lines(ended)) == [
        "./.hidden:1:16: api",
        "./.hidden:1:4: api",
        "./a/env:2:4: db/password",
        "./binary:1:4: api",
        f"./header:1:{len('Authorization: Basic ') + 1 + 7}: db/password (base64)",
    ]
    assert ended.stderr.decode().splitlines()[0] == "5 files: 5 leaks"


def test_nothing_is_found_in_the_vault_itself(folder: Path, run: Run) -> None:
    shutil.copy(folder.parent / "secrets.vault", folder)
    ended = run(*TEXT)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert ended.stderr == b"1 file: 0 leaks\n"


def _zipped(text: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one", b"nothing\n")
        archive.writestr("two", text)
    return stream.getvalue()


def _tarred(text: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo("two")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return stream.getvalue()


def _zstd(text: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("no zstd here")
    return subprocess.run(["zstd"], input=text, capture_output=True, check=True).stdout


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": _zstd,
    "zip": _zipped,
    "tar.gz": _tarred,
}


@pytest.mark.parametrize("ending", PACKED)
def test_packed_logs_are_unpacked(folder: Path, run: Run, ending: str) -> None:
    text = b"GET / 200\n" * 1000 + f"login {OTHER}\n".encode()
    (folder / f"log.{ending}").write_bytes(PACKED[ending](text))
    ended = run(*TEXT)
    line = 1002 if ending == "zip" else 1001
    assert (ended.returncode, lines(ended)) == (1, [f"./log.{ending}:{line}:7: api"])


def test_a_secret_across_the_border_of_pieces(folder: Path, run: Run) -> None:
    for place in range((1 << 20) - len(SECRET) - 1, (1 << 20) + 2, 3):
        (folder / "log").write_bytes(b"x" * place + b"\n" + SECRET.encode() + b"\n" * 3000)
        assert lines(run(*TEXT)) == ["./log:2:1: db/password"]


def test_standard_input(run: Run) -> None:
    ended = run("-", *TEXT, stdin=gzip.compress(f"a\n{SECRET}".encode()))
    assert (ended.returncode, lines(ended)) == (1, ["standard input:2:1: db/password"])
    assert run("-", *TEXT, stdin=b"nothing").returncode == 0


def test_a_repository_s_files_are_those_that_git_sees(folder: Path, run: Run) -> None:
    git(folder, "init", "--quiet")
    (folder / "sub").mkdir()
    for name in ("tracked", "new", "ignored", "sub/deep"):
        (folder / name).write_text(SECRET, encoding="ascii")
    (folder / ".gitignore").write_text("ignored\n", encoding="ascii")
    (folder / "link").symlink_to("/etc/passwd")
    git(folder, "add", "tracked")
    assert sorted(lines(run(*TEXT))) == [
        "new:1:1: db/password",
        "sub/deep:1:1: db/password",
        "tracked:1:1: db/password",
    ]
    assert lines(run("ignored", *TEXT)) == ["ignored:1:1: db/password"]
    assert len(lines(run(".", *TEXT))) == 4
    assert sorted(lines(run("--exclude", "sub/*", "--exclude", "new", *TEXT))) == [
        "tracked:1:1: db/password"
    ]


def test_history(folder: Path, run: Run) -> None:
    """What was amended, deleted with its branch, stashed, staged, or in a message."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    committed(folder, "first", clean="1\n")
    leaked = committed(folder, "second", **{"a b": f"x\n{SECRET}\n"})
    committed(folder, "third", **{"a b": "gone\n", "copy": f"x\n{SECRET}\n"})
    committed(folder, "fourth", copy="gone too\n")
    amended = committed(folder, "fifth", conf=f"k={OTHER}\n")
    (folder / "conf").write_text("k=${API}\n", encoding="ascii")
    git(folder, "commit", "--quiet", "--all", "--amend", "--message", "fifth")
    message = committed(folder, f"sixth\n\nuses {OTHER}", clean="2\n")
    git(folder, "checkout", "--quiet", "-b", "side")
    branch = committed(folder, "seventh", side=f"{OTHER} on a branch\n")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "branch", "--quiet", "-D", "side")
    (folder / "clean").write_text(f"stashed {SECRET}\n", encoding="ascii")
    git(folder, "stash")
    stash = git(folder, "rev-parse", "stash")
    (folder / "staged").write_text(f"staged {SECRET}\n", encoding="ascii")
    git(folder, "add", "staged")
    staged = git(folder, "rev-parse", ":staged")
    git(folder, "rm", "--quiet", "--force", "staged")
    assert run(*TEXT).returncode == 0
    ended = run("--history", *TEXT)
    assert ended.returncode == 1
    assert sorted(lines(ended)) == sorted(
        [
            f"{leaked[:12]}:a b:2:1: db/password",
            f"{amended[:12]}:conf:1:3: api",
            f"{message[:12]}:commit message:3:6: api",
            f"{branch[:12]}:side:1:1: api",
            f"{stash[:12]}:clean:1:9: db/password",
            f"blob {staged[:12]}:1:8: db/password",
        ]
    )
    assert b" objects of git: 6 leaks\n" in ended.stderr
    # What no reflog has either is still an object.
    git(folder, "stash", "drop", "--quiet")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    assert sorted(lines(run("--history", *TEXT))) == sorted(lines(ended))
    git(folder, "repack", "-a", "-d", "--quiet")
    assert sorted(lines(run("--history", "--exclude", "conf", *TEXT))) == sorted(
        line for line in lines(ended) if ":conf:" not in line
    )


def test_no_repository(run: Run) -> None:
    ended = run("--history")
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert ended.stderr.startswith(b"error: --history: .: git rev-parse: not a git repository")


def test_machine_forms(folder: Path, run: Run) -> None:
    (folder / "env").write_text(f"A={OTHER}\n", encoding="ascii")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    whole = json.loads(run("--format", "json").stdout)
    jsonschema.validate(whole, schema)
    (leak,) = whole["leaks"]
    assert (leak["path"], leak["line"], leak["column"], leak["name"]) == ("./env", 1, 3, "api")
    (line,) = lines(run("--format", "ndjson"))
    jsonschema.validate(json.loads(line), schema)
    assert json.loads(line) == {"v": 1, **leak}
    header, row = lines(run("--format", "csv"))
    assert header == "path,line,column,name,form,fingerprint,commit,object"
    assert row == f"./env,1,3,api,plain,{leak['fingerprint']},,"
    (result,) = json.loads(run("--format", "sarif").stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("api", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "./env"
    assert run("--output", "leaks.csv").returncode == 1
    assert (folder / "leaks.csv").read_text("ascii").splitlines() == [header, row]


def test_fingerprints_are_those_of_the_format_page(folder: Path, run: Run) -> None:
    """By pyca/cryptography, from the data key of the vault."""
    (folder / "env").write_text(f"A={OTHER}\n", encoding="ascii")
    vault = (folder.parent / "secrets.vault").read_text("ascii")
    head = vault.splitlines()
    slot, _, body = head[2].rpartition(" body=")
    data_key = opened(expand(KEY, "slot"), "slot", [head[1][3:], slot], body)
    tag = hmac.HMAC(expand(data_key, "fingerprint"), hashes.SHA256())
    tag.update(OTHER.encode())
    (leak,) = json.loads(run("--format", "json").stdout)["leaks"]
    assert leak["fingerprint"] == tag.finalize().hex()[:16]


def test_values_that_are_everywhere_are_named(folder: Path, run: Run) -> None:
    with edit_vault(str(folder.parent / "secrets.vault"), CREDENTIALS) as vault:
        vault.set("host", "localhost")
        vault.set("pin", "1234567")
        vault.set("short", "abcde")
        vault.set("again", OTHER)
    (folder / "env").write_text(f"localhost 1234567 abcde {OTHER}", encoding="ascii")
    ended = run(*TEXT)
    assert lines(ended) == ["./env:1:25: again", "./env:1:25: api"]
    assert ended.stderr.decode().splitlines()[:3] == [
        "warning: host: not looked for: a word that many things have",
        "warning: pin: not looked for: a number too short to be told from others",
        "warning: short: not looked for: too short to be told from other text",
    ]
    assert "./env:1:19: short" in lines(run("--min-length", "5", *TEXT))


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(folder: Path, run: Run) -> None:
    (folder / "broken.gz").write_bytes(gzip.compress(os.urandom(5000))[:-100])
    (folder / "log").write_text(OTHER, encoding="ascii")
    ended = run("missing", ".", *TEXT)
    assert (ended.returncode, lines(ended)) == (3, ["./log:1:1: api"])
    said = ended.stderr.decode().splitlines()
    assert "error: missing: no such file or directory" in said
    assert any(line.startswith("error: ./broken.gz: damaged gzip data") for line in said)
    assert "3 files: 1 leak, 2 not read" in said


def test_a_secret_that_was_altered_is_not_opened(folder: Path) -> None:
    path = folder.parent / "secrets.vault"
    before = path.read_text("ascii").splitlines(keepends=True)
    with edit_vault(str(path), CREDENTIALS) as vault:
        vault.set("api", "something else")
    after = path.read_text("ascii").splitlines(keepends=True)
    after[4] = before[4]
    path.write_text("".join(after), encoding="ascii")
    (folder / "env").write_text(f"{OTHER} {SECRET}", encoding="ascii")
    vault = open_vault(str(path), CREDENTIALS)
    with pytest.raises(VaultError):
        vault.get("api")
    assert [leak.name for leak in find_leaks(vault, [str(folder)]).leaks] == ["db/password"]


def test_ctrl_c_while_nothing_comes(folder: Path) -> None:
    reading, writing = os.pipe()
    words = ["scan", "-", "--vault", "../secrets.vault", "--key-file", "../key"]
    process = subprocess.Popen(
        [COMMAND, "vault", *words],
        cwd=folder,
        env=environment(folder),
        stdin=reading,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.write(writing, b"x" * 60_000)
    import fcntl
    import termios

    while fcntl.ioctl(writing, termios.FIONREAD, bytes(4)) != bytes(4):
        pass
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"error: interrupted\n")
    os.close(reading)
    os.close(writing)
    assert process.returncode == 130


def test_mistakes(run: Run) -> None:
    for words, message in (
        (("--min-length", "3"), "3 is not in the range"),
        (("--format", "xml"), "expected one of auto, text"),
    ):
        ended = run(*words)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert message in ended.stderr.decode()
