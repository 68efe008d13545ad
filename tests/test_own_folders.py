"""`own: {derived: FOLDER/**}`: a folder of the fork's that follows one of upstream's."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from git_fixtures import Change, Repo, compile_rules, numbered
from test_merge_own import criss_cross, decisions, own
from test_merge_rules import merged, sync
from test_rules_lint import TODAY

from syncfork.errors import RuleError
from syncfork.report import Report
from syncfork.rules.lint import View, lint
from syncfork.rules.load import parse_rule

FOLDER = own("{derived: 'src/up/**'}", "own/copy/**", "copy")
IMPORTS = (
    "id: imports\nfiles: ['own/copy/**']\n"
    "rewrite: [{replace: {literal: '\"up/'}, with: '\"copy/', expect: any}]\n"
)


def code(name: str = "", changes: Mapping[int, str] | None = None, start: str = "up") -> bytes:
    """A file that imports something of its own folder."""
    return f'import "{start}/x"\n'.encode() + numbered(20, {1: f"file {name}", **(changes or {})})


def at(folder: str, files: Mapping[str, bytes | None]) -> dict[str | bytes, Change]:
    return {f"{folder}/{name}": content for name, content in files.items()}


BASE = {"a": code("a"), "deep/b": code("b"), "deep/c": code("c")}
MINE = {
    "a": code("a", {15: "ours"}, "copy"),
    "deep/b": code("b", {}, "copy"),
    "deep/c": code("c", {15: "ours"}, "copy"),
    "own": b"only ours\n",
}


def follow(
    repo: Repo,
    theirs: Mapping[str, bytes | None],
    mine: Mapping[str, bytes | None] = MINE,
    *rules: str,
    **options: object,
) -> Report:
    used = rules or (FOLDER, IMPORTS)
    return sync(repo, at("src/up", BASE), at("own/copy", mine), at("src/up", theirs), *used, **options)


def made(repo: Repo, report: Report) -> dict[str, bytes]:
    return {
        path.removeprefix("own/copy/"): content
        for path, (_, content) in merged(repo, report).items()
        if path.startswith("own/copy/")
    }


def test_each_file_follows_the_one_of_its_name(repo: Repo) -> None:
    report = follow(repo, {"a": code("a", {5: "better"}), "deep/b": code("b", {5: "better"})})
    assert made(repo, report) == {
        **MINE,
        "a": code("a", {5: "better", 15: "ours"}, "copy"),
        "deep/b": code("b", {5: "better"}, "copy"),
    }
    assert report.exit_code == 0 and not report.ledger.unexplained
    copied = {item.path: item.outcome for item in report.rules if item.id == "copy"}
    assert copied == {
        "own/copy/a": "applied",
        "own/copy/deep/b": "applied",
        "own/copy/deep/c": "satisfied",
    }


def test_what_upstream_adds_is_made_in_the_copy_with_the_other_rules_on_top(repo: Repo) -> None:
    report = follow(repo, {"new": code("new"), "deep/further/new": b"\x00binary\n"})
    assert made(repo, report) == {
        **MINE,
        "new": code("new", {}, "copy"),
        "deep/further/new": b"\x00binary\n",
    }
    assert report.exit_code == 1, "a file that is no text cannot be rewritten, and that is told"
    report = follow(repo, {"new": code("new")}, {**MINE, "new": code("new", {}, "copy")})
    assert made(repo, report)["new"] == code("new", {}, "copy") and report.exit_code == 0


def test_steps_of_the_same_rule_apply_to_what_is_ported(repo: Repo) -> None:
    both = FOLDER + IMPORTS.split("\n", 2)[2]
    report = follow(repo, {"a": code("a", {5: "better"}), "new": code("new")}, MINE, both)
    assert made(repo, report)["new"] == code("new", {}, "copy")
    assert made(repo, report)["a"] == code("a", {5: "better", 15: "ours"}, "copy")
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_what_the_fork_has_of_its_own_under_a_new_name_of_upstream_s_stays(repo: Repo) -> None:
    report = follow(repo, {"own": b"upstream's\n"})
    assert made(repo, report) == MINE
    [finding] = report.decisions()
    assert (finding.path, finding.detector) == ("own/copy/own", "derived")
    assert finding.message.startswith("upstream added src/up/own, and the fork's own file here differs")


def test_what_upstream_deleted_goes_where_the_copy_equals_it(repo: Repo) -> None:
    report = follow(repo, {"deep/b": None, "deep/c": None})
    assert made(repo, report) == {name: text for name, text in MINE.items() if name != "deep/b"}
    assert decisions(report) == [("copy", "own/copy/deep/c", "derived-source-gone")]
    [finding] = report.decisions()
    assert "upstream deleted src/up/deep/c" in finding.message and finding.culprits
    assert not report.conflicts and not report.ledger.unexplained and report.exit_code == 1


def test_a_name_that_cannot_be_printed_is_told_as_a_shell_takes_it(repo: Repo) -> None:
    name = "it's\tone"
    report = sync(
        repo,
        at("src/up", {name: code()}),
        at("own/copy", {name: code("", {5: "ours"})}),
        at("src/up", {name: None}),
        FOLDER,
    )
    [finding] = report.decisions()
    assert r"`git rm $'own/copy/it\x27s\x09one'`" in finding.fix


def test_what_upstream_renamed_goes_along_with_what_the_fork_changed(repo: Repo) -> None:
    report = follow(repo, {"deep/c": None, "other/d": code("c", {5: "better"})})
    expected = {**MINE, "other/d": code("c", {5: "better", 15: "ours"}, "copy")}
    del expected["deep/c"]
    assert made(repo, report) == expected
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_one_that_moved_out_of_the_folder_is_followed_and_asked_about(repo: Repo) -> None:
    theirs = {**at("src/up", {"deep/c": None}), "elsewhere/c": code("c", {5: "better"})}
    report = sync(repo, at("src/up", BASE), at("own/copy", MINE), theirs, FOLDER, IMPORTS)
    assert made(repo, report)["deep/c"] == code("c", {5: "better", 15: "ours"}, "copy")
    assert decisions(report) == [("copy", "own/copy/deep/c", "own")]
    assert "elsewhere/c, which is not below src/up" in report.decisions()[0].message


def test_what_the_fork_gave_up_stays_away(repo: Repo) -> None:
    mine = {name: text for name, text in MINE.items() if name != "deep/b"}
    report = follow(repo, {"deep/b": code("b", {5: "better"})}, mine)
    assert made(repo, report) == mine and report.exit_code == 0


def test_an_exception_is_no_copy(repo: Repo) -> None:
    rule = FOLDER.replace("['own/copy/**']", "['own/copy/**', '!own/copy/deep/**']")
    theirs = {"a": code("a", {5: "better"}), "deep/b": code("b", {5: "better"}), "deep/new": code("new")}
    report = follow(repo, theirs, MINE, rule, IMPORTS)
    assert made(repo, report) == {**MINE, "a": code("a", {5: "better", 15: "ours"}, "copy")}
    # What moves to where the rule does not look is gone from where it does.
    moved = follow(repo, {"a": None, "deep/a": code("a")}, MINE, rule, IMPORTS)
    assert made(repo, moved) == MINE
    assert decisions(moved) == [("copy", "own/copy/a", "derived-source-gone")]


def test_two_rules_share_a_folder(repo: Repo) -> None:
    """What is no copy of the one is the other's."""
    styles = own("{derived: 'styles/**'}", "own/copy/styles/**", "styles")
    base = {**at("src/up", BASE), **at("styles", {"s": numbered(20)})}
    mine = {**at("own/copy", MINE), **at("own/copy/styles", {"s": numbered(20, {15: "ours"})})}
    theirs = {**at("styles", {"s": numbered(20, {5: "better"})}), **at("src/up", {"new": code("new")})}
    report = sync(repo, base, mine, theirs, FOLDER, styles)
    assert made(repo, report)["styles/s"] == numbered(20, {5: "better", 15: "ours"})
    assert made(repo, report)["new"] == code("new")
    assert report.exit_code == 0


def test_hunks_that_cannot_be_ported_are_one_decision_a_file_with_all_three_texts(repo: Repo) -> None:
    mine = {**MINE, "a": code("a", {5: "ours five", 15: "ours fifteen"}, "copy")}
    theirs = {"a": code("a", {5: "theirs five", 10: "ten", 15: "theirs fifteen"})}
    report = follow(repo, theirs, mine)
    assert made(repo, report)["a"] == code("a", {5: "ours five", 10: "ten", 15: "ours fifteen"}, "copy")
    assert decisions(report) == [("copy", "own/copy/a", "derived")]
    [finding] = report.decisions()
    assert finding.line == 6 and "in 2 places" in finding.message
    for line in ("-line 5", "+theirs five", " ours five", "-line 15", "+theirs fifteen", " ours fifteen"):
        assert line in finding.code.split("\n"), line
    shown = [(excerpt.path, excerpt.first, excerpt.lines) for excerpt in finding.excerpts]
    assert shown == [
        ("own/copy/a", 6, ("ours five",)),
        ("src/up/a", 6, ("line 5",)),
        ("src/up/a", 6, ("theirs five",)),
        ("own/copy/a", 16, ("ours fifteen",)),
        ("src/up/a", 16, ("line 15",)),
        ("src/up/a", 16, ("theirs fifteen",)),
    ]
    assert finding.upstream and finding.upstream.path == "src/up/a" and finding.culprits


def test_many_lines_that_are_alike_take_no_longer(repo: Repo) -> None:
    """To hold each line against each that reads the same took minutes."""

    def text(start: str, *, last: str = "") -> bytes:
        blocks = "".join(f'  "k{n}": {{\n  }},\n' for n in range(10_000))
        return (blocks.replace('"k5"', start, 1) + last).encode()

    mine, theirs = text('"ours"'), text('"theirs"', last="end\n")
    began = time.monotonic()
    report = sync(
        repo,
        at("src/up", {"a": text('"k5"')}),
        at("own/copy", {"a": mine}),
        at("src/up", {"a": theirs}),
        FOLDER,
    )
    assert time.monotonic() - began < 15
    [finding] = report.decisions()
    assert [(e.path, e.first, e.lines) for e in finding.excerpts] == [
        ("own/copy/a", 11, ('  "ours": {',)),
        ("src/up/a", 11, ('  "k5": {',)),
        ("src/up/a", 11, ('  "theirs": {',)),
    ]


def test_files_that_follow_by_name_alone_are_one_decision(repo: Repo) -> None:
    names = [f"deep/{name}.json" for name in "abcd"]
    base = at("src/up", {name: code(name) for name in names})
    mine = at("own/copy", dict.fromkeys(names[:3], b"all our own\n" * 20) | {names[3]: code(names[3])})
    theirs = at("src/up", {name: code(name, {5: "better"}) for name in names})
    report = sync(repo, base, mine, theirs, FOLDER)
    [finding] = report.decisions()
    assert (finding.path, finding.line, finding.detector) == ("own/copy/deep/a.json", 0, "derived")
    assert finding.message.startswith("this file and 2 more files have little in common")
    assert '"!own/copy/deep/b.json"' in finding.fix
    assert made(repo, report) == {
        **dict.fromkeys(names[:3], b"all our own\n" * 20),
        names[3]: code(names[3], {5: "better"}),
    }


def test_a_merge_with_two_bases(repo: Repo) -> None:
    files = at("own/copy", {"a": numbered(20, {15: "ours"})})
    left, right = criss_cross(repo, files, {"g": b"2\n"}, at("src/up", {"a": numbered(20)}))
    ours = repo.commit({"o": b"1\n"}, left)
    theirs = repo.commit(at("src/up", {"a": numbered(20, {5: "better"}), "new": numbered(3)}), right)
    merge = repo.lift(ours, theirs, FOLDER)
    assert repo.read(merge.merged.tree, "own/copy/a") == numbered(20, {5: "better", 15: "ours"})
    assert repo.read(merge.merged.tree, "own/copy/new") == numbered(3)


@pytest.mark.parametrize(
    ("files", "source", "said"),
    [
        ("['own/copy/**', '!own/copy/x']", "src/up/**", ""),
        ("[a.yml, b.yml]", "src/up.yml", ""),
        ("['app/\\[slug]/**']", "src/[slug]/**", ""),
        ("['own/copy/**']", "src/up/*", "own.derived: expected one path without a glob, or a whole folder as `src/up/**`"),
        ("['own/copy/**']", "src/*/up.js", "own.derived: expected one path without a glob, or a whole folder as `src/**`"),
        ("['own/copy/**']", "src/**/up/**", "own.derived: expected one path without a glob"),
        ("['own/copy/**']", "src/up/", "own.derived: expected one path without a glob, or a whole folder as `src/up/**`"),
        ("['own/copy/**']", "**", "own.derived: expected the path of a file of upstream's, or a folder as FOLDER/**"),
        ("['own/copy/*']", "src/up/**", "own.derived: follows a folder, src/up/**, so `files` has to name one folder"),
        ("[own/copy]", "src/up/**", "own.derived: follows a folder, src/up/**, so `files` has to name one folder"),
        ("['a/**', 'b/**']", "src/up/**", "own.derived: follows a folder, src/up/**, so `files` has to name one folder"),
        ("['*/copy/**']", "src/up/**", "own.derived: follows a folder, src/up/**, so `files` has to name one folder"),
        ("['own//copy/**']", "src/up/**", "files.0: 'own//copy/**' matches nothing: write it from the root, as 'own/copy/**'"),
        ("['./own/**', '!./own/x']", "src/up/**", "files.0: './own/**' matches nothing: write it from the root, as 'own/**'"),
        ("['own/**', '!own/./x']", "src/up/**", "files.1: '!own/./x' matches nothing: write it from the root, as '!own/x'"),
        ("['own/**']", "./src/**", "own.derived: './src/**' is no path of upstream's: write it from the root, as 'src/**'"),
        ("['own/**']", "src/../up/**", "own.derived: 'src/../up/**' is no path of upstream's: write it from the root, as 'up/**'"),
        ("[own/x]", "src//x", "own.derived: 'src//x' is no path of upstream's: write it from the root, as 'src/x'"),
        ("['/own/**']", "/src/**", ""),
        ("['src/up/own/**']", "src/up/**", "own.derived: src/up and src/up/own are one folder, or one is in the other"),
    ],
)  # fmt: skip
def test_both_ends_are_folders_or_none_is(files: str, source: str, said: str) -> None:
    text = f"id: copy\nwhy: This follows what upstream has.\nfiles: {files}\nown: {{derived: '{source}'}}\n"
    found = parse_rule("copy.yml", text.encode())
    if said:
        line = 3 if said.startswith("files") else 4
        assert isinstance(found, list) and found[0].startswith(f"copy.yml:{line}: {said}")
    else:
        assert not isinstance(found, list)


def test_a_wrong_word_is_asked_about() -> None:
    text = b"id: copy\nwhy: This follows what upstream has.\nfiles: [a]\nown: {derive: b}\n"
    [said] = parse_rule("copy.yml", text)
    assert said.endswith("did you mean derived?")
    with pytest.raises(RuleError):
        compile_rules("id: copy\nfiles: ['a/*']\nown: {derived: 'b/**'}\n")


def test_lint_knows_a_folder() -> None:
    def said(*paths: str, rules: tuple[str, ...] = (FOLDER,)) -> list[str]:
        written = [
            rule.replace("\n", f"\nwhy: The reason for {n} is its own.\n", 1) for n, rule in enumerate(rules)
        ]
        view = View("HEAD", frozenset(paths))
        return [remark.problem for remark in lint(compile_rules(*written), view, None, TODAY)]

    assert said("own/copy/a", "src/up/a") == []
    assert said("own/copy/a", "src/upper") == ["no file of HEAD is below src/up, which own/copy/** follows"]
    styles = own("{derived: 'styles/**'}", "own/copy/styles/**", "styles")
    paths = ("own/copy/a", "src/up/a", "own/copy/styles/s", "styles/s")
    assert said(*paths, rules=(FOLDER, styles)) == []
    assert len(said(*paths, "src/up/styles/s", rules=(FOLDER, styles))) == 1
