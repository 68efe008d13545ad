"""`watch:` asks a person about every change of upstream, and about what it could not look at."""

from __future__ import annotations

import pytest
from git_fixtures import EXE, LINK, Repo, compile_rules, numbered, rule_files
from msgspec.structs import replace
from test_merge_rules import sync
from test_rules_lint import problems, view

from syncfork.hold.watch import lineages
from syncfork.render.terminal import render
from syncfork.report import Report
from syncfork.rules.accepting import Accept

CHANGED = "upstream changed what this rule watches"
MULTI = b"image: %s\n---\nb: 1\n"


def watching(what: str, files: str = "f") -> str:
    return f"id: w\nwhy: Somebody has to look at this.\nfiles: ['{files}']\nhold: [{{watch: {what}}}]\n"


def said(report: Report) -> list[str]:
    return [f"{finding.path}: {finding.message}" for finding in report.decisions()]


@pytest.mark.parametrize(
    ("base", "theirs"),
    [
        (b"1\n", b"2\n"),
        (b"\0a", b"\0b"),
        (b"1\n", (EXE, b"1\n")),
        (b"1\n", (LINK, b"x")),
        (b"1\n", None),
        (b"caf\xe9\n", "café\n".encode()),
    ],
)
def test_a_file_is_watched_whatever_it_holds(repo: Repo, base: bytes, theirs: object) -> None:
    report = sync(repo, {"f": base}, {"o": b""}, {"f": theirs}, watching("file"))
    assert said(report) == [f"f: {CHANGED}"] and report.exit_code == 1
    quiet = sync(repo, {"f": base}, {"o": b""}, {"other": b""}, watching("file"))
    assert (said(quiet), quiet.exit_code) == ([], 0)


@pytest.mark.parametrize(
    ("name", "what", "base", "theirs", "why"),
    [
        ("f.yml", "{key: image}", MULTI % b"x", MULTI % b"evil", "another document"),
        ("f.yml", "{key: image}", b"image: x\n", b"image: [x\n", "not YAML"),
        ("f", "{literal: x}", b"\0x", b"\0x evil", "not a text file"),
        ("f", "{literal: x}", b"x\n", b"\0x", "not a text file"),
    ],
)
def test_a_changed_file_that_cannot_be_looked_into(
    repo: Repo, name: str, what: str, base: bytes, theirs: bytes, why: str
) -> None:
    report = sync(repo, {name: base}, {"o": b""}, {name: theirs}, watching(what, name))
    [line] = said(report)
    assert "could not be checked" in line and why in line
    assert said(sync(repo, {name: base}, {"o": b""}, {"other": b""}, watching(what, name))) == []


@pytest.mark.parametrize(
    ("files", "what", "theirs", "missing", "decision"),
    [
        ("f", "{literal: gone}", {"f": b"2\n"}, "the text 'gone'", True),
        ("f*", "{literal: gone}", {"f": b"1\n", "f2": b"2\n"}, "the text 'gone'", True),
        ("f", "{literal: gone}", {"o": b"2\n"}, "the text 'gone'", False),
        ("gone", "file", {"f": b"2\n"}, "a file of this name", False),
    ],
)
def test_what_is_watched_and_nowhere_is_asked_about_where_upstream_changed_a_file_of_the_rules(
    repo: Repo, files: str, what: str, theirs: dict[str, object], missing: str, decision: bool
) -> None:
    report = sync(repo, {"f": b"1\n"}, {"mine": b""}, theirs, watching(what, files))
    [finding] = report.findings
    assert (
        finding.message == f"could not be checked: neither upstream nor the merge base has {missing}"
        and (finding.cls, report.exit_code) == (("decision", 1) if decision else ("note", 0))
    )  # fmt: skip


@pytest.mark.parametrize("what", ["file", "{literal: '3'}"])
@pytest.mark.parametrize("files", ["f", "*"])
def test_a_watched_file_is_followed_to_its_new_name(repo: Repo, what: str, files: str) -> None:
    base = {"f": numbered(9), "o": b"3\n"}
    report = sync(repo, base, {"x": b""}, {"f": None, "d/g": numbered(9)}, watching(what, files))
    # `*` names a folder with all below it.
    assert [f.detector for f in report.findings] == ["renamed"] * (files == "f")
    changes = {"f": None, "d/g": numbered(9, {3: "3 and more"})}
    report = sync(repo, base, {"x": b""}, changes, watching("{regex: '3.*'}", files))
    assert f"d/g: {CHANGED}" in said(report) and len(report.findings) == 1 + (files == "f")


@pytest.mark.parametrize(
    ("before", "after", "former", "pairs"),
    [
        ("ab", "ac", {"c": "b"}, [("a", "a"), ("b", "c")]),
        ("ab", "abc", {"c": "b"}, [("a", "a"), ("b", "b"), ("", "c")]),
        ("ab", "b", {"b": "a"}, [("a", ""), ("b", "b")]),
        ("a", "bc", {"b": "a", "c": "a"}, [("", "b"), ("a", "c")]),
        ("", "b", {"b": "a"}, [("", "b")]),
    ],
)
def test_lineages(before: str, after: str, former: dict[str, str], pairs: list[tuple[str, str]]) -> None:
    assert lineages([*before], [*after], former) == pairs


def test_where_one_of_the_files_has_it_all_is_well(repo: Repo) -> None:
    base = {"f1": b"x\n", "f2": b"y\n"}
    report = sync(repo, base, {"o": b""}, {"f2": b"z\n"}, watching("{literal: x}", "f*"))
    assert (said(report), report.exit_code) == ([], 0)


def test_a_file_that_only_the_fork_has_may_come_to_upstream(repo: Repo) -> None:
    assert said(sync(repo, {"x": b""}, {"f": b"1\n"}, {"y": b""}, watching("file"))) == []


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("{literal: one}", []),
        ("file", []),
        ("{literal: gone}", ["w: it watches the text 'gone' in a.txt of up: nothing is found"]),
        ("{key: image}", ["w: it watches the key 'image' in a.txt of up: "]),
    ],
)
def test_lint_tells_what_is_watched_in_vain(what: str, found: list[str]) -> None:
    rule = watching(what, "a.txt")
    assert compile_rules(rule)
    told = problems(rule, fork=view(a="gone\n"), upstream=view("up", a="one\n"))
    assert len(told) == len(found) and all(t.startswith(f) for t, f in zip(told, found, strict=True))


def test_lint_reads_the_files_that_are_watched(repo: Repo) -> None:
    rule = watching("{literal: gone}")
    ours = repo.commit({"f": "1\n", "syncfork.toml": 'rules = ".r"\n', ".r/w.yml": rule})
    repo.checkout("main", ours)
    assert "nothing is found" in repo.syncfork("rules", "lint").out


@pytest.mark.parametrize(
    ("files", "path", "theirs"),
    [("f", "f", numbered(9, {2: "theirs", 8: "new"})), ("*", "b", b"\0b"), ("*", "b", None)],
)
def test_a_conflict_does_not_hide_what_upstream_changed(
    repo: Repo, files: str, path: str, theirs: object
) -> None:
    base, ours = {"f": numbered(9), "b": b"\0a"}, {"f": numbered(9, {2: "ours"})}
    changes = {"f": numbered(9, {2: "theirs", 8: "new"}), path: theirs}
    report = sync(repo, base, ours, changes, watching("file", files))
    assert [item.path for item in report.conflicts] == ["f"]
    told = f"{path}: {CHANGED}" if files == "f" else f"*: {CHANGED}, in 2 files: b, f"
    assert told in said(report)


def test_it_is_told_at_its_line_of_the_merged_file(repo: Repo) -> None:
    """The fork has lines of its own above it."""
    what = "{regex: '^watched.*$'}"
    base, theirs = b"1\n2\nwatched: a\n", b"1\n2\nwatched: b\n"
    report = sync(repo, {"f": base}, {"f": b"own\nown\n" + base}, {"f": theirs}, watching(what))
    assert [(f.path, f.line) for f in report.findings if f.rule == "w"] == [("f", 5)]


@pytest.mark.parametrize(
    ("what", "files", "together"),
    [("file", 2, True), ("{literal: one}", 3, False), ("{literal: one}", 4, True)],
)
def test_many_files_are_one_decision(repo: Repo, what: str, files: int, together: bool) -> None:
    root = repo.commit({f"d/{n}": b"one\n" for n in range(files)})
    tip = repo.commit({f"d/{n}": b"no\n" for n in range(files - 1)}, root, message="all but the last")
    tip = repo.commit({f"d/{files - 1}": b"no\n"}, tip, message="the last")
    report = repo.merge(repo.commit({"o": b"", **rule_files(watching(what, "d/*"))}, root), tip)
    if not together:
        assert said(report) == [f"d/{n}: {CHANGED}" for n in range(files)]
        return
    more = f" and {files - 2} more" if files > 2 else ""
    assert said(report) == [f"d/*: {CHANGED}, in {files} files: d/0, d/1{more}"]
    [finding] = report.decisions()
    assert finding.files == tuple(f"d/{n}" for n in range(files))
    assert [c.subject for c in finding.culprits] == ["the last", "all but the last"]
    assert render(report).count("why: Somebody has to look at this.") == 1
    message = repo.git("log", "-1", "--format=%B", report.result.branch or "")
    _, line = message.split("\n- ")
    assert CHANGED in " ".join(line.split())
    covering = Accept(detector="invariant", files=("d/**",), reason="nobody minds this")
    assert covering.covers(finding) and not replace(covering, files=("d/0",)).covers(finding)


def test_a_decision_on_many_files_asks_for_each_of_them(repo: Repo) -> None:
    root = repo.commit({"d/a": numbered(9), "d/b": numbered(9), "x": b"1\n"})
    changed = numbered(9, {2: "theirs"})
    repo.branch("upstream", repo.commit({"d/a": changed, "d/b": changed, "x": b"theirs\n"}, root))
    ours = repo.commit({"x": b"ours\n", **rule_files(watching("file", "d/*"))}, root)
    repo.checkout("main", ours)
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / "d/a").write_bytes(numbered(9, {2: "theirs", 8: "ours"}))
    (repo.path / "x").write_bytes(b"both\n")
    repo.git("add", "-A")
    found = repo.syncfork("continue", "--format", "json").report["findings"]
    assert [f["detector"] for f in found if f["class"] != "note"] == ["invariant"]
