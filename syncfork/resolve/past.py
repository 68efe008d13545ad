"""What people made of the clashes of a past merge, read off the text that they committed."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.resolve.base import Clash, Disputed, Side
from syncfork.resolve.lines import aligned, lines_of

# So many settled lines beside a clash have to be there still, or all there are.
_AROUND = 3


def outcomes(file: Disputed, committed: str) -> tuple[str | None, ...]:
    """What people made of each clash of `file`: the lines of `committed` that stand in its place.

    None where that cannot be told: of the settled lines beside it, the nearest three on each side (and on to one
    that has a letter or a digit) have to be there still, and together. Where the whole text is what one side's lines
    in every clash come to, there is nothing to look for.
    """
    sides: tuple[Side, ...] = ("ours", "theirs")
    for side in sides:
        if committed == file.taking(side):
            return tuple(getattr(clash, side) for clash in file.clashes)
    wanted: list[str | int] = []
    clashes: list[int] = []
    for part in file.parts:
        if isinstance(part, Clash):
            clashes.append(len(wanted))
            wanted.append(len(clashes))  # a number: equal to no line
        else:
            wanted += lines_of(part)
    got = lines_of(committed)
    places = aligned(wanted, got)
    found: list[str | None] = []
    for at in clashes:
        before = _edge(wanted, places, range(at - 1, -1, -1), -1)
        after = _edge(wanted, places, range(at + 1, len(wanted)), len(got))
        found.append(None if before is None or after is None else "".join(got[before + 1 : after]))
    return tuple(found)


def came_of(file: Disputed, made: Sequence[str | None]) -> str | None:
    """The text that `file` is with `made` in the place of its clashes and nothing else changed; None where one is None."""
    texts = [text for text in made if text is not None]
    return file.answered(texts) if len(texts) == len(made) else None


def _edge(wanted: Sequence[str | int], places: Sequence[int | None], away: range, outside: int) -> int | None:
    """Where the settled line beside a clash is among the committed ones; `away` leads from it to the file's end.

    `outside` where the file has no line there; None where too little around is intact.
    """
    nearest: int | None = None
    for count, at in enumerate(away):
        line, place = wanted[at], places[at]
        if isinstance(line, int):
            # The next clash: settled lines that tell nothing (a brace, a blank line) fit in many places.
            return nearest if any(_tells(wanted[other]) for other in away[:count]) else None
        if place is None or (nearest is not None and place != nearest + count * away.step):
            return None
        nearest = place if nearest is None else nearest
        if count + 1 >= _AROUND and any(_tells(wanted[other]) for other in away[: count + 1]):
            return nearest
    return outside if nearest is None else nearest


def _tells(line: str | int) -> bool:
    return isinstance(line, str) and any(map(str.isalnum, line))
