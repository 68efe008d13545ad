"""Every merge that a public fork ever made, made again without rules, compared with git.

    SYNCFORK_REAL_HISTORY=CLONE pytest -m real tests/test_real_history.py

CLONE is a (bare) clone of a fork with many merges of upstream, for example github.com/macvim-dev/macvim. Each
merge of two parents is compared with `git merge-tree`, every SYNCFORK_REAL_SAMPLE-th one (default 25) with
`git merge` in a worktree.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from git_fixtures import Repo, unmarked

from syncfork.merge.engine import LiftedMerge

pytestmark = pytest.mark.real
SAMPLE = int(os.environ.get("SYNCFORK_REAL_SAMPLE", "25"))


@dataclass(frozen=True)
class Plain:
    """What git made of two commits: a tree, and the unmerged index entries as `ls-files -u` prints them."""

    tree: str
    stages: frozenset[str]


@pytest.fixture(scope="module")
def place() -> Path:
    found = os.environ.get("SYNCFORK_REAL_HISTORY")
    if not found:
        pytest.skip("SYNCFORK_REAL_HISTORY does not name a clone of a fork with many upstream merges")
    return Path(found)


def merges(repo: Repo) -> list[tuple[str, str]]:
    """The parents of every merge that had something to merge, of two histories with a common past."""
    out = repo.git("rev-list", "--min-parents=2", "--max-parents=2", "--parents", "--all", "--reverse")
    pairs = [(ours, theirs) for _, ours, theirs in (line.split() for line in out.splitlines())]
    bases = [repo.call("merge-base", ours, theirs).stdout.decode().strip() for ours, theirs in pairs]
    return [pair for pair, base in zip(pairs, bases, strict=True) if base and base != pair[1]]


def stages(lifted: LiftedMerge) -> frozenset[str]:
    return frozenset(
        f"{entry.mode} {entry.oid} {number}\t{path}"
        for path, conflict in lifted.merged.conflicts.items()
        for number, entry in conflict.stages.items()
    )


def by_merge_tree(repo: Repo, ours: str, theirs: str) -> Plain:
    done = repo.call("merge-tree", "--write-tree", "-z", "--no-messages", ours, theirs)
    tree, *unmerged = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return Plain(tree, frozenset(record for record in unmerged if record))


def by_merge(worktree: Repo, ours: str, theirs: str) -> Plain | None:
    """What `git merge` makes; None where this clone lacks a file's content, so that it cannot be checked out."""
    worktree.call("merge", "--abort")
    worktree.git("clean", "-qfdx")
    if worktree.call("checkout", "-q", "-f", "--detach", ours).returncode:
        return None
    done = worktree.call("merge", "-q", "--no-ff", "--no-commit", theirs)
    if b"unable to read" in done.stderr:
        return None
    unmerged = frozenset(record for record in worktree.git("ls-files", "-u", "-z").split("\0") if record)
    assert bool(unmerged) == (done.returncode == 1), done.stderr
    tree = worktree.git("rev-parse", "AUTO_MERGE") if unmerged else worktree.git("write-tree")
    return Plain(tree, unmerged)


def differences(
    repo: Repo, pairs: Iterable[tuple[str, str]], plain: Callable[[str, str], Plain | None]
) -> Iterator[str]:
    """What is not as git has it, over the merges of `pairs`."""
    for ours, theirs in pairs:
        expected = plain(ours, theirs)
        if expected is None:
            continue
        lifted = repo.lift(ours, theirs)
        where = f"{ours[:12]} {theirs[:12]}"
        if readable(stages(lifted), ours, theirs) != readable(expected.stages, ours, theirs):
            yield f"{where}: other conflicts: {stages(lifted) ^ expected.stages}"
        elif not expected.stages and lifted.merged.tree != expected.tree:
            yield f"{where}: another tree"
        elif expected.stages:
            yield from (f"{where}: {path}" for path in other_files(repo, lifted.merged.tree, expected.tree))


def readable(records: frozenset[str], ours: str, theirs: str) -> frozenset[str]:
    """Paths that git moved out of a directory's way, whatever it calls the sides there."""
    return frozenset(re.sub(rf"~({ours}|{theirs}|HEAD|up)", "~", record) for record in records)


def other_files(repo: Repo, mine: str, gits: str) -> Iterator[str]:
    """Paths in which two trees of a merge with conflicts differ by more than the labels of markers."""
    out = repo.git("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "--raw", mine, gits).split("\0")
    for head, path in zip(out[0::2], out[1::2], strict=False):
        old_mode, new_mode, old, new, status = head[1:].split(" ")
        if "~" in path and status in "AD":
            continue
        if status != "M" or old_mode != new_mode or unmarked(repo.object(old)) != unmarked(repo.object(new)):
            yield f"{status} {path}"


def test_every_merge_is_what_merge_tree_makes(place: Path) -> None:
    repo = Repo(place, bare=True)
    pairs = merges(repo)
    assert len(pairs) > 100, "this history proves little"

    conflicts: list[str] = []

    def plain(ours: str, theirs: str) -> Plain:
        made = by_merge_tree(repo, ours, theirs)
        conflicts.extend([theirs] if made.stages else [])
        return made

    def compare(part: list[tuple[str, str]]) -> list[str]:
        return list(differences(repo, part, plain))

    with ThreadPoolExecutor(2) as pool:
        found = [difference for part in pool.map(compare, [pairs[0::2], pairs[1::2]]) for difference in part]
    print(
        f"\n{place}: {len(pairs)} merges compared with git merge-tree, {len(conflicts)} with conflicts, {len(found)} differ"
    )
    assert found == []


def test_a_sample_is_what_git_merge_makes(place: Path, tmp_path: Path) -> None:
    repo = Repo(place, bare=True)
    pairs = merges(repo)[::SAMPLE]
    worktree = Repo(tmp_path / "worktree")
    repo.git("worktree", "add", "-q", "--detach", "--no-checkout", str(worktree.path), pairs[0][0])
    made: list[Plain] = []

    def plain(ours: str, theirs: str) -> Plain | None:
        found = by_merge(worktree, ours, theirs)
        made.extend([found] if found else [])
        return found

    try:
        found = list(differences(worktree, pairs, plain))
    finally:
        repo.git("worktree", "remove", "--force", str(worktree.path))
    conflicts = sum(bool(each.stages) for each in made)
    print(
        f"\n{place}: {len(made)} merges compared with git merge, {conflicts} with conflicts, {len(found)} differ"
    )
    assert found == []
    assert len(made) > len(pairs) / 2
