"""The rows of loading to Python objects: speed, memory, and whether the values are the same."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import contest, corpus, machine, report

LOAD = Path(__file__).resolve().parent / "config_load.py"
CRDS = machine.REPOSITORY.parent / "shared" / "data" / "crds.yaml"
MODULES = {
    "code-ops": "code_rust_core",
    "code-ops-json": "code_rust_core",
    "yamlrocks": "yamlrocks",
    "py-yaml12": "yaml12",
    "ryaml": "ryaml",
    "PyYAML": "yaml",
    "rapidyaml": "ryml",
    "orjson": "orjson",
    "json": "json",
}
TREE_ONLY = ("rapidyaml",)
NOTE = "Seconds are of the load alone, the best of three in each process; the peak is its growth."


@dataclass(frozen=True)
class Corpus:
    """A text with the least speed wanted, in MB of it a second."""

    name: str
    title: str
    goal: float


CORPORA = (
    Corpus("deployments", "Kubernetes deployments, a document each", 100),
    Corpus("inventory", "one inventory of 60,000 hosts", 90),
    Corpus("crds", "custom resource definitions with long block scalars", 450),
)


def rows(context: machine.Context) -> list[report.Row]:
    """A row of YAML for each corpus, and one of the same data as JSON."""
    made = []
    for wanted in CORPORA:
        path = context.workspace / f"{wanted.name}.yaml"
        problem = provide(wanted.name, path)
        as_json = path.with_suffix(".json")
        if not problem:
            problem = write_json(path, as_json)
        made += [
            yaml_row(context, wanted, path, as_json, problem),
            json_row(context, wanted, as_json, problem),
        ]
    return made


def provide(name: str, path: Path) -> str:
    """Writes a corpus; returns why it cannot."""
    if name in corpus.CORPORA:
        corpus.write(name, path)
    elif CRDS.is_file():
        path.write_bytes(CRDS.read_bytes())
    else:
        return "the definitions were not found beside the repository"
    return ""


def write_json(path: Path, target: Path) -> str:
    """The same data as JSON, the documents in one array; returns why it cannot."""
    try:
        from code_ops import ConfigParser

        parser = ConfigParser(engine="rust")
    except (ImportError, RuntimeError) as error:
        return str(error)
    documents = list(parser.parse_yaml_all(path))
    target.write_text(parser.dump_json(documents), encoding="utf-8")
    return ""


def held(
    context: machine.Context, libraries: dict[str, Path], problem: str
) -> tuple[dict[str, report.Measurement], dict[str, str]]:
    """Each library's measurement of its file, and its digest of the values."""
    folder = context.workspace / f"load-{next(iter(libraries.values())).name}"
    entrants = [
        contest.Entrant(
            name=library,
            tool=library,
            argv=[sys.executable, str(LOAD), library, str(path)],
            shown=f"python benchmarks/config_load.py {library} {path.name}",
            runs=context.repeat,
            why_not="" if importlib.util.find_spec(MODULES[library]) else "not installed",
        )
        for library, path in libraries.items()
    ]
    outcomes = contest.hold([], folder, entrants, obstacle=problem)
    measured, digests = {}, {}
    for library, outcome in outcomes.items():
        told = [json.loads(text) for text in outcome.outputs]
        digests[library] = told[0]["digest"] if told else ""
        plain = contest.measurement(outcome, "")
        if not told:
            measured[library] = plain
            continue
        best = min(each["seconds"] for each in told)
        measured[library] = replace(
            plain,
            seconds=[round(each["seconds"], 5) for each in told],
            peak_mb=round(max(each["peak"] for each in told) / 1e6, 1),
            floor_mb=0.0,
            answers=f"{told[0]['bytes'] / best / 1e6:.0f} MB/s",
        )
    return measured, digests


def judged(
    measured: dict[str, report.Measurement], digests: dict[str, str]
) -> list[report.Measurement]:
    """The measurements with their agreement with ours in words."""
    own = next(iter(digests.values()))
    said = {}
    for library, digest in digests.items():
        agrees = "same values" if digest == own else "other values"
        said[library] = "a tree, no objects" if library in TREE_ONLY else agrees
    return [
        replace(each, answers=f"{each.answers}, {said[library]}") if each.answers else each
        for library, each in measured.items()
    ]


def yaml_row(
    context: machine.Context, wanted: Corpus, path: Path, as_json: Path, problem: str
) -> report.Row:
    """YAML to Python objects."""
    libraries = {name: path for name in MODULES if name not in ("code-ops-json", "orjson", "json")}
    if context.quick:
        del libraries["PyYAML"], libraries["ryaml"]
    libraries["orjson"] = as_json
    measured, digests = held(context, libraries, problem)
    ours, orjson = measured["code-ops"], measured["orjson"]
    size = path.stat().st_size / 1e6 if path.exists() else 0.0
    seconds = size / wanted.goal
    slowest = max(ours.seconds, default=None)
    allowed = 1.2 * orjson.peak_mb + size
    goals = [
        report.limit_goal(
            f"seconds for {wanted.goal:g} MB/s, {seconds * 1e3:.0f} ms, the slowest run too",
            ours,
            slowest and slowest * 1e3,
            seconds * 1e3,
            "ms",
        ),
        report.ratio_goal("time", 0.5, ours, measured["yamlrocks"]),
        report.limit_goal(
            "peak <= 1.2 x orjson's and the input", ours, ours.peak_mb, allowed, "MB"
        ),
    ]
    title = f"YAML to objects: {wanted.title}, {size:.1f} MB"
    return report.Row(title, judged(measured, digests), goals, [NOTE])


def json_row(context: machine.Context, wanted: Corpus, path: Path, problem: str) -> report.Row:
    """The same data as JSON."""
    libraries = dict.fromkeys(("code-ops-json", "orjson", "json"), path)
    measured, digests = held(context, libraries, problem)
    ours = measured["code-ops-json"]
    size = path.stat().st_size / 1e6 if path.exists() else 0.0
    notes = [NOTE, *report.ratio_notes((ours, measured["orjson"]), (ours, measured["json"]))]
    title = f"JSON to objects: {wanted.title}, {size:.1f} MB"
    return report.Row(title, judged(measured, digests), [], notes)
