"""`derived` with a folder: the fork's copy of a folder of upstream's. Each file follows the one of the same name below the
source, and what upstream adds, renames and deletes there happens to the copy, too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from syncfork.own.base import OURS, THEIRS, Entries, Placement, Side, entry_of
from syncfork.own.derived import Derived, left_out

# How a folder ends, in a rule.
BELOW = "/**"


class DerivedFolder(Derived, frozen=True):
    """The folders `source` and `copy`, neither of which is in the other. What git cannot port stays ours, and so does a
    file that upstream deleted and the fork has changed. What is said of a file is the same for many: there may be hundreds."""

    copy: str = ""

    def source_of(self, path: str) -> str:
        """See `Derived`."""
        return self.source + path.removeprefix(self.copy)

    def copy_of(self, path: str) -> str:
        """What the copy of a file below the source is called; empty for any other file."""
        return self.copy + path.removeprefix(self.source) if path.startswith(f"{self.source}/") else ""

    def there(self, paths: Collection[str]) -> bool:
        """See `Derived`."""
        return any(path.startswith(f"{self.source}/") for path in paths)

    def governed(self, paths: Iterable[str], known: Collection[str]) -> set[str]:
        """See `Derived`: the rest of the copy is the fork's own."""
        return {path for path in paths if self.source_of(path) in known}

    def coming(self, entries: Entries) -> set[str]:
        """The copies of all that upstream has below the source."""
        return {copy for path in entries.get(THEIRS, {}) if (copy := self.copy_of(path))}

    def place_all(
        self, paths: Collection[str], entries: Entries, renames: Mapping[str, str]
    ) -> Iterator[Placement]:
        """The placements of `paths`, which are those that the rule governs, `coming` ones included; none of what only the
        fork has, or never took over."""
        moves = dict(self._moves(paths, entries, renames))
        came = {new: old for old, new in moves.items()}
        for path in sorted(paths):
            if path in moves:
                yield Placement(path, dict.fromkeys(entries), f"renamed as in {self.source}", acted=True)
            elif path in came:
                yield self._moved(path, came[path], entries)
            elif placed := self._place(path, entries, renames):
                yield placed

    def _moves(
        self, paths: Collection[str], entries: Entries, renames: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """The copies whose source got another name below the folder, old and new."""
        for old, new in renames.items():
            here, there = self.copy_of(old), self.copy_of(new)
            free = here in paths and there in paths and not entry_of(entries, OURS, there)
            if free and entry_of(entries, OURS, here):
                yield here, there

    def _moved(self, path: str, old: str, entries: Entries) -> Placement:
        """The copy under its new name on all sides: git has nothing to guess."""
        before, now = self.source_of(old), self.source_of(path)
        placed = {side: entry_of(entries, side, before) or entry_of(entries, side, now) for side in entries}
        placed |= {OURS: entry_of(entries, OURS, old), THEIRS: entry_of(entries, THEIRS, now)}
        return Placement(path, placed, f"renamed as in {self.source}", left_out(path, entries), acted=True)

    def _place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement | None:
        """One that keeps its name; None where there is nothing that it follows."""
        source, ours = self.source_of(path), entry_of(entries, OURS, path)
        found = self.found(source, entries, renames)
        theirs, bases = found[THEIRS], [found[side] for side in found if side != THEIRS]
        if ours is None:
            own = any(entry_of(entries, side, path) for side in entries)
            if theirs is None or any(bases) or own:
                return None
            made = {**dict.fromkeys(entries), THEIRS: theirs}
            return Placement(path, made, f"new as in {self.source}", acted=True)
        if theirs is None and not any(bases):
            return None
        decision = left_out(path, entries)
        if theirs and any(bases) and not all(bases):
            early = f"{source} is not in each merge base yet: nothing to port"
            return Placement(path, dict.fromkeys(entries, ours), early, decision)
        if all(base == theirs for base in bases):
            # Nothing to port; so it is read on no side.
            return Placement(path, dict.fromkeys(entries, ours) if decision else {}, "", decision)
        placed = {**found, OURS: ours}
        if theirs is None:
            return Placement(path, placed, f"deleted in {self.source}", decision, acted=True)
        new = renames.get(source, source)
        if new != source:
            decision = decision or (
                f"upstream moved {source} to {new}, which is not below {self.source}: that is followed in this merge "
                f"and in no later one; give this file a rule of its own (`own: {{derived: {new}}}`), and except it here"
            )
        return Placement(path, placed, f"follows {self.source}", decision, acted=theirs != ours)

    def name_on(self, side: Side, source: str, entries: Entries, renames: Mapping[str, str]) -> str:
        """See `Derived`. What upstream renamed within the folder is another copy's source."""
        if side == THEIRS and self.copy_of(renames.get(source, "")):
            return source
        return super().name_on(side, source, entries, renames)
