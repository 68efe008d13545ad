"""Files and folders that one side of a merge took away from where the other still has them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, View
from syncfork.globs import folders_above
from syncfork.text import Document


class Gone(Struct, frozen=True):
    """A file or folder that the merged tree lacks; `moved` is its new name, `document` the merge base's, empty
    for an image."""

    path: str
    document: Document
    moved: str | None
    folder: bool = False


def gone_from(file: File, side: str) -> Gone | None:
    """What `side` deleted, or moved, and the other side still has where it was; whether the merged tree does is not asked."""
    mine, other = (file.theirs, file.ours) if side == "theirs" else (file.ours, file.theirs)
    if file.conflicted or not file.base or not other or other.path != file.base.path:
        return None
    if mine and mine.path == file.base.path:
        return None
    return Gone(file.base.path, file.base, mine.path if mine else None)


def taken_away(view: View, side: str) -> dict[str, Gone]:
    """What `side` took away from where the other side still has it."""
    taken: dict[str, Gone] = {}
    for file in view.files:
        if item := gone_from(file, side):
            taken[item.path] = item
    if not taken:
        return {}
    folders = _folders(taken)
    there = view.trees.exists("merged", [*taken, *folders])
    both = {**taken, **folders}
    return {path: item for path, item in both.items() if path not in there}


def behind_links(view: View, paths: Collection[str]) -> set[str]:
    """Those of the paths that the merged tree lacks because it has a link, or another repository, in the place of one of their
    folders: what is there, it does not tell."""
    above = {path: sorted((path, *folders_above(path))) for path in paths}
    # With a slash behind it only a folder has a name.
    folders = view.trees.exists("merged", {f"{folder}/" for each in above.values() for folder in each})
    first = {
        path: next((folder for folder in each if f"{folder}/" not in folders), path)
        for path, each in above.items()
    }
    there = view.trees.matching("merged", [f":(top,literal){folder}" for folder in sorted({*first.values()})])
    return {path for path, folder in first.items() if folder in there}


def told_by_other(
    files: Iterable[File], named: Callable[[str], bool], side: str
) -> Iterator[tuple[File, Document]]:
    """Those of the files with one of the names in which the merged text is not that of the side that took something away."""
    for file in files:
        if not file.merged or not (file.changed_by_ours if side == "theirs" else file.changed_by_theirs):
            continue
        other = file.theirs if side == "theirs" else file.ours
        if (other and other.text == file.merged.text) or not named(file.merged.text):
            continue
        yield file, file.merged


def of_other(file: File, side: str, line: int) -> bool:
    """Whether a merged line (from 1) is of the side that did not take it away: asked only where it matters, since whole
    texts are compared."""
    if side == "theirs":
        return line in file.fork_lines
    return line in file.new_lines and line not in file.fork_lines


def _folders(taken: Mapping[str, Gone]) -> dict[str, Gone]:
    found: dict[str, list[Gone]] = {}
    for path, item in taken.items():
        while path := posixpath.dirname(path):
            found.setdefault(path, []).append(item)
    return {
        path: Gone(path, items[0].document, _moved_folder(path, items), folder=True)
        for path, items in found.items()
    }


def _moved_folder(path: str, items: Sequence[Gone]) -> str | None:
    """Where the whole folder went, if all of it went to one place under the same names."""
    into = {
        item.moved.removesuffix(item.path[len(path) :])
        if item.moved and item.moved.endswith(item.path[len(path) :])
        else None
        for item in items
    }
    return into.pop() if len(into) == 1 else None
