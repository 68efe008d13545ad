"""A few paths merged by git on their own: the cost grows with them, not with the repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from syncfork.git.objects import Entry
from syncfork.merge.mergetree import Conflict, Merged, merge_tree
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Side

Entries = Mapping[Side, Entry | None]


def merge_paths(
    space: Workspace,
    paths: Mapping[str, Entries],
    attributes: Path | None = None,
    settings: Sequence[str] = (),
) -> tuple[Merged, tuple[str, str]]:
    """git's merge of the files `paths`, each given by its entry on each side (None: it has none), and the ids of the
    two commits that stand for the sides. Renames are not looked for: each path is one file.

    `attributes` and `settings` are as in `merge_tree`.
    """
    empty = space.store.write("tree", b"")
    wanted = [
        (empty, {path: entries[side] for path, entries in paths.items() if entries.get(side)})
        for side in (BASE, OURS, THEIRS)
    ]
    base, ours, theirs = space.trees(wanted)
    root = space.commit(base, (), "0 +0000")
    # Different dates keep the two apart where both sides have the same files.
    ids = (space.commit(ours, (root,), "1 +0000"), space.commit(theirs, (root,), "2 +0000"))
    return merge_tree(space.git, *ids, attributes, ("merge.renames=false", *settings)), ids


def whole_stages(conflict: Conflict) -> Entries | None:
    """A conflict's entry on each side, where it can be merged by lines: both sides have a regular file."""
    entries = {side: conflict.stages.get(number) for number, side in enumerate((BASE, OURS, THEIRS), start=1)}
    files = all(entry.is_file for entry in conflict.stages.values())
    return entries if files and {2, 3} <= conflict.stages.keys() else None
