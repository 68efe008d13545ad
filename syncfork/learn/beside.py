"""Folders beside each other that the fork emptied, and what it had in them before each merge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname

from syncfork.git.repository import Repository
from syncfork.globs import folders_above
from syncfork.learn.base import OwnChange, PastMerge
from syncfork.merge.past import compare
from syncfork.siblings import Siblings, siblings


def folders_with(paths: Iterable[str]) -> set[str]:
    """The paths, and the folders that they are in."""
    return {folder for path in paths for folder in (path, *folders_above(path))}


def emptied_beside(
    own: Mapping[str, OwnChange], kept: frozenset[str], there: frozenset[str]
) -> tuple[Siblings, ...]:
    """Where the fork emptied enough folders of upstream's beside each other: `own` is what it changed, `kept` all that it
    has, `there` what upstream had. What it has in the place of a folder is no folder."""
    full = folders_with(kept)
    gone: dict[str, set[str]] = defaultdict(set)
    for path in (path for path, change in own.items() if change.ours is None):
        if tops := [folder for folder in folders_above(path) if folder not in full]:
            gone[dirname(tops[-1])].add(tops[-1])
    stays: dict[str, set[str]] = defaultdict(set)
    for folder in full - kept:
        stays[dirname(folder)].add(folder)
    beside = {dirname(path) for path in kept | there}
    found = (
        siblings(above, folders, stays[above], files=above in beside)
        for above, folders in sorted(gone.items())
        if above not in kept
    )
    return tuple(one for one in found if one)


def steady(
    repository: Repository, merges: Sequence[PastMerge], found: Sequence[Siblings]
) -> tuple[Siblings, ...]:
    """Those of which the fork always had the folders that it keeps: where one came back, others may."""
    asked = [(one, merge, f"{one.path}/{name}") for one in found for name in one.kept for merge in merges]
    trees = (
        repository.resolve(f"{c}:{path}" for _, m, path in asked for c in (m.base, m.ours)) if asked else {}
    )
    back = {one for one, m, path in asked if trees[f"{m.base}:{path}"] and not trees[f"{m.ours}:{path}"]}
    return tuple(one for one in found if one not in back)


def had_there(
    repository: Repository, merges: Sequence[PastMerge], tip: str, found: Sequence[Siblings]
) -> dict[str, frozenset[str]]:
    """By merge what its fork's parent had in the folders that the fork's tip has nothing in. Two processes, none where
    there are no such folders."""
    if not found:
        return {}
    trees = repository.resolve(f"{c}:{one.path}" for one in found for c in (tip, *(m.ours for m in merges)))
    states = [
        (merge.commit, one, (trees[f"{tip}:{one.path}"] or "", tree))
        for merge in merges
        for one in found
        if (tree := trees[f"{merge.ours}:{one.path}"])
    ]
    differs = compare(repository.git, [pair for _, _, pair in states])
    had: dict[str, set[str]] = defaultdict(set)
    for commit, one, pair in states:
        if pair not in differs:
            # It cannot be told: nothing bears out that the fork had none.
            had[commit] |= {f"{folder}/" for folder in one.emptied}
        paths = (f"{one.path}/{change.new_path}" for change in differs.get(pair, ()) if change.new)
        had[commit].update(path for path in paths if one.holds(path))
    return {commit: frozenset(paths) for commit, paths in had.items()}
