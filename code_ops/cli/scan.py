"""``code-ops scan``: the options, and a table of contents of what follows from them."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from code_ops.cli import parameters
from code_ops.cli.console import Verbosity
from code_ops.cli.parameters import choice_option, engine_option, option

EXAMPLES = """\b
Examples:
  code-ops scan hosts.txt                            a list, each line with its own ports
  code-ops scan -p 22,443 10.0.0.0/24 db1:5432       two ports of a network, one of db1
  code-ops scan --open --top-ports 1000 web1 web2    open ones among the 1,000 most used
  code-ops scan hosts.txt --format ndjson | jq .     a record a line, as results come
  code-ops scan hosts.txt --expect open --quiet      exit 1 when one is not open
  code-ops scan hosts.txt --baseline old.ndjson      what is new, gone, changed
  code-ops scan --plan -p- 10.0.0.0/8                what it would cost, nothing is sent
"""
FORMATS = ("table", "json", "ndjson", "csv", "xml", "grepable", "junit")


def command(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET|FILE|-]...",
            help="A host, network or range with or without :ports, a list that exists as a file, "
            "or - for a list on standard input.",
            show_default=False,
        ),
    ] = None,
    ports: Annotated[
        str | None,
        option(
            "--ports",
            "-p",
            metavar="LIST",
            help="Ports for targets that name none, as nmap writes them: 22,80,8000-8100,http*,-. "
            "[default: the 100 most used]",
        ),
    ] = None,
    top_ports: Annotated[
        int | None,
        option(metavar="N", min=1, max=1000, help="The N most used ports instead."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        option(metavar="LIST", help="Hosts and networks never to probe, apart by commas."),
    ] = None,
    exclude_file: Annotated[
        list[str] | None,
        option(metavar="FILE", help="The same from a file, or - for standard input."),
    ] = None,
    exclude_ports: Annotated[
        str | None, option(metavar="LIST", help="Ports never to probe.")
    ] = None,
    all_ips: Annotated[
        bool,
        option("--all-ips", help="Probe and report every address of a name."),
    ] = False,
    timeout: Annotated[
        int,
        option(
            parser=parameters.timeout_ms, metavar="DURATION", help="Wait for an answer this long."
        ),
    ] = "1s",  # type: ignore[assignment]
    retries: Annotated[
        int,
        option(
            metavar="N",
            min=0,
            max=100,
            help="Later passes over silent ports at most. The second always comes, "
            "further ones while the one before found an answer.",
        ),
    ] = 6,
    rate: Annotated[
        float | None,
        option(
            parser=parameters.rate,
            metavar="N",
            help="Connects a second at most, fractions allowed. [default: no limit]",
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        option(
            metavar="N",
            min=1,
            max=1_000_000,
            help="Connects in flight at most. [default: what the descriptor limit allows, "
            "up to 20,000]",
        ),
    ] = None,
    host_concurrency: Annotated[
        int,
        option(
            metavar="N", min=1, max=1_000_000, help="Connects in flight to one address at most."
        ),
    ] = 1024,
    resolve_timeout: Annotated[
        int,
        option(parser=parameters.timeout_ms, metavar="DURATION", help="A name may take this long."),
    ] = "5s",  # type: ignore[assignment]
    canary: Annotated[
        bool,
        option(
            "--canary",
            help="Probe an open port every 100ms, and slow down when it is missed.",
        ),
    ] = False,
    expect: Annotated[
        str | None,
        option(
            metavar="STATES",
            help="What targets should be whose line does not say: open, 'closed|filtered', "
            "'open <50ms'. Exit 1 when one is not.",
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        option(metavar="FILE", help="Compare with the ndjson or json of an earlier scan."),
    ] = None,
    fail_on: Annotated[
        str,
        option(metavar="KINDS", help="Differences from the baseline that make exit 1."),
    ] = "new,gone,changed",
    strict: Annotated[
        bool, option("--strict", help="Scan nothing when a part of the input is bad.")
    ] = False,
    open: Annotated[
        bool, option("--open", help="Show open ports only, and failed expectations.")
    ] = False,
    format: Annotated[
        str | None,
        choice_option(
            FORMATS,
            "--format",
            "-f",
            metavar="FORM",
            help=f"One of {', '.join(FORMATS)}. [default: table on a terminal, ndjson otherwise]",
        ),
    ] = None,
    output: Annotated[
        str,
        option("--output", "-o", metavar="FILE", help="Write there, whole or not at all."),
    ] = "-",
    resume: Annotated[
        str | None,
        option(
            metavar="FILE",
            help="Keep the state of the scan there; after a kill the same command goes on from it.",
        ),
    ] = None,
    plan: Annotated[
        bool, option("--plan", help="Tell what the scan would cost and send nothing.")
    ] = False,
    timings: Annotated[
        bool, option("--timings", help="Tell on standard error where the time went.")
    ] = False,
    engine: Annotated[str, engine_option("auto, rust or python.")] = "auto",
    quiet: Annotated[
        bool, option("--quiet", "-q", help="No talk but errors, no progress.")
    ] = False,
    verbose: Annotated[bool, option("--verbose", "-v", help="More talk.")] = False,
) -> None:
    """Find out which TCP ports answer.

    Targets are names, IPv4 and IPv6 addresses (fe80::1%eth0), networks (10.0.0.0/24), octet
    ranges and lists (10.0.0,1.1-20), each with its own ports if need be: db1:5432,
    web:80,443,8000-8100, [::1]:22. An argument that names an existing file is a list of such
    targets, apart by blanks or lines, with # comments; everything else is a target. A line may
    end in what should be: db1:5432 open, db1:3306 closed, web:443 open <50ms.

    States: open, closed, filtered (no answer), unreachable, unresolved, local_error (our own
    side was short of something; says nothing of the target).
    """
    from code_ops.cli.scan_request import ScanRequest
    from code_ops.cli.scan_run import scan

    if ports is not None and top_ports is not None:
        # One from the command line stands above the other from a file.
        ports, top_ports = parameters.nearest(context, ports=ports, top_ports=top_ports)
    request = ScanRequest(
        started=time.perf_counter(),
        targets=targets or [],
        ports=ports,
        top_ports=top_ports,
        exclude=exclude or [],
        exclude_file=exclude_file or [],
        exclude_ports=exclude_ports,
        all_ips=all_ips,
        timeout_ms=timeout,
        retries=retries,
        rate=rate,
        concurrency=concurrency,
        host_concurrency=host_concurrency,
        resolve_timeout_ms=resolve_timeout,
        canary=canary,
        expect=expect,
        baseline=baseline,
        fail_on=fail_on,
        strict=strict,
        open_only=open,
        format_name=format,
        output=output,
        resume=resume,
        plan=plan,
        timings=timings,
        engine=engine,
        verbosity=Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL,
    )
    scan(request)
