"""Conflicts whose lines one side moved elsewhere, on real merges: what is told, and where nothing is."""

from __future__ import annotations

import pytest
from git_fixtures import Change, Changes, Repo, lines, rule_files
from test_resolve import opened

from syncfork.cli.walking import _view
from syncfork.render import html, markdown, sarif, terminal
from syncfork.render.resolve import shown
from syncfork.report import MovedLines, MovedTo, Report, from_json, to_json

HEAD, TAIL = [f"the_head = {n}" for n in range(12)], [f"the_tail = {n}" for n in range(12)]
BODY = [
    "def serve(port, hosts):",
    "    listener = listen_on(port)",
    "    for host in hosts:",
    "        listener.allow(host)",
    "    listener.timeout = 30",
    "    return run_forever(listener)",
]
OWN = [line.replace("30", "90") for line in BODY]


def app(*middle: str) -> bytes:
    return lines(*HEAD, *middle, *TAIL)


def merged(repo: Repo, base: Changes, ours: Changes, theirs: Changes, **options: object) -> Report:
    first = repo.commit(base)
    return repo.merge(repo.commit(ours, first), repo.commit(theirs, first), **options)


def told(report: Report) -> dict[str, list[str]]:
    return {item.path: item.elsewhere for item in report.conflicts}


# Where the lines are told


def test_upstream_moved_what_the_fork_changed_to_another_file(repo: Repo) -> None:
    base = {"app.py": app(*BODY), "net/serving.py": lines("import os", "", "x = 1")}
    theirs = {"app.py": app(), "net/serving.py": lines("import os", "", "x = 1", "", *BODY)}
    report = merged(repo, base, {"app.py": app(*OWN)}, theirs)
    [item] = report.conflicts
    assert item.moved == (MovedLines("theirs", 0, 13, (MovedTo("net/serving.py", 5, 6),), touched=True),)
    words = "line 13: upstream moved these lines to net/serving.py:5: put the fork's change there"
    assert item.elsewhere == [words]
    assert not report.git_alone[0].moved


def test_the_fork_moved_what_upstream_changed_to_a_new_file_and_indented_it(repo: Repo) -> None:
    ours = {"app.py": app(), "serving.py": lines("class Server:", *(f"    {line}" for line in BODY))}
    report = merged(repo, {"app.py": app(*BODY)}, ours, {"app.py": app(*OWN)})
    words = "line 13: the fork moved these lines to serving.py:2: put upstream's change there"
    assert told(report) == {"app.py": [words]}


def test_to_another_place_of_the_same_file(repo: Repo) -> None:
    more = [f"more = {n}" for n in range(30)]
    base, theirs = app(*BODY, *more), app(*more, *BODY)
    report = merged(repo, {"app.py": base}, {"app.py": app(*OWN, *more)}, {"app.py": theirs})
    text = repo.read(str(report.result.tree), "app.py").decode().split("\n")
    [moved] = report.conflicts[0].moved
    # The line is that of the merged file, markers included, and not the one between them.
    assert text[moved.to[0].line - 1] == BODY[0]
    assert text[: moved.to[0].line].count(BODY[0]) == 2
    end = f"upstream moved these lines to line {moved.to[0].line} of this file: put the fork's change there"
    assert told(report) == {"app.py": [f"line 13: {end}"]}


def test_a_file_that_was_split_into_others(repo: Repo) -> None:
    parts = {name: [f"def {name}_{n}(value):" for n in range(8)] for name in ("read", "write")}
    base = lines(*parts["read"], *parts["write"])
    ours = lines(*parts["read"], *parts["write"][:4], "fork = 1", *parts["write"][4:])
    padding = [f"of_another_kind = {n}" for n in range(40)]
    theirs: Changes = {"io.py": None} | {
        f"io/{name}.py": lines(*padding, *part) for name, part in parts.items()
    }
    report = merged(repo, {"io.py": base}, {"io.py": ours}, theirs)
    words = (
        "upstream moved most of its lines to io/write.py:42 and io/read.py:41: put the fork's change there"
    )
    assert told(report) == {"io.py": [words]}
    assert report.conflicts[0].kind == "modify/delete"
    assert words in terminal.render(report)


def test_what_was_changed_beside_the_lines_may_belong_elsewhere(repo: Repo) -> None:
    ours = app("fork = 1", "fork = 2", *BODY)
    report = merged(repo, {"app.py": app(*BODY)}, {"app.py": ours}, {"app.py": app(), "b.py": lines(*BODY)})
    words = "line 13: upstream moved these lines to b.py:1: the fork's change beside them may belong there"
    assert told(report) == {"app.py": [words]}


def test_the_file_has_the_name_that_the_fork_gave_it(repo: Repo) -> None:
    rest = [f"y = {n}" for n in range(30)]
    base = {"app.py": app(*BODY), "old.py": lines(*rest)}
    ours: Changes = {"app.py": app(*OWN), "old.py": None, "new.py": lines(*rest)}
    report = merged(repo, base, ours, {"app.py": app(), "old.py": lines(*rest, *BODY)})
    assert told(report)["app.py"][0].endswith("to new.py:31: put the fork's change there")


def test_each_conflict_of_a_file_is_told_by_its_own(repo: Repo) -> None:
    other = [line.replace("serve", "fetch").replace("listen", "ask") for line in BODY]
    base = app(*BODY, *HEAD, *other)
    ours = app(*OWN, *HEAD, *other[:-1], "    return None")
    theirs = {"app.py": app("x = 1", *HEAD, "y = 1"), "a.py": lines(*BODY), "b.py": lines(*other)}
    report = merged(repo, {"app.py": base}, {"app.py": ours}, theirs)
    assert [(item.clash, item.line, item.to[0].path) for item in report.conflicts[0].moved] == [
        (0, 13, "a.py"),
        (1, 31, "b.py"),
    ]


# Where nothing is told


IMPORTS = [f"from package import name_{n}" for n in range(9)]
LICENCE = ["# Copyright of somebody", *(f"# permission is granted to use, {n}" for n in range(9))]
SILENT: dict[str, tuple[Changes, Changes, Changes]] = {
    "gone for good": ({"a": app(*BODY)}, {"a": app(*OWN)}, {"a": app()}),
    "too few lines": (
        {"a": app(*BODY[:2])}, {"a": app("def serve():", BODY[1])}, {"a": app(), "b": lines(*BODY[:2])},
    ),
    "a part of them": (
        {"a": app(*BODY)}, {"a": app(*OWN)}, {"a": app(), "b": lines(*BODY[:3], "x")},
    ),
    "in two places": (
        {"a": app(*BODY)}, {"a": app(*OWN)}, {"a": app(), "b": lines(*BODY), "c": lines("x", *BODY)},
    ),
    "both moved them there": (
        {"a": app(*BODY), "b": "x\n"},
        {"a": app("fork"), "b": lines("x", *OWN)},
        {"a": app("upstream"), "b": lines("x", *BODY)},
    ),
    "each moved them elsewhere": (
        {"a": app(*BODY)},
        {"a": app("fork"), "b": lines(*BODY)},
        {"a": app("upstream"), "c": lines(*BODY)},
    ),
    "there before": (
        {"a": app(*BODY), "b": lines(*BODY)},
        {"a": app(*OWN)},
        {"a": app(), "b": lines(*BODY, "more")},
    ),
    "still there, changed": (
        {"a": app(*BODY)}, {"a": app(*OWN)}, {"a": app(*(line.replace("30", "60") for line in BODY))},
    ),
    "imports": (
        {"a": app(*IMPORTS)}, {"a": app(*IMPORTS[1:])}, {"a": app(), "b": lines(*IMPORTS)},
    ),
    "a licence": (
        {"a": lines(*LICENCE, "x = 1")},
        {"a": lines(*LICENCE, "x = 2")},
        {"a": None, "b": lines(*LICENCE, "y = 1", *(f"z = {n}" for n in range(40)))},
    ),
    "a copy of the file as it was": (
        {"a": app(*BODY)}, {"a": app(*OWN)}, {"a": app("rewritten"), "copies/a": app(*BODY, "more")},
    ),
    "a lock file": (
        {"yarn.lock": app(*BODY)}, {"yarn.lock": app(*OWN)}, {"yarn.lock": app(), "b": lines(*BODY)},
    ),
    "a few lines of a deleted file": (
        {"a": app(*BODY, *(f"some_name = {n}" for n in range(30)))},
        {"a": app(*OWN, *(f"some_name = {n}" for n in range(30)))},
        {"a": None, "b": lines(*BODY)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_told_of(repo: Repo, name: str) -> None:
    base, ours, theirs = SILENT[name]
    report = merged(repo, base, ours, theirs)
    assert told(report) and not any(told(report).values())


def test_nothing_is_told_of_lines_that_a_rule_keeps_out(repo: Repo) -> None:
    rule = rule_files("id: none\nfiles: [b.py]\nown: absent\n")
    first = repo.commit({"app.py": app(*BODY), **rule})
    ours = repo.commit({"app.py": app(*OWN)}, first)
    theirs = repo.commit({"app.py": app(), "b.py": lines(*BODY)}, first)
    assert told(repo.merge(ours, theirs)) == {"app.py": []}


# Where it is told


@pytest.fixture
def moved(repo: Repo) -> tuple[Repo, Report]:
    theirs = {"app.py": app(), "[b]old\x1b.py": lines("# here", *BODY)}
    return repo, merged(repo, {"app.py": app(*BODY)}, {"app.py": app(*OWN)}, theirs, checkout=True)


def test_every_form_of_the_report_tells_it(moved: tuple[Repo, Report]) -> None:
    _, report = moved
    assert from_json(to_json(report)) == report
    assert to_json(report)["conflicts"][0]["moved"][0]["to"] == (
        {"path": "[b]old\x1b.py", "line": 2, "lines": 6},
    )
    for text in (terminal.render(report), markdown.render(report), html.render(report), sarif.render(report)):
        assert "upstream moved these lines to" in text and "put the fork" in text
        assert "\x1b" not in text


def test_a_report_of_before_reads_back(moved: tuple[Repo, Report]) -> None:
    data = to_json(moved[1])
    for item in data["conflicts"]:
        del item["moved"]
    assert told(from_json(data)) == {"app.py": []}


def test_resolve_tells_it_of_the_conflict(moved: tuple[Repo, Report]) -> None:
    walk = opened(moved[0])
    step = walk.walk.current
    assert step is not None
    words = [str(line) for line in shown(_view(walk, step), 100)]
    [line] = [line for line in words if "moved these lines" in line]
    assert line.startswith("Upstream moved these lines to ") and line.endswith(
        ":2: put the fork's change there."
    )


def test_resolve_does_not_tell_it_of_another_one(moved: tuple[Repo, Report]) -> None:
    repo, _ = moved
    path = repo.path / "app.py"
    text = path.read_text()
    # What a person changed between the markers is no conflict that the merge knew.
    path.write_text(text.replace("    listener.timeout = 90\n", "    listener.timeout = 70\n"))
    walk = opened(repo)
    step = walk.walk.current
    assert step is not None and step.marked is not None and step.marked.number is None
    assert not any("moved these lines" in str(line) for line in shown(_view(walk, step), 100))


def test_resolve_tells_it_of_a_deleted_file_in_place_of_a_name_that_is_like_it(repo: Repo) -> None:
    body: Change = lines(*BODY)
    theirs: Changes = {
        "serve.py": None,
        "serve.pyx": "x\n",
        "net.py": lines(*(f"n = {n}" for n in range(40)), *BODY),
    }
    report = merged(repo, {"serve.py": body}, {"serve.py": lines(*OWN)}, theirs, checkout=True)
    assert report.conflicts[0].successor == "serve.pyx"
    walk = opened(repo)
    step = walk.walk.current
    assert step is not None
    words = "\n".join(str(line) for line in shown(_view(walk, step), 100))
    assert "Upstream moved most of its lines to net.py:42: put the fork's change there." in words
    assert "may have gone on" not in words + terminal.render(report)
    assert "upstream moved most of its lines to net.py:42" in repo.syncfork("status").out
