"""What journalctl writes of a journal that ``systemd-journal-remote`` made of the export format.

The export format is that of systemd.io/JOURNAL_EXPORT_FORMATS; a journal need not run for it.
"""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from log_servers import command, levels, names, native_report, needs, report, run

TRACE = """Traceback (most recent call last):
  File "/srv/app.py", line 31, in main
    load(path)
  File "/srv/app.py", line 7, in load
    raise ValueError("bad")
ValueError: bad"""
# Priority, identifier and message of each entry.
ENTRIES: list[tuple[int | None, str, bytes]] = [
    (0, "kernel", b"Kernel panic - not syncing: no init"),
    (1, "raid", b"array is degraded"),
    (2, "app", b"cannot go on"),
    (3, "sshd", b"error: no matching host key"),
    (3, "sshd", b"error: no matching host key"),
    (3, "app", TRACE.encode()),
    (4, "kernel", b"usb 1-1: device descriptor read, error -71"),
    (5, "sudo", b"pam_unix: session opened"),
    (6, "systemd", b"Started Daily cleanup."),
    (6, "systemd", b"Stopped Daily cleanup."),
    (6, "app", b"bytes \x01\x02\xff in a message"),
    (7, "app", "ein Häkchen ✓".encode()),
    (None, "cron", b"no priority at all"),
]
LEVELS = {
    "emergency": 1,
    "alert": 1,
    "critical": 1,
    "error": 3,
    "warning": 1,
    "notice": 1,
    "info": 3,
    "debug": 1,
    "unknown": 1,
}
SOURCES = {"app": 4, "kernel": 2, "sshd": 2, "systemd": 2, "cron": 1, "raid": 1, "sudo": 1}
# Seconds since 1970 of the first entry, 2026-11-20T10:00:00Z; the others are 1.5 s apart.
START = 1_795_168_800
FIRST, LAST = "2026-11-20T10:00:00Z", "2026-11-20T10:00:18Z"
TOTAL = len(ENTRIES)
REMOTE = needs("journalctl", "systemd-journal-remote")


def exported() -> bytes:
    """The entries in the export format."""
    data = b""
    for number, (priority, identifier, message) in enumerate(ENTRIES):
        micros = number * 1_500_000
        fields: dict[str, object] = {
            "__REALTIME_TIMESTAMP": START * 1_000_000 + micros,
            "__MONOTONIC_TIMESTAMP": 1_000_000 + micros,
            "_BOOT_ID": f"{1:032x}",
            "_MACHINE_ID": f"{2:032x}",
            "_HOSTNAME": "web1",
            "SYSLOG_IDENTIFIER": identifier,
            "_PID": 100 + number,
        }
        if priority is not None:
            fields["PRIORITY"] = priority
        data += "".join(f"{key}={value}\n" for key, value in fields.items()).encode()
        # Every message as a binary field, which those with line ends have to be.
        data += b"MESSAGE\n" + struct.pack("<Q", len(message)) + message + b"\n\n"
    return data


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with the entries."""
    folder = tmp_path_factory.mktemp("journal")
    (folder / "entries").write_bytes(exported())
    path = folder / "some.journal"
    run("systemd-journal-remote", f"--output={path}", folder / "entries")
    return path


def shown(journal: Path, form: str, zone: str = "UTC") -> Path:
    """What journalctl writes of it, in a file whose time is that of the last entry."""
    path = journal.with_name(f"{form}-{zone.replace('/', '-')}")
    # Letters that are no ASCII are blob data where the locale cannot show them.
    environment = os.environ | {"TZ": zone, "LC_ALL": "C.UTF-8"}
    words = ("journalctl", f"--file={journal}", "-o", form, "--no-pager", "--all")
    done = subprocess.run(command(*words), env=environment, capture_output=True, check=True)
    path.write_bytes(done.stdout)
    os.utime(path, (START + 60, START + 60))
    return path


def check(found: dict[str, Any]) -> None:
    """Each entry is an event with its time."""
    assert (found["total"], found["unparsed_lines"]) == (TOTAL, 0)
    assert (found["first"], found["last"]) == (FIRST, LAST)
    assert found["times"]["missing"] == found["times"]["backwards"] == 0


@REMOTE
def test_json(journal: Path) -> None:
    found = report(shown(journal, "json"))
    check(found)
    assert found["formats"] == {"json": TOTAL}
    assert levels(found) == LEVELS
    assert found["level_sources"]["field"] == TOTAL - 1
    assert names(found["sources"]) == SOURCES
    assert found["times"]["zone_assumed"] == 0
    problems = {row["example"]: row["count"] for row in found["problems"]}
    assert problems["error: no matching host key"] == 2
    assert problems["usb 1-1: device descriptor read, error -71"] == 1


@REMOTE
def test_json_with_bytes(journal: Path) -> None:
    """What is no UTF-8 is an array of numbers there (``journalctl -o json``)."""
    examples = [row["example"] for row in report(shown(journal, "json"))["messages"]]
    assert [text for text in examples if text.startswith("bytes ")]
    assert "" not in examples


@REMOTE
def test_json_with_a_trace(journal: Path) -> None:
    found = report(shown(journal, "json"))
    assert [row["name"] for row in found["exceptions"]] == ["ValueError"]


SHORT = [
    ("short", "UTC"),
    ("short-precise", "Europe/Berlin"),
    ("short-iso", "UTC"),
    ("short-iso", "Asia/Kolkata"),
    ("short-iso-precise", "America/St_Johns"),
]


@REMOTE
@pytest.mark.parametrize(("form", "zone"), SHORT)
def test_short(journal: Path, form: str, zone: str) -> None:
    found = report(shown(journal, form, zone))
    has_zone = form.startswith("short-iso")
    # Without a zone it is the clock on the wall, in Berlin an hour ahead.
    hour = "11:" if zone == "Europe/Berlin" else "10:"
    assert found["first"] == FIRST.replace("10:", hour)
    assert found["last"] == LAST.replace("10:", hour)
    assert (found["total"], found["unparsed_lines"]) == (TOTAL, 0)
    assert names(found["sources"]) == SOURCES
    assert found["continuation_lines"] == TRACE.count("\n")
    assert found["times"]["zone_assumed"] == (0 if has_zone else TOTAL)
    # There are no priorities; only what the messages begin with tells.
    assert levels(found) == {"error": 3, "unknown": TOTAL - 3}


@REMOTE
def test_short_with_a_trace(journal: Path) -> None:
    found = report(shown(journal, "short-iso"))
    assert [row["name"] for row in found["exceptions"]] == ["ValueError"]


@REMOTE
@pytest.mark.parametrize("form", ["short-full", "short-unix", "with-unit"])
def test_times_of_other_forms(journal: Path, form: str) -> None:
    check(native_report(shown(journal, form)))


@REMOTE
@pytest.mark.parametrize("form", ["short-full", "short-unix", "with-unit"])
def test_other_forms(journal: Path, form: str) -> None:
    found = native_report(shown(journal, form))
    assert names(found["sources"]) == SOURCES
    assert levels(found) == {"error": 3, "unknown": TOTAL - 3}


@REMOTE
def test_export(journal: Path) -> None:
    found = native_report(shown(journal, "export"))
    check(found)
    assert levels(found) == LEVELS
    assert names(found["sources"]) == SOURCES


@REMOTE
@pytest.mark.xfail(strict=True, reason="read as plain lines: no level, time or message")
@pytest.mark.parametrize("form", ["json-pretty", "json-seq"])
def test_structured_forms(journal: Path, form: str) -> None:
    """Those that have everything; ``json-seq`` is RFC 7464, a record separator before each."""
    found = native_report(shown(journal, form))
    check(found)
    assert levels(found) == LEVELS
    assert names(found["sources"]) == SOURCES


@REMOTE
def test_short_monotonic(journal: Path) -> None:
    """``[    1.000000] web1 sshd[103]: ...``: at least source and level are there."""
    found = native_report(shown(journal, "short-monotonic"))
    assert found["total"] == TOTAL
    assert names(found["sources"]) == SOURCES
