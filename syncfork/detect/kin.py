"""Which file another one may go on for, by their names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from syncfork.git.repository import Change


def kin(old: str, new: str) -> bool:
    """Whether the names tell that one file became the other: the same but for an ending, in one folder or in two whose
    paths end alike (`java/org/app` and `kotlin/org/app`)."""
    if _names(old).isdisjoint(_names(new)):
        return False
    was, has = _folder(old), _folder(new)
    return was == has or _end(was) == _end(has)


def successors(changes: Sequence[Change], asked: Collection[str]) -> Mapping[str, str]:
    """For each of the paths that a side deleted, the file that it added and whose name tells that it goes on for it, the
    nearest of several; without those that have none."""
    gone = {change.old_path for change in changes if change.new is None and change.old and change.old.is_file}
    wanted = {name for path in gone.intersection(asked) for name in _names(path)}
    added: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes if wanted else ():
        if change.old is None and change.new and change.new.is_file:
            for name in _names(change.new_path) & wanted:
                for folder in {_folder(change.new_path), _end(_folder(change.new_path))}:
                    added[name, folder].append(change.new_path)
    found = ((path, _nearest(path, added)) for path in sorted(gone.intersection(asked)))
    return {path: new for path, new in found if new}


def _nearest(path: str, added: Mapping[tuple[str, str], Sequence[str]]) -> str:
    here = _folder(path)
    for folder in (here, _end(here)):
        news = {new for name in _names(path) for new in added.get((name, folder), ())}
        if near := [new for new in news if folder != here or _folder(new) == here]:
            return min(near, key=lambda new: (len(new), new))
    return ""


def _names(path: str) -> frozenset[str]:
    """A file's name, and that without its ending: `build.gradle` goes on as `build.gradle.kts`, `a.java` as `a.kt`."""
    name = path.rpartition("/")[2]
    return frozenset([name, name.rpartition(".")[0] or name])


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _end(folder: str) -> str:
    return "/".join(folder.split("/")[-2:])
