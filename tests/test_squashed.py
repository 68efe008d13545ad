"""A sync that was squashed or copied is told, with the commit that joins the histories."""

from __future__ import annotations

import pytest
from git_fixtures import Changes, Repo, numbered

FILES = [f"d/f{number}" for number in range(20)]


def all_of(changes: dict[int, str], files: list[str] = FILES) -> Changes:
    return {path: numbered(30, changes) for path in files}


class World:
    """Upstream changes all files twice; the fork took over the first of it without a merge."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.base = repo.commit(all_of({}))
        self.old = repo.commit({"early": "1\n"}, self.base)
        self.synced = repo.commit(all_of({5: "first"}), self.old, message="Release 1")
        self.theirs = repo.commit(all_of({5: "second"}), self.synced, message="Release 2")
        repo.git("tag", "v1", self.synced)

    def copied(self, more: Changes | None = None, files: list[str] = FILES) -> str:
        taken = {"early": "1\n", **all_of({5: "first"}, files)}
        return self.repo.commit({**taken, "own": "1\n", **(more or {})}, self.base, message="Sync upstream")


@pytest.fixture
def world(repo: Repo) -> World:
    return World(repo)


def test_the_commit_is_told_and_joining_it_leaves_no_conflict(world: World) -> None:
    repo = world.repo
    report = repo.merge(world.copied(), world.theirs)
    [warning] = report.warnings
    assert "21 of the 22 files that the fork changed since the merge base are upstream's own" in warning
    assert f'as of {world.synced[:9]} ("Release 1", v1, 20' in warning
    assert "of the 20 files in conflict none would be left" in warning
    command, remark = report.next[0].split("    ")
    assert command == f"git merge -s ours {world.synced[:9]}" and "then merge again" in remark
    repo.git(*command.removeprefix("git ").split(), "--no-edit")
    again = repo.merge(repo.git("rev-parse", "HEAD"), world.theirs)
    assert again.state == "merged" and not again.warnings
    assert again.result.commit
    assert repo.files(again.result.commit)["d/f3"][1] == numbered(30, {5: "second"})


def test_a_merge_that_waits_is_put_back_first(world: World) -> None:
    report = world.repo.merge(world.copied(), world.theirs, checkout=True)
    assert report.state == "in progress"
    assert report.next[0].startswith(f"syncfork abort && git merge -s ours {world.synced[:9]}    (")


def test_the_oldest_of_equal_ones_is_meant_for_a_later_one_would_be_lost(world: World) -> None:
    """What upstream made of a file of the fork's own since then is still to be merged."""
    mine: Changes = {"own": "1\n"}
    later = world.repo.commit({"own": "upstream's\n"}, world.synced)
    theirs = world.repo.commit(all_of({5: "second"}), later)
    [warning] = world.repo.merge(world.copied(mine), theirs).warnings
    assert f"as of {world.synced[:9]}" in warning


def test_what_the_fork_did_not_take_over_is_named(world: World) -> None:
    report = world.repo.merge(world.copied(files=FILES[:-1]), world.theirs)
    assert "What upstream had changed by then in d/f19 the fork does not have" in report.warnings[0]
    assert report.next[0].startswith(f"git diff HEAD {world.synced[:9]} -- d/f19    (")


def test_what_the_fork_changed_elsewhere_and_did_not_take_over_is_named(world: World) -> None:
    """Upstream changed line 5 of it; the fork has line 25 of its own, and not that."""
    kept: Changes = {"d/f19": numbered(30, {25: "ours"})}
    report = world.repo.merge(world.copied(kept, FILES[:-1]), world.theirs)
    assert "in d/f19 the fork does not have" in report.warnings[0]
    both: Changes = {"d/f19": numbered(30, {5: "first", 25: "ours"})}
    [warning] = world.repo.merge(world.copied(both, FILES[:-1]), world.theirs).warnings
    assert "does not have" not in warning and f"`git diff --stat {world.synced[:9]} HEAD`" in warning


def test_many_that_the_fork_keeps_as_they_are_make_no_sync(repo: Repo) -> None:
    mine = [f"own/f{number}" for number in range(25)]
    base = repo.commit({**all_of({}), **all_of({}, mine)})
    synced = repo.commit({**all_of({5: "first"}), **all_of({5: "a fix"}, mine)}, base)
    theirs = repo.commit(all_of({5: "second"}), synced)
    ours = repo.commit({**all_of({5: "first"}), **all_of({25: "ours"}, mine)}, base)
    assert not repo.merge(ours, theirs).warnings


def test_a_later_commit_that_was_picked_does_not_move_the_sync(world: World) -> None:
    """What came between is in a file that the fork has changed, too: it would be lost."""
    between = world.repo.commit({"own": "upstream's\n"}, world.synced)
    picked = world.repo.commit({"picked": "1\n"}, between)
    theirs = world.repo.commit(all_of({5: "second"}), picked)
    [warning] = world.repo.merge(world.copied({"picked": "1\n"}), theirs).warnings
    assert f"as of {world.synced[:9]}" in warning


def test_renames_and_deletions_count_as_any_change(world: World) -> None:
    moved: Changes = {"d/f0": None, "d/f1": None, "e/f1": numbered(30, {5: "first"})}
    synced = world.repo.commit(moved, world.synced, message="Move")
    theirs = world.repo.commit(all_of({5: "second"}, FILES[2:]), synced)
    [warning] = world.repo.merge(world.copied(moved), theirs).warnings
    assert (
        f"22 of the 23 files that the fork changed since the merge base are upstream's own as of {synced[:9]}"
        in warning
    )


@pytest.mark.parametrize("taken", [FILES[:9], FILES[:12]], ids=["few", "not all"])
def test_commits_that_were_taken_over_one_by_one_are_no_sync(world: World, taken: list[str]) -> None:
    assert not world.repo.merge(world.copied(files=taken), world.theirs).warnings


def test_a_fork_of_its_own_changes_is_none(world: World) -> None:
    ours = world.repo.commit(all_of({5: "ours"}), world.base)
    report = world.repo.merge(ours, world.theirs)
    assert report.conflicts and not report.warnings
    assert not any("-s ours" in step for step in report.next)


def test_what_upstream_says_is_one_harmless_line(world: World) -> None:
    synced = world.repo.commit(all_of({5: "first"}), world.old, message="Release\x1b[31m 1")
    theirs = world.repo.commit(all_of({5: "second"}), synced)
    [warning] = world.repo.merge(world.copied(), theirs).warnings
    assert "\x1b" not in warning
