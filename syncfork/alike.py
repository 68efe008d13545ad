"""What is said of many paths in the same words, told once: a merge can bring hundreds of screenshots. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from syncfork.report import ConflictItem, Culprit, ResolutionItem, RuleItem
from syncfork.words import count, listed, place

Item = TypeVar("Item")

# Fewer are told one by one.
_MANY = 4
_MOST_FOLDERS = 3
# How the names of what memory answers begin.
_MEMORY = "memory "


def alike(items: Iterable[Item], said: Callable[[Item], Hashable]) -> list[tuple[Item, ...]]:
    """The items of which the same is `said`, together, each group in the place of its first; an item of which None is
    said, and those of a small group, each alone."""
    groups: dict[Hashable, list[Item]] = {}
    for number, item in enumerate(items):
        words = said(item)
        groups.setdefault((number,) if words is None else ("said", words), []).append(item)
    return [part for group in groups.values() for part in _parts(group)]


def _parts(group: Sequence[Item]) -> list[tuple[Item, ...]]:
    return [tuple(group)] if len(group) >= _MANY else [(item,) for item in group]


def left_alike(conflicts: Iterable[ConflictItem]) -> list[tuple[ConflictItem, ...]]:
    """Conflicts of whole paths together where they are of one kind and in one folder: a person decides on them at
    once. One within a file has to be looked at by itself, and one with which upstream may have gone on elsewhere."""
    return alike(
        conflicts,
        lambda item: (
            None
            if item.kind == "contents" or item.successor or item.moved
            else (item.kind, folder_of(item.path))
        ),
    )


def resolved_alike(items: Iterable[ResolutionItem]) -> list[tuple[ResolutionItem, ...]]:
    """What was resolved for the same reason, together: by one resolver, or by what was remembered of one merge."""
    return alike(items, lambda item: (_kind(item.by), item.why, item.whole))


def ruled_alike(items: Iterable[RuleItem]) -> list[tuple[RuleItem, ...]]:
    """What one rule did with one outcome, together."""
    return alike(
        items, lambda item: (item.id, item.why, item.detail, item.kept, item.dropped, item.not_in_base)
    )


def answered_by(group: Sequence[ResolutionItem]) -> str:
    """By whom a group of `resolved_alike` was resolved: `memory 1f3a, 2b4c, 5d6e and 12 more`."""
    first, *others = dict.fromkeys(item.by for item in group)
    if not others:
        return first
    return f"{_MEMORY}{listed([by.removeprefix(_MEMORY) for by in (first, *others)])}"


def _kind(by: str) -> str:
    """Whose answer it is; each remembered resolution has a name of its own."""
    return _MEMORY if by.startswith(_MEMORY) and "," not in by else by


def folder_of(path: str) -> str:
    """The folder of a path, with the slash that ends it; `./` for the top one."""
    return path.rpartition("/")[0] + "/" if "/" in path else "./"


def name_of(path: str) -> str:
    """The path's name within its folder."""
    return path.rpartition("/")[2]


def in_folders(paths: Sequence[str]) -> str:
    """How many there are, and in which folders the most: `5 files: 3 in a/b/, 2 in c/`."""
    folders = Counter(folder_of(path) for path in paths)
    (first, _), *others = folders.most_common()
    if not others:
        return f"{count(len(paths), 'file')} in {place(first)}"
    told = [f"{number} in {place(folder)}" for folder, number in folders.most_common()]
    return f"{count(len(paths), 'file')}: {listed(told, _MOST_FOLDERS)}"


def by_folder(paths: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The folders with the paths in each, the fullest first."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(folder_of(path), []).append(path)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def all_culprits(conflicts: Iterable[ConflictItem]) -> list[Culprit]:
    """The commits behind all of the conflicts, those behind most of them first."""
    found = Counter(culprit for item in conflicts for culprit in item.culprits)
    return [culprit for culprit, _ in found.most_common()]
