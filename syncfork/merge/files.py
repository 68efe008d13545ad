"""The files of a merge, each with what every side and the result have of it, renames followed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from syncfork.git.changes import Change
from syncfork.git.objects import Entry
from syncfork.merge.sides import Sides
from syncfork.own.base import BASE, OURS, THEIRS, Side

T = TypeVar("T")


class MergedFile(Struct, frozen=True, dict=True):
    """One file: the `path` at which the result should have it, its names by side, and its entries; None for no such
    file."""

    path: str
    names: Mapping[Side, str]
    base: Entry | None
    ours: Entry | None
    theirs: Entry | None
    result: Entry | None

    @property
    def decided(self) -> bool:
        """Whether the entries alone tell the outcome: at most one side changed the file, or both to the same."""
        return self._outcome is not None

    @property
    def wanted(self) -> Entry | None:
        """The outcome where it is decided."""
        return self._outcome[0] if self._outcome else None

    @cached_property
    def _outcome(self) -> tuple[Entry | None] | None:
        if found := _either(self.base, self.ours, self.theirs):
            return found
        if not (self.base and self.ours and self.theirs and self.ours.is_file and self.theirs.is_file):
            return None
        oid = _either(self.base.oid, self.ours.oid, self.theirs.oid)
        mode = _either(self.base.mode, self.ours.mode, self.theirs.mode)
        return (Entry(mode[0], oid[0]),) if oid and mode else None

    @property
    def explained(self) -> bool:
        """Whether the result is what the entries alone tell."""
        return self.decided and self.wanted == self.result

    def apart(self) -> MergedFile:
        """The same without what other names had of it: as it is where git does not see the rename."""
        had = {BASE: self.base, OURS: self.ours, THEIRS: self.theirs}
        here = {side: entry if self.names.get(side) == self.path else None for side, entry in had.items()}
        names = {side: name for side, name in self.names.items() if name == self.path}
        return MergedFile(self.path, names, here[BASE], here[OURS], here[THEIRS], self.result)

    @property
    def textual(self) -> bool:
        """Whether the result can be compared line by line with what the sides make together."""
        entries = [entry for entry in (self.base, self.ours, self.theirs, self.result) if entry]
        there = self.wanted is not None if self.decided else self.ours is not None and self.theirs is not None
        return there and self.result is not None and all(entry.is_file for entry in entries)

    @cached_property
    def mode(self) -> str | None:
        """The mode that the result should have; None where the sides disagree."""
        if self.decided:
            return self.wanted.mode if self.wanted else None
        found = _either(*(entry.mode if entry else None for entry in (self.base, self.ours, self.theirs)))
        return found[0] if found else None


def merged_files(sides: Sides, changes: Iterable[Change]) -> list[MergedFile]:
    """Every file that some side changed, or the result; `changes` lead, without renames, from theirs to the result."""
    departs = {change.new_path: change for change in changes}
    entries = sides.entries

    def result(path: str) -> Entry | None:
        return departs[path].new if path in departs else entries[THEIRS].get(path)

    found: dict[str, MergedFile] = {}
    former: set[str] = set()
    for line in sides.lineages(lambda _: True):
        for names in _renamed_alike(line, entries):
            path = _path(names, result)
            base, ours, theirs = (
                entries[side][names[side]] if side in names else None for side in (BASE, OURS, THEIRS)
            )
            found[path] = MergedFile(path, names, base, ours, theirs, result(path))
            former |= set(names.values())
    return [*found.values(), *_beside(found, former, departs, result)]


def _renamed_alike(
    line: Mapping[Side, str], entries: Mapping[Side, Mapping[str, Entry]]
) -> list[dict[Side, str]]:
    """A file's names on the three sides. What one side put in its place, a link say, is a file of its own where the
    other side renamed it."""
    names = {side: line[side] for side in (BASE, OURS, THEIRS) if side in line}
    if len(set(names.values())) < 2 or BASE not in names:
        return [names] if names else []
    kinds = {side: entries[side][name].mode[:3] for side, name in names.items()}
    other = [side for side in names if kinds[side] != kinds[BASE]]
    return [{s: name for s, name in names.items() if s not in other}, *({s: names[s]} for s in other)]


def _beside(
    found: Mapping[str, MergedFile],
    former: set[str],
    departs: Mapping[str, Change],
    result: Callable[[str], Entry | None],
) -> Iterator[MergedFile]:
    """Paths at which no side's file should be: names that were left behind, and what the result alone has changed."""
    for path in sorted((former | departs.keys()) - found.keys()):
        before = None if path in former else departs[path].old
        yield MergedFile(path, {}, before, before, before, result(path))


def _path(names: Mapping[Side, str], result: Callable[[str], Entry | None]) -> str:
    """Where the result should have a file: where the side that renamed it has it."""
    sides = [names[side] for side in (OURS, THEIRS) if side in names]
    if len(sides) == 2 and BASE in names and (found := _either(names[BASE], *sides)):
        return found[0]
    # Both renamed it, or one took it out: whichever name is there.
    return next((path for path in sides if result(path)), [*sides, *names.values()][0])


def _either(base: T, ours: T, theirs: T) -> tuple[T] | None:
    """What a three-way merge takes without looking inside; None where it has to look."""
    if ours in (theirs, base):
        return (theirs,) if ours == base else (ours,)
    return (ours,) if theirs == base else None
