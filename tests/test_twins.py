"""A file that the fork has under several new names: the one that git's merge took for the moved one is the moved one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import pytest
from git_fixtures import TODAY, Repo, numbered

from syncfork.commands.drift import DriftOptions, run_drift
from syncfork.commands.resolve import culprits_of, open_resolve, waiting
from syncfork.git.changes import Change
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Conflict, Merged
from syncfork.merge.twins import Outcome, as_merged
from syncfork.own.base import OURS

BASE, MINE, OTHER = (Entry("100644", letter * 40) for letter in "abc")
RENAME = Change("old/a.c", "a.c", BASE, MINE)
TWIN = Change("rev1/old/a.c", "rev1/old/a.c", None, MINE)
THIRD = Change("rev2/a.c", "rev2/a.c", None, OTHER)
GONE, OTHERWISE = Change("x", "x", BASE, None), Change("y", "z", OTHER, MINE)
THEIRS = Change("old/a.c", "old/a.c", BASE, OTHER)


def unpaired(*_: object) -> Sequence[Change]:
    raise AssertionError


def disputed(path: str, ours: Entry = MINE) -> Merged:
    return Merged("tree", {path: Conflict(path, "contents", {1: BASE, 2: ours, 3: OTHER})})


@pytest.mark.parametrize(
    ("merged", "changed", "expected"),
    [
        (disputed("a.c"), {"a.c"}, "a.c"),
        (disputed("rev1/old/a.c"), {"rev1/old/a.c"}, "rev1/old/a.c"),
        (disputed("rev2/a.c", OTHER), {"rev2/a.c"}, "rev2/a.c"),
        (disputed("elsewhere"), {"elsewhere"}, "a.c"),
        # In conflict, but not with what moved.
        (
            Merged("tree", {"rev2/a.c": Conflict("rev2/a.c", "add/add", {2: OTHER, 3: BASE})}),
            {"rev2/a.c"},
            "a.c",
        ),
        (Merged("tree"), {"rev1/old/a.c"}, "rev1/old/a.c"),
        (Merged("tree"), {"a.c"}, "a.c"),
        (Merged("tree"), {"a.c", "rev1/old/a.c"}, "a.c"),
        (Merged("tree"), {"rev1/old/a.c", "rev2/a.c"}, "a.c"),
        (Merged("tree"), set(), "a.c"),
    ],
)
def test_the_moved_one_is_the_one_that_the_merge_brought_changes_to(
    merged: Merged, changed: set[str], expected: str
) -> None:
    told = as_merged(
        OURS, [RENAME, TWIN, THIRD], [THEIRS], Outcome(lambda: merged, lambda *_: changed, unpaired)
    )
    renamed = [change for change in told if change.renamed]
    assert [(change.old_path, change.new_path, change.old) for change in renamed] == [
        ("old/a.c", expected, BASE)
    ]
    assert {change.new_path: change.new for change in told} == {
        "a.c": MINE,
        TWIN.new_path: MINE,
        THIRD.new_path: OTHER,
    }


def test_two_files_of_one_text_that_moved_are_told_apart_by_what_the_merge_changed() -> None:
    one, two = Change("1/a", "z/1", BASE, BASE), Change("2/a", "z/2", BASE, BASE)
    outcome = Outcome(lambda: Merged("tree"), lambda *_: {"z/2"}, unpaired)
    told = as_merged(OURS, [one, two], [Change("1/a", "1/a", BASE, OTHER)], outcome)
    assert [(change.old_path, change.new_path) for change in told] == [("2/a", "z/1"), ("1/a", "z/2")]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([RENAME], [THEIRS]),
        ([RENAME, TWIN], []),
        ([TWIN, THIRD], [THEIRS]),
        # Both added them.
        ([RENAME, TWIN, THIRD], [THEIRS, TWIN, THIRD]),
        # What both took out, and what was taken out beside a file that moved as it was.
        ([GONE, OTHERWISE], [GONE]),
        ([GONE, Change("y", "z", BASE, BASE)], [Change("x", "x", BASE, OTHER)]),
        ([GONE], [Change("x", "x", BASE, OTHER)]),
    ],
)
def test_the_merge_is_not_asked_without_need(ours: Sequence[Change], theirs: Sequence[Change]) -> None:
    def never(*_: object) -> Merged:
        raise AssertionError

    assert as_merged(OURS, ours, theirs, Outcome(never, lambda *_: set(), unpaired)) == ours


def test_many_files_of_one_name_are_looked_at_once() -> None:
    moved = [Change(f"b{n}/k.c", f"c{n}/k.c", Entry("100644", f"{n:040x}"), MINE) for n in range(5000)]
    new = [Change(f"n{n}/k.c", f"n{n}/k.c", None, OTHER) for n in range(5000)]
    theirs = [Change(one.old_path, one.old_path, one.old, OTHER) for one in moved]
    outcome = Outcome(lambda: Merged("tree"), lambda *_: {one.new_path for one in moved}, unpaired)
    start = time.process_time()
    assert as_merged(OURS, [*moved, *new], theirs, outcome) == [*moved, *new]
    assert time.process_time() - start < 5


@pytest.mark.parametrize("mine", [{10: "mine"}, {3: "mine"}, {10: "mine", 19: "mine"}])
@pytest.mark.parametrize("swapped", [False, True])
def test_what_was_renamed_is_looked_for_among_what_the_other_side_changed(
    repo: Repo, mine: dict[int, str], swapped: bool
) -> None:
    # The new file is more like y, in which the merge has nothing to merge.
    like, both = {3: "y", 4: "yy"}, {"x": numbered(20), "y": numbered(20, {3: "y", 4: "yy"})}
    base = repo.commit(both)
    changed = repo.commit({"x": numbered(20, mine)}, base)
    moved = repo.commit({"x": None, "y": None, "z": numbered(20, like | {19: "z"})}, base)
    sides = (moved, changed) if swapped else (changed, moved)
    report = repo.merge(*sides)
    assert [item.path for item in report.conflicts] == (["z"] if {3, 19} & mine.keys() else [])
    assert report.ledger.unexplained == ()


def test_a_file_that_was_deleted_stays_so_where_the_merge_says_it(repo: Repo) -> None:
    base = repo.commit({"x": numbered(20), "y": numbered(30, dict.fromkeys(range(15), "y"))})
    ours = repo.commit({"x": numbered(20, {10: "mine"})}, base)
    new = numbered(30, dict.fromkeys(range(15), "y") | {29: "z"})
    report = repo.merge(ours, repo.commit({"x": None, "y": None, "z": new}, base))
    assert [(item.path, item.kind) for item in report.conflicts] == [("x", "modify/delete")]
    assert report.ledger.unexplained == ()


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork that has a board's files in three places, and an upstream that goes on in the old one."""
    text = numbered(60)
    base = repo.commit(
        {"k/keymaps/default/font.c": text, "k/keymaps/default/keymap.c": "keys\n" * 9, "x": "1\n"}
    )
    own = numbered(60, {20: "ours"})
    moved = {
        "k/font.c": own,
        "k/rev1/keymaps/default/font.c": own,
        "k/rev1/keymaps/vial/font.c": own,
        "k/rev1/keymaps/default/keymap.c": "keys\n" * 9,
        "k/keymaps/default/font.c": None,
        "k/keymaps/default/keymap.c": None,
    }
    repo.checkout("main", repo.commit(moved, base))
    first = repo.commit({"x": "2\n"}, base, message="Elsewhere (#1)")
    second = repo.commit(
        {"k/keymaps/default/font.c": numbered(60, {20: "theirs"})}, first, message="Here (#2)"
    )
    repo.branch("refs/remotes/upstream/main", second)
    repo.git("config", "remote.upstream.url", str(repo.path.parent / "nowhere"))
    return repo


def test_a_conflict_in_one_of_several_copies(fork: Repo) -> None:
    git = Repository.open(fork.path)
    base, theirs = fork.git("merge-base", "main", "upstream/main").strip(), "upstream/main"
    [told] = [c.new_path for c in git.changes(base, "main") if c.renamed and c.new_path.endswith("font.c")]
    conflict = (
        fork.call("merge-tree", "--write-tree", "--name-only", "main", theirs).stdout.decode().split("\n")[1]
    )
    # Otherwise this shows nothing.
    assert told != conflict
    done = fork.syncfork("merge", "--dry-run", "--format", "json")
    report = json.loads(done.out)
    assert not report["ledger"]["unexplained"]
    [item] = report["conflicts"]
    assert (item["path"], [culprit["pr"] for culprit in item["culprits"]]) == (conflict, [2])


def test_how_far_one_can_go_does_not_depend_on_which_copy_it_is(fork: Repo) -> None:
    found = run_drift(DriftOptions(directory=fork.path, today=TODAY)).drift
    assert found
    for reach in (found.reach, found.reach_alone):
        assert reach.clean and (reach.clean.pr, reach.commits) == (1, 1)


def test_a_conflict_in_a_file_that_the_fork_moved_has_its_culprit(repo: Repo) -> None:
    base = repo.commit({"dir/a": numbered(30), "b": "1\n"})
    repo.checkout("main", repo.commit({"dir/a": None, "new/a": numbered(30, {9: "ours"})}, base))
    other = repo.commit({"b": "2\n"}, base, message="Elsewhere (#3)")
    repo.branch("up", repo.commit({"dir/a": numbered(30, {9: "theirs"})}, other, message="Here (#4)"))
    [item] = json.loads(repo.syncfork("merge", "up", "--format", "json").out)["conflicts"]
    assert (item["path"], [culprit["pr"] for culprit in item["culprits"]]) == ("new/a", [4])
    repository = Repository.open(repo.path)
    opened = open_resolve(repository, waiting(repository))
    assert opened.walk.current and [found.pr for found in culprits_of(opened, opened.walk.current)] == [4]


def test_who_only_renamed_a_file_has_not_changed_what_is_in_it(repo: Repo) -> None:
    base = repo.commit({"old/a": numbered(30), "b": "1\n"})
    repo.checkout("main", repo.commit({"old/a": numbered(30, {9: "ours"})}, base))
    edited = repo.commit({"old/a": numbered(30, {9: "theirs"})}, base, message="Here (#4)")
    moved = repo.commit({"old/a": None, "new/a": numbered(30, {9: "theirs"})}, edited, message="Moved (#5)")
    later = repo.commit({"new/a": numbered(30, {9: "theirs", 25: "more"})}, moved, message="Elsewhere (#6)")
    repo.branch("up", later)
    [item] = repo.syncfork("merge", "up", "--format", "json").report["conflicts"]
    assert (item["path"], [culprit["pr"] for culprit in item["culprits"]]) == ("new/a", [4])
