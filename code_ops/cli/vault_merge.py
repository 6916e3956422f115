"""``code-ops vault merge``: git's merge driver for vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from code_ops.cli.console import Console, ExitCode
from code_ops.cli.parameters import error_code, option, readable
from code_ops.cli.vault_common import QuietOption, console_of, exits, reading
from code_ops.cli.vault_credentials import NO_WAYS, Ways, credentials_of, with_key_options
from code_ops.errors import CodeOpsError, VaultChangedError, VaultClosedError

if TYPE_CHECKING:
    from code_ops.vault_merge import Forms, Merged

EXAMPLES = """\b
Examples:
  code-ops vault merge base.vault ours.vault theirs.vault --key-file vault.key
  git config merge.code-ops-vault.driver 'code-ops vault merge --path %P -- %O %A %B'
"""

_HINTS = {
    "slot-lost": "`code-ops vault recipients add` lets somebody in again, if you know who it is",
    "slot-stays": "`code-ops vault recipients remove LABEL` takes somebody out again",
    "data-keys": "`code-ops vault rotate` makes a new data key",
}
_WITH_KEY = "with a key in CODE_OPS_VAULT_KEY_FILE, `code-ops vault repair --accept` merges it"


@with_key_options
def command(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            help="What both sides came from; an empty file where there was none.",
            show_default=False,
        ),
    ],
    ours: Annotated[
        str,
        typer.Argument(metavar="OURS", help="Is replaced by the result.", show_default=False),
    ],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", show_default=False)],
    path: Annotated[
        str | None,
        option("--path", metavar="NAME", help="What the vault is called in messages."),
    ] = None,
    ways: Ways = NO_WAYS,
    quiet: QuietOption = False,
) -> None:
    """Merge two sides of a vault; git runs this after `git-setup`.

    BASE is what both came from. Each secret is merged by itself. What both sides set differently is
    a conflict: the vault is whole, has our value under NAME and theirs under NAME.theirs; `code-ops
    vault resolve` settles it. Where a side cannot be opened, OURS is left as it was and git marks
    the file.

    Exit 0, 1 with conflicts or when a side is not as it was signed, 3 when one cannot be read or
    opened.
    """
    merge((base, ours, theirs), path, ways, console_of(quiet))


@exits
def merge(files: tuple[str, str, str], path: str | None, ways: Ways, console: Console) -> ExitCode:
    """Reads all three, and writes the merged vault into the second."""
    from code_ops.atomic_files import replace_file
    from code_ops.vault_merge import merge_forms

    shown = path if path is not None else files[1]
    try:
        forms = _forms(files)
        credentials = credentials_of(ways, shown, console, forms.ours)
        merged = merge_forms(shown, forms, credentials)
    except typer.Exit:
        _tell_unmerged(shown, _WITH_KEY, console)
        raise
    except CodeOpsError as error:
        console.error(str(error))
        _tell_unmerged(shown, _hint(error, shown), console)
        raise typer.Exit(int(error_code(error))) from None
    replace_file(files[1], merged.text)
    tell(shown, merged, console)
    return ExitCode.NOT_AS_EXPECTED if merged.conflicts else ExitCode.OK


def _tell_unmerged(path: str, hint: str, console: Console) -> None:
    console.warning(f"{readable(path)}: not merged, the file is as ours has it")
    console.hint(hint)


def _hint(error: CodeOpsError, path: str) -> str:
    if isinstance(error, VaultClosedError):
        return _WITH_KEY
    if isinstance(error, VaultChangedError):
        return "`code-ops vault repair` settles that side, before the merge"
    return f"`git checkout --ours -- {readable(path)}`, or --theirs, takes one side"


def _forms(files: tuple[str, str, str]) -> Forms:
    from code_ops.vault_file import content_at
    from code_ops.vault_merge import Forms

    texts = []
    for path in files:
        with reading(path):
            texts.append(content_at(path))
    return Forms(*texts)


def tell(path: str, merged: Merged, console: Console) -> None:
    """Each conflict with its names, and how they are settled."""
    name = readable(path)
    conflicts = merged.conflicts
    for note in merged.notes:
        console.warning(f"{name}: {note}")
    console.problems(f"{name}: {conflict.message}" for conflict in conflicts)
    if any(conflict.kept for conflict in conflicts):
        console.hint("`code-ops vault resolve NAME --ours` or `--theirs` settles one")
    kinds = {conflict.kind for conflict in conflicts}
    for kind, hint in _HINTS.items():
        if kind in kinds:
            console.hint(hint)
    if conflicts:
        console.hint(f"then `git add -- {name}`")
