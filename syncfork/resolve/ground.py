"""Where a conflict stands in its file, as rules see it: what a rule that answers it has to come to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from syncfork.git.door import encode
from syncfork.resolve.base import Clash, Disputed, Side
from syncfork.resolve.lines import aligned, lines_of
from syncfork.resolve.resolution import alike
from syncfork.text import decode_document


class Ground(Struct, frozen=True):
    """A clash in the lines of ours and theirs, with the text that was chosen for it; line ends are line feeds.

    `at` tells the clash's lines on each side, as a half-open range.
    """

    path: str
    clash: Clash
    chosen: str
    lines: dict[Side, tuple[str, ...]]
    at: dict[Side, tuple[int, int]]

    def text(self, side: Side) -> str:
        """The whole text of a side."""
        return "".join(self.lines[side])

    def made(self, side: Side) -> str:
        """A side's text with what was chosen in the clash's place."""
        start, end = self.at[side]
        return "".join((*self.lines[side][:start], self.chosen, *self.lines[side][end:]))

    def above(self, side: Side, most: int) -> tuple[str, ...]:
        """The lines before the clash, at most so many, in the order of the file."""
        start, _ = self.at[side]
        return self.lines[side][max(0, start - most) : start]

    def below(self, side: Side, most: int) -> tuple[str, ...]:
        """The lines after the clash."""
        _, end = self.at[side]
        return self.lines[side][end : end + most]

    def excerpt(self, side: Side, around: int, text: str) -> str:
        """`text` between the lines that stand around the clash."""
        return "".join((*self.above(side, around), text, *self.below(side, around)))


def ground_of(file: Disputed, number: int, chosen: str) -> Ground | None:
    """The ground of clash `number`; None where a rule cannot be made for it: the file is not UTF-8 or has mixed line
    ends, the lines of a side end in the middle, or the clash's place on a side cannot be told."""
    if file.ours is None or file.theirs is None or not _writable(file, chosen):
        return None
    parts = tuple(_alike(part) for part in file.parts)
    clash = parts[2 * number + 1]
    assert isinstance(clash, Clash)
    sides: tuple[tuple[Side, str], ...] = (("ours", alike(file.ours)), ("theirs", alike(file.theirs)))
    lines = {side: tuple(lines_of(text)) for side, text in sides}
    at = {side: _place(parts, number, side, lines[side]) for side, _ in sides}
    whole = all(not text or text.endswith("\n") for text in (clash.ours, clash.theirs, chosen))
    if not whole or at["ours"] is None or at["theirs"] is None:
        return None
    return Ground(file.path, clash, alike(chosen), lines, {"ours": at["ours"], "theirs": at["theirs"]})


def _writable(file: Disputed, chosen: str) -> bool:
    """Whether the texts can stand in a rule file, and are read with line feeds by the rules of it."""
    for text in (file.base or "", file.ours or "", file.theirs or ""):
        read = decode_document(file.path, encode(text))
        if read is None or read[1].codec != "utf-8" or "\r" in read[0].text:
            return False
    return "\r" not in alike(chosen) and "\0" not in chosen and _encodes(chosen)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _alike(part: str | Clash) -> str | Clash:
    if isinstance(part, str):
        return alike(part)
    return Clash(alike(part.base), alike(part.ours), alike(part.theirs))


def _place(
    parts: Sequence[str | Clash], number: int, side: Side, lines: Sequence[str]
) -> tuple[int, int] | None:
    """Where a clash's lines are in a side's text: that text is aligned with git's merge, in which the side's own lines
    stand in the place of each clash."""
    merged: list[str] = []
    start = 0
    for place, part in enumerate(parts):
        if place == 2 * number + 1:
            start = len(merged)
        merged += lines_of(part if isinstance(part, str) else getattr(part, side))
    clash = parts[2 * number + 1]
    wanted = lines_of(getattr(clash, side))
    places = [-1, *aligned(merged, lines), len(lines)]
    before, after = places[start], places[start + len(wanted) + 1]
    if wanted:
        before = None if places[start + 1] is None else (places[start + 1] or 0) - 1
    elif before is None and after is not None:
        before = after - 1
    if before is None or list(lines[before + 1 : before + 1 + len(wanted)]) != wanted:
        return None
    return before + 1, before + 1 + len(wanted)
