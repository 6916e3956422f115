"""The command line: words, colours and exit codes."""

import sys


def main() -> None:
    """Runs ``code-ops``; what needs no command line parser does not load one."""
    from code_ops.cli.console import ExitCode, flushed, mend_streams, print_version, unwritable

    try:
        mend_streams()
        if sys.argv[1:] == ["--version"]:
            code = print_version()
        else:
            from code_ops.cli.app import run

            code = run()
    except KeyboardInterrupt:
        # So early that there is nothing to tell.
        code = ExitCode.INTERRUPTED
    except OSError as error:
        code = unwritable(error)
    sys.exit(flushed(code))
