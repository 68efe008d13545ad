"""The page: what of it is ours, by an HTML parser; its links, its policy, its charts."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace
from rendering import HOSTILE, hostile, life

from syncfork.render.chart import chart
from syncfork.render.html import render
from syncfork.render.links import web_link
from syncfork.render.markup import Markup, element, fragment
from syncfork.report import ConflictItem, ConflictText, Ref, Report, Trend
from syncfork.words import one_line

_VOID = {"meta"}
_ATTRIBUTES = {
    "html": {"lang"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "a": {"href", "rel"},
    "details": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "span": {"class", "aria-hidden"},
    "th": {"scope"},
    "pre": {"tabindex"},
    "svg": {"viewbox", "preserveaspectratio", "role", "aria-label", "class"},
    "path": {"d", "class"},
    "rect": {"width", "height", "class"},
}
_WITH_CLASS = {"aside", "code", "dl", "p", "span", "table", "td", "ul"}
_PLAIN = {"head", "title", "style", "body", "main", "header", "footer", "section", "h1", "h2", "h3", "h4", "mark", "strong", "b",
          "dt", "dd", "li", "ol", "summary", "time", "thead", "tbody", "tr", "figure", "figcaption"}  # fmt: skip


class Page(HTMLParser):
    """A page taken apart; an element that is not closed where it should be fails at once."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("report", [life(), hostile()], ids=["life", "hostile"])
def test_no_element_and_no_attribute_comes_from_the_data(report: Report) -> None:
    for tag, attributes in Page(render(report)).elements:
        allowed = _ATTRIBUTES.get(tag, set()) | ({"class"} if tag in _WITH_CLASS else set())
        assert tag in _PLAIN | _WITH_CLASS | set(_ATTRIBUTES), tag
        assert set(attributes) <= allowed, (tag, attributes)
        assert re.fullmatch(r"[a-z -]*", attributes.get("class") or ""), attributes
        assert (attributes.get("href") or "https://").startswith("https://")


def test_the_shape_of_the_page_is_the_same_whatever_the_words_are() -> None:
    calm = replace(life(), fork=Ref("a", "b" * 40))
    wild = replace(calm, fork=Ref(HOSTILE.replace("`", ""), "b" * 40))
    shapes = [[(tag, sorted(attrs)) for tag, attrs in Page(render(r)).elements] for r in (calm, wild)]
    assert shapes[0] == shapes[1]


def test_hostile_words_are_there_as_words() -> None:
    page = Page(render(hostile()))
    assert "<script>alert(1)</script>" in page.text
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "&lt;" in page.text
    whole = render(hostile())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", whole)
    assert "##[" not in whole and "##vso[" not in whole


def test_everything_of_the_report_is_told() -> None:
    text = Page(render(life())).text
    for words in (
        "149 commits behind, 84 ahead", "In part: 120 of 149 commits", "2 breakages that no conflict shows",
        "Is it getting worse?", "Yes: to do 6 → 7", "ci-targets.yaml 2 conflicts", "README.rst modify/delete",
        ".github/workflows/vlinux.yml:51", "take --run out here", "src/validation.rs:88 (before the change)",
        "Move release targets to ci-targets.yaml (#812)", "nowhere: the first step on upstream's main line needs a person",
        "rule our-targets cannot be applied", "82 of 60, over", "retirable", "the last sync was squashed",
        "Rules explain 84 of 120 own hunks (70 %)", "Justfile:12", "New since the last run: 2", "paths-0001",
        "the runner is ours, see the wiki", "an older debt", "syncfork merge --as-far-as-clean", "git alone",
        "nothing explains this departure from theirs", "OpenSSL is built with FIPS", "syncfork 0.1.0", "Line 41", "Merge base", "- windows", "# ours alone",
        "git alone 5, with syncfork 0", "51 line 51 of the workflow", "if args.run {",
    ):  # fmt: skip
        assert words in text or words.replace(" ", "") in text.replace(" ", ""), words


def test_the_oldest_own_change_stands_first() -> None:
    text = render(life())
    places = [text.index(name) for name in ("Justfile:12", "src/release.rs:230", "build-cpython.sh:301")]
    assert places == sorted(places)


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = render(life())
    sheet = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert sheet
    digest = base64.b64encode(hashlib.sha256(sheet[1].encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in text
    assert not re.search(r"url\(|@import|<script|<link|<img| src=| style=", text)
    assert 'name="viewport"' in text and "prefers-color-scheme: dark" in text


def test_inconclusive_is_never_green() -> None:
    report = life()
    empty = replace(report, conflicts=(), findings=(), ledger=type(report.ledger)(), behind=0)
    blind = replace(empty, drift=replace(report.drift, inconclusive=("could not fetch",)))
    assert "card good" in render(empty)
    assert "card good" not in render(blind)
    assert "could not fetch" in render(blind)


@pytest.mark.parametrize("verb", ["merge", "check"])
def test_a_report_without_drift(verb: str) -> None:
    page = Page(render(replace(life(), drift=None, verb=verb)))
    assert "Left for a person" in page.text
    assert "149 behind, 84 ahead" in page.text
    Page(render(Report("0.1.0", verb)))


def test_a_first_run_and_many_runs_are_drawn() -> None:
    report = life()
    runs = report.drift.trend.points  # type: ignore[union-attr]
    for several in (runs[:1], runs * 20):
        drawn = Page(chart("Left to do", several, [run.behind for run in several], "todo"))
        assert [tag for tag, _ in drawn.elements].count("path") == 4
        numbers = [float(n) for _, a in drawn.elements for n in re.findall(r"[\d.]+", a.get("d") or "")]
        assert max(numbers) <= 320
    Page(chart("None", runs, [0 for _ in runs], "todo"))
    Page(chart("Below", runs, [-5 for _ in runs], "todo"))


def test_what_is_no_element_is_text() -> None:
    assert element("p", "<b>", Markup("<i></i>"), None, ["&", ("x",)]) == "<p>&lt;b&gt;<i></i>&amp;x</p>"
    assert element("a", href='"><x>', title=None, hidden=True) == '<a href="&quot;&gt;&lt;x&gt;" hidden></a>'
    assert fragment("a", fragment("<")) == "a&lt;"


@pytest.mark.parametrize(
    "url",
    ["", None, "javascript:alert(1)", "data:text/html,x", "//x.example", "https://", "ftp://x.example", "x",
     "https://good.example@evil.example/", "https://[x", "https://x.example/\x1b", "https://x.example/\u202e",
     "https://x.example/" + "a" * 3000, " https://x.example", "https://x.example/\udc80", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address(url: str | None) -> None:
    assert web_link(url) is None


def test_an_address_ends_no_link() -> None:
    assert web_link("https://x.example/pull/7?a=b#c") == "https://x.example/pull/7?a=b#c"
    made = web_link("https://x.example/a)(b<c>\"d'`| e\\")
    assert made and not set(made) & set("()<>\"'`| \\")


def test_long_lines_are_cut() -> None:
    assert len(one_line("x" * 10_000)) == 300
    assert "x" * 5000 not in render(hostile())


def test_the_line_in_question_is_marked() -> None:
    assert re.findall("<mark>(.*?)\n</mark>", render(life())) == [
        "   51        line 51 of the workflow", "   88  if args.run {",
    ]  # fmt: skip


def test_a_line_break_at_the_start_of_a_text_is_kept() -> None:
    assert '<pre tabindex="0">\n\n# ours alone' in render(life())


def test_sides_lose_only_the_indentation_they_share() -> None:
    report = life()
    texts = (
        ConflictText(1, "", "    a\n      b\n\n", "\t c\n"),
        ConflictText(9, "", "    a\n      b\n\n", "    c\n"),
    )
    shown = render(replace(report, conflicts=(ConflictItem("x", "contents", 2, (), texts),)))
    assert ">    a\n      b\n" in shown and ">\t c\n" in shown
    assert ">a\n  b\n" in shown and ">c\n" in shown


def test_a_first_run_draws_no_trend() -> None:
    report = life()
    first = replace(report, drift=replace(report.drift, trend=Trend()))
    assert "first run on record" in render(first) and "figure" not in {
        tag for tag, _ in Page(render(first)).elements
    }
