"""Path-level intents in a merge: absent, ours, theirs, union, derived, regenerate."""

from __future__ import annotations

import json
import sys

import pytest
from git_fixtures import EXE, Repo, lines, numbered
from test_merge_rules import merged, problems, sync

from syncfork.render.terminal import render
from syncfork.report import from_json, to_json


def own(what: str, files: str = "f", name: str = "owned") -> str:
    return f"id: {name}\nfiles: ['{files}']\nown: {what}\n"


def decisions(report: object) -> list[tuple[str | None, str, str]]:
    return [(f.rule, f.path, f.detector) for f in report.decisions()]  # type: ignore[attr-defined]


# -- absent


def test_absent_leaves_no_conflict_where_upstream_changed_what_the_fork_deleted(repo: Repo) -> None:
    report = sync(
        repo, {"f": numbered(9), "g": b"1\n"}, {"f": None}, {"f": numbered(9, {2: "new"})}, own("absent")
    )
    assert [c.kind for c in report.git_alone] == ["modify/delete"]
    assert (report.exit_code, report.conflicts) == (0, ())
    assert merged(repo, report) == {"g": ("100644", b"1\n")}


def test_absent_holds_for_what_upstream_adds_and_renames(repo: Repo) -> None:
    base = {"docs/a": numbered(9), "g": b"1\n"}
    report = sync(
        repo,
        base,
        {"docs/a": None},
        {"docs/a": None, "b": numbered(9), "docs/new": b"x\n"},
        own("absent", "docs/**"),
    )
    assert merged(repo, report) == {"g": ("100644", b"1\n")}
    assert not report.conflicts and report.exit_code == 0


def test_absent_where_upstream_puts_a_file_in_the_place_of_the_folder(repo: Repo) -> None:
    base = {"docs/a": numbered(9), "g": b"1\n"}
    report = sync(repo, base, {"docs/a": None}, {"docs/a": None, "docs": b"x\n"}, own("absent", "docs/*"))
    assert merged(repo, report) == {"g": ("100644", b"1\n"), "docs": ("100644", b"x\n")}


def test_absent_has_one_entry_for_a_file_that_the_fork_changed_and_upstream_deleted(repo: Repo) -> None:
    base, ours = {"docs/a b": numbered(9), "g": b"1\n"}, numbered(9, {8: "ours"})
    report = sync(repo, base, {"docs/a b": ours}, {"docs/a b": None}, own("absent", "docs/**"))
    assert (report.conflicts, report.breakages()) == ((), [])
    [finding] = report.decisions()
    assert finding.path == "docs/a b" and "`git rm 'docs/a b'`" in finding.message
    assert [item.outcome for item in report.rules] == ["refused"], "it is not as the rule wants it"
    assert merged(repo, report)["docs/a b"][1] == ours and report.exit_code == 1


def test_absent_does_not_come_between_a_file_and_the_name_that_the_fork_gave_it(repo: Repo) -> None:
    ours = {"f": None, "docs/f": numbered(9, {8: "ours"})}
    report = sync(repo, {"f": numbered(9)}, ours, {"f": numbered(9, {2: "new"})}, own("absent", "docs/**"))
    assert merged(repo, report)["docs/f"][1] == numbered(9, {2: "new", 8: "ours"})
    assert not report.conflicts and decisions(report) == [("owned", "docs/f", "own")]


# -- ours, theirs


@pytest.mark.parametrize(
    "theirs", [numbered(9, {2: "new", 5: "theirs"}), None, (EXE, numbered(9)), b"\0binary"]
)
def test_ours_stays_whatever_upstream_does(repo: Repo, theirs: object) -> None:
    mine = numbered(9, {5: "ours"})
    report = sync(repo, {"f": numbered(9)}, {"f": mine}, {"f": theirs, "g": b"1\n"}, own("ours"))
    assert merged(repo, report) == {"f": ("100644", mine), "g": ("100644", b"1\n")}
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_ours_where_upstream_puts_a_file_in_the_place_of_the_folder(repo: Repo) -> None:
    base = {"docs/a": numbered(9), "g": b"1\n"}
    report = sync(repo, base, {"docs/a": b"ours\n"}, {"docs/a": None, "docs": b"x\n"}, own("ours", "docs/*"))
    assert decisions(report) == [("owned", "docs/a", "own")]
    assert report.exit_code == 1, "one name cannot be a folder and a file: a person decides"
    assert b"ours\n" in [content for _, content in merged(repo, report).values()]


ONLY_F = "id: owned\nfiles: [f, '!f/*']\nown: ours\n"


def test_ours_where_upstream_puts_a_folder_in_the_place_of_the_file(repo: Repo) -> None:
    report = sync(repo, {"f": numbered(9)}, {"f": b"ours\n"}, {"f": None, "f/new": b"x\n"}, ONLY_F)
    assert decisions(report) == [("owned", "f", "own")]
    assert {b"ours\n", b"x\n"} == {content for _, content in merged(repo, report).values()}


@pytest.mark.parametrize("theirs", [numbered(9, {2: "new", 5: "theirs"}), None])
def test_theirs_is_taken_whatever_the_fork_did(repo: Repo, theirs: bytes | None) -> None:
    report = sync(
        repo, {"f": numbered(9), "g": b"1\n"}, {"f": numbered(9, {5: "ours"})}, {"f": theirs}, own("theirs")
    )
    [item] = report.rules
    assert (item.outcome, item.detail) == ("applied", "theirs: the fork's changes to it are left out")
    wanted = {"g": ("100644", b"1\n")} | ({"f": ("100644", theirs)} if theirs else {})
    assert merged(repo, report) == wanted
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_theirs_tells_of_a_removal_and_nothing_where_the_fork_did_nothing(repo: Repo) -> None:
    base, theirs = {"f": numbered(9), "h": numbered(9)}, {"f": numbered(9, {2: "new"})}
    report = sync(repo, base, {"f": None}, theirs, own("theirs", "[fh]"))
    told = {item.path: (item.outcome, item.detail) for item in report.rules}
    assert told["f"] == ("applied", "theirs: the fork's removal is left out")
    assert told["h"] == ("satisfied", "theirs")
    assert merged(repo, report)["f"][1] == theirs["f"]


def test_the_first_of_two_owners_counts(repo: Repo) -> None:
    rules = own("ours", "f"), own("theirs", "*", "all")
    report = sync(
        repo, {"f": b"0\n", "g": b"0\n"}, {"f": b"1\n", "g": b"1\n"}, {"f": b"2\n", "g": b"2\n"}, *rules
    )
    assert {path: content for path, (_, content) in merged(repo, report).items()} == {
        "f": b"1\n",
        "g": b"2\n",
    }


# -- union


def test_union_keeps_both_sides_lines_and_tells(repo: Repo) -> None:
    base, ours, theirs = lines("a", "z"), lines("a", "ours", "z"), lines("a", "theirs", "z")
    report = sync(repo, {"f": base}, {"f": ours}, {"f": theirs}, own("union"))
    assert merged(repo, report)["f"][1] == lines("a", "ours", "theirs", "z")
    assert [(f.cls, f.detector) for f in report.findings] == [("note", "union")]
    assert report.exit_code == 0 and not report.ledger.unexplained


@pytest.mark.parametrize("rule", ["=======", "=" * 20])
def test_union_of_texts_that_hold_what_looks_like_a_marker(repo: Repo, rule: str) -> None:
    base, ours, theirs = (
        lines("a", "z"),
        lines("a", "Ours", rule, "o", "z"),
        lines("a", "Theirs", rule, "t", "z"),
    )
    report = sync(repo, {"f": base}, {"f": ours}, {"f": theirs}, own("union"))
    assert merged(repo, report)["f"][1] == lines("a", "Ours", rule, "o", "Theirs", rule, "t", "z")


def test_union_does_not_decide_a_deletion(repo: Repo) -> None:
    report = sync(repo, {"f": numbered(9)}, {"f": None}, {"f": numbered(9, {2: "new"})}, own("union"))
    assert [c.kind for c in report.conflicts] == ["modify/delete"]
    assert report.exit_code == 1


# -- renamed by upstream


@pytest.mark.parametrize("what", ["ours", "theirs", "union", "{regenerate: ['true']}"])
@pytest.mark.parametrize("anew", [False, True])
def test_a_name_that_upstream_gave_the_file_is_a_decision(repo: Repo, what: str, anew: bool) -> None:
    theirs = {"f": None, "conf/f": numbered(20, {9: "theirs"})}
    ours = {"f": numbered(20, {2: "ours"})}
    report = sync(repo, {"f": numbered(20)}, ours, theirs, own(what), regenerate=anew)
    [finding] = report.decisions()
    assert (finding.path, finding.detector, report.exit_code) == ("f", "own", 1)
    assert "upstream renamed it to conf/f" in finding.message and "`files`" in finding.message
    named = sync(repo, {"f": numbered(20)}, ours, theirs, own(what, "**/f"), regenerate=anew)
    assert "own" not in [f.detector for f in named.decisions()]


# -- derived

DERIVED = own("{derived: src/up.yml}", "mine.yml", "copy")


def test_a_derived_file_follows_its_source(repo: Repo) -> None:
    base = {"src/up.yml": numbered(20)}
    mine = numbered(20, {1: "name: ours", 15: "adapted"})
    theirs = {"src/up.yml": numbered(20, {5: "better", 8: "more"})}
    report = sync(repo, base, {"mine.yml": mine}, theirs, DERIVED)
    assert merged(repo, report)["mine.yml"][1] == numbered(
        20, {1: "name: ours", 5: "better", 8: "more", 15: "adapted"}
    )
    assert merged(repo, report)["src/up.yml"][1] == theirs["src/up.yml"]
    assert report.exit_code == 0 and not report.ledger.unexplained


def test_what_cannot_be_ported_is_reported_and_ours_stays(repo: Repo) -> None:
    mine = numbered(20, {15: "adapted"})
    theirs = {"src/up.yml": numbered(20, {5: "better", 15: "rewritten"})}
    report = sync(repo, {"src/up.yml": numbered(20)}, {"mine.yml": mine}, theirs, DERIVED)
    assert merged(repo, report)["mine.yml"][1] == numbered(20, {5: "better", 15: "adapted"})
    assert decisions(report) == [("copy", "mine.yml", "derived")]
    [finding] = report.decisions()
    told = "@@ line 15 of upstream's\n-line 15\n+rewritten\n@@ ours stays, line 15\n adapted"
    assert finding.code == told and len(finding.culprits) == 1
    assert report.exit_code == 1 and not report.conflicts


def test_a_page_break_in_what_cannot_be_ported_ends_no_line(repo: Repo) -> None:
    mine = numbered(20, {5: "ours", 15: "adapted"})
    theirs = {"src/up.yml": numbered(20, {5: "one\fpage\fand more", 15: "rewritten"})}
    report = sync(repo, {"src/up.yml": numbered(20)}, {"mine.yml": mine}, theirs, DERIVED)
    [finding] = report.decisions()
    assert "@@ ours stays, line 5\n" in finding.code and "@@ ours stays, line 15\n" in finding.code


def test_a_copy_with_underlines_is_ported_whole(repo: Repo) -> None:
    mine = lines("Ours", "=======", "adapted", "text", *"abcdefgh")
    theirs = {"src/up.yml": lines("Theirs", "=======", "rewritten", "text", *"abcdefgh", "new")}
    report = sync(
        repo,
        {"src/up.yml": lines("Up", "--", "plain", "text", *"abcdefgh")},
        {"mine.yml": mine},
        theirs,
        DERIVED,
    )
    assert merged(repo, report)["mine.yml"][1] == mine + b"new\n"


def test_a_source_that_upstream_renamed_is_followed(repo: Repo) -> None:
    mine = numbered(20, {15: "adapted"})
    theirs = {"src/up.yml": None, "src/new.yml": numbered(20, {5: "better"})}
    report = sync(repo, {"src/up.yml": numbered(20)}, {"mine.yml": mine}, theirs, DERIVED)
    assert merged(repo, report)["mine.yml"][1] == numbered(20, {5: "better", 15: "adapted"})
    [finding] = report.decisions()
    assert (finding.rule, finding.path, finding.detector) == ("copy", "src/new.yml", "renamed")
    assert "instead of src/up.yml" in finding.fix and report.exit_code == 1


def test_a_source_under_the_name_that_upstream_gave_it_is_known_in_the_merge_base_too(repo: Repo) -> None:
    mine = numbered(20, {15: "adapted"})
    theirs = {"src/old.yml": None, "src/up.yml": numbered(20, {5: "better"})}
    report = sync(repo, {"src/old.yml": numbered(20)}, {"mine.yml": mine}, theirs, DERIVED)
    assert merged(repo, report)["mine.yml"][1] == numbered(20, {5: "better", 15: "adapted"})
    assert report.decisions() == [] and report.exit_code == 0
    theirs["src/up.yml"] = numbered(20, {5: "better", 15: "rewritten"})
    report = sync(repo, {"src/old.yml": numbered(20)}, {"mine.yml": mine}, theirs, DERIVED)
    assert decisions(report) == [("copy", "mine.yml", "derived")]
    [finding] = report.decisions()
    told = "@@ line 15 of upstream's\n-line 15\n+rewritten\n@@ ours stays, line 15\n adapted"
    assert finding.code == told and len(finding.culprits) == 1


def test_a_source_that_no_side_has_is_a_decision_in_every_merge(repo: Repo) -> None:
    base = {"src/new.yml": numbered(20)}
    ours = {"mine.yml": numbered(20, {15: "adapted"})}
    theirs = {"src/new.yml": numbered(20, {5: "better"})}
    report = sync(repo, base, ours, theirs, DERIVED)
    assert decisions(report) == [("copy", "mine.yml", "derived-source-gone")] and report.exit_code == 1
    assert sync(repo, base, {**ours, "src/up.yml": b"kept\n"}, theirs, DERIVED).decisions() == []
    assert sync(repo, base, {"o": b""}, theirs, DERIVED).decisions() == []


def test_a_source_that_upstream_deleted_is_a_decision(repo: Repo) -> None:
    mine = numbered(20, {15: "adapted"})
    report = sync(repo, {"src/up.yml": numbered(20)}, {"mine.yml": mine}, {"src/up.yml": None}, DERIVED)
    assert merged(repo, report) == {"mine.yml": ("100644", mine)}
    assert decisions(report) == [("copy", "mine.yml", "derived-source-gone")]
    assert report.exit_code == 1


def test_a_copy_that_the_fork_has_given_up_stays_away(repo: Repo) -> None:
    report = sync(
        repo, {"src/up.yml": numbered(20)}, {}, {"src/up.yml": numbered(20, {5: "better"})}, DERIVED
    )
    assert list(merged(repo, report)) == ["src/up.yml"]


def test_a_file_of_upstreams_own_in_the_copys_place_is_a_decision(repo: Repo) -> None:
    base, mine = {"src/up.yml": numbered(20)}, numbered(20, {15: "adapted"})
    theirs = {"src/up.yml": numbered(20, {5: "better"}), "mine.yml": b"upstream's own\n"}
    report = sync(repo, base, {"mine.yml": mine}, theirs, DERIVED)
    assert merged(repo, report)["mine.yml"][1] == numbered(20, {5: "better", 15: "adapted"})
    assert decisions(report) == [("copy", "mine.yml", "own")] and report.exit_code == 1
    again = sync(repo, base, {"mine.yml": mine}, {**theirs, "mine.yml": b"another\n"}, DERIVED)
    assert again.decisions()[0].id != report.decisions()[0].id, "accepted is what was looked at"
    known = sync(
        repo, {**base, "mine.yml": b"known\n"}, {"mine.yml": mine}, {"src/up.yml": numbered(9)}, DERIVED
    )
    assert decisions(known) == [("copy", "mine.yml", "derived")]


# -- regenerate

MAKE = "import pathlib; pathlib.Path('lock').write_text(pathlib.Path('deps').read_text().upper())"


def lock_rule() -> str:
    return own(f"{{regenerate: ['{sys.executable}', -c, \"{MAKE}\"]}}", "lock", "made")


def lock_history(repo: Repo, **options: object) -> object:
    base = {"deps": lines(*"abcdefgh"), "lock": lines(*"ABCDEFGH")}
    ours = {"deps": lines(*"abcdefgh", "ours"), "lock": lines(*"ABCDEFGH", "OURS")}
    theirs = {"deps": lines("theirs", *"abcdefgh"), "lock": lines("X", *"ABCDEFGH", "Y")}
    return sync(repo, base, ours, theirs, lock_rule(), **options)


def test_a_generated_file_waits_with_upstreams_version(repo: Repo) -> None:
    report = lock_history(repo)
    assert merged(repo, report)["lock"][1] == lines("X", *"ABCDEFGH", "Y")
    assert decisions(report) == [("made", "lock", "regenerate")]
    assert report.exit_code == 1 and not report.conflicts


def test_a_generated_file_is_made_anew_on_the_merged_tree(repo: Repo) -> None:
    report = lock_history(repo, regenerate=True)
    assert merged(repo, report)["lock"][1] == lines("THEIRS", *"ABCDEFGH", "OURS")
    assert (decisions(report), problems(report), report.exit_code) == ([], [], 0)
    assert repo.git("status", "--porcelain") == ""


def test_a_command_that_makes_nothing_is_a_decision(repo: Repo) -> None:
    rule, base = own("{regenerate: ['true']}", "lock", "made"), {"lock": lines(*"ABC")}
    theirs = {"lock": lines(*"ABCD")}
    report = sync(repo, base, {"lock": lines("OURS", *"ABC")}, theirs, rule, regenerate=True)
    [finding] = report.decisions()
    assert (finding.path, finding.detector, report.exit_code) == ("lock", "regenerate", 1)
    assert "unchanged by its command, `true`" in finding.message
    assert "made anew" not in report.rules[0].detail
    plain = sync(repo, base, {"o": b""}, theirs, rule, regenerate=True)
    assert (plain.decisions(), plain.exit_code) == ([], 0), (
        "the fork had nothing of its own: it is right already"
    )


# -- several merge bases


@pytest.fixture(autouse=True)
def _head(repo: Repo) -> None:
    """The engine opens no repository without a commit."""
    repo.commit({"x": b""}, branch="main")


def criss_cross(repo: Repo, one: dict, other: dict, files: dict) -> tuple[str, str]:
    """Two sides that have merged each other: two merge bases."""
    root = repo.commit(files)
    left, right = repo.commit(one, root), repo.commit(other, root)
    files_of_both = {**one, **other}
    return repo.commit(files_of_both, left, right), repo.commit(files_of_both, right, left)


def test_absent_with_two_merge_bases(repo: Repo) -> None:
    left, right = criss_cross(repo, {"f": None}, {"g": b"2\n"}, {"f": numbered(9), "g": b"1\n"})
    ours, theirs = repo.commit({"o": b"1\n"}, left), repo.commit({"f": numbered(9, {2: "again"})}, right)
    merge = repo.lift(ours, theirs, own("absent"))
    assert set(repo.files(merge.merged.tree)) == {"g", "o"}
    assert not merge.merged.conflicts


def test_derived_with_two_merge_bases(repo: Repo) -> None:
    left, right = criss_cross(
        repo, {"mine.yml": numbered(20, {15: "adapted"})}, {"g": b"2\n"}, {"src/up.yml": numbered(20)}
    )
    ours, theirs = (
        repo.commit({"o": b"1\n"}, left),
        repo.commit({"src/up.yml": numbered(20, {5: "better"})}, right),
    )
    merge = repo.lift(ours, theirs, DERIVED)
    assert repo.read(merge.merged.tree, "mine.yml") == numbered(20, {5: "better", 15: "adapted"})


def test_absent_leaves_alone_what_the_fork_has_made_of_the_file_since(repo: Repo) -> None:
    base = repo.commit({"f": numbered(9), "g": b"1\n"})
    ours = repo.commit({"f": numbered(9, {8: "ours"})}, base)
    theirs = repo.commit({"f": numbered(9, {2: "new"})}, base)
    merge = repo.lift(ours, theirs, own("absent"))
    assert repo.read(merge.merged.tree, "f") == numbered(9, {2: "new", 8: "ours"})
    assert "a file of its own" in merge.owned[0].placement.decision


# -- what is told of many files


def test_files_that_are_as_a_rule_wants_them_are_counted(repo: Repo) -> None:
    """A rule may govern all that is vendored: few of its files are named, and those in conflict, for git alone too."""
    base = {f"v/{n}": numbered(9) for n in range(8)}
    ours = {"v/1": numbered(9, {2: "ours"}), "v/7": numbered(9, {2: "ours"})}
    theirs = {"v/1": numbered(9, {2: "theirs"}), "x": b""}
    report = sync(repo, base, ours, theirs, own("ours", "v/*"), own("union", "gone", "idle"))
    assert report.satisfied == {"owned": 7} and [item.path for item in report.acted()] == ["v/1"]
    assert [item.path for item in report.rules] == ["v/0", "v/1", "v/2", "v/3"]
    assert "7 files as the rules want them already" in render(report)
    assert from_json(to_json(report)) == report
    listed = json.loads(repo.syncfork("rules", "list", "--format", "json").out)["rules"][0]["last"]
    assert (len(listed["satisfied"]), listed["satisfied_files"]) == (3, 7)
    assert "applied in 1 file, satisfied in 7 files" in repo.syncfork("rules", "list").out


def test_a_file_in_conflict_is_named_wherever_it_comes(repo: Repo) -> None:
    base = {f"v/{n}": numbered(9) for n in range(8)}
    ours, theirs = ({"v/7": numbered(9, {2: side})} for side in ("ours", "theirs"))
    report = sync(repo, base, ours, theirs, own("union", "v/*"))
    assert report.satisfied == {"owned": 8}
    assert [item.path for item in report.rules] == ["v/0", "v/1", "v/2", "v/7"]
    assert "rule owned; nothing to change" in repo.git("log", "-1", "--format=%B", report.result.branch or "")
