"""Passwords stored as Argon2 hashes; data and files sealed with a key.

The library's functions in ``code_ops.passwords`` and ``code_ops.vault`` stand over these; see
there for every parameter's meaning and unit.
"""

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import Protocol, final

__all__ = [
    "Identity",
    "LeakSearch",
    "Redactor",
    "SealedFile",
    "SecureVault",
    "SopsKey",
    "VaultFile",
    "available_memory",
    "derive_key",
    "end_with_parent",
    "fingerprint",
    "hash_passwords_batch",
    "merge_vaults",
    "open_ansible",
    "open_sealed",
    "open_sibling",
    "read_vault",
    "repair_vault",
    "seal",
    "seal_ansible",
    "seal_file",
    "unopened",
    "verify_batch",
]

class _Costs(Protocol):
    @property
    def memory_kib(self) -> int: ...
    @property
    def iterations(self) -> int: ...
    @property
    def lanes(self) -> int: ...

def available_memory() -> int:
    """The bytes of memory that are free for this process, in the machine, its control group and
    its limit of address space.
    """

def end_with_parent() -> None:
    """The system kills this process when the one that started it is gone."""

def hash_passwords_batch(
    passwords: Iterable[str | bytes],
    *,
    params: _Costs | str = ...,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[str]:
    """PHC strings of passwords, in their order."""

def verify_batch(
    pairs: Iterable[tuple[str, str | bytes]],
    *,
    pepper: bytes | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    max_memory_kib: int = 2097152,
    max_iterations: int = 16,
    max_lanes: int = 16,
    progress: Callable[[int, int], object] | None = None,
) -> list[tuple[str, str]]:
    """State and reason of pairs of a stored hash and a password, in their order."""

@final
class SecureVault:
    """Seals and opens data and files with one key of 32 bytes.

    Raises VaultError for a key of another length, and one and the same for whatever keeps data
    from opening: another key or context, or data that is not what was sealed.
    """

    def __new__(cls, key: bytes) -> SecureVault: ...
    @staticmethod
    def generate_key() -> bytes:
        """32 random bytes."""

    def encrypt(self, data: bytes, context: bytes = ...) -> bytes:
        """The sealed form of data."""

    def encrypt_batch(self, items: Iterable[bytes], context: bytes = ...) -> list[bytes]:
        """The sealed forms of several, each with a key of its own as always."""

    def decrypt(self, sealed: bytes, context: bytes = ...) -> bytes:
        """The data of a sealed form."""

    def encrypt_file(
        self,
        source: str | PathLike[str],
        target: str | PathLike[str],
        context: bytes = ...,
        *,
        threads: int | None = None,
    ) -> int:
        """Seals a file into another; returns the bytes written."""

    def decrypt_file(
        self,
        source: str | PathLike[str],
        target: str | PathLike[str],
        context: bytes = ...,
        *,
        threads: int | None = None,
    ) -> int:
        """Opens a sealed file into another; returns the bytes written."""

def seal(key: bytes, message: bytes, context: bytes = ...) -> bytes:
    """The bare construction: a message sealed with a key of 32 bytes and a context."""

def open_sealed(key: bytes, sealed: bytes, context: bytes = ...) -> bytes:
    """The message in what ``seal`` made."""

def derive_key(
    passphrase: bytes, salt: bytes, *, memory_kib: int, iterations: int, lanes: int
) -> bytes:
    """A key of 32 bytes out of a passphrase: the tag of Argon2id."""

@final
class Identity:
    """Age identities, or an SSH key. Raises VaultError for a text that is neither."""

    @staticmethod
    def parse(
        text: bytes,
        passphrase: bytes | None = None,
        ask: Callable[[str, str], str | None] | None = None,
    ) -> Identity:
        """Reads a file of age identities or an SSH private key, which a passphrase unlocks.

        ``ask`` is called with the kind and the message of what a plugin asks.
        """

    @property
    def is_locked(self) -> bool: ...
    def recipients(self) -> list[str]:
        """The recipients, each as one word; for a plugin its program's name."""

@final
class Redactor:
    """Takes secrets out of a stream of bytes, in all the forms that programs write them.

    Each stretch becomes ``[name]``, or ``***`` where a secret has no name. What may be the
    beginning of a secret is held back, and nothing else.
    """

    def __new__(cls, secrets: Sequence[tuple[str, bytes] | bytes]) -> Redactor: ...
    def another(self) -> Redactor:
        """One for another stream, with the same secrets."""

    @property
    def unredacted(self) -> list[tuple[int, str]]:
        """Places in the list of secrets, and why: ``short``, ``long`` or ``budget`` for those that
        are not taken out, ``encoded`` for those that are only as they are.
        """

    def feed(self, data: bytes) -> bytes:
        """Takes the next bytes, and gives what is decided of the stream."""

    def finish(self) -> bytes:
        """Gives what was held back; the stream has ended."""

@final
class VaultFile:
    """A vault that is open: the text of docs/vault-format.md and its data key.

    Raises VaultError with the line of a text that is none of a vault, VaultClosedError where
    nothing given opens it, VaultChangedError for whatever is not what was signed,
    VaultMissingError for a name that is not there and VaultRequestError for one that no vault
    takes.
    """

    @staticmethod
    def create(
        label: str,
        *,
        key: bytes | None = None,
        recipient: str | None = None,
        passphrase: bytes | None = None,
        params: _Costs | str = ...,
    ) -> VaultFile:
        """A new vault without secrets, with one slot."""

    @staticmethod
    def open(
        text: bytes,
        *,
        keys: list[bytes] = ...,
        passphrases: list[bytes] = ...,
        identities: list[Identity] = ...,
        max_memory_kib: int = 2097152,
        max_iterations: int = 16,
        max_lanes: int = 16,
    ) -> VaultFile:
        """Opens a vault's text."""

    @property
    def id(self) -> str: ...
    @property
    def generation(self) -> int: ...
    def data_key_mark(self) -> str:
        """16 hexadecimal digits that tell the data key from others."""

    def secrets(self) -> list[tuple[str, int, str, str]]:
        """Name, version, date and type of each."""

    def slots(self) -> list[tuple[str, str, str]]:
        """Type, label, and costs, key id or recipient of each."""

    def findings(self) -> list[tuple[str, str, str]]:
        """How the secrets differ from those that were signed: kind, name and words for it."""

    def get(self, name: str) -> bytes:
        """A secret's value."""

    def set(self, name: str, value: bytes, kind: str, date: str) -> str:
        """``added``, ``changed`` or ``same``."""

    def remove(self, name: str) -> None:
        """Takes a secret out."""

    def add_slot(
        self,
        label: str,
        *,
        key: bytes | None = None,
        recipient: str | None = None,
        passphrase: bytes | None = None,
        params: _Costs | str = ...,
    ) -> None:
        """Lets somebody else open the vault."""

    def rekey(
        self,
        without: list[str] = ...,
        *,
        keys: list[bytes] = ...,
        passphrases: list[bytes] = ...,
        identities: list[Identity] = ...,
        plugins: list[str] = ...,
    ) -> None:
        """A new data key, for all slots but those of the labels."""

    def accept(self) -> None:
        """Signs the vault as it stands."""

    def finish(self) -> bytes:
        """The vault's text, a generation later where something changed."""

def read_vault(
    text: bytes,
) -> tuple[str, int, list[tuple[str, int, str, str]], list[tuple[str, str, str]]]:
    """What a vault's text tells without a key: id, generation, secrets and slots; unverified."""

def open_sibling(vault: VaultFile, text: bytes) -> VaultFile | None:
    """Another form of a vault, opened by its data key; None where that is another."""

def merge_vaults(
    ours: VaultFile, base: VaultFile | None, theirs: VaultFile
) -> list[tuple[str, str, str, str]]:
    """Makes ``ours`` into one with what ``theirs`` changed since ``base``; returns the conflicts.

    Each is its kind, the name or label, the name under which their value is kept, and words.
    """

def unopened(vault: VaultFile) -> list[str]:
    """The secrets whose lines do not open, of those that are not as they were signed."""

def repair_vault(vault: VaultFile, dropped: list[str]) -> None:
    """Signs a vault as it stands, less some of the secrets that are not as they were signed."""

@final
class SealedFile:
    """A sealed file whose head was read; what it tells is verified when ``open`` comes back.

    No path stands for standard input and standard output. Raises OSError that names the file,
    VaultError with the line of a head that is none, VaultClosedError where nothing given opens it
    and VaultChangedError for a head or a content that is not what was sealed.
    """

    @staticmethod
    def read(source: str | PathLike[str] | None) -> SealedFile:
        """Reads the head."""

    @property
    def id(self) -> str: ...
    def slots(self) -> list[tuple[str, str, str]]:
        """Type, label, and costs, key id or recipient of each."""

    def open(
        self,
        target: str | PathLike[str] | None,
        *,
        keys: list[bytes] = ...,
        passphrases: list[bytes] = ...,
        identities: list[Identity] = ...,
        replace: bool = False,
        progress: Callable[[int], object] | None = None,
    ) -> int:
        """Opens the content; returns its length. Standard output gets what has verified."""

def seal_file(
    source: str | PathLike[str] | None,
    target: str | PathLike[str] | None,
    slots: list[tuple[str, str, bytes]],
    *,
    params: _Costs | str = ...,
    replace: bool = False,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Seals a file for slots of a label, a kind (``key``, ``age`` or ``passphrase``) and a secret
    or recipient; returns the bytes written.
    """

def open_ansible(passphrase: bytes, salt: bytes, mac: bytes, sealed: bytes) -> bytes:
    """The content of an envelope of ansible-vault; VaultClosedError for all that does not open."""

def seal_ansible(passphrase: bytes, salt: bytes, content: bytes) -> tuple[bytes, bytes]:
    """The code and the ciphertext for an envelope of ansible-vault."""

@final
class SopsKey:
    """The data key of a file of sops. VaultClosedError for all that does not open."""

    @staticmethod
    def random() -> SopsKey:
        """A new key."""

    @staticmethod
    def open(armored: bytes, identities: list[Identity]) -> SopsKey:
        """The key in an armored age file; no plugin is asked."""

    def seal(self, recipient: str) -> str:
        """An armored age file of the key; VaultError for a text that is no recipient."""

    def open_values(self, values: list[tuple[bytes, bytes, bytes, bytes]]) -> list[bytes]:
        """The values of nonces, ciphertexts, tags and contexts; all, or VaultClosedError."""

    def seal_values(self, values: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes, bytes]]:
        """Nonces, ciphertexts and tags of values and contexts."""

@final
class LeakSearch:
    """Values to look for, in all forms that programs write them."""

    def __new__(cls, values: list[bytes], least: int) -> LeakSearch: ...
    @property
    def unsearched(self) -> list[tuple[int, str]]:
        """Values that are not looked for, or not in all forms: place in the list, and why."""

    def files(
        self,
        paths: list[str],
        *,
        progress: Callable[[int], object] | None = None,
    ) -> list[tuple[int, list[tuple[int, str, int, int]], bool, str | None]]:
        """Of the files with findings or problems: place in the list, findings, whether there were
        more, and the problem. A finding is a value's place in its list, form, line and column.
        """

    def git(
        self, folder: str
    ) -> tuple[int, list[tuple[str, str, list[tuple[int, str, int, int]], bool]], list[str]]:
        """Of all objects of a repository: how many, those with findings, and all commits' names.
        An object is its name, type, findings, and whether there were more.
        """

def fingerprint(vault: VaultFile, name: str) -> str:
    """16 hexadecimal digits that are the same for the same value, and do not tell it."""
