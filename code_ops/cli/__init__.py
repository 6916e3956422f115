"""The command line: words, colours and exit codes."""

import sys


def main() -> None:
    """Runs ``code-ops``; what needs no command line parser does not load one."""
    if sys.argv[1:] == ["--version"]:
        from code_ops.cli.console import print_version

        print_version()
        return
    from code_ops.cli.app import run

    sys.exit(run())
