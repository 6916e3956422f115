"""Recipients and identities of age and SSH: what opens a vault beside keys and passphrases, who
starts a program, and what a new data key is for. The other implementation is the program age.
"""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from vault_ages import (
    ASKING_IDENTITY,
    PIN,
    PLUGIN_IDENTITY,
    PLUGIN_RECIPIENT,
    age_identity,
    age_plugin,
    age_slot,
    body_of,
    needs_age,
    run,
    ssh_key,
    with_slots,
)
from vault_reader import read
from vault_runs import CREDENTIALS, KEY, OTHER_KEY, PASSPHRASE, values
from vault_samples import expand

from code_ops import _engine
from code_ops.errors import (
    VaultClosedError,
    VaultError,
    VaultRequestError,
)
from code_ops.password_costs import Params
from code_ops.vault_file import Credentials, create_vault, edit_vault, open_vault
from code_ops.vault_identities import Identity, opener_from_text

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(_engine.native_error() is not None, reason="vaults need the rust engine"),
]
CHEAP = Params(8, 1, 1)


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CODE_OPS_ENGINE", raising=False)


def identity(path: Path, passphrase: bytes | None = None) -> Credentials:
    return Credentials(identities=[Identity(path.read_bytes(), passphrase)])


def people(folder: Path) -> dict[str, str]:
    """An identity or key of each kind in a file of this name; their recipients."""
    return {
        "alice": age_identity(folder / "alice"),
        "bob": ssh_key(folder / "bob"),
        "carol": ssh_key(folder / "carol", "rsa"),
    }


def vault_for(folder: Path, recipients: dict[str, str]) -> str:
    path = str(folder / "secrets.vault")
    create_vault(path, "ci", key=KEY, more=recipients)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.set("one", "1")
    return path


@needs_age
def test_each_identity_opens_and_age_opens_each_body(tmp_path: Path) -> None:
    recipients = people(tmp_path)
    path = vault_for(tmp_path, recipients)
    text = Path(path).read_bytes()
    assert read(text, "key", KEY) == {"one": b"1"}
    data_keys = set()
    for name in recipients:
        assert open_vault(path, identity(tmp_path / name)).get("one") == b"1"
        data_keys.add(run("age", "-d", "-i", str(tmp_path / name), stdin=body_of(text, name)))
    (data_key,) = data_keys
    assert len(data_key) == 32
    details = {slot.label: slot.detail for slot in open_vault(path, CREDENTIALS).slots}
    assert details["alice"] == recipients["alice"]
    assert details["bob"] == "_".join(recipients["bob"].split(" ")[:2])


@needs_age
def test_a_body_of_age_opens(tmp_path: Path) -> None:
    recipients = people(tmp_path)
    path = vault_for(tmp_path, recipients)
    text = Path(path).read_bytes()
    key = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(text, "alice"))
    slots = [
        age_slot(name, each, run("age", "-e", "-r", each, stdin=key))
        for name, each in recipients.items()
    ]
    Path(path).write_bytes(with_slots(text, key, slots))
    for name in recipients:
        assert open_vault(path, identity(tmp_path / name)).get("one") == b"1"


@needs_age
def test_bodies_that_open_nothing(tmp_path: Path) -> None:
    """Each is signed by who has the data key, so that the body alone is what is refused."""
    alice = age_identity(tmp_path / "alice")
    bob = age_identity(tmp_path / "bob")
    path = vault_for(tmp_path, {"alice": alice})
    text = Path(path).read_bytes()
    key = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(text, "alice"))
    right = run("age", "-e", "-r", alice, stdin=key)
    many = [word for _ in range(33) for word in ("-r", alice)]
    bodies = {
        "right": right,
        "31 bytes": run("age", "-e", "-r", alice, stdin=key[:31]),
        "33 bytes": run("age", "-e", "-r", alice, stdin=key + b"\0"),
        "nothing": run("age", "-e", "-r", alice),
        "much": run("age", "-e", "-r", alice, stdin=bytes(20_000)),
        "armored": run("age", "-e", "-a", "-r", alice, stdin=key),
        "to another": run("age", "-e", "-r", bob, stdin=key),
        "33 stanzas": run("age", "-e", *many, stdin=key),
        "32 stanzas": run("age", "-e", *many[2:], stdin=key),
        "a byte more": right + b"\0",
        "cut": right[:-1],
        "head alone": right[: right.index(b"\n---")],
        "no age": b"hunter2",
    }
    opened = []
    for name, body in bodies.items():
        Path(path).write_bytes(with_slots(text, key, [age_slot("alice", alice, body)]))
        with contextlib.suppress(VaultClosedError):
            open_vault(path, identity(tmp_path / "alice"))
            opened.append(name)
    assert opened == ["right", "32 stanzas"]


@needs_age
def test_an_identity_is_tried_where_its_recipient_stands(tmp_path: Path) -> None:
    """What a vault's list of recipients says is so: nobody opens it in another's name."""
    alice, bob = age_identity(tmp_path / "alice"), age_identity(tmp_path / "bob")
    path = vault_for(tmp_path, {"alice": alice})
    text = Path(path).read_bytes()
    key = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(text, "alice"))
    slot = age_slot("alice", alice, run("age", "-e", "-r", bob, stdin=key))
    Path(path).write_bytes(with_slots(text, key, [slot]))
    for name in ("alice", "bob"):
        with pytest.raises(VaultClosedError):
            open_vault(path, identity(tmp_path / name))


@needs_age
def test_a_recipient_stands_once(tmp_path: Path) -> None:
    alice = age_identity(tmp_path / "alice")
    path = vault_for(tmp_path, {"alice": alice})
    with (
        pytest.raises(VaultRequestError, match="alice is this recipient already"),
        edit_vault(path, CREDENTIALS) as vault,
    ):
        vault.add_recipient("again", alice)
    text = Path(path).read_bytes()
    key = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(text, "alice"))
    body = run("age", "-e", "-r", alice, stdin=key)
    slots = [age_slot(label, alice, body) for label in ("alice", "again")]
    Path(path).write_bytes(with_slots(text, key, slots))
    with pytest.raises(VaultError, match="line 4: the recipient of alice and again stands twice"):
        open_vault(path, identity(tmp_path / "alice"))


@needs_age
def test_an_encrypted_ssh_key_needs_its_passphrase(tmp_path: Path) -> None:
    path = vault_for(tmp_path, {"dora": ssh_key(tmp_path / "dora", passphrase="horse")})
    assert Identity((tmp_path / "dora").read_bytes()).is_locked
    assert open_vault(path, identity(tmp_path / "dora", b"horse")).get("one") == b"1"
    with pytest.raises(VaultError, match=r"^the passphrase is not that of the SSH key$"):
        identity(tmp_path / "dora", b"cow")
    with pytest.raises(VaultError, match="encrypted opens nothing without its passphrase"):
        open_vault(path, identity(tmp_path / "dora"))


@needs_age
def test_what_did_not_open_is_named(tmp_path: Path) -> None:
    alice = age_identity(tmp_path / "alice")
    bob = age_identity(tmp_path / "bob")
    path = vault_for(tmp_path, {"alice": alice, "carol": ssh_key(tmp_path / "carol")})
    ssh_key(tmp_path / "other")
    both = identity(tmp_path / "bob").together(identity(tmp_path / "other"))
    with pytest.raises(VaultClosedError) as closed:
        open_vault(path, both)
    message = str(closed.value)
    assert f"the age identity of {alice} (alice), the SSH key carol;" in message
    assert message.endswith(f"; given was the identity of {bob} and an SSH key")
    lines = [
        line
        for name in ("bob", "other")
        for line in (tmp_path / name).read_text().splitlines()
        if not line.startswith(("#", "-----"))
    ]
    shown = [message, repr(both), *map(repr, both.identities)]
    assert not any(line in text for line in lines for text in shown)


@needs_age
def test_identities_are_neither_copied_nor_pickled(tmp_path: Path) -> None:
    age_identity(tmp_path / "alice")
    opener = opener_from_text((tmp_path / "alice").read_bytes())
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            take(opener)


@needs_age
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: "", "a recipient is age1..., ssh-ed25519 AAAA... or ssh-rsa AAAA..."),
        (lambda _: "alice", "a recipient is age1..., ssh-ed25519 AAAA... or ssh-rsa AAAA..."),
        (lambda _: "ssh-ed25519", "a recipient is age1..., ssh-ed25519 AAAA... or ssh-rsa AAAA..."),
        (lambda folder: age_identity(folder / "a")[:-1], "the recipient is mistyped or cut: its"),
        (lambda folder: age_identity(folder / "a") + " x", "a recipient is age1..., ssh-"),
        (lambda folder: ssh_key(folder / "a")[:60], "mistyped or cut: it is no SSH public key"),
        (lambda folder: ssh_key(folder / "a").replace(" me", "= me"), "it is no SSH public key"),
        (lambda folder: ssh_key(folder / "a", "ecdsa"), "not ecdsa-sha2-nistp256"),
        (lambda _: PLUGIN_RECIPIENT, "the program age-plugin-sample is not on the path"),
        (lambda _: PLUGIN_IDENTITY, "this is an identity, which is secret"),
    ],
)
def test_what_is_no_recipient(tmp_path: Path, make: Any, message: str) -> None:
    path = str(tmp_path / "secrets.vault")
    with pytest.raises(VaultRequestError) as refused:
        create_vault(path, "a", recipient=make(tmp_path))
    assert message in str(refused.value)
    assert not os.path.exists(path)


@needs_age
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: "", "a key is `cok1` and 58 characters"),
        (lambda _: "# nothing else\n", "a key is `cok1` and 58 characters"),
        (lambda folder: age_identity(folder / "a"), "this is a public key, which opens nothing"),
        (lambda folder: ssh_key(folder / "a"), "this is a public key, which opens nothing"),
        (lambda _: "AGE-SECRET-KEY-1QQQQ", "line 1 is no age identity"),
        (lambda _: f"#\n{PLUGIN_IDENTITY}\nhunter2\n", "line 3 is no age identity"),
        (lambda _: "AGE-SECRET-KEY-PQ-1QQQQ", "line 1 is an identity of a kind that this version"),
        (lambda _: "-----BEGIN AGE ENCRYPTED FILE-----\n", "the identity file is encrypted"),
        (lambda _: "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "the SSH key is damaged or cut"),
        (lambda _: f"{PLUGIN_IDENTITY}\n" * 4000, "at most 65,536 bytes"),
    ],
)
def test_what_is_no_identity(tmp_path: Path, make: Any, message: str) -> None:
    with pytest.raises(VaultError) as refused:
        opener_from_text(make(tmp_path).encode())
    assert message in str(refused.value)
    assert "hunter2" not in str(refused.value)


@needs_age
def test_ssh_keys_that_age_does_not_take(tmp_path: Path) -> None:
    ssh_key(tmp_path / "a", "ecdsa")
    with pytest.raises(VaultError, match="SSH keys of type ssh-ed25519 and ssh-rsa"):
        opener_from_text((tmp_path / "a").read_bytes())


@needs_age
def test_a_plugin_starts_for_who_names_it_and_for_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = age_plugin(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    age_identity(tmp_path / "alice")
    path = vault_for(tmp_path, {"hardware": PLUGIN_RECIPIENT})
    assert log.read_text() == "--age-plugin=recipient-v1\n"
    log.unlink()
    # The program age takes the plugin's file, so that the sample speaks the protocol.
    (tmp_path / "hardware").write_text(PLUGIN_IDENTITY)
    body = body_of(Path(path).read_bytes(), "hardware")
    key = run("age", "-d", "-i", str(tmp_path / "hardware"), stdin=body)
    assert len(key) == 32
    log.unlink()
    others = Credentials([OTHER_KEY], [PASSPHRASE], [Identity((tmp_path / "alice").read_bytes())])
    with pytest.raises(VaultClosedError, match=r"the identity of age-plugin-sample \(hardware\)"):
        open_vault(path, others)
    with edit_vault(path, CREDENTIALS.together(others)) as vault:
        vault.set("two", "2")
        refusal = r"age-plugin-sample may not be started unless it is named"
        with pytest.raises(VaultClosedError, match=refusal):
            vault.rekey(CREDENTIALS)
    assert not log.exists()
    assert open_vault(path, identity(tmp_path / "hardware")).get("two") == b"2"
    assert log.read_text() == "--age-plugin=identity-v1\n"
    with edit_vault(path, CREDENTIALS) as vault:
        vault.rekey(CREDENTIALS, plugins=["sample"])
    assert log.read_text().splitlines()[1:] == ["--age-plugin=recipient-v1"]
    assert open_vault(path, identity(tmp_path / "hardware")).get("two") == b"2"
    program = tmp_path / "bin" / "age-plugin-sample"
    program.write_text("#!/bin/sh\n")
    died = "the program age-plugin-sample ended before it was done"
    with pytest.raises(VaultClosedError, match=died):
        open_vault(path, identity(tmp_path / "hardware"))
    with pytest.raises(VaultRequestError, match=died):
        create_vault(str(tmp_path / "other"), "a", recipient=PLUGIN_RECIPIENT)
    program.unlink()
    with pytest.raises(VaultClosedError, match="age-plugin-sample is not on the path; given was"):
        open_vault(path, identity(tmp_path / "hardware"))


@needs_age
@pytest.mark.parametrize(
    ("answer", "said"), [(PIN, None), ("1234", "wrong PIN"), (None, "wrong PIN")]
)
def test_a_plugin_asks_its_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None, said: str | None
) -> None:
    age_plugin(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    path = vault_for(tmp_path, {"hardware": PLUGIN_RECIPIENT})
    asked = []

    def ask(kind: str, message: str) -> str | None:
        asked.append((kind, message))
        return answer if kind == "secret" else None

    own = Credentials(identities=[Identity(ASKING_IDENTITY.encode(), None, ask)])
    if said is None:
        assert open_vault(path, own).get("one") == b"1"
    else:
        with pytest.raises(VaultClosedError, match=said):
            open_vault(path, own)
    assert asked == [("tell", "touch[2J it"), ("secret", "PIN of the sample")]


@needs_age
@pytest.mark.parametrize("kind", ["tell", "secret"])
def test_an_interrupt_while_a_plugin_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    age_plugin(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    path = vault_for(tmp_path, {"hardware": PLUGIN_RECIPIENT})

    def ask(asked: str, _: str) -> str | None:
        if asked == kind:
            raise KeyboardInterrupt
        return None

    own = Credentials(identities=[Identity(ASKING_IDENTITY.encode(), None, ask)])
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            open_vault(path, own)


@needs_age
def test_a_new_data_key_keeps_who_stays_and_what_is_kept(tmp_path: Path) -> None:
    recipients = people(tmp_path)
    path = vault_for(tmp_path, recipients)
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_passphrase("night", PASSPHRASE, CHEAP)
        vault.add_key("other", OTHER_KEY)
        vault.set("two", b"\xff" * 100)
        vault.set("one", "other")
    before = Path(path).read_bytes()
    old = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(before, "alice"))
    rows = open_vault(path, CREDENTIALS).secrets
    keep = Credentials([OTHER_KEY, KEY], ["wrong", PASSPHRASE])
    with edit_vault(path, CREDENTIALS) as vault:
        vault.remove_slots(["bob"], keep)
    after = Path(path).read_bytes()
    assert read(after, "key", KEY) == {"one": b"other", "two": b"\xff" * 100}
    assert read(after, "passphrase", PASSPHRASE.encode()) == read(after, "key", KEY)
    vault = open_vault(path, CREDENTIALS)
    assert (vault.secrets, vault.findings) == (rows, [])
    assert [slot.label for slot in vault.slots] == ["ci", "alice", "carol", "night", "other"]
    for opener in (identity(tmp_path / "alice"), identity(tmp_path / "carol"), Credentials([KEY])):
        assert open_vault(path, opener).get("one") == b"other"
    with pytest.raises(VaultClosedError):
        open_vault(path, identity(tmp_path / "bob"))
    # Whoever kept the old data key can no longer do anything with the new lines.
    new = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(after, "alice"))
    assert new != old
    assert not set(before.splitlines()[2:]) & set(after.splitlines()[2:])


@needs_age
def test_all_that_cannot_be_kept_is_told_at_once(tmp_path: Path) -> None:
    path = vault_for(tmp_path, {"alice": age_identity(tmp_path / "alice")})
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_passphrase("night", PASSPHRASE, CHEAP)
        vault.add_key("other", OTHER_KEY)
    text = Path(path).read_bytes()
    data_key = run("age", "-d", "-i", str(tmp_path / "alice"), stdin=body_of(text, "alice"))
    slots = [line.decode() for line in text.splitlines() if line.startswith(b"slot ")]
    text = with_slots(text, data_key, [*slots, "slot pigeon route=north"])
    Path(path).write_bytes(text)
    # The right kind, and not what opened the slot.
    wrong = Credentials([KEY, bytes(32)], ["wrong"])
    with (
        pytest.raises(VaultClosedError) as refused,
        edit_vault(path, CREDENTIALS) as vault,
    ):
        vault.rekey(wrong)
    message = str(refused.value).removeprefix(
        f"{path}: these cannot be kept under a new data key: "
    )
    assert [told.split(" (")[0] for told in message.split("; ")] == [
        "the passphrase night: its passphrase is needed",
        f"the key {expand(OTHER_KEY, b'code-ops/vault/v1/kid', 4).hex()}",
        "a slot of type pigeon, which a newer code-ops knows: only a newer code-ops can",
    ]
    assert Path(path).read_bytes() == text
    with edit_vault(path, CREDENTIALS) as vault:
        vault.rekey(wrong, ["night", "other", "pigeon"])
    assert [slot.label for slot in open_vault(path, CREDENTIALS).slots] == ["ci", "alice"]
    assert values(path) == {"one": b"1"}


def test_a_new_data_key_that_is_not_made(tmp_path: Path) -> None:
    path = vault_for(tmp_path, {})
    with edit_vault(path, CREDENTIALS) as vault:
        with pytest.raises(VaultRequestError, match="there is no slot nobody"):
            vault.remove_slots(["nobody"], CREDENTIALS)
        with pytest.raises(VaultRequestError, match="one slot has to stay"):
            vault.remove_slots(["ci"], CREDENTIALS)
    text = Path(path).read_bytes()
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(b"one ")]
    Path(path).write_bytes(b"".join(lines))
    with (
        pytest.raises(VaultError, match="one: was signed and is gone"),
        edit_vault(path, CREDENTIALS) as vault,
    ):
        vault.rekey(CREDENTIALS)
    changed = text.replace(b"\none 1 ", b"\none 2 ")
    Path(path).write_bytes(changed)
    with pytest.raises(VaultError), edit_vault(path, CREDENTIALS) as vault:
        vault.rekey(CREDENTIALS)
    assert Path(path).read_bytes() == changed


def test_passphrases_have_a_limit_of_cost_in_sum(tmp_path: Path) -> None:
    """Two slots of 2 GiB and 16 passes would be a minute of work; a key is not kept waiting."""
    path = vault_for(tmp_path, {})
    lines = Path(path).read_bytes().splitlines()
    salt = "A" * 22 + "=="
    body = "A" * 139 + "="
    slots = [
        f"slot passphrase m=2097152,t=16,p=4 salt={salt} label=p{number} body={body}".encode()
        for number in range(2)
    ]
    Path(path).write_bytes(b"\n".join([*lines[:3], *slots, *lines[3:], b""]))
    message = r"the slots for passphrases \(p0, p1\) cost 65536 MiB times passes in sum, and the "
    with pytest.raises(VaultError, match=message + "limit is 32768"):
        open_vault(path, Credentials(passphrases=[PASSPHRASE]))
    # Here the head is not the one that was signed: the slot of the key has opened.
    with pytest.raises(VaultError, match="its hmac is wrong"):
        open_vault(path, Credentials([KEY], [PASSPHRASE]))


def test_slots_that_would_cost_too_much_are_not_made(tmp_path: Path) -> None:
    path = vault_for(tmp_path, {})
    with edit_vault(path, CREDENTIALS) as vault:
        vault.add_passphrase("one", PASSPHRASE, CHEAP)
        with pytest.raises(VaultError, match=r"\(one, two\) cost 32769 MiB times passes in sum"):
            vault.add_passphrase("two", PASSPHRASE, Params(2_097_152, 16, 4))
    assert [slot.label for slot in open_vault(path, CREDENTIALS).slots] == ["ci", "one"]
