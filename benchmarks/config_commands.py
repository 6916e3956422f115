"""The rows of the commands on files: whole processes, beside yq, yamllint and check-jsonschema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks import contest, corpus, machine, report
from benchmarks.config_load import digest

# Of a path that is near the end of its text.
PATH = "hosts.{host}.weight"
SLOW_RUNS = 1
SCHEMA = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "apps/v1"},
        "kind": {"enum": ["Deployment"]},
        "metadata": {
            "type": "object",
            "properties": {"name": {"type": "string", "pattern": "^[a-z0-9-]+$"}},
        },
        "spec": {
            "type": "object",
            "properties": {"replicas": {"type": "integer", "minimum": 0, "maximum": 1000}},
        },
    },
}


def rows(context: machine.Context) -> list[report.Row]:
    """Every row."""
    folder = context.workspace / "commands"
    folder.mkdir()
    many, one = _manifests(folder)
    small = folder / "small.yaml"
    # Whole documents, a megabyte of them.
    small.write_text("".join(_first(corpus.deployments(), 1_000_000)), encoding="utf-8")
    empty = folder / "empty.yaml"
    empty.write_text("{}\n", encoding="utf-8")
    return [
        _speed(context, "check", f"config check {many}", many, one),
        _speed(context, "lint", f"config lint --config-data relaxed -q {many}", many, one),
        _one_file(context, "check", f"config check {one}", one),
        _one_file(context, "lint", f"config lint --config-data relaxed -q {one}", one),
        _small_lint(context, small, empty),
        _schema(context, folder, small),
        _get(context, folder),
        _convert(context, folder),
    ]


def _first(parts: Iterable[str], size: int) -> list[str]:
    found: list[str] = []
    length = 0
    for part in parts:
        if length >= size:
            break
        found.append(part)
        length += len(part)
    return found


def _manifests(folder: Path) -> tuple[Path, Path]:
    """A folder of 1,000 files with 100 MB of deployments in all, and one file of the same."""
    documents = list(corpus.deployments(85_000))
    many, one = folder / "manifests", folder / "all.yaml"
    many.mkdir()
    for number in range(1_000):
        text = "".join(documents[number * 85 : (number + 1) * 85])
        (many / f"{number:04}.yaml").write_text(text, encoding="utf-8")
    one.write_text("".join(documents), encoding="utf-8")
    return many, one


def _shown(entrant: contest.Entrant, *folders: Path) -> contest.Entrant:
    shown = entrant.shown
    for folder in folders:
        shown = shown.replace(f"{folder}/", "").replace(str(folder), folder.name)
    return replace(entrant, shown=shown)


def _ours(context: machine.Context, name: str, arguments: str) -> contest.Entrant:
    entrant = contest.ours(name, "code-ops", context.code_ops, arguments, context.repeat)
    return _shown(entrant, context.workspace / "commands")


def _rival(
    context: machine.Context, name: str, tool: str, command: str, runs: int
) -> contest.Entrant:
    return _shown(contest.rival(name, tool, command, runs), context.workspace / "commands")


def _held(
    context: machine.Context,
    title: str,
    entrants: list[contest.Entrant],
    answers: Callable[[str], str],
) -> tuple[dict[str, report.Measurement], dict[str, str]]:
    """Measurements and what each said, by name."""
    outcomes = contest.hold([], context.workspace / title.replace(" ", "-"), entrants)
    said = {
        name: answers(outcome.outputs[0]) if outcome.outputs else ""
        for name, outcome in outcomes.items()
    }
    return {name: contest.measurement(each, said[name]) for name, each in outcomes.items()}, said


def _warnings(text: str) -> str:
    return f"{text.count('warning'):,} warnings"


def _values(text: str) -> str:
    # yq writes 0.0 as 0, which is the same number.
    return f"values {digest(json.loads(text, parse_int=float))}"


def _nothing(_: str) -> str:
    return "no problems"


def _speed(
    context: machine.Context, name: str, arguments: str, many: Path, one: Path
) -> report.Row:
    """100 MB in many files, on all cores."""
    size = one.stat().st_size / 1e6
    measured, _ = _held(context, f"{name} many", [_ours(context, name, arguments)], _nothing)
    ours = measured[name]
    slowest = max(ours.seconds, default=None)
    goal = report.limit_goal(
        f"seconds for 200 MB/s, {size / 200 * 1e3:.0f} ms, the slowest run too",
        ours,
        slowest and slowest * 1e3,
        size / 200 * 1e3,
        "ms",
    )
    count = len(list(many.iterdir()))
    return report.Row(f"config {name}: {size:.0f} MB in {count:,} files", [ours], [goal], [])


def _one_file(context: machine.Context, name: str, arguments: str, one: Path) -> report.Row:
    """The same in one file, which is read on one core."""
    size = one.stat().st_size / 1e6
    measured, _ = _held(context, f"{name} one", [_ours(context, name, arguments)], _nothing)
    ours = measured[name]
    goal = report.limit_goal("peak <= 3 x the file", ours, ours.peak_mb, 3 * size, "MB")
    note = (
        f"One file is one core's work: {size / min(ours.seconds):.0f} MB/s." if ours.seconds else ""
    )
    title = f"config {name}: one file of {size:.0f} MB"
    return report.Row(title, [ours], [goal], [note] if note else [])


def _small_lint(context: machine.Context, small: Path, empty: Path) -> report.Row:
    """A megabyte, less what an empty file takes."""
    lint = "config lint --config-data relaxed -q"
    entrants = [
        _ours(context, "lint", f"{lint} {small}"),
        _ours(context, "start", f"{lint} {empty}"),
        _rival(context, "yamllint", "yamllint", f"yamllint -d relaxed {small}", SLOW_RUNS),
    ]
    measured, _ = _held(context, "lint small", entrants, _warnings)
    ours, start = measured["lint"], measured["start"]
    over = None
    if ours.seconds and start.seconds:
        over = (sorted(ours.seconds)[len(ours.seconds) // 2] - min(start.seconds)) * 1e3
    goals = [
        report.limit_goal("1 MB <= 20 ms over start-up (median less best)", ours, over, 20, "ms"),
        report.ratio_goal("whole process", 1.0, ours, measured["yamllint"]),
    ]
    size = small.stat().st_size / 1e6
    return report.Row(f"config lint: {size:.1f} MB", list(measured.values()), goals, [])


def _schema(context: machine.Context, folder: Path, small: Path) -> report.Row:
    """One document of many hosts against a JSON Schema."""
    schema = folder / "schema.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    single = folder / "single.yaml"
    parts = "".join(corpus.deployments(1)).splitlines(keepends=True)
    body = "".join(f"  {line}" for line in parts if not line.startswith("---"))
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: all}\nspec: {replicas: 1}\n"
    items = "".join(f"item{number}:\n{body}" for number in range(small.stat().st_size // len(body)))
    single.write_text(text + items, encoding="utf-8")
    entrants = [
        _ours(context, "check", f"config check --schema {schema} {single}"),
        _rival(
            context,
            "check-jsonschema",
            "check-jsonschema",
            f"check-jsonschema --schemafile {schema} {single}",
            min(context.repeat, 2),
        ),
    ]
    measured, _ = _held(context, "schema", entrants, _nothing)
    goals = [
        report.ratio_goal("whole process", 1.0, measured["check"], measured["check-jsonschema"])
    ]
    size = single.stat().st_size / 1e6
    title = f"config check --schema: one document of {size:.1f} MB"
    return report.Row(title, list(measured.values()), goals, [])


def _get(context: machine.Context, folder: Path) -> report.Row:
    """A value near the end of 10 MB."""
    inventory = folder / "inventory.yaml"
    corpus.write("inventory", inventory)
    last = inventory.read_text(encoding="utf-8").rstrip().rsplit("\n  ", 8)
    host = next(part.split(":")[0] for part in reversed(last) if not part.startswith(" "))
    path = PATH.format(host=host.strip())
    entrants = [
        _ours(context, "get", f"config get {inventory} {path}"),
        _rival(context, "yq", "yq", f"yq .{path} {inventory}", min(context.repeat, 2)),
    ]
    measured, said = _held(context, "get", entrants, str.strip)
    ours = measured["get"]
    goals = [
        report.ratio_goal("whole process", 0.1, ours, measured["yq"]),
        report.answer_goal("the same value", ours, said["get"] == said["yq"], said["get"]),
    ]
    size = inventory.stat().st_size / 1e6
    return report.Row(f"config get: from {size:.0f} MB", list(measured.values()), goals, [])


def _convert(context: machine.Context, folder: Path) -> report.Row:
    """10 MB of YAML to JSON."""
    inventory = folder / "inventory.yaml"
    entrants = [
        _ours(context, "convert", f"config convert {inventory} --to json"),
        _rival(context, "yq", "yq", f"yq -o json {inventory}", min(context.repeat, 2)),
    ]

    measured, said = _held(context, "convert", entrants, _values)
    ours = measured["convert"]
    goals = [
        report.ratio_goal("whole process", 1.0, ours, measured["yq"]),
        report.answer_goal("the same values", ours, said["convert"] == said["yq"], "compared"),
    ]
    size = inventory.stat().st_size / 1e6
    return report.Row(f"config convert: {size:.0f} MB to JSON", list(measured.values()), goals, [])
