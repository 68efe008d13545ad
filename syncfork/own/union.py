"""`union` and `regenerate`: files that are merged by keeping both sides, or made anew by a command."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from syncfork.own.base import OURS, THEIRS, Entries, Placement, Settlement, entry_of


class Union(Struct, frozen=True):
    """Merged line by line as ever; where git leaves a conflict, both sides' lines stay, ours first."""

    name: str = "union"
    settles: Settlement = "union"
    sources: tuple[str, ...] = ()

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:  # noqa: ARG002
        """See `Own`."""
        return Placement(path, {side: entry_of(entries, side, path) for side in entries})


class Regenerate(Struct, frozen=True):
    """Upstream's version is taken where it has one; the command then makes the file anew from the merge."""

    command: tuple[str, ...]
    name: str = "regenerate"
    settles: Settlement = "leave"
    sources: tuple[str, ...] = ()

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:  # noqa: ARG002
        """See `Own`."""
        theirs = entry_of(entries, THEIRS, path)
        bases = [entry_of(entries, side, path) for side in entries if side not in (OURS, THEIRS)]
        if theirs is None or all(base == theirs for base in bases):
            # Upstream did not touch it: the fork's own version has no reason to go.
            return Placement(path, {side: entry_of(entries, side, path) for side in entries})
        if entry_of(entries, OURS, path) in bases:
            # The fork has nothing of its own in it: upstream's version is as git would take it.
            return Placement(path, dict.fromkeys(entries, theirs))
        why = "upstream's version stands until it is made anew"
        return Placement(path, dict.fromkeys(entries, theirs), why, acted=True)
