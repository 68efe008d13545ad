"""Three-way merge of any sequences: lines, or the tokens of a few lines.

After "A Formal Investigation of Diff3" (Khanna, Kunal, Pierce 2007), but stricter: where both sides put something
in at the same place, or one changes what the other changed too, there is no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncfork.resolve.lines import aligned


@dataclass(frozen=True, slots=True)
class Change:
    """One side's elements `new`, which stand there from `at`, for the base's elements from `start` to `end`."""

    start: int
    end: int
    new: tuple[str, ...]
    at: int = field(default=0, compare=False)


def changes(base: Sequence[str], side: Sequence[str]) -> list[Change]:
    """What `side` made of `base`, in ascending order; between two changes there is an element that both have."""
    found: list[Change] = []
    at = place = 0
    for number, partner in enumerate([*aligned(base, side), len(side)]):
        if partner is None:
            continue
        if number > at or partner > place:
            found.append(Change(at, number, tuple(side[place:partner]), place))
        at, place = number + 1, partner + 1
    return found


def merged(
    base: Sequence[str], first: Sequence[Change], second: Sequence[Change], both: bool = False
) -> list[str] | None:
    """`base` with both sides' changes; None where two of them overlap, or insert at the same place.

    With `both`, what is inserted at the same place stands there in the order of the arguments.
    """
    made: list[str] = []
    position = 0
    inserted: int | None = None
    everything = [*first, *(change for change in second if change not in first)]
    for change in sorted(everything, key=lambda change: (change.start, change.end)):
        insertion = change.start if change.start == change.end else None
        if change.start < position or (insertion is not None and insertion == inserted and not both):
            return None
        made += [*base[position : change.start], *change.new]
        position, inserted = change.end, insertion
    return [*made, *base[position:]]


def distance(ours: Sequence[Change], theirs: Sequence[Change]) -> int | None:
    """The fewest base elements between a change of one side and one of the other; None where one has none."""
    return min(
        (max(a.start, b.start) - min(a.end, b.end) for a in ours for b in theirs if a != b), default=None
    )
