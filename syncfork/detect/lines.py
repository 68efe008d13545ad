"""Which lines of one text another does not have, anywhere or by position."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from msgspec import Struct


class Hunk(Struct, frozen=True):
    """Lines `old` of one text stand where lines `new` of the other do: half-open ranges, counted from 0."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def grown(self) -> int:
        """How many lines there are more than before."""
        return (self.new_end - self.new_start) - (self.old_end - self.old_start)


@lru_cache(maxsize=256)
def hunks(old: str, new: str) -> tuple[Hunk, ...]:
    """The places where two texts differ: lines that both have once anchor the comparison."""
    a, b = old.split("\n"), new.split("\n")
    return tuple(_hunks(a, b, 0, len(a), 0, len(b)))


@lru_cache(maxsize=256)
def beyond(text: str, other: str) -> Mapping[int, str]:
    """The lines of `text`, by their numbers (from 1), that `other` has nowhere, however far they are indented."""
    theirs = set(other.split("\n"))
    # Most lines are in both as they are: only the rest is looked at without its indentation.
    rest = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line not in theirs]
    known = set(map(str.strip, theirs)) if rest else set()
    return {number: line for number, line in rest if line.strip() and line.strip() not in known}


def new_lines(old: str, new: str) -> frozenset[int]:
    """The numbers (from 1) of the lines of `new` that `old` has not at that place."""
    return frozenset(n + 1 for hunk in hunks(old, new) for n in range(hunk.new_start, hunk.new_end))


def grown(old: str, new: str) -> frozenset[int]:
    """The numbers (from 1) of the telling lines of `new` where it has more lines than `old`: no comments, no
    brackets alone, and nothing that only moved or was written anew."""
    lines = new.split("\n")
    known = {line.strip() for line in old.split("\n")}
    return frozenset(
        number + 1
        for hunk in hunks(old, new)
        if hunk.grown > 0
        for number in range(hunk.new_start, hunk.new_end)
        if _TELLING.search(lines[number])
        and not lines[number].lstrip().startswith(("//", "#", "*", "/*", "--"))
        and (hunk.old_start == hunk.old_end or lines[number].strip() not in known)
    )


_TELLING = re.compile(r"\w")


def counterpart(old: str, new: str, line: int) -> int:
    """The number of the line of `old` that stands where line `line` of `new` does (both from 1)."""
    moved = 0
    for hunk in hunks(old, new):
        if hunk.new_end >= line:
            if hunk.new_start < line:
                return min(hunk.old_start + 1, old.count("\n") + 1)
            break
        moved = hunk.old_end - hunk.new_end
    return line + moved


def _hunks(a: Sequence[str], b: Sequence[str], i: int, i_end: int, j: int, j_end: int) -> Iterator[Hunk]:
    for anchor_i, anchor_j in [*_anchors(a, b, i, i_end, j, j_end), (i_end, j_end)]:
        if anchor_i < i or anchor_j < j:
            continue
        yield from _between(a, b, i, anchor_i, j, anchor_j)
        i, j = anchor_i, anchor_j
        while i < i_end and j < j_end and a[i] == b[j]:
            i, j = i + 1, j + 1


def _between(a: Sequence[str], b: Sequence[str], i: int, i_end: int, j: int, j_end: int) -> Iterator[Hunk]:
    while i < i_end and j < j_end and a[i] == b[j]:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and a[i_end - 1] == b[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if i == i_end or j == j_end:
        if i < i_end or j < j_end:
            yield Hunk(i, i_end, j, j_end)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a[i:i_end], b[j:j_end]).get_opcodes():
        if tag != "equal":
            yield Hunk(i + i1, i + i2, j + j1, j + j2)


def _anchors(
    a: Sequence[str], b: Sequence[str], i: int, i_end: int, j: int, j_end: int
) -> list[tuple[int, int]]:
    """Lines that both have exactly once, as far as they stand in the same order."""
    once_a, once_b = Counter(a[i:i_end]), Counter(b[j:j_end])
    place = {line: n for n, line in enumerate(b[j:j_end], j) if once_b[line] == 1}
    pairs = [(n, place[line]) for n, line in enumerate(a[i:i_end], i) if line in place and once_a[line] == 1]
    # The longest run of rising places: for each length the smallest last place, with the way back.
    last: list[int] = []
    chosen: list[int] = []
    back: list[int] = []
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(last, at)
        back.append(chosen[length - 1] if length else -1)
        last[length : length + 1] = [at]
        chosen[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    at = chosen[-1] if chosen else -1
    while at >= 0:
        found.append(pairs[at])
        at = back[at]
    return found[::-1]


_TEXT = re.compile(r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'""")


def telling(numbers: Iterable[int], lines: Sequence[str]) -> int:
    """The first of the lines `numbers` (from 1) that holds a message, else the first one."""
    listed = sorted(numbers)
    for number in listed:
        for one, other in _TEXT.findall(lines[number - 1][:500]):
            if len(re.findall(r"[A-Za-z]{2,}", one or other)) > 2 and " " in (one or other):
                return number
    return listed[0]


def short(text: str) -> str:
    """A line for a message."""
    words = " ".join(text.split())
    return words if len(words) <= 90 else f"{words[:87]}..."
