"""`derived`: the fork's copy of an upstream file. Upstream's changes to the source are ported by git itself."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from syncfork.own.base import OURS, THEIRS, Entries, Placement, Settlement, entry_of


class Derived(Struct, frozen=True):
    """The bases and theirs get their source file at the derived path; what git cannot port stays ours."""

    source: str
    name: str = "derived"
    settles: Settlement = "ours"

    @property
    def sources(self) -> tuple[str, ...]:
        """See `Own`."""
        return (self.source,)

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:
        """See `Own`. Without a source on each side there is nothing to port, and the fork's copy stays."""
        ours = entry_of(entries, OURS, path)
        named = {side: self._name(side, entries, renames) for side in entries}
        found = {side: entry_of(entries, side, named[side]) for side in entries if side != OURS}
        unported = dict.fromkeys(entries, ours)
        left_out = _left_out(path, entries)
        if ours is None:
            untouched = {side: entry_of(entries, side, path) for side in entries}
            return Placement(path, untouched, "the fork has no such file")
        if found[THEIRS] is None:
            gone = f"upstream no longer has {self.source}, from which this file was derived"
            # A fork that has kept the source itself has been asked before, when upstream took it out.
            kept = entry_of(entries, OURS, self.source) and not any(found.values())
            decision = left_out or ("" if kept else gone)
            return Placement(path, unported, gone, decision=decision, acted=True)
        if any(entry is None for entry in found.values()):
            early = f"{named[THEIRS]} is not in the merge base yet: nothing to port"
            return Placement(path, unported, early, decision=left_out)
        moved = any(entry != found[THEIRS] for entry in found.values())
        follows = f"follows {named[THEIRS]}"
        return Placement(path, {**found, OURS: ours}, follows, decision=left_out, acted=moved)

    def _name(self, side: str, entries: Entries, renames: Mapping[str, str]) -> str:
        """What the source is called on a side: the rule may have the name from before upstream renamed it, or the
        one since, which the bases do not know."""
        if side == THEIRS:
            return renames.get(self.source, self.source)
        if side == OURS or entry_of(entries, side, self.source):
            return self.source
        return next((old for old, new in renames.items() if new == self.source), self.source)


def _left_out(path: str, entries: Entries) -> str:
    """What to decide where upstream, since the merge base, has a file of its own in the copy's place."""
    theirs = entry_of(entries, THEIRS, path)
    if theirs is None or theirs in [entry_of(entries, side, path) for side in entries if side != THEIRS]:
        return ""
    return (
        "upstream has a file of its own here now, which the merge leaves out: "
        "give the copy another name, or take over by hand what the fork needs of it"
    )
