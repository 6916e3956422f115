"""YAML as events: those of ruamel.yaml's pure parser, which do not recurse, with places of our own.

Knows nothing of what scalars mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from code_ops._fallback.config_build import Event, TextError
from code_ops.errors import EngineError

_KINDS = {
    "DocumentStartEvent": "document",
    "DocumentEndEvent": "close",
    "ScalarEvent": "scalar",
    "MappingStartEvent": "mapping",
    "SequenceStartEvent": "sequence",
    "MappingEndEvent": "end",
    "SequenceEndEvent": "end",
    "AliasEvent": "alias",
}
# An anchor or a tag, and what stands between it and the node.
_PROPERTY = re.compile(r"[&!]\S*(?:[ \t\r\n]+|(?<=\s)#[^\r\n]*)*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def events(text: str) -> Iterator[Event]:
    """A stream's events; ``document`` and ``close`` stand around each document.

    Raises TextError where ruamel.yaml cannot read on, EngineError when it is not there.
    """
    yaml = _parser()
    found = yaml.parse(text)
    while True:
        try:
            event = next(found, None)
        except Exception as error:
            # On text that is no YAML it fails in many ways, not only with its own exceptions.
            raise _problem(error, yaml, text) from None
        if event is None:
            return
        kind = _KINDS.get(type(event).__name__)
        if kind is not None:
            yield _event(kind, event, text)


@cache
def _classes() -> tuple[Any, Any, Any]:
    try:
        from ruamel.yaml import YAML, reader, resolver
    except ImportError as error:
        message = "the python engine needs ruamel.yaml: pip install 'code-ops[fallback]'"
        raise EngineError(message) from error

    class Reader(reader.Reader):
        """Takes any characters, which are checked before; tells where it stopped."""

        stopped_at = 0

        def reset_reader(self) -> None:
            self.stopped_at = getattr(self, "index", 0)
            super().reset_reader()

        def check_printable(self, data: Any) -> None:
            pass

    class Resolver(resolver.VersionedResolver):
        """The grammar of YAML 1.2 whatever a directive says, as natively."""

        processing_version = (1, 2)

    return YAML, Reader, Resolver


def _parser() -> Any:
    make, reader, resolver = _classes()
    yaml = make(typ="safe", pure=True)
    yaml.Reader, yaml.Resolver = reader, resolver
    return yaml


def _event(kind: str, event: Any, text: str) -> Event:
    if kind in ("document", "close", "end"):
        return Event(kind, event.start_mark.index)
    if kind == "alias":
        return Event(kind, event.start_mark.index, event.anchor)
    value = getattr(event, "value", "")
    is_plain = getattr(event, "style", None) is None
    at = _start(event, text, is_empty=kind == "scalar" and is_plain and not value)
    if _SURROGATE.search(value):
        value = _joined(value, at)
    return Event(kind, at, value, is_plain, event.anchor, event.tag)


def _start(event: Any, text: str, *, is_empty: bool) -> int:
    """Where the node itself stands, behind its anchor and tag."""
    properties = (event.anchor is not None) + (event.tag is not None)
    if properties and is_empty:
        end: int = event.end_mark.index
        return end
    at: int = event.start_mark.index
    for _ in range(properties):
        match = _PROPERTY.match(text, at)
        at = match.end() if match else at
    return at


def _joined(value: str, at: int) -> str:
    """Pairs of escapes as one character; one alone is none."""
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        hint = "write `\\\\` for a backslash"
        raise TextError("unknown escape in double quotes", at, hint) from None


def _problem(error: Exception, yaml: Any, text: str) -> TextError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None)
    message = str(problem).split("\n")[0].strip() if problem else f"no YAML: {error}"
    return TextError(message, min(mark.index if mark else yaml.reader.stopped_at, len(text)))
