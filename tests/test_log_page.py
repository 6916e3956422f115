"""The HTML report: that no text of a log gets out of its place, and what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import chromium
import pytest
from chromium import Chromium
from hypothesis import assume, given
from hypothesis import strategies as st
from log_reports import EXAMPLES, HOSTILE, document, json_lines, with_text

from code_ops import log_reports
from code_ops.log_reports.html_parts import escaped, tag
from code_ops.text import printable

TEXT = st.text(st.characters(codec=None), min_size=1, max_size=60)


class Elements(HTMLParser):
    """Each element with the names of its attributes, and the values of those that lead away."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str | None] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "data")]

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", (data,)))


def page(made: dict[str, Any]) -> str:
    return log_reports.render(made, "html")


PLAIN = Elements(page(with_text("plain")))


class TestText:
    @given(st.sampled_from(HOSTILE) | TEXT)
    def test_no_text_is_markup(self, text: str) -> None:
        # What varies in a message is marked up by us.
        assume("<*>" not in text)
        assert Elements(page(with_text(text))).found == PLAIN.found

    def test_nothing_leads_away(self) -> None:
        assert PLAIN.links
        assert all(link and link.startswith("#") for link in PLAIN.links)
        text = page(document(json_lines()))
        assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
        for _, names in PLAIN.found:
            assert not any(name == "style" or name.startswith("on") for name in names)

    def test_the_policy_allows_our_own_alone(self) -> None:
        text = page(document(""))
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy.startswith("default-src 'none'; ")
        for name in ("style", "script"):
            (body,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            assert f"{name}-src 'sha256-{digest}';" in policy
        assert "unsafe" not in policy

    def test_controls_are_visible(self) -> None:
        assert escaped("\0\x1b\u202e\ud800<&\">'") == (
            r"\x00\x1b\u202e\ud800&lt;&amp;&quot;&gt;" + "'"
        )
        assert tag("a", "<", tag("b", "&"), data_sort='"') == (
            '<a data-sort="&quot;">&lt;<b>&amp;</b></a>'
        )

    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_page_can_be_written(self, text: str) -> None:
        page(with_text(text)).encode()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if chromium.PROGRAM is None:
        pytest.skip("no chromium here")
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def opened(browser: Chromium, tmp_path: Path) -> Any:
    """Opens a document's page; after it nothing was complained of and nothing else asked for."""
    path = tmp_path / "report.html"

    def show(made: dict[str, Any], **how: Any) -> Chromium:
        path.write_text(page(made), encoding="utf-8")
        browser.open(path, **how)
        return browser

    yield show
    told = [event for event in browser.events if event["method"] in _COMPLAINTS]
    assert told == []
    requests = [
        event["params"]["request"]["url"]
        for event in browser.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert requests == [path.as_uri()]


_COMPLAINTS = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
_COLUMN = "[...document.querySelectorAll('#messages tbody tr')].map(row => row.cells[0].innerText)"
_SORTED = "[...document.querySelectorAll('#messages th')].map(th => th.ariaSort)"
# The ratio of WCAG 2 of each text to what is behind it, and those below that of level AA.
_POOR_CONTRAST = """(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = parts(colour).slice(0, 3).map(value => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parts(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  for (const details of document.querySelectorAll('details')) details.open = true;
  const poor = [];
  let judged = 0;
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest('svg, script')) continue;
    const [light, dark] = [getComputedStyle(element).color, behind(element)]
      .map(luminance).sort((left, right) => right - left);
    judged += 1;
    if ((light + 0.05) / (dark + 0.05) < 4.5) poor.push(element.outerHTML.slice(0, 100));
  }
  // Parts of a drawing that carry meaning need less.
  for (const bar of document.querySelectorAll('.errors-bar, .warnings-bar, .rest-bar')) {
    const [light, dark] = [getComputedStyle(bar).fill, behind(bar.closest('figure, li'))]
      .map(luminance).sort((left, right) => right - left);
    if ((light + 0.05) / (dark + 0.05) < 3) poor.push(bar.outerHTML);
  }
  return [judged > 50, poor];
})()"""


class TestBrowser:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_shown_and_does_nothing(self, opened: Any, text: str) -> None:
        browser = opened(with_text(text))
        assert browser.evaluate("document.title").startswith("Log report: 2 files")
        assert browser.evaluate("document.querySelectorAll('script, img, iframe').length") == 1
        shown = browser.evaluate(
            "document.querySelector('#problems td.wide summary code').textContent"
        )
        assert shown == printable(text).replace("\ufffe", "\\ufffe")

    def test_a_click_sorts(self, opened: Any) -> None:
        browser = opened(document(EXAMPLES / "app.log"))
        assert browser.evaluate(_COLUMN) == ["36", "13", "6", "5"]
        browser.click("#messages th button")
        assert browser.evaluate(_SORTED) == ["descending", None, None, None, None]
        browser.click("#messages th button")
        assert browser.evaluate(_COLUMN) == ["5", "6", "13", "36"]
        assert browser.evaluate(_SORTED) == ["ascending", None, None, None, None]

    def test_a_key_sorts(self, opened: Any) -> None:
        browser = opened(document(EXAMPLES / "app.log"))
        browser.evaluate("document.querySelectorAll('#messages th button')[1].focus()")
        browser.press("Enter", 13)
        # The worst level first: error, warning, info, debug.
        assert browser.evaluate(_COLUMN) == ["6", "5", "36", "13"]
        assert browser.evaluate(_SORTED) == [None, "descending", None, None, None]

    def test_without_script_all_is_there_but_sorting(self, opened: Any) -> None:
        made = document(EXAMPLES / "app.log")
        with_script = opened(made).evaluate("document.querySelector('main').innerText")
        browser = opened(made, has_script=False)
        assert browser.evaluate("document.querySelectorAll('button').length") == 0
        assert browser.evaluate("document.querySelector('main').innerText") == with_script

    @pytest.mark.parametrize("width", [320, 768, 1200])
    def test_no_page_scrolls_sideways(self, opened: Any, width: int) -> None:
        for made in (document(json_lines()), with_text("word" * 200), with_text("a word " * 50)):
            browser = opened(made, width=width)
            assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("content", [json_lines(), EXAMPLES / "access.log"])
    def test_contrast(self, opened: Any, scheme: str, content: Any) -> None:
        failed = [{"name": "a.log", "error": "no such file"}] * 2
        conditions = [{"condition": "errors > 0", "value": 2.0, "is_met": True}]
        made = document(content, files=failed, conditions=conditions)
        browser = opened(made, scheme=scheme)
        assert browser.evaluate(_POOR_CONTRAST) == [True, []]

    def test_the_chart_has_every_event(self, opened: Any) -> None:
        browser = opened(document(json_lines()))
        titles = browser.evaluate(
            "[...document.querySelectorAll('#time g')].filter(g => g.querySelector('.hit'))"
            ".map(g => g.querySelector('title').textContent)"
        )
        counts = [int(match[1]) for title in titles if (match := re.search(r"(\d+) event", title))]
        assert sum(counts) == 400
        bands = "[...document.querySelectorAll('#time svg g > .burst-band, #time g > .gap-band')]"
        assert browser.evaluate(f"{bands}.map(band => band.className.baseVal)") == [
            "gap-band",
            "burst-band",
        ]

    def test_styles_are_in_force(self, opened: Any) -> None:
        """The policy's hashes are right: otherwise the page would have neither."""
        browser = opened(document(json_lines()), scheme="dark")
        colour = "getComputedStyle(document.body).backgroundColor"
        assert browser.evaluate(colour) == "rgb(20, 23, 27)"
