"""Files that sops opens with age: YAML, JSON and dotenv, all values sealed."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from code_ops import _engine
from code_ops.errors import EngineError, VaultError, VaultTradeError
from code_ops.vault_documents import walked, write_json, write_yaml
from code_ops.vault_trade import nested
from code_ops.vault_variables import variable_name

__all__ = ["write"]

# Of the format; sops reads those of earlier releases.
_VERSION = "3.9.0"
_UNENCRYPTED = "_unencrypted"


def write(values: Mapping[str, str], recipients: Sequence[str], form: str, shape: str) -> str:
    """The text of a file in a form, ``yaml``, ``json`` or ``dotenv``, that recipients can open.

    Raises VaultTradeError for names that have no place there, VaultError for no recipients.
    """
    if not recipients:
        raise VaultError("sops needs somebody who can open the file: --recipient age1...")
    if form == "dotenv":
        tree: dict[str, Any] = _variables(values)
    else:
        tree = dict(values) if shape == "flat" else nested(values)
        if "sops" in tree:
            raise VaultTradeError(["sops: at this name sops keeps its own"], "--only leaves out")
    key = _module().SopsKey.random()
    sealed = _sealed(tree, key)
    metadata = _metadata(values, tree, key, recipients)
    if form == "dotenv":
        return _dotenv(sealed, metadata)
    return (write_json if form == "json" else write_yaml)(sealed | {"sops": metadata})


def _variables(values: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    names: dict[str, str] = {}
    problems = []
    for name, value in values.items():
        variable = variable_name(name)
        if variable in made:
            problems.append(f"{names[variable]} and {name} both become {variable}")
        elif variable.startswith("sops_"):
            problems.append(f"{name}: at such names sops keeps its own")
        made[variable], names[variable] = value, name
    if problems:
        raise VaultTradeError(problems, "--only leaves out, other forms have names as they are")
    return made


def _sealed(tree: dict[str, Any], key: Any) -> dict[str, Any]:
    """The same tree with sealed values; one that is empty stays empty, as sops has it."""
    leaves = [(path, value) for path, value, _ in walked(tree, tree) if value]
    contexts = [(":".join(path) + ":").encode() for path, _ in leaves]
    plain = [value.encode() for _, value in leaves]
    made = key.seal_values(list(zip(plain, contexts, strict=True)))
    sealed = dict.fromkeys((path for path, _, _ in walked(tree, tree)), "")
    sealed |= {path: _form(*row) for (path, _), row in zip(leaves, made, strict=True)}
    root: dict[str, Any] = {}
    for path, text in sealed.items():
        place = root
        for key_ in path[:-1]:
            place = place.setdefault(key_, {})
        if path:
            place[path[-1]] = text
    return root


def _form(nonce: bytes, data: bytes, tag: bytes) -> str:
    parts = (base64.b64encode(part).decode() for part in (data, nonce, tag))
    return "ENC[AES256_GCM,data:{},iv:{},tag:{},type:str]".format(*parts)


def _metadata(
    values: Mapping[str, str], tree: Mapping[str, Any], key: Any, recipients: Sequence[str]
) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha512()
    for _, value, _ in walked(tree, tree):
        digest.update(value.encode() if value else b"")
    mac = digest.hexdigest().upper().encode()
    parts = [part for name in values for part in name.split("/")]
    # Keys with this ending sops leaves plain, unless there is another rule.
    has_rule = any(part.endswith(_UNENCRYPTED) for part in parts)
    rule = {"encrypted_regex": ".*"} if has_rule else {"unencrypted_suffix": _UNENCRYPTED}
    return {
        "age": [{"recipient": each, "enc": key.seal(each)} for each in dict.fromkeys(recipients)],
        "lastmodified": now,
        "mac": _form(*key.seal_values([(mac, now.encode())])[0]),
        **rule,
        "version": _VERSION,
    }


def _dotenv(sealed: Mapping[str, str], metadata: Mapping[str, Any]) -> str:
    rows = dict(sealed)
    for number, each in enumerate(metadata["age"]):
        for name, value in each.items():
            rows[f"sops_age__list_{number}__map_{name}"] = value
    rows |= {f"sops_{name}": value for name, value in metadata.items() if name != "age"}
    return "".join(
        f"{name}={value.replace(chr(10), chr(92) + 'n')}\n" for name, value in rows.items()
    )


def _module() -> Any:
    if _engine.choose() != "rust":
        raise EngineError("files of sops need the rust engine")
    return _engine.load("security", "rust")
