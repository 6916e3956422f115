"""Files of sops whose data key age seals: YAML, JSON and dotenv.

Owns the walk over the values, and the rules which of them are sealed. The keys and the cipher are
the native engine's. Nothing is returned before sops's code over all values has verified.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from code_ops import _engine
from code_ops.errors import EngineError, VaultClosedError, VaultError
from code_ops.vault_documents import document, walked
from code_ops.vault_trade import SECRETS_MAX, Entry, Source

if TYPE_CHECKING:
    from code_ops.vault_identities import Identity

__all__ = ["Identities", "has_sealed_values", "is_sealed", "read"]

Identities = Callable[[], "Sequence[Identity]"]
"""What opens with age, asked for when there is something to open."""

_SEALED = re.compile(r"""(?m)^sops_mac=ENC\[|["']?\bmac["']?\s*:\s*["']?ENC\[AES256_GCM,""")
_VALUE = re.compile(
    r"ENC\[AES256_GCM,data:([\w+/=]*),iv:([\w+/=]*),tag:([\w+/=]*),type:([a-z0-9]+)\]", re.ASCII
)
_TYPES = ("str", "int", "int64", "float", "bool", "time", "bytes")
_AGE_MAX = 1024
_AGE_BYTES = 65536
_UNENCRYPTED = "_unencrypted"
_WAY_OUT = "`sops decrypt FILE | code-ops vault import - --format yaml` takes it over"
_CHANGED = "it was changed or cut after sops wrote it; an older copy may be whole"


class Leaf(NamedTuple):
    """A value where it stands. ``keys`` has indices of lists, ``path`` has none."""

    keys: tuple[str, ...]
    path: tuple[str, ...]
    value: Any

    def __repr__(self) -> str:
        return f"Leaf({self.keys!r})"


def is_sealed(text: str) -> bool:
    """Whether a text is a file that sops has sealed."""
    return bool(_SEALED.search(text))


def has_sealed_values(text: str) -> bool:
    """Whether there are values in it as sops seals them."""
    return "ENC[AES256_GCM,data:" in text


def _inner_form(text: str) -> str:
    """``json``, ``dotenv`` or ``yaml``."""
    if text.lstrip().startswith("{"):
        return "json"
    return "dotenv" if re.search(r"(?m)^sops_mac=", text) else "yaml"


def read(text: str, name: str, identities: Identities) -> Source:
    """The secrets of a file. VaultClosedError where no identity opens it, or it was changed."""
    leaves, metadata = _loaded(text, name)
    key = _data_key(metadata, name, identities)
    try:
        values = list(_values(leaves, metadata, key, name))
        mac = _mac(values, metadata)
        stored = _sealed_parts(str(metadata.get("mac")))
        context = str(metadata.get("lastmodified")).encode()
        found = stored and key.open_values([(*stored[:3], context)])[0]
    except VaultClosedError:
        found = None
    if not found or not hmac.compare_digest(found, mac):
        raise VaultClosedError(f"{name}: {_CHANGED}")
    entries = [Entry(each.leaf.keys, _value(each)) for each in values]
    warnings = [
        f"{name}: {'/'.join(leaf.keys)} is not covered by sops's code: anybody could change it"
        for leaf, kind, _ in values
        if _is_on(metadata, "mac_only_encrypted") and kind == "plain"
    ]
    return Source(name, entries, warnings=warnings, protection="sealed")


def _loaded(text: str, name: str) -> tuple[list[Leaf], dict[str, Any]]:
    """The values in order, and what sops keeps of itself."""
    form = _inner_form(text)
    if form == "dotenv":
        return _loaded_dotenv(text, name)
    value = document(text, name, form)
    metadata = value.pop("sops", None) if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        raise VaultError(f"{name}: there is no mapping `sops` in it, which sops writes")
    return list(_leaves(value, name)), {str(key): each for key, each in metadata.items()}


def _leaves(value: Any, name: str) -> Iterator[Leaf]:
    for keys, scalar, _ in walked(value, value):
        if not all(isinstance(key, str | int) for key in keys):
            raise VaultError(f"{name}: sops has no keys that are no text")
        # A number is an index of a list: sops writes keys as text.
        path = tuple(key for key in keys if isinstance(key, str))
        if scalar is not None and not isinstance(scalar, dict | list):
            yield Leaf(tuple(map(str, keys)), path, scalar)


def _loaded_dotenv(text: str, name: str) -> tuple[list[Leaf], dict[str, Any]]:
    """As sops reads it: a value is all behind the sign, with ``\\n`` for line ends."""
    leaves = []
    metadata: dict[str, Any] = {}
    ages: dict[str, dict[str, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        key, sign, value = line.partition("=")
        if not sign:
            raise VaultError(f"{name}:{number}: expected NAME=VALUE, a comment or nothing")
        value = value.replace("\\n", "\n")
        if not key.startswith("sops_"):
            leaves.append(Leaf((key,), (key,), value))
        elif found := re.fullmatch(r"sops_age__list_([0-9]{1,4})__map_(enc|recipient)", key):
            ages.setdefault(found[1], {})[found[2]] = value
        else:
            metadata[key.removeprefix("sops_")] = value
    return leaves, metadata | {"age": list(ages.values())}


def _data_key(metadata: Mapping[str, Any], name: str, identities: Identities) -> Any:
    ages = metadata.get("age")
    groups = metadata.get("key_groups")
    if isinstance(groups, list) and len(groups) == 1 and isinstance(groups[0], dict) and not ages:
        ages = groups[0].get("age")
    elif groups or any(key.startswith("key_groups") for key in metadata):
        raise VaultError(
            f"{name}: its key is shared among key groups, which is not read: {_WAY_OUT}"
        )
    ages = [each for each in ages if isinstance(each, dict)] if isinstance(ages, list) else []
    if not ages or len(ages) > _AGE_MAX:
        raise VaultError(f"{name}: no age recipient can open it: {_WAY_OUT}")
    own = [identity._native for identity in identities()]
    recipients = ", ".join(str(each.get("recipient")) for each in ages[:4])
    if not own:
        complaint = "give --source-identity FILE, SOPS_AGE_KEY_FILE or SOPS_AGE_KEY"
        raise VaultClosedError(
            f"{name}: it opens with the age identity of {recipients}: {complaint}"
        )
    for each in ages:
        armored = str(each.get("enc")).encode("utf-8", "replace")
        try:
            return _module().SopsKey.open(armored[:_AGE_BYTES], own)
        except VaultClosedError:
            continue
    raise VaultClosedError(f"{name}: no identity opens it; it opens with that of {recipients}")


class _Opened(NamedTuple):
    """A value's content as sops seals it; ``kind`` is its type, or ``plain``."""

    leaf: Leaf
    kind: str
    content: bytes

    def __repr__(self) -> str:
        return f"_Opened({self.leaf!r}, {self.kind!r})"


def _values(
    leaves: Sequence[Leaf], metadata: Mapping[str, Any], key: Any, name: str
) -> Iterator[_Opened]:
    """All values; raises VaultClosedError where one does not open."""
    if len(leaves) > SECRETS_MAX:
        raise VaultError(f"{name}: a vault has {SECRETS_MAX:,} secrets at most")
    parts = [_parts(leaf, metadata, name) for leaf in leaves]
    sealed = [
        (*part[:3], (":".join(leaf.path) + ":").encode())
        for leaf, part in zip(leaves, parts, strict=True)
        if part
    ]
    opened = iter(key.open_values(sealed))
    for leaf, part in zip(leaves, parts, strict=True):
        if part:
            yield _Opened(leaf, part[3], next(opened))
        else:
            yield _Opened(leaf, "plain", _plain(leaf.value))


def _parts(
    leaf: Leaf, metadata: Mapping[str, Any], name: str
) -> tuple[bytes, bytes, bytes, str] | None:
    """Nonce, ciphertext, tag and type of a sealed value, None of one that is plain by the rules."""
    parts = _sealed_parts(leaf.value) if isinstance(leaf.value, str) else None
    suffix = str(metadata.get("unencrypted_suffix") or "")
    other = str(metadata.get("encrypted_suffix") or "")
    has_patterns = any(metadata.get(rule) for rule in _PATTERNS)
    if has_patterns:
        # A pattern of a file is not run: it may be made to take hours. The form tells as well.
        return parts
    if other:
        is_plain = not any(key.endswith(other) for key in leaf.path)
    else:
        is_plain = any(key.endswith(suffix or _UNENCRYPTED) for key in leaf.path)
    if is_plain or leaf.value == "":
        return None
    if parts is None:
        raise VaultError(f"{name}: {'/'.join(leaf.keys)} is not sealed, which sops's rules want")
    return parts


_PATTERNS = (
    "encrypted_regex",
    "unencrypted_regex",
    "encrypted_comment_regex",
    "unencrypted_comment_regex",
)


def _sealed_parts(text: str) -> tuple[bytes, bytes, bytes, str] | None:
    found = _VALUE.fullmatch(text)
    if found is None or found[4] not in _TYPES:
        return None
    try:
        data, nonce, tag = (base64.b64decode(part, validate=True) for part in found.groups()[:3])
    except binascii.Error:
        return None
    return nonce, data, tag, found[4]


def _mac(values: Sequence[_Opened], metadata: Mapping[str, Any]) -> bytes:
    """SHA-512 over the contents in order, in upper-case digits."""
    digest = hashlib.sha512()
    covers_all = not _is_on(metadata, "mac_only_encrypted")
    if not covers_all:
        digest.update(hashlib.sha256(b"sops").digest())
    for _, kind, content in values:
        if covers_all or kind != "plain":
            digest.update(content)
    return digest.hexdigest().upper().encode()


def _is_on(metadata: Mapping[str, Any], name: str) -> bool:
    return metadata.get(name) in (True, "true", "True", "1")


def _plain(value: Any) -> bytes:
    """A plain value as sops counts it."""
    if isinstance(value, bool):
        return b"True" if value else b"False"
    if isinstance(value, float):
        from decimal import Decimal

        return format(Decimal(repr(value)), "f").removesuffix(".0").encode()
    return str(value).encode("utf-8", "surrogatepass")


def _value(opened: _Opened) -> str | bytes:
    if opened.kind == "bytes":
        return opened.content
    try:
        text = opened.content.decode("utf-8")
    except UnicodeDecodeError:
        return opened.content
    # sops's True is that of Python, and true in its files. Nothing protects a sealed value's type.
    is_true = opened.leaf.value is True or opened.leaf.value is False or opened.kind == "bool"
    return text.lower() if is_true and text in ("True", "False") else text


def _module() -> Any:
    if _engine.choose() != "rust":
        raise EngineError("files of sops need the rust engine")
    return _engine.load("security", "rust")
