"""Documents of logs for the tests of their forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from code_ops import log_reports
from code_ops.logs import LogAnalyzer

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
LOGS = ROOT.parent / "shared" / "data" / "loghub-2k"
NAMES = ["Apache", "HDFS", "Hadoop", "Mac", "OpenSSH", "Spark", "Thunderbird", "Zookeeper"]

HOSTILE = [
    "</script><script>document.title='out'</script>",
    '"><img src=x onerror="document.title=\'out\'">',
    "' onmouseover='x' </td></tr></table></style></title><h1>out",
    "<!-- --> <![CDATA[ ]]> &lt; &amp;#60; &#x3c;",
    "\x1b[31mred\x1b[0m \x00 \x07 \x7f \x85 \u2028 \u202e",
    "\ud800 \udfff \ufffe",
    "a | b \\| c \\\\| d `e` ``f`` | ",
    "`",
    "` ` `",
    "\\",
    "**a** _b_ [c](http://d) ![e](f) ~~g~~ @h #1 :i: http://j www.k.l",
    "one\r\n\r\n# two\n- three\n| four |",
    "=1+1",
    "@SUM(1)",
    "\t=1",
]

TRACE = (
    'Traceback (most recent call last):\n  File "/a.py", line 3, in f\n    g()\n'
    '  File "/b.py", line 9, in g\n    raise ValueError("x")\nValueError: x'
)


def json_lines(count: int = 400) -> str:
    """A log with numbers, stack traces, a burst and a gap."""
    lines = []
    second = 0
    for index in range(count):
        second += 0 if 100 <= index < 150 else 1
        second += 900 if index == 300 else 0
        level = "error" if index % 10 == 0 else "warn" if index % 10 == 1 else "info"
        event: dict[str, Any] = {
            "time": f"2026-11-20T10:{second // 60:02}:{second % 60:02}Z",
            "level": level,
            "logger": f"part{index % 3}",
            "msg": f"request {index} served",
            "duration_ms": index + 0.5,
        }
        if level == "error":
            event["stack"] = TRACE
        lines.append(json.dumps(event))
    return "\n".join(lines) + "\n"


def document(content: Any, **more: Any) -> dict[str, Any]:
    """The document of a log."""
    return log_reports.document(LogAnalyzer().analyze_logs(content), **more)


def with_text(text: str) -> dict[str, Any]:
    """A document with a text from outside wherever there can be one."""
    made = document((EXAMPLES / "app.log").read_text() + (EXAMPLES / "access.log").read_text())
    for key in ("messages", "problems"):
        made[key] = [row | {"template": text, "example": f"{text}x"} for row in made[key]]
    for row in made["exceptions"]:
        row |= {"name": text, "frames": [text, text], "example": text}
    for row in made["sources"]:
        row["name"] = text
    for key in ("methods", "paths", "clients", "agents"):
        made["http"][key] = [row | {"name": text} for row in made["http"][key]]
    numbers = made["http"]["bytes"]
    made["fields"] = {text: numbers}
    made["unparsed_lines"], made["unparsed_examples"] = 1, [text]
    file = {"name": text, "error": text}
    conditions = [{"condition": text, "value": None, "is_met": False}]
    return made | {"files": [file, file | {"error": None}], "conditions": conditions}
