"""``code-ops vault exec`` with real programs: what they get, what comes of their output, how they
end. Signals and terminals are in test_vault_exec_signals.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from vault_runs import COMMAND, KEY_TEXT, Run, environment, made, runner

from code_ops import _engine
from code_ops.vault_file import edit_vault
from code_ops.vault_variables import variable_name

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
BY_KEY = ("--key-file", "key")
PASSWORD = "p&ss w/rd'\"<é>\\1+"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands in a folder with a vault of two secrets and its key."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "key").write_text(KEY_TEXT, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    made(tmp_path, **{"db/password": PASSWORD, "app/token": "hunter2-hunter2"})
    return runner(tmp_path)


def lines(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return ended.stderr.decode().splitlines()


def seen(run: Run, *words: str, **env: str) -> dict[str, str]:
    """The environment of a program."""
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    ended = run("exec", "--no-redact", *BY_KEY, *words, "--", sys.executable, "-c", show, env=env)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, str] = json.loads(ended.stdout)
    return found


GIVEN = {
    "all": ((), {"DB_PASSWORD": PASSWORD, "APP_TOKEN": "hunter2-hunter2"}),
    "one": (("--env", "PGPASSWORD=db/password"), {"PGPASSWORD": PASSWORD}),
    "one in two": (
        ("-e", "A=app/token", "-e", "_b2=app/token"),
        {"A": "hunter2-hunter2", "_b2": "hunter2-hunter2"},
    ),
    "by a glob": (("--only", "d*"), {"DB_PASSWORD": PASSWORD}),
    "by globs": (
        ("--only", "d*", "--only", "*/token"),
        {"DB_PASSWORD": PASSWORD, "APP_TOKEN": "hunter2-hunter2"},
    ),
    "a glob and a name": (
        ("--only", "d*", "--env", "T=app/token"),
        {"DB_PASSWORD": PASSWORD, "T": "hunter2-hunter2"},
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_what_a_program_is_given(run: Run, name: str) -> None:
    words, expected = GIVEN[name]
    plain = {"PATH", "HOME"}
    found = seen(run, *words, KEPT="kept")
    secret = {"DB_PASSWORD", "APP_TOKEN", "PGPASSWORD", "A", "_b2", "T"}
    assert {name: found[name] for name in found.keys() & secret} == expected
    assert found["KEPT"] == "kept"
    assert plain <= found.keys()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("db/password", "DB_PASSWORD"),
        ("a-b.c", "A_B_C"),
        ("2fa", "_2FA"),
        ("TF_VAR_region", "TF_VAR_region"),
    ],
)
def test_variables_of_names(name: str, variable: str) -> None:
    assert variable_name(name) == variable


def test_what_opens_the_vault_does_not_reach_the_program(tmp_path: Path, run: Run) -> None:
    env = {
        "CODE_OPS_VAULT_KEY": KEY_TEXT,
        "CODE_OPS_VAULT_KEY_FILE": "key",
        "CODE_OPS_VAULT_KEY_CMD": "cat key",
        "CODE_OPS_VAULT_EXEC_KEY_FILE": "key",
        "CODE_OPS_VAULT_EXEC_PASSPHRASE_FILE": "key",
        "CODE_OPS_SCAN_TIMEOUT": "2s",
    }
    found = seen(run, **env)
    assert [name for name in found if name.startswith("CODE_OPS")] == ["CODE_OPS_SCAN_TIMEOUT"]
    descriptor = os.open(tmp_path / "key", os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    for bare in ((), ("--no-redact",)):
        words = ("exec", "--key-fd", str(descriptor), *bare, "--", "ls", "-l", "/proc/self/fd/")
        ended = run(*words, pass_fds=(descriptor,))
        os.lseek(descriptor, 0, os.SEEK_SET)
        numbers = re.findall(r" (\d+) -> (\S+)", ended.stdout.decode())
        # The last is the one with which `ls` reads the folder.
        assert [number for number, _ in numbers[:3]] == ["0", "1", "2"]
        assert [target for _, target in numbers[3:]] == [f"/proc/{_pid(numbers)}/fd"]
    os.close(descriptor)
    for bare in ((), ("--no-redact",)):
        ended = run("exec", "--key-file", "-", *bare, "--", "cat", stdin=KEY_TEXT.encode())
        assert (ended.returncode, ended.stdout) == (0, b"")


def _pid(numbers: list[tuple[str, str]]) -> str:
    return numbers[-1][1].split("/")[2]


@pytest.mark.usefixtures("run")
def test_descriptors_that_the_arguments_name_are_kept(tmp_path: Path) -> None:
    """As those of a shell's <(...)."""
    for bare in ("", "--no-redact"):
        script = f"{COMMAND} vault exec {bare} --key-file key -- cat <(echo one) <(echo two) 8<&1"
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"one\ntwo\n", b"")


def test_a_pristine_environment(run: Run) -> None:
    kept = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR", "TZ"}
    env = dict.fromkeys(kept - {"PATH"}, "x") | {"LC_ALL": "C", "LC_X": "x", "OTHER": "x"}
    found = seen(run, "--pristine", **env)
    # The last one is Python's own.
    assert found.keys() - {"LC_CTYPE"} == kept | {"LC_ALL", "LC_X", "DB_PASSWORD", "APP_TOKEN"}


REFUSED = {
    "two names of one variable": (
        (),
        2,
        "DB_PASSWORD and db/password would both be the variable DB_PASSWORD: --env VAR=NAME",
    ),
    "a variable for two": (
        ("-e", "X=db/password", "-e", "X=app/token"),
        2,
        "db/password and app/token would both be the variable X: --env VAR=NAME",
    ),
    "value and file": (
        ("-e", "X=db/password", "--file", "X=db/password"),
        2,
        "X would be both the value and a file of db/password",
    ),
    "no equals sign": (("-e", "db/password"), 2, "--env: expected VAR=NAME"),
    "no variable": (("-e", "1X=db/password"), 2, "--env: expected VAR=NAME"),
    "no name": (("--file", "X="), 2, "--file: expected VAR=NAME"),
    "a name that is not there": (("-e", "X=db/pass"), 1, "secrets.vault: there is no secret db/pa"),
    "a glob of nothing": (("--only", "x*"), 1, "secrets.vault: there is no secret x*"),
    "a zero byte": (("-e", "X=ZERO"), 2, "ZERO: the value has a zero byte, which no variable can"),
    "a long value": (("-e", "X=LONG"), 2, "LONG: the value is longer than a variable can be, 128"),
    "no vault": (("--vault", "none"), 3, "none: no such file"),
    "no key": (("--key-file", "none"), 3, "none: no such file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_start_nothing(tmp_path: Path, run: Run, name: str) -> None:
    words, code, message = REFUSED[name]
    made_more(tmp_path, {"DB_PASSWORD": b"x", "ZERO": b"a\0b", "LONG": b"x" * 131_072})
    ended = run("exec", *BY_KEY, *words, "--", "touch", "started")
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert lines(ended)[0].startswith(f"error: {message}")
    assert not (tmp_path / "started").exists()


def made_more(folder: Path, values: dict[str, bytes]) -> None:
    from vault_runs import CREDENTIALS

    with edit_vault(str(folder / "secrets.vault"), CREDENTIALS) as vault:
        for name, value in values.items():
            vault.set(name, value)


def test_what_is_left_out_or_not_redacted_is_told(tmp_path: Path, run: Run) -> None:
    values = {
        "ZERO": b"a\0b\0",
        "LONG": b"x" * 131_072,
        "PIN": b"1234\n",
        "ID": b"42",
        "E": b"",
        "N": b"7",
    }
    made_more(tmp_path, values)
    ended = run("exec", *BY_KEY, "--", "printenv", "ID", "PIN", "E", "ZERO", "LONG")
    long = "the value is longer than a variable can be, 128 KiB"
    zero = "the value has a zero byte, which no variable can have"
    # The line end of the value, and that of printenv.
    assert ended.stdout == b"42\n[PIN]\n\n\n"
    assert lines(ended) == [
        f"warning: LONG: left out: {long}; --file gives it",
        f"warning: ZERO: left out: {zero}; --file gives it",
        "warning: ID, N: too short to be taken out of the output",
    ]
    assert run("exec", *BY_KEY, "--quiet", "--", "true").stderr == b""
    # The longest that a variable takes, with its name, the equals sign and the end.
    made_more(tmp_path, {"LONG": b"y" * (131_072 - len("LONG") - 2)})
    ended = run("exec", *BY_KEY, "--only", "LONG", "--", "sh", "-c", "echo ${#LONG}")
    assert ended.stdout == b"131066\n"


def test_bytes_reach_the_program_as_they_are(tmp_path: Path, run: Run) -> None:
    value = bytes(range(1, 256))
    made_more(tmp_path, {"BYTES": value})
    program = ("sh", "-c", 'printf %s "$BYTES"')
    assert run("exec", *BY_KEY, "--no-redact", "--", *program).stdout == value
    assert run("exec", *BY_KEY, "--", *program).stdout == b"[BYTES]"


def test_base64_and_xxd_in_lines(tmp_path: Path, run: Run) -> None:
    value = hashlib.sha512(b"x").digest() * 4
    made_more(tmp_path, {"s": value})
    for program in ("base64", "xxd -p", "openssl base64", "od -An -v -tx1 | tr -d ' \\n'"):
        script = f"cat $F | {program}"
        ended = run("exec", *BY_KEY, "--file", "F=s", "--", "sh", "-c", script)
        assert ended.returncode == 0, ended.stderr
        assert set(ended.stdout.decode().split()) == {"[s]"}, program


def test_a_secret_split_over_writes(run: Run) -> None:
    script = "printf 'a hunt'; sleep 0.2; printf 'er2-hun'; sleep 0.2; echo 'ter2 b hunter2-h'"
    ended = run("exec", *BY_KEY, "--", "sh", "-c", f"{script}; {{ {script}; }} >&2")
    assert ended.stdout == ended.stderr == b"a [app/token] b hunter2-h\n"


def test_what_is_no_secret_leaves_at_once(tmp_path: Path, run: Run) -> None:
    """A prompt without a line end shows before the answer comes."""
    assert run("get", "app/token", *BY_KEY).returncode == 0
    asked = subprocess.Popen(
        [COMMAND, "vault", "exec", *BY_KEY, "--", "sh", "-c", "printf 'Sure? hu'; read a; echo $a"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert asked.stdin is not None
    assert asked.stdout is not None
    # The last two bytes may be the beginning of a secret.
    assert os.read(asked.stdout.fileno(), 100) == b"Sure? "
    asked.stdin.write(b"yes\n")
    asked.stdin.close()
    assert asked.stdout.read() == b"huyes\n"
    assert asked.wait(30) == 0
    asked.stdout.close()


@pytest.mark.usefixtures("run")
def test_both_outputs_in_one_file_keep_their_order(tmp_path: Path) -> None:
    script = "import os\nfor n in range(2000): os.write(1 + n % 2, b'%d $APP\\n' % n)"
    ended = subprocess.run(
        [COMMAND, "vault", "exec", *BY_KEY, "--", sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=True,
    )
    assert ended.stdout == b"".join(b"%d $APP\n" % number for number in range(2000))


@pytest.mark.usefixtures("run")
def test_much_output_stays_as_it_is(tmp_path: Path) -> None:
    """100 MB of random bytes, in writes of odd lengths, to both outputs at once."""
    script = (
        "import hashlib, os, random, sys, threading\n"
        "def write(number, count):\n"
        "    data, total = random.Random(number).randbytes(1 << 20), hashlib.sha256()\n"
        "    for n in range(count):\n"
        "        part = data[n % 997:][:99_991 * (n % 10 + 1)]\n"
        "        total.update(part)\n"
        "        part = memoryview(part)\n"
        "        while part: part = part[os.write(number, part):]\n"
        "    open(f'sum{number}', 'w').write(total.hexdigest())\n"
        "threads = [threading.Thread(target=write, args=(n, 91)) for n in (1, 2)]\n"
        "[t.start() for t in threads]\n"
    )
    with open(tmp_path / "out1", "wb") as one, open(tmp_path / "out2", "wb") as two:
        subprocess.run(
            [COMMAND, "vault", "exec", *BY_KEY, "--", sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=one,
            stderr=two,
            timeout=100,
            check=True,
        )
    for number in (1, 2):
        with open(tmp_path / f"out{number}", "rb") as file:
            assert os.fstat(file.fileno()).st_size > 49_000_000
            found = hashlib.file_digest(file, "sha256").hexdigest()
        assert found == (tmp_path / f"sum{number}").read_text("ascii")


def test_standard_input_is_handed_through(tmp_path: Path, run: Run) -> None:
    data = os.urandom(300_000)
    ended = run("exec", *BY_KEY, "--", "sha256sum", stdin=data)
    assert ended.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()
    # The same open file: the program reads on where we are, and its place stays read.
    (tmp_path / "in").write_bytes(b"one\ntwo\n")
    script = f"{{ {COMMAND} vault exec --key-file key -- head -c 4; cat; }} <in"
    ended = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == b"one\ntwo\n"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 99, 125, 126, 127, 128, 130, 137, 143, 255])
def test_exit_codes_are_the_programs(run: Run, code: int) -> None:
    for bare in ((), ("--no-redact",), ("--no-redact", "--files")):
        ended = run("exec", *BY_KEY, *bare, "--", "sh", "-c", f"exit {code}")
        assert (ended.returncode, ended.stdout, ended.stderr) == (code, b"", b"")


UNSTARTED = {
    "no such program": (["no-such-program"], 127, "no-such-program: command not found"),
    "no such file": (["./none"], 127, "./none: command not found"),
    "an empty word": ([""], 127, ": command not found"),
    "a folder": (["/tmp"], 126, "/tmp: is a directory"),
    "not executable": (["./key"], 126, "./key: permission denied"),
    "no interpreter": (["./lost"], 127, "./lost: command not found"),
    "a line": (["sh -c true"], 127, "sh -c true: command not found"),
}


@pytest.mark.parametrize("name", UNSTARTED)
@pytest.mark.parametrize("bare", [(), ("--no-redact",)])
def test_programs_that_cannot_be_started(
    tmp_path: Path, run: Run, name: str, bare: tuple[str, ...]
) -> None:
    words, code, message = UNSTARTED[name]
    (tmp_path / "lost").write_text("#!/no/such/interpreter\n", encoding="ascii")
    (tmp_path / "lost").chmod(0o755)
    ended = run("exec", *BY_KEY, *bare, "--", *words)
    assert (ended.returncode, ended.stdout) == (code, b"")
    assert lines(ended)[0].startswith(f"error: {message}")
    assert len(lines(ended)) == (2 if name == "a line" else 1)


def test_too_large_an_environment(tmp_path: Path, run: Run) -> None:
    made_more(tmp_path, {f"v{number}": b"x" * 120_000 for number in range(60)})
    for bare in ((), ("--no-redact",)):
        ended = run("exec", "-q", *BY_KEY, *bare, "--", "true")
        told = "error: true: the environment and the arguments are too large, --file gives secrets"
        assert (ended.returncode, lines(ended)) == (126, [f"{told} as files"])
    assert run("exec", *BY_KEY, "--files", "--", "true").returncode == 0


def test_a_script_without_a_first_line_is_the_shells(tmp_path: Path, run: Run) -> None:
    (tmp_path / "script").write_text('echo "$0 $1 $APP_TOKEN"\n', encoding="ascii")
    (tmp_path / "script").chmod(0o755)
    for bare, shown in (((), "[app/token]"), (("--no-redact",), "hunter2-hunter2")):
        ended = run("exec", *BY_KEY, *bare, "--", "./script", "-x")
        assert (ended.returncode, ended.stdout.decode()) == (0, f"./script -x {shown}\n")


def test_files_in_memory(tmp_path: Path, run: Run) -> None:
    made_more(tmp_path, {"ZERO": b"a\0b\0\xff" * 50_000})
    script = (
        'cat "$DB_PASSWORD"; cat "$DB_PASSWORD"; stat -Lc " %a %u" "$DB_PASSWORD";'
        'sha256sum <"$ZERO"; echo x >>"$ZERO" && echo written; echo x >"$ZERO" && echo written;'
        'chmod 600 "$ZERO"; truncate -s 0 "$ZERO"; sha256sum <"$ZERO"'
    )
    ended = run("exec", *BY_KEY, "--files", "--no-redact", "--", "sh", "-c", script)
    total = hashlib.sha256(b"a\0b\0\xff" * 50_000).hexdigest()
    expected = f"{PASSWORD}{PASSWORD} 400 {os.getuid()}\n{total}  -\n{total}  -\n"
    assert ended.stdout.decode() == expected
    # Somebody who starts another program with nothing but the three standard descriptors.
    show = "import os, subprocess; subprocess.run(['cat', os.environ['F']])"
    words = ("--file", "F=db/password", "--", sys.executable, "-c", show)
    assert run("exec", *BY_KEY, *words).stdout == b"[db/password]"
    assert run("exec", *BY_KEY, "--no-redact", *words).stdout.decode() == PASSWORD


def test_values_and_files_together(run: Run) -> None:
    words = ("--files", "--only", "db/*", "--env", "T=app/token", "--file", "F=app/token")
    found = seen(run, *words)
    assert found["T"] == "hunter2-hunter2"
    assert re.fullmatch(r"/proc/\d+/fd/\d+", found["F"])
    assert re.fullmatch(r"/proc/\d+/fd/\d+", found["DB_PASSWORD"])
    assert "APP_TOKEN" not in found


def test_nothing_is_written_to_a_disk(tmp_path: Path, run: Run) -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace here")
    run("list", *BY_KEY)
    calls = "trace=open,openat,creat,mknod,rename,link"
    tracing = ["strace", "-f", "-qq", "-e", calls, "-o", "trace"]
    ended = subprocess.run(
        [*tracing, COMMAND, "vault", "exec", *BY_KEY, "--files", "--", "cat", "/dev/null"],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    trace = (tmp_path / "trace").read_text("utf-8", "replace").splitlines()
    assert len(trace) > 10
    written = [line for line in trace if re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat\(", line)]
    opened = {found[1] for line in written if (found := re.search(r'"([^"]*)"', line))}
    assert opened <= {"/dev/tty", "/dev/null"}


def test_a_vault_that_is_not_as_it_was_signed(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "secrets.vault"
    old = path.read_bytes().splitlines(keepends=True)
    made_more(tmp_path, {"app/token": b"changed!"})
    new = path.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(new) if b"app/token" in line)
    path.write_bytes(b"".join([*new[:place], old[place], *new[place + 1 :]]))
    for words in ((), ("-e", "T=app/token"), ("--only", "app/*"), ("--file", "T=app/token")):
        ended = run("exec", *BY_KEY, *words, "--", "touch", "started")
        assert ended.returncode == 1
        assert lines(ended)[0].startswith("warning: secrets.vault: app/token: ")
        assert lines(ended)[1].startswith("error: secrets.vault: the vault is not the one that was")
    assert not (tmp_path / "started").exists()
    # Others can be used.
    ended = run("exec", *BY_KEY, "--only", "db/*", "--", "printenv", "DB_PASSWORD")
    assert (ended.returncode, ended.stdout) == (0, b"[db/password]\n")
    assert len(lines(ended)) == 1


@pytest.mark.usefixtures("run")
def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [COMMAND, "vault", "exec", *BY_KEY, "--", "sh", "-c", "yes | head -c 100000; exit 7"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 4
    assert "error: standard output: no space left on device" in ended.stderr.decode()
    closed = f"{COMMAND} vault exec --key-file key -- sh -c 'echo x' >&-"
    ended = subprocess.run(
        ["sh", "-c", closed], cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE
    )
    assert ended.returncode != 0
    assert b"code-ops" not in ended.stderr


def test_the_limit_of_core_dumps_is_the_programs_own(run: Run) -> None:
    soft = resource.getrlimit(resource.RLIMIT_CORE)[0]
    expected = "unlimited" if soft == resource.RLIM_INFINITY else str(soft // 1024)
    for bare in ((), ("--no-redact",)):
        ended = run("exec", *BY_KEY, *bare, "--", "bash", "-c", "ulimit -c")
        assert ended.stdout.decode().strip() == expected


def test_settings_neither_name_a_program_nor_show_secrets(tmp_path: Path, run: Run) -> None:
    for option, value in (("words", '["touch", "run"]'), ("no-redact", "true")):
        (tmp_path / "code-ops.toml").write_text(
            f"[vault.exec]\n{option} = {value}\n", encoding="ascii"
        )
        ended = run("exec", *BY_KEY, "--", "true")
        assert ended.returncode == 2
        assert "is given on the command line only" in lines(ended)[0]
