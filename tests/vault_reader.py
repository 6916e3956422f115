"""A reader of vaults, written from docs/vault-format.md alone: it shares nothing with code-ops."""

import re
from base64 import b64decode

from argon2.low_level import Type, hash_secret_raw
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand


def expand(key: bytes, use: str) -> bytes:
    return HKDFExpand(hashes.SHA512(), 32, f"code-ops/vault/v1/{use}".encode()).derive(key)


def opened(key: bytes, use: str, parts: list[str], sealed: str) -> bytes:
    box = Cobblestone256Decryptor(key, "\0".join([f"code-ops/vault/v1/{use}", *parts]).encode())
    return box.update(b64decode(sealed, validate=True)) + box.finalize()


def row(words: list[str]) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(" ".join(words).encode())
    return f"{words[0]} {words[1]} {digest.finalize().hex()[:16]}\n"


def read(vault: bytes, kind: str, secret: bytes) -> dict[str, bytes]:
    """All values, by the first slot of this kind: ``key``, or ``passphrase``."""
    head, _, rest = vault.decode("ascii").partition("hmac ")
    first, (_, vault_id), *slots = [line.split(" ") for line in head.splitlines()]
    (mac,), *secrets, last = [line.split(" ") for line in rest.splitlines()]
    *line, body = next(slot for slot in slots if slot[1] == kind)
    if kind == "passphrase":
        m, t, p = map(int, re.findall(r"\d+", line[2]))
        key = hash_secret_raw(secret, b64decode(line[3][5:]), t, m, p, 32, Type.ID)
    else:
        key = expand(secret, "slot")
    key = opened(key, "slot", [vault_id, " ".join(line)], body.removeprefix("body="))
    signed = hmac.HMAC(expand(key, "header"), hashes.SHA256())
    signed.update(head.encode())
    signed.verify(b64decode(mac))
    listed = opened(expand(key, "manifest"), "manifest", [vault_id, last[1], mac], last[2])
    assert listed.decode() == "".join(map(row, secrets))
    assert first == ["code-ops-vault/1"]
    assert [each[0] for each in secrets] == sorted({each[0] for each in secrets})
    sealing = expand(key, "value")
    padded = {each[0]: opened(sealing, "value", [vault_id, *each[:4]], each[4]) for each in secrets}
    assert all(len(v) % 32 == 0 and re.search(rb"\x80\0{0,31}\Z", v) for v in padded.values())
    return {name: value.rstrip(b"\0")[:-1] for name, value in padded.items()}
