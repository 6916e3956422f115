"""What a program writes, on its way to our standard output and error without its secrets.

Owns the pipes and pseudo-terminals between, and a thread for each, so that one that nobody reads
does not hold up the other. Who waits for the program is ``vault_exec``.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import termios
import threading
import time
from typing import Protocol

__all__ = ["Outputs", "Redactor"]

_PART_BYTES = 256 << 10
_PIPE_BYTES = 1 << 20
# Once the program has ended, who else has its outputs may write so long: with nothing in between
# for that time, and in all.
_SILENCE_SECONDS = 0.5
_AFTERWARDS_SECONDS = 5.0


class Redactor(Protocol):
    """What takes secrets out of one stream, as ``security.Redactor`` does."""

    def feed(self, data: bytes, /) -> bytes: ...
    def finish(self) -> bytes: ...
    def another(self) -> Redactor: ...


class Outputs:
    """Our standard output and error as a program gets them, with a redactor for each.

    Where ours is a terminal the program's is a pseudo-terminal, so that it colours and shows its
    lines as always. Where both of ours are one and the same file, so are the program's, and the
    order of what it writes to them is kept.
    """

    def __init__(self, redactor: Redactor | None) -> None:
        self.given: dict[int, int] = {}
        """The program's descriptors in the place of 1 and 2; what is not here it gets from us."""
        self._streams: list[_Stream] = []
        self._ended, self._end = os.pipe()
        for number in (1, 2):
            if redactor is None or not _is_writable(number):
                continue
            if number == 2 and 1 in self.given and os.path.sameopenfile(1, 2):
                self.given[2] = self.given[1]
                continue
            source, self.given[number] = _between(number)
            self._streams.append(_Stream(source, number, redactor.another(), self._ended))

    def start(self) -> None:
        """Begins to read; the program has its descriptors by now."""
        for descriptor in set(self.given.values()):
            os.close(descriptor)
        for stream in self._streams:
            stream.thread.start()

    def resize(self) -> bool:
        """Gives pseudo-terminals the size that ours has now; whether there are any."""
        terminals = [stream for stream in self._streams if os.isatty(stream.target)]
        for stream in terminals:
            with contextlib.suppress(OSError):
                _copy_size(stream.target, stream.source)
        return bool(terminals)

    def finish(self) -> list[tuple[int, OSError]]:
        """Passes on what is left after the program's end; which outputs took not all, and why."""
        os.close(self._end)
        for stream in self._streams:
            stream.thread.join()
        os.close(self._ended)
        return [(stream.target, stream.error) for stream in self._streams if stream.error]


class _Stream:
    """One output, from the program's descriptor to ours."""

    def __init__(self, source: int, target: int, redactor: Redactor, ended: int) -> None:
        self.source = source
        self.target = target
        self.error: OSError | None = None
        self.thread = threading.Thread(target=self._run)
        self._redactor = redactor
        self._poll = select.poll()
        self._poll.register(source, select.POLLIN)
        self._poll.register(ended, 0)
        self._ended = ended
        # After the program's end: how much is there for certain, and until when to wait.
        self._due = 0
        self._until: float | None = None

    def _run(self) -> None:
        try:
            while data := self._read():
                self._write(self._redactor.feed(data))
            self._write(self._redactor.finish())
        except OSError as error:
            if error.errno != errno.EPIPE:
                self.error = error
        finally:
            # The program is told by its next write, as it would be without us.
            os.close(self.source)

    def _read(self) -> bytes:
        """The next bytes; nothing at the end."""
        if not self._is_ready():
            return b""
        try:
            data = os.read(self.source, _PART_BYTES)
        except OSError as error:
            # How Linux tells that nobody has the other end of a terminal.
            if error.errno != errno.EIO:
                raise
            return b""
        self._due -= len(data)
        return data

    def _is_ready(self) -> bool:
        while self._until is None:
            found = dict(self._poll.poll())
            if self._ended in found:
                self._poll.unregister(self._ended)
                self._due = _waiting(self.source)
                self._until = time.monotonic() + _AFTERWARDS_SECONDS
            elif found:
                return True
        if self._due > 0:
            return True
        if time.monotonic() > self._until:
            return False
        return bool(self._poll.poll(_SILENCE_SECONDS * 1000))

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.target, view) :]
            except BlockingIOError:
                # Somebody else who has this file made it so.
                poll = select.poll()
                poll.register(self.target, select.POLLOUT)
                poll.poll()


def _is_writable(number: int) -> bool:
    """Whether it is open at all: what was closed has something in its place that takes nothing."""
    return fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _between(number: int) -> tuple[int, int]:
    """Two ends, to read from and to write to, of what stands in the place of an output."""
    if os.isatty(number):
        return _terminal(number)
    source, end = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(source, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return source, end


def _terminal(number: int) -> tuple[int, int]:
    source, end = os.openpty()
    attributes = termios.tcgetattr(number)
    # Line ends become what a terminal wants in the real one.
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(end, termios.TCSANOW, attributes)
    _copy_size(number, source)
    return source, end


def _copy_size(terminal: int, other: int) -> None:
    size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    fcntl.ioctl(other, termios.TIOCSWINSZ, size)


def _waiting(descriptor: int) -> int:
    """How many bytes can be read at once."""
    try:
        count: int = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))[0]
    except OSError:
        return 0
    return count
