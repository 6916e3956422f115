"""The command line: words, colours and exit codes."""

import sys
from collections.abc import Callable


def main() -> None:
    """Runs ``code-ops``; what needs no command line parser does not load one."""
    from code_ops.cli.console import ExitCode, flushed, mend_streams, print_version, unwritable

    try:
        mend_streams()
        if sys.argv[1:] == ["--version"]:
            code = print_version()
        else:
            run = _imported()
            code = run()
    except KeyboardInterrupt:
        # So early that there is nothing to tell.
        code = ExitCode.INTERRUPTED
    except OSError as error:
        code = unwritable(error)
    sys.exit(flushed(code))


def _imported() -> Callable[[], int]:
    """The parser, imported without looks for garbage: there is none, and they take a tenth."""
    import gc

    gc.disable()
    try:
        from code_ops.cli.app import run
    finally:
        gc.freeze()
        gc.enable()
    return run
