"""A scan's options as typed, checked against each other, and what follows from them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property

import typer

from code_ops.cli.console import Verbosity
from code_ops.scan import ServiceScanner, Targets
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

    @cached_property
    def port_list(self) -> str:
        """The ports of targets that name none, as text."""
        if self.ports is not None:
            return self.ports
        return ",".join(map(str, top_ports(self.top_ports or DEFAULT_PORT_COUNT)))

    def new_targets(self) -> Targets:
        """An empty list of targets with these ports. Raises TargetError for bad lists."""
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
