"""The forms of other tools' files: told by name and content, read and written."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from code_ops.errors import VaultClosedError, VaultError
from code_ops.vault_trade import Source, nested, textual

if TYPE_CHECKING:
    from code_ops.vault_identities import Identity

__all__ = ["FORMS", "Openers", "Writing", "form_of_name", "read", "write"]

FORMS = ("dotenv", "json", "yaml", "ansible-vault", "sops")
_ENDINGS = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".env": "dotenv"}


def _no_passphrase(name: str) -> bytes:
    raise VaultClosedError(f"{name}: it opens with a passphrase, and none was given")


def _no_identities() -> Sequence[Identity]:
    return ()


class Openers(NamedTuple):
    """What opens files that are sealed; asked for when there is something to open."""

    passphrase: Callable[[str], bytes] = _no_passphrase
    """ansible-vault's, for the file of this name."""
    identities: Callable[[], Sequence[Identity]] = _no_identities
    """What opens with age."""


class Writing(NamedTuple):
    """How secrets are written."""

    form: str
    shape: str = "nested"
    """``flat`` writes names as they are."""
    bytes_as: str = "refuse"
    """``base64`` for values that are no text, in forms that have no bytes."""
    inner: str = "yaml"
    """What is within a file of sops: ``yaml``, ``json`` or ``dotenv``."""
    passphrase: bytes = b""
    sealed: str = "whole"
    """``each`` for ansible-vault: a YAML file whose values are ``!vault``, one by one."""
    recipients: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"Writing({self.form!r}, {self.shape!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Writing is neither copied nor pickled: it holds a passphrase")


def form_of_name(path: str) -> str | None:
    """The form that a file's name tells, as ``.env``, ``.env.test`` and ``app.env`` do."""
    base = os.path.basename(path).lower()
    if base == ".env" or base.startswith(".env."):
        return "dotenv"
    return _ENDINGS.get(os.path.splitext(base)[1])


def read(data: bytes, name: str, form: str | None, openers: Openers) -> Source:
    """The secrets of a file's content; without a form its content or its name tells.

    Raises VaultError with the place of what cannot be read, VaultClosedError for what nothing
    opens.
    """
    from code_ops import vault_ansible, vault_documents, vault_dotenv

    text = vault_documents.decoded(data, name)
    if form == "sops" or (form != "ansible-vault" and _is_sops(text, form)):
        from code_ops import vault_sops

        return vault_sops.read(text, name, openers.identities)
    passphrase = functools.cache(lambda: openers.passphrase(name))
    if form in (None, "ansible-vault") and vault_ansible.is_envelope(text):
        content = vault_ansible.opened(text, name, passphrase())
        return _sealed(_read_plain(vault_documents.decoded(content, name), name))
    form = form or form_of_name(name)
    if form == "dotenv":
        return vault_dotenv.read(text, name)
    if form == "json":
        return vault_documents.read_json(text, name)
    if form == "ansible-vault" and "!vault" not in text:
        raise VaultError(f"{name}: there is no envelope of ansible-vault and no !vault in it")
    if form in ("yaml", "ansible-vault"):
        return _read_yaml(text, name, passphrase)
    raise VaultError(f"{name}: its form is not known: give --format, one of {', '.join(FORMS)}")


def _read_plain(text: str, name: str) -> Source:
    """What was in an envelope: YAML, which JSON is as well, or variables by the file's name."""
    from code_ops import vault_documents, vault_dotenv

    if form_of_name(name) == "dotenv":
        return vault_dotenv.read(text, name)
    return vault_documents.read_yaml(text, name)


def _read_yaml(text: str, name: str, passphrase: Callable[[], bytes]) -> Source:
    from code_ops import vault_ansible, vault_documents

    # Each value has its own salt, so that each costs as much as a whole file.
    @functools.cache
    def unlock(value: str) -> str | bytes:
        content = vault_ansible.opened(value, name, passphrase())
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content

    source = vault_documents.read_yaml(text, name, unlock)
    return _sealed(source) if unlock.cache_info().misses == len(source.entries) > 0 else source


def _is_sops(text: str, form: str | None) -> bool:
    # Before the module is imported.
    if "ENC[AES256_GCM," not in text:
        return False
    from code_ops.vault_sops import has_sealed_values, is_sealed

    # Where nobody says otherwise, sealed values are never taken for secrets.
    return is_sealed(text) or (form is None and has_sealed_values(text))


def _sealed(source: Source) -> Source:
    source.protection = "sealed"
    return source


def _sealed_each(values: Mapping[str, bytes], passphrase: bytes) -> dict[str, Any]:
    from code_ops import vault_ansible
    from code_ops.config import Tagged

    return {
        name: Tagged("!vault", vault_ansible.sealed(value, passphrase))
        for name, value in values.items()
    }


def write(values: Mapping[str, bytes], writing: Writing) -> bytes:
    """The content of a file that holds secrets; raises VaultTradeError with all that it cannot."""
    from code_ops import vault_documents, vault_dotenv

    form = writing.form
    has_bytes = form in ("yaml", "ansible-vault") and writing.bytes_as == "refuse"
    kept: Any = "keep" if has_bytes else writing.bytes_as
    texts = textual(values, kept)
    if form == "dotenv":
        return vault_dotenv.write(texts).encode()
    if form == "sops":
        from code_ops import vault_sops_write

        return vault_sops_write.write(
            texts, writing.recipients, writing.inner, writing.shape
        ).encode()
    if writing.sealed == "each":
        texts = _sealed_each(values, writing.passphrase)
    shaped = texts if writing.shape == "flat" else nested(texts)
    if form == "json":
        return vault_documents.write_json(shaped).encode()
    content = vault_documents.write_yaml(shaped).encode()
    if form == "ansible-vault" and writing.sealed == "whole":
        from code_ops import vault_ansible

        return vault_ansible.sealed(content, writing.passphrase).encode()
    return content
