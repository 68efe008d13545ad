"""Files that both sides have whole, and that do not parse as they were merged, by git or by a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from detecting import told
from git_fixtures import Repo

from syncfork.detect.syntax import find
from syncfork.git.repository import Repository
from syncfork.merge.detecting import MERGED, Subject, make_view
from syncfork.own.base import BASE, OURS, THEIRS

EVEN = "and comes out even on both sides"
PARSED = "this file does not parse any more"
JS = "run(x => {\n  one()\n})\n"
OURS_JS = "run(x => {\n  if (x) {\n    one()\n  }\n})\n"
XML = "<?xml version='1.0' encoding='latin-1'?>\n<a>\n  <b>1</b>\n  <c/>\n</a>\n"
THEIRS_JS = "run(x => {\n  for (;;) { one() }\n})\n"
RB = "def one\n  1\nend\n"
OURS_RB = "def one\n  if x\n    1\n  end\nend\n"
JAVA = (
    "class A {\n  void f(int x) {\n    if (x > 1) { go(); } else { %s }\n  }\n}\n".replace("{", "{{").replace(
        "}", "}}"
    )
    % "{}"
)
PY = "def one():\n    return 1\n"


def merged_as(tmp_path: Path, path: str, base: str | None, ours: str, theirs: str, merged: str) -> list[str]:
    repo = Repo.create(tmp_path / "r")
    first = repo.commit({path: base, "x": "1"} if base is not None else {"x": "1"})
    sides = [repo.commit({path: text}, first) for text in (ours, theirs)]
    made = repo.commit({path: merged}, *sides)
    repository = Repository.open(repo.path)
    trees = dict(zip((BASE, OURS, THEIRS, MERGED), (first, *sides, made), strict=True))
    by_ours, by_theirs = (repository.changes(first, side) for side in sides)
    view = make_view(repository, repository.git, Subject(trees, by_ours, by_theirs), ())
    return told(list(find(view)))


@pytest.mark.parametrize(
    ("path", "sides", "merged", "expected"),
    [
        ("a.js", (JS, OURS_JS, THEIRS_JS), "run(x => {\n  if (x) {\n    for (;;) { one() }\n})\n", f"a.js:3 this file has 1 `{{` without its `}}`, {EVEN}"),
        ("a.vue", (JS, OURS_JS, THEIRS_JS), OURS_JS + "})\n", f"a.vue:6 this file has 1 `}}` without its `{{`, 1 `)` without its `(`, {EVEN}"),
        ("a.rb", (RB, OURS_RB, RB.replace("1", "2")), "def one\n  if x\n    2\nend\n", f"a.rb:3 this file has 1 block without its `end`, {EVEN}"),
        ("A.java", (JAVA.format(""), JAVA.format("here();"), JAVA.format("skip();")), JAVA.format("case 2: skip();"), f"A.java:3 {PARSED} (at `if (x > 1) {{ go(); }} else {{ case 2: skip(); }}`), and did on both sides"),
        ("a.sh", ("a\n", "if a; then b; fi\n", "a && c\n"), "if a && c; then b\n", f"a.sh:2 {PARSED} (missing fi), and did on both sides"),
        ("a.py", (PY, PY.replace("1", "(2)"), PY.replace("1", "[3]")), PY.replace("1", "(3]"),
         f"a.py:2 {PARSED} (closing parenthesis ']' does not match opening parenthesis '('), and did on both sides"),
        ("a.xml", (XML, XML.replace(">1<", ">ä<"), XML.replace("c/", "d/")), XML.replace("</b>", ""), f"a.xml:5 {PARSED} (mismatched tag), and did on both sides"),
        ("A.csproj", (None, XML, XML.replace("c/", "d/")), XML.replace("<c/>", "<c>"), f"A.csproj:5 {PARSED} (mismatched tag), and did on both sides"),
        ("b.py", (None, PY, PY.replace("1", "2")), PY + "  x = 1\n", f"b.py:3 {PARSED} (unindent does not match any outer indentation level), and did on both sides"),
    ],
)  # fmt: skip
def test_found(
    tmp_path: Path, path: str, sides: tuple[str | None, str, str], merged: str, expected: str
) -> None:
    [found] = merged_as(tmp_path, path, *sides, merged)
    # In which line of several, the parser of another Python may see otherwise.
    assert found == f"breakage {expected}"


@pytest.mark.parametrize(
    ("path", "sides", "merged"),
    [
        ("a.js", (JS, OURS_JS, THEIRS_JS), "run(x => {\n  if (x) {\n    for (;;) { one() }\n  }\n})\n"),
        # As on a side; a side that was odd itself; a text that brings a bracket of its own; another language.
        ("a.js", (JS, OURS_JS, THEIRS_JS), OURS_JS),
        ("a.js", (JS, OURS_JS + "{\n", THEIRS_JS), OURS_JS + "{{\n"),
        ("a.js", (JS, JS + "x = '{'\n", THEIRS_JS), THEIRS_JS + "x = '{{'\n"),
        ("a.js", (JS, OURS_JS, THEIRS_JS), OURS_JS + "// :(\n"),
        ("a.rb", (RB, OURS_RB, RB + "x\n"), OURS_RB + "while x do\nend\na << if x\nend\n"),
        ("a.sh", ("f() {\n}\n", "f() {\n1\n}\n", "f() {\n2\n}\n"), "f() {\ncase x in\na) 1 ;;\nesac\n}\n"),
        ("a.txt", (JS, OURS_JS, THEIRS_JS), OURS_JS + "{\n"),
        ("vendor/a.js", (JS, OURS_JS, THEIRS_JS), OURS_JS + "{\n"),
        ("a.xml", (XML, XML.replace(">1<", ">2<"), XML.replace("c/", "d/")), XML.replace(">1<", ">&amp;<")),
        ("a.xml", (XML, XML.replace("<a>", "<a>{{ x }}<b>"), XML.replace("c/", "d/")), XML.replace("<c/>", "<c>")),
        # What stands for more of the like could be of any length.
        ("a.xml", (XML, XML.replace(">1<", ">2<"), XML.replace("c/", "d/")), '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;'),
        ("a.py", (PY, PY + "print 'x'\n", PY.replace("1", "2")), PY + "print 'y'\n"),
        ("a.py", (PY, PY + "'\\d'\n", PY.replace("1", "2")), PY.replace("1", "2") + "'\\d'\n"),
    ],
)  # fmt: skip
def test_silent(tmp_path: Path, path: str, sides: tuple[str | None, str, str], merged: str) -> None:
    assert merged_as(tmp_path, path, *sides, merged) == []


def test_the_line_is_told_from_which_on_more_is_open_than_on_a_side(tmp_path: Path) -> None:
    """Two functions, of which git left the end that both have out of the conflict."""
    lead = "".join(f"func f{n}() {{\n\tgo()\n}}\n\n" for n in range(9))
    one, two = (f"func {name}() {{\n\tif {name} {{\n\t\tgo()\n\t}}\n" for name in ("one", "two"))
    tail = "}\n\nfunc last() {\n}\n"
    sides = (lead + tail[3:], lead + one + tail, lead + two + tail)
    [found] = merged_as(tmp_path, "a.go", *sides, lead + one + two + tail)
    assert found == f"breakage a.go:41 this file has 1 `{{` without its `}}`, {EVEN}"
    assert (lead + one + two).split("\n")[40] == "func two() {"


def test_several_blocks_without_an_end(tmp_path: Path) -> None:
    ours = RB.replace("1", "if x\n1\nend\nwhile y\nend")
    [found] = merged_as(
        tmp_path, "a.rb", RB, ours, RB.replace("1", "2"), "def one\nif x\n1\nwhile y\n2\nend\n"
    )
    assert found == f"breakage a.rb:4 this file has 2 blocks without their `end`, {EVEN}"


@pytest.mark.parametrize("text", ["(" * 5_000, "x = " + "-" * 100_000 + "1\n"])
def test_a_python_text_that_cannot_be_read_stops_nothing(tmp_path: Path, text: str) -> None:
    [found] = merged_as(tmp_path, "a.py", PY, PY.replace("1", "2"), PY.replace("1", "3"), PY + text)
    assert PARSED in found


def test_who_goes_on_with_half_of_a_change_is_told(repo: Repo) -> None:
    tail = "".join(f"more({n})\n" for n in range(9))
    base = repo.commit({"a.js": "begin()\n" + tail + "end()\n"})
    repo.checkout("main", repo.commit({"a.js": "begin(() => {\n" + tail + "})\n"}, base))
    repo.branch("upstream", repo.commit({"a.js": "begin()\n" + tail + "finish()\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("checkout", "--theirs", "--", "a.js")
    text = (repo.path / "a.js").read_text().replace("begin()", "begin(() => {")
    (repo.path / "a.js").write_text(text)
    repo.git("add", "a.js")
    ran = repo.syncfork("continue", "--format", "json")
    [found] = [f for f in ran.report["findings"] if f["detector"] == "syntax"]
    assert (found["path"], found["class"]) == ("a.js", "breakage") and "1 `{` without" in found["message"]
