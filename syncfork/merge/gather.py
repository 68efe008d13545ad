"""The files of a lifted merge and of a tree that it came to, read from git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from posixpath import basename

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import together
from syncfork.git.objects import Entry, Tree
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.files import MergedFile, merged_files
from syncfork.merge.mergetree import Merged, merge_tree
from syncfork.merge.twins import both_as_merged
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Side


def _without_conflicts(files: Iterable[MergedFile], merge: LiftedMerge, people: bool) -> Iterator[MergedFile]:
    """The files without those in conflict, which count where `people` have resolved them."""
    conflicts, moved = in_conflict(merge), Counter(_moved(merge))
    for file in files:
        if file.path in conflicts:
            if people:
                yield file
        elif _is_elsewhere(file, moved):
            continue
        elif conflicts & set(file.names.values()) or _new_name_only(file):
            # Of a rename that git sees, the new name is in conflict.
            yield file.apart()
        else:
            yield file


def _new_name_only(file: MergedFile) -> bool:
    """Whether one side renamed what the other took out: where git has no conflict there, it took the old name's file
    for another one's, of several that are alike."""
    renamed = file.base is not None and file.names.get(BASE, file.path) != file.path
    return renamed and (file.ours is None) != (file.theirs is None)


def _is_elsewhere(file: MergedFile, moved: Counter[tuple[str, Entry | None]]) -> bool:
    """Whether a side made the file, or renamed one to it, and git has `moved` it, in conflict; each is taken from those."""
    came = file.base is None or (file.result is None and len(set(file.names.values())) > 1)
    keys = [(basename(file.path), entry) for entry in (file.ours, file.theirs) if entry]
    found = next((key for key in keys if moved[key] > 0), None) if came else None
    if found:
        moved[found] -= 1
    return found is not None


def _moved(merge: LiftedMerge) -> Iterator[tuple[str, Entry | None]]:
    """Files that git puts elsewhere, in conflict, since the other side renamed their folder; by their last name."""
    conflicts = merge.merged.conflicts.items()
    suggested = [(path, c) for path, c in conflicts if c.kind == "directory rename suggested"]
    return ((basename(path), entry) for path, c in suggested for entry in {*c.stages.values()})


def in_conflict(merge: LiftedMerge) -> set[str]:
    """The paths in conflict. Where a file and a folder want the same one, git gives the file another name."""
    return _paths(merge.merged)


def _paths(merged: Merged) -> set[str]:
    return {name for path in merged.conflicts for name in (path, path.rpartition("~")[0]) if name}


def gathered(space: Workspace, merge: LiftedMerge, committed: str | None, base: str) -> list[MergedFile]:
    """The files of the merge, with the rules' effect on every side, and what its tree, or the one that people
    `committed`, has of them. `base` is one of the candidates. What is in conflict is left out, but of a committed
    tree."""
    entries = {
        side: _laid_over(merge.sides.entries[side], merge.lifted.get(side, {})) for side in merge.commits
    }
    sides, lifted = merge.sides, _lifted(merge)
    stored = replace(space.repository, git=space.git)
    if base != lifted[BASE]:
        changes = stored.changes(lifted[BASE], base, renames=False)
        entries[BASE] = _laid_over(entries[BASE], {change.new_path: change.new for change in changes})
    if base != lifted[BASE] or _renames_may_differ(merge):
        by_ours, by_theirs = together(
            *(partial(stored.changes, base, lifted[side]) for side in (OURS, THEIRS))
        )
        by_ours, by_theirs = both_as_merged(
            stored, lifted | {BASE: base}, by_ours, by_theirs, lambda: merge.merged
        )
        sides = replace(sides, by_ours=by_ours, by_theirs=by_theirs)
    three = {side: entries[side] for side in lifted}
    # Rules may name every file there is: those that are the same on all sides need no second look.
    same = {path for path in three[BASE] if len({tree.get(path) for tree in three.values()}) == 1}
    three = {side: {path: e for path, e in tree.items() if path not in same} for side, tree in three.items()}
    changes = stored.changes(lifted[THEIRS], committed or merge.merged.tree, renames=False)
    return list(
        _without_conflicts(merged_files(replace(sides, entries=three), changes), merge, bool(committed))
    )


class Bases(Struct, frozen=True):
    """What a merge may have had for its base: the tree of the merge base, or of several what git merges them to,
    oldest first. Where those clash among themselves, at the paths `clashing`, each of them is a candidate too, and their
    own bases, however deep: what git cannot merge there (a binary file, one that was deleted and changed) it leaves as it was."""

    trees: tuple[str, ...]
    clashing: frozenset[str] = frozenset()


def bases_of(space: Workspace, merge: LiftedMerge) -> Bases:
    """The candidates for the base of a merge."""
    if len(merge.commits) == len((BASE, OURS, THEIRS)):
        return Bases((_lifted(merge)[BASE],))
    found = space.git.text("merge-base", "--all", *merge.ids).split()[::-1]
    commit = tree = found[0]
    clashing: set[str] = set()
    for number, base in enumerate(found[1:]):
        merged = merge_tree(space.git, commit, base)
        tree, clashing = merged.tree, clashing | _paths(merged)
        commit = space.commit(tree, (commit, base), f"{number} +0000")
    every = [merge.trees.get(side, at) for side, at in merge.commits.items() if side.startswith(BASE)]
    return Bases((tree, *(every if clashing else ())), frozenset(clashing))


def _lifted(merge: LiftedMerge) -> dict[Side, str]:
    return {side: merge.trees.get(side, merge.commits[side]) for side in (BASE, OURS, THEIRS)}


def _renames_may_differ(merge: LiftedMerge) -> bool:
    """Whether rules have changed a file that came, went or was renamed."""
    lifted = {path for overlay in merge.lifted.values() for path in overlay}
    return any(
        {change.old_path, change.new_path} & lifted
        for change in (*merge.sides.by_ours, *merge.sides.by_theirs)
        if change.renamed or change.old is None or change.new is None
    )


def _laid_over(tree: Mapping[str, Entry], overlay: Mapping[str, Entry | None]) -> Tree:
    return {path: entry for path, entry in {**tree, **overlay}.items() if entry}
