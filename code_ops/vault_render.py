"""Templates: texts in which ``{{ db/password }}`` stands for a secret's value.

``parse`` reads one, ``Template.missing`` tells the names that are not there, ``Template.render``
gives the text with the values. There are filters, ``{{ db/password | json }}``, and no loops or
conditions: what needs these is a program. A template is bytes; what is around the tags stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from code_ops.errors import VaultError

__all__ = ["FILTERS", "Tag", "Template", "TemplateError", "parse"]

_TAG = re.compile(
    rb"\{\{[ \t]*(?:\"\{\{\"|'\{\{'|"
    rb"(?P<name>[A-Za-z0-9_][A-Za-z0-9_./-]{0,254})(?P<filters>(?:[ \t]*\|[ \t]*\w+)*))"
    rb"[ \t]*\}\}"
)
_SAFE = re.compile(rb"[A-Za-z0-9@%+=:,./_-]+")
# What JSON may have as it is, and YAML reads otherwise.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
MOST_BYTES = 256 << 20


class TemplateError(VaultError):
    """A template that cannot be read, or a value that does not fit into it; tells the place."""


class Tag(NamedTuple):
    """A place for a value; ``line`` and ``column`` count from 1, columns in characters."""

    name: str
    filters: Sequence[str]
    line: int
    column: int


class Template(NamedTuple):
    """A template that was read: texts, and the tags between them."""

    source: str
    parts: Sequence[bytes | Tag]

    @property
    def tags(self) -> list[Tag]:
        """In their order."""
        return [part for part in self.parts if isinstance(part, Tag)]

    def missing(self, names: Collection[str]) -> list[Tag]:
        """Tags whose secret is not among these."""
        return [tag for tag in self.tags if tag.name not in names]

    def place(self, tag: Tag) -> str:
        """Where a tag is, for people."""
        return f"{self.source}:{tag.line}:{tag.column}"

    def render(self, value_of: Callable[[str], bytes]) -> bytes:
        """The text with the values; TemplateError for one that does not fit a filter."""
        values = {tag.name: value_of(tag.name) for tag in self.tags}
        made: list[bytes] = []
        left = MOST_BYTES
        for part in self.parts:
            text = self._filled(part, values[part.name]) if isinstance(part, Tag) else part
            left -= len(text)
            if left < 0:
                raise TemplateError(f"{self.source}: the text has more than 256 MiB")
            made.append(text)
        return b"".join(made)

    def _filled(self, tag: Tag, value: bytes) -> bytes:
        for name in tag.filters:
            try:
                value = FILTERS[name](value)
                continue
            except ValueError as error:
                # A wrong character is told with the value.
                problem = "is no text" if isinstance(error, UnicodeError) else str(error)
            raise TemplateError(f"{self.place(tag)}: {tag.name} {problem}, which `{name}` needs")
        return value


def parse(source: str, text: bytes) -> Template:
    """Reads a template; ``source`` is its name in errors. TemplateError where it is none."""
    parts: list[bytes | Tag] = []
    done, line, column = 0, 1, 1
    while (start := text.find(b"{{", done)) >= 0:
        before = text[done:start]
        parts.append(before)
        line, column = _after(before, line, column)
        found = _TAG.match(text, start)
        problem = _problem(text, start) if found is None else _unknown_filter(found)
        if found is None or problem:
            raise TemplateError(f"{source}:{line}:{column}: {problem}")
        if found["name"] is None:
            parts.append(b"{{")
        else:
            parts.append(Tag(found["name"].decode(), _filters(found), line, column))
        line, column = _after(found[0], line, column)
        done = found.end()
    parts.append(text[done:])
    return Template(source, parts)


def _after(text: bytes, line: int, column: int) -> tuple[int, int]:
    """The place behind a text that begins at a place."""
    lines = text.count(b"\n")
    last = text.rpartition(b"\n")[2]
    return line + lines, len(last.decode("utf-8", "replace")) + (1 if lines else column)


def _filters(found: re.Match[bytes]) -> list[str]:
    return [name.strip().decode() for name in found["filters"].split(b"|")[1:]]


def _unknown_filter(found: re.Match[bytes]) -> str | None:
    for name in _filters(found) if found["name"] is not None else ():
        if name not in FILTERS:
            return f"there is no filter `{name}`, but {', '.join(FILTERS)}"
    return None


def _problem(text: bytes, start: int) -> str:
    end = text.find(b"\n", start)
    if text.find(b"}}", start, end if end >= 0 else len(text)) < 0:
        return '`{{` is not closed in its line; `{{ "{{" }}` writes it as it is'
    return (
        "expected a secret's name and filters, like `{{ db/password | json }}`; "
        '`{{ "{{" }}` writes two braces as they are'
    )


def _json(value: bytes) -> bytes:
    import json

    return json.dumps(value.decode("utf-8"), ensure_ascii=False).encode()


def _yaml(value: bytes) -> bytes:
    """Within double quotes, which every YAML reads as JSON does."""
    text = _json(value).decode("utf-8")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def _base64(value: bytes) -> bytes:
    import binascii

    return binascii.b2a_base64(value, newline=False)


def _url(value: bytes) -> bytes:
    import urllib.parse

    return urllib.parse.quote_from_bytes(value, safe="").encode()


def _shell(value: bytes) -> bytes:
    if b"\0" in value:
        raise ValueError("has a zero byte, and none is in words")
    if _SAFE.fullmatch(value):
        return value
    return b"'" + value.replace(b"'", b"'\"'\"'") + b"'"


FILTERS: dict[str, Callable[[bytes], bytes]] = {
    "json": _json,
    "yaml": _yaml,
    "base64": _base64,
    "url": _url,
    "shell": _shell,
}
