"""What every path-level intent shares: the trees' entries it is a function of, and how it settles conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from msgspec import Struct

from syncfork.git.objects import Entry

# Sides are named "ours", "theirs" and "base" ("base-2", ... where there are several merge bases).
Side = str
OURS, THEIRS, BASE = "ours", "theirs", "base"

Entries = Mapping[Side, Mapping[str, Entry]]
Settlement = Literal["leave", "ours", "union"]


class Placement(Struct, frozen=True):
    """What a path-level intent does to one path: the entry each side gets (None: no such path there).

    `acted` is true where a side would have made something else of the path.
    """

    path: str
    entries: Mapping[Side, Entry | None]
    detail: str = ""
    decision: str = ""
    acted: bool = False


class Own(Protocol):
    """A compiled path-level intent."""

    @property
    def name(self) -> str:
        """Its word in the rule file."""
        ...

    @property
    def settles(self) -> Settlement:
        """What becomes of conflicts that git leaves at a governed path."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Other paths whose entries it needs."""
        ...

    def place(self, path: str, entries: Entries, renames: Mapping[str, str]) -> Placement:
        """The intent's effect on `path`. `renames` maps base paths to upstream's new names for them."""
        ...


def entry_of(entries: Entries, side: Side, path: str) -> Entry | None:
    """The entry of `path` on `side`, None where the path does not exist there."""
    return entries.get(side, {}).get(path)
