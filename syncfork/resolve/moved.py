"""A block that one side re-indented, put into another or took out of one, while the other side edited it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import Change, changes, merged
from syncfork.resolve.lines import aligned, lines_of
from syncfork.resolve.odds import at_odds
from syncfork.resolve.resolver import Proposal, Resolver

# Blanks that a line no longer begins with, and those that it begins with instead.
Depth = tuple[str, str]


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The text of the side that moved the block, with the other side's edits at the block's new depth.

    Nothing where it is open how deep an edit belongs, where both sides moved something, or where they look to be
    at odds but for the depth.
    """
    base, ours, theirs = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    flat = Clash(*("".join(map(_flat, side)) for side in (base, ours, theirs)))
    for mover, editor, who in ((ours, theirs, "ours"), (theirs, ours, "theirs")):
        depths = _depths(base, mover)
        if not _moves(depths) or _moves(_depths(base, editor)):
            continue
        text = _edited(base, mover, editor, depths)
        if text is not None and not at_odds(flat):
            yield Proposal(text, f"a block that {who} re-indented")


def _flat(line: str) -> str:
    return line.lstrip(" \t") if line.strip() else line


def _depths(base: Sequence[str], side: Sequence[str]) -> list[Depth | None]:
    """By base line how `side` moved it; None where `side` does not have it, or with blanks of another kind."""
    places = aligned([*map(_flat, base)], [*map(_flat, side)])
    return [None if place is None else _depth(base[at], side[place]) for at, place in enumerate(places)]


def _depth(old: str, new: str) -> Depth | None:
    before, after = (line[: len(line) - len(_flat(line))] for line in (old, new))
    if not (before.startswith(after) or after.startswith(before)):
        return None
    if len(set(before + after)) > 1:
        # Tabs and spaces do not add up: the whole of one stands for the whole of the other.
        return before, after
    return before[len(after) :], after[len(before) :]


def _moves(depths: Sequence[Depth | None]) -> bool:
    return any(depth and depth[0] != depth[1] for depth in depths)


def _edited(
    base: Sequence[str], mover: Sequence[str], editor: Sequence[str], depths: Sequence[Depth | None]
) -> str | None:
    """`mover` with the changes of `editor`, each as deep as the lines that it changes or stands between."""
    flat = [*map(_flat, base)]
    places = aligned(flat, [*map(_flat, mover)])
    moves, edits = changes(flat, [*map(_flat, mover)]), changes(flat, [*map(_flat, editor)])
    if not edits or merged(flat, moves, edits) is None:
        return None
    made: list[str] = []
    position = 0
    for change in sorted({*moves, *edits}, key=lambda change: (change.start, change.end)):
        made += [mover[place] for place in places[position : change.start] if place is not None]
        position = change.end
        if change in moves:
            made += mover[change.at : change.at + len(change.new)]
            continue
        depth = _of(change, base, depths)
        lines = (
            [_shifted(line, depth) for line in editor[change.at : change.at + len(change.new)]]
            if depth
            else []
        )
        if depth is None or any(line is None for line in lines):
            return None
        made += [line for line in lines if line is not None]
    return "".join([*made, *(mover[place] for place in places[position:] if place is not None)])


def _of(change: Change, base: Sequence[str], depths: Sequence[Depth | None]) -> Depth | None:
    """How deep the lines of `change` go: as those that it replaces, else as both neighbours; None if that is open."""
    if change.start < change.end:
        found = {depths[at] for at in range(change.start, change.end) if base[at].strip()}
    else:
        around = [at for at in (change.start - 1, change.start) if 0 <= at < len(base)]
        found = {depths[at] for at in around if base[at].strip()}
    return found.pop() if len(found) == 1 else None


def _shifted(line: str, depth: Depth) -> str | None:
    """A line at its new depth; None where it is not so deep as the blanks that go. Blank lines stay."""
    if not line.strip():
        return line
    return depth[1] + line[len(depth[0]) :] if line.startswith(depth[0]) else None


RESOLVER = Resolver("moved", "one side moved a block to another depth, and the other edited it", propose)
