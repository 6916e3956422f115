"""An audit of vaults and of what lies beside them: who can open what, what is old, what is plain.

Needs no key; with one the vaults are verified too. Each finding has a level: ``error`` is to be
settled now, ``warning`` is to be looked at, ``note`` is good to know and no reason to fail.
"""

from __future__ import annotations

import datetime
import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from code_ops.errors import GitError, VaultChangedError, VaultClosedError, VaultError
from code_ops.numerals import plural
from code_ops.vault_file import (
    REPLACED_KEY,
    Credentials,
    Overview,
    Slot,
    content_at,
    open_vault,
    overview_of,
)
from code_ops.vault_history import History, Who, read_history
from code_ops.vault_plain_files import is_vault, list_files, look_at

__all__ = ["Audit", "Audited", "Finding", "MaxAge", "Unread", "audit"]

Level = Literal["error", "warning", "note"]

_KEPT = re.compile(r"(.+)\.theirs[0-9]*")
_NAMED = 5


class MaxAge(NamedTuple):
    """How many days old the secrets may be whose names are of this pattern."""

    pattern: str
    days: int


class Finding(NamedTuple):
    """Something that should be otherwise; ``name`` is a secret or a label, or empty."""

    level: Level
    rule: str
    path: str
    name: str
    message: str


class Unread(NamedTuple):
    """A file that could not be audited, and why."""

    path: str
    message: str


class Audited(NamedTuple):
    """A vault, its history, and for each secret the days that the policy gives it."""

    path: str
    overview: Overview
    history: History
    is_verified: bool
    max_ages: Sequence[int | None]


class Audit(NamedTuple):
    """All that was found."""

    vaults: Sequence[Audited]
    findings: Sequence[Finding]
    unread: Sequence[Unread]
    files: int


def audit(
    paths: Sequence[str],
    policy: Sequence[MaxAge] = (),
    credentials: Credentials | None = None,
    *,
    key_file: str | None = None,
    exclude: Sequence[str] = (),
) -> Audit:
    """Audits vaults, and folders with all below them; and who may read a key's file.

    ``exclude`` has patterns of paths, or of the ends of paths, below folders. Of several entries
    of the policy that fit a name the last one counts. GitError and OSError of
    single files are ``unread``.
    """
    vaults: list[Audited] = []
    findings: list[Finding] = []
    unread: list[Unread] = []
    looked = 0
    for path, must_be_vault in _files(paths, exclude, findings, unread):
        looked += 1
        try:
            head, found = look_at(path)
            findings += [Finding(_level(rule), rule, path, "", text) for rule, text in found]
            if must_be_vault or is_vault(head):
                audited, found_in = _vault(path, policy, credentials)
                vaults.append(audited)
                findings += found_in
        except OSError as error:
            unread.append(Unread(path, (error.strerror or str(error)).lower()))
        except (VaultError, GitError) as error:
            unread.append(Unread(path, str(error).removeprefix(f"{path}: ")))
    findings += _key_file(key_file) if key_file is not None else ()
    order = ("error", "warning", "note")
    findings.sort(key=lambda each: (order.index(each.level), each.path, each.name))
    return Audit(vaults, findings, unread, looked)


def _key_file(path: str) -> Iterator[Finding]:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        # Who gave the credentials has told it.
        return
    if stat.S_ISREG(mode) and mode & 0o077:
        text = f"others can read this key: its mode is {stat.S_IMODE(mode):o}"
        yield Finding("error", "key-file", path, "", text)


def _level(rule: str) -> Level:
    return "warning" if rule == "plain-file" else "error"


def _files(
    paths: Sequence[str],
    exclude: Sequence[str],
    findings: list[Finding],
    unread: list[Unread],
) -> Iterator[tuple[str, bool]]:
    """Files to look at, once each, and whether one has to be a vault."""
    seen: set[str] = set()
    # What is named has to be a vault, also where a folder above it is named.
    for path in sorted(paths, key=os.path.isdir):
        if not os.path.isdir(path):
            if not os.path.lexists(path):
                unread.append(Unread(path, "no such file or directory"))
            elif path not in seen:
                seen.add(path)
                yield path, True
            continue
        listed = list_files(path)
        if not listed.is_whole:
            found = f"more than {len(listed.paths):,} files, the others were not looked at"
            findings.append(Finding("warning", "too-many", path, "", found))
        for each in listed.paths:
            # What is removed and not yet committed is in git's list.
            is_meant = each not in seen and os.path.lexists(each)
            if is_meant and not _is_excluded(each, exclude):
                seen.add(each)
                yield each, False


def _is_excluded(path: str, exclude: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(f"/{path}", f"*/{pattern}") for pattern in exclude)


def _vault(
    path: str, policy: Sequence[MaxAge], credentials: Credentials | None
) -> tuple[Audited, list[Finding]]:
    content = content_at(path)
    overview = overview_of(path, content)
    history = read_history(path, content)
    ages = [_max_age(secret.name, policy) for secret in overview.secrets]
    verified = list(_verified(path, credentials)) if credentials else []
    is_verified = bool(credentials) and not any(each.rule == "closed" for each in verified)
    audited = Audited(path, overview, history, is_verified, ages)
    findings = [
        *verified,
        *_old(audited),
        *(found for slot in overview.slots for found in _weak(path, slot)),
        *_departed(path, history),
        *_open_conflicts(audited),
        *_setup(path),
    ]
    return audited, findings


def _verified(path: str, credentials: Credentials) -> Iterator[Finding]:
    """What only a key can tell."""
    try:
        vault = open_vault(path, credentials)
    except VaultClosedError:
        yield Finding("note", "closed", path, "", "nothing that was given opens it")
        return
    except VaultChangedError as error:
        text = str(error).removeprefix(f"{path}: ")
        yield Finding("error", "unsigned", path, "", text)
        return
    for finding in vault.findings:
        text = finding.message.removeprefix(f"{finding.name}: ")
        yield Finding("error", "unsigned", path, finding.name, text)
    if vault.generation < vault.seen_generation:
        text = f"generation {vault.generation}, and {vault.seen_generation} was seen before"
        yield Finding("error", "older", path, "", text)
    elif vault.has_replaced_key:
        yield Finding("error", "older", path, "", REPLACED_KEY)


def _max_age(name: str, policy: Sequence[MaxAge]) -> int | None:
    fitting = [entry.days for entry in policy if fnmatch.fnmatchcase(name, entry.pattern)]
    return fitting[-1] if fitting else None


def age_days(date: datetime.date) -> int:
    """Days since then; another machine's clock can be a day ahead."""
    return max((datetime.datetime.now(datetime.UTC).date() - date).days, 0)


def _old(audited: Audited) -> Iterator[Finding]:
    for secret, most in zip(audited.overview.secrets, audited.max_ages, strict=True):
        age = age_days(secret.date)
        if most is not None and age > most:
            text = f"{plural(age, 'day')} old, the policy gives {most}"
            yield Finding("warning", "old", audited.path, secret.name, text)


def _weak(path: str, slot: Slot) -> Iterator[Finding]:
    """A passphrase that costs an attacker less to try than OWASP wants."""
    if slot.kind != "passphrase":
        return
    from code_ops.password_policies import POLICIES

    costs = {name: int(value) for name, value in re.findall(r"([mtp])=([0-9]+)", slot.detail)}
    minimums = POLICIES["owasp"].minimums["argon2id"]
    if not any(all(costs.get(name, 0) >= least for name, least in each) for each in minimums):
        text = f"a passphrase at {slot.detail}, below OWASP's minimum for Argon2id"
        yield Finding("warning", "weak-passphrase", path, slot.label, text)


def _departed(path: str, history: History) -> Iterator[Finding]:
    for departed in history.departed:
        who = described(departed.who)
        if departed.opens_lines:
            text = (
                f"{who} has no slot, but the data key is the one it had: `vault rotate` changes it"
            )
            yield Finding("error", "departed-opens", path, departed.who.label, text)
        elif departed.known:
            names = ", ".join(departed.known[:_NAMED])
            more = len(departed.known) - _NAMED
            names += f" and {more} more" if more > 0 else ""
            text = f"{who} has no slot, and knows what was not changed since: {names}"
            yield Finding("warning", "departed-knows", path, departed.who.label, text)


def described(who: Who) -> str:
    """A slot in words."""
    kinds = {"key": "the key", "passphrase": "the passphrase", "age": "the recipient"}
    detail = f" ({who.detail})" if who.detail else ""
    return f"{kinds.get(who.kind, f'the slot of type {who.kind}')} {who.label}{detail}"


def _open_conflicts(audited: Audited) -> Iterator[Finding]:
    for secret in audited.overview.secrets:
        if found := _KEPT.fullmatch(secret.name):
            text = f"a merge left it for {found[1]}: `vault resolve` settles it"
            yield Finding("warning", "conflict", audited.path, secret.name, text)


def _setup(path: str) -> Iterator[Finding]:
    """What git lacks to show and merge the vault by its secrets."""
    from code_ops.git import Repository
    from code_ops.vault_setup import DRIVER, lacking

    folder, name = os.path.split(os.path.realpath(path))
    repository = Repository(folder)
    try:
        if repository.text("rev-parse", "--is-inside-work-tree") != "true":
            return
        words = lacking(repository, name)
        driver = repository.run("config", "--get", f"merge.{DRIVER}.driver", may_fail=(1,))
    except GitError:
        return
    if words:
        text = f"git merges it as text, as .gitattributes gives it no {' and no '.join(words)}"
        yield Finding("warning", "git-attributes", path, "", text)
    elif not driver.stdout:
        text = "this clone merges it as text: `vault git-setup` was not run here"
        yield Finding("note", "git-setup", path, "", text)
