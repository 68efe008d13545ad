"""What a person did to a merge that waited for them, at one place."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Side = Literal["ours", "theirs"]


def other_side(side: Side) -> Side:
    """The other one of the two."""
    return "theirs" if side == "ours" else "ours"


class Touch(Struct, frozen=True):
    """Something that a person did at a line (from 1; 0 for the file as a whole). `dropped` is the side whose change
    is gone by it; `conflict` is true where the merge asked for a decision. `code` is what was there and what is there
    now, as in a patch, where that is a change of nobody's asking. `remade` is true for a file that is told as a whole, since
    a tool writes it."""

    path: str
    line: int
    text: str
    dropped: Side | None
    conflict: bool = False
    code: str = ""
    remade: bool = False
