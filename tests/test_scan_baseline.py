"""Reading an earlier scan, and what counts as a difference from it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scan_samples import every_state, failed_here, opened, result, silent, unresolved, written

from code_ops import scan_baseline
from code_ops.errors import TargetError
from code_ops.scan import ScanResult
from code_ops.scan_baseline import (
    LINE_LIMIT,
    Baseline,
    Comparison,
    Difference,
    compare,
    read_baseline,
)
from code_ops.scan_formats.records import record


def read(text: str | bytes) -> Baseline:
    data = text.encode() if isinstance(text, str) else text
    return read_baseline(io.BytesIO(data), "last.ndjson")


def baseline(*results: ScanResult) -> Baseline:
    return read(written("ndjson", list(results)))


def kinds(before: list[ScanResult], now: list[ScanResult]) -> list[tuple[str, str | None, int]]:
    return [(each.kind, each.ip, each.port) for each in compare(baseline(*before), now)]


def named(make: Any, ip: str | None, index: int = 0, **changes: Any) -> ScanResult:
    """A result of the name db1 at an address."""
    made = make(index, host="db1", input="db1", dns_ms=1.0, ip=ip, **changes)
    assert isinstance(made, ScanResult)
    return made


STATES = {
    "open": opened(),
    "closed": result(),
    "filtered": silent(),
    "unreachable": silent(state="unreachable", reason="host-unreach"),
    "local_error": failed_here(),
}


class TestReading:
    @pytest.mark.parametrize("format_name", ["ndjson", "json"])
    def test_our_own_forms(self, format_name: str) -> None:
        found = read(written(format_name, every_state()))
        assert found.at("db1", 5432) == (("10.0.0.5", "open"),)
        assert found.at("DB1.", 22) == (("10.0.0.5", "closed"),)
        assert found.at("10.0.0.6", 443) == (("10.0.0.6", "unreachable"),)
        assert found.at("nosuch.example", 22) == ((None, "unresolved"),)
        assert found.at("db1", 1) == found.at("db2", 22) == ()
        # What failed on our side is no state of the port.
        assert found.at("10.0.0.6", 8080) == ()
        assert (found.records, found.skipped) == (5, 1)

    @pytest.mark.parametrize(
        "change",
        [
            {"indent": 2},
            {"sort_keys": True},
            {"separators": (",", ":")},
        ],
    )
    def test_a_document_in_any_layout(self, change: dict[str, Any]) -> None:
        document = json.loads(written("json", every_state()))
        assert read(json.dumps(document, **change)).records == 5

    def test_naabu(self) -> None:
        """Lines as naabu 2.5 writes them: host only where it is not the address."""
        lines = (
            '{"host":"db1","ip":"10.0.0.5","timestamp":"2026-11-19T10:11:12.1Z","port":5432,'
            '"protocol":"tcp","tls":false}\n'
            '{"ip":"10.0.0.6","timestamp":"2026-11-19T10:11:12.2Z","port":80,"protocol":"tcp",'
            '"tls":false}\n'
            '{"ip":"10.0.0.6","port":53,"protocol":"udp"}\n'
        )
        found = read(lines)
        assert found.at("db1", 5432) == (("10.0.0.5", "open"),)
        assert found.at("10.0.0.6", 80) == (("10.0.0.6", "open"),)
        assert (found.records, found.skipped) == (2, 1)

    def test_blank_lines_carriage_returns_and_a_byte_order_mark(self) -> None:
        line = json.dumps(record(opened()))
        assert read(b"\xef\xbb\xbf" + f"{line}\r\n\n  \n{line}".encode()).records == 1
        document = written("json", [opened()])
        assert read(b"\xef\xbb\xbf" + document.encode()).records == 1

    def test_nothing(self) -> None:
        assert read("").records == 0
        assert read(written("json", [])).records == 0

    def test_a_file_names_itself(self, tmp_path: Path) -> None:
        path = tmp_path / "last.ndjson"
        path.write_text("{")
        with pytest.raises(TargetError) as caught:
            read_baseline(path)
        assert str(caught.value).startswith(f"{path}:1:2: not JSON: ")
        with pytest.raises(FileNotFoundError):
            read_baseline(tmp_path / "none")

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("[]", "not a record of a scan: a JSON object is expected"),
            ("1", "not a record of a scan: a JSON object is expected"),
            ("{}", 'not a record of a scan: "host" is missing or not a name'),
            ('{"host":7}', 'not a record of a scan: "host" is missing or not a name'),
            ('{"ip":7}', 'not a record of a scan: "ip" is not an address'),
            ('{"v":2}', "not a record of a scan: version 2 is newer than this program"),
            (
                '{"host":"a","ip":"b","port":65536}',
                'not a record of a scan: "port" is missing or not a number from 0 to 65535',
            ),
            (
                '{"host":"a","ip":"b","port":true}',
                'not a record of a scan: "port" is missing or not a number from 0 to 65535',
            ),
            (
                '{"host":"a","port":1}',
                (
                    'not a record of a scan: "state" is missing or not one of open, closed,'
                    " filtered, unreachable, unresolved, local_error"
                ),
            ),
            (
                '{"v":1,"host":"a","ip":"b","port":1,"state":["open"]}',
                (
                    'not a record of a scan: "state" is missing or not one of open, closed,'
                    " filtered, unreachable, unresolved, local_error"
                ),
            ),
            # masscan and nmap's grepable form.
            ('{"ip":"1.2.3.4","ports":[{"port":80}]}', None),
            ("Host: 127.0.0.1 ()\tStatus: Up", None),
            ('{"v":1,"host":"a"', None),
            ("\ud800", None),
            ('{"port":' + "9" * 5000 + "}", None),
            ("[" * 100_000, None),
        ],
    )
    def test_damaged_and_foreign_lines(self, line: str, message: str | None) -> None:
        good = json.dumps(record(opened()))
        with pytest.raises(TargetError) as caught:
            read(f"{good}\n\n{line}\n".encode(errors="surrogatepass"))
        assert (caught.value.source, caught.value.line) == ("last.ndjson", 3)
        if message is None:
            assert caught.value.message.startswith(("not JSON: ", "not a record of a scan: "))
        else:
            assert caught.value.message == message

    @given(st.binary(max_size=200))
    def test_never_anything_but_a_target_error(self, data: bytes) -> None:
        for text in (data, b'{"v":1,"scan":' + data, b'{"v":1,"scan":{},"results":[' + data):
            with contextlib.suppress(TargetError):
                read(text)

    def test_a_document_without_results(self) -> None:
        with pytest.raises(TargetError, match='"results" is not a list'):
            read('{"v":1,"scan":{}}')

    def test_longest_line(self) -> None:
        line = json.dumps(record(opened()))
        assert read(line + " " * (LINE_LIMIT - len(line)) + "\r\n").records == 1
        for end in ("", "\n", "\r\n"):
            with pytest.raises(TargetError, match="line is longer than 1048576 bytes") as caught:
                read(f"{line}\n{line}" + " " * (LINE_LIMIT - len(line) + 1) + end)
            assert caught.value.line == 2

    def test_limits_of_count_and_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scan_baseline, "RECORD_LIMIT", 2)
        line = json.dumps(record(opened())) + "\n"
        read(line * 2)
        with pytest.raises(TargetError, match="more than 2 records in a baseline") as caught:
            read(line * 3)
        assert caught.value.line == 3
        monkeypatch.setattr(scan_baseline, "DOCUMENT_LIMIT", 100)
        with pytest.raises(TargetError, match="longer than 100 bytes, write the baseline as nd"):
            read(written("json", [opened()]))


class TestComparing:
    @pytest.mark.parametrize("now", STATES)
    @pytest.mark.parametrize("before", [*STATES, "absent"])
    def test_every_pair_of_states(self, before: str, now: str) -> None:
        found = compare(baseline(*([] if before == "absent" else [STATES[before]])), [STATES[now]])
        known = before not in ("absent", "local_error")
        if now in ("local_error", before) or (not known and now != "open"):
            assert found == []
            return
        kind = "new" if now == "open" else "gone" if before == "open" else "changed"
        assert [each.kind for each in found] == [kind]
        assert found[0].before == (before if known else None)
        assert found[0].after == now

    def test_difference_in_full(self) -> None:
        assert compare(baseline(named(opened, "10.0.0.5")), [named(silent, "10.0.0.5")]) == [
            Difference("gone", "db1", "10.0.0.5", 22, "open", "filtered", "no-response")
        ]

    def test_not_scanned_is_counted_and_no_difference(self) -> None:
        before = [opened(port, port=port) for port in range(10)]
        comparison = Comparison(baseline(*before))
        assert comparison.not_scanned == 10
        comparison.write([opened(3, port=3)])
        comparison.write([result(4, port=4), failed_here(5, port=5)])
        assert [each.port for each in comparison.differences()] == [4]
        assert comparison.not_scanned == 8

    def test_order_is_that_of_the_targets(self) -> None:
        now = [opened(index, port=100 - index) for index in (3, 1, 2)]
        assert [each.port for each in compare(Baseline(), now)] == [99, 98, 97]

    def test_same_name_in_other_letters(self) -> None:
        before = result(host="DB1.Example.", ip="10.0.0.5", state="open")
        assert kinds([before], [result(host="db1.example", state="open")]) == []

    def test_a_name_with_one_address_that_moved_is_the_same_thing(self) -> None:
        before, now = named(opened, "10.0.0.5"), named(opened, "10.0.0.9")
        assert kinds([before], [now]) == []
        assert kinds([before], [named(result, "10.0.0.9")]) == [("gone", "10.0.0.9", 22)]

    def test_a_name_with_several_addresses_is_compared_by_address(self) -> None:
        before = [named(opened, "10.0.0.5"), named(opened, "10.0.0.6")]
        now = [named(opened, "10.0.0.6"), named(result, "10.0.0.5"), named(opened, "10.0.0.7")]
        assert kinds(before, now) == [("gone", "10.0.0.5", 22), ("new", "10.0.0.7", 22)]

    @pytest.mark.parametrize("reverse", [False, True])
    def test_a_second_address_is_new(self, reverse: bool) -> None:
        now = [named(opened, "10.0.0.5"), named(opened, "10.0.0.6")]
        comparison = Comparison(baseline(named(opened, "10.0.0.5")))
        comparison.write(now[::-1] if reverse else now)
        assert [each.ip for each in comparison.differences()] == ["10.0.0.6"]
        assert comparison.not_scanned == 0

    def test_a_second_address_that_is_closed_takes_nothing_away(self) -> None:
        now = [named(opened, "10.0.0.5"), named(result, "10.0.0.6")]
        assert kinds([named(opened, "10.0.0.5")], now) == []

    def test_address_not_looked_at_any_more_is_not_scanned(self) -> None:
        before = [named(opened, "10.0.0.5"), named(opened, "10.0.0.6")]
        comparison = Comparison(baseline(*before))
        comparison.write([named(opened, "10.0.0.5")])
        assert comparison.differences() == []
        assert comparison.not_scanned == 1

    def test_name_that_does_not_resolve_any_more_is_gone_everywhere(self) -> None:
        before = [named(opened, "10.0.0.5"), named(result, "10.0.0.6")]
        comparison = Comparison(baseline(*before))
        comparison.write([unresolved(name="db1")])
        assert [(each.kind, each.ip) for each in comparison.differences()] == [
            ("gone", "10.0.0.5"), ("changed", "10.0.0.6"),
        ]  # fmt: skip
        assert comparison.not_scanned == 0

    def test_name_that_resolves_again(self) -> None:
        now = [named(opened, "10.0.0.5"), named(result, "10.0.0.6")]
        comparison = Comparison(baseline(unresolved(name="db1")))
        comparison.write(now)
        assert [(each.kind, each.ip) for each in comparison.differences()] == [
            ("new", "10.0.0.5"), ("changed", "10.0.0.6"),
        ]  # fmt: skip
        assert comparison.not_scanned == 0

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_two_answers_for_one_port_the_better_counts(self, order: int) -> None:
        twice = [opened(0), silent(1)][::order]
        assert kinds([opened()], twice) == []
        assert kinds(twice, [opened()]) == []
        assert kinds([silent()], twice) == [("new", "10.0.0.5", 22)]
        assert kinds([result()], twice) == [("new", "10.0.0.5", 22)]
        comparison = Comparison(baseline(silent()))
        comparison.write(twice)
        assert len(comparison.differences()) == 1
        assert comparison.not_scanned == 0

    @given(
        st.lists(
            st.builds(
                lambda make, ip, port: make(port, ip=f"10.0.0.{ip}", port=port, host="db1"),
                st.sampled_from([opened, result, silent]),
                st.integers(1, 3),
                st.integers(1, 4),
            )
        )
    )
    def test_a_scan_does_not_differ_from_itself(self, results: list[ScanResult]) -> None:
        comparison = Comparison(baseline(*results))
        comparison.write(results[::-1])
        assert comparison.differences() == []
        assert comparison.not_scanned == 0
