"""`syncfork replay`: on histories with every kind of merge each count is exact, and nothing of it is a crash."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import Repo, numbered, rule_files

from syncfork.commands.replay import ReplayOptions, run_explain_merge, run_replay
from syncfork.errors import UsageError
from syncfork.merge.replay import Redone, Replay, worst_first
from syncfork.resolve.markers import marker_committed

UPSTREAM = "refs/remotes/upstream/main"
OWN_THEIRS = 'id: theirs\nfiles: ["a.txt"]\nown: theirs\n'
KEEP_NAME = """id: name
files: ["a.txt"]
rewrite: [{replace: {literal: "line 5\\n"}, with: "ours 5\\n", expect: any}]
"""


class History:
    """A fork and its upstream, grown merge by merge; `main` and `up` are their tips."""

    def __init__(self, repo: Repo, files: dict[str | bytes, Any] | None = None) -> None:
        self.repo = repo
        start = {"a.txt": numbered(9), "b.txt": numbered(9), "c.txt": numbered(9), **(files or {})}
        self.up = repo.commit(start, message="base")
        self.main = repo.commit({"own.txt": "the fork's\n"}, self.up, message="the fork begins")

    def upstream(self, changes: dict[str | bytes, Any]) -> str:
        self.up = self.repo.commit(changes, self.up, message="upstream's")
        return self.up

    def fork(self, changes: dict[str | bytes, Any]) -> str:
        self.main = self.repo.commit(changes, self.main, message="the fork's")
        return self.main

    def merge(self, changes: dict[str | bytes, Any], message: str = "Merge upstream") -> str:
        """A direct merge of upstream's tip; its files are the fork's with `changes`."""
        self.main = self.repo.commit(changes, self.main, self.up, message=message)
        return self.main

    def replay(self, **options: Any) -> Replay:
        self.repo.branch("main", self.main)
        self.repo.branch(UPSTREAM, self.up)
        return run_replay(ReplayOptions(self.repo.path, **options))


@pytest.fixture
def history(repo: Repo) -> History:
    return History(repo)


def conflict(history: History, ours: str = "ours 5", theirs: str = "theirs 5") -> None:
    """Both sides change line 5 of a.txt."""
    history.fork({"a.txt": numbered(9, {5: ours})})
    history.upstream({"a.txt": numbered(9, {5: theirs})})


def by_commit(replay: Replay) -> dict[str, Redone]:
    return {merge.commit: merge for merge in replay.merges}


def outcomes(merge: Redone) -> dict[str, tuple[str, str]]:
    return {path.path: (path.outcome, path.people) for path in merge.paths}


def test_a_clean_merge_is_clean(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    commit = history.merge({"b.txt": numbered(9, {2: "new"})})
    found = history.replay()
    [merge] = found.merges
    assert (merge.commit, merge.state, merge.kind, merge.bases) == (commit, "clean", "direct", 1)
    assert (merge.paths, merge.by_hand, merge.subject) == ((), (), "Merge upstream")
    assert (found.totals.merges, found.totals.clean, found.totals.conflicted) == (1, 1, 0)
    assert found.upstream is not None and found.upstream.commit == history.up


@pytest.mark.parametrize(
    ("committed", "people"),
    [
        (numbered(9, {5: "ours 5"}), "ours"),
        (numbered(9, {5: "theirs 5"}), "theirs"),
        (numbered(9, {5: "both 5"}), "by hand"),
        (None, "deleted"),
    ],
)
def test_what_people_made_of_a_conflict(history: History, committed: bytes | None, people: str) -> None:
    conflict(history)
    history.merge({"a.txt": committed})
    found = history.replay()
    assert outcomes(found.merges[0]) == {"a.txt": ("left", people)}
    assert found.merges[0].took_nothing == (people == "ours")
    totals = found.totals
    assert (totals.with_conflicts, totals.conflicted, totals.left, totals.same, totals.different) == (
        1,
        1,
        1,
        0,
        0,
    )


def test_one_side_deletes_and_people_keep_the_file_as_git_left_it(history: History) -> None:
    history.fork({"a.txt": None})
    history.upstream({"a.txt": numbered(9, {5: "theirs 5"})})
    history.merge({"a.txt": numbered(9, {5: "theirs 5"})})
    [merge] = history.replay().merges
    assert outcomes(merge) == {"a.txt": ("left", "theirs")}
    assert merge.paths[0].kind == "modify/delete"


def test_a_pull_request_with_the_sync_inside(history: History) -> None:
    conflict(history)
    before = history.main
    inner = history.merge({"a.txt": numbered(9, {5: "both"})}, "Merge upstream into sync")
    other = history.repo.commit({"own.txt": "meanwhile\n"}, before)
    outer = history.repo.commit(
        {"a.txt": numbered(9, {5: "both"})}, other, inner, message="Merge pull request #1"
    )
    history.main = outer
    found = history.replay()
    [merge] = found.merges
    assert (merge.commit, merge.through, merge.kind) == (inner, outer, "pull request")
    assert outcomes(merge) == {"a.txt": ("left", "by hand")}
    assert found.apart.holders == 1


def test_a_pull_request_of_the_forks_own_is_no_sync(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    history.merge({"b.txt": numbered(9, {2: "new"})})
    feature = history.repo.commit({"f.txt": "feature\n"}, history.main)
    other = history.fork({"own.txt": "meanwhile\n"})
    history.main = history.repo.commit(
        {"f.txt": "feature\n"}, other, feature, message="Merge pull request #2"
    )
    early = history.repo.commit({"g.txt": "early\n"}, history.up, message="made from upstream's old tip")
    history.main = history.repo.commit({"g.txt": "early\n"}, history.main, early)
    found = history.replay()
    assert [merge.subject for merge in found.merges] == ["Merge upstream"]
    assert found.apart.holders == 0


def test_the_fork_merged_into_upstreams_branch_has_its_sides_exchanged(history: History) -> None:
    conflict(history)
    fork = history.main
    sync = history.repo.commit(
        {"a.txt": numbered(9, {5: "ours 5"}), "own.txt": "the fork's\n"}, history.up, fork
    )
    history.main = history.repo.commit({"a.txt": numbered(9, {5: "ours 5"})}, fork, sync)
    [merge] = history.replay().merges
    assert (merge.commit, merge.ours, merge.theirs) == (sync, fork, history.up)
    assert outcomes(merge) == {"a.txt": ("left", "ours")}


def test_a_branch_from_upstreams_with_commits_on_top_is_a_sync(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    branch = history.repo.commit({"own.txt": "prepared\n"}, history.up)
    history.main = history.repo.commit({"b.txt": numbered(9, {2: "new"})}, history.main, branch)
    [merge] = history.replay().merges
    assert (merge.theirs, merge.kind) == (branch, "direct")
    assert outcomes(merge) == {"own.txt": ("left", "ours")}


def test_evil_merges_and_clean_ones_changed_by_hand(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    clean = history.merge({"b.txt": numbered(9, {2: "new", 8: "mended"}), "c.txt": None, "d.txt": "added\n"})
    conflict(history)
    evil = history.merge({"a.txt": numbered(9, {5: "both"}), "own.txt": "changed beside\n"})
    found = history.replay()
    merges = by_commit(found)
    assert {edit.path: edit.change for edit in merges[clean].by_hand} == {
        "b.txt": "changed",
        "c.txt": "removed",
        "d.txt": "added",
    }
    assert [edit.path for edit in merges[evil].by_hand] == ["own.txt"]
    assert all(edit.detected is None for edit in merges[clean].by_hand)
    assert (found.totals.clean_edited, found.totals.edited, found.apart.evil) == (1, 3, 2)


def test_what_syncfork_wrote_into_a_merge_is_nobodys_change_by_hand(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    written = {
        ".syncfork/resolutions/a.txt-1.yml": "path: a.txt\n",
        ".syncfork/rules/name.yml": f"why: The line is the fork's.\n{KEEP_NAME}",
        "syncfork.toml": 'rules = ".syncfork/rules"\n',
    }
    history.merge({"b.txt": numbered(9, {2: "new"}), **written, "c.txt": numbered(9, {4: "mended"})})
    found = history.replay()
    assert [edit.path for edit in found.merges[0].by_hand] == ["c.txt"]
    assert (found.merges[0].by_hand_count, found.totals.edited) == (1, 1)


def test_an_octopus_is_counted_apart(history: History) -> None:
    conflict(history)
    side = history.repo.commit({"side.txt": "side\n"}, history.main)
    octopus = history.repo.commit(
        {"side.txt": "side\n"}, history.main, side, history.up, message="eight arms"
    )
    history.main = octopus
    found = history.replay()
    assert [(m.commit, m.state, m.subject) for m in found.merges] == [(octopus, "octopus", "eight arms")]
    assert (found.apart.octopus, found.totals.merges, found.totals.conflicted) == (1, 0, 0)


def test_a_join_decided_nothing_and_is_counted_apart(history: History) -> None:
    """A sync is squashed, and `git merge -s ours` joins the histories: the conflicts there were decided before."""
    theirs = {"a.txt": numbered(9, {5: "theirs 5"}), "b.txt": numbered(9, {2: "new"})}
    history.upstream({**theirs})
    history.fork({**theirs, "a.txt": numbered(9, {5: "ours 5"})})
    join = history.merge({}, "Join the histories")
    repo = history.repo
    assert repo.git("rev-parse", f"{join}^{{tree}}") == repo.git("rev-parse", f"{join}^1^{{tree}}")
    found = history.replay()
    assert [(m.commit, m.state, m.subject) for m in found.merges] == [(join, "join", "Join the histories")]
    assert (found.apart.joins, found.apart.took_nothing) == (1, 0)
    assert (found.totals.merges, found.totals.conflicted) == (0, 0)
    texts = run_explain_merge(ReplayOptions(repo.path), f"{join}:a.txt")
    assert texts.committed == numbered(9, {5: "ours 5"}).decode()
    told = repo.syncfork("replay").out
    assert f"{join[:9]}  " in told and "apart: joined histories only 1" in told
    # What was decided on either side of it counts.
    conflict(history, "later 5", "their later 5")
    decided = history.merge({"a.txt": numbered(9, {5: "both"})})
    assert [m.commit for m in history.replay(last=1).merges] == [decided]
    assert history.replay().apart.joins == 1


def test_a_merge_that_drops_what_git_merges_by_itself_is_a_join(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    history.merge({})
    found = history.replay()
    assert (found.apart.joins, found.totals.merges, found.totals.clean_edited) == (1, 0, 0)


def test_a_merge_that_had_nothing_to_bring_is_no_join(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    history.fork({"b.txt": numbered(9, {2: "new"})})
    history.merge({})
    found = history.replay()
    assert (found.apart.joins, found.apart.took_nothing, found.totals.clean) == (0, 1, 1)


def test_a_join_that_a_pull_request_brought_has_no_holder(history: History) -> None:
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    before = history.main
    inner = history.merge({})
    other = history.repo.commit({"own.txt": "meanwhile\n"}, before)
    history.main = history.repo.commit({}, other, inner, message="Merge pull request #1")
    found = history.replay()
    assert (found.apart.joins, found.apart.holders, found.totals.merges) == (1, 0, 0)


def test_a_criss_cross_is_redone_and_counted(history: History) -> None:
    ours, theirs = (
        history.fork({"b.txt": numbered(9, {2: "f"})}),
        history.upstream({"c.txt": numbered(9, {2: "u"})}),
    )
    both = {"b.txt": numbered(9, {2: "f"}), "c.txt": numbered(9, {2: "u"})}
    first = history.repo.commit(both, ours, theirs, message="one way")
    history.up = history.repo.commit(both, theirs, ours, message="the other way")
    history.upstream({"c.txt": numbered(9, {2: "u", 8: "later"})})
    history.main = first
    history.fork({"b.txt": numbered(9, {2: "f", 8: "later"})})
    crossed = history.merge({"c.txt": numbered(9, {2: "u", 8: "later"})}, "crossed")
    found = history.replay()
    assert by_commit(found)[crossed].bases == 2
    assert by_commit(found)[crossed].state == "clean"
    assert found.apart.criss_cross == 1


def test_unrelated_histories(history: History) -> None:
    other = history.repo.commit({"z.txt": "alien\n"})
    history.up = other
    history.main = history.repo.commit({"z.txt": "alien\n"}, history.main, other)
    found = history.replay()
    assert [merge.state for merge in found.merges] == ["unrelated"]
    assert (found.apart.unrelated, found.totals.merges) == (1, 0)


def test_committed_markers_are_left_out_of_the_sum(history: History) -> None:
    conflict(history)
    history.merge({"a.txt": b"<<<<<<< HEAD\nours 5\n=======\ntheirs 5\n>>>>>>> upstream/main\n"})
    found = history.replay()
    assert outcomes(found.merges[0]) == {"a.txt": ("markers", "by hand")}
    assert (found.totals.conflicted, found.totals.markers, found.totals.left) == (0, 1, 0)


@pytest.mark.parametrize("text", [b"Title\n=======\n", b"", b"a <<<<<<< b\n", b"<<<<<<<\n"])
def test_what_is_no_marker(text: bytes) -> None:
    assert not marker_committed(text)


@pytest.mark.parametrize("side", ["conflicting blob", "committed tree"])
def test_missing_objects_cost_one_merge_only(history: History, side: str) -> None:
    repo = history.repo
    conflict(history)
    broken = history.merge({"a.txt": numbered(9, {5: "both"})}, "broken")
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    whole = history.merge({"b.txt": numbered(9, {2: "new"})}, "whole")
    gone = f"{broken}^2:a.txt" if side == "conflicting blob" else f"{broken}^{{tree}}"
    if side == "committed tree":
        history.main = whole = repo.commit({}, whole)
    path = repo.object_path(repo.git("rev-parse", gone))
    path.unlink()
    found = history.replay()
    states = {merge.subject: merge.state for merge in found.merges}
    assert states["broken"] == "missing"
    assert found.apart.missing >= 1
    assert next(merge for merge in found.merges if merge.subject == "broken").detail


def test_a_missing_commit_ends_the_history(history: History) -> None:
    lost = history.main
    history.fork({"own.txt": "more\n"})
    history.upstream({"b.txt": numbered(9, {2: "new"})})
    kept = history.merge({"b.txt": numbered(9, {2: "new"})})
    history.repo.object_path(lost).unlink()
    found = history.replay()
    assert [merge.commit for merge in found.merges] == [kept]
    assert any("ends early" in warning for warning in found.warnings)


def test_where_upstream_is_not_known_any_merge_counts(history: History) -> None:
    conflict(history)
    sync = history.merge({"a.txt": numbered(9, {5: "both"})})
    feature = history.repo.commit({"f.txt": "feature\n"}, history.main)
    other = history.fork({"own.txt": "meanwhile\n"})
    history.main = pull = history.repo.commit({"f.txt": "feature\n"}, other, feature)
    history.repo.branch("main", history.main)
    found = run_replay(ReplayOptions(history.repo.path))
    assert [merge.commit for merge in found.merges] == [pull, sync]
    assert found.upstream is None and "--upstream" in found.warnings[0]
    with pytest.raises(UsageError):
        run_replay(ReplayOptions(history.repo.path, upstream="nonsense"))


def three(history: History) -> list[str]:
    commits = []
    for name in ("one", "two", "three"):
        conflict(history, f"ours {name}", f"theirs {name}")
        commits.append(history.merge({"a.txt": numbered(9, {5: f"both {name}"})}, name))
        history.upstream({"a.txt": numbered(9, {5: f"both {name}"})})
    return commits


def test_a_range_and_the_last_ones(history: History) -> None:
    one, two, last = three(history)
    assert [merge.commit for merge in history.replay().merges] == [last, two, one]
    assert [merge.commit for merge in history.replay(last=2).merges] == [last, two]
    assert [merge.commit for merge in history.replay(range=f"{one}..HEAD").merges] == [last, two]
    assert [merge.commit for merge in history.replay(range=two).merges] == [two, one]
    with pytest.raises(UsageError):
        history.replay(range="nonsense..HEAD")
    with pytest.raises(UsageError):
        history.replay(last=0)


def test_rules_same_and_different(history: History) -> None:
    conflict(history)
    same = history.merge({"a.txt": numbered(9, {5: "theirs 5"})}, "as the rule has it")
    conflict(history, "ours again", "theirs again")
    wrong = history.merge({"a.txt": numbered(9, {5: "ours again"})}, "not so")
    history.fork(rule_files(OWN_THEIRS))
    found = history.replay()
    merges = by_commit(found)
    assert outcomes(merges[same]) == {"a.txt": ("same", "theirs")}
    assert outcomes(merges[wrong]) == {"a.txt": ("different", "ours")}
    assert merges[same].paths[0].rules == ("theirs",)
    totals = found.totals
    assert (totals.conflicted, totals.same, totals.different, totals.left) == (2, 1, 1, 0)
    assert worst_first(found.merges)[0].commit == wrong
    as_of = history.replay(as_of=True)
    assert (as_of.totals.same, as_of.totals.different, as_of.totals.left) == (0, 0, 2)


def test_a_file_that_a_command_makes_is_left_where_no_command_runs(history: History) -> None:
    conflict(history)
    anew = history.merge({"a.txt": numbered(9, {5: "made anew"})})
    history.fork(
        rule_files("id: lock\nwhy: A tool writes it.\nfiles: [a.txt]\nown: {regenerate: [make, lock]}\n")
    )
    found = history.replay()
    assert outcomes(by_commit(found)[anew]) == {"a.txt": ("left", "by hand")}
    assert (found.totals.different, found.totals.left) == (0, 1)


def test_as_of_takes_the_rules_of_the_commit_before(history: History) -> None:
    history.fork(rule_files(OWN_THEIRS))
    conflict(history)
    before = history.merge({"a.txt": numbered(9, {5: "theirs 5"})})
    history.fork({"syncfork.toml": None, ".syncfork/rule-1.yml": None})
    conflict(history, "ours again", "theirs again")
    after = history.merge({"a.txt": numbered(9, {5: "theirs again"})})
    history.fork({"syncfork.toml": "rules = [broken\n"})
    conflict(history, "ours third", "theirs third")
    broken = history.merge({"a.txt": numbered(9, {5: "theirs third"}), "syncfork.toml": None})
    found = history.replay(as_of=True)
    told = {commit: merge.paths[0].outcome for commit, merge in by_commit(found).items()}
    assert told == {before: "same", after: "left", broken: "left"}
    assert any(broken[:9] in warning for warning in found.warnings)


@pytest.mark.parametrize("own", ["ours", "theirs", "absent"])
def test_whole_files_are_what_the_real_merge_makes_of_them(history: History, own: str) -> None:
    """A rule beside it that needs a real merge, and does nothing, must not change a single outcome."""
    conflict(history)
    history.merge({"a.txt": numbered(9, {5: "theirs 5"})}, "theirs")
    conflict(history, "ours again", "theirs again")
    history.merge({"a.txt": None}, "nobody's")
    history.fork({"a.txt": numbered(9, {5: "back"})})
    history.upstream({"a.txt": None})
    history.merge({}, "ours")
    history.upstream({"new/a.txt": "theirs\n", "b.txt": numbered(9, {3: "new"})})
    history.fork({"new/a.txt": "ours\n"})
    history.merge({"new/a.txt": "ours\n", "b.txt": numbered(9, {3: "mended"})}, "both added")
    history.upstream({"b.txt": None, "moved.txt": numbered(9, {3: "new", 8: "theirs"})})
    history.fork({"b.txt": numbered(9, {3: "mended", 8: "ours"})})
    history.merge({"b.txt": None, "moved.txt": numbered(9, {3: "mended", 8: "ours"})}, "renamed")
    rule = f'id: side\nfiles: ["**/a.txt", "a.txt", "b.txt", "moved.txt"]\nown: {own}\n'
    other = (
        'id: other\nfiles: ["*"]\nrewrite: [{replace: {literal: "nowhere at all"}, with: "x", expect: any}]\n'
    )
    history.fork(rule_files(rule))
    quick = history.replay()
    history.fork(rule_files(rule, other))
    slow = history.replay()
    assert slow.rules == 2

    def told(replay: Replay) -> list[Any]:
        return [(m.subject, outcomes(m), [(e.path, e.outcome) for e in m.by_hand]) for m in replay.merges]

    assert told(quick) == told(slow)
    assert quick.totals.conflicted == 5 and quick.totals.different
    # The fork has files of its own at these paths in most merges: `absent` leaves them to a person.
    assert quick.totals.left if own == "absent" else quick.totals.same


def test_a_clean_merge_that_the_rules_would_have_mended(history: History) -> None:
    history.upstream({"a.txt": numbered(9, {1: "new 1"})})
    history.merge({"a.txt": numbered(9, {1: "new 1", 5: "ours 5"})}, "by hand what a rule does now")
    history.fork(rule_files(KEEP_NAME))
    [merge] = history.replay().merges
    assert [(edit.path, edit.outcome) for edit in merge.by_hand] == [("a.txt", "same")]


def test_detectors_are_asked_about_clean_merges_that_people_changed(repo: Repo) -> None:
    script = "#!/bin/sh\nsh tools/build.sh --fast\n"
    history = History(repo, {"tools/build.sh": "echo build\n" * 5})
    history.fork({"ci.sh": script})
    history.upstream({"tools/build.sh": None, "tools/make.sh": "echo build\n" * 5})
    history.merge(
        {
            "tools/build.sh": None,
            "tools/make.sh": "echo build\n" * 5,
            "ci.sh": script.replace("build.sh", "make.sh"),
        }
    )
    plain, asked = history.replay(), history.replay(detectors=True)
    assert [edit.detected for edit in plain.merges[0].by_hand] == [None]
    [edit] = asked.merges[0].by_hand
    assert edit.path == "ci.sh" and edit.detected and "tools/build.sh" in edit.detected[0]
    assert asked.totals.edited_detected == 1


def test_explain_shows_the_texts(history: History) -> None:
    conflict(history)
    commit = history.merge({"a.txt": numbered(9, {5: "both"})})
    history.fork(rule_files(OWN_THEIRS))
    history.replay()
    texts = run_explain_merge(ReplayOptions(history.repo.path), f"{commit[:10]}:a.txt")
    assert texts.base == numbered(9).decode()
    assert texts.ours == numbered(9, {5: "ours 5"}).decode()
    assert texts.theirs == texts.tool == numbered(9, {5: "theirs 5"}).decode()
    assert texts.committed == numbered(9, {5: "both"}).decode()
    for place in ("nonsense", f"{commit}:none.txt", f"{history.main}:a.txt", "0123456:a.txt"):
        with pytest.raises(UsageError):
            run_explain_merge(ReplayOptions(history.repo.path), place)


def test_explain_of_a_merge_in_another_history_says_where_to_look(history: History) -> None:
    conflict(history)
    commit = history.merge({"a.txt": numbered(9, {5: "both"})})
    history.replay()
    history.repo.git("branch", "other", commit)
    history.repo.git("reset", "-q", "--hard", f"{commit}^1")
    told = history.repo.syncfork("replay", "--explain", f"{commit[:9]}:a.txt")
    assert told.code == 2
    assert f"{commit[:9]} is not in the history of main" in told.err
    assert "syncfork replay REVISION --explain MERGE:PATH" in told.err
    assert history.repo.syncfork("replay", "other", "--explain", f"{commit[:9]}:a.txt").code == 0
    told = history.repo.syncfork("replay", "--explain", "HEAD:a.txt")
    assert told.code == 2 and "HEAD did not bring upstream in" in told.err


def test_the_order_of_the_list_is_told(history: History) -> None:
    conflict(history)
    few = history.merge({"a.txt": numbered(9, {5: "both"})})
    history.fork({"b.txt": numbered(9, {5: "ours"}), "c.txt": numbered(9, {5: "ours"})})
    history.replay()
    assert "worst first" not in history.repo.syncfork("replay").out
    history.upstream({"b.txt": numbered(9, {5: "theirs"}), "c.txt": numbered(9, {5: "theirs"})})
    many = history.merge({"b.txt": numbered(9, {5: "both"}), "c.txt": numbered(9, {5: "both"})})
    history.fork({"a.txt": numbered(9, {5: "ours"})})
    history.upstream({"a.txt": numbered(9, {5: "theirs"})})
    newest = history.merge({"a.txt": numbered(9, {5: "all"})})
    history.replay()
    lines = history.repo.syncfork("replay").out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("worst first: most different"))
    assert lines[at + 1].startswith("merge ")
    assert [line[:9] for line in lines[at + 2 : at + 5]] == [commit[:9] for commit in (many, newest, few)]


def test_the_command_line(history: History) -> None:
    conflict(history)
    commit = history.merge({"a.txt": numbered(9, {5: "both"})}, "evil \x1b[31m::error::x")
    history.replay()
    repo, before = history.repo, sorted(history.repo.git_dir.rglob("*"))
    ran = repo.syncfork("replay", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.report["schema_version"] == 1 and ran.report["verb"] == "replay"
    assert ran.report["totals"]["left"] == 1 and ran.report["merges"][0]["commit"] == commit
    shown = repo.syncfork("replay")
    assert (shown.code, shown.err) == (0, "")
    assert "left to a person 1" in shown.out and "\x1b" not in shown.out
    told = repo.syncfork("replay", "--explain", f"{commit[:9]}:a.txt")
    assert told.code == 0 and "theirs 5" in told.out
    data = repo.syncfork("replay", "--explain", f"{commit[:9]}:a.txt", "--format", "json").report
    assert data["committed"] == numbered(9, {5: "both"}).decode()
    assert repo.syncfork("replay", "--upstream", "nonsense").code == 2
    assert sorted(repo.git_dir.rglob("*")) == before, "it writes nothing"


def test_of_a_long_file_explain_shows_what_differs(repo: Repo) -> None:
    base = repo.commit({"a.txt": numbered(900)})
    ours = repo.commit({"a.txt": numbered(900, {5: "ours", 500: "ours 500"})}, base)
    theirs = repo.commit({"a.txt": numbered(900, {5: "theirs", 800: "theirs 800"})}, base)
    made = numbered(900, {5: "both", 500: "ours 500", 800: "theirs 800"})
    repo.branch("upstream", theirs)
    repo.checkout("main", repo.commit({"a.txt": made}, ours, theirs))
    told = repo.syncfork("replay", "--upstream", "upstream", "--explain", "HEAD:a.txt").out
    committed, mine, upstream = told.split("── ")[1:]
    assert committed.startswith("committed what differs from syncfork:")
    assert "+both" in committed and "-theirs" in committed and "500" not in committed
    assert "+ours 500" in mine and "+theirs 800" in upstream
    assert len(told.split("\n")) < 70


def test_many_merges_come_in_batches(history: History) -> None:
    for number in range(130):
        history.upstream({"b.txt": numbered(9, {2: f"new {number}"})})
        history.merge({"b.txt": numbered(9, {2: f"new {number}"})}, f"merge {number}")
    found = history.replay()
    assert [merge.subject for merge in found.merges] == [f"merge {number}" for number in reversed(range(130))]
    assert (found.totals.merges, found.totals.clean) == (130, 130)


@pytest.mark.real
def test_a_real_history_holds_together() -> None:
    """SYNCFORK_REAL_HISTORY is a clone; SYNCFORK_REAL_HISTORY_UPSTREAM names upstream's tip in it."""
    place = os.environ.get("SYNCFORK_REAL_HISTORY")
    if not place:
        pytest.skip("SYNCFORK_REAL_HISTORY does not name a clone of a fork with many upstream merges")
    repo = Repo(Path(place), bare=True)
    upstream = os.environ.get("SYNCFORK_REAL_HISTORY_UPSTREAM")
    if upstream is None and repo.call("rev-parse", "--verify", "-q", "refs/heads/TEMPLATE").returncode == 0:
        upstream = "refs/heads/TEMPLATE"
    found = run_replay(ReplayOptions(Path(place), upstream=upstream))
    totals = found.totals
    assert totals.merges > 10
    assert totals.conflicted == totals.left and totals.same == totals.different == 0, "there are no rules"
    # A sample against git itself.
    for merge in [merge for merge in found.merges if merge.redone][:: max(1, totals.merges // 20)]:
        done = repo.call(
            "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", merge.ours, merge.theirs
        )
        tree, *paths = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        paths = [path for path in paths if path]
        assert {re.sub("~.*", "~", p) for p in paths} == {re.sub("~.*", "~", p.path) for p in merge.paths}
        if not paths:
            out = repo.git(
                "diff-tree", "-r", "-z", "--name-only", "--no-renames", tree, f"{merge.commit}^{{tree}}"
            )
            assert merge.by_hand_count == len([path for path in out.split("\0") if path])


@pytest.mark.parametrize("later", [True, False])
def test_merges_of_upstream_count_still_once_upstream_has_merged_the_fork(
    history: History, later: bool
) -> None:
    for _ in range(2):
        conflict(history)
        history.merge({"a.txt": numbered(9, {5: "both 5"})})
    before = history.replay()
    assert (before.totals.merges, before.warnings) == (2, ())
    repo = history.repo
    history.up = repo.commit({}, history.up, history.main, message="Merge the fork")
    if later:
        history.upstream({"more.txt": "1\n"})
        history.fork({"mine.txt": "1\n"})
    after = history.replay()
    assert [merge.commit for merge in after.merges] == [merge.commit for merge in before.merges]
    assert any("2 merges of the main line counted" in warning for warning in after.warnings)
