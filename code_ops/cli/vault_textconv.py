"""``code-ops vault textconv``: a vault's text for the diffs of git."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from code_ops.cli.console import ExitCode
from code_ops.cli.parameters import describe, exits

EXAMPLES = """\b
Examples:
  code-ops vault textconv secrets.vault
  git config diff.code-ops-vault.textconv 'code-ops vault textconv --'
"""


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False)],
) -> None:
    """Write a vault's text without what is sealed, for git's diffs.

    Names, versions, dates, types and slots, and eight digits that change with what is sealed. No
    key is needed and nothing is verified. What is no vault is written as it is, and what cannot be
    read is told in the text: git gives up a diff where this fails.

    Exit 0.
    """
    convert(file)


@exits
def convert(path: str) -> ExitCode:
    """Writes the text, whatever the file is."""
    from code_ops.vault_text import vault_text

    output = sys.stdout.buffer
    try:
        with open(path, "rb") as file:
            output.writelines(vault_text(file, os.fstat(file.fileno()).st_size))
    except BrokenPipeError:
        raise
    except OSError as error:
        output.write(f"unreadable: {describe(error)}\n".encode("utf-8", "replace"))
    output.flush()
    return ExitCode.OK
