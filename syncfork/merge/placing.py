"""Path-level rules in a merge: which entry each side gets at the paths that they own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from syncfork.globs import folders_above
from syncfork.merge.sides import Sides
from syncfork.own.base import OURS, Placement, Side
from syncfork.own.derived_folder import DerivedFolder
from syncfork.rules.model import Rule


class Owned(Struct, frozen=True):
    """What a path-level rule did to one path."""

    rule: Rule
    placement: Placement


def place_owned(sides: Sides, rules: Sequence[Rule]) -> list[Owned]:
    """The placements of all path-level rules; of several that name a path the first one counts."""
    found: list[Owned] = []
    taken: set[str] = set()
    renames, room = sides.renames, _Room(sides)
    owning = [(rule, rule.own) for rule in rules if rule.own is not None]
    names = {path for tree in sides.entries.values() for path in tree} if owning else set()
    named = [{path for path in names if rule.files.match(path)} for rule, _ in owning]
    by_name = {path for paths in named for path in paths}
    # Files of the fork's under no rule, by upstream's new names for them.
    came = {new: old for old, new in renames.items() if old in sides.entries[OURS] and old not in by_name}
    for (rule, own), paths in zip(owning, named, strict=True):
        if own.name == "absent":
            # What upstream gave a new name stays absent, where no rule speaks of that name and the fork has
            # no file of its own there.
            spoken_for = by_name | sides.entries[OURS].keys()
            paths |= {renames[path] for path in paths if path in renames} - spoken_for
        if isinstance(own, DerivedFolder):
            paths |= {path for path in own.coming(sides.entries) if rule.files.match(path)}
            placed = list(own.place_all(paths - taken, sides.entries, renames))
            # What is not a copy may be another rule's.
            paths = {placement.path for placement in placed}
        else:
            placed = [own.place(path, sides.entries, renames) for path in sorted(paths - taken)]
        for placement in map(room.without_clash, placed):
            path = placement.path
            if path in renames and renames[path] not in by_name and not placement.decision:
                placement = replace(placement, decision=_renamed(own.name, renames[path]))
            if own.name == "absent" and path in came and not placement.decision:
                why = f"upstream moved {came[path]} here, which the fork has, and the rule keeps it out"
                placement = replace(placement, decision=f"{why}: do without it, or take it out of the rule")
            found.append(Owned(rule, placement))
        taken |= paths
    return found


def _renamed(own: str, new: str) -> str:
    """What to decide where upstream renamed an owned file to a `new` name that no rule owns; empty where nothing is."""
    told = f"upstream renamed it to {new}, which this rule does not name"
    if own == "ours":
        return f"{told}: the merge has upstream's file there; see which is wanted, and add {new} to `files`"
    return f"{told}: add it to `files`" if own in ("theirs", "union", "regenerate") else ""


class _Room(Struct, frozen=True, dict=True):
    """Where the sides have files and folders: a path cannot be both."""

    sides: Sides

    @cached_property
    def folders(self) -> Mapping[Side, set[str]]:
        return {
            side: {above for path in tree for above in folders_above(path)}
            for side, tree in self.sides.entries.items()
        }

    def without_clash(self, placement: Placement) -> Placement:
        """`placement`, or none at all where a side has a folder in its place, or a file in its folder's."""
        path, entries = placement.path, self.sides.entries
        for side, entry in placement.entries.items():
            in_the_way = path if path in self.folders[side] else ""
            in_the_way = next((above for above in folders_above(path) if above in entries[side]), in_the_way)
            if entry and in_the_way:
                why = f"not possible beside {in_the_way}, which is a {'folder' if in_the_way == path else 'file'}"
                return Placement(path, {}, why, decision=f"this intent is {why} of {side}")
        return placement
