"""Folders that the fork emptied, and upstream puts new files into: git has no conflict there, they just arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from syncfork.detect.base import File, Found, View
from syncfork.report import Place
from syncfork.rules.files import folders_above

# One file that went may have been about that file.
_LEAST = 2


def find_folders(view: View) -> Iterator[Found]:
    """New files of upstream's in folders that the fork took all files out of, a finding for each folder."""
    # A file that is no text has no document on any side: what there is of it is asked of the trees.
    missing = [file for file in view.files if file.ours is None]
    new = [file for file in missing if _may_be_new(file) and not view.governed(file.path)]
    emptied = _emptied(view, {folder for file in new for folder in folders_above(file.path)})
    arriving = _arriving(view, [file for file in new if _top(file.path, emptied)])
    groups = _by_top(arriving, emptied)
    if not groups:
        return
    taken = _by_top(_taken(view, missing), emptied)
    for folder, files in sorted(groups.items()):
        if (still := len(taken.get(folder, ()))) >= _LEAST:
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


def _told(folder: str, files: Sequence[File], still: int) -> Found:
    first = files[0]
    lines = first.theirs.text.split("\n")[:1] if first.theirs else ()
    arriving = (
        "a new file of upstream's arrives"
        if len(files) == 1
        else f"{len(files)} new files of upstream's arrive"
    )
    return Found(
        "decision",
        first.path,
        1,
        f"the fork emptied {folder}, where upstream still has {still} of the files; {arriving} in it",
        f'delete what is new there too, and let a rule keep it out (`own: absent` for `files: ["{folder}/**"]`), or '
        "say why it may stay",
        Place(first.path, 1),
        added=tuple(lines),
        # Accepted are these files, not those that come later.
        key="\n".join(["folder", *(file.path for file in files)]),
    )
