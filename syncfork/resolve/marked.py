"""The conflicts that are still marked in a file, each with the merge base's lines that plain markers leave out. Pure.

git's usual markers and those that name the merge base differ in where a conflict begins and ends: what is one
conflict under the one style can be several under the other. So a run of markers is recognised by what it comes to
on both sides, and given back as the conflicts of the file's `Disputed`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.lines import ended, lines_of

_OPENING = re.compile(r"^(<{7,})(?: [^\n]*)?\n", re.MULTILINE)


class Marked(Struct, frozen=True):
    """A conflict that is marked in a file. `number` is its place among the file's clashes; None where a person changed
    what is between the markers: then the merge base's lines are not known, and `clash.base` is empty."""

    clash: Clash
    number: int | None


class _Block(Struct, frozen=True):
    """What stands between a pair of markers; `raw` is all of it, markers included."""

    raw: str
    base: str
    ours: str
    theirs: str


_Part = str | _Block | Clash
# The same region as ours and as theirs have it.
_Both = tuple[str, str]
# By so many lines the two may begin apart.
_MOST_MOVED = 8


def still_marked(text: str, file: Disputed) -> tuple[str | Marked, ...]:
    """`text`, which may have been edited since the merge wrote it, split at its conflict markers.

    Settled text and conflicts take turns, beginning and ending with settled text. Lines that only look like markers,
    because a side of the file has them, are settled text.
    """
    found, parts = _split(text, file), _as_marked(file)
    made: list[str | Marked] = [str(found[0])]
    at = first = 1
    while at < len(found):
        block, after = found[at], str(found[at + 1])
        assert isinstance(block, _Block)
        run = next(
            (run for number in range(first, len(parts), 2) if (run := _run(found, at, parts, number))),
            None,
        )
        if run is None:
            made.append(Marked(Clash(block.base, block.ours, block.theirs), None))
        else:
            made[-1] = f"{made[-1]}".removesuffix(run.taken) + run.lead
            for place in range(run.first, run.last + 1):
                part = file.parts[place]
                made.append(Marked(part, place // 2) if isinstance(part, Clash) else part)
            at, first = run.end, run.last + 2
            after = run.tail + str(found[at + 1]).removeprefix(run.dropped)
        made.append(after)
        at += 2
    return tuple(made)


def _split(text: str, file: Disputed) -> list[_Part]:
    """Settled text and marked blocks, taking turns."""
    parts: list[_Part] = []
    position = begun = 0
    while opening := _OPENING.search(text, position):
        block = _block(text, opening, file)
        if block is None or any(side and block.raw in side for side in (file.ours, file.theirs)):
            position = opening.end()
            continue
        parts += [text[begun : opening.start()], block]
        position = begun = opening.start() + len(block.raw)
    return [*parts, text[begun:]]


def _block(text: str, opening: re.Match[str], file: Disputed) -> _Block | None:
    """The block that begins at a marker; None where the other markers do not follow."""
    size = len(opening[1])
    signs = re.compile(rf"^(?:([<|>])\1{{{size - 1}}}(?: [^\n]*)?|={{{size}}})\r?(?:\n|\Z)", re.MULTILINE)
    found = []
    for mark in signs.finditer(text, opening.end()):
        found.append(mark)
        if mark[0][0] in "<>":
            break
    if not found or found[-1][0][0] != ">":
        return None
    closing, base = found[-1], next((mark for mark in found if mark[0][0] == "|"), None)
    blocks = [
        _Block(
            text[opening.start() : closing.end()],
            text[base.end() : middle.start()] if base else "",
            text[opening.end() : (base or middle).start()],
            text[middle.end() : closing.start()],
        )
        for middle in found
        if middle[0][0] == "=" and (base is None or middle.start() > base.start())
    ]
    # A line of the file can look like the line between the sides: then these must be lines that the sides have.
    in_sides = (b for b in blocks if b.ours in (file.ours or "") and b.theirs in (file.theirs or ""))
    return next(in_sides, blocks[0] if blocks else None)


class _Run(Struct, frozen=True):
    """Marked blocks up to place `end` that are the clashes from `first` to `last`.

    The two need not begin and end at the same line. Of the settled text around the blocks `taken` (before) and
    `dropped` (behind) belong to the clashes; `lead` and `tail` are in the blocks, and settled text beside the clashes.
    """

    end: int
    first: int
    last: int
    taken: str = ""
    lead: str = ""
    dropped: str = ""
    tail: str = ""


def _run(found: Sequence[_Part], at: int, parts: Sequence[str | Clash], number: int) -> _Run | None:
    """The run of blocks that begins at `at`, where it comes to the same on both sides as the clashes from `number` on."""
    before, settled = (
        lines_of(str(all_parts[place - 1])) for all_parts, place in ((found, at), (parts, number))
    )
    for size in range(_MOST_MOVED + 1):
        for taken, lead in dict.fromkeys(
            (("".join(before[len(before) - size :]), ""), ("", "".join(settled[len(settled) - size :])))
        ):
            if size <= len(before if taken else settled) and (
                run := _from(found, at, parts, number, taken, lead)
            ):
                return run
    return None


def _from(
    found: Sequence[_Part], at: int, parts: Sequence[str | Clash], number: int, taken: str, lead: str
) -> _Run | None:
    end, last = at, number
    left, right = _joined((taken, found[at])), _joined((lead, parts[number]))
    while all(one.startswith(two) or two.startswith(one) for one, two in zip(left, right, strict=True)):
        over = tuple(one.removeprefix(two) for one, two in zip(left, right, strict=True))
        under = tuple(two.removeprefix(one) for one, two in zip(left, right, strict=True))
        if left == right:
            return _Run(end, number, last, taken, lead)
        if _alike(left, right, over) and str(parts[last + 1]).startswith(over[0]):
            return _Run(end, number, last, taken, lead, tail=over[0])
        if _alike(right, left, under) and str(found[end + 1]).startswith(under[0]):
            return _Run(end, number, last, taken, lead, dropped=under[0])
        if sum(map(len, left)) < sum(map(len, right)):
            left, end = _joined((left, *found[end + 1 : end + 3])), end + 2
        else:
            right, last = _joined((right, *parts[last + 1 : last + 3])), last + 2
        if end >= len(found) or last >= len(parts):
            return None
    return None


def _alike(longer: _Both, shorter: _Both, rest: tuple[str, ...]) -> bool:
    """Whether both sides of the longer one go on with the same text, of whole lines."""
    return rest[0] == rest[1] and all(one == two + rest[0] for one, two in zip(longer, shorter, strict=True))


def _joined(pieces: Sequence[_Part | _Both]) -> _Both:
    """What the pieces come to on each side."""
    sides = [piece if isinstance(piece, tuple) else _sides(piece) for piece in pieces]
    return "".join(side[0] for side in sides), "".join(side[1] for side in sides)


def _sides(part: _Part) -> _Both:
    return (part, part) if isinstance(part, str) else (part.ours, part.theirs)


def _as_marked(file: Disputed) -> tuple[str | Clash, ...]:
    """The file's parts as they stand between markers, where a last line has an end even if the file has none."""
    end = line_end(file)
    return tuple(
        Clash(part.base, ended(part.ours, end), ended(part.theirs, end)) if isinstance(part, Clash) else part
        for part in file.parts
    )


def line_end(file: Disputed) -> str:
    """How a line that has no end would end in this file."""
    return "\r\n" if "\r\n" in (file.ours or "") + (file.theirs or "") else "\n"
