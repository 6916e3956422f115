"""What the standard loggers of languages write, of programs that the tests write and run."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from log_servers import command, levels, names, native_report, needs, report

PYTHON = """
import logging, sys
logging.basicConfig(stream=sys.stderr, level=logging.DEBUG, format=sys.argv[1])
for name, level in [("a.b", 10), ("a.b", 20), ("root", 30), ("x", 40), ("x", 50)]:
    logging.getLogger(name if name != "root" else None).log(level, "it is %s of 5", level)

def inner(value):
    return {}[value]

for value in range(3):
    try:
        inner(value)
    except KeyError as error:
        try:
            raise RuntimeError("no such value: 0 errors") from error
        except RuntimeError:
            logging.getLogger("worker").exception("request %d failed", value)
raise SystemExit if len(sys.argv) > 2 else ValueError("the end")
"""
# The defaults of basicConfig, of the logging HOWTO, and one with the level first.
PYTHON_FORMATS = {
    "times": "%(asctime)s - %(name)s - %(levelname)s - %(message)s",
    "brackets": "[%(asctime)s] [%(levelname)s] %(name)s: %(message)s",
    "place": "%(asctime)s %(levelname)-8s %(name)s:%(lineno)d %(message)s",
    "plain": "%(levelname)s:%(name)s:%(message)s",
}
JAVA = """
import java.util.logging.*;
public class Main {
  static final Logger LOG = Logger.getLogger("org.example.Main");
  static void load(int id) {
    try { Integer.parseInt("x" + id); }
    catch (NumberFormatException e) { throw new IllegalStateException("no item " + id, e); }
  }
  public static void main(String[] words) {
    Logger root = Logger.getLogger("");
    root.setLevel(Level.ALL);
    for (Handler handler : root.getHandlers()) handler.setLevel(Level.ALL);
    LOG.setLevel(Level.ALL);
    for (Level level : new Level[] {Level.SEVERE, Level.WARNING, Level.INFO, Level.CONFIG,
        Level.FINE, Level.FINER, Level.FINEST}) LOG.log(level, "at " + level.intValue());
    for (int id = 0; id < 3; id++)
      try { load(id); } catch (IllegalStateException e) { LOG.log(Level.SEVERE, "item " + id, e); }
    load(9);
  }
}
"""
JAVA_LEVELS = {"error": 4, "warning": 1, "info": 1, "debug": 2, "trace": 2}
ONE_LINE = "%1$tF %1$tT.%1$tL %4$s [%3$s] %5$s%6$s%n"
GO = """
package main
import ("log"; "log/slog"; "os"; "errors"; "context")
var fault = errors.New("x y")
func level() *slog.HandlerOptions { return &slog.HandlerOptions{Level: slog.LevelDebug} }
func say(logger *slog.Logger) {
  for n, level := range []slog.Level{-4, 0, 4, 8, 12} {
    ms := 1.5 * float64(n)
    logger.Log(context.Background(), level, "it happened", "n", n, "ms", ms, "err", fault)
  }
}
func index(items []int, at int) int { return items[at] }
func main() {
  switch os.Args[1] {
  case "log":
    log.Print("plain words"); log.SetFlags(log.LstdFlags | log.Lmicroseconds | log.Lshortfile)
    log.Printf("error: %d of 3 failed", 2)
    index(nil, len(os.Args))
  case "text":
    say(slog.New(slog.NewTextHandler(os.Stderr, level())))
  case "json":
    say(slog.New(slog.NewJSONHandler(os.Stderr, level())))
  }
}
"""
NODE = """
console.log("listening on %d", 3000);
console.error(new TypeError("handled 1"));
console.warn("deprecated: use other()");
function load(id) { throw new RangeError("no item " + id); }
load(7);
"""


def output(folder: Path, *words: str | Path) -> Path:
    """A file with what a program wrote to standard error; it may fail."""
    path = folder / "program.log"
    with path.open("wb") as log:
        subprocess.run(
            command(*words),
            stdout=log,
            stderr=log,
            cwd=folder,
            env=os.environ | {"TZ": "UTC", "LC_ALL": "C", "NO_COLOR": "1"},
            timeout=100,
        )
    return path


def check_times(found: dict[str, Any]) -> None:
    """The first and last time are of this test."""
    for time in (found["first"], found["last"]):
        assert abs(datetime.now(UTC) - datetime.fromisoformat(time)) < timedelta(minutes=5)


def exceptions(found: dict[str, Any]) -> dict[str, int]:
    return names(found["exceptions"])


@pytest.mark.parametrize("name", PYTHON_FORMATS)
def test_python_logging(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PYTHON)
    words = (sys.executable, "main.py", PYTHON_FORMATS[name], "quiet")
    found = report(output(tmp_path, *words))
    assert found["total"] == 8
    assert levels(found) == {"debug": 1, "info": 1, "warning": 1, "error": 4, "critical": 1}
    assert found["messages"][0]["count"] == 3
    if name != "plain":
        check_times(found)
        assert found["times"]["missing"] == 0
    # The last of a chain is what ended it.
    assert exceptions(found) == {"RuntimeError": 3}


@pytest.mark.parametrize("name", PYTHON_FORMATS)
def test_python_loggers_are_sources(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PYTHON)
    words = (sys.executable, "main.py", PYTHON_FORMATS[name], "quiet")
    found = report(output(tmp_path, *words))
    assert sorted(names(found["sources"]).values()) == [1, 2, 2, 3]
    assert "request <*> failed" in {row["template"] for row in found["messages"]}


def test_python_that_ends_with_an_exception(tmp_path: Path) -> None:
    """The last trace has no event of its own: that before is one with a trace."""
    (tmp_path / "main.py").write_text(PYTHON)
    found = report(output(tmp_path, sys.executable, "main.py", PYTHON_FORMATS["times"]))
    assert exceptions(found) == {"RuntimeError": 3, "ValueError": 1}


def test_python_that_logs_nothing(tmp_path: Path) -> None:
    """All there is on standard error is the trace."""
    (tmp_path / "main.py").write_text("def f():\n    raise ValueError('the end')\nf()\n")
    found = report(output(tmp_path, sys.executable, "main.py"))
    assert (found["total"], found["errors"]) == (1, 1)
    assert exceptions(found) == {"ValueError": 1}


@needs("java")
def test_java_util_logging(tmp_path: Path) -> None:
    """Its default is two lines an event: time, class and method, then level and message."""
    (tmp_path / "Main.java").write_text(JAVA)
    found = native_report(output(tmp_path, "java", "-Xshare:auto", "Main.java"))
    assert found["total"] == 10
    assert levels(found) == JAVA_LEVELS
    check_times(found)


@needs("java")
def test_java_util_logging_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "Main.java").write_text(JAVA)
    option = f"-Djava.util.logging.SimpleFormatter.format={ONE_LINE}"
    found = report(output(tmp_path, "java", option, "Main.java"))
    check_times(found)
    assert names(found["sources"]) == {"org.example.Main": 10}
    assert levels(found) == JAVA_LEVELS
    # The cause is the root. Three were logged; that which ended the program has no event of its
    # own, and is another trace of the last.
    counts = [(row["name"], row["count"]) for row in found["exceptions"]]
    name = "java.lang.NumberFormatException"
    assert counts == [(name, 3), (name, 1)]


@pytest.fixture(scope="module")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    (folder / "main.go").write_text(GO)
    path = folder / "main"
    done = subprocess.run(
        command("go", "build", "-o", path, "main.go"),
        cwd=folder,
        env=os.environ | {"GOFLAGS": "-mod=mod", "GO111MODULE": "off"},
        capture_output=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return path


@needs("go")
@pytest.mark.parametrize(("name", "form"), [("text", "logfmt"), ("json", "json")])
def test_go_slog(go_program: Path, name: str, form: str, tmp_path: Path) -> None:
    found = report(output(tmp_path, go_program, name))
    assert found["formats"] == {form: 5}
    assert found["fields"]["ms"]["sum"] == 15.0
    assert found["fields"]["n"]["max"] == 4.0
    assert {row["template"] for row in found["messages"]} == {"it happened"}
    check_times(found)


@needs("go")
@pytest.mark.parametrize("name", ["text", "json"])
def test_go_slog_levels(go_program: Path, name: str, tmp_path: Path) -> None:
    """``ERROR+4`` is an error and more: slog writes levels between its own so."""
    found = report(output(tmp_path, go_program, name))
    assert levels(found) == {"debug": 1, "info": 1, "warning": 1, "error": 2}


@needs("go")
def test_go_log(go_program: Path, tmp_path: Path) -> None:
    """``2026/11/20 10:00:00.123456 main.go:16: error: ...``, then a panic."""
    found = report(output(tmp_path, go_program, "log"))
    check_times(found)
    assert exceptions(found) == {"panic": 1}
    assert levels(found)["error"] >= 1


@needs("node")
def test_node(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text(NODE)
    found = report(output(tmp_path, "node", "main.js"))
    assert exceptions(found) == {"TypeError": 1, "RangeError": 1}


@needs("node")
def test_node_exceptions_are_errors(tmp_path: Path) -> None:
    """docs/logs.md: a stack trace that opens an event is an error."""
    (tmp_path / "main.js").write_text(NODE)
    found = report(output(tmp_path, "node", "main.js"))
    assert found["errors"] == 2
    assert any("no item 7" in row["example"] for row in found["problems"])
