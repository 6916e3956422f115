"""The forms of a report on logs, against their specifications and the tools that read them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from log_reports import EXAMPLES, HOSTILE, LOGS, NAMES, ROOT, document, json_lines, with_text
from markdown_it import MarkdownIt

from code_ops import log_reports
from code_ops.log_reports import words
from code_ops.log_reports.csv_rows import COLUMNS
from code_ops.log_reports.rates import bars, drawn, round_bars
from code_ops.text import printable

SCHEMA = json.loads((ROOT / "docs/schemas/logs.json").read_text(encoding="utf-8"))
DOCUMENT = jsonschema.Draft202012Validator(SCHEMA)
TEXT = st.text(st.characters(codec=None), min_size=1, max_size=60)


def test_measures_stand_before_identifiers() -> None:
    names = ["pid", "responseTime", "line_num", "db.rows", "duration_ms", "status", "timestamp_id"]
    measures = ["responseTime", "db.rows", "duration_ms"]
    others = [name for name in names if name not in measures]
    report: dict[str, Any] = {"fields": {name: {} for name in names}}
    assert [name for name, _ in words.fields(report)] == measures + others


def records(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_reports.render(made, "ndjson").split("\n") if line]


def rows(made: dict[str, Any]) -> list[dict[str, str]]:
    text = log_reports.render(made, "csv")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def of(kind: str, found: list[dict[str, Any]], key: str = "kind") -> list[dict[str, Any]]:
    return [record for record in found if record[key] == kind]


class TestSchema:
    def run(self, *arguments: str) -> dict[str, Any]:
        """The document that the command writes."""
        command = [sys.executable, "-m", "code_ops", "logs", "analyze", "-f", "json", *arguments]
        ended = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    @pytest.mark.skipif(not LOGS.is_dir(), reason="no logs beside the repository")
    @pytest.mark.parametrize("name", NAMES)
    def test_real_logs(self, name: str) -> None:
        made = document(LOGS / name / f"{name}_2k.log")
        DOCUMENT.validate(json.loads(log_reports.render(made, "json")))

    def test_access_logs(self) -> None:
        # A line without a size, so that there is none to judge.
        line = '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 999 -\n'
        for content in (EXAMPLES / "access.log", line):
            DOCUMENT.validate(json.loads(log_reports.render(document(content), "json")))

    @pytest.mark.parametrize("content", ["", "\n\n", "one line\n", json_lines(), "\x00\xff\n"])
    def test_other_logs(self, content: str) -> None:
        DOCUMENT.validate(json.loads(log_reports.render(document(content), "json")))

    def test_files_and_conditions(self) -> None:
        conditions = ("--fail-if", "errors > 0", "--fail-if", "p50(x) > 1")
        found = self.run("examples/app.log", "no.log", *conditions)
        DOCUMENT.validate(found)
        assert [file["error"] for file in found["files"]] == [None, "no such file or directory"]
        assert [row["is_met"] for row in found["conditions"]] == [True, False]
        assert found["interrupted"] is False
        assert found["time_zone"] == "UTC"

    def test_a_damaged_file(self, tmp_path: Path) -> None:
        (tmp_path / "bad.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\3\1")
        found = self.run(str(tmp_path / "bad.gz"))
        DOCUMENT.validate(found)
        assert found["files"][0]["error"]

    def test_the_schema_is_strict(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        good = document(json_lines())
        file = {"name": "a", "error": None}
        bad: list[dict[str, Any]] = [
            {"v": 2},
            {"extra": 1},
            {"first": "2026-11-20 10:00:00"},
            {"files": [file]},
            {"levels": {}},
            {"fields": {"x": {}}},
        ]
        assert DOCUMENT.is_valid(good)
        for change in bad:
            assert not DOCUMENT.is_valid(good | change), change
        for key in good:
            assert not DOCUMENT.is_valid({k: good[k] for k in good if k != key}), key


class TestNdjson:
    def test_a_kind_for_each(self) -> None:
        made = document(json_lines()) | {"unparsed_examples": ["?"]}
        found = records(made)
        (summary,) = of("summary", found)
        assert summary["v"] == log_reports.VERSION
        assert (summary["total"], summary["errors"]) == (400, 40)
        assert [row["name"] for row in of("level", found)] == list(made["levels"])
        for key, kind in (("problems", "problem"), ("messages", "message")):
            assert [row["template"] for row in of(kind, found)] == [
                row["template"] for row in made[key]
            ]
        assert sum(row["events"] for row in of("bucket", found)) == 400
        assert of("burst", found)
        assert of("gap", found)
        assert of("exception", found)[0]["frames"] == made["exceptions"][0]["frames"]
        assert of("field", found)[0]["name"] == "duration_ms"
        assert of("unparsed", found) == [{"kind": "unparsed", "example": "?"}]

    def test_requests(self) -> None:
        found = records(document(EXAMPLES / "access.log"))
        assert of("status_class", found)[0] == {
            "kind": "status_class", "name": "2xx", "count": 22, "share": 0.55,
        }  # fmt: skip
        kinds = {record["kind"] for record in found}
        assert {"status", "method", "path", "client", "agent", "response_size"} <= kinds

    @given(TEXT)
    def test_nothing_ends_a_line_early(self, text: str) -> None:
        written = log_reports.render(with_text(text), "ndjson")
        assert len(written.splitlines()) == written.count("\n")
        assert of("problem", [json.loads(line) for line in written.splitlines()])[0][
            "template"
        ] == text  # fmt: skip


class TestCsv:
    def test_rfc_4180(self) -> None:
        text = log_reports.render(document(json_lines(20)), "csv")
        assert text.startswith(",".join(COLUMNS) + "\r\n")
        assert text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")

    def test_rows(self) -> None:
        conditions = [{"condition": "errors > 0", "value": 2.0, "is_met": True}]
        found = rows(document(json_lines(20), conditions=conditions))
        (errors,) = [row for row in of("level", found, "section") if row["name"] == "error"]
        assert (errors["count"], errors["share"]) == ("2", "0.1")
        (field,) = of("field", found, "section")
        assert (field["name"], field["count"], field["max"]) == ("duration_ms", "20", "19.5")
        (condition,) = of("condition", found, "section")
        assert (condition["name"], condition["detail"]) == ("errors > 0", "met")
        (exception,) = of("exception", found, "section")
        assert exception["detail"].count("; ") == 1
        summary = {row["name"]: row["count"] for row in of("summary", found, "section")}
        assert summary["total"] == "20"

    @given(st.sampled_from(HOSTILE) | TEXT)
    def test_no_text_is_a_formula(self, text: str) -> None:
        found = rows(with_text(text))
        for row in found:
            for column in ("section", "name", "level", "detail", "example"):
                assert row[column][:1] not in ("=", "+", "-", "@", "\t", "\r"), row
        template = of("problem", found, "section")[0]["name"]
        assert template.removeprefix("'") == printable(text).removeprefix("'")


# GitHub's own library, and one in Python that is told of its tables.
MARKDOWN = MarkdownIt("commonmark").enable("table")


def cells(markdown: str) -> tuple[list[str], list[str]]:
    """The kinds of all elements in their order, and what is in code spans."""
    kinds, spans = [], []
    for token in MARKDOWN.parse(markdown):
        kinds.append(token.type)
        for child in token.children or []:
            kinds.append(child.type)
            if child.type == "code_inline":
                spans.append(child.content)
    return kinds, spans


class TestMarkdown:
    PLAIN = cells(log_reports.render(with_text("plain"), "markdown"))

    @given(st.sampled_from(HOSTILE) | TEXT)
    def test_text_stays_in_its_span(self, text: str) -> None:
        assume(text.strip(" "))
        kinds, spans = cells(log_reports.render(with_text(text), "markdown"))
        plain_kinds, plain_spans = self.PLAIN
        assert len(spans) == len(plain_spans)
        whole, start = (
            shown.replace("\\|", "\\\\x7c") for shown in (printable(text), printable(text)[:60])
        )
        for span, plain in zip(spans, plain_spans, strict=True):
            # The note on lines that are not understood has the start of one.
            assert span in (plain.replace("plain", whole), start)
        assert [kind for kind in kinds if kind != "text"] == [
            kind for kind in plain_kinds if kind != "text"
        ]

    @pytest.mark.skipif(not shutil.which("cmark-gfm"), reason="no cmark-gfm here")
    def test_text_stays_in_its_span_for_github(self) -> None:
        def shown(text: str) -> str:
            command = ["cmark-gfm", "-t", "xml", "-e", "table", "-e", "autolink"]
            command += ["-e", "strikethrough", "-e", "tagfilter"]
            written = log_reports.render(with_text(text), "markdown").encode()
            return subprocess.run(
                command, input=written, capture_output=True, check=True
            ).stdout.decode()

        def elements(text: str) -> list[str]:
            found = re.findall(r"<(\w+)", shown(text))
            return [name for name in found if name != "text"]

        plain = elements("plain")
        assert "table_cell" in plain
        for text in HOSTILE:
            assert elements(text) == plain, text

    def test_long_text_is_cut(self) -> None:
        assert "y" * 290 in log_reports.render(with_text("y" * 5000), "markdown")
        assert len(log_reports.render(with_text("y" * 5000), "markdown")) < 40_000


class TestBars:
    RATE = document(json_lines())["rate"]

    @pytest.mark.parametrize("folded", [bars, round_bars])
    @pytest.mark.parametrize("most", [10, 60, 150, 5000])
    def test_nothing_is_lost(self, folded: Any, most: int) -> None:
        found = folded(self.RATE, most)
        assert len(found.bars) <= most
        assert sum(bar.events for bar in found.bars) == 400
        assert sum(bar.errors for bar in found.bars) == 40

    def test_round_bars_begin_at_round_times(self) -> None:
        found = round_bars(self.RATE, 60)
        assert found.seconds == 30
        assert found.bars[0].start.isoformat() == "2026-11-20T10:00:00+00:00"

    def test_years(self) -> None:
        days = "".join(f"{year}-01-01T00:00:00Z ERROR x\n" for year in range(1700, 2200, 7))
        found = round_bars(document(days)["rate"], 150)
        assert 50 < len(found.bars) <= 150

    def test_what_is_not_nothing_is_seen(self) -> None:
        assert drawn([0, 1, 500, 1000]) == " ▁▄█"
        assert drawn([]) == ""


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", "html"),
        ("A.HTML", "html"),
        ("a.md", "markdown"),
        ("a.csv", "csv"),
        ("a.ndjson", "ndjson"),
        ("a.json", "json"),
        ("a.txt", None),
        ("-", None),
        ("html", None),
    ],
)
def test_the_name_of_a_file_tells_its_form(name: str, form: str | None) -> None:
    assert log_reports.format_of(name) == form


def test_other_forms_are_refused() -> None:
    with pytest.raises(ValueError, match="'xml' is not one of json, ndjson"):
        log_reports.render(document(""), "xml")


@pytest.mark.parametrize("form", log_reports.FORMATS)
@pytest.mark.parametrize("content", ["", "?\n", "2026-11-20T10:00:00Z ERROR a\n"])
def test_small_logs_have_every_form(form: str, content: str) -> None:
    assert log_reports.render(document(content, is_interrupted=True), form).endswith("\n")


def test_a_form_is_imported_when_asked_for() -> None:
    code = (
        "import sys; from code_ops.cli import logs_analyze\n"
        "print([name for name in sys.modules if name.startswith('code_ops.log_reports.')])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ended.stdout == "[]\n"
