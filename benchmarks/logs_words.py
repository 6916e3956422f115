"""The case that began it: how often two words stand in a text. Prints the best of five in ms.

`python benchmarks/logs_words.py FILE`: `re.findall` twice, `count_words`, `analyze_logs`.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = ("ERROR", "WARN")
_RUNS = 5


def _best(work: Callable[[], Any]) -> tuple[float, Any]:
    taken, answer = [], None
    for _ in range(_RUNS):
        start = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1e3, answer


def main(path: str) -> dict[str, Any]:
    """Milliseconds and answers of each."""
    from code_ops.logs import LogAnalyzer

    text = Path(path).read_text(encoding="utf-8")
    analyzer = LogAnalyzer(engine="rust")
    plain, counts = _best(lambda: [len(re.findall(word, text)) for word in WORDS])
    counted, ours = _best(lambda: analyzer.count_words(text, WORDS))
    analyzed, report = _best(lambda: analyzer.analyze_logs(text))
    return {
        "findall_ms": plain,
        "count_words_ms": counted,
        "analyze_logs_ms": analyzed,
        "agree": counts == ours == [report["errors"], report["warnings"]],
    }


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
