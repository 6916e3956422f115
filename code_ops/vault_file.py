"""Vaults: files of secrets made for git, in the format of docs/vault-format.md.

``create_vault`` makes one, ``open_vault`` reads it, and ``edit_vault`` changes it: several programs
may do that at once, each sees what the others wrote, and a kill at any time leaves the old file or
the new one. A secret is a name and a text or bytes. The native engine alone has vaults.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from code_ops import _engine
from code_ops.errors import EngineError, VaultClosedError, VaultError, VaultOlderError
from code_ops.vault_memory import accept, remember, seen_of

if TYPE_CHECKING:
    import datetime

    from code_ops.password_costs import Params, Preset
    from code_ops.vault_identities import Identity

__all__ = [
    "Credentials",
    "Finding",
    "Overview",
    "Secret",
    "Slot",
    "Vault",
    "content_at",
    "create_vault",
    "edit_vault",
    "is_name",
    "locked",
    "native_module",
    "open_vault",
    "opened",
    "overview_of",
    "read_overview",
]

_MOST_BYTES = 256 << 20
REPLACED_KEY = (
    "its data key is one that was replaced, as was seen before: who was removed may read it and "
    "have written it"
)


class Credentials(NamedTuple):
    """What somebody has to open a vault with; passphrases are tried last, as they cost the most."""

    keys: Sequence[bytes] = ()
    passphrases: Sequence[str | bytes] = ()
    identities: Sequence[Identity] = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are neither copied nor pickled: they are secrets")

    def __repr__(self) -> str:
        counts = f"{len(self.keys)} keys, {len(self.passphrases)} passphrases"
        return f"Credentials({counts}, {len(self.identities)} identities)"

    def together(self, other: Credentials) -> Credentials:
        """These, and those of others."""
        return Credentials(
            [*self.keys, *other.keys],
            [*self.passphrases, *other.passphrases],
            [*self.identities, *other.identities],
        )


class Secret(NamedTuple):
    """What a vault tells of a secret without its value; ``kind`` is ``text`` or ``bytes``."""

    name: str
    version: int
    date: datetime.date
    kind: str


class Slot(NamedTuple):
    """Who can open a vault; ``detail`` is costs, a key's id or a recipient."""

    kind: str
    label: str
    detail: str


class Finding(NamedTuple):
    """A secret that is not as it was signed; ``kind`` is ``replaced``, ``added`` or ``gone``."""

    kind: str
    name: str
    message: str


class Overview(NamedTuple):
    """What a vault's file tells without a key; none of it is verified."""

    id: str
    generation: int
    secrets: list[Secret]
    slots: list[Slot]


class Vault:
    """A vault that is open; see ``open_vault`` and ``edit_vault``."""

    def __init__(self, path: str, native: Any) -> None:
        self.path = path
        self._native = native
        seen = seen_of(native.id)
        self.seen_generation = seen.generation
        """The highest generation this user has seen; above the vault's own, an old file is back."""
        self.has_replaced_key = seen.has_replaced(native.data_key_mark())
        """Whether this user has seen a later data key: who was removed may have this one."""

    def __repr__(self) -> str:
        return f"Vault({self.path!r}, generation={self.generation})"

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Vault is neither copied nor pickled: it holds a key")

    @property
    def id(self) -> str:
        """26 characters that no other vault has."""
        return str(self._native.id)

    @property
    def generation(self) -> int:
        """How often the file was written."""
        return int(self._native.generation)

    @property
    def secrets(self) -> list[Secret]:
        """All secrets in the order of their names."""
        return _secrets(self._native.secrets())

    @property
    def slots(self) -> list[Slot]:
        """Who can open the vault."""
        return [Slot(*row) for row in self._native.slots()]

    @property
    def findings(self) -> list[Finding]:
        """How the secrets differ from those that were signed."""
        return [Finding(*row) for row in self._native.findings()]

    @property
    def overview(self) -> Overview:
        """What the file tells without a key."""
        return Overview(self.id, self.generation, self.secrets, self.slots)

    def get(self, name: str) -> bytes:
        """A secret's value; VaultMissingError where there is none of this name."""
        with _of(self.path):
            return bytes(self._native.get(name))

    def set(self, name: str, value: str | bytes, date: datetime.date | None = None) -> str:
        """Sets a secret: ``added``, ``changed``, or ``same`` where its line stays as it was."""
        kind = "text" if isinstance(value, str) else "bytes"
        with _of(self.path):
            data = _encoded(value, "value")
            return str(self._native.set(name, data, kind, str(date or _today())))

    def remove(self, name: str) -> None:
        """Takes a secret out; VaultMissingError where there is none of this name."""
        with _of(self.path):
            self._native.remove(name)

    def add_key(self, label: str, key: bytes) -> None:
        """Lets the holder of a key open the vault."""
        with _of(self.path):
            self._native.add_slot(label, key=key)

    def add_passphrase(
        self, label: str, passphrase: str | bytes, params: Params | Preset = "rfc9106-second"
    ) -> None:
        """Lets who knows a passphrase open the vault, at a cost as of passwords."""
        with _of(self.path):
            word = _encoded(passphrase, "passphrase")
            self._native.add_slot(label, passphrase=word, params=params)

    def add_recipient(self, label: str, recipient: str) -> None:
        """Lets the identity of a recipient open the vault: ``age1...`` or an SSH public key.

        A recipient of a plugin of age, ``age1NAME1...``, starts the program ``age-plugin-NAME``.
        """
        with _of(self.path):
            self._native.add_slot(label, recipient=recipient)

    def opens_with(self, credentials: Credentials) -> bool:
        """Whether the vault as it is now, with all changes, opens with these."""
        with _of(self.path):
            text = self._native.finish()
        with contextlib.suppress(VaultClosedError):
            opened(self.path, text, credentials)
            return True
        return False

    def remove_slots(
        self, labels: Iterable[str], credentials: Credentials, plugins: Iterable[str] = ()
    ) -> None:
        """Takes slots out, and makes a new data key: ``rekey`` without them."""
        self.rekey(credentials, labels, plugins)

    def rekey(
        self,
        credentials: Credentials,
        without: Iterable[str] = (),
        plugins: Iterable[str] = (),
    ) -> None:
        """Makes a new data key, and seals all values and slots anew, but for those ``without``.

        Recipients stay by themselves; slots of keys and passphrases need these in the credentials,
        and a recipient of a plugin needs its name in ``plugins``, since that program is started.
        VaultClosedError names all slots that cannot be kept, and the vault is as it was.
        """
        with _of(self.path):
            self._native.rekey(list(without), plugins=list(plugins), **_openers(credentials))


def create_vault(
    path: str,
    label: str,
    *,
    key: bytes | None = None,
    passphrase: str | bytes | None = None,
    recipient: str | None = None,
    more: Mapping[str, str] | None = None,
    params: Params | Preset = "rfc9106-second",
) -> None:
    """Makes a new vault that opens with a key, a passphrase, or the identity of a recipient.

    ``more`` has labels and recipients of others. FileExistsError where there is a file; a vault is
    never replaced by an empty one.
    """
    if [key, passphrase, recipient].count(None) != 2:
        raise VaultError("a vault begins with one key, one passphrase or one recipient")
    from code_ops.atomic_files import create_file

    with _of(path):
        word = None if passphrase is None else _encoded(passphrase, "passphrase")
        if word == b"":
            raise VaultError("the passphrase is empty")
        made = native_module().VaultFile.create(
            label, key=key, recipient=recipient, passphrase=word, params=params
        )
        for other, other_recipient in (more or {}).items():
            made.add_slot(other, recipient=other_recipient)
    create_file(path, made.finish())
    remember(made.id, made.generation, made.data_key_mark())


def open_vault(path: str, credentials: Credentials) -> Vault:
    """Opens a vault to read.

    VaultError where it is no vault (with the line), VaultClosedError where nothing opens it, and
    VaultChangedError where its head or last line was changed. Single secrets that are not as they
    were signed are ``findings``.
    """
    vault = opened(path, content_at(path), credentials)
    _remember(vault.id, vault.generation, vault._native.data_key_mark(), False)
    return vault


@contextlib.contextmanager
def edit_vault(
    path: str, credentials: Credentials, *, accept_older: bool = False
) -> Iterator[Vault]:
    """Opens a vault to change; what was set is written when the context ends without exception.

    Others wait meanwhile, so ask nobody anything in between. VaultOlderError where the file is of
    an older generation than this user has seen, unless that is accepted.
    """
    from code_ops.atomic_files import replace_file

    with locked(path) as content:
        vault = _to_change(path, content, credentials, accept_older)
        yield vault
        with _of(path):
            text = vault._native.finish()
        if text != content:
            replace_file(path, text)
        _remember(vault.id, vault.generation, vault._native.data_key_mark(), accept_older)


def read_overview(path: str) -> Overview:
    """What a vault's file tells without a key: names, versions, dates, slots; none is verified."""
    return overview_of(path, content_at(path))


def overview_of(path: str, content: bytes) -> Overview:
    """What a vault's text tells without a key; the path is for messages."""
    with _of(path):
        vault_id, generation, secrets, slots = native_module().read_vault(content)
    return Overview(vault_id, generation, _secrets(secrets), [Slot(*row) for row in slots])


def native_module() -> Any:
    """The native engine's part; EngineError where it is absent or not wanted."""
    if _engine.choose() != "rust":
        raise EngineError("vaults need the rust engine")
    return _engine.load("security", "rust")


def opened(path: str, content: bytes, credentials: Credentials) -> Vault:
    """A vault's text that was read already; the path is for messages."""
    with _of(path):
        try:
            native = native_module().VaultFile.open(content, **_openers(credentials))
        except VaultClosedError as error:
            raise VaultClosedError(f"{error}; {_given(credentials)}") from None
    return Vault(path, native)


def _to_change(path: str, content: bytes, credentials: Credentials, accept_older: bool) -> Vault:
    vault = opened(path, content, credentials)
    if vault.generation < vault.seen_generation and not accept_older:
        found = f"generation {vault.generation} is older than {vault.seen_generation}"
        complaint = f"{path}: {found}, which was seen before: an old file was put back"
        raise VaultOlderError(complaint)
    if vault.has_replaced_key and not accept_older:
        raise VaultOlderError(f"{path}: {REPLACED_KEY}")
    return vault


def _remember(vault_id: str, generation: int, mark: str, accept_older: bool) -> None:
    (accept if accept_older else remember)(vault_id, generation, mark)


def _openers(credentials: Credentials) -> dict[str, Any]:
    """Credentials as the native engine has them."""
    if any(identity.is_locked for identity in credentials.identities):
        raise VaultError("an SSH key that is encrypted opens nothing without its passphrase")
    return {
        "keys": list(credentials.keys),
        "passphrases": [_encoded(word, "passphrase") for word in credentials.passphrases],
        "identities": [identity._native for identity in credentials.identities],
    }


def _given(credentials: Credentials) -> str:
    from code_ops.vault_keys import key_id

    given = [f"the key {key_id(key)}" for key in credentials.keys]
    for identity in credentials.identities:
        given += identity.names
    count = len(credentials.passphrases)
    if count:
        given.append("a passphrase" if count == 1 else f"{count} passphrases")
    return f"given was {' and '.join(given)}" if given else "nothing was given"


def _encoded(text: str | bytes, name: str) -> bytes:
    if isinstance(text, bytes):
        return text
    with contextlib.suppress(UnicodeEncodeError):
        return text.encode()
    # Outside, as that error holds the text.
    raise VaultError(f"the {name} is no valid Unicode")


def is_name(text: str) -> bool:
    """Whether a secret can have this name; the native engine refuses others too."""
    import re

    return bool(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}", text)) and text != "manifest"


def _today() -> datetime.date:
    import datetime

    return datetime.datetime.now(datetime.UTC).date()


def _secrets(rows: Sequence[tuple[str, int, str, str]]) -> list[Secret]:
    return [
        # The format takes any day up to 31 in every month.
        Secret(name, version, _day(date), kind)
        for name, version, date, kind in rows
    ]


def _day(text: str) -> datetime.date:
    import datetime

    year, month, day = map(int, text.split("-"))
    for last in (day, 30, 29, 28):
        with contextlib.suppress(ValueError):
            return datetime.date(year, month, min(day, last))
    raise VaultError(f"{text} is no day")


def content_at(path: str) -> bytes:
    """All of a vault's file; VaultError where it is larger than one can be."""
    with open(path, "rb") as file:
        return _content(path, file.fileno())


def _content(path: str, descriptor: int) -> bytes:
    """All of a file, or an error before much of it is read."""
    if os.fstat(descriptor).st_size <= _MOST_BYTES:
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) <= _MOST_BYTES:
            return content
    raise VaultError(f"{path}: a vault has 256 MiB at most")


@contextlib.contextmanager
def locked(path: str) -> Iterator[bytes]:
    """The content of a file that nobody else changes meanwhile."""
    with _held(path) as descriptor:
        yield _content(path, descriptor)


@contextlib.contextmanager
def _held(path: str) -> Iterator[int]:
    """A file that nobody else changes meanwhile, open to read."""
    import fcntl

    while True:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Who held the lock before has put another file in its place.
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                yield descriptor
                return
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _of(path: str) -> Iterator[None]:
    """Errors of a vault begin with its file's name."""
    try:
        yield
    except VaultError as error:
        raise type(error)(f"{path}: {error}") from None
