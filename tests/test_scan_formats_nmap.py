"""nmap's forms: against its DTD, ndiff, libnmap, and nmap itself."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from scan_samples import (
    HOSTILE,
    STARTED,
    every_state,
    failed_here,
    opened,
    report,
    result,
    silent,
    written,
)

from code_ops.scan import InputProblem, ScanResult
from code_ops.scan_formats import compact_ports, nmap_grepable


def tree(results: list[ScanResult], **changes: Any) -> ElementTree.Element:
    return ElementTree.fromstring(written("xml", results, report(**changes)))


def one(root: ElementTree.Element, path: str) -> ElementTree.Element:
    found = root.find(path)
    assert found is not None
    return found


class TestXml:
    def test_host_and_ports(self) -> None:
        root = tree(every_state())
        assert root.tag == "nmaprun"
        assert root.get("xmloutputversion") == "1.05"
        assert root.get("args") == "code-ops scan -p 22,80 db1"
        db1, second = root.findall("host")
        assert [name.attrib for name in db1.iter("hostname")] == [{"name": "db1", "type": "user"}]
        assert one(db1, "address").attrib == {"addr": "10.0.0.5", "addrtype": "ipv4"}
        assert one(db1, "status").get("state") == "up"
        assert list(second.iter("hostname")) == []
        assert one(second, "status").attrib["state"] == "unknown"
        states = {
            int(port.get("portid", "")): (
                one(port, "state").get("state"),
                one(port, "state").get("reason"),
            )
            for port in root.iter("port")
        }
        assert states == {
            22: ("closed", "conn-refused"),
            5432: ("open", "syn-ack"),
            80: ("filtered", "no-response"),
            443: ("filtered", "host-unreach"),
            8080: ("unknown", "EMFILE"),
        }
        assert one(root, "host/ports/port/service").attrib == {
            "name": "ssh", "method": "table", "conf": "3",
        }  # fmt: skip

    def test_arguments_come_back_as_they_were(self) -> None:
        arguments = ["code-ops", "scan", "a \"b\"'c'", "<&>", "line\nbreak\r\ttab", "bücher"]
        assert shlex.split(tree([], arguments=arguments).get("args", "")) == arguments

    def test_names_without_address_and_unread_input_are_skipped_targets(self) -> None:
        problem = InputProblem("hosts.txt", 3, 9, "no")
        root = tree(every_state(), problems=[problem])
        assert [target.attrib for target in root.iter("target")] == [
            {"specification": name, "status": "skipped", "reason": "invalid"}
            for name in ("nosuch.example", "hosts.txt:3:9: no")
        ]
        assert "1 name did not resolve" in one(root, "runstats/finished").get("summary", "")

    @pytest.mark.parametrize(("count", "collapsed"), [(25, False), (26, True)])
    def test_long_states_are_counted(self, count: int, collapsed: bool) -> None:
        results = [result(port, port=port) for port in range(1, count + 1)]
        root = tree([*results, opened(99, port=99)])
        extra = root.find("host/ports/extraports")
        assert (extra is not None) is collapsed
        assert len(root.findall("host/ports/port")) == (1 if collapsed else count + 1)
        if extra is not None:
            assert extra.attrib == {"state": "closed", "count": "26"}
            assert [reason.attrib for reason in extra] == [
                {"reason": "conn-refused", "count": "26", "proto": "tcp", "ports": "1-26"}
            ]

    def test_reasons_of_counted_ports_are_kept(self) -> None:
        reasons = [("filtered", "no-response"), ("unreachable", "net-unreach")]
        results = [
            silent(port, port=port, state=reasons[port % 2][0], reason=reasons[port % 2][1])
            for port in range(1, 31)
        ]
        extra = one(tree(results), "host/ports/extraports")
        assert extra.attrib == {"state": "filtered", "count": "30"}
        assert {reason.get("reason"): reason.get("count") for reason in extra} == {
            "no-response": "15", "net-unreach": "15",
        }  # fmt: skip

    def test_open_ports_are_always_listed(self) -> None:
        root = tree([opened(port, port=port) for port in range(100)])
        assert len(root.findall("host/ports/port")) == 100

    def test_a_port_that_two_targets_name_is_written_once(self) -> None:
        root = tree([silent(0), opened(1), silent(2)])
        assert [state.get("state") for state in root.iter("state")] == ["open"]

    @pytest.mark.parametrize(
        ("results", "status"),
        [
            ([opened()], ("up", "syn-ack")),
            ([result(), silent(1, port=80)], ("up", "conn-refused")),
            ([silent()], ("unknown", "no-response")),
            ([silent(state="unreachable", reason="net-unreach")], ("down", "net-unreach")),
            ([failed_here()], ("unknown", "no-response")),
        ],
    )
    def test_only_an_answer_proves_a_host_up(
        self, results: list[ScanResult], status: tuple[str, str]
    ) -> None:
        found = one(tree(results), "host/status")
        assert (found.get("state"), found.get("reason")) == status

    def test_end_of_the_run(self) -> None:
        root = tree([opened(), silent(1, host="10.0.0.6", ip="10.0.0.6")])
        assert one(root, "runstats/hosts").attrib == {"up": "1", "down": "0", "total": "2"}
        assert one(root, "runstats/finished").get("elapsed") == "2.00"
        assert one(root, "runstats/finished").get("exit") == "success"
        for broken in ({"interrupted": True}, {"exit_code": 4}):
            assert one(tree([], **broken), "runstats/finished").get("exit") == "error"

    def test_times_are_rfc_6298(self) -> None:
        results = [opened(port, port=port, rtt_ms=rtt) for port, rtt in ((1, 80.0), (2, 100.0))]
        # First sample R: srtt = R, rttvar = R/2. Then rttvar = 3/4 rttvar + 1/4 |srtt - R|
        # and srtt = 7/8 srtt + 1/8 R: 35 ms and 82.5 ms; timeout srtt + 4 rttvar.
        assert one(tree(results), "host/times").attrib == {
            "srtt": "82500", "rttvar": "35000", "to": "222500",
        }  # fmt: skip

    def test_ipv6(self) -> None:
        root = tree([opened(host="::1", ip="::1", input="::1")])
        assert one(root, "host/address").attrib == {"addr": "::1", "addrtype": "ipv6"}

    def test_fits_the_dtd(self) -> None:
        etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
        dtd = Path("/usr/share/nmap/nmap.dtd")
        if not dtd.exists():
            pytest.skip("nmap's DTD is not installed")
        many = [result(port, port=port + 100) for port in range(10, 60)]
        text = written("xml", [*every_state(), *many], report(interrupted=True))
        root = etree.fromstring(text.encode())
        # The DTD has no scanner but nmap; see the module.
        root.set("scanner", "nmap")
        validator = etree.DTD(str(dtd))
        assert validator.validate(root), validator.error_log

    def test_libnmap_reads_it(self) -> None:
        parser = pytest.importorskip("libnmap.parser", reason="python-libnmap is not installed")
        many = [result(port, port=port + 100) for port in range(10, 60)]
        parsed = parser.NmapParser.parse(written("xml", [*every_state(), *many]))
        assert parsed.commandline == "code-ops scan -p 22,80 db1"
        # The same address under a name and under none is two hosts, as in nmap.
        assert [host.address for host in parsed.hosts] == ["10.0.0.5", "10.0.0.6", "10.0.0.5"]
        db1 = parsed.hosts[0]
        assert db1.hostnames == ["db1"]
        assert db1.get_open_ports() == [(5432, "tcp")]
        assert db1.get_service(22).service == "ssh"
        assert db1.is_up()
        assert parsed.hosts[2].extraports_state["count"]["count"] == "50"
        assert (parsed.hosts_up, parsed.hosts_total) == (2, 3)
        assert parsed.elapsed == 2.0


class TestNdiff:
    @pytest.fixture(autouse=True)
    def _ndiff(self) -> None:
        if shutil.which("ndiff") is None:
            pytest.skip("ndiff is not installed")

    def ndiff(
        self, folder: Path, before: list[ScanResult], after: list[ScanResult]
    ) -> subprocess.CompletedProcess[str]:
        for name, results in (("a.xml", before), ("b.xml", after)):
            (folder / name).write_text(written("xml", results), encoding="utf-8")
        command = ["ndiff", str(folder / "a.xml"), str(folder / "b.xml")]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def test_same_scan(self, tmp_path: Path) -> None:
        ran = self.ndiff(tmp_path, every_state(), every_state())
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")

    def test_port_opened(self, tmp_path: Path) -> None:
        many = [result(port, port=port) for port in range(100, 140)]
        ran = self.ndiff(tmp_path, [result(), *many], [opened(), *many])
        assert (ran.returncode, ran.stderr) == (1, "")
        assert re.search(r"^\+22/tcp open\s+ssh", ran.stdout, re.MULTILINE)
        assert "-Not shown: 41 closed ports\n+Not shown: 40 closed ports" in ran.stdout

    def test_port_changed(self, tmp_path: Path) -> None:
        ran = self.ndiff(tmp_path, [opened(), result(1, port=80)], [silent(), result(1, port=80)])
        assert (ran.returncode, ran.stderr) == (1, "")
        assert re.search(r"^-22/tcp open\s+ssh", ran.stdout, re.MULTILINE)
        assert re.search(r"^\+22/tcp filtered\s+ssh", ran.stdout, re.MULTILINE)

    def test_hostile_names(self, tmp_path: Path) -> None:
        names = [name.encode(errors="replace").decode() for name in HOSTILE]
        results = [opened(n, host=name, dns_ms=1.0) for n, name in enumerate(names)]
        ran = self.ndiff(tmp_path, results, results)
        assert (ran.returncode, ran.stderr) == (0, "")


class TestGrepable:
    def test_lines(self) -> None:
        problem = InputProblem("hosts.txt", 3, 9, "no")
        ctime = time.ctime
        assert written("grepable", every_state(), report(problems=[problem])).splitlines() == [
            f"# code-ops 0.1.0 scan initiated {ctime(STARTED)} as: code-ops scan -p 22,80 db1",
            '# Failed to resolve "nosuch.example": name-not-found',
            "# Not read: hosts.txt:3:9: no",
            "Host: 10.0.0.5 (db1)\tStatus: Up",
            "Host: 10.0.0.5 (db1)\tPorts: 22/closed/tcp//ssh///, 5432/open/tcp//postgresql///",
            "Host: 10.0.0.6 ()\tStatus: Unknown",
            (
                "Host: 10.0.0.6 ()\tPorts: 80/filtered/tcp//http///, 443/filtered/tcp//https///, "
                "8080/unknown/tcp//http-alt///"
            ),
            (
                f"# code-ops done at {ctime(STARTED + 2)} -- 2 IP addresses (1 host up) scanned in"
                " 2.00 seconds"
            ),
        ]

    def test_second_long_state_is_listed_because_the_form_knows_one(self) -> None:
        closed = [result(port, port=port) for port in range(1, 31)]
        filtered = [silent(port, port=port) for port in range(31, 71)]
        line = written("grepable", closed + filtered).splitlines()[2]
        assert line.endswith("\tIgnored State: filtered (40)")
        assert line.count("/closed/tcp/") == 30

    def test_separators_in_a_service_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nmap_grepable, "service_name", lambda _: "a/b, c")
        assert "Ports: 22/open/tcp//a|b| c///\n" in written("grepable", [opened()])

    @pytest.mark.parametrize("closed", [2, 40])
    def test_same_as_nmap(self, closed: int) -> None:
        if shutil.which("nmap") is None:
            pytest.skip("nmap is not installed")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            ports = [*range(1, closed + 1), port]
            command = ["nmap", "-n", "-Pn", "-sT", "-p", compact_ports(ports), "-oG", "-"]
            ran = subprocess.run(
                [*command, "127.0.0.1"], capture_output=True, text=True, timeout=30, check=True
            )
        address = {"host": "127.0.0.1", "ip": "127.0.0.1", "input": "127.0.0.1"}
        results = [result(number, port=number, **address) for number in ports[:-1]]
        results.append(opened(99999, port=port, **address))

        def lines(text: str) -> list[str]:
            # The two tables of service names may differ; the fields may not.
            hosts = [line for line in text.splitlines() if line.startswith("Host: ")]
            return [re.sub(r"(/tcp//)[^/]*(///)", r"\1\2", line) for line in hosts]

        assert lines(written("grepable", results)) == lines(ran.stdout)
