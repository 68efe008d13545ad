"""`derived`: the fork's copy of an upstream file. Upstream's changes to the source are ported by git itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from syncfork.git.objects import Entry
from syncfork.own.base import OURS, THEIRS, Entries, Placement, Settlement, Side, entry_of


class Derived(Struct, frozen=True):
    """The bases and theirs get their source file at the derived path; what git cannot port stays ours."""

    source: str
    name: str = "derived"
    settles: Settlement = "ours"

    @property
    def sources(self) -> tuple[str, ...]:
        """See `Own`."""
        return (self.source,)

    def source_of(self, path: str) -> str:  # noqa: ARG002
        """The file that the copy `path` follows, by the name that the rule has for it."""
        return self.source

    def there(self, paths: Collection[str]) -> bool:
        """Whether what it follows is among `paths`."""
        return self.source in paths

    def governed(self, paths: Iterable[str], known: Collection[str]) -> set[str]:  # noqa: ARG002
        """Those of `paths`, which the rule names, that are copies; `known` are all paths that any side has."""
        return set(paths)

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:
        """See `Own`. Without a source on each side there is nothing to port, and the fork's copy stays."""
        ours = entry_of(entries, OURS, path)
        found = self.found(self.source, entries, renames)
        theirs_name = self.name_on(THEIRS, self.source, entries, renames)
        unported = dict.fromkeys(entries, ours)
        decision = left_out(path, entries)
        if ours is None:
            untouched = {side: entry_of(entries, side, path) for side in entries}
            return Placement(path, untouched, "the fork has no such file")
        if found[THEIRS] is None:
            gone = f"upstream no longer has {self.source}, from which this file was derived"
            # A fork that has kept the source itself has been asked before, when upstream took it out.
            kept = entry_of(entries, OURS, self.source) and not any(found.values())
            return Placement(path, unported, gone, decision=decision or ("" if kept else gone), acted=True)
        if any(entry is None for entry in found.values()):
            early = f"{theirs_name} is not in the merge base yet: nothing to port"
            return Placement(path, unported, early, decision=decision)
        moved = any(entry != found[THEIRS] for entry in found.values())
        return Placement(
            path, {**found, OURS: ours}, f"follows {theirs_name}", decision=decision, acted=moved
        )

    def found(self, source: str, entries: Entries, renames: Mapping[str, str]) -> dict[Side, Entry | None]:
        """The entry of `source` on each side but ours, under the name that it has there."""
        return {
            side: entry_of(entries, side, self.name_on(side, source, entries, renames))
            for side in entries
            if side != OURS
        }

    def name_on(self, side: Side, source: str, entries: Entries, renames: Mapping[str, str]) -> str:
        """What `source` is called on a side: the rule may have the name from before upstream renamed it, or the
        one since, which the bases do not know."""
        if side == THEIRS:
            return renames.get(source, source)
        if entry_of(entries, side, source):
            return source
        return next((old for old, new in renames.items() if new == source), source)


def left_out(path: str, entries: Entries) -> str:
    """What to decide where upstream, since the merge base, has a file of its own in the copy's place."""
    theirs = entry_of(entries, THEIRS, path)
    if theirs is None or theirs in [entry_of(entries, side, path) for side in entries if side != THEIRS]:
        return ""
    return (
        "upstream has a file of its own here now, which the merge leaves out: "
        "give the copy another name, or take over by hand what the fork needs of it"
    )
