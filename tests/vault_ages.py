"""Identities and recipients made by age-keygen and ssh-keygen, a plugin of age, and heads that are
written by a second implementation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from vault_samples import expand, open_sealed, seal

from code_ops import bech32

needs_age = pytest.mark.skipif(
    not all(map(shutil.which, ("age", "age-keygen", "ssh-keygen"))),
    reason="age, age-keygen and ssh-keygen are not installed",
)
PLUGIN_RECIPIENT = bech32.encode("age1sample", bytes(20))
PLUGIN_IDENTITY = bech32.encode("age-plugin-sample-", b"").upper()
# The sample asks for the PIN of this one.
ASKING_IDENTITY = bech32.encode("age-plugin-sample-", b"asking").upper()
PIN = "2468"
# After C2SP's age-plugin.md; the wrapping is none, as what is tested is who starts it.
_PLUGIN = """#!{python} -I
import base64, pathlib, sys
pathlib.Path({log!r}).open("a").write(sys.argv[1] + "\\n")

def read():
    head = sys.stdin.readline().split()[1:]
    body = ""
    while True:
        line = sys.stdin.readline().rstrip("\\n")
        body += line
        if len(line) < 64:
            return head, base64.b64decode(body + "=" * (-len(body) % 4))

def send(head, body=b""):
    text = base64.b64encode(body).decode().rstrip("=")
    lines = [text[start:start + 64] for start in range(0, len(text) + 1, 64)]
    print("-> " + " ".join(head), *lines, sep="\\n", flush=True)

received = []
while not received or received[-1][0] != ["done"]:
    received.append(read())
for head, body in received:
    if head[0] == "wrap-file-key":
        send(["recipient-stanza", "0", "sample"], body[::-1])
        read()
    elif head[:3] == ["recipient-stanza", "0", "sample"]:
        # Others may stand among them, which mean nothing: that is what clients send to try plugins.
        if any(head == ["add-identity", {asking!r}] for head, _ in received):
            send(["msg"], b"touch\\x1b[2J\\nit")
            read()
            send(["request-secret"], b"PIN of the sample")
            if read() != (["ok"], {pin!r}):
                send(["error", "internal"], b"wrong PIN")
                read()
                break
        send(["file-key", "0"], body[::-1])
        read()
send(["done"])
"""


def run(*words: str, stdin: bytes = b"") -> bytes:
    """What a program writes."""
    return subprocess.run(words, input=stdin, capture_output=True, check=True, timeout=60).stdout


def age_identity(path: Path) -> str:
    """Makes an identity; its recipient."""
    run("age-keygen", "-o", str(path))
    return run("age-keygen", "-y", str(path)).decode().strip()


def ssh_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Makes an SSH key; its public half with a comment."""
    size = ["-b", "2048"] if kind == "rsa" else []
    run(
        "ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "me at home", "-f", str(path)
    )
    return path.with_name(f"{path.name}.pub").read_text()


def age_plugin(folder: Path) -> Path:
    """Makes the program age-plugin-sample; the file that tells how it was started."""
    folder.mkdir()
    log = folder / "log"
    program = folder / "age-plugin-sample"
    program.write_text(
        _PLUGIN.format(
            python=sys.executable, log=str(log), asking=ASKING_IDENTITY, pin=PIN.encode()
        )
    )
    program.chmod(0o755)
    return log


def body_of(text: bytes, label: str) -> bytes:
    """The body of a slot."""
    line = next(line for line in text.splitlines() if f" label={label} ".encode() in line)
    return base64.b64decode(line.rpartition(b"body=")[2], validate=True)


def with_slots(text: bytes, data_key: bytes, slots: list[str]) -> bytes:
    """A vault whose slots are others, signed as docs/vault-format.md has it."""
    lines = text.decode().splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("hmac "))
    head = "".join(f"{line}\n" for line in [*lines[:2], *slots])
    key = expand(data_key, b"code-ops/vault/v1/header", 32)
    mac = base64.b64encode(hmac.digest(key, head.encode(), hashlib.sha256)).decode()
    *secrets, last = lines[place + 1 :]
    _, generation, sealed = last.split(" ")
    name = b"code-ops/vault/v1/manifest"
    key = expand(data_key, name, 32)
    vault_id = lines[1].removeprefix("id ")

    def context(mac: str) -> bytes:
        return b"\0".join([name, *(part.encode() for part in (vault_id, generation, mac))])

    old = lines[place].removeprefix("hmac ")
    listed = open_sealed(key, context(old), base64.b64decode(sealed))
    manifest = base64.b64encode(seal(key, context(mac), listed)).decode()
    rest = "".join(f"{line}\n" for line in secrets)
    return f"{head}hmac {mac}\n{rest}manifest {generation} {manifest}\n".encode()


def age_slot(label: str, recipient: str, body: bytes) -> str:
    """A slot's line."""
    word = "_".join(recipient.split(" ")[:2])
    return f"slot age recipient={word} label={label} body={base64.b64encode(body).decode()}"
