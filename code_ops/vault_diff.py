"""How two forms of a vault differ: names, versions and slots; with a key also whether values do.

Owns what a difference is called. No value, nor its length, is in any of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from code_ops.errors import GitError, VaultChangedError
from code_ops.git import Repository
from code_ops.text import encodable
from code_ops.vault_file import Credentials, Vault, content_at, opened, overview_of
from code_ops.vault_merge import open_sibling

__all__ = ["Change", "Form", "compare", "document", "form_at", "opened_forms"]

_MOST_BYTES = 256 << 20

Kind = Literal["added", "removed", "changed", "resealed"]


class Form(NamedTuple):
    """A vault's text and what it is called."""

    name: str
    text: bytes


class Change(NamedTuple):
    """A secret or slot that differs; what stands before and after it, None where it is not there.

    ``resealed`` is another line of the same version and, where a key could tell, the same value:
    a new data key, or a line that was replaced.
    """

    kind: Kind
    what: Literal["secret", "slot"]
    name: str
    before: str | None
    after: str | None


def form_at(spec: str, path: str) -> Form:
    """A vault's text: of a file, of ``REV:PATH`` as git has it, or of the path at a revision.

    OSError and VaultError for a file that cannot be read, GitError for what git does not have.
    """
    if os.path.exists(spec):
        return Form(spec, content_at(spec))
    if not spec or spec.startswith("-"):
        raise GitError(f"'{spec}' is neither a file nor a revision")
    if ":" in spec:
        repository, name = Repository("."), spec
    else:
        folder, base = os.path.split(os.path.realpath(path))
        repository, name = Repository(folder), f"{spec}:./{base}"
    try:
        found = repository.text("rev-parse", "--verify", name)
        return Form(spec, repository.blob(found, _MOST_BYTES))
    except GitError:
        raise GitError(f"{spec}: neither a file nor a revision of git that has the vault") from None


def opened_forms(before: Form, after: Form, credentials: Credentials) -> tuple[Vault, Vault]:
    """Both with their values; the second by the data key of the first where that is the same."""
    first = opened(before.name, before.text, credentials)
    second = open_sibling(after.name, first, after.text)
    return first, second or opened(after.name, after.text, credentials)


def compare(before: Form, after: Form, vaults: tuple[Vault, Vault] | None = None) -> list[Change]:
    """All that differs, slots first; VaultError for a text that is no vault."""
    old, new = _slots(before), _slots(after)
    changes = [
        Change(_kind(name, old, new), "slot", name, _shown(old.get(name)), _shown(new.get(name)))
        for name in _differing(old, new)
    ]
    old, new = _secrets(before), _secrets(after)
    for name in sorted(_differing(old, new)):
        kind = _kind(name, old, new)
        if vaults is not None and kind in ("changed", "resealed"):
            kind = _by_value(name, vaults, kind)
        shown = _shown(old.get(name)), _shown(new.get(name))
        changes.append(Change(kind, "secret", name, *shown))
    return changes


class _Line(NamedTuple):
    """What is shown of a line, and all of it."""

    shown: str
    line: bytes


def _secrets(form: Form) -> dict[str, _Line]:
    lines = {line.split(b" ", 1)[0].decode(): line for line in form.text.splitlines()}
    return {
        secret.name: _Line(f"{secret.version} {secret.date} {secret.kind}", lines[secret.name])
        for secret in overview_of(form.name, form.text).secrets
    }


def _slots(form: Form) -> dict[str, _Line]:
    head = form.text.split(b"\nhmac ", 1)[0].splitlines()
    lines = [line for line in head if line.startswith(b"slot ")]
    slots = overview_of(form.name, form.text).slots
    return {
        slot.label or slot.kind: _Line(f"{slot.kind} {slot.detail}".rstrip(), line)
        for slot, line in zip(slots, lines, strict=True)
    }


def _differing(old: Mapping[str, _Line], new: Mapping[str, _Line]) -> Iterator[str]:
    for name in {**old, **new}:
        if name not in old or name not in new or old[name].line != new[name].line:
            yield name


def _kind(name: str, old: Mapping[str, _Line], new: Mapping[str, _Line]) -> Kind:
    if name not in old:
        return "added"
    if name not in new:
        return "removed"
    return "resealed" if old[name].shown == new[name].shown else "changed"


def _by_value(name: str, vaults: tuple[Vault, Vault], kind: Kind) -> Kind:
    """The kind where values tell; that of the lines where one is not as it was signed."""
    try:
        values = [vault.get(name) for vault in vaults]
    except VaultChangedError:
        return kind
    return "resealed" if values[0] == values[1] else "changed"


def _shown(line: _Line | None) -> str | None:
    return None if line is None else line.shown


def document(before: Form, after: Form, changes: Sequence[Change], is_verified: bool) -> str:
    """The whole as JSON; the schema is docs/schemas/vault-diff.json."""
    whole = {
        "v": 1,
        "before": encodable(before.name),
        "after": encodable(after.name),
        "has_values": is_verified,
        "changes": [change._asdict() for change in changes],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
