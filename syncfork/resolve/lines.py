"""Texts as lines, and which lines of one text are those of another."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

# Between two texts of more elements than this, multiplied, and nothing that occurs once, nothing is matched: difflib
# takes a second for ten times as much.
_MOST = 250_000


def lines_of(text: str) -> list[str]:
    """The lines of `text`, line ends included, split where git splits: at line feeds and nowhere else."""
    *whole, last = text.split("\n")
    lines = [line + "\n" for line in whole]
    return [*lines, last] if last else lines


def ended(text: str, end: str) -> str:
    """`text` with `end` behind a last line that has none."""
    return text if not text or text.endswith("\n") else text + end


def aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[int | None]:
    """For each element of `old` its place in `new`, ascending; None for one that is not there any more.

    Common ends are matched first, then what occurs once on both sides (patience diff, Bram Cohen), then difflib
    for what lies between: lines that are everywhere, such as blank ones, are not what decides. Two long stretches
    without a line that tells (each of 500 lines, say) are taken to have nothing in common.
    """
    places: list[int | None] = [None] * len(old)
    _align(old, new, (0, len(old)), (0, len(new)), places)
    return places


def _align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    left: tuple[int, int],
    right: tuple[int, int],
    places: list[int | None],
) -> None:
    (start, end), (first, last) = left, right
    while start < end and first < last and old[start] == new[first]:
        places[start] = first
        start, first = start + 1, first + 1
    while start < end and first < last and old[end - 1] == new[last - 1]:
        end, last = end - 1, last - 1
        places[end] = last
    if start == end or first == last:
        return
    if anchors := _anchors(old, new, (start, end), (first, last)):
        for at, place in [*anchors, (end, last)]:
            _align(old, new, (start, at), (first, place), places)
            if at < end:
                places[at] = place
            start, first = at + 1, place + 1
        return
    if (end - start) * (last - first) > _MOST:
        return
    matcher = SequenceMatcher(None, old[start:end], new[first:last], autojunk=False)
    for block in matcher.get_matching_blocks():
        for number in range(block.size):
            places[start + block.a + number] = first + block.b + number


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], left: tuple[int, int], right: tuple[int, int]
) -> list[tuple[int, int]]:
    """Elements that occur once in both ranges, as the longest list of pairs that ascends on both sides."""
    once_old, once_new = Counter(old[slice(*left)]), Counter(new[slice(*right)])
    where = {new[place]: place for place in range(*right) if once_new[new[place]] == 1}
    pairs = [(at, where[old[at]]) for at in range(*left) if once_old[old[at]] == 1 and old[at] in where]
    # Patience sorting: tails[n] ends the best ascending list of n + 1 pairs.
    tails: list[int] = []
    chain: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in pairs:
        length = bisect_left(tails, pair[1])
        before[pair] = chain[length - 1] if length else None
        tails[length : length + 1] = [pair[1]]
        chain[length : length + 1] = [pair]
    found: list[tuple[int, int]] = []
    step = chain[-1] if chain else None
    while step:
        found.append(step)
        step = before[step]
    return found[::-1]
