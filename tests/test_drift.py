"""`syncfork drift`: what it counts, what it warns of, its trend, its budgets, its exit codes."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import Changes, Repo, compile_rules, numbered, rule_files
from msgspec.structs import replace

from syncfork.commands.drift import DriftOptions, run_drift
from syncfork.git.repository import Repository
from syncfork.merge.health import health
from syncfork.merge.nobodys import nobodys
from syncfork.render.annotations import azure, github
from syncfork.render.markdown import render as markdown
from syncfork.render.terminal import render as terminal
from syncfork.report import Report, RuleItem, from_json, to_json
from syncfork.trend import append_point, point_of, read_points

TODAY = date(2030, 1, 31)
RULE = "id: flag\nfiles: ['*.sh']\nrewrite: [{insert: ' --ours', after: {regex: '^make'}}]"


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork with a rule and two changes that no rule explains; upstream made three commits, the second conflicts."""
    base = repo.commit({"build.sh": "make all\n", "story": numbered(20), "late": numbered(9)})
    own = repo.commit({"story": numbered(20, {9: "ours"})}, base, message="Our line")
    ours = repo.commit(
        {"build.sh": "make --ours all\n", "late": numbered(9, {2: "mine"})} | rule_files(RULE), own
    )
    first = repo.commit({"build.sh": "make 'all'\n"}, base, message="Quotes (#1)")
    second = repo.commit({"story": numbered(20, {9: "theirs"})}, first, message="Their line (#2)")
    third = repo.commit({"new": "x\n"}, second, message="Another (#3)")
    repo.checkout("main", ours)
    repo.branch("refs/remotes/upstream/main", third)
    repo.git("config", "remote.upstream.url", str(repo.path.parent / "nowhere"))
    return repo


def drift(fork: Repo, **options: Any) -> Report:
    return run_drift(DriftOptions(**{"directory": fork.path, "today": TODAY, **options}))


def test_it_counts_and_names_what_is_in_the_way(fork: Repo) -> None:
    report = drift(fork)
    found = report.drift
    assert found is not None
    assert (report.ahead, report.behind, report.exit_code) == (2, 3, 1)
    assert [item.path for item in report.git_alone] == ["build.sh", "story"]
    assert [(item.path, item.culprits[0].pr) for item in report.conflicts] == [("story", 2)]
    [text] = report.conflicts[0].texts
    assert (text.base, text.ours, text.theirs) == ("line 9\n", "ours\n", "theirs\n")
    assert found.reach.clean and found.reach.clean.pr == 1
    assert (found.reach.commits, found.reach.needs) == (1, ("conflict in story",))
    assert found.reach_alone.clean is None
    assert found.reach_alone.first and found.reach_alone.first.pr == 1
    assert report.next == ("syncfork merge --as-far-as-clean", "syncfork merge    (and resolve what is left)")


def test_a_conflicts_line_is_that_of_the_forks_own_file(repo: Repo) -> None:
    both, crlf = numbered(30), numbered(30).replace(b"\n", b"\r\n")
    marks = b"<<<<<<< x\n=======\n>>>>>>> y\n"
    base = repo.commit(
        {"a": both, "crlf": crlf, "end": "1\n2\n3", "marks": marks + both, "gone": both, "old": both}
    )
    ours = repo.commit(
        {
            "a": numbered(30, {9: "ours", 25: "mine"}),
            "crlf": crlf.replace(b"line 9\r", b"ours\r").replace(b"line 25\r", b"mine\r"),
            "end": "1\n2\nours",
            "marks": marks + numbered(30, {20: "ours"}),
            "gone": both.replace(b"line 9\n", b""),
            "old": numbered(30, {9: "ours"}),
        },
        base,
    )
    top = b"theirs\n" * 3
    theirs = repo.commit(
        {
            "a": top + numbered(30, {9: "theirs", 25: "their own\nand more"}),
            "crlf": crlf.replace(b"line 9\r", b"theirs\r\nand more\r").replace(b"line 25\r", b"their own\r"),
            "end": "0\n1\n2\ntheirs",
            "marks": top + marks + numbered(30, {20: "theirs"}),
            "gone": top + numbered(30, {9: "theirs"}),
            "old": None,
            "new": top + numbered(30, {9: "theirs"}),
        },
        base,
        message="All of it (#5)",
    )
    repo.checkout("main", ours)
    repo.branch("refs/remotes/upstream/main", theirs)
    report = drift(repo)
    assert report.conflicts == report.git_alone
    assert {item.path: [(text.line, text.ours) for text in item.texts] for item in report.conflicts} == {
        "a": [(9, "ours\n"), (25, "mine\n")],
        "crlf": [(9, "ours\r\n"), (25, "mine\r\n")],
        "end": [(3, "ours")],
        "gone": [(9, "")],
        "marks": [(23, "ours\n")],
        "new": [(9, "ours\n")],
    }
    assert all(text.culprits[0].pr == 5 for item in report.conflicts for text in item.texts)
    assert "  - line 25 of the fork's file: " in markdown(report)
    assert "::error file=gone,line=9,title=syncfork%3A conflict::" in github(report)
    assert "sourcepath=marks;linenumber=23;" in azure(report)


def test_where_a_rule_changed_the_forks_file_a_conflict_keeps_its_line_there(repo: Repo) -> None:
    rule = (
        "id: mark\nfiles: [a]\nrewrite: [{insert: \"ours 1\\nours 2\\n\", before: {regex: '(?m)^line 1$'}}]"
    )
    base = repo.commit({"a": numbered(9)})
    ours = repo.commit({"a": b"ours 1\nours 2\n" + numbered(9, {5: "mine"})} | rule_files(rule), base)
    theirs = repo.commit({"a": b"theirs\n" + numbered(9, {5: "theirs"})}, base)
    repo.checkout("main", ours)
    repo.branch("refs/remotes/upstream/main", theirs)
    report = drift(repo)
    assert [item.outcome for item in report.rules] == ["applied"]
    assert [text.line for item in report.conflicts for text in item.texts] == [7]


def test_coverage_names_what_no_rule_explains_oldest_first(fork: Repo) -> None:
    found = drift(fork).drift
    assert found is not None
    told = [(change.path, change.commit and change.commit.subject) for change in found.coverage.unexplained]
    assert told[0] == ("story", "Our line")
    # Not what the fork has for syncfork itself: its configuration and rules.
    assert {path for path, _ in told} == {"story", "late"}
    assert (found.coverage.hunks, found.coverage.explained) == (3, 1)
    assert [(item.id, item.state) for item in found.health] == [("flag", "acted")]


def test_it_touches_nothing(fork: Repo) -> None:
    before = fork.snapshot()
    drift(fork)
    assert fork.snapshot() == before


def test_in_a_bare_clone(fork: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run(["git", "clone", "-q", "--mirror", str(fork.path), str(bare)], check=True)
    subprocess.run(["git", "-C", str(bare), "symbolic-ref", "HEAD", "refs/heads/main"], check=True)
    report = drift(fork, directory=bare, upstream="refs/remotes/upstream/main")
    assert report.behind == 3 and len(report.conflicts) == 1


def test_up_to_date(fork: Repo) -> None:
    report = drift(fork, upstream=fork.git("merge-base", "main", "refs/remotes/upstream/main"))
    assert (report.state, report.exit_code, report.next) == ("up to date", 0, ())


def test_a_fetch_that_fails_is_inconclusive_and_never_green(fork: Repo, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    report = drift(fork, fetch=True, history=history)
    assert report.drift and "upstream could not be fetched" in report.drift.inconclusive[0]
    assert report.exit_code == 3
    assert not history.exists()
    assert drift(fork, fetch=True, fail_on=("never",)).exit_code == 3


def test_a_shallow_clone_is_refused(fork: Repo, tmp_path: Path) -> None:
    fork.branch("up", fork.git("rev-parse", "refs/remotes/upstream/main"))
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{fork.path}", str(clone)], check=True)
    with pytest.raises(Exception, match="shallow clone"):
        drift(fork, directory=clone, upstream="HEAD")


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [
        ((), 1),
        (("conflict",), 1),
        (("breakage",), 0),
        (("budget",), 0),
        (("behind",), 1),
        (("never",), 0),
        (("breakage", "conflict"), 1),
    ],
)
def test_fail_on(fork: Repo, fail_on: tuple[str, ...], code: int) -> None:
    assert drift(fork, fail_on=fail_on).exit_code == code


def test_a_class_to_fail_on_that_is_not_one_is_a_mistake(fork: Repo) -> None:
    with pytest.raises(Exception, match="no class of problems is called conflicts"):
        drift(fork, fail_on=("conflicts",))


def test_budgets(fork: Repo) -> None:
    config = 'rules = ".syncfork"\n[budgets]\nbehind = 2\ndays = 100000\nconflicts = 1\n'
    fork.checkout("main", fork.commit({"syncfork.toml": config}, fork.git("rev-parse", "main")))
    report = drift(fork)
    assert report.drift is not None
    assert [(b.name, b.limit, b.value, b.over) for b in report.drift.budgets if b.name != "days"] == [
        ("behind", 2, 3, True),
        ("conflicts", 1, 1, False),
    ]
    assert drift(fork, fail_on=("budget",)).exit_code == 1


@pytest.mark.parametrize(("learned", "state"), [(False, "review due"), (True, "satisfied")])
def test_when_a_rule_is_due_for_review(learned: bool, state: str) -> None:
    """What was learned goes by upstream's day: in force, or lapsed."""
    [rule] = compile_rules(f"{RULE}\nreview: 2020-01-01")
    item = RuleItem(rule.id, "build.sh", "satisfied", 0, "", "", "")
    [told] = health(Report("1", "drift", rules=(item,)), [replace(rule, learned=learned)], TODAY)
    assert told.state == state


def test_the_trend_tells_what_came_and_went(fork: Repo, tmp_path: Path) -> None:
    history = tmp_path / "deep" / "history.jsonl"
    first = drift(fork, history=history)
    assert first.drift and len(first.drift.trend.points) == 1
    assert not first.drift.trend.came
    mended = fork.commit({"story": numbered(20)}, fork.git("rev-parse", "main"))
    fork.checkout("main", mended)
    second = drift(fork, history=history)
    assert second.drift and second.drift.trend.went == ("conflict:story",)
    assert [point.conflicts for point in second.drift.trend.points] == [1, 0]
    assert len(history.read_text().splitlines()) == 2


def test_a_damaged_history_is_told_and_gone_on_with(fork: Repo, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    report = drift(fork)
    append_point(history, point_of(report))
    with history.open("a") as file:
        file.write('not json\n{"date": 1}\n{"half')
    told = drift(fork, history=history)
    assert f"3 lines of {history} could not be read" in told.warnings
    points, damaged = read_points(history)
    assert (len(points), damaged) == (2, 3)


def test_an_upstream_that_was_rewritten(fork: Repo, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    drift(fork, history=history)
    tip = fork.git("rev-parse", "refs/remotes/upstream/main")
    other = fork.commit({"new": "y\n"}, fork.git("rev-parse", f"{tip}~"))
    fork.branch("refs/remotes/upstream/main", other)
    assert any("upstream was rewritten" in warning for warning in drift(fork, history=history).warnings)


def test_a_squashed_sync_is_warned_of(repo: Repo) -> None:
    def version(name: str) -> dict[str | bytes, Any]:
        return {f"f{n}": f"{name} {n}\n" for n in range(15)}

    base = repo.commit(version("one"))
    theirs = repo.commit(version("two"), base)
    ours = repo.commit(version("two") | {"mine": "1\n"}, base, message="Sync upstream")
    repo.checkout("main", ours)
    repo.branch("refs/remotes/upstream/main", repo.commit(version("three"), theirs))
    [warning] = drift(repo).warnings
    assert "15 of the 16 files that the fork changed since the merge base are upstream's own" in warning


def test_the_report_survives_its_json(fork: Repo) -> None:
    report = drift(fork)
    assert from_json(json.loads(json.dumps(to_json(report)))) == report
    assert replace(report, drift=None) != report


def test_as_far_as_clean_merges_what_needs_nobody(fork: Repo) -> None:
    tried = fork.syncfork("merge", "--as-far-as-clean", "--dry-run", "--format", "json")
    assert tried.report["next"][-1] == "syncfork merge --as-far-as-clean"
    done = fork.syncfork("merge", "--as-far-as-clean", "--no-checkout", "--branch", "s", "--format", "json")
    assert done.code == 0
    assert done.report["upstream"]["commit"] == fork.git("rev-parse", "refs/remotes/upstream/main~2")
    assert "the next step on upstream's main line needs you" in done.report["warnings"][-1]
    assert "conflict in story" in done.report["warnings"][-1]
    fork.git("checkout", "-q", "s")
    stuck = fork.syncfork("merge", "--as-far-as-clean", "--no-checkout", "--branch", "t")
    assert stuck.code == 1
    assert "no commit of upstream's main line merges by itself" in stuck.err


def test_a_fetch_that_fails_in_a_fresh_clone_is_the_reason_that_is_told(fork: Repo) -> None:
    fork.git("update-ref", "-d", "refs/remotes/upstream/main")
    done = fork.syncfork("drift", "--fetch", "--format", "json")
    assert done.code == 3
    assert "upstream could not be fetched" in done.report["error"]["problem"]


def test_counts_and_reach_where_both_sides_merged_each_other(repo: Repo) -> None:
    moved: Changes = {"d/a": None, "d/b": None, "e/a": numbered(30), "e/b": numbered(20)}
    root = repo.commit({"d/a": numbered(30), "d/b": numbered(20)})
    first, own = repo.commit({"u": "1"}, root), repo.commit({"f": "1"}, root)
    ours = repo.commit({"d/new": "ours"}, repo.commit({"u": "1"}, own, first))
    crossed = repo.commit({"f": "1", **moved}, first, own)
    theirs = repo.commit({"u": "4"}, repo.commit({"u": "3"}, crossed))
    repo.checkout("main", ours)
    repo.branch("up", theirs)
    assert len(repo.git("merge-base", "--all", "main", "up").split()) == 2
    found = repo.syncfork("drift", "up", "--format", "json").report
    assert (found["ahead"], found["behind"]) == (2, 3)
    # The move of a folder in which the fork has a new file is a conflict, and the first that upstream has for itself.
    reach = found["drift"]["reach"]
    assert (reach["clean"], reach["commits"], reach["first"]["commit"]) == (None, 0, crossed)
    assert repo.syncfork("merge", "up", "--as-far-as-clean").code == 1


def test_the_next_command_is_one_that_can_be_run(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    repo.branch("up", repo.commit({"a": "2"}, base))
    repo.checkout("main", repo.commit({"b": "1"}, base))
    found = repo.syncfork("drift", "up", "--pack", "python-build-standalone", "--format", "json").report
    assert found["next"] == ["syncfork merge up --pack python-build-standalone"]


def test_what_nobody_writes_by_hand_is_counted_apart(repo: Repo) -> None:
    attributes = "gen/* linguist-generated\nlib/** linguist-vendored=true\nvendor/own/** -linguist-vendored\n"
    base = repo.commit({"a": "1\n", "x": "1\n"})
    apart = {"gen/a": "1\n", "lib/deep/a": "1\n", "vendor/a": "1\n", "web/node_modules/b": "1\n"}
    ours = repo.commit({"a": "ours\n", "vendor/own/a": "1\n", ".gitattributes": attributes, **apart}, base)
    repo.checkout("main", ours)
    # What lies in the worktree is not what is reported on.
    (repo.path / ".gitattributes").write_text("a linguist-generated\n")
    repo.branch("refs/remotes/upstream/main", repo.commit({"x": "2\n"}, base))
    report = drift(repo)
    assert report.drift is not None
    found = report.drift.coverage
    assert (found.hunks, found.apart) == (3, 4)
    assert {change.path for change in found.unexplained} == {"a", "vendor/own/a", ".gitattributes"}
    assert "rules explain 0 of 3 own hunks (0 %); 4 more in vendored or generated files" in terminal(report)


def test_only_the_attributes_of_the_commit_are_asked_in_a_bare_clone(repo: Repo) -> None:
    attributes = {"d/.gitattributes": "* linguist-generated=true\nmine linguist-generated=false\n"}
    tip = repo.commit({**attributes, "d/made": "", "d/mine": "", "d/vendor/x": "", "e": ""})
    paths = ["d/made", "d/mine", "d/vendor/x", "e", 'd/odd "name"\n']
    repo.checkout("main", tip)
    repo.git("clone", "-q", "--bare", ".", "bare")
    for folder in (repo.path, repo.git_dir, repo.path / "bare"):
        found = nobodys(Repository.open(folder), tip, paths)
        assert found == {"d/made", "d/vendor/x", 'd/odd "name"\n'}
    assert nobodys(Repository.open(repo.path), repo.commit({"e": ""}), paths) == {"d/vendor/x"}
