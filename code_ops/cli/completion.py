"""The shells' completion: typer's, with its script for zsh put right."""

from __future__ import annotations

from typer import _completion_shared as shared

# zsh loads the script as the body of a function at the first Tab. As typer has it, that Tab
# only defines what the second one runs, and nothing is completed.
_AT_THE_FIRST_TAB = """
if [[ $funcstack[1] == _%(prog_name)s ]]; then
  %(complete_func)s "$@"
fi
"""


def mend_zsh() -> None:
    """Makes the script for zsh, to be shown or installed, complete at the first Tab."""
    script = shared._completion_scripts["zsh"]
    if "funcstack" not in script:
        shared._completion_scripts["zsh"] = script + _AT_THE_FIRST_TAB
