"""Renames as git's merge saw them. Where a side has a file under several new names, `git diff` and `git merge` may take
another one of them for the file that moved: what counts is where the merge brought the other side's changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from posixpath import basename

from msgspec import Struct

from syncfork.git.objects import Tree
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Change
from syncfork.merge.mergetree import Merged
from syncfork.own.base import OURS, THEIRS, Side

_STAGES = {OURS: 2, THEIRS: 3}


class Outcome(Struct, frozen=True):
    """A merge of two sides: `merged` makes it, `entries` reads files of its tree. Neither is asked without need."""

    merged: Callable[[], Merged]
    entries: Callable[[str, Sequence[str]], Tree]


def as_merged(
    side: Side, changes: Sequence[Change], others: Sequence[Change], outcome: Outcome
) -> Sequence[Change]:
    """What one side changed, with its renames as the merge saw them. `others` is what the other side changed."""
    touched = {change.old_path for change in others if change.old and change.old != change.new}
    moved = [change for change in changes if change.renamed and change.old_path in touched]
    added = [change for change in changes if change.old is None] if moved else []
    told = list(changes)
    for change in moved:
        name = basename(change.old_path)
        twins = [other for other in added if other.new == change.new or basename(other.new_path) == name]
        if twins and (chosen := _chosen(side, change, twins, outcome)):
            told.remove(chosen)
            told[told.index(change)] = Change(change.old_path, chosen.new_path, change.old, chosen.new)
            told.append(Change(change.new_path, change.new_path, None, change.new))
            added.remove(chosen)
    return told


def _chosen(side: Side, change: Change, twins: Sequence[Change], outcome: Outcome) -> Change | None:
    """The one of the twins that the merge took for the file that moved, None where it was that of `change`."""
    merged = outcome.merged()

    def disputed(one: Change) -> bool:
        stages = merged.conflicts[one.new_path].stages if one.new_path in merged.conflicts else {}
        return stages.get(1) == change.old and stages.get(_STAGES[side]) == one.new

    names = [literal(one.new_path) for one in (change, *twins)]
    if disputed(change):
        return None
    if found := [one for one in twins if disputed(one)]:
        return found[0]
    there = outcome.entries(merged.tree, names)
    if there.get(change.new_path) != change.new:
        return None
    taken = [one for one in twins if there.get(one.new_path) not in (one.new, None)]
    return taken[0] if len(taken) == 1 else None
