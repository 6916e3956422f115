"""Runs commands one after another and records what each cost.

The runner starts this file as a script, often inside a network namespace, so that
every tool of a comparison runs in the same place and takes turns with the others.
It imports little on purpose: Linux counts the memory of the process that starts a
command as the command's own until the command has grown past it, so this file's
size is the smallest peak that can be told apart (``floor_kib`` in the report).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Any, TypedDict

TIME_LIMIT_S = 600.0
# Stands in a command for the path of the file the tool shall write itself.
OUTPUT_PLACEHOLDER = "{output}"
TOO_LONG_EXIT = 124
NOT_STARTED_EXIT = 127


class Command(TypedDict):
    """One tool's command; `runs` says in how many rounds it takes part."""

    name: str
    argv: list[str]
    runs: int
    environment: dict[str, str]


class Plan(TypedDict):
    """What to run: `listen` are ports of 127.0.0.1 held open all the while."""

    folder: str
    listen: list[int]
    commands: list[Command]


class RunRecord(TypedDict):
    """One run: seconds, peak in KiB; `output` and `errors` are paths."""

    name: str
    seconds: float
    processor_seconds: float
    peak_kib: int
    exit: int
    output: str
    errors: str


class Report(TypedDict):
    """What came of a plan, the runs in the order they were made."""

    floor_kib: int
    runs: list[RunRecord]


def wait(process: subprocess.Popen[bytes]) -> tuple[int, resource.struct_rusage]:
    """The exit code and cost of `process`; past the limit its whole group is killed."""
    descriptor = os.pidfd_open(process.pid)
    try:
        ended, _, _ = select.select([descriptor], [], [], TIME_LIMIT_S)
        if not ended:
            os.killpg(process.pid, signal.SIGKILL)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        os.close(descriptor)
    _, status, usage = os.wait4(process.pid, 0)
    # The child is reaped behind Popen's back: without this it would warn of a lost process.
    process.returncode = os.waitstatus_to_exitcode(status)
    return (process.returncode if ended else TOO_LONG_EXIT), usage


def run_once(command: Command, number: int, folder: str) -> RunRecord:
    """Runs `command` for the `number`th time, its two streams going to files."""
    stem = os.path.join(folder, f"{command['name']}.{number}")
    written = f"{stem}.written"
    argv = [argument.replace(OUTPUT_PLACEHOLDER, written) for argument in command["argv"]]
    record = RunRecord(
        name=command["name"],
        seconds=0.0,
        processor_seconds=0.0,
        peak_kib=0,
        exit=NOT_STARTED_EXIT,
        output=f"{stem}.out" if argv == command["argv"] else written,
        errors=f"{stem}.err",
    )
    with open(f"{stem}.out", "wb") as output, open(record["errors"], "wb") as errors:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=folder,
                env={**os.environ, **command["environment"]},
                start_new_session=True,
            )
        except OSError as error:
            errors.write(f"{argv[0]}: {error.strerror}\n".encode())
            return record
        record["exit"], usage = wait(process)
        record["seconds"] = time.perf_counter() - started
    record["processor_seconds"] = usage.ru_utime + usage.ru_stime
    record["peak_kib"] = usage.ru_maxrss
    return record


def listen(ports: list[int]) -> list[socket.socket]:
    """Listeners on 127.0.0.1; the kernel completes the handshakes by itself."""
    listeners = []
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
        listeners.append(listener)
    return listeners


def drain(listeners: list[socket.socket]) -> None:
    """Takes what one run left in the queues, so that the next run finds them empty."""
    for listener in listeners:
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                break


def run_plan(plan: Plan) -> Report:
    """Runs every command of `plan` in turns (A B C A B C), so that noise hits all."""
    # A rival that does not raise the limit itself would fail for want of descriptors.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    listeners = listen(plan["listen"])
    runs: list[RunRecord] = []
    for number in range(max((command["runs"] for command in plan["commands"]), default=0)):
        for command in plan["commands"]:
            if number < command["runs"]:
                record = run_once(command, number, plan["folder"])
                print(f"  {record['name']}: {record['seconds']:.3f} s", flush=True)
                runs.append(record)
                drain(listeners)
    return Report(floor_kib=own_peak_kib(), runs=runs)


def own_peak_kib() -> int:
    """This process's largest resident set; its getrusage would count whoever started it."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main(arguments: list[str]) -> None:
    """`measure.py PLAN REPORT`: reads the one, writes the other."""
    with open(arguments[0], encoding="utf-8") as plan_file:
        plan: Any = json.load(plan_file)
    report = run_plan(plan)
    with open(arguments[1], "w", encoding="utf-8") as report_file:
        json.dump(report, report_file)


if __name__ == "__main__":
    main(sys.argv[1:])
