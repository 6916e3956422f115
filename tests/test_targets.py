"""Port lists and target text: the tables, properties, and nmap as a second opinion."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from code_ops import _engine
from code_ops.errors import TargetError

VECTORS = Path(__file__).parent / "vectors"
PORT_CASES = json.loads((VECTORS / "ports.json").read_text(encoding="utf-8"))
TARGET_CASES = json.loads((VECTORS / "targets.json").read_text(encoding="utf-8"))
PREVIEWED = 20
LONGEST_LINE = 65536

# The fixture is a module, which no example changes.
properties = settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def expanded(compact: str) -> list[int]:
    """The ports that ``22,80-81`` stands for."""
    ports: list[int] = []
    for piece in filter(None, compact.split(",")):
        first, _, last = piece.partition("-")
        ports.extend(range(int(first), int(last or first) + 1))
    return ports


def made(infrastructure: Any, case: dict[str, Any]) -> Any:
    """The Targets of a case, before its text is added."""
    return infrastructure.Targets(case.get("ports", "1-3"), case.get("exclude_ports"))


@pytest.mark.parametrize("case", PORT_CASES, ids=lambda case: ascii(case["text"])[:40])
def test_port_list(infrastructure: Any, case: dict[str, Any]) -> None:
    if "ports" in case:
        assert infrastructure.parse_ports(case["text"]) == expanded(case["ports"])
        return
    with pytest.raises(TargetError) as caught:
        infrastructure.parse_ports(case["text"])
    error = caught.value
    assert [error.column, error.message] == case["error"]
    assert (error.source, error.line) == ("", 1)


@pytest.mark.parametrize("case", TARGET_CASES, ids=lambda case: case["name"])
def test_target_text(infrastructure: Any, case: dict[str, Any]) -> None:
    targets = made(infrastructure, case)
    problems = targets.add(case["text"], "hosts.txt")
    assert problems == [("hosts.txt", *problem) for problem in case["problems"]]
    if "exclude" in case:
        exclude = case["exclude"]
        found = targets.exclude(exclude["text"], "exclude.txt", comma=exclude["comma"])
        assert found == [("exclude.txt", *problem) for problem in exclude.get("problems", [])]
    assert targets.preview(PREVIEWED) == [tuple(target) for target in case["targets"]]
    assert (targets.hosts, targets.probes) == (case["hosts"], case["probes"])


@pytest.mark.parametrize("text", ["70000", "22,foo"])
def test_bad_ports_of_targets(infrastructure: Any, text: str) -> None:
    for arguments in ((text,), (None, text)):
        with pytest.raises(TargetError) as caught:
            infrastructure.Targets(*arguments)
        assert caught.value.column == (1 if text == "70000" else 4)


def test_lines_count_from_the_line_given(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1")
    assert targets.add("db1\na!", "hosts.txt", 12) == [
        ("hosts.txt", 13, 2, "character '!' is not allowed in a host name")
    ]
    assert targets.add("a!", line=7)[0][:3] == ("", 7, 2)


def test_names_are_counted(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1-3")
    targets.add("db1 db1 db2/24:22 10.0.0.0/30 ::1")
    assert (targets.names, targets.hosts, targets.probes) == (3, 8, 22)
    targets.add("db3")
    assert (targets.names, targets.hosts, targets.probes) == (4, 9, 25)


def test_preview_stops_at_its_limit(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1")
    targets.add("0.0.0.0/0")
    assert len(targets.preview()) == 100
    assert targets.preview(1) == [("0.0.0.0", "1", None)]
    assert targets.preview(0) == []


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", " # after the end"])
def test_longest_line(infrastructure: Any, ending: str) -> None:
    counted = len(ending) if ending.startswith(" ") else 0
    fits = "db1" + " " * (LONGEST_LINE - 3 - counted) + ending
    targets = infrastructure.Targets("1")
    assert targets.add(fits) == []
    message = f"line is longer than {LONGEST_LINE} characters"
    assert targets.add(" " + fits + "\ndb2 a!") == [
        ("", 1, LONGEST_LINE + 1, message),
        ("", 3 if ending.endswith("\n") else 2, 6, "character '!' is not allowed in a host name"),
    ]
    assert targets.hosts == 2
    assert targets.exclude("x " * LONGEST_LINE) == [("", 1, LONGEST_LINE + 1, message)]


def test_columns_of_a_long_line_count_characters(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1")
    problems = targets.add("\u00e9" * LONGEST_LINE)
    assert [problem[2] for problem in problems] == [1]
    assert [problem[2] for problem in targets.add("\u00e9" * (LONGEST_LINE + 1))] == [65537]


def test_more_probes_than_can_be_counted(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1")
    everything = "0.0.0.0/0:0-65535"  # 2**48 probes
    assert targets.add("\n".join([everything] * (2**15 - 1))) == []
    message = "more than 9223372036854775807 probes"
    assert targets.add(f"db1 {everything} db2") == [("", 1, 5, message)]
    assert targets.probes == 2**63 - 2**48 + 2
    # Up to the very limit it fits: 2**48 - 3 more.
    networks = " ".join(f"0.0.0.0/{length}" for length in range(1, 33) if length != 31)
    assert targets.add(f"0.0.0.0/0:0-65534 {networks}") == []
    assert targets.probes == 2**63 - 1
    assert targets.add("db3") == [("", 1, 1, message)]


def test_a_network_is_not_expanded(infrastructure: Any) -> None:
    targets = infrastructure.Targets("1-65535")
    targets.add("10.0.0.0/8\n" * 100_000)
    assert targets.hosts == 100_000 * 2**24
    targets.exclude("10.0.0.0-127 10.128-255.0.1 " + "*.*.*.0-127 *.*.*.128-254 *.1-255.*.*")
    assert targets.preview(2)[1] == ("10.0.1.255", "1-65535", None)


# Text made of the grammar's own pieces reaches far deeper than text of any characters.
PIECES = st.sampled_from(
    [
        *("0", "1", "22", "80", "255", "256", "65535", "65536", "10.0.0.1", "fe80", "ffff"),
        *("-", ",", ".", ":", "::", "://", "[", "]", "/", "%", "*", "?", "<", "|", "#", "_"),
        *("open", "closed", "<5ms", "ms", "s", "T:", "U:", "ssh", "http", "db1", "example.com"),
        *("/24", "/96", "\u00fc", "\U0001f600", "\ufeff", "\r", "\n", "\n", " ", " ", "\t", "\t"),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@properties
@given(text=TEXTS)
def test_any_port_list_is_ports_or_an_error(infrastructure: Any, text: str) -> None:
    problem = None
    ports = []
    try:
        ports = infrastructure.parse_ports(text)
    except TargetError as error:
        problem = error
    assert ports == sorted(set(ports))
    assert all(0 <= port <= 65535 for port in ports)
    assert problem is None or (problem.message and 1 <= problem.column <= len(text) + 1)


@properties
@given(text=TEXTS, excluded=TEXTS, comma=st.booleans())
@example(text="9" * 5000 + "/" + "9" * 5000, excluded="1.2.3." + "9" * 5000, comma=False)
@example(text="[::" + "9" * 5000 + "]:" + "9" * 5000, excluded="::/" + "0" * 5000, comma=True)
def test_any_text_is_targets_or_problems(
    infrastructure: Any, text: str, excluded: str, comma: bool
) -> None:
    targets = infrastructure.Targets("1-3")
    problems = targets.add(text, "x", 5)
    lines = text.removeprefix("\ufeff").split("\n")
    for source, line, column, message in problems:
        assert source == "x"
        assert 1 <= column <= len(lines[line - 5]) + 1
        assert message
    assert problems == sorted(problems, key=lambda problem: problem[1:3])
    assert len(targets.preview(30)) == min(30, targets.hosts)
    assert targets.probes >= 0
    targets.exclude(excluded, "y", comma)
    assert len(targets.preview(30)) <= min(30, targets.hosts)


@properties
@given(text=TEXTS)
def test_a_text_excludes_its_own_addresses(infrastructure: Any, text: str) -> None:
    targets = infrastructure.Targets("1")
    targets.add(text)
    for host, _, _ in targets.preview(20):
        other = infrastructure.Targets("1")
        assert other.add(f"[{host}]" if ":" in host else host) == []
        assert other.exclude(host) == []
        # A name with a prefix stands for addresses, which are not known yet.
        assert other.preview(1) == [] or "/" in host


OCTET_ITEMS = st.one_of(
    st.integers(0, 255).map(str),
    st.tuples(st.integers(0, 255), st.integers(0, 3)).map(
        lambda pair: f"{pair[0]}-{min(255, sum(pair))}"
    ),
    st.integers(250, 255).map(lambda octet: f"{octet}-"),
    st.integers(0, 3).map(lambda octet: f"-{octet}"),
)
OCTET_LISTS = st.lists(OCTET_ITEMS, min_size=1, max_size=2).map(",".join)
PATTERNS = st.tuples(
    st.lists(OCTET_LISTS, min_size=4, max_size=4).map(".".join),
    st.sampled_from(["", "/32", "/31", "/30", "/28"]),
).map("".join)


@pytest.mark.skipif(shutil.which("nmap") is None, reason="nmap is not installed")
@settings(properties, max_examples=25)
@given(patterns=st.lists(PATTERNS, min_size=1, max_size=20))
@example(patterns=["10.0.0,2-3.-1/31", "10.0.5.9/23", "10.0.*.1", "10.-.0.7", "10.0.0.77/24"])
def test_patterns_as_nmap_lists_them(infrastructure: Any, patterns: list[str]) -> None:
    targets = infrastructure.Targets("1")
    assert targets.add("\n".join(patterns)) == []
    # -sL lists and -n does not resolve: nothing is sent.
    listing = subprocess.run(
        ["nmap", "-sL", "-n", "-oG", "-", "-iL", "-"],
        input="\n".join(patterns),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    listed = [line.split()[1] for line in listing.splitlines() if line.startswith("Host:")]
    assert targets.hosts == len(listed)
    assert [host for host, _, _ in targets.preview(len(listed))] == listed


_PIECES = st.sampled_from(
    [
        *[
            "10.0.0.1",
            "10.0.0,1.1-3",
            "/24",
            "/33",
            ":",
            "[",
            "]",
            "[1-99]",
            "fe80::1",
            "::1",
            "%",
            "eth0",
            ",",
            "-",
            "*",
            ".",
            "#",
        ],
        *[
            "open",
            "closed",
            "<5ms",
            "<",
            "|",
            "db1",
            "22",
            "T:",
            "U:",
            "http*",
            "nosuch",
            "99999",
            "é",
            "://",
            "_",
            "256",
            "-5",
            "5-",
            "..",
            "a-",
        ],
        *("1.2.3", "ffff:", "\n", "\r\n", "\t", "\ufeff", "\0", " ", " "),
    ]
)


@settings(max_examples=600, deadline=None)
@given(pieces=st.lists(_PIECES, max_size=14), comma=st.booleans())
def test_engines_agree_on_any_text(pieces: list[str], comma: bool) -> None:
    error = _engine.native_error()
    if error is not None:
        pytest.skip(f"the rust engine does not import: {error}")
    text = "".join(pieces)
    found = []
    for engine in ("rust", "python"):
        targets = _engine.load("infrastructure", engine).Targets("1-3")
        problems = targets.add(text, "list"), targets.exclude(text, "exclude", comma)
        found.append((problems, targets.hosts, targets.names, targets.probes))
    assert found[0] == found[1]
