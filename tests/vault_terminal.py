"""``code-ops vault`` on a terminal of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import termios
import time
from pathlib import Path

from vault_runs import COMMAND, environment

WITHIN_SECONDS = 30


class Terminal:
    """A command on a terminal of its own, with what it shows."""

    def __init__(self, folder: Path, *words: str, **more: str) -> None:
        self.shown = b""
        self.process, self.leader = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execve(COMMAND, [COMMAND, "vault", *words], environment(folder, **more))

    def wait(self, text: str) -> None:
        """Until it shows that."""
        end = time.monotonic() + WITHIN_SECONDS
        while text.encode() not in self.shown:
            assert time.monotonic() < end, self.shown
            with contextlib.suppress(OSError):
                self.shown += os.read(self.leader, 4096)

    def answer(self, prompt: str, text: str) -> None:
        """Types that once it is asked for, and not shown."""
        self.wait(prompt)
        self.shown = self.shown.replace(prompt.encode(), b"", 1)
        while termios.tcgetattr(self.leader)[3] & termios.ECHO:
            time.sleep(0.01)
        os.write(self.leader, text.encode())

    def end(self) -> int:
        """Its exit code, once all that it shows is read."""
        with contextlib.suppress(OSError):
            while part := os.read(self.leader, 4096):
                self.shown += part
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.leader)
        return code

    def text(self) -> str:
        return self.shown.decode().replace("\r\n", "\n")
