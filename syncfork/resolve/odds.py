"""Signs that two changes, though they do not overlap, are not independent of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from syncfork.resolve.base import Clash
from syncfork.resolve.diff3 import Change, changes
from syncfork.resolve.lines import lines_of
from syncfork.resolve.tokens import WORD, form, is_word, runs, tokens_of, words

# Why two changes may not go together, as the sort of a proposal names it, and in words.
AT_ODDS, REWRITTEN, INDENTED = "at odds", "written anew", "indented anew"
DOUBTS = {
    AT_ODDS: "but one side's change may be meant for what the other wrote, too",
    REWRITTEN: "but one side wrote anew what the other's change was made in",
    INDENTED: "but one side changed how deep the other's lines stand",
}
# Two lines that share so much of their words do the same kind of thing.
_ALIKE = 0.5
# Signs in a line, such as brackets, that make its form one of its own.
_SIGNS = 3
# So many pairs of lines are looked at.
_PAIRS = 10_000


def at_odds(clash: Clash) -> bool:
    """True where what one side wrote looks as if the other side's change were meant for it, too.

    That is: it writes what the other got rid of, or a word the other replaced, or a line like one the other
    changed (a further case, a further argument); both write the same new word (they solve the same thing); or a
    side changes how lines are spaced, which the other's new lines would have to follow.
    """
    base, *sides = (tokens_of(text) for text in (clash.base, clash.ours, clash.theirs))
    made = [changes(base, side) for side in sides]
    written = [words(token for each in side for token in each.new) for side in made]
    if written[0] & written[1]:
        return True
    for side, other in ((0, 1), (1, 0)):
        replaced = words(token for each in made[side] for token in base[each.start : each.end])
        gone = runs(base) - runs(sides[side])
        if replaced & written[other] or any(gone & runs(each.new) for each in made[other]):
            return True
        if any(_only_blanks(base, each) for each in made[side]):
            return True
    return _alike(clash)


def _only_blanks(base: Sequence[str], change: Change) -> bool:
    return not "".join([*base[change.start : change.end], *change.new]).strip()


def _alike(clash: Clash) -> bool:
    """True where a line that one side added is much like a line that the other changed, or there are too many."""
    base, *sides = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    if max(map(len, sides)) * len(base) > _PAIRS:
        return True
    made = [changes(base, side) for side in sides]
    for side, other in ((0, 1), (1, 0)):
        changed = [line for each in made[side] for line in base[each.start : each.end]]
        if any(alike(line, old) for line in _added(base, made[other]) for old in changed):
            return True
    return False


def _added(base: Sequence[str], made: Sequence[Change]) -> Iterator[str]:
    """The new lines that are not a new form of a line they replace."""
    for change in made:
        replaced = list(base[change.start : change.end])
        for line in change.new:
            best = max(((likeness(line, old), old) for old in replaced), default=(0.0, ""))
            if best[0] >= _ALIKE:
                replaced.remove(best[1])
            elif line.strip():
                yield line


def alike(one: str, other: str) -> bool:
    """True where two texts share half of their words, in order, or are of one form; never for one without a word."""
    left, right = (form(text) for text in (one, other))
    return likeness(one, other) >= _ALIKE or (left == right and len(left) - left.count(WORD) >= _SIGNS)


def likeness(one: str, other: str) -> float:
    """How much two texts share of their words and numbers, in order: from 0 to 1."""
    left, right = ([token for token in tokens_of(text) if is_word(token)] for text in (one, other))
    return SequenceMatcher(None, left, right, autojunk=False).ratio() if left else 0.0
