"""Upstream's history as states of a few paths: which commits changed them, and what each path held then.

Along upstream's first parents; states are numbered from 0, the one before the first commit that changed any of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.changes import Change
from syncfork.git.objects import Entry
from syncfork.git.rangelog import RangeLog
from syncfork.merge.culprits import make_culprit
from syncfork.report import Culprit


class Moment(Struct, frozen=True):
    """An upstream commit that changed one of the paths, with its first parent and its changes."""

    culprit: Culprit
    parent: str
    changes: tuple[Change, ...]


class Version(Struct, frozen=True):
    """What a path held from state `first` on, until the next version; None where it did not exist."""

    first: int
    entry: Entry | None


class Timeline(Struct, frozen=True):
    """The moments, oldest first, and the versions of each path, oldest first."""

    moments: Sequence[Moment]
    versions: Mapping[str, Sequence[Version]]

    def at(self, path: str, state: int) -> Version:
        """The version of `path` in a state."""
        return next(version for version in reversed(self.versions[path]) if version.first <= state)


def moments(log: RangeLog, paths: Set[str], web: str | None) -> list[Moment]:
    """The commits along first parents that changed any of `paths`, oldest first."""
    found = [
        Moment(
            make_culprit(one.commit, one.subject, one.author, one.date, web),
            next(iter(one.parents), ""),
            changes,
        )
        for one in log.first_parents
        if (changes := one.changes(paths))
    ]
    found.reverse()
    return found


def timeline(found: Sequence[Moment], paths: Collection[str], now: Mapping[str, Entry]) -> Timeline:
    """The states of `paths`, out of moments of these and perhaps more; `now` are the entries after the last."""
    known = set(paths)
    mine = [
        replace(moment, changes=changes)
        for moment in found
        if (changes := tuple(change for change in moment.changes if change.new_path in known))
    ]
    touched: dict[str, list[tuple[int, Change]]] = {}
    for state, moment in enumerate(mine, start=1):
        for change in moment.changes:
            touched.setdefault(change.new_path, []).append((state, change))
    return Timeline(mine, {path: _versions(touched.get(path, ()), now.get(path)) for path in paths})


def _versions(touched: Sequence[tuple[int, Change]], now: Entry | None) -> tuple[Version, ...]:
    """From the newest change back: what it changed tells what was there before."""
    found: list[Version] = []
    current = now
    for state, change in reversed(touched):
        found.append(Version(state, current))
        current = change.old
    return (Version(0, current), *reversed(found))
