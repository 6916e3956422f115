"""The table and the summary for people: what is shown, what is only counted, and how."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

# The samples stand beside the tests of the library.
sys.path.insert(0, str(Path(__file__).parent.parent))

from scan_samples import (
    HOSTILE,
    every_state,
    failed_here,
    opened,
    report,
    result,
    silent,
    unresolved,
)

from code_ops.cli.scan_table import LISTED_LIMIT, TableCollector, render
from code_ops.scan import InputProblem, ScanProgress, ScanResult
from code_ops.scan_baseline import Difference

FEW = {"progress": ScanProgress(1, 1, 0, 1, 1, 0, 0, 0, 0, 0)}


def shown(
    results: Sequence[ScanResult] | TableCollector,
    *,
    width: int = 120,
    failing_first: bool = True,
    only_open: bool = False,
    colours: bool = False,
    **changes: Any,
) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=colours, color_system="standard" if colours else None
    )
    final = report(**changes)
    render(console, results, final, failing_first=failing_first, only_open=only_open)
    return file.getvalue()


def table(results: Sequence[ScanResult] | TableCollector, **options: Any) -> list[list[str]]:
    """The words of each row, without the heading and the summary."""
    text = shown(results, **options).split("\nscanned")[0]
    return [line.split() for line in text.splitlines()[1:] if line]


def summary(results: Sequence[ScanResult], **options: Any) -> dict[str, list[str]]:
    """The lines of the summary by label."""
    text = "scanned " + shown(results, width=400, **options).split("scanned ")[1]
    lines: dict[str, list[str]] = {}
    label = ""
    for line in text.splitlines():
        label = line.split(maxsplit=1)[0] if line[0] != " " else label
        lines.setdefault(label, []).append(line.removeprefix(label).strip())
    return lines


def test_session() -> None:
    results = [
        opened(0, host="db1", expected="open <50ms", as_expected=True, port=5432),
        opened(1, host="db1", expected="closed", as_expected=False, port=3306, rtt_ms=1234.5),
        *(result(port, port=port, ip="10.0.0.9", host="10.0.0.9") for port in range(10, 50)),
        silent(99, ip="10.0.0.9", host="10.0.0.9", port=443),
    ]
    progress = ScanProgress(43, 43, 0, 2, 44, 1, 0, 0, 5, 0)
    # Trailing blanks are cut so that this text can be read.
    text = "\n".join(line.rstrip() for line in shown(results, progress=progress).splitlines())
    assert text == (
        "HOST            PORT  SERVICE     STATE      REASON        LATENCY  EXPECTED\n"
        "db1 (10.0.0.5)  3306  mysql       open       syn-ack        1.23 s  FAIL closed\n"
        "                5432  postgresql  open       syn-ack       0.41 ms  ok open <50ms\n"
        "10.0.0.9         443  https       filtered   no-response         -\n"
        "                                  40 closed  conn-refused\n"
        "\n"
        "scanned    43 probes of 2 hosts in 2.00 s, 22 probes/s\n"
        "found      2 open, 40 closed, 1 filtered\n"
        "certain    42 ports answered: 2 open, 40 closed; 5 canaries sent, none missed\n"
        "uncertain  1 port gave no answer after 2 tries: filtered, or the packets were lost\n"
        "expected   1 as expected, 1 not as expected"
    )


class TestTable:
    def test_every_state_is_named(self) -> None:
        rows = table(every_state())
        assert [row[-3] for row in rows if row[-1] == "-"] == [
            "filtered", "unreachable", "local_error", "unresolved",
        ]  # fmt: skip

    def test_expected_column_only_where_something_is_expected(self) -> None:
        assert "EXPECTED" not in shown([opened()])
        assert "EXPECTED" in shown([opened(expected="open", as_expected=True)])

    def test_failing_first_is_before_the_other_hosts(self) -> None:
        results = [
            opened(0, host="a"),
            opened(1, host="b", port=80),
            opened(2, host="b", port=443, expected="closed", as_expected=False),
        ]
        first = [row[0] for row in table(results)]
        assert first == ["b", "a", "b"]
        in_order = [row[0] for row in table(results, failing_first=False)]
        assert in_order == ["a", "b", "443"]

    @pytest.mark.parametrize("make", [result, silent, failed_here, unresolved])
    def test_few_are_listed_and_many_are_counted(self, make: Any) -> None:
        few = [make(port, port=40_000 + port) for port in range(LISTED_LIMIT)]
        assert len(table(few)) == LISTED_LIMIT
        (row,) = table([*few, make(99, port=1)])
        state = few[0].state
        assert row == [few[0].host, "26", state, few[0].reason]

    def test_open_and_failing_ports_are_never_only_counted(self) -> None:
        results = [opened(port, port=port) for port in range(40)]
        results += [
            result(port, port=port, expected="open", as_expected=False) for port in range(40, 80)
        ]
        assert len(table(results)) == 80

    def test_only_open_keeps_failures(self) -> None:
        results = [*every_state(), result(9, port=9, expected="open", as_expected=False)]
        rows = table(results, only_open=True)
        assert [row[-5:] for row in rows[:1]] == [["conn-refused", "0.41", "ms", "FAIL", "open"]]
        assert len(rows) == 2
        assert "1 filtered" in shown(results, only_open=True)

    def test_names_of_hosts_stand_once(self) -> None:
        results = [opened(port, port=port, host="db1") for port in range(3)]
        assert shown(results).count("db1") == 1

    def test_nothing(self) -> None:
        assert shown([]).startswith("scanned")
        lines = summary([], progress=None)
        assert lines["scanned"] == ["0 probes of 0 hosts in 2.00 s, 0 probes/s"]
        assert lines["found"] == ["nothing"]

    @pytest.mark.parametrize("width", [120, 60, 20])
    def test_hostile_names(self, width: int) -> None:
        results = [opened(n, host=name, dns_ms=1.0) for n, name in enumerate(HOSTILE)]
        results += [unresolved(100 + n, name) for n, name in enumerate(HOSTILE)]
        differences = [Difference("new", n, None, 1, None, "open", n) for n in HOSTILE]
        text = shown(results, width=width, differences=differences)
        assert not set(text) & {"\x1b", "\x00", "\x07", "\r", "\t", "\u202e"}
        text.encode()
        # Markup is shown, not obeyed, and nothing is cut.
        assert "[bold]markup[/bold]" in text.replace("\n", "").replace(" ", "")
        assert text.count("x") > 300_000

    @pytest.mark.parametrize("width", [60, 40])
    def test_narrow_terminals(self, width: int) -> None:
        long = "a-rather-long-name.of-a-database.in-some.example"
        results = [
            opened(0, host=long, expected="closed|filtered", as_expected=False),
            *(result(port, port=port, host=long) for port in range(1, 40)),
        ]
        text = shown(results, width=width)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
        whole = text.replace("\n", "")
        assert f"{long} (10.0.0.5)" in whole
        for word in ("FAIL", "closed|filtered", "syn-ack", "0.41 ms", "39 closed"):
            assert word in text
        lines = text.splitlines()
        assert [line for line in lines if line.startswith("     22  open")]

    def test_colours_only_repeat_words(self) -> None:
        results = [*every_state(), opened(9, port=9, expected="closed", as_expected=False)]
        plain = shown(results)
        coloured = shown(results, colours=True)
        assert "\x1b[" in coloured
        stripped = coloured
        while "\x1b[" in stripped:
            start = stripped.index("\x1b[")
            stripped = stripped[:start] + stripped[stripped.index("m", start) + 1 :]
        assert stripped == plain
        assert "FAIL closed" in plain

    def test_differences(self) -> None:
        differences = [
            Difference("new", "db1", "10.0.0.5", 22, None, "open", "syn-ack"),
            Difference("gone", "::1", "::1", 80, "open", "filtered", "no-response"),
        ]
        text = shown([opened()], differences=differences, not_scanned=1)
        assert "new   db1 (10.0.0.5) 22  open (syn-ack), was not open" in text
        assert "gone  ::1 80             filtered (no-response), was open" in text
        assert "baseline   1 new, 1 gone; 1 port of it not scanned now" in text


class TestSummary:
    def test_one_of_each_is_singular(self) -> None:
        progress = ScanProgress(1, 1, 0, 1, 1, 1, 1, 1, 1, 1)
        results = [silent(tries=1), unresolved(1), failed_here(2)]
        problems = [InputProblem("h", 1, 1, "x")]
        lines = summary(results[:1], progress=progress)
        assert lines["scanned"] == ["1 probe of 1 host in 2.00 s, 0 probes/s"]
        lines = summary(results, progress=progress, problems=problems)
        assert lines["certain"] == ["0 ports answered"]
        assert lines["uncertain"] == [
            "1 port gave no answer after 1 try: filtered, or the packets were lost",
            "1 port not probed, errors on this side: EMFILE (1)",
            "1 port found only in a later pass",
            "1 local error waited out: descriptors, ports or memory were short",
            "1 of 1 canary missed: answers were lost",
            "1 name did not resolve: nosuch.example (name-not-found)",
            "1 part of the input could not be read",
        ]

    def test_many_are_plural_with_commas(self) -> None:
        progress = ScanProgress(9000, 9000, 0, 0, 9999, 9, 2000, 14, 1200, 3)
        results = [silent(n, port=n, tries=2 + n % 2) for n in range(3000)]
        results += [unresolved(n, f"name{n}") for n in range(7)]
        problems = [InputProblem("h", 1, 1, "x")] * 2
        assert summary(results, progress=progress, problems=problems)["uncertain"] == [
            "1,500 ports gave no answer after 2 tries: filtered, or the packets were lost",
            "1,500 ports gave no answer after 3 tries: filtered, or the packets were lost",
            "2,000 ports found only in a later pass",
            "14 local errors waited out: descriptors, ports or memory were short",
            "3 of 1,200 canaries missed: answers were lost",
            (
                "7 names did not resolve: name0 (name-not-found), name1 (name-not-found),"
                " name2 (name-not-found), name3 (name-not-found), name4 (name-not-found) and 2 more"
            ),
            "2 parts of the input could not be read",
        ]

    def test_what_the_network_said(self) -> None:
        results = [
            silent(0, reason="proto-unreach"),
            silent(1, port=80, state="unreachable", reason="net-unreach"),
        ]
        assert summary(results, **FEW)["uncertain"] == [
            "1 port filtered: something on the way refused the probe",
            "1 port unreachable: no way to the host, or a router or firewall says so",
        ]

    def test_nothing_uncertain_says_so(self) -> None:
        lines = summary([opened()], **FEW)
        assert lines["uncertain"] == ["nothing"]
        assert lines["certain"] == ["1 port answered: 1 open, 0 closed"]
        assert not lines.keys() & {"expected", "baseline", "interrupted"}

    def test_interrupted(self) -> None:
        progress = ScanProgress(65535, 1200, 9, 0, 1200, 0, 0, 0, 0, 0)
        lines = summary([opened()], progress=progress, interrupted=True)
        assert lines["interrupted"] == ["the results are not complete: 64,335 probes not done"]
        assert summary([], progress=None, interrupted=True)["interrupted"] == [
            "the results are not complete"
        ]

    def test_no_difference(self) -> None:
        assert summary([opened()], differences=[])["baseline"] == ["no difference"]

    def test_no_time_passed(self) -> None:
        lines = summary([opened()], finished=0.0, **FEW)
        assert lines["scanned"] == ["1 probe of 1 host in 0.00 s"]


class TestCollector:
    @pytest.mark.parametrize("batch", [1, 7, 1000])
    def test_same_as_the_results_themselves(self, batch: int) -> None:
        results = [*every_state(), *(result(port, port=port) for port in range(100, 200))]
        collector = TableCollector()
        # In the order of completion, which is any.
        mixed = results[::2] + results[1::2][::-1]
        for start in range(0, len(mixed), batch):
            collector.write(mixed[start : start + batch])
        assert shown(collector) == shown(results)

    def test_hosts_are_in_the_order_of_the_targets(self) -> None:
        results = [opened(5, host="a"), opened(3, host="b"), opened(0, host="a", port=80)]
        assert [row[0] for row in table(results)] == ["a", "22", "b"]

    def test_memory_is_bounded_for_each_host(self) -> None:
        collector = TableCollector()
        for start in range(0, 65_535, 1000):
            collector.write([result(port, port=port) for port in range(start, start + 1000)])
        (host,) = collector._hosts.values()
        assert host.kept == host.plain["closed"].listed == []
        assert host.plain["closed"].count == 66_000

    def test_a_full_host_takes_little_time(self) -> None:
        results = [result(port, port=port) for port in range(65_535)]
        best = float("inf")
        for _ in range(5):
            collector = TableCollector()
            began = time.perf_counter()
            for start in range(0, 65_535, 1000):
                collector.write(results[start : start + 1000])
            best = min(best, time.perf_counter() - began)
        # The aim is 60 ms; the rest is for slow and busy machines.
        assert best < 0.3
