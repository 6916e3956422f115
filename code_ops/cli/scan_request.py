"""A scan's options as typed, checked against each other, and what follows from them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import typer

from code_ops.cli.console import Verbosity
from code_ops.cli.parameters import readable
from code_ops.errors import TargetError
from code_ops.scan import ServiceScanner, Targets, parse_ports
from code_ops.scan_baseline import DIFFERENCE_KINDS
from code_ops.services import top_ports

DEFAULT_PORT_COUNT = 100


@dataclass(kw_only=True)
class ScanRequest:
    """The options of ``code-ops scan``; see its help for what each means."""

    started: float
    targets: list[str]
    ports: str | None
    top_ports: int | None
    exclude: list[str]
    exclude_file: list[str]
    exclude_ports: str | None
    all_ips: bool
    timeout_ms: int
    retries: int
    rate: float | None
    concurrency: int | None
    host_concurrency: int
    resolve_timeout_ms: int
    canary: bool
    expect: str | None
    baseline: str | None
    fail_on: str
    strict: bool
    open_only: bool
    format_name: str | None
    output: str
    resume: str | None
    plan: bool
    timings: bool
    engine: str
    verbosity: Verbosity

    def check(self) -> None:
        """Raises a usage error for options that contradict each other."""
        if not self.targets:
            raise typer.BadParameter("no targets: name hosts, a list, or - for standard input")
        if self.ports is not None and self.top_ports is not None:
            raise typer.BadParameter("--ports and --top-ports exclude each other")
        if self.resume and self.all_ips:
            # A name's addresses are not known before, so that no place in the order names them.
            raise typer.BadParameter("--resume does not go with --all-ips")
        if [*self.targets, *self.exclude_file, self.baseline].count("-") > 1:
            raise typer.BadParameter("standard input can be read once")
        unknown = self.failing_kinds - set(DIFFERENCE_KINDS)
        if unknown:
            known = ", ".join(DIFFERENCE_KINDS)
            raise typer.BadParameter(f"--fail-on knows {known}, not '{min(unknown)}'")
        self._check_files()
        self._check_lists()

    def _check_files(self) -> None:
        """Raises a usage error where one file would take the place of another."""
        for option, name in (("--output", self.output), ("--resume", self.resume)):
            if name == "":
                raise typer.BadParameter(f"{option}: expected a file name, found nothing")
        if self.resume == "-":
            raise typer.BadParameter("--resume: expected a file name, a stream cannot keep a state")
        if self.resume and _is_same(self.resume, self.output):
            raise typer.BadParameter("--resume and --output name the same file")
        for read in [*self.targets, *self.exclude_file]:
            if os.path.isfile(read) and _is_same(read, self.output):
                raise typer.BadParameter(f"--output would replace '{read}', which is read")

    def _check_lists(self) -> None:
        """Raises a usage error for ports and states that cannot be read."""
        ports = {"--ports": self.ports, "--exclude-ports": self.exclude_ports}
        for option, text in ports.items():
            if text is not None:
                with _naming(option):
                    parse_ports(readable(text), engine=self.engine)
        if self.expect is not None:
            with _naming("--expect"):
                Targets("1", expect=readable(self.expect), engine=self.engine)

    @cached_property
    def failing_kinds(self) -> frozenset[str]:
        """The kinds of differences that make exit 1."""
        return frozenset(kind.strip() for kind in self.fail_on.split(",") if kind.strip())

    @cached_property
    def form(self) -> str:
        """The output's format: what was asked for, else the one for its reader."""
        if self.format_name:
            return self.format_name
        return "table" if self.output == "-" and sys.stdout.isatty() else "ndjson"

    @property
    def ending(self) -> str | None:
        """The form that the output's name promises and that nobody asked for, if any."""
        ending = os.path.splitext(self.output)[1][1:].lower()
        return ending if not self.format_name and ending in ("csv", "json", "xml") else None

    @cached_property
    def port_list(self) -> str:
        """The ports of targets that name none, as text."""
        if self.ports is not None:
            return self.ports
        return ",".join(map(str, top_ports(self.top_ports or DEFAULT_PORT_COUNT)))

    def new_targets(self) -> Targets:
        """An empty list of targets with these ports."""
        return Targets(
            self.port_list,
            exclude_ports=self.exclude_ports,
            expect=self.expect,
            engine=self.engine,
        )

    def new_scanner(self) -> ServiceScanner:
        """A scanner with these options."""
        return ServiceScanner(
            timeout_ms=self.timeout_ms,
            concurrency=self.concurrency,
            rate=self.rate,
            retries=self.retries,
            host_concurrency=self.host_concurrency,
            resolve_timeout_ms=self.resolve_timeout_ms,
            all_ips=self.all_ips,
            canary=self.canary,
            engine=self.engine,
        )


@contextlib.contextmanager
def _naming(option: str) -> Iterator[None]:
    """Makes a text that cannot be read an error of its option."""
    try:
        yield
    except TargetError as error:
        place = f" at column {error.column}" if error.column > 1 else ""
        raise typer.BadParameter(f"{option}: {error.message}{place}") from None


def _is_same(one: str, other: str) -> bool:
    """Whether two names stand for one file on disk, there now or to come."""
    if "-" in (one, other) or (os.path.exists(one) and not os.path.isfile(one)):
        return False
    return os.path.realpath(one) == os.path.realpath(other)
