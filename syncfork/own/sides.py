"""`ours`, `theirs`, `absent`: a whole path taken from one side, or from none."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from syncfork.own.base import OURS, THEIRS, Entries, Placement, Settlement, entry_of


class TakeSide(Struct, frozen=True):
    """Every side gets the chosen side's entry, so that nothing is left to merge."""

    name: Literal["ours", "theirs", "absent"]
    settles: Settlement = "leave"
    sources: tuple[str, ...] = ()

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:  # noqa: ARG002
        """See `Own`."""
        side = {"ours": OURS, "theirs": THEIRS}.get(self.name)
        chosen = entry_of(entries, side, path) if side else None
        theirs = entry_of(entries, THEIRS, path)
        touched = [
            base for base in entries if base not in (OURS, THEIRS) and entry_of(entries, base, path) != theirs
        ]
        ours, bases = entry_of(entries, OURS, path), [side for side in entries if side not in (OURS, THEIRS)]
        if self.name == "absent" and ours and ours not in [entry_of(entries, base, path) for base in bases]:
            # The fork has made something of it since: that is not upstream's to be kept out. Where upstream took it
            # out, it stays as it is, without a conflict to tell the same again.
            why = "the fork has a file of its own here, which the rule wants absent"
            decision = f"{why}: `git rm {shlex.quote(path)}`, or take it out of the rule"
            removed = theirs is None and any(entry_of(entries, base, path) for base in bases)
            return Placement(path, dict.fromkeys(entries, ours) if removed else {}, "left alone", decision)
        detail = ""
        if self.name == "ours" and touched and theirs != chosen:
            detail = "upstream's changes to it are left out" if theirs else "upstream's removal is left out"
        if (
            self.name == "theirs"
            and ours != theirs
            and any(entry_of(entries, base, path) != ours for base in bases)
        ):
            detail = "the fork's changes to it are left out" if ours else "the fork's removal is left out"
        if self.name == "absent" and theirs:
            detail = "kept out, though upstream goes on changing it" if touched else "kept out"
        return Placement(path, dict.fromkeys(entries, chosen), detail, acted=bool(detail))
