"""Lines that would fill a terminal by themselves, cut to what differs in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from syncfork.render.styled import styled
from syncfork.words import count

if TYPE_CHECKING:
    from rich.text import Text

# Characters of a line that are shown, and of what stands on each side of a difference in it.
LONGEST = 400
_BESIDE = 60


def shortened(line: Text, places: Sequence[tuple[int, int]], hint: str = "v shows all") -> Text:
    """A line of over LONGEST characters with what is at the `places` (begin and end) and beside them, the rest told by
    its number; `hint` says how to see it. Others are as they were."""
    if len(line) <= LONGEST:
        return line
    made, at = styled(), 0
    for start, end in _within(_joined(_beside(places, len(line))), LONGEST):
        if start > at:
            made.append(f"… {count(start - at, 'character')} … ", style="dim")
        made.append_text(line[start:end])
        at = end
    if at < len(line):
        made.append(f" … {count(len(line) - at, 'more character')}: {hint}", style="dim")
    return made


def _beside(places: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """The places with what is beside them, in order; the line's beginning where there are none."""
    return [(max(0, start - _BESIDE), min(length, end + _BESIDE)) for start, end in sorted(places)] or [
        (0, 2 * _BESIDE)
    ]


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges, those that meet made one."""
    made = [ranges[0]]
    for start, end in ranges[1:]:
        if start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return made


def _within(ranges: Sequence[tuple[int, int]], room: int) -> Iterator[tuple[int, int]]:
    """As much of the ranges, from the first, as has room."""
    for start, end in ranges:
        if room <= 0:
            return
        yield start, min(end, start + room)
        room -= end - start
