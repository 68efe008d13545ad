"""Keys and items that a merge by lines lost though no side took them out, or brought back though one did, and
values that it made others than all sides have."""

from __future__ import annotations

from syncfork.detect.keymoves import signs_landed
from syncfork.detect.keytree import BASE, MERGED, OURS, THEIRS, Aligned, Path


def back(aligned: Aligned, side: int, told: set[Path]) -> list[Path]:
    """The topmost paths that `side` lacks, and that the result has as the other side left them in the base."""
    tops: dict[Path, bool] = {}
    other = THEIRS if side == OURS else OURS
    for leaf in aligned.leaves.values():
        if leaf.values[side] or not leaf.values[BASE] or leaf.path in told:
            continue
        if leaf.counted and _rewritten(aligned, leaf.path, side):
            continue
        top = next(
            (leaf.path[:n] for n in range(1, len(leaf.path)) if not aligned.stands(leaf.path[:n], side)), None
        )
        top = top or leaf.path
        whole = leaf.values[BASE] == leaf.values[other] == leaf.values[MERGED]
        tops[top] = tops.get(top, True) and whole
    return [
        top
        for top, whole in tops.items()
        if whole and any(letter.isalnum() for letter in top[-1]) and _reordered(aligned, top, other)
    ]


def _rewritten(aligned: Aligned, path: Path, side: int) -> bool:
    """Whether `path` is a line of a script, or in a list where `side` may have put something in its place."""
    before, after = (set(aligned.children[path[:-1]][which]) for which in (BASE, side))
    return path[-1].startswith("|") or not after <= before


def _reordered(aligned: Aligned, path: Path, side: int) -> bool:
    """Whether `side` moved `path`, or what it is in: other siblings stand before it than in the merge base."""
    for n in range(len(path)):
        before, after = (aligned.children.get(path[:n], ((),) * 4)[which] for which in (BASE, side))
        if path[n] not in before or path[n] not in after:
            return False
        above = set(before[: before.index(path[n])]) & set(after)
        if above != set(after[: after.index(path[n])]) & set(before):
            return True
    return False


def altered(aligned: Aligned, told: set[Path]) -> list[Path]:
    """The values that are one and the same in base, ours and theirs, and another one in the result.

    Where both sides changed a value alike, it is not lost at its own key: only where it landed does it show.
    """
    return [
        leaf.path
        for leaf in aligned.leaves.values()
        if not leaf.counted
        and leaf.path not in told
        and len(set(leaf.values[:MERGED])) == 1
        and None not in leaf.values
        and leaf.wrong
    ]


def gone(aligned: Aligned, told: set[Path]) -> list[Path]:
    """The topmost paths that a merge by key would have kept and that are nowhere in the result."""
    landed = signs_landed(aligned)
    tops: dict[Path, bool] = {}
    for leaf in aligned.leaves.values():
        expected = leaf.expected()
        if leaf.values[MERGED] or not leaf.wrong or not any(expected) or leaf.path[-1].startswith("|"):
            continue
        top = next(
            leaf.path[:n] for n in range(1, len(leaf.path) + 1) if not aligned.stands(leaf.path[:n], MERGED)
        )
        moved = ("+", leaf.path[-1], None if leaf.counted else expected[0]) in landed
        tops[top] = tops.get(top, True) and not moved and leaf.path not in told
    return [top for top, lost in tops.items() if lost and _kept(aligned, top)]


def _kept(aligned: Aligned, top: Path) -> bool:
    """Whether no side took `top` out, and nothing new stands in its list or mapping that may be it."""
    base, ours, theirs = (aligned.stands(top, side) for side in (BASE, OURS, THEIRS))
    siblings = aligned.children.get(top[:-1], ((),) * 4)
    known = {step for side in siblings[:MERGED] for step in side}
    # An item that both sides took out may have been replaced by each, and one of the two was chosen.
    replaced = top in aligned.leaves and set(siblings[BASE]) - set(siblings[OURS]) - set(siblings[THEIRS])
    return (not base or (ours and theirs)) and set(siblings[MERGED]) <= known and not replaced
