"""Both engines on the same logs: their reports are equal, and the differences have names."""

from __future__ import annotations

import bz2
import gzip
import importlib
import json
import lzma
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from log_lines import REQUESTS, ROWS

from code_ops import _engine, _fallback
from code_ops.errors import EngineError
from code_ops.logs import LogAnalyzer, LogSummary

LOGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "loghub-2k"
NAMES = ["Apache", "HDFS", "Hadoop", "Mac", "OpenSSH", "Spark", "Thunderbird", "Zookeeper"]

pytestmark = pytest.mark.skipif(
    _engine.native_error() is not None, reason="the rust engine does not import"
)


def reports(content: bytes | Path) -> list[dict[str, Any]]:
    """The report of each engine."""
    return [LogAnalyzer(engine=name).analyze_logs(content) for name in ("rust", "python")]


def check_equal(content: bytes | Path) -> None:
    native, fallback = reports(content)
    assert native == fallback
    # Also the order of keys, and whole numbers apart from floats.
    assert json.dumps(native) == json.dumps(fallback)


@pytest.mark.skipif(not LOGS.is_dir(), reason="no logs beside the repository")
@pytest.mark.parametrize("name", NAMES)
def test_real_logs(name: str) -> None:
    path = LOGS / name / f"{name}_2k.log"
    check_equal(path)
    check_equal(path.read_bytes())


_ACCESS = b'10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 503 12 "-" "curl/8"'
_HAPROXY = b"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 "
# Lines with more behind or around them: both engines read that as well.
WIDER = [
    _ACCESS + b" 83 0.003 [default-http-svc-80] [] 172.17.0.5:80 613 0.004 200 2c1a2d6a4e0b8d0f",
    _ACCESS + b' rt=0.120 uct="0.001" uht="-" urt="0.119, 0.2" x="a b" y=1e3',
    _ACCESS + b' "203.0.113.7, 10.0.0.2" 0.120 0.119 0.118 12 "-" "a=1.5"',
    _ACCESS + b' 42 "web@docker" "http://172.18.0.3:80" 17ms',
    b"<190>Nov 20 10:00:00 web1 nginx: " + _ACCESS + b" 0.120",
    b"2016-10-06T00:17:09.669794202Z stdout F " + _ACCESS,
    b"Feb  6 12:14:14 localhost haproxy[14389]: " + _HAPROXY + b"10/0/30/-1/+109 200 2750 - - ---- "
    b'1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"',
    b"Feb  6 12:14:14 localhost haproxy[14389]: " + _HAPROXY + b"0/0/5007 212 -- 0/0/0/0/3 0/0",
    b"[2026-11-20 10:00:00,123: ERROR/ForkPoolWorker-1] Task x raised unexpected: ValueError()",
    b"2026-11-20T10:00:00.1234567Z ##[error]Process completed with exit code 1.",
    b"::warning file=app.js,line=1::Missing semicolon",
    b"Nov 20 10:00:00 db postgres[123]: [3-1] 2026-11-20 10:00:00 UTC [123] ERROR:  it failed",
    b"2026-11-20 10:00:00 0 [Note] InnoDB: Using transactional memory",
    b"2016-10-06T00:17:09.669794202Z stdout P it failed",
    b"10:00:00.123 [error] Task #PID<0.1.0> terminating",
    b"2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi [req-38101a0b - -] GET: 200",
    b"2026-11-20 10:00:00|worker|3000|job done",
    b'{"time_iso8601":"2026-11-20T10:00:00+01:00","requestURI":"/a","eventSource":"s3"}',
]

LINES = [row.line.encode() for row in ROWS] + [row[0].encode() for row in REQUESTS] + WIDER
PLAIN = [
    *(b"", b"   ", b"\t", b"}", b"  at x(y.py:3)", b"Caused by: x", b"... 3 more", b"panic: x 1"),
    *(b"plain words", b"ERROR: it failed", b"[warn] x", b"INFO:root:x", b"Error in thread", b"\0"),
    *(b"Traceback (most recent call last):", b"goroutine 1 [running]:", b"\xff\xfe", b"a, b; c=d"),
]


@pytest.mark.parametrize("line", LINES)
def test_lines_of_each_format(line: bytes) -> None:
    check_equal(line)
    check_equal(b"\r\n".join([line] * 3))
    check_equal(b"\n".join([line, *PLAIN, line]))


STRUCTURED = [
    b'{"remote_addr":"10.0.0.1","request":"GET /a HTTP/1.1","status":502,"user_agent":"cu\\"rl"}',
    b'{"remote_addr":"::1","request_method":"POST","request_uri":"/b/17","status":"404","bytes":"0"}',
    b'{"method":"GET","path":"/c","status":200,"msg":"done"}',
    b'{"request":"\\u0016\\u0003","status":400,"bytes":-1}',
    b'{"request":"PUT /z HTTP/2","uri":"/other","status":500,"logger":"a\\nb"}',
    b'{"request":{"method":"GET","uri":"/caddy","remote_ip":"::1"},"status":200,"size":5}',
    b'{"level":"info","status":200,"path":3}',
    b'{"level":"info","status":99,"path":"/"}',
    b'{"a":{"b":{"level":"warn","n":1}},"log":{"level":"ERROR","logger":"x"},"c":[{"n":2}]}',
    b'{"level":"D2","msg":"\\ud83d\\ude00 \\u00e9 \\ud800 \\q\\/\\"","n":-0.5e3,"k\\"":1}',
    b'{"severityNumber":17,"body":"x","n":123456789012345678,"m":1e-9,"o":0.1}',
    b'{ "level_value" : 30000 , "message" : "x" , "e" : {} , "f" : [ ] , "g" : { } }',
    b'{"levelno":40,"message":null,"msg":true,"name":7,"time":"10/Oct/2000:13:55:36 -0700"}',
    b'{"level":30,"msg":"x","n":1.7e308,"m":5e-324,"o":-1e18,"p":-0}',
    b'{"level":"ERROR+4","msg":"x"} ',
    b'{"level":30,"msg":"x","n":1.}',
    b'{"level":30,"msg":"x","n":01}',
    b'{"level":30,"msg":"x",}',
    b'{"level":30,"msg":"x"}}',
    b'{"level":30,"msg":"x" "n":1}',
    b'{"level":30,"msg":"x\\"}',
    b"{}",
    b"{" * 30 + b"}" * 30,
    b'{"a":' * 20 + b"1" + b"}" * 20,
]


@pytest.mark.parametrize("line", STRUCTURED)
def test_structured_lines(line: bytes) -> None:
    check_equal(line)
    check_equal(b"\n".join([line, LINES[-1], *STRUCTURED]))


TIMES = [
    *(b"1990-12-31T23:59:60Z", b"2026-11-20 10:00:00,123", b"2026/11/20 10:00:00.123456789"),
    *(b"2005-06-03-15.42.50.363779", b"2026-11-20", b"20261120T100000Z", b"99/06/09 20:10:40"),
    *(b"20171223-22:15:29:606", b"081109 203615", b"Oct 11 22:14:15", b"Nov 09 2024 12:01:01"),
    *(b"nov  9 12:01:01.5", b"Fri Nov 20 10:00:00 CET 2026", b"20 Nov 2026 10:00:00 EST"),
    *(b"Fri, 21 Nov 1997 09:55:06 -0600", b"1/2/2026 9:05:06 AM", b"11/20/2026, 12:00:00.5 pm"),
    *(b"10.30 16:49:06", b"1120 10:00:00.123456", b"1131566461.25", b"1131566461123456789"),
    *(b"0000-02-29 10:00:00", b"9999-12-31 23:59:59", b"2026-11-20 10:00:00 +0100"),
    *(b"2026-02-29 10:00:00", b"2026-11-20T24:00:00Z", b"Nov 31 10:00:00", b"20/11/2026 10:00:00"),
]


@pytest.mark.parametrize("time", TIMES)
def test_times(time: bytes) -> None:
    for line in (b"%b", b"%b INFO [a] x", b"[%b] x 1", b"a WARN (%b): x", b"ERROR|%b|a.b: x"):
        check_equal(line % time)


CHAIN = (
    b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nKeyError: 0\n\n'
    b"The above exception was the direct cause of the following exception:\n\n"
    b'Traceback (most recent call last):\n  File "a.py", line 2, in f\nRuntimeError: no\n'
)
CRASH = b'Traceback (most recent call last):\n  File "b.py", line 3, in <module>\nValueError: end\n'

# What one engine once read in another way.
ODD = [
    b"2250-01-01 00:00:00 x\n1700-01-01 00:00:00 x\n",
    b'{"level":40,"version":"1.2.3","msg":"x"}',
    b'{"levelno":30,"level":30,"msg":"x"}',
    b'Nov 20 10:00:00 h app[1]: {"a":1,"b":x}\nNov 20 10:00:00 h app[1]: a=1 b=2 hello',
    b"Dec 31 23:59:59 h a: x\nFeb  2 00:00:00 h a: x\n",
    b"".join(b"%s 20 10:00:00 h a: x\n" % month * 4 for month in (b"Jul", b"Dec", b"Jan")),
    b"03-17 16:13:38.811  1 2 D a: x\n08 items\n12 things\n03-17 16:13:39.811  1 2 D a: y\n",
    b"Nov  9 12:01:01 h a: x\nNov  9 12:01:01 2024 h a: y\n",
    b"E1120 10:00:00.123456    1 a.go:1] x\nE1120 10:00:00    1 a.go:1] x\n",
    b"2026-11-20 10:00:00 INFO [  main] it works here",
    b"20171224-0:7:20:4|s1|x",
    b'{"log":"E1120 10:00:00.5    1 a.go:1] x\\n","stream":"stderr","time":"2026-11-20T10:00:00Z"}',
    b'Nov 20 10:00:00 h app[1]: {"level":"error","logger":"a\\tb"}',
    b'{"level":"error","msg":"\\u+1f4"}',
    b"\x1b[2m2026-11-20T10:00:00Z\x1b[0m \x1b[31mERROR\x1b[0m a: x\n\x1b[1m  at b\x1b[m\n\x1b\n",
    b"\x1b]8;;http://x\x1b\\Nov 30 10:00:00\x1b[K h a: x\x1b[\nJan  1 10:00:00 h \x1bMa: x\x1b]",
    (
        b'2026-11-20T10:00:00Z stdout P {"level":"error",\n2026-11-20T10:00:01Z stderr F other\n'
        b'2026-11-20T10:00:02Z stdout P "msg":\r\nx\n2026-11-20T10:00:03Z stdout F "it failed"}\n'
        b"2026-11-20T10:00:04Z stderr P a \n\n2026-11-20T10:00:04Z stderr P b"
    ),
    # Traces of Python among plain lines: of an event, chained, alone, twice.
    b"ERROR:a:x\n" + CHAIN + CRASH + CRASH,
    b"started\n" + CRASH + b"ValueError: c\nINFO:a:x\n" + CHAIN,
    CHAIN.replace(b"\n", b"\r\n") + b"Done: x\n",
    b"2026-11-20 10:00:00 INFO a: x\n"
    + CHAIN
    + CRASH
    + b"java.io.IOError: d\n\tat e.F(G.java:1)\n",
    # Exceptions that open events, and indented traces.
    b"TypeError: x\n    at f (a.js:1:2)\nTypeError: y\nz\nRangeError: x\n  at\n",
    b"Nov 20 10:00:00 h a[1]: x\n" + CHAIN.replace(b"\n", b"\n        ") + b"\n",
    b'Nov 20 10:00:00 h a[1]: Traceback (most recent call last):\n   File "a", line 1\n BError\n',
    # Traces and bytes in messages of JSON.
    b'{"msg":"x\\nTraceback (most recent call last):\\n  File \\"a\\", line 1\\nAb: c"}\n  at x\n',
    b'{"PRIORITY":"3","MESSAGE":[98,121,255, 007 ,10]}\n{"MESSAGE":[1,256]}\n{"MESSAGE":[1,-2]}\n',
    b'{"log":[120],"stream":"stdout","time":"2026-11-20T10:00:00Z"}\n{"msg":"x","n":[1,2]}\n',
    # Names before messages, where few and where most lines have one.
    b"2026-11-20 10:00:00 INFO a: x\n" * 3 + b"2026-11-20 10:00:00 INFO it works\n" * 2,
    b"2026-11-20 10:00:00 INFO OS: x\n" + b"2026-11-20 10:00:00 INFO it works\n" * 2,
    b"2026-11-20 10:00:00 INFO a.b.c.D - x\n" + b"2026-11-20 10:00:00 INFO it works\n" * 2,
    b"2026/11/20 10:00:00 main.go:16: error: x\n" + b"2026/11/20 10:00:00 plain words\n" * 2,
    b"2026-11-20 10:00:00,1 - WARN  [/10.0.0.1:3888:a.B$C@493] - Notification: x 1\n",
    b"2026-11-20 10:00:00 UTC [7] LOG:  duration: 0.1 ms\n2026-11-20 10:00:00 UTC [8] a@b LOG:  x\n"
    * 2,
    b"[Fri Nov 20 10:00:00 2026] [authz_core:error] [pid 1:tid 2] [client 1.2.3.4:5] AH01630: x\n",
    b"Nov 20 10:00:00 h sandboxd[129] ([10018]): x\nNov 20 10:00:00 h [a]: x\n",
    b"Nov 20 10:00:00 ERROR db: x\nNov 20 10:00:00 h ERROR it failed: x\n",
    b"time=2026-11-20T10:00:00Z level=ERROR+4 msg=x\n",
    b"Nov 21, 2026 11:37:17 AM x\nNov 1, 2026, 1:37:17\xe2\x80\xafPM x\nNov  1, 2026 21:37:17.5 PM",
    b"2026-11-20 10:00:00 x deadbeef feedface: (abcdefab) abcdefabc- DEADBEEFx",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: bytes) -> None:
    check_equal(text)


EVENT = b"2026-11-20T10:00:00Z ERROR [a] it failed: java.io.IOException\n"
TRACES = {
    "java.net.ConnectException": b"java.lang.RuntimeException: x\n\tat a.B.c(B.java:214)\n"
    b"Caused by: java.net.ConnectException: refused\n\tat d.E.f(E.java:0x7f)\n\t... 12 more\n",
    "java.io.IOException": b"\tat a.B.c(B.java:214)\n",
    "TimeoutError": b'Traceback (most recent call last):\n  File "a.py", line 2, in f\n    g()\n'
    b"TimeoutError: x\n",
    "panic": b"panic: x\n\ngoroutine 1 [running]:\nmain.f(0xc00)\n\t/srv/main.go:12 +0x1d\n",
}


@pytest.mark.parametrize("name", TRACES)
def test_traces(name: str) -> None:
    text = EVENT + TRACES[name] + EVENT + TRACES[name]
    check_equal(text)
    found = LogAnalyzer().analyze_logs(text)["exceptions"]
    assert [(row["name"], row["count"]) for row in found] == [(name, 2)]


def test_a_trace_in_a_field() -> None:
    line = b'{"level":"error","msg":"x","stack_trace":"a.BError: y\\n\\tat a.B.c(B.java:1)\\n"}\n'
    check_equal(line * 2)
    assert LogAnalyzer().analyze_logs(line)["exceptions"][0]["name"] == "a.BError"


def test_parts_of_messages() -> None:
    """Docker cuts messages of more than 16 KiB."""
    line = b'{"log":"%s","stream":"%s","time":"2026-11-20T10:00:00.5Z"}\n'
    start = b'{\\"level\\":\\"error\\",\\"a\\":\\"' + b"x" * (16 << 10)
    text = line % (start, b"stdout") + line % (b"other\\n", b"stderr")
    text += line % (b'y\\",\\"msg\\":\\"it failed\\"}\\n', b"stdout") + line % (b"z\\n", b"stdout")
    check_equal(text)
    report = LogAnalyzer().analyze_logs(text)
    assert (report["total"], report["problems"][0]["example"]) == (3, "it failed")


def test_parts_merge_to_the_same() -> None:
    merged = []
    for name in ("rust", "python"):
        analyzer = LogAnalyzer(engine=name)
        whole = analyzer.summarize("")
        for line in [*LINES, *STRUCTURED]:
            whole.merge(analyzer.summarize(line))
        merged.append(json.dumps(whole.report()))
    assert merged[0] == merged[1]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.integers(0, 4),
        st.sampled_from(
            [b"", b"", *(bytes([byte]) for byte in b'0179 ]{}"\\.,-=|/TZaEm[\x1b\xff')]
        ),
    ),
    max_size=3,
)


def changed(line: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The line with some bytes at some places replaced."""
    for at, length, new in changes:
        at %= len(line) + 1
        line = line[:at] + new + line[at + length :]
    return line


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Changed lines of one format between plain and blank ones."""
    line = draw(st.sampled_from(LINES))
    lines = st.builds(changed, st.just(line), CHANGES) | st.just(line) | st.sampled_from(PLAIN)
    return b"\n".join(draw(st.lists(lines, min_size=1, max_size=8)))


@given(texts())
@settings(max_examples=400, deadline=None)
@example(b"INFO a x\n2026-11-20 10:00:00 x")
@example(b"\n\n" + LINES[0] + b"\n" + LINES[-1])
def test_the_engines_agree(text: bytes) -> None:
    check_equal(text)


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
@example(b"PK\x03\x04")
def test_the_engines_agree_on_any_bytes(data: bytes) -> None:
    try:
        LogAnalyzer(engine="rust").analyze_logs(data)
    except OSError as error:
        # What begins as an archive does, and is none.
        with pytest.raises(OSError, match=re.escape(str(error))):
            LogAnalyzer(engine="python").analyze_logs(data)
        return
    check_equal(data)


def test_the_fallback_stays_exact() -> None:
    """Past 20,000 different keys the native engine goes over to estimates."""
    text = "".join(f"2026-11-20 INFO [s{line}] m{'x' * (line % 3)}\n" for line in range(20_001))
    native, fallback = reports(text.encode())
    assert (native["is_exact"], fallback["is_exact"]) == (False, True)
    assert fallback["sources_distinct"] == 20_001
    assert native["sources_distinct"] == pytest.approx(20_001, rel=0.1)
    assert native["messages"] == fallback["messages"]


def test_words_are_counted_natively_only() -> None:
    assert LogAnalyzer(engine="rust").count_words("a b a", ["a"]) == [2]
    with pytest.raises(EngineError, match="counting words needs the rust engine"):
        LogAnalyzer(engine="python").count_words("a b a", ["a"])


def _noisy(lines: int) -> bytes:
    """Lines that do not compress too well."""
    chance = random.Random(7)
    level = ("INFO", "WARN", "ERROR")
    return b"".join(
        b"2026-11-20T10:00:%02dZ %s [a] x %032x\n"
        % (line % 60, level[line % 3].encode(), chance.getrandbits(128))
        for line in range(lines)
    )


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    text = _noisy(30_000)
    plain = LogAnalyzer().analyze_logs(text)
    packed = pack(text[: len(text) // 2]) + pack(text[len(text) // 2 :])
    path = tmp_path / "a.log"
    path.write_bytes(packed)
    for content in (packed, path):
        check_equal(content)
        assert LogAnalyzer().analyze_logs(content) == plain
    for engine in ("rust", "python"):
        cut = LogAnalyzer(engine=engine).summarize(packed[: len(packed) - 9])
        assert (cut.problem or "").startswith("damaged ")
        assert cut.report()["total"] >= 14_000
        with pytest.raises(OSError, match="damaged "):
            LogAnalyzer(engine=engine).summarize(packed[:20])


def test_summaries_as_bytes_are_native_only() -> None:
    summary = LogAnalyzer(engine="rust").summarize(b"ERROR: x\n")
    data = summary.to_bytes()
    again = LogSummary.from_bytes(data)
    assert again.report() == summary.report()
    again.merge(summary)
    assert again.report()["errors"] == 2
    for wrong in (b"", b"x" * 99, data[:-1], data + b"\0"):
        with pytest.raises(ValueError, match="summary of logs"):
            LogSummary.from_bytes(wrong)
    with pytest.raises(EngineError, match="summaries as bytes need the rust engine"):
        LogAnalyzer(engine="python").summarize(b"").to_bytes()


def test_zstd_is_native_only() -> None:
    with pytest.raises(EngineError, match="zstd needs the rust engine"):
        LogAnalyzer(engine="python").summarize(b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00")


def test_no_possessive_groups() -> None:
    """``re.match("(?:(?!b)a)?+b", "b")`` is None in Python 3.11.0 to 3.11.4; atomic groups work."""
    names = [path.stem for path in Path(_fallback.__path__[0]).glob("logs*.py")]
    modules = [importlib.import_module(f"code_ops._fallback.{name}") for name in names]
    found = [part for module in modules for value in vars(module).values() for part in flat(value)]
    patterns = [part.pattern for part in found if isinstance(part, re.Pattern)]
    patterns = [part.encode() if isinstance(part, str) else part for part in patterns]
    assert len(patterns) > 40
    possessive = re.compile(rb"(?<!\\)\)(?:[?*+]|\{[0-9,]*\})\+")
    assert [pattern for pattern in patterns if possessive.search(pattern)] == []


def flat(value: object) -> Iterator[object]:
    """A value, or those in it."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for part in value:
            yield from flat(part)
    else:
        yield value
