"""Which file another one may go on for, by their names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from syncfork.git.repository import Change


def kin(old: str, new: str) -> bool:
    """Whether the names tell that one file became the other: the same but for the ending, in one folder or in two whose
    paths end alike (`java/org/app` and `kotlin/org/app`)."""
    if _stem(old) != _stem(new):
        return False
    was, has = _folder(old), _folder(new)
    return was == has or was.split("/")[-2:] == has.split("/")[-2:]


def successors(changes: Iterable[Change]) -> Mapping[str, str]:
    """For each path that a side deleted, the file that it added and whose name tells that it goes on for it, the nearest of
    several; without those that have none."""
    gone: list[str] = []
    added: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        if change.new is None:
            gone.append(change.old_path)
        elif change.old is None:
            added[_stem(change.new_path)].append(change.new_path)
    found = ((path, _nearest(path, added.get(_stem(path), ()))) for path in gone)
    return {path: new for path, new in found if new}


def _nearest(path: str, added: Iterable[str]) -> str:
    news = [new for new in added if kin(path, new)]
    return min(news, key=lambda new: (_folder(new) != _folder(path), len(new), new), default="")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].lstrip(".").partition(".")[0]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
