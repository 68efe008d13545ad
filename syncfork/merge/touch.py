"""What a person did to a merge that waited for them, at one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from syncfork.words import count, one_line

Side = Literal["ours", "theirs"]
# What is gone with a side of a conflict: lines that it added, some of them, or that it took lines out.
How = Literal["", "in part, ", "which is without "]

_WORD = re.compile(r"\w+")
_REMARK = ("//", "#", "*", "/*", "-- ", "<!--", "@")


def other_side(side: Side) -> Side:
    """The other one of the two."""
    return "theirs" if side == "ours" else "ours"


class Touch(Struct, frozen=True):
    """Something that a person did at a line (from 1; 0 for the file as a whole). `dropped` is the side whose change
    is gone by it; `conflict` is true where the merge asked for a decision. `code` is what was there and what is there
    now, as in a patch, where that is a change of nobody's asking. `remade` is true for a file that is told as a whole, since
    a tool writes it. `lines` are the ones that are gone with a side of a conflict, and `how` they are."""

    path: str
    line: int
    text: str
    dropped: Side | None
    conflict: bool = False
    code: str = ""
    remade: bool = False
    how: How = ""
    lines: tuple[str, ...] = ()


def quoted(lines: Sequence[str]) -> str:
    """The line that says most, and how many more there are."""
    telling = [line.strip() for line in lines if line.strip()]
    more = f" and {count(len(telling) - 1, 'line')} more" if len(telling) > 1 else ""
    return f"`{one_line(min(telling, key=_says_little), 80)}`{more}" if telling else "blank lines"


def _says_little(line: str) -> tuple[bool, bool, bool]:
    """The less a line says the greater: a bracket, a remark or an attribute, a lone word. Of equal ones the first counts."""
    words = len(_WORD.findall(line))
    return not words, line.startswith(_REMARK), words < 2
