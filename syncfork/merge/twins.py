"""Renames as git's merge saw them. Where a side has a file under several new names, `git diff` and `git merge` may take
another one of them for the file that moved: what counts is where the merge brought the other side's changes. And of the
files that a side took out `git merge` looks only at those that the other side changed for what a new one may have been.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from posixpath import basename

from msgspec import Struct

from syncfork.git.changes import Change
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Merged
from syncfork.own.base import BASE, OURS, THEIRS, Side

_STAGES = {OURS: 2, THEIRS: 3}


class Outcome(Struct, frozen=True):
    """A merge of two sides: `merged` makes it, `changed` tells the paths in which a tree of it is not as a side had them,
    `paired` what a side changed among some paths alone. None is asked without need."""

    merged: Callable[[], Merged]
    changed: Callable[[Side, str], Collection[str]]
    paired: Callable[[Side, Collection[str]], Sequence[Change]]


def both_as_merged(
    repository: Repository,
    commits: Mapping[Side, str],
    by_ours: Sequence[Change],
    by_theirs: Sequence[Change],
    merged: Callable[[], Merged],
) -> tuple[Sequence[Change], Sequence[Change]]:
    """`as_merged` of ours and of theirs. `commits` are the two and their base, or the trees of these; `repository` sees what
    `merged` stored."""

    def changed(side: Side, tree: str) -> set[str]:
        changes = repository.changes(commits[side], tree, renames=False)
        return {change.new_path for change in changes}

    def paired(side: Side, paths: Collection[str]) -> list[Change]:
        return repository.changes_among(paths, commits[BASE], commits[side])

    outcome = Outcome(merged, changed, paired)
    return as_merged(OURS, by_ours, by_theirs, outcome), as_merged(THEIRS, by_theirs, by_ours, outcome)


def as_merged(
    side: Side, changes: Sequence[Change], others: Sequence[Change], outcome: Outcome
) -> Sequence[Change]:
    """What one side changed, with its renames as the merge saw them. `others` is what the other side changed."""
    return _to_twins(side, _from_touched(side, changes, others, outcome), others, outcome)


def _from_touched(
    side: Side, changes: Sequence[Change], others: Sequence[Change], outcome: Outcome
) -> Sequence[Change]:
    """The changes, where a file that the other side changed is neither there nor in conflict after the merge: renamed, to
    what `git diff` has as renamed from one that the other side did not touch."""
    touched = {change.old_path for change in others if change.old != change.new}
    kept = {change.old_path for change in others if change.new} & touched
    gone = {change.old_path for change in changes if change.new is None and change.old_path in kept}
    free = [c for c in changes if c.renamed and c.old_path not in touched and c.old != c.new]
    if not gone or not free:
        return changes
    gone -= outcome.merged().conflicts.keys()
    pairs = outcome.paired(side, gone | {change.new_path for change in free}) if gone else ()
    renamed = {pair.new_path: pair for pair in pairs if pair.renamed}
    moved = {pair.old_path for pair in renamed.values()}
    left = [Change(c.old_path, c.old_path, c.old, None) for c in free if c.new_path in renamed]
    stay = [renamed.get(c.new_path, c) for c in changes if c.new or c.old_path not in moved]
    return [*stay, *left] if renamed else changes


def _to_twins(
    side: Side, changes: Sequence[Change], others: Sequence[Change], outcome: Outcome
) -> Sequence[Change]:
    """The changes, where the merge took another one than `git diff` of several new names for a file that moved."""
    touched = {change.old_path for change in others if change.old and change.old != change.new}
    moved = [change for change in changes if change.renamed and change.old_path in touched]
    twins = _twins(moved, changes, {change.new_path for change in others if change.old is None})
    if not twins:
        return changes
    merged = outcome.merged()
    changed = outcome.changed(side, merged.tree)
    # Few of them are any different: the others need no second look.
    alike: dict[object, list[Change]] = defaultdict(list)
    for key, twin in twins:
        if twin.new_path in changed:
            alike[key].append(twin)
    told = {change.new_path: change for change in changes}
    for change in moved if alike else ():
        if change.new_path not in changed:
            near = {one.new_path: one for key in _keys(change) for one in alike.get(key, ())}
            chosen = _chosen(side, change, list(near.values()), merged)
            if chosen and told[chosen.new_path] is chosen:
                told[chosen.new_path] = Change(change.old_path, chosen.new_path, change.old, chosen.new)
                left = chosen.old_path if chosen.old else change.new_path
                told[change.new_path] = Change(left, change.new_path, chosen.old, change.new)
    return [told[change.new_path] for change in changes]


def _keys(moved: Change) -> tuple[object, ...]:
    """What a file has that a moved one may be instead: its text, its old name if it is new; what it was if it moved."""
    return moved.new, basename(moved.old_path), ("was", moved.old)


def _twins(
    moved: Sequence[Change], changes: Sequence[Change], others: Collection[str]
) -> list[tuple[object, Change]]:
    """What else one of the `moved` files could have become, by what it shares with that; not what is in `others`: the
    other side added it too."""
    wanted = {key for change in moved for key in _keys(change)}
    known = {change.new_path for change in moved} | set(others)
    found: list[tuple[object, Change]] = []
    for change in changes if moved else ():
        if change.new_path not in known and change.new:
            new = change.old is None
            keys = (change.new, basename(change.new_path)) if new else (("was", change.old),)
            found += [(key, change) for key in keys if (new or change.renamed) and key in wanted]
    return found


def _chosen(side: Side, change: Change, twins: Sequence[Change], merged: Merged) -> Change | None:
    """The one of the twins, which the merge changed, that it took for the file that moved; None where it took none."""
    disputed = [
        one
        for one in twins
        if one.new_path in merged.conflicts
        and merged.conflicts[one.new_path].stages.get(1) == change.old
        and merged.conflicts[one.new_path].stages.get(_STAGES[side]) == one.new
    ]
    taken = [one for one in twins if one.new_path not in merged.conflicts]
    return next(iter(disputed), taken[0] if len(taken) == 1 else None)
