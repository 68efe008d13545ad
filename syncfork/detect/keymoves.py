"""Changes of one side that a merge by lines made at another key: lost at one path, and found at a second.

A change counts as lost where its key or list stands on both sides and in the result, as the other side has it,
and as found where the result has the very same change though neither side made it there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from syncfork.detect.keytree import BASE, MERGED, OURS, THEIRS, Aligned, Content, Leaf, Path

# A change as it is looked up: added or taken out, the last key, the value.
Sign = tuple[str, str, Content]
Pair = tuple[Path, Path]


class Group(Struct, frozen=True):
    """What `side` changed at `source` and the merge changed at `target`: the paths of each change, there and
    here. `certain` is false where a person has to say which of the two was meant."""

    side: int
    source: Path
    target: Path
    pairs: tuple[Pair, ...]
    certain: bool
    taken_out: bool


def moved(aligned: Aligned) -> list[Group]:
    """Every change of either side that landed elsewhere, grouped by where it was and where it is."""
    landed = signs_landed(aligned)
    if not landed:
        return []
    taken: set[Path] = set()
    groups: dict[tuple[int, Path, Path], list[tuple[Pair, Leaf, bool]]] = {}
    for side in (OURS, THEIRS):
        for leaf, sign in _lost(aligned, side):
            target = _best(aligned, leaf, landed.get(sign, []), side, taken)
            if target is None:
                continue
            taken.add(target)
            alike = _alike(leaf.path, target)
            key = side, leaf.path[:-alike], target[:-alike]
            groups.setdefault(key, []).append(((leaf.path, target), leaf, sign[0] == "-"))
    return [
        _group(aligned, key, found)
        for key, found in groups.items()
        # A brace or a `done` may stand anywhere.
        if any(any(letter.isalnum() for letter in pair[0][-1]) for pair, _, _ in found)
    ]


def _group(aligned: Aligned, key: tuple[int, Path, Path], found: list[tuple[Pair, Leaf, bool]]) -> Group:
    side, source, target = key
    # What was added or set says more than what it took the place of.
    found = sorted(found, key=lambda item: item[2])
    other = _other(side)
    untouched = all(leaf.values[other] == leaf.values[BASE] for _, leaf, _ in found)
    # What the other side put in has taken the line over: it is not what became of the old key.
    inserted = not any(aligned.stands(target, n) for n in (BASE, side)) and aligned.stands(source, other)
    certain = (untouched or inserted) and not _renamed(aligned, side, source, target)
    pairs = tuple(pair for pair, _, _ in found)
    added = tuple(pair for pair, _, out in found if not out)
    return Group(side, source, target, added or pairs, certain, not added)


def _other(side: int) -> int:
    return THEIRS if side == OURS else OURS


def signs_landed(aligned: Aligned) -> dict[Sign, list[Leaf]]:
    """The changes in the result that neither side made where they stand."""
    found: dict[Sign, list[Leaf]] = {}
    for leaf in aligned.leaves.values():
        if leaf.wrong:
            for sign in _landed(leaf):
                found.setdefault(sign, []).append(leaf)
    return found


def _landed(leaf: Leaf) -> Iterator[Sign]:
    last, now, expected = leaf.path[-1], leaf.values[MERGED], leaf.expected()
    if leaf.counted:
        numbers = _numbers(expected or leaf.values[:MERGED])
        # What a side has here itself did not land here.
        if isinstance(now, int) and now > max(numbers + _numbers(leaf.values[:MERGED])):
            yield "+", last, None
        elif isinstance(now, int) and now < min(numbers):
            yield "-", last, None
    elif now is not None:
        if now not in leaf.values[:MERGED]:
            yield "+", last, now
    elif expected:
        yield "-", last, expected[0]


def _numbers(values: tuple[Content, ...]) -> list[int]:
    return [value for value in values if isinstance(value, int)]


def _lost(aligned: Aligned, side: int) -> Iterator[tuple[Leaf, Sign]]:
    """What `side` changed and the result has as the other side has it."""
    for leaf in aligned.leaves.values():
        before, mine, now = leaf.values[BASE], leaf.values[side], leaf.values[MERGED]
        other, last = leaf.values[_other(side)], leaf.path[-1]
        if mine in (before, now) or now != other:
            continue
        if leaf.counted:
            if isinstance(mine, int) and isinstance(before, int) and other == before:
                yield leaf, ("+" if mine > before else "-", last, None)
        elif other is None or before is not None:
            # Where the other side took the key out, it may have gone to something new together with its line.
            yield leaf, ("-", last, before) if mine is None else ("+", last, mine)


def _best(aligned: Aligned, leaf: Leaf, places: list[Leaf], side: int, taken: set[Path]) -> Path | None:
    """The place among `places` whose path is most like the leaf's."""
    fit = [
        place
        for place in places
        if place.path not in taken and place.path != leaf.path and _fits(aligned, leaf, place, side)
    ]
    best = max(fit, key=lambda place: _likeness(leaf.path, place.path), default=None)
    return best.path if best else None


def _likeness(one: Path, other: Path) -> tuple[int, int]:
    return _alike(one, other), _alike(one[::-1], other[::-1])


def _alike(one: Path, other: Path) -> int:
    """How many of the last steps are the same."""
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count]:
        count += 1
    return count


def _fits(aligned: Aligned, leaf: Leaf, place: Leaf, side: int) -> bool:
    other = _other(side)
    alike = _alike(leaf.path, place.path)
    source, target = leaf.path[:-alike], place.path[:-alike]
    if not aligned.stands(source, MERGED) or not all(aligned.stands(target, n) for n in (other, MERGED)):
        return False
    before, mine = leaf.values[BASE], leaf.values[side]
    if not leaf.counted and before is not None:
        # The line that the merge changed stood there as `side` found it elsewhere.
        return place.values[other] == before
    if isinstance(mine, int) and isinstance(before, int) and mine < before:
        return True
    if _took_over(aligned, leaf.path, (source, target), side):
        return True
    return _stayed(aligned, leaf.path, place.path, side)


def _took_over(aligned: Aligned, path: Path, ends: tuple[Path, Path], side: int) -> bool:
    """Whether the other side put something new in the midst of the source's own keys, the last of which it has
    taken over with what `side` put next to them."""
    source, target = ends
    other = _other(side)
    new = not any(aligned.stands(target, n) for n in (BASE, side)) and aligned.stands(source, other)
    own_key = len(path) > len(source) and not path[len(source)].startswith(("[", "|"))
    came = not aligned.stands(path[: len(source) + 1], BASE)
    return new and own_key and came and not _renamed(aligned, side, source, target)


def _stayed(aligned: Aligned, path: Path, landed: Path, side: int) -> bool:
    """Whether what `side` added belongs where it put it: the other side still has its neighbours there."""
    other = _other(side)
    top = next((n for n in range(1, len(path) + 1) if not aligned.stands(path[:n], BASE)), len(path))
    parent = path[: top - 1]
    if not all(aligned.stands(parent, n) for n in (other, MERGED)):
        return False
    elsewhere = landed[: max(0, len(landed) - len(path) + len(parent))]
    near = _neighbours(aligned, parent, path[top - 1], side)
    return not any(
        aligned.stands((*elsewhere, step), other)
        for step in near
        if not aligned.stands((*parent, step), other)
    )


def _neighbours(aligned: Aligned, parent: Path, step: str, side: int) -> list[str]:
    """The nearest siblings on either hand that the merge base has too."""
    siblings = aligned.children[parent][side] if parent in aligned.children else ()
    if step not in siblings:
        return []
    at = siblings.index(step)
    sides = siblings[:at][::-1], siblings[at + 1 :]
    near = [next((s for s in part if aligned.stands((*parent, s), BASE)), None) for part in sides]
    return [step for step in near if step is not None]


def _renamed(aligned: Aligned, side: int, source: Path, target: Path) -> bool:
    """Whether the other side seems to have given the old name to something new."""
    old, kept, new = (
        _lines(aligned, path, n)
        for path, n in ((source, BASE), (source, _other(side)), (target, _other(side)))
    )
    return len(old & kept) * 2 < len(old) and len(old & new) > len(old & kept)


def _lines(aligned: Aligned, path: Path, side: int) -> set[str]:
    entry = aligned.nodes[path][side] if path in aligned.nodes else None
    text = aligned.texts[side][entry.value.start : entry.value.end] if entry else ""
    lines = (line.strip() for line in text.split("\n"))
    return {line for line in lines if line and not line.startswith("#")}
