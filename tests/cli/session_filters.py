"""What differs from run to run in a session, and what stands for it."""

from __future__ import annotations

import re
from pathlib import Path

from code_ops import __version__

_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_FILTERS = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", "{time}"),
    (rf"{_DAY} \w{{3}} [ \d]\d \d\d:\d\d:\d\d \d{{4}}", "{time}"),
    (rf"(?<![\d.]){re.escape(__version__)}(?![\d.])", "{version}"),
    (r'"(rtt_ms|dns_ms|seconds)":( ?)\d+\.\d+', r'"\1":\2{n}'),
    # The attributes of XML.
    (r'\b((?:start|end)?time|start|elapsed|srtt|rttvar|to)="[\d.]+"', r'\1="{n}"'),
    # A row of CSV.
    (r",\d+\.\d+,(\d+,(?:\d+\.\d+)?,,\{time\})", r",{n},\1"),
    (r"(?<=,\d,)\d+\.\d+(?=,,\{time\})", "{n}"),
    (r"\b(in|after) \d+\.\d+ s(econds)?\b", r"\1 {n} s\2"),
    (r"\b[\d,]+ probes/s", "{n} probes/s"),
    # The table, whose columns are as wide as their widest value.
    (r" +(LATENCY)\b", r"  \1"),
    (r" {2,}\d+\.\d\d m?s(?=  |$)", "  {n} ms"),
    (r" {2,}-(?=  |$)", "  -"),
    (r"\b\d+\.\d\d ms\b", "{n} ms"),
    (r'("engine":|name="engine" value=)"(?:rust|python)"', r'\1"{engine}"'),
    # New hashes: their salts are random.
    (r"(\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$)[\w+/]{22}\$[\w+/]{43}(?![\w+/])", r"\1{salt}${tag}"),
    # What colours a terminal, so that it can be seen.
    ("\x1b", "\N{SYMBOL FOR ESCAPE}"),
)


def blanked(text: str, folder: Path, own: list[str]) -> str:
    """The text with what differs from run to run hidden.

    ``own`` are a session's patterns, each with one group for what to hide.
    """
    text = text.replace(str(folder), "{tmp}")
    for pattern, shown in _FILTERS:
        text = re.sub(pattern, shown, text, flags=re.MULTILINE)
    for pattern in own:
        text = re.sub(pattern, _without_group, text, flags=re.MULTILINE)
    return text


def _without_group(match: re.Match[str]) -> str:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + "{...}" + match[0][end:]
