"""Which file another one may go on for, by their names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from posixpath import basename, dirname, splitext

from syncfork.git.changes import Change


def kin(old: str, new: str) -> bool:
    """Whether the names tell that one file became the other: the same but for an ending, in one folder or in two whose
    paths end alike (`java/org/app` and `kotlin/org/app`)."""
    if _names(old).isdisjoint(_names(new)):
        return False
    was, has = dirname(old), dirname(new)
    return was == has or _end(was) == _end(has)


def successors(changes: Sequence[Change], asked: Collection[str]) -> Mapping[str, str]:
    """For each of the paths that a side deleted, the file that it added and whose name tells that it goes on for it, the
    nearest of several; without those that have none."""
    asked = frozenset(asked)
    left = (change for change in changes if change.new is None and change.old_path in asked)
    gone = sorted(change.old_path for change in left if change.old and change.old.is_file)
    wanted = {name for path in gone for name in _names(path)}
    added: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes if wanted else ():
        if change.old is None and change.new and change.new.is_file:
            for name in _names(change.new_path) & wanted:
                folder = dirname(change.new_path)
                for place in {folder, _end(folder)}:
                    added[name, place].append(change.new_path)
    found = ((path, _nearest(path, added)) for path in gone)
    return {path: new for path, new in found if new}


def _nearest(path: str, added: Mapping[tuple[str, str], Sequence[str]]) -> str:
    here = dirname(path)
    for folder in (here, _end(here)):
        news = {new for name in _names(path) for new in added.get((name, folder), ())}
        if near := [new for new in news if folder != here or dirname(new) == here]:
            return min(near, key=lambda new: (len(new), new))
    return ""


def _names(path: str) -> frozenset[str]:
    """A file's name, and that without its ending: `build.gradle` goes on as `build.gradle.kts`, `a.java` as `a.kt`."""
    name = basename(path)
    return frozenset([name, splitext(name)[0]])


def _end(folder: str) -> str:
    return "/".join(folder.split("/")[-2:])
