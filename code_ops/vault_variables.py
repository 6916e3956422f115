"""The names of variables that stand for a vault's names."""

from __future__ import annotations

import re

__all__ = ["variable_name"]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER = re.compile(r"[^A-Za-z0-9_]")


def variable_name(name: str) -> str:
    """The variable for a vault's name: ``DB_PASSWORD`` for ``db/password``.

    A name that is a variable's stays as it is. Else it becomes upper-case, all that no variable has
    becomes ``_``, and a digit in front gets a ``_``. Two names may become one variable.
    """
    if _VARIABLE.fullmatch(name):
        return name
    made = _OTHER.sub("_", name).upper()
    return f"_{made}" if made[:1].isdigit() else made
