"""Text from outside made harmless for terminals, lines, XML, HTML and spreadsheets.

Names come from files and from DNS, messages from logs. What a form cannot carry is written
as a visible escape such as ``\\x1b``, never dropped: two different names stay different.
"""

from __future__ import annotations

import re

# Controls, surrogates, line separators, and the marks that reverse the direction of text:
# each lets a name pretend to be something else on a terminal or break a line.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
# What is outside XML 1.0's Char production, and the C1 controls that it discourages.
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_MARKUP = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    # A parser turns these into blanks inside an attribute unless they are references.
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_MARKUP_CHARACTER = re.compile('[&<>"\t\n\r]')


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def encodable(text: str) -> str:
    """The same text, but for halves of characters, which file names that are not UTF-8 have."""
    return text if text.isascii() else _SURROGATE.sub(_escape, text)


def printable(text: str) -> str:
    """One line that a terminal shows as it is."""
    return _UNPRINTABLE.sub(_escape, text)


def xml(text: str) -> str:
    """Text for an attribute in double quotes or for an element's content."""
    legal = _NOT_XML.sub(_escape, text)
    return _MARKUP_CHARACTER.sub(lambda match: _MARKUP[match[0]], legal)


def neutral(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it.

    CSV is the form that people open in spreadsheets, and target lists and logs come from
    others: a file named ``=cmd|...`` must not be a formula. JSON and NDJSON hold the exact text.
    """
    shown = encodable(text)
    return "'" + shown if shown.startswith(_FORMULA_START) else shown
