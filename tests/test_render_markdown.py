"""The report as Markdown, read by a Markdown parser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace
from rendering import HOSTILE, URL, hostile, life

from syncfork.render.markdown import render
from syncfork.render.spans import escaped, sentence
from syncfork.report import Report

_OURS = re.compile(r"<br>|<details><summary>[A-Z][a-z, ]*[a-z]</summary>|</details>")


def tokens(text: str) -> Iterable[Token]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("report", [life(), hostile()], ids=["life", "hostile"])
def test_no_markup_comes_from_the_data(report: Report) -> None:
    for token in tokens(render(report)):
        assert token.type not in ("image", "table_open", "s_open", "blockquote_open", "hr", "em_open"), token
        if token.type in ("html_inline", "html_block"):
            assert all(_OURS.fullmatch(line) for line in token.content.split("\n") if line), token
        if token.type == "link_open":
            assert re.fullmatch(
                r"https://(github\.com/example|x\.example)/[^()<> ]*", str(token.attrs["href"])
            )
        if token.type == "text":
            assert "javascript:" not in token.content or "http" in token.content or "alert" in token.content


def test_headings_and_links_are_ours_alone() -> None:
    calm, wild = list(tokens(render(life()))), list(tokens(render(hostile())))
    headings = [after.content for token, after in itertools.pairwise(wild) if token.type == "heading_open"]
    assert len(headings) >= 6
    assert not any("title" in words or "md" in words for words in headings[1:])
    labels = [after.type for token, after in itertools.pairwise(wild) if token.type == "link_open"]
    assert labels and set(labels) == {"code_inline"}
    # Every address that is none has lost its link, the others kept theirs.
    assert 0 < len(labels) < sum(token.type == "link_open" for token in calm)
    assert URL.split("/")[2] in render(hostile())


def test_hostile_words_are_there_as_words() -> None:
    text = render(hostile())
    shown = " ".join(token.content for token in tokens(text) if token.type in ("text", "code_inline"))
    assert "<script>alert(1)</script>" in shown
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "##[" not in text and "##vso[" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert max(len(line) for line in text.splitlines()) < 4000


@pytest.mark.parametrize("words", ["@everyone", "x #12", "GH-12", "http://evil.example", "www.evil.example", "a & b",
                                   "&lt;b&gt;", "$x$", "a::b"])  # fmt: skip
def test_prose_shows_what_it_was_given_and_has_no_power(words: str) -> None:
    text = escaped(words)
    shown = "".join(token.content for token in tokens(text) if token.type in ("text", "text_special"))
    assert shown.replace("\u200b", "") == words
    assert not re.search(r"@\w|#\d|GH-\d|://|www\.", shown)
    assert "::" not in text


def test_prose_keeps_its_distance_to_code() -> None:
    assert sentence("take `--run` out, and `x`.") == "take `--run` out, and `x`."
    assert sentence("`a` `b`") == "`a` `b`"


def test_what_drift_adds_is_told() -> None:
    text = render(life())
    for words in (
        "## Drift of `main` from `upstream/main`", "**Can we sync now?** In part: 120 of 149 commits",
        "**Over budget:** `days behind` 82 of 60", "### How far one can go alone", "- with syncfork: 120 of 149",
        "git alone: nowhere", "### Trend over 12 runs", "▂", "- new: `options-3f2a`", "- gone: `paths-0001`",
        "- withheld: `our-targets`", "rules explain 84 of 120 own hunks (70 %)", "`Justfile:12`: +3 −2",
        "`README.rst`: modify/delete", "  - line 41 of the fork's file: [`1b2c3d4e5`]", "  - line 97 of the fork's file: not known",
    ):  # fmt: skip
        assert words in text, words
    blind = replace(life(), drift=replace(life().drift, inconclusive=(f"no fetch {HOSTILE}",)))
    assert "**Inconclusive:** no fetch" in render(blind)


def test_a_forge_takes_it_however_long_it_is() -> None:
    report = life()
    many = replace(report, findings=report.findings * 400, git_alone=report.git_alone * 400)
    for several in (many, replace(many, findings=report.findings)):
        text = render(several)
        assert 50_000 < len(text) < 61_000
        assert text.count("<details>") == text.count("</details>")
        assert re.search(r"… and \d+ more entries", text.splitlines()[-1])
