"""A reader of sealed files with slots, written from docs/vault-format.md alone."""

import re
import subprocess
from base64 import b64decode

from argon2.low_level import Type, hash_secret_raw
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand


def expand(key: bytes, use: str) -> bytes:
    return HKDFExpand(hashes.SHA512(), 32, f"code-ops/vault/v1/{use}".encode()).derive(key)


def opened(key: bytes, use: str, parts: list[str], sealed: bytes) -> bytes:
    box = Cobblestone256Decryptor(key, "\0".join([f"code-ops/vault/v1/{use}", *parts]).encode())
    return box.update(sealed) + box.finalize()


def read(sealed: bytes, label: str, secret: bytes) -> bytes:
    """The content, by the slot of this label; for age the secret is the identity's file."""
    head, _, content = sealed.partition(b"\n\n")
    *lines, (_, mac) = [line.split(" ") for line in head.decode("ascii").split("\n")]
    (first,), (_, file_id), *slots = lines
    *slot, body = next(slot for slot in slots if f"label={label}" in slot)
    if slot[1] == "passphrase":
        m, t, p = map(int, re.findall(r"\d+", slot[2]))
        key = hash_secret_raw(secret, b64decode(slot[3][5:]), t, m, p, 32, Type.ID)
    else:
        key = expand(secret, "slot")
    body_bytes = b64decode(body.removeprefix("body="), validate=True)
    if slot[1] == "age":
        words = ["age", "--decrypt", "--identity", secret.decode()]
        key = subprocess.run(words, input=body_bytes, capture_output=True, check=True).stdout
    else:
        key = opened(key, "slot", [file_id, " ".join(slot)], body_bytes)
    signed = hmac.HMAC(expand(key, "header"), hashes.SHA256())
    signed.update("".join(" ".join(line) + "\n" for line in lines).encode())
    signed.verify(b64decode(mac))
    assert first == "code-ops-file/1"
    return opened(expand(key, "file"), "file", [file_id], content)
