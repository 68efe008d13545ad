"""Folders that the fork emptied, and upstream puts new files into: git has no conflict there, they just arrive."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname

from syncfork.detect.base import File, Found, View
from syncfork.globs import folders_above
from syncfork.report import Place
from syncfork.siblings import SIBLINGS, Siblings, siblings
from syncfork.words import listed

# One file that went may have been about that file.
_LEAST = 2


def find_folders(view: View) -> Iterator[Found]:
    """New files of upstream's in folders that the fork took all files out of: a finding for each folder, or one for many
    beside each other."""
    # A file that is no text has no document on any side: what there is of it is asked of the trees.
    missing = [file for file in view.files if file.ours is None]
    new = [file for file in missing if _may_be_new(file) and not view.governed(file.path)]
    emptied = _emptied(view, {folder for file in new for folder in folders_above(file.path)})
    groups = _by_top(_arriving(view, [file for file in new if _top(file.path, emptied)]), emptied)
    if not groups:
        return
    taken = _taken(view, missing)
    parents = _parents(view, {dirname(folder) for folder in groups}, taken)
    told: set[str] = set()
    for parent in parents:
        # A folder that upstream made since is one more of them.
        if files := _arriving(view, [file for file in new if parent.holds(file.path)]):
            told |= {file.path for file in files}
            stays = view.trees.exists("ours", {f"{parent.path}/{name}" for name in parent.kept})
            yield _told_together(parent, files, sorted(map(basename, stays)))
    left = _by_top(taken, emptied)
    for folder, arriving in sorted(groups.items()):
        files = [file for file in arriving if file.path not in told]
        if files and (still := len(left.get(folder, ()))) >= _LEAST:
            yield _told(folder, files, still)


def _may_be_new(file: File) -> bool:
    return file.base is None and not file.conflicted


def _emptied(view: View, folders: set[str]) -> set[str]:
    """Those of `folders` that upstream had before, and the fork has no more."""
    gone = folders - view.trees.exists("ours", folders)
    return view.trees.exists("base", gone)


def _top(path: str, emptied: set[str]) -> str | None:
    return next((folder for folder in reversed([*folders_above(path)]) if folder in emptied), None)


def _by_top(files: Iterable[File], emptied: set[str]) -> Mapping[str, list[File]]:
    found: dict[str, list[File]] = defaultdict(list)
    for file in files:
        if folder := _top(file.path, emptied):
            found[folder].append(file)
    return found


def _arriving(view: View, files: Sequence[File]) -> list[File]:
    """Those that upstream added and the merge brings."""
    paths = {file.path for file in files}
    come = view.trees.exists("merged", view.trees.exists("theirs", paths)) - view.trees.exists("base", paths)
    return [file for file in files if file.path in come]


def _taken(view: View, files: Sequence[File]) -> list[File]:
    """Those that the fork took out, and upstream goes on with: what both gave up shows no intent of the fork's."""
    still = view.trees.exists("theirs", view.trees.exists("base", {file.path for file in files}))
    return [file for file in files if file.path in still]


def _parents(view: View, folders: set[str], taken: Iterable[File]) -> list[Siblings]:
    """Those of `folders` in which the fork emptied folders that are one matter."""
    went: dict[str, set[str]] = defaultdict(set)
    for file in taken:
        for folder in folders_above(file.path):
            if (above := dirname(folder)) in folders:
                went[above].add(folder)
    asked = {folder for folder, gone in went.items() if folder and len(gone) >= SIBLINGS}
    base, ours, theirs = (view.trees.inside(side, asked) for side in ("base", "ours", "theirs"))
    moved = _moved_from(view) | (base.keys() & theirs.keys()) - set().union(*went.values())
    found = []
    for folder in sorted(asked):
        here = {path: is_folder for path, is_folder in (theirs | ours).items() if dirname(path) == folder}
        kept = {path for path, is_folder in here.items() if is_folder and (path in ours or path in moved)}
        found.append(siblings(folder, went[folder] - ours.keys() - moved, kept, files=not all(here.values())))
    return [parent for parent in found if parent]


def _moved_from(view: View) -> set[str]:
    """The folders out of which the fork moved files: these it keeps elsewhere."""
    both = ((file.base.path, file.ours.path) for file in view.files if file.base and file.ours)
    return {folder for was, now in both if was != now for folder in folders_above(was)}


def _told(folder: str, files: Sequence[File], still: int) -> Found:
    message = (
        f"the fork emptied {folder}, where upstream still has {still} of the files; {_arrives(files)} in it"
    )
    return _found(files, message, [f"{folder}/**"], key="folder")


def _told_together(parent: Siblings, files: Sequence[File], stays: Sequence[str]) -> Found:
    firsts: dict[str, File] = {}
    for file in files:
        firsts.setdefault(parent.child(file.path) or "", file)
    kept = f" and keeps {listed(stays)}" if stays else ""
    message = (
        f"the fork emptied {len(parent.emptied)} folders in {parent.path}{kept}; {_arrives(files)} "
        f"in {listed([basename(child) for child in firsts])}"
    )
    beside = tuple(file.path for file in firsts.values())
    return _found(files, message, parent.patterns, key="folders", beside=beside[1:])


def _arrives(files: Sequence[File]) -> str:
    one = len(files) == 1
    return "a new file of upstream's arrives" if one else f"{len(files)} new files of upstream's arrive"


def _found(
    files: Sequence[File], message: str, patterns: Sequence[str], *, key: str, beside: tuple[str, ...] = ()
) -> Found:
    first = files[0]
    rule = json.dumps(patterns, ensure_ascii=False)
    return Found(
        "decision",
        first.path,
        1,
        message,
        f"delete what is new there too, and let a rule keep it out (`own: absent` for `files: {rule}`), or say why it may "
        "stay",
        Place(first.path, 1),
        added=tuple(first.theirs.text.split("\n")[:1] if first.theirs else ()),
        # Accepted are these files, not those that come later.
        key="\n".join([key, *(file.path for file in files)]),
        beside=beside,
    )
