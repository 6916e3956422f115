"""The machine forms of a scan, against their specifications and the tools that read them."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scan_samples import (
    HOSTILE,
    every_state,
    failed_here,
    opened,
    report,
    result,
    unresolved,
    written,
)

from code_ops.scan import STATES, InputProblem, ScanResult
from code_ops.scan_baseline import Difference
from code_ops.scan_formats import FORMATS, compact_ports, writer
from code_ops.scan_formats.records import RecordFormatter, record, timestamp
from code_ops.scan_formats.tally import tally_of
from code_ops.text import printable

SCHEMA = json.loads((Path(__file__).parent.parent / "docs/schemas/scan.json").read_text())
DOCUMENT = jsonschema.Draft202012Validator(SCHEMA)
RECORD = jsonschema.Draft202012Validator({"$ref": "#/$defs/record", "$defs": SCHEMA["$defs"]})

TEXT = st.text(st.characters(codec=None))
FLOAT = st.floats(0, 1e9, allow_nan=False)
RESULTS = st.builds(
    ScanResult,
    ordinal=st.integers(0, 2**40),
    input=TEXT,
    host=TEXT,
    ip=st.none() | TEXT,
    port=st.integers(0, 65535),
    state=st.sampled_from(STATES),
    reason=TEXT,
    rtt_ms=st.none() | FLOAT,
    tries=st.integers(0, 1000),
    dns_ms=st.none() | FLOAT,
    timestamp=st.floats(0, 4e9),
    source=TEXT,
    expected=st.none() | TEXT,
    as_expected=st.none() | st.booleans(),
)


def rows(results: list[ScanResult]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", results), newline="")))


def document(results: list[ScanResult], **changes: Any) -> Any:
    return json.loads(written("json", results, report(**changes)))


def suite(results: list[ScanResult], **changes: Any) -> ElementTree.Element:
    root = ElementTree.fromstring(written("junit", results, report(**changes)))
    assert root.tag == "testsuites"
    (only,) = root
    return only


def outcomes(results: list[ScanResult], **changes: Any) -> dict[str, str]:
    """Test case names with ``passed``, ``failure`` or ``error``."""
    cases = suite(results, **changes).iter("testcase")
    return {case.get("name", ""): case[0].tag if len(case) else "passed" for case in cases}


class TestRecord:
    def test_keys_and_values(self) -> None:
        given_result = opened(
            7, input="db1", host="db1", rtt_ms=0.41259, dns_ms=12.34567, source="h.txt:3",
            expected="open <50ms", as_expected=True, timestamp=0.1256,
        )  # fmt: skip
        assert list(record(given_result).items()) == [
            ("v", 1), ("input", "db1"), ("host", "db1"), ("ip", "10.0.0.5"), ("port", 22),
            ("protocol", "tcp"), ("state", "open"), ("reason", "syn-ack"), ("service", "ssh"),
            ("rtt_ms", 0.413), ("tries", 1), ("dns_ms", 12.346), ("tls", None),
            ("timestamp", "1970-01-01T00:00:00.126Z"), ("source", "h.txt:3"),
            ("expected", "open <50ms"), ("as_expected", True),
        ]  # fmt: skip

    @given(st.floats(0, 4e9))
    def test_timestamp_is_what_datetime_says(self, seconds: float) -> None:
        parsed = datetime.fromisoformat(timestamp(seconds))
        assert parsed.tzinfo == UTC
        assert abs(parsed.timestamp() - seconds) <= 0.000501
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", timestamp(seconds))

    @given(st.lists(RESULTS, max_size=4))
    def test_formatter_writes_what_json_writes(self, results: list[ScanResult]) -> None:
        expected = [json.dumps(record(each), separators=(",", ":")) for each in results]
        assert RecordFormatter().lines(results) == expected

    def test_formatter_forgets_names_and_stays_right(self) -> None:
        formatter = RecordFormatter()
        for start in range(0, 120_000, 30_000):
            batch = [result(n, host=f"host{n}", input="x") for n in range(start, start + 30_000)]
            assert json.loads(formatter.lines(batch)[-1])["host"] == f"host{start + 29_999}"
            assert len(formatter._quoted) < 90_000


@pytest.mark.parametrize("format_name", FORMATS)
class TestEveryForm:
    def test_hostile_names_are_carried(self, format_name: str) -> None:
        """Valid output, and no name breaks a line or reaches a terminal raw."""
        results = [
            case
            for index, name in enumerate(HOSTILE)
            for case in (
                opened(3 * index, host=name, input=name, source=name, dns_ms=1.0),
                unresolved(3 * index + 1, name, source=name, expected=name, as_expected=False),
                failed_here(3 * index + 2, host=name, reason=name, expected=name),
            )
        ]
        problems = [InputProblem(name, 1, 1, name) for name in HOSTILE]
        differences = [Difference("gone", n, None, 1, "open", "closed", n) for n in HOSTILE]
        final = report(arguments=HOSTILE, problems=problems, differences=differences, ports=";\x1b")
        text = written(format_name, results, final)
        text.encode()
        if format_name in ("xml", "junit"):
            ElementTree.fromstring(text)
        elif format_name == "json":
            records = json.loads(text)["results"]
            assert [found["host"] for found in records if found["state"] == "open"] == HOSTILE
            # Failed expectations stand first.
            assert [found["as_expected"] for found in records[: len(HOSTILE)]] == [False] * len(
                HOSTILE
            )
        elif format_name == "ndjson":
            found = [json.loads(line) for line in text.splitlines()]
            assert [each["source"] for each in found[::3]] == HOSTILE
        elif format_name == "csv":
            hosts = [row["host"].removeprefix("'") for row in rows(results)[::3]]
            assert hosts == [name.replace("\ud800", "\\ud800") for name in HOSTILE]
        else:
            shown = [line for line in text.splitlines() if line.startswith("Host:")]
            # Two lines for each of two addresses' names; a name is one line and one field.
            assert len(shown) == 2 * len(HOSTILE)
            assert all(len(line.split("\t")) in (2, 3) for line in shown)
        if format_name != "csv":
            assert "\x1b" not in text
            assert "\x00" not in text

    def test_nothing_found_is_a_whole_output(self, format_name: str) -> None:
        text = written(format_name, [])
        assert text.endswith("\n") or not text
        if format_name in ("xml", "junit"):
            ElementTree.fromstring(text)
        if format_name == "json":
            assert json.loads(text)["results"] == []

    def test_order_of_completion(self, format_name: str) -> None:
        """Streams keep it; the rest are in the order of the targets."""
        order = [40004, 40001, 40003, 40002]
        results = [opened(port, port=port, rtt_ms=0.5) for port in order]
        found = re.findall(r"4000[1-4]", written(format_name, results, batch=1))
        streams = format_name in ("ndjson", "csv")
        assert [int(port) for port in dict.fromkeys(found)] == (order if streams else sorted(order))


class TestStreams:
    @pytest.mark.parametrize("format_name", ["ndjson", "csv"])
    def test_each_batch_is_written_and_flushed_at_once(self, format_name: str) -> None:
        class Sink(io.StringIO):
            flushed = 0

            def flush(self) -> None:
                self.flushed += 1

        sink = Sink(newline="")
        made = writer(format_name, sink, report())
        before = len(sink.getvalue())
        made.write([opened()])
        assert sink.flushed == 1
        assert sink.getvalue()[before:].count("\n") == 1
        made.write([])
        assert sink.flushed == 1

    def test_ndjson_lines_fit_the_schema(self) -> None:
        lines = written("ndjson", every_state()).splitlines()
        assert len(lines) == 6
        for line in lines:
            RECORD.validate(json.loads(line))

    def test_schema_is_strict(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        good = record(opened())
        for bad in ({"state": "up"}, {"port": 65536}, {"ip": None}, {"extra": 1}, {"v": 2}):
            assert not RECORD.is_valid(good | bad), bad
        assert not RECORD.is_valid({key: good[key] for key in good if key != "tls"})


class TestCsv:
    def test_rfc_4180(self) -> None:
        text = written("csv", [opened(source='a "b", c:1')])
        header, line, end = text.split("\r\n")
        assert header == (
            "input,host,ip,port,protocol,state,reason,service,rtt_ms,tries,dns_ms,tls,timestamp,"
            "source,expected,as_expected"
        )
        assert line == (
            "10.0.0.5,10.0.0.5,10.0.0.5,22,tcp,open,syn-ack,ssh,0.41,1,,,"
            '2026-11-20T22:56:43.250Z,"a ""b"", c:1",,'
        )
        assert end == ""

    def test_columns_are_the_record_without_its_version(self) -> None:
        (row,) = rows([opened(expected="open", as_expected=True)])
        assert list(row) == [key for key in record(opened()) if key != "v"]
        assert row["as_expected"] == "true"

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_formulas_are_neutral(self, start: str) -> None:
        name = start + "1+1"
        (row,) = rows([opened(input=name, host=name, source=name)])
        assert row["input"] == row["host"] == row["source"] == "'" + name

    def test_other_text_is_exact(self) -> None:
        (row,) = rows([opened(input="10.0.0.-", source="a-b.txt:1")])
        assert (row["input"], row["source"]) == ("10.0.0.-", "a-b.txt:1")


class TestJson:
    def test_document(self) -> None:
        problems = [InputProblem("hosts.txt", 3, 9, "port 70000 is out of range 0-65535")]
        differences = [Difference("new", "db1", "10.0.0.5", 5432, None, "open", "syn-ack")]
        found = document(every_state(), problems=problems, differences=differences, exit_code=3)
        DOCUMENT.validate(found)
        assert list(found) == ["v", "scan", "problems", "results", "differences"]
        assert found["results"] == [record(each) for each in every_state()]
        assert found["problems"] == [
            {"source": "hosts.txt", "line": 3, "column": 9,
             "message": "port 70000 is out of range 0-65535"}
        ]  # fmt: skip
        assert found["differences"][0]["kind"] == "new"
        scan = found["scan"]
        assert set(scan["states"].values()) == {1}
        assert scan["seconds"] == 2.0
        assert scan["uncertain"] == {
            "silent": 1, "found_late": 1, "local_errors": 1, "local_errors_waited_out": 14,
            "canary_sent": 120, "canary_missed": 3, "unresolved_names": 1, "unread_inputs": 1,
            "not_done": 0,
        }  # fmt: skip

    def test_counts_of_a_scan_without_progress_are_null(self) -> None:
        found = document([opened(expected="closed", as_expected=False)], progress=None)
        DOCUMENT.validate(found)
        assert found["scan"]["uncertain"]["found_late"] is None
        assert found["scan"]["expectations"] == {"met": 0, "failed": 1}
        assert found["differences"] is None

    @pytest.mark.parametrize("format_name", ["json", "junit"])
    def test_counts_are_of_the_whole_scan_where_only_open_ports_are_written(
        self, format_name: str
    ) -> None:
        tally = tally_of([*every_state(), result(6, port=6)])
        if format_name == "json":
            found = document([opened()], tally=tally)
            assert len(found["results"]) == 1
            assert found["scan"]["results"] == 7
            assert found["scan"]["states"]["closed"] == 2
        else:
            values = {
                each.get("name"): each.get("value")
                for each in suite([opened()], tally=tally).iter("property")
            }
            assert (values["results"], values["closed"]) == ("7", "2")

    def test_results_are_sorted_by_index_then_address(self) -> None:
        results = [opened(2), opened(1, ip="b"), opened(1, ip="a"), unresolved(0)]
        found = document(results)["results"]
        assert [each["ip"] for each in found] == [None, "a", "b", "10.0.0.5"]

    def test_many_results_are_one_list(self) -> None:
        results = [result(port, port=port) for port in range(25_000)]
        assert [each["port"] for each in document(results)["results"]] == list(range(25_000))


class TestJunit:
    def test_every_result_where_nothing_is_expected(self) -> None:
        assert outcomes(every_state()) == {
            "db1:5432 (10.0.0.5)": "passed",
            "db1:22 (10.0.0.5)": "passed",
            "10.0.0.6:80": "passed",
            "10.0.0.6:443": "passed",
            "10.0.0.6:8080": "error",
            "nosuch.example:22": "error",
        }

    def test_expectations_alone_where_there_are_any(self) -> None:
        results = [
            opened(0, expected="open", as_expected=True),
            opened(1, port=23, expected="closed|filtered", as_expected=False),
            opened(2, port=24, expected="open <50ms", as_expected=False, rtt_ms=81.5),
            result(3, port=25),
            unresolved(4, expected="unresolved", as_expected=True),
            unresolved(5, "other.example", expected="open", as_expected=False),
            failed_here(6, port=26),
        ]
        assert outcomes(results) == {
            "10.0.0.5:22 open": "passed",
            "10.0.0.5:23 closed|filtered": "failure",
            "10.0.0.5:24 open <50ms": "failure",
            "nosuch.example:22 unresolved": "passed",
            "other.example:22 open": "error",
            "10.0.0.5:26": "error",
        }
        messages = [failure.get("message") for failure in suite(results).iter("failure")]
        assert messages == [
            "expected closed|filtered, found open (syn-ack) after 0.410 ms",
            "expected open <50ms, found open (syn-ack) after 81.500 ms",
        ]
        (error, _) = suite(results).iter("error")
        assert error.text == (
            "hosts.txt:12: other.example:22: expected open, found unresolved (name-not-found)"
        )

    def test_differences(self) -> None:
        differences = [
            Difference("gone", "db1", "10.0.0.5", 22, "open", "closed", "conn-refused"),
            Difference("changed", "::1", "::1", 80, "closed", "filtered", "no-response"),
        ]
        found = outcomes([result()], differences=differences, fail_on=frozenset({"new", "gone"}))
        assert found == {"db1:22 (10.0.0.5) gone": "failure", "[::1]:80 changed": "passed"}
        (failure,) = suite([result()], differences=differences[:1]).iter("failure")
        assert failure.get("message") == (
            "expected open as in the baseline, found closed (conn-refused)"
        )

    def test_no_difference_is_a_passed_case(self) -> None:
        assert outcomes([result()], differences=[]) == {"no difference from the baseline": "passed"}

    def test_junitparser_reads_it(self) -> None:
        junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed")
        results = [*every_state(), opened(9, port=9, expected="closed", as_expected=False)]
        read = junitparser.JUnitXml.fromstring(written("junit", results).encode())
        (only,) = read
        assert (only.tests, only.failures, only.errors) == (3, 1, 2)
        assert [type(each).__name__ for case in only for each in case.result] == [
            "Error",
            "Error",
            "Failure",
        ]

    def test_unread_input_is_an_error(self) -> None:
        found = outcomes([result()], problems=[InputProblem("h.txt", 3, 9, "no")])
        assert found == {"h.txt:3:9": "error", "10.0.0.5:22": "passed"}

    def test_counts_agree(self) -> None:
        results = [*every_state(), opened(9, port=9, expected="closed", as_expected=False)]
        only = suite(results)
        tags = [case[0].tag for case in only.iter("testcase") if len(case)]
        assert only.get("tests") == str(len(list(only.iter("testcase"))))
        assert only.get("failures") == str(tags.count("failure")) == "1"
        assert only.get("errors") == str(tags.count("error")) == "2"
        properties = {each.get("name"): each.get("value") for each in only.iter("property")}
        assert properties["open"] == "2"
        assert properties["not_as_expected"] == "1"
        # The order that the schema of the xUnit readers wants.
        assert [child.tag for child in only][:2] == ["properties", "testcase"]
        assert only.get("timestamp") == "2026-11-20T22:56:43"


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ([], ""),
        ([0], "0"),
        ([0, 2], "0,2"),
        ([0, 1, 2], "0-2"),
        ([22, 80, 81], "22,80-81"),
        ([1, 3, 5], "1,3,5"),
        (range(1, 65536), "1-65535"),
    ],
)
def test_compact_ports(ports: list[int], text: str) -> None:
    assert compact_ports(ports) == text


@given(st.text(st.characters(codec=None)))
def test_printable_is_one_line_of_encodable_text(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)


def test_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 'yaml' is not one of json, ndjson, csv"):
        writer("yaml", io.StringIO(), report())
