"""The conflicts that are still marked in a file, each with the merge base's lines that plain markers leave out. Pure.

git's usual markers and those that name the merge base differ in where a conflict begins and ends: what is one
conflict under the one style can be several under the other. So a run of markers is recognised by what it comes to
on both sides, and given back as the conflicts of the file's `Disputed`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncfork.resolve.base import Clash, Disputed

_OPENING = re.compile(r"^(<{7,})(?: [^\n]*)?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A conflict that is marked in a file. `number` is its place among the file's clashes; None where a person changed
    what is between the markers: then the merge base's lines are not known, and `clash.base` is empty."""

    clash: Clash
    number: int | None


@dataclass(frozen=True, slots=True)
class _Block:
    """What stands between a pair of markers; `raw` is all of it, markers included."""

    raw: str
    base: str
    ours: str
    theirs: str


_Part = str | _Block | Clash


def still_marked(text: str, file: Disputed) -> tuple[str | Marked, ...]:
    """`text`, which may have been edited since the merge wrote it, split at its conflict markers.

    Settled text and conflicts take turns, beginning and ending with settled text. Lines that only look like markers,
    because a side of the file has them, are settled text.
    """
    found = _split(text, file)
    made: list[str | Marked] = [str(found[0])]
    start = 1
    at = 1
    while at < len(found):
        match = next(
            (
                (number, ends)
                for number in range(start, len(file.parts), 2)
                if (ends := _same(found, at, file.parts, number))
            ),
            None,
        )
        if match is None:
            block = found[at]
            assert isinstance(block, _Block)
            made.append(Marked(Clash(block.base, block.ours, block.theirs), None))
            end = at
        else:
            number, (end, last) = match
            for place in range(number, last + 1):
                part = file.parts[place]
                made.append(Marked(part, place // 2) if isinstance(part, Clash) else part)
            start = last + 2
        made.append(str(found[end + 1]))
        at = end + 2
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


def _same(
    found: Sequence[_Part], at: int, parts: Sequence[str | Clash], number: int
) -> tuple[int, int] | None:
    """Where the blocks from `at` on and the clashes from `number` on first come to the same on both sides: the last
    place in each; None where they never do."""
    end, last = at, number
    left, right = _sides(found[at]), _sides(parts[number])
    while left != right:
        if not all(one.startswith(two) or two.startswith(one) for one, two in zip(left, right, strict=True)):
            return None
        behind = sum(map(len, left)) < sum(map(len, right))
        if behind:
            left, end = _longer(left, found, end)
        else:
            right, last = _longer(right, parts, last)
        if end >= len(found) or last >= len(parts):
            return None
    return end, last


def _longer(
    sides: tuple[str, str], parts: Sequence[_Part] | Sequence[str | Clash], at: int
) -> tuple[tuple[str, str], int]:
    more = [_sides(part) for part in parts[at + 1 : at + 3]]
    return (
        sides[0] + "".join(side[0] for side in more),
        sides[1] + "".join(side[1] for side in more),
    ), at + 2


def _sides(part: _Part) -> tuple[str, str]:
    return (part, part) if isinstance(part, str) else (_ended(part.ours), _ended(part.theirs))


def _ended(text: str) -> str:
    """Between markers a last line has an end, whether the file has one there or not."""
    if not text or text.endswith("\n"):
        return text
    return text + ("\r\n" if "\r\n" in text else "\n")


def with_markers(clash: Clash) -> str:
    """A clash as a person edits it: all three sides between git's markers."""
    end = "\r\n" if "\r\n" in clash.ours + clash.theirs else "\n"
    return "".join(
        (
            f"<<<<<<< ours{end}", _ended(clash.ours), f"||||||| merge base{end}", _ended(clash.base),
            f"======={end}", _ended(clash.theirs), f">>>>>>> theirs{end}",
        )
    )  # fmt: skip


def has_marker(text: str) -> bool:
    """Whether a conflict marker is left in a text that a person edited."""
    return re.search(r"^(?:<{7,}|>{7,}|\|{7,}) ", text, re.MULTILINE) is not None
