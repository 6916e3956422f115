"""A new data key for many vaults at once, in two phases: all are written beside their places and
read again, then all take their places.

Owns which files of a folder are vaults, and that a failure before the second phase leaves all as
it was. A kill within it leaves each file old or new, and each opens with the same credentials as
before, so that doing it once more finishes. A form of file is a line in ``_FORMS``.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from code_ops.errors import VaultChangedError, VaultError, VaultRequestError
from code_ops.vault_file import (
    Credentials,
    Slot,
    Vault,
    _content,
    _held,
    _remember,
    _to_change,
    opened,
)

__all__ = ["Outcome", "Request", "find_vaults", "rotate_vaults"]

_ENDING = ".vault"


class Request(NamedTuple):
    """What opens the vaults and keeps their slots; all of it is tried on each.

    ``drop`` has labels that are given up where they are, ``plugins`` the plugins of age that may be
    started. A dry run does all in memory and writes nothing.
    """

    credentials: Credentials
    drop: Sequence[str] = ()
    plugins: Sequence[str] = ()
    older: Literal["refuse", "accept"] = "refuse"
    way: Literal["write", "dry-run"] = "write"


class Outcome(NamedTuple):
    """What became of a file: ``rotated``, ``could`` be in a dry run, or ``kept`` as it was.

    ``error`` tells why it was kept; without one another file's error is why.
    """

    path: str
    state: Literal["rotated", "could", "kept"]
    secrets: Sequence[str] = ()
    slots: Sequence[Slot] = ()
    dropped: Sequence[Slot] = ()
    error: Exception | None = None


class _Renewed(NamedTuple):
    """A file's new content, and what looks whether that is right once it is on the disk."""

    data: bytes
    outcome: Outcome
    check: Callable[[bytes], None]
    remember: Callable[[], None]


def find_vaults(paths: Sequence[str]) -> list[str]:
    """The vaults among files and under folders, each once, in the order of their real paths.

    In folders these are files that end in ``.vault`` and begin as a vault does; ``.git`` is not
    entered and links are not followed. A file that is named is taken as it is. Raises OSError for
    what cannot be read, and VaultRequestError for one file under two names.
    """
    found: dict[str, str] = {}
    for path in paths:
        files = _walked(path) if os.path.isdir(path) else [path]
        for file in files:
            found.setdefault(os.path.realpath(file, strict=True), file)
    places: dict[tuple[int, int], str] = {}
    for real in sorted(found):
        status = os.stat(real)
        other = places.setdefault((status.st_dev, status.st_ino), found[real])
        if other != found[real]:
            raise VaultRequestError(f"{found[real]}: this is the same file as {other}")
    return [found[real] for real in sorted(found)]


def _walked(folder: str) -> Iterator[str]:
    def stop(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = os.path.normpath(os.path.join(place, name))
            if name.endswith(_ENDING) and _is_known(path):
                yield path


def _is_known(path: str) -> bool:
    """Whether a regular file begins as one that can be rotated."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return False
    longest = max(map(len, _FORMS))
    with open(path, "rb") as file:
        return file.read(longest).startswith(tuple(_FORMS))


def rotate_vaults(paths: Sequence[str], request: Request) -> list[Outcome]:
    """Gives each file a new data key; the outcomes in the order of the paths.

    Where one of them fails before the first has taken its place, all are kept.
    """
    with contextlib.ExitStack() as stack:
        # In the same order everywhere, so that two that rotate do not wait for each other.
        held = [stack.enter_context(_held(path)) for path in paths]
        ready = []
        failed: dict[str, Exception] = {}
        for path, descriptor in zip(paths, held, strict=True):
            try:
                ready.append(_prepared(stack, path, _content(path, descriptor), request))
            except (VaultError, OSError) as error:
                failed[path] = error
        if failed:
            return [Outcome(path, "kept", error=failed.get(path)) for path in paths]
        if request.way == "dry-run":
            return [renewed.outcome for renewed, _ in ready]
        return [_taken(renewed, take_place) for renewed, take_place in ready]


def _prepared(
    stack: contextlib.ExitStack, path: str, content: bytes, request: Request
) -> tuple[_Renewed, Callable[[], None]]:
    """A file's new content on the disk beside it, read again and compared."""
    form = next((form for first, form in _FORMS.items() if content.startswith(first)), None)
    if form is None:
        raise VaultError(f"{path}: expected a vault, which begins with `code-ops-vault/1`")
    renewed = form(path, content, request)
    if request.way == "dry-run":
        renewed.check(renewed.data)
        return renewed._replace(data=b"", check=_checked), lambda: None
    temporary, take_place = stack.enter_context(_prepared_file(path, renewed.data))
    with open(temporary, "rb") as file:
        renewed.check(_content(path, file.fileno()))
    return renewed._replace(data=b"", check=_checked), take_place


def _checked(_: bytes) -> None:
    """In the place of a check that was made, so that no content is kept in memory for it."""


def _prepared_file(
    path: str, data: bytes
) -> contextlib.AbstractContextManager[tuple[str, Callable[[], None]]]:
    from code_ops.atomic_files import prepared

    return prepared(path, data)


def _taken(renewed: _Renewed, take_place: Callable[[], None]) -> Outcome:
    try:
        take_place()
    except OSError as error:
        return renewed.outcome._replace(state="kept", error=error)
    renewed.remember()
    return renewed.outcome


def _renewed_vault(path: str, content: bytes, request: Request) -> _Renewed:
    vault = _to_change(path, content, request.credentials, request.older == "accept")
    # A slot of a later version has no label that is known.
    slots = {slot.label or slot.kind: slot for slot in vault.slots}
    drop = [label for label in request.drop if label in slots]
    vault.rekey(request.credentials, drop, request.plugins)
    data = bytes(vault._native.finish())
    vault_id, generation, mark = vault.id, vault.generation, vault._native.data_key_mark()

    def check(written: bytes) -> None:
        old = opened(path, content, request.credentials)
        _compare(old, opened(path, written, request.credentials), drop)

    names = [secret.name for secret in vault.secrets]
    state: Literal["rotated", "could"] = "could" if request.way == "dry-run" else "rotated"
    return _Renewed(
        data,
        Outcome(path, state, names, vault.slots, [slots[label] for label in drop]),
        check,
        lambda: _remember(vault_id, generation, mark, request.older == "accept"),
    )


def _compare(old: Vault, new: Vault, drop: Sequence[str]) -> None:
    """Raises VaultChangedError where what was written is not what there was."""
    staying = [slot for slot in old.slots if (slot.label or slot.kind) not in drop]
    is_same = (
        not new.findings
        and (new.id, new.generation) == (old.id, old.generation + 1)
        and (new.secrets, new.slots) == (old.secrets, staying)
        and all(new.get(name) == old.get(name) for name, *_ in old.secrets)
    )
    if not is_same:
        raise VaultChangedError(f"{old.path}: what was written is not what there was")


_FORMS: dict[bytes, Callable[[str, bytes, Request], _Renewed]] = {
    b"code-ops-vault/1\n": _renewed_vault,
}
