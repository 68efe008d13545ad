"""The report on a terminal, and the answers for readers with two minutes."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable

import pytest
from git_fixtures import Repo
from msgspec.structs import replace
from rendering import hostile, life
from rich.console import Console

from syncfork.render.annotations import azure, github
from syncfork.render.headline import headline, how_far, to_do
from syncfork.render.html import render as render_html
from syncfork.render.markdown import render as render_markdown
from syncfork.render.terminal import render, show
from syncfork.render.trend import points, present, spark
from syncfork.report import (
    ConflictItem,
    Coverage,
    Culprit,
    Drift,
    Ledger,
    OwnChange,
    Reach,
    Report,
    RuleItem,
    Trend,
    Unexplained,
)
from syncfork.words import place

FIRST = Culprit("a" * 40, "s", "n", "2025-01-01")


def quiet(**changes: object) -> Report:
    """Nothing is left for anybody."""
    return replace(life(), conflicts=(), findings=(), ledger=Ledger(), **changes)


def answer(report: Report, question: str) -> tuple[str, str]:
    (found,) = [item for item in headline(report) if item.question == question]
    return found.answer, found.tone


def changed(report: Report, **changes: object) -> Report:
    return replace(report, drift=replace(report.drift, **changes))


def test_what_drift_adds_is_told() -> None:
    text = render(life())
    for words in (
        "✗ Can we sync now?      In part: 120 of 149", "over budget: days behind 82 of 60", "with syncfork  120 of 149",
        "then  1b2c3d4e5", "Trend over 12 runs", "behind  ▃▄", "+ options-3f2a", "- paths-0001", "withheld: our-targets",
        "rules explain 84 of 120 own hunks (70 %)", "Justfile:12", "conflicts 2 of 5", "README.rst  modify/delete",
    ):  # fmt: skip
        assert words in text, words
    assert "inconclusive: no network" in render(changed(life(), inconclusive=("no network",)))


@pytest.mark.parametrize("form", [render, render_markdown, render_html])
def test_own_changes_that_a_report_does_not_list_are_counted(form: Callable[[Report], str]) -> None:
    own = tuple(OwnChange(f"f{number}", 1, 0, 1, "x") for number in range(200))
    text = form(changed(life(), coverage=Coverage(hunks=1056, explained=2, unexplained=own)))
    listed = len(set(re.findall(r"\bf\d+\b(?=:1)", text)))
    assert 0 < listed < 200 and f"and {1054 - listed} more" in text


@pytest.mark.parametrize("form", [render, render_markdown, render_html])
def test_what_is_left_is_told_with_the_id_that_accepts_it(form: Callable[[Report], str]) -> None:
    report = life()
    ruled = [replace(finding, rule="our-targets") for finding in report.findings]
    for known in (report, replace(report, findings=tuple(ruled))):
        text = form(known)
        left = [finding.id for finding in (*known.breakages(), *known.decisions())]
        assert left and all(finding in text for finding in left)


@pytest.mark.parametrize("form", [render, render_markdown, render_html, azure])
def test_what_is_about_a_file_as_a_whole_has_no_line(form: Callable[[Report], str]) -> None:
    known = tuple(replace(finding, path="bin.dat", line=0) for finding in life().findings)
    ledger = Ledger(unexplained=(Unexplained("gone", 0, "theirs", "x"),))
    text = form(replace(life(), findings=known, ledger=ledger))
    assert "bin.dat" in text and "gone" in text
    assert not re.search(r"(bin\.dat|gone):0", text)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        (render, "      fix: {}\n        -  run: validate --run\n        +  run: validate\n"),
        (render_markdown, "<br>fix: {}\n\n  ```\n  -  run: validate --run\n  +  run: validate\n  ```\n"),
        (azure, " To do: {}.\n"),
    ],
)
def test_advice_is_prose_with_its_code_below(form: Callable[[Report], str], shown: str) -> None:
    assert shown.format("take `--run` out here and keep what it did") in form(life())


def test_long_code_is_cut_on_a_terminal() -> None:
    first, *others = life().findings
    long = replace(first, code="\n".join(f"line {number}" for number in range(30)))
    text = render(replace(life(), findings=(long, *others)))
    assert "        line 7\n        … and 22 more lines\n" in text and "line 8" not in text


def test_an_odd_name_is_quoted_as_git_does(repo: Repo) -> None:
    odd = [
        "new\nline",
        "a\tb",
        "\x1b[31m",
        "\x07",
        'say "x"',
        "back\\slash",
        "\u202egnp.exe",
        "\x85",
        "a\u200bb",
        "\udcff",
    ]
    calm = ["a  b", "plain.txt", "it's", "a`b"]
    repo.checkout("main", repo.commit({os.fsencode(name): "x\n" for name in (*odd, *calm)}))
    shown = repo.git("-c", "core.quotePath=true", "ls-files").splitlines()
    assert sorted(map(place, (*odd, *calm))) == sorted(shown)
    # Commands to a CI system are no control characters to git, and letters of all languages no odd ones to people.
    assert place("::error::x") == r'"\072:error::x"' and place("##[error]x") == r'"\043#[error]x"'
    assert place("größe.txt", 3) == "größe.txt:3"


@pytest.mark.parametrize("form", [render, render_markdown, azure, github])
def test_a_name_with_a_newline_reads_as_no_other(form: Callable[[Report], str]) -> None:
    known = tuple(replace(finding, path="new\nline.txt") for finding in life().findings)
    conflicts = (ConflictItem("double  blank", "contents", 1), ConflictItem("two\nlines", "contents", 1))
    text = form(replace(life(), findings=known, conflicts=conflicts))
    assert r'"new\nline.txt"' in text and r'"two\nlines"' in text and "double  blank" in text
    assert "new line.txt" not in text


@pytest.mark.parametrize("terminal", [False, True])
def test_no_terminal_obeys_the_data(terminal: bool) -> None:
    written = io.StringIO()
    show(hostile(), Console(file=written, width=100, force_terminal=terminal, markup=False, emoji=False))
    text = re.sub(r"\x1b\[[\d;]*m", "", written.getvalue()) if terminal else written.getvalue()
    assert "[bold]rich[/bold]" in text.replace("\n", "")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "##[" not in text and "##vso[" not in text
    assert terminal or not any(line.lstrip().startswith("::") for line in text.splitlines())
    # The only colours are the console's own.
    assert "\x1b]8" not in written.getvalue()


def test_of_many_rules_the_terminal_names_some_and_counts_the_others() -> None:
    def item(number: int, *, in_base: bool = True) -> RuleItem:
        why, path = "A reason that is long enough.", f"f{number}"
        return RuleItem(f"copy-{number}", path, "applied", 1, "theirs", why, "", not_in_base=not in_base)

    items = (*(item(n) for n in range(20)), item(99, in_base=False))
    report = quiet(rules=items, drift=None, verb="merge")
    text = render(report)
    assert "copy-10 " in text and "copy-11 " not in text and "! copy-99" in text
    assert "✓ and 9 more rules in 9 files: syncfork report --format markdown" in text
    everything = render_markdown(report)
    assert all(f"`copy-{n}`" in everything for n in range(20))
    few = render(replace(report, rules=items[:12]))
    assert "copy-11 " in few and "more rule" not in few


def test_an_inconclusive_run_promises_nothing() -> None:
    blind = changed(quiet(behind=0), inconclusive=("could not fetch",))
    assert {item.tone for item in headline(blind)} == {"unknown"}
    assert "good" in {item.tone for item in headline(quiet(behind=0))}


def test_can_we_sync_now() -> None:
    question = "Can we sync now?"
    assert answer(quiet(), question) == ("Yes, nobody is needed", "good")
    assert answer(quiet(behind=0), question) == ("There is nothing to merge", "good")
    decisions = replace(quiet(), findings=life().findings[2:4])
    assert answer(decisions, question) == ("Yes, with 2 decisions to take", "warn")
    stuck = changed(life(), reach=Reach(first=FIRST))
    assert answer(stuck, question) == ("Not without a person", "bad")
    broken = changed(replace(quiet(), findings=life().findings[:1]), reach=Reach(FIRST, 149))
    assert answer(broken, question) == ("It merges by itself, but 1 breakage must be mended", "bad")


def test_what_is_in_conflict_was_not_looked_at() -> None:
    question = "What broke silently?"
    assert answer(quiet(), question) == ("Nothing found", "good")
    torn = replace(quiet(), conflicts=(ConflictItem("a", "contents", 1),))
    said, tone = answer(torn, question)
    assert (said, tone) == ("Nothing found; 1 file in conflict can be looked at once merged", "unknown")
    broken = replace(torn, findings=life().findings[:1])
    assert answer(broken, question)[1] == "bad"


def test_is_it_getting_worse() -> None:
    question, runs = "Is it getting worse?", life().drift.trend.points  # type: ignore[union-attr]
    alone = changed(life(), trend=Trend())
    assert answer(alone, question)[1] == "unknown"
    assert answer(life(), question) == (
        "Yes: to do 6 → 7, behind 130 → 149 (11 runs ago to do 1, behind 40)", "bad",
    )  # fmt: skip
    last = changed(quiet(), trend=Trend(runs[-1:]))
    assert answer(last, question) == ("No, better: to do 6 → 0, behind 130 → 149", "good")
    same = replace(quiet(behind=4))
    same = changed(same, trend=Trend((replace(present(same), date="2025-09-20"),)))
    assert answer(same, question)[0].startswith("No, as the last time")


def test_this_run_is_the_last_point_once() -> None:
    report = life()
    assert points(report)[-1] == present(report)
    recorded = changed(report, trend=Trend((*report.drift.trend.points, present(report))))  # type: ignore[union-attr]
    assert points(recorded) == points(report)
    assert points(Report("0", "merge")) == ()
    with pytest.raises(ValueError, match="drift"):
        present(Report("0", "merge"))


def test_to_do_counts_a_deleted_file_too() -> None:
    # two hunks, a file without any, two breakages, two decisions, one hunk that nothing explains
    assert to_do(life()) == 8


@pytest.mark.parametrize(
    ("reach", "behind", "words"),
    [
        (Reach(FIRST, 9), 9, "all the way: 9 commits merge by themselves"),
        (Reach(FIRST, 4, FIRST), 9, "4 of 9 commits merge by themselves"),
        (Reach(first=FIRST), 9, "nowhere: the first step on upstream's main line needs a person"),
        (Reach(), 9, "not known"),
        (Reach(), 0, "nothing to merge"),
    ],
)
def test_how_far(reach: Reach, behind: int, words: str) -> None:
    assert how_far(reach, behind) == words


def test_spark() -> None:
    assert spark([0, 1, 50, 100]) == "▁▂▅█"
    assert spark([]) == ""
    assert spark([0, 0]) == "▁▁"
    assert len(spark(range(100))) == 30


def test_a_bare_report_of_drift() -> None:
    bare = Report("0.1.0", "drift", drift=Drift("2025-01-01", "2025-01-01", 0, "2025-01-01"))
    assert "Is it getting worse?" in render(bare)
