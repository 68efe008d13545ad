"""Lint on texts alone, and the spans that it compares."""

from __future__ import annotations

from datetime import date

import pytest
from git_fixtures import Repo, compile_rules
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from syncfork.rewrite.base import Fork
from syncfork.rules.lint import View, lint
from syncfork.rules.spans import edited_spans, overlap
from syncfork.text import Document, Match

TODAY = date(2026, 3, 1)
CASES = "cases: [{unchanged: x, path: a.txt}]\n"


def view(name: str = "HEAD", **texts: str) -> View:
    documents = {f"{stem}.txt": Document(f"{stem}.txt", text) for stem, text in texts.items()}
    return View(name, frozenset(documents), documents)


def replacing(rule: str, old: str, new: str, files: str = "a.txt") -> str:
    return (
        f"id: {rule}\nwhy: The reason for {rule} is its own.\nfiles: [{files}]\n"
        f"rewrite: [{{replace: {{literal: {old}}}, with: '{new}', expect: any}}]\n{CASES}"
    )


def owning(rule: str, how: str, files: str = "a.txt") -> str:
    return f"id: {rule}\nwhy: The reason for {rule} is its own.\nfiles: [{files}]\nown: {how}\n"


def problems(*written: str, fork: View | None = None, upstream: View | None = None) -> list[str]:
    return [f"{r.rule}: {r.problem}" for r in lint(compile_rules(*written), fork, upstream, TODAY)]


A = view(a="one two three\n")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        # The same span, an overlapping one, a span around another; neighbours and other files are fine.
        ([replacing("x", "two", "2"), replacing("y", "two", "II")], True),
        ([replacing("x", "one two", "12"), replacing("y", "two three", "23")], True),
        ([replacing("x", "one two three", "123"), replacing("y", "two", "2")], True),
        ([replacing("x", "one", "1"), replacing("y", "two", "2")], False),
        # Both orders come to the same text.
        ([replacing("x", "two", "2"), replacing("y", "two", "2")], False),
        ([replacing("x", "'one '", "1"), replacing("y", "two", "2")], False),
        ([replacing("x", "two", "2"), replacing("y", "two", "2", "b.txt")], False),
    ],
)
def test_overlapping_edits(rules: list[str], found: bool) -> None:
    said = problems(*rules, fork=view(a="one two three\n", b="one two three\n"))
    assert said == (["y: x writes in the same place: a.txt:1 in HEAD"] if found else [])


def test_overlap_only_in_upstream_s_text() -> None:
    rules = [replacing("x", "two", "2"), replacing("y", "two", "II")]
    said = problems(*rules, fork=view(a="2\n"), upstream=view("up/main", a="zero\none two\n"))
    assert said == ["y: x writes in the same place: a.txt:2 in up/main"]


def test_a_pair_is_told_once() -> None:
    rules = [replacing("x", "two", "2", "'*.txt'"), replacing("y", "two", "II", "'*.txt'")]
    assert len(problems(*rules, fork=view(a="two\n", b="two\n"), upstream=view("up", a="two\n"))) == 1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([owning("x", "ours"), owning("y", "theirs")], ["y: a.txt: x says ours, so `theirs` has no effect"]),
        ([owning("x", "ours"), owning("y", "theirs", "b.txt")], ["y: no file of HEAD matches b.txt"]),
        (
            [owning("x", "{derived: b.txt}"), replacing("y", "two", "2")],
            ["x: no file of HEAD is b.txt, which a.txt follows"],
        ),
        ([owning("x", "theirs"), replacing("y", "two", "2")], []),
        (
            [owning("x", "absent"), replacing("y", "two", "2")],
            ["y: a.txt: x says absent: nothing of upstream's is left to rewrite"],
        ),
    ],
)
def test_path_level_rules(rules: list[str], said: list[str]) -> None:
    assert problems(*rules, fork=A) == said


LEARNED = "review: 2026-04-01\nlearned: {by: deletions, bearing: 9}\n"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        # They overlap, and neither covers the other.
        ([owning("x", "absent", "a.txt, b.txt"), owning("y", "absent", "b.txt, c.txt")], []),
        ([owning("x", "absent", "'*.txt'"), owning("y", "absent")], ["y: x says the same for all its paths"]),
        # What comes later is another rule's matter, or would be.
        (
            [owning("x", "absent", "a.txt, b.txt, c.txt"), owning("y", "absent", "'*.txt'")],
            ["x: y says the same for all its paths"],
        ),
        (
            [owning("x", "absent"), owning("y", "ours"), owning("z", "absent", "'*.txt'")],
            [
                "y: a.txt: x says absent, so `ours` has no effect",
                "z: a.txt: y says ours, so `absent` has no effect",
            ],
        ),
        ([owning("x", "absent"), owning("y", "absent", "'*.txt'")], ["x: y says the same for all its paths"]),
        # Of three, one stays, and each of the others is told once.
        (
            [owning("x", "ours"), owning("y", "ours"), owning("z", "ours")],
            ["y: x says the same for all its paths", "z: x says the same for all its paths"],
        ),
        # What is over some day makes nothing needless that is not.
        ([owning("x", "ours") + LEARNED, owning("y", "ours")], ["x: y says the same for all its paths"]),
        ([owning("x", "ours", "'*.txt'") + LEARNED, owning("y", "ours")], []),
        # Two that follow different files say different things.
        (
            [owning("x", "{derived: b.txt}"), owning("y", "{derived: c.txt}")],
            ["y: a.txt: x says derived, so `derived` has no effect"],
        ),
    ],
)
def test_rules_that_say_the_same(rules: list[str], said: list[str]) -> None:
    assert problems(*rules, fork=view(a="1\n", b="1\n", c="1\n")) == said


def test_what_else_a_rule_says_is_not_to_be_deleted() -> None:
    rules = compile_rules(owning("x", "ours"), owning("y", "ours") + "hold: [{watch: file}]\n")
    assert [remark.advice for remark in lint(rules, A, None, TODAY)] == ["take `own` out of it"]


def test_a_file_that_only_upstream_has_is_enough() -> None:
    rule = owning("x", "absent", "new.txt")
    assert problems(rule, fork=A) == ["x: no file of HEAD matches new.txt"]
    assert problems(rule, fork=A, upstream=view("up/main", new="")) == []
    assert problems(rule, fork=A, upstream=view("up/main", b="")) == [
        "x: no file of HEAD nor up/main matches new.txt"
    ]


def test_what_the_files_alone_tell() -> None:
    uncovered = replacing("x", "a", "b").replace(CASES, "")
    watching = "id: w\nwhy: Somebody has to look at this.\nfiles: [a.txt]\nhold: [{watch: file}]\n"
    overdue = owning("o", "ours") + "review: 2026-02-28\n"
    today = owning("t", "ours") + "review: 2026-03-01\n"
    repeated = owning("r", "ours").replace("The reason for r", "the  reason FOR o")
    assert problems(uncovered, watching, overdue, today, repeated) == [
        "x: it has no cases: nothing shows that it works",
        "o: it wanted to be reviewed by 2026-02-28",
        "r: `why` is word for word that of o",
    ]


@pytest.mark.parametrize(
    ("review", "upstream", "said"),
    [
        ("2026-02-01", date(2026, 1, 31), ""),
        ("2026-02-01", date(2026, 2, 1), ""),
        ("2026-02-01", date(2026, 2, 2), "upstream's commit, which is of 2026-02-02"),
        ("2026-02-01", None, "an upstream of a later day"),
        ("2026-04-01", date(2026, 1, 31), ""),
    ],
)
def test_a_learned_rule_is_over_by_the_day_of_upstream_s_commit(
    review: str, upstream: date | None, said: str
) -> None:
    dated = f"review: {review}\n"
    learned = owning("x", "ours") + dated + "learned: {by: sides, bearing: 9}\n"
    found = problems(learned, fork=A, upstream=replace(A, name="up", day=upstream))
    whole = f"x: it wanted to be reviewed by {review}; it was learned, and is not applied to {said}"
    assert found == ([whole] if said else [])
    # What a person wrote is to be looked at by today, whatever upstream does.
    by_hand = problems(owning("y", "ours") + dated, fork=A, upstream=replace(A, name="up", day=upstream))
    assert by_hand == ([f"y: it wanted to be reviewed by {review}"] if review < str(TODAY) else [])


def test_lint_knows_the_day_of_upstream_s_commit(repo: Repo) -> None:
    learned = owning("x", "ours") + "learned: {by: sides, bearing: 9}\nreview: 2020-02-01\n"
    files = {"a.txt": "1\n", "syncfork.toml": 'upstream = "up"\nrules = ".r"\n', ".r/x.yml": learned}
    repo.checkout("main", repo.commit(files, branch="up", day=date(2020, 2, 1)))
    assert "no problem in 1 rule, held against HEAD and up" in repo.syncfork("rules", "lint").out
    repo.commit(files, branch="up", day=date(2020, 2, 2))
    assert "which is of 2020-02-02" in repo.syncfork("rules", "lint").out


def test_each_remark_says_what_to_do() -> None:
    rules = compile_rules(
        replacing("x", "two", "2").replace(CASES, ""), replacing("y", "two", "3"), owning("z", "ours", "q")
    )
    remarks = lint(rules, A, None, TODAY)
    assert [remark.rule for remark in remarks] == ["x", "y", "z"]
    assert all(remark.advice and remark.source for remark in remarks)


# -- spans


def spans(text: str, *steps: str) -> list[str]:
    """The texts of the spans that a rule of these steps would write."""
    listed = "".join(f"  - {step}\n" for step in steps)
    rule = compile_rules(f"id: r\nfiles: [a.txt]\nrewrite:\n{listed}")[0]
    document = Document("a.txt", text)
    return [span.text(document) for span in edited_spans(rule, document, Fork())]


def test_a_later_step_is_told_in_the_first_text() -> None:
    grow = "{replace: {literal: one}, with: eleven}"
    assert spans("one two", grow, "{replace: {literal: two}, with: '2'}") == ["one", "two"]
    assert spans("one two", grow, "{replace: {literal: eleven}, with: '11'}") == ["one", "one"]
    assert spans("one two", grow, "{insert: x, after: {literal: elev}}") == ["one", "one"]
    assert spans("one two", grow, "{insert: x, after: {literal: eleven}}") == ["one", ""]
    assert spans("one two", "{replace: {literal: absent}, with: x}") == []


@given(st.text("ab", min_size=1, max_size=12), st.data())
def test_spans_lie_in_the_text(text: str, data: st.DataObject) -> None:
    short = st.text("abc", min_size=1, max_size=3)
    steps = [
        f"{{replace: {{literal: {data.draw(short)}}}, with: '{data.draw(short)}', expect: any}}"
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    listed = "".join(f"  - {step}\n" for step in steps)
    rule = compile_rules(f"id: r\nfiles: [a.txt]\nrewrite:\n{listed}")[0]
    found = edited_spans(rule, Document("a.txt", text), Fork())
    assert all(0 <= span.start <= span.end <= len(text) for span in found)
    # Whatever lies outside of all spans is in the new text still, in its order.
    applied = rule.apply(Document("a.txt", text), Fork())
    covered = {at for span in found for at in range(span.start, span.end)}
    outside = [char for at, char in enumerate(text) if at not in covered]
    rest = iter(getattr(applied, "text", text))
    assert all(char in rest for char in outside)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ((0, 2), (2, 4), False),
        ((0, 3), (2, 4), True),
        ((2, 2), (2, 2), True),
        ((1, 1), (0, 2), True),
        ((0, 0), (0, 2), False),
        ((2, 2), (0, 2), False),
    ],
)
def test_overlap(one: tuple[int, int], other: tuple[int, int], shared: bool) -> None:
    assert overlap(Match(*one), Match(*other)) is shared
    assert overlap(Match(*other), Match(*one)) is shared


def test_a_rule_that_the_forks_own_file_does_not_take_is_named() -> None:
    rule = replacing("x", "nowhere", "y").replace(", expect: any", "")
    assert problems(rule, fork=A) == [
        "x: it cannot be applied to a.txt in HEAD: replace: found no sites, expected exactly 1"
    ]
    assert not problems(replacing("x", "two", "2"), fork=A)


def test_a_rule_that_a_file_of_upstream_s_does_not_take_is_named() -> None:
    rule = replacing("x", "two", "2", "'*.txt'").replace(", expect: any", "")
    fork, upstream = view(a="two\n"), view("upstream", a="two\n", b="three\n")
    said = "x: it cannot be applied to b.txt in upstream: replace: found no sites, expected exactly 1"
    assert problems(rule, fork=fork, upstream=upstream) == [said]
    # Nothing of it comes into the fork.
    assert said not in problems(rule, owning("y", "absent", "b.txt"), fork=fork, upstream=upstream)


@pytest.mark.parametrize(("copy", "source", "told"), [("a", "b", False), ("a", "c", True), ("d", "c", False)])
def test_a_source_that_is_nowhere_is_told(copy: str, source: str, told: bool) -> None:
    rule = owning("copy", f"{{derived: {source}.txt}}", f"{copy}.txt")
    problem = f"copy: no file of HEAD nor up is {source}.txt, which {copy}.txt follows"
    found = problems(rule, fork=view(a="1\n"), upstream=view("up", b="1\n"))
    assert (problem in found) == told


def test_lint_looks_for_the_source_in_the_tree(repo: Repo) -> None:
    for source, told in (("up.yml", False), ("gone.yml", True)):
        rule = owning("copy", f"{{derived: {source}}}", "mine.yml")
        files = {"up.yml": "1\n", "mine.yml": "1\n", "syncfork.toml": 'rules = ".r"\n', ".r/c.yml": rule}
        repo.checkout("main", repo.commit({**files}))
        assert (f"{source}, which mine.yml follows" in repo.syncfork("rules", "lint").out) == told
