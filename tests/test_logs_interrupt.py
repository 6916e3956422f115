"""Ctrl-C while logs are read: the report is of what was read until then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from code_ops import _engine

PROGRAM = Path(sys.executable).parent / "code-ops"
LINE = b"2026-11-20T10:00:00Z ERROR [a] x 1\n"

pytestmark = [
    pytest.mark.skipif(
        _engine.native_error() is not None, reason="the rust engine does not import"
    ),
    pytest.mark.skipif(not PROGRAM.exists(), reason="no code-ops beside this Python"),
    pytest.mark.timeout(60),
]


@pytest.mark.parametrize("lines", [0, 3, 60_000])
def test_an_interrupt_tells_what_was_read(lines: int) -> None:
    """A pipe that gives nothing more, and does not end."""
    read, write = os.pipe()
    with subprocess.Popen(
        [PROGRAM, "logs", "analyze", "-", "--format", "json", "--engine", "rust"],
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(read)
        for _ in range(lines):
            os.write(write, LINE)
        # It waits for more, and is past its start.
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        os.close(write)
    assert process.returncode == 130
    assert b"interrupted" in errors
    if lines:
        report = json.loads(output)
        assert (report["total"], report["errors"]) == (lines, lines)


def test_a_summary_of_what_was_read_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "pipe"
    os.mkfifo(log)
    code = (
        "import os, signal, sys, threading\n"
        "from code_ops import LogAnalyzer\n"
        "analyzer = LogAnalyzer(engine='rust')\n"
        "assert analyzer.interrupted() is None\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n"
        "    analyzer.summarize_file(sys.argv[1])\n"
        "except KeyboardInterrupt:\n"
        "    print(analyzer.interrupted().report()['total'], analyzer.interrupted())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, log], stdout=subprocess.PIPE)
    with process, log.open("wb") as pipe:
        pipe.write(LINE * 2)
        pipe.flush()
        output, _ = process.communicate(timeout=20)
    assert output == b"2 None\n"
