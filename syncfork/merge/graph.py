"""The little commit graph between two commits and their merge bases, mirrored with lifted trees.

git's merge recurses: with several merge bases it first merges those, and for that needs theirs. The set of
commits closed under "merge bases of any two" holds all it will ask for; linked by ancestry, it gives the same
answers as the real history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

Bases = Callable[[str, str], Sequence[str]]


class Graph(Struct, frozen=True):
    """Commits, parents first, each with its parents among them."""

    parents: Mapping[str, tuple[str, ...]]

    @property
    def commits(self) -> tuple[str, ...]:
        """All commits, parents before children."""
        return tuple(self.parents)


def mirror(ours: str, theirs: str, bases: Sequence[str], merge_bases: Bases) -> Graph:
    """The graph of `ours`, `theirs` and everything a recursive merge of them looks at.

    `bases` are their own merge bases; `merge_bases` finds those of any two commits, and is asked only where
    there are several.
    """
    known: dict[frozenset[str], Sequence[str]] = {frozenset((ours, theirs)): bases}

    def between(one: str, other: str) -> Sequence[str]:
        pair = frozenset((one, other))
        if pair not in known:
            known[pair] = merge_bases(one, other)
        return known[pair]

    inner = list(dict.fromkeys(bases))
    if len(inner) > 1:
        growing = True
        while growing:
            found = [base for pair in combinations(inner, 2) for base in between(*pair)]
            new = [base for base in dict.fromkeys(found) if base not in inner]
            inner += new
            growing = bool(new)
    below = (
        {commit: {o for o in inner if o != commit and list(between(commit, o)) == [o]} for commit in inner}
        if len(inner) > 1
        else {inner[0]: set()}
    )
    ordered = sorted(inner, key=lambda commit: (len(below[commit]), inner.index(commit)))
    parents = {commit: _nearest(below[commit], below) for commit in ordered}
    tips = _nearest(set(inner), below)
    for tip in (ours, theirs):
        parents.setdefault(tip, tuple(base for base in ordered if base in tips and base != tip))
    return Graph(parents)


def _nearest(ancestors: set[str], below: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Of a commit's ancestors those that no other of them descends from."""
    return tuple(
        sorted(a for a in ancestors if not any(a in below[other] for other in ancestors if other != a))
    )
