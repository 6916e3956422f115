"""The forms of other tools' files: told by name and content, read and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from code_ops.errors import VaultError
from code_ops.vault_trade import Source, nested, textual

__all__ = ["FORMS", "Openers", "Writing", "form_of_name", "read", "write"]

FORMS = ("dotenv", "json", "yaml")
_ENDINGS = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".env": "dotenv"}


class Openers(NamedTuple):
    """What opens files that are sealed; each is called with a file's name when it is needed."""

    passphrase: Callable[[str], bytes] | None = None


class Writing(NamedTuple):
    """How secrets are written."""

    form: str
    shape: str = "nested"
    """``flat`` writes names as they are."""
    bytes_as: str = "refuse"
    """``base64`` for values that are no text, in forms that have no bytes."""


def form_of_name(path: str) -> str | None:
    """The form that a file's name tells, as ``.env``, ``.env.test`` and ``app.env`` do."""
    base = os.path.basename(path).lower()
    if base == ".env" or base.startswith(".env."):
        return "dotenv"
    return _ENDINGS.get(os.path.splitext(base)[1])


def read(data: bytes, name: str, form: str | None, openers: Openers) -> Source:
    """The secrets of a file's content; without a form its name or content tells.

    Raises VaultError with the place of what cannot be read.
    """
    from code_ops import vault_documents, vault_dotenv

    text = vault_documents.decoded(data, name)
    form = form or form_of_name(name)
    if form == "dotenv":
        return vault_dotenv.read(text, name)
    if form == "json":
        return vault_documents.read_json(text, name)
    if form == "yaml":
        return vault_documents.read_yaml(text, name)
    raise VaultError(f"{name}: its form is not known: give --format, one of {', '.join(FORMS)}")


def write(values: Mapping[str, bytes], writing: Writing) -> bytes:
    """The content of a file that holds secrets; raises VaultTradeError with all that it cannot."""
    from code_ops import vault_documents, vault_dotenv

    kept: Any = (
        "keep" if writing.form == "yaml" and writing.bytes_as == "refuse" else writing.bytes_as
    )
    texts = textual(values, kept)
    if writing.form == "dotenv":
        return vault_dotenv.write(texts).encode()
    shaped = texts if writing.shape == "flat" else nested(texts)
    if writing.form == "json":
        return vault_documents.write_json(shaped).encode()
    return vault_documents.write_yaml(shaped).encode()
