"""How likely a class of proposals is right in a scope. Pure.

Each scope's share of right merges is drawn towards that of the scope around it, as if so many merges more had gone as they
do there (the m-estimate of Cestnik, 1990); the widest one towards what is usual on public forks. What lies in the next
narrower scope is counted there alone: else the same few cases would speak on every level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

# Chosen on 30 public forks, each counted in what lies before and tried on the merges after: 206 of 207 files right.
SURE = 0.84
_AS_MANY = 3
# What a class is right in where nothing is known of it.
_ANY = 0.15


def likely(nested: Sequence[tuple[int, int]], usual: float) -> float:
    """From 0 to 1, in the last of scopes that lie in one another, each given as how many merges with cases in it were right
    and how many were wrong. `usual` is how likely the class is right on any fork."""
    odds = usual
    for (right, wrong), (right_within, wrong_within) in pairwise([*nested, (0, 0)]):
        # A merge may be wrong around a scope and right in it.
        right, wrong = max(0, right - right_within), max(0, wrong - wrong_within)
        odds = (right + _AS_MANY * odds) / (right + wrong + _AS_MANY)
    return odds


def usual(by: str) -> float:
    """How likely a class is right on a fork of which nothing is known yet."""
    return _USUAL.get(by, _ANY)


# Counted by `benchmarks/usual.py` on 23 of these forks: in how many of the merges with such a conflict the class was right,
# each fork for five merges at the most.
_USUAL: Mapping[str, float] = MappingProxyType(
    {
        "additions: blocks that begin or end alike, ours first": 0.09,
        "additions: blocks that begin or end alike, theirs first": 0.11,
        "additions: blocks that begin or end alike, what is alike once, ours first": 0.04,
        "additions: blocks that begin or end alike, what is alike once, theirs first": 0.03,
        "additions: blocks, ours first": 0.12,
        "additions: blocks, theirs first": 0.16,
        "additions: entries, ours first": 0.15,
        "additions: entries, theirs first": 0.19,
        "contained: ours has their lines and more": 0.43,
        "contained: ours has their words and more": 0.46,
        "contained: theirs has our lines and more": 0.50,
        "contained: theirs has our words and more": 0.52,
        "deletions: a file that ours deleted comes back": 0.10,
        "deletions: a file that ours deleted stays deleted": 0.84,
        "deletions: a file that theirs deleted goes": 0.76,
        "deletions: a file that theirs deleted stays": 0.17,
        "deletions: lines that ours deleted stay deleted": 0.22,
        "deletions: lines that theirs deleted go": 0.36,
        "deletions: lines that theirs deleted go, ours beside them stay": 0.11,
        "deletions: lines that theirs deleted go, ours beside them too": 0.19,
        "deletions: ours stays where theirs deleted lines": 0.13,
        "deletions: theirs comes where ours deleted lines": 0.32,
        "moved: a block that ours re-indented": 0.25,
        "moved: a block that theirs re-indented": 0.28,
        "neighbours: at odds, ours adds beside where theirs changes": 0.17,
        "neighbours: at odds, ours adds beside where theirs deletes": 0.16,
        "neighbours: at odds, ours changes beside where theirs adds": 0.10,
        "neighbours: at odds, ours changes beside where theirs changes": 0.19,
        "neighbours: at odds, ours changes beside where theirs deletes": 0.15,
        "neighbours: at odds, ours deletes beside where theirs adds": 0.13,
        "neighbours: at odds, ours deletes beside where theirs changes": 0.27,
        "neighbours: ours adds beside where theirs changes": 0.47,
        "neighbours: ours changes beside where theirs adds": 0.46,
        "neighbours: ours changes beside where theirs changes": 0.49,
        "neighbours: ours changes beside where theirs deletes": 0.63,
        "neighbours: ours deletes beside where theirs changes": 0.67,
        "neighbours: ours deletes beside where theirs deletes": 0.18,
        "neighbours: written anew, ours adds beside where theirs changes": 0.37,
        "neighbours: written anew, ours changes beside where theirs adds": 0.34,
        "neighbours: written anew, ours changes beside where theirs changes": 0.39,
        "neighbours: written anew, ours deletes beside where theirs changes": 0.63,
        "pins: our version": 0.17,
        "pins: the higher version": 0.74,
        "pins: their version": 0.58,
        "sides: ours where both added": 0.07,
        "sides: ours where both changed": 0.07,
        "sides: the file of ours, and nothing of the other's": 0.02,
        "sides: the file of theirs, and nothing of the other's": 0.02,
        "sides: theirs where both added": 0.26,
        "sides: theirs where both changed": 0.18,
        "spacing: both say the same, spaced as ours": 0.20,
        "spacing: both say the same, spaced as theirs": 0.43,
        "spacing: ours changed nothing but the spacing": 0.57,
        "spacing: theirs changed nothing but the spacing": 0.38,
        # These six on 13 forks, later: what has but some of the words was counted with the others before.
        "substituted: our words in their text": 0.41,
        "substituted: our words in their text, also where they are new": 0.17,
        "substituted: some of our words in their text": 0.05,
        "substituted: some of their words in our text": 0.05,
        "substituted: their words in our text": 0.41,
        "substituted: their words in our text, also where they are new": 0.19,
        "words: at odds": 0.08,
        "words: other lines, apart": 0.48,
        "words: other lines, apart, wrapped": 0.51,
        "words: other lines, near": 0.59,
        "words: same line, apart": 0.34,
        "words: same line, apart, long": 0.44,
        "words: same line, apart, wrapped": 0.42,
        "words: same line, near": 0.26,
        "words: same line, near, long": 0.32,
        "words: same line, near, wrapped": 0.24,
        "words: same place, at odds, ours first": 0.09,
        "words: same place, at odds, theirs first": 0.09,
        "words: same place, ours first, long": 0.13,
        "words: same place, theirs first, long": 0.53,
        "words: written anew": 0.34,
    }
)
