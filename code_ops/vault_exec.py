"""A program that is given secrets: it is started, gets our signals, and its end is told.

Owns the process and the files in memory. What it is given is planned by ``vault_variables``, what
it writes goes through ``vault_streams``. Nothing is written to a disk.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, NoReturn

from code_ops.atomic_files import write_all
from code_ops.errors import CodeOpsError
from code_ops.vault_streams import Outputs, Redactor

__all__ = ["Ended", "Program", "StartError", "memory_file", "replace", "run", "signals_held"]

_PASSED_ON = {
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGWINCH,
    signal.SIGTSTP,
    signal.SIGCONT,
}
_WAITED_FOR = _PASSED_ON | {signal.SIGCHLD}
# Those that Python ignores.
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)
_OF_THE_KERNEL = 0x80
_STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_SHELL = "/bin/sh"
# A thread of somebody else may have taken the signal that tells the program's end.
_LOOK_SECONDS = 1.0


class Program(NamedTuple):
    """What is started, and what it gets of ours."""

    words: Sequence[str]
    environment: Mapping[bytes, bytes]
    standard_input: Literal["ours", "empty"] = "ours"
    descriptors: Sequence[int] = ()
    """Beside the three standard ones; all others are closed."""
    core_bytes: int | None = None
    """The limit of core dumps to set again, where it was lowered for us."""


class Ended(NamedTuple):
    """How a program ended: an exit code, or the signal that killed it."""

    code: int
    signal: int
    unwritten: Sequence[tuple[int, OSError]]
    """Our outputs that did not take all that it wrote."""


class StartError(CodeOpsError):
    """A program that cannot be started; ``code`` is 127 where there is none, else 126."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return self.message


def memory_file(value: bytes) -> str:
    """A path that has these bytes as long as this process lives, and that nobody can change.

    It is no file of a disk, and it is not inherited: programs that a program starts can open it
    as well, however they were started, and all read it from its beginning.
    """
    descriptor = os.memfd_create("secret", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", buffering=0, closefd=False) as file:
        write_all(file, value)
    os.fchmod(descriptor, 0o400)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    path = f"/proc/{os.getpid()}/fd/{descriptor}"
    os.stat(path)
    return path


@contextlib.contextmanager
def signals_held() -> Iterator[Iterable[int]]:
    """Signals wait from now on, for ``run`` to pass them on; gives the mask that was before.

    Threads that are started within, as by opening a vault, let them wait as well. One that did not
    would take a signal from those that wait for it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run(
    program: Program,
    redactor: Redactor | None,
    mask: Iterable[int],
    end_with_parent: Callable[[], None],
) -> Ended:
    """Starts a program and waits for its end; ``redactor`` is None where nothing is redacted.

    Signals to us go on to the program, once each: at a terminal it is in our group, which gets a
    Ctrl-C from the terminal; elsewhere it has a group of its own. Call it within
    ``signals_held``. StartError where it cannot be started.
    """
    found = _found(program)
    # What came until now is for us.
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    group: Literal["ours", "own"] = "ours" if _has_terminal() else "own"
    # Otherwise nobody would know how it ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    outputs = Outputs(redactor)
    report, write_end = os.pipe()
    # Before there are threads.
    pid = os.fork()
    if pid == 0:
        _become(program, found, outputs.given, write_end, mask, group, end_with_parent)
    os.close(write_end)
    outputs.start()
    with open(report, "rb") as file:
        failure = file.read()
    status = _wait(pid, outputs, group)
    _forget_pending(mask)
    unwritten = outputs.finish()
    if failure:
        raise _start_error(program.words[0], int(failure))
    code = os.waitstatus_to_exitcode(status)
    return Ended(max(code, 0), max(-code, 0), unwritten)


def replace(program: Program, mask: Iterable[int]) -> NoReturn:
    """Becomes the program: nothing is between it and what started us. StartError as of ``run``."""
    found = _found(program)
    try:
        _prepare(program, mask, ())
        _execute(found, program)
    except OSError as error:
        raise _start_error(program.words[0], error.errno or errno.EIO) from None


def _become(
    program: Program,
    found: str,
    given: Mapping[int, int],
    report: int,
    mask: Iterable[int],
    group: Literal["ours", "own"],
    end_with_parent: Callable[[], None],
) -> NoReturn:
    """What the new process does; it never comes back."""
    try:
        if group == "own":
            os.setpgid(0, 0)
        end_with_parent()
        for number, descriptor in given.items():
            os.dup2(descriptor, number)
        _prepare(program, mask, (report,))
        _execute(found, program)
    except BaseException as error:
        failure = error.errno if isinstance(error, OSError) else None
        os.write(report, b"%d" % (failure or errno.EIO))
    finally:
        os._exit(127)


def _prepare(program: Program, mask: Iterable[int], others: Iterable[int]) -> None:
    if program.standard_input == "empty":
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    kept = {0, 1, 2, *program.descriptors, *others}
    # Not up to the limit of descriptors, which can be a thousand million.
    for descriptor in {int(name) for name in os.listdir("/dev/fd")} - kept:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    if program.core_bytes is not None:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (program.core_bytes, hard))
    # What is caught becomes the default in a new program, and may not be caught until then.
    for number in (*_IGNORED, *_PASSED_ON):
        if number in _IGNORED or callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _execute(found: str, program: Program) -> NoReturn:
    words = list(program.words)
    try:
        os.execve(found, words, program.environment)  # noqa: S606 - the user's own
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script that does not say what runs it, as every shell does it.
    words[:1] = [_SHELL, found]
    os.execve(_SHELL, words, program.environment)  # noqa: S606 - the user's own


def _found(program: Program) -> str:
    """The program's file; StartError where there is none."""
    word = program.words[0]
    folders = [""]
    if "/" not in word:
        folders = os.fsdecode(program.environment.get(b"PATH", b"")).split(":")
        folders = folders if any(folders) else os.defpath.split(":")
    problem = errno.ENOENT
    for folder in folders:
        path = os.path.join(folder, word)
        with contextlib.suppress(OSError):
            is_file = stat.S_ISREG(os.stat(path).st_mode)
            if is_file and os.access(path, os.X_OK):
                return path
            if is_file or "/" in word:
                problem = errno.EACCES if is_file else errno.EISDIR
    raise _start_error(word, problem)


def _start_error(word: str, number: int) -> StartError:
    if number == errno.ENOENT:
        return StartError(f"{word}: command not found", 127)
    reason = os.strerror(number).lower()
    if number == errno.E2BIG:
        reason = "the environment and the arguments are too large, --file gives secrets as files"
    return StartError(f"{word}: {reason}", 126)


def _has_terminal() -> bool:
    """Whether somebody can press Ctrl-C."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _wait(pid: int, outputs: Outputs, group: Literal["ours", "own"]) -> int:
    """Passes signals on until the program has ended; its status."""
    while True:
        got = signal.sigtimedwait(_WAITED_FOR, _LOOK_SECONDS)
        if got is None or got.si_signo == signal.SIGCHLD:
            status = _ended(pid)
            if status is not None:
                return status
            continue
        number = got.si_signo
        if got.si_pid == os.getpid():
            # Our own, to all of our group.
            continue
        if number == signal.SIGWINCH:
            has_terminal = outputs.resize()
            if has_terminal and group == "ours":
                # They were told before the size was there.
                os.killpg(0, number)
            elif group == "own":
                os.kill(pid, number)
        elif group == "own" or got.si_code != _OF_THE_KERNEL or number == signal.SIGCONT:
            os.kill(pid, number)


def _ended(pid: int) -> int | None:
    """The program's status where it has ended; where it was stopped, so are we for a while."""
    while True:
        found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if found == 0:
            return None
        if not os.WIFSTOPPED(status):
            return status
        if os.WSTOPSIG(status) in _STOPS:
            # The shell that started us shows its prompt; what goes on then comes to both.
            os.kill(os.getpid(), signal.SIGSTOP)


def _forget_pending(mask: Iterable[int]) -> None:
    """What came with the program's end was for it; what comes from now on ends us."""
    while signal.sigtimedwait(_WAITED_FOR, 0) is not None:
        pass
    for number in _PASSED_ON:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
