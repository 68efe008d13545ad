"""What a person made of the texts of a merge that waited for them, piece by piece."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from msgspec import Struct

from syncfork.git.door import encode
from syncfork.git.patches import Edit
from syncfork.merge.booking import differences
from syncfork.merge.mergetree import split_labelled
from syncfork.merge.pieces import Departure, Owner, Piece, departures, laid_out, outcomes, taken
from syncfork.merge.touch import How, Side, Touch, other_side, quoted
from syncfork.merge.worked_on import Pair, habits_of, worked_on
from syncfork.merge.workspace import Workspace
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import lines_of
from syncfork.state import State
from syncfork.words import count

# So many lines of what was dropped are shown.
_MOST_SHOWN = 30
# A side that was dropped though each of its lines stands.
_NO_LINES = "which has its lines in another order, or other blanks"


class Texts(Struct, frozen=True):
    """A text that a person changed: as the merge `left` it, as it is `committed`, and as all three sides have it."""

    path: str
    left: str
    committed: str
    base: str
    ours: str
    theirs: str


def touches_in(space: Workspace, state: State, texts: Sequence[Texts]) -> Iterator[Touch]:
    """What a person did within the texts: departures from both sides' changes, and the side of a conflict that is gone."""
    if not texts:
        return

    def stored(wanted: Iterable[str]) -> list[str]:
        return [space.store.write("blob", encode(text)) for text in wanted]

    left, committed = stored(text.left for text in texts), stored(text.committed for text in texts)
    sides = [stored(text.ours for text in texts), stored(text.theirs for text in texts)]
    upstreams, forks = differences(space, [list(zip(side, left, strict=True)) for side in sides])
    names = state.fork_ref, state.upstream_ref
    pieces = [
        _pieces(text, names if text.path in state.conflicts else None, upstream, fork)
        for text, upstream, fork in zip(texts, upstreams, forks, strict=True)
    ]
    layouts = stored("".join(laid_out(made)) for made in pieces)
    [edits] = differences(space, [list(zip(layouts, committed, strict=True))])
    for text, made, led in zip(texts, pieces, edits, strict=True):
        lines = lines_of(text.committed)
        answers = outcomes(made, lines, led)
        whole = _Whole(text, _elsewhere(lines, made, answers))
        for departure in departures(made, lines, led, whole.stands):
            yield _touch(whole, departure)
        untold = {side: had - whole.base for side, had in whole.had.items()}
        for piece, first, answer in answers:
            for side, how, gone in _lost(whole, piece, answer, untold):
                words = f"{how}{quoted(gone)}" if gone else _NO_LINES
                yield Touch(text.path, first + 1, words, side, conflict=True, how=how, lines=tuple(gone))


def _elsewhere(
    lines: Sequence[str], pieces: Sequence[Piece], answers: Sequence[tuple[Piece, int, Sequence[str]]]
) -> Counter[str]:
    """What a person put where neither git nor a side of a conflict has it: lines of a side may have moved there."""
    settled = _bare(line for piece in pieces if piece.owner != "clash" for line in piece.lines)
    for piece, _, answer in answers:
        settled.update(_bare(answer) & (_bare(piece.lines) | _bare(piece.theirs)))
    return _bare(lines) - settled


def _pieces(
    text: Texts, names: tuple[str, str] | None, upstream: Sequence[Edit], fork: Sequence[Edit]
) -> list[Piece]:
    """The text that the merge left, by who changed what: what departs from ours is upstream's, what departs from
    theirs the fork's. What departs from both is a rule's, which is verified by itself, or a resolution's."""
    lines = lines_of(text.left)
    marked = _clashes(text.left, names) if names else []
    sides: list[tuple[Owner, Sequence[str], Sequence[Edit], Sequence[Edit]]] = [
        ("theirs", lines_of(text.ours), upstream, fork),
        ("ours", lines_of(text.theirs), fork, upstream),
    ]
    known = [(start, end, piece) for start, end, piece in marked]
    for owner, old, edits, others in sides:
        taken = [(start, end) for start, end, _ in marked] + [(edit.first, edit.last) for edit in others]
        touches = _touching(taken)
        known += [
            (e.first, e.last, Piece(owner, tuple(lines[e.first : e.last]), tuple(old[e.start : e.end])))
            for e in edits
            if not touches(e.first, e.last)
        ]
    pieces: list[Piece] = []
    at = 0
    for start, end, piece in [*sorted(known, key=lambda item: item[:2]), (len(lines), len(lines), None)]:
        if start > at:
            between = tuple(lines[at:start])
            pieces.append(Piece("same", between, between))
        pieces += [piece] if piece else []
        at = end
    return pieces


def _touching(spans: Iterable[tuple[int, int]]) -> Callable[[int, int], bool]:
    """Whether a span has a line or an end in common with one of the `spans`, of which there may be thousands."""
    ordered = sorted(spans)
    firsts = [first for first, _ in ordered]
    # Up to each of them, how far they reach.
    reach = [*accumulate((last for _, last in ordered), max, initial=-1)]
    return lambda first, last: reach[bisect_right(firsts, last)] >= first


def _clashes(text: str, names: tuple[str, str]) -> list[tuple[int, int, Piece]]:
    """The places between markers, by lines from 0."""
    found = []
    at = 0
    for part in split_labelled(text, *names):
        if isinstance(part, str):
            at += len(lines_of(part))
            continue
        ours, theirs = tuple(lines_of(part.ours)), tuple(lines_of(part.theirs))
        # Three lines are markers.
        end = at + len(ours) + len(theirs) + 3
        found.append((at, end, Piece("clash", ours, (), theirs)))
        at = end
    return found


class _Whole(Struct, frozen=True, dict=True):
    """What the merge base's text and both sides' have as a whole, counted once for all conflicts of the file; `elsewhere`
    are lines that a person put where no side of a conflict has them."""

    text: Texts
    elsewhere: Counter[str]

    @cached_property
    def base(self) -> Counter[str]:
        return Counter(lines_of(self.text.base))

    @cached_property
    def had(self) -> Mapping[Side, Counter[str]]:
        """Either side's lines."""
        return {"ours": Counter(lines_of(self.text.ours)), "theirs": Counter(lines_of(self.text.theirs))}

    @cached_property
    def bare(self) -> Counter[str]:
        """The merge base's lines that say something."""
        return _bare(lines_of(self.text.base))

    @cached_property
    def gone(self) -> Mapping[Side, Counter[str]]:
        """Those of them that a side has no longer."""
        return {side: self.bare - _bare(lines.elements()) for side, lines in self.had.items()}

    @cached_property
    def added(self) -> Mapping[Side, Sequence[str]]:
        """The texts that a side put in where the other one took nothing out: in the place of nothing, or beside what both
        put in the place of the same."""
        texts: dict[Side, list[str]] = {
            "ours": lines_of(self.text.ours),
            "theirs": lines_of(self.text.theirs),
        }
        base = lines_of(self.text.base)
        found: dict[Side, Sequence[str]] = {}
        for side, lines in texts.items():
            other = texts[other_side(side)]
            # Between which two of its lines that has fewer lines than the merge base.
            cut = {
                place
                for each in changes(base, other)
                if len(each.new) < each.end - each.start
                for place in range(each.at, each.at + len(each.new) + 1)
            }
            found[side] = [
                "".join(change.new)
                for change in changes(other, lines)
                if change.start == change.end and change.start not in cut
            ]
        return found

    @cached_property
    def habits(self) -> set[Pair]:
        """The words that the fork puts for others in this file."""
        return habits_of(lines_of(self.text.base), lines_of(self.text.ours))

    def stands(self, piece: Piece, outcome: Sequence[str]) -> bool:
        """Whether a side's change is there still, though a person worked on it."""
        return worked_on(piece, outcome, self.habits)

    def adds(self, side: Side, lines: Sequence[str]) -> bool:
        """Whether a side's lines of a conflict are in the place of nothing."""
        return any("".join(lines) in text for text in self.added[side])


def _touch(whole: _Whole, departure: Departure) -> Touch:
    dropped: Side | None = next((side for side in ("theirs", "ours") if side in departure.drops), None)
    gone = departure.removed if dropped and departure.removed else departure.added or departure.removed
    # What the merge base has as well was nobody's change.
    changed = [line for line in gone if not whole.base[line]] if dropped else []
    words = quoted(changed or gone)
    return Touch(
        whole.text.path, departure.first + 1, words, dropped, code=_as_patch(departure) if dropped else ""
    )


def _as_patch(departure: Departure) -> str:
    lines = departure.patch
    more = [f"... {count(len(lines) - _MOST_SHOWN, 'more line')}"] if len(lines) > _MOST_SHOWN else []
    return "\n".join([*lines[:_MOST_SHOWN], *more])


def _loss(
    whole: _Whole, clash: Piece, side: Side, answer: Sequence[str], untold: Mapping[Side, Counter[str]]
) -> Iterator[tuple[Side, How, Sequence[str]]]:
    """What is lost with a side of a clash: what it changed from the merge base and the result has no longer, as far as that
    can be told.

    A side between markers has lines that only the other one changed, and these are not lost with it. What is lost is taken
    from `untold`, what either side added that was told of no other clash.
    """
    gone, other = (clash.lines, clash.theirs) if side == "ours" else (clash.theirs, clash.lines)
    base, had = whole.base, whole.had[side]
    missing = _missing(gone, answer, whole.elsewhere)
    # A side that a rule rewrote has lines that its file has not.
    added, lost = (
        [line for line in lines if line.strip() and base[line] < max(had[line], 1)]
        for lines in (gone, missing)
    )
    removed = [line for line in other if line.strip() and base[line] > had[line] and line not in gone]
    # What stands because the other side was taken, and has it as well, is no part of this one that was kept.
    known = _bare(other) if tuple(answer) == other else Counter()
    in_part = _says(_bare(added) - _bare(lost) - known)
    # Of lines that moved, brackets may be known to stand at the new place already.
    if lost and (_says(lost) or not in_part):
        # The file has no more of a line, as of a bracket, by this side than it added, in whichever conflict.
        here = [line for line in lost if not had[line] or taken(untold[side], line)]
        yield side, "in part, " if in_part else "", here or lost
    elif removed or not gone:
        yield side, "which is without ", removed or other
    elif missing and not added:
        yield side, "", missing
    elif _bare(gone) == _bare(other):
        yield side, "", ()


def _says(lines: Iterable[str]) -> bool:
    """Whether lines are more than blanks and signs."""
    return any(map(str.isalnum, "".join(lines)))


def _missing(lines: Sequence[str], answer: Sequence[str], elsewhere: Counter[str]) -> list[str]:
    """Those of a side's lines that say something and that neither the answer has nor another place, however indented."""
    there = _bare(answer) + elsewhere
    return [line for line in lines if line.strip() and not taken(there, line.strip())]


def _lost(
    whole: _Whole, piece: Piece, answer: Sequence[str], untold: Mapping[Side, Counter[str]]
) -> Iterator[tuple[Side, How, Sequence[str]]]:
    """Whose side of a conflict is not in the answer, where the other's is; where both are in part, as where git's markers
    join several conflicts, whose lines are not. With the lines that are lost."""
    sides: dict[Side, Sequence[str]] = {"ours": piece.lines, "theirs": piece.theirs}
    keeps = {
        side: _keeps(whole, side, lines, sides[other_side(side)], answer) for side, lines in sides.items()
    }
    for side, lines in sides.items():
        other = other_side(side)
        if keeps[side] and keeps[other]:
            if gone := _gone(whole, lines, sides[other], answer):
                yield side, "in part, ", gone
        elif keeps[other]:
            yield from _loss(whole, piece, side, answer, untold)


def _gone(whole: _Whole, side: Sequence[str], other: Sequence[str], answer: Sequence[str]) -> list[str]:
    """Lines that a side wrote and the result has not, nor the answer their words in another form."""
    had, words, theirs = set(answer), _words(answer), _bare(other)
    return [
        line
        for line in _missing(side, answer, whole.elsewhere)
        if line not in had
        and line.strip() not in whole.bare
        and line.strip() not in theirs
        and any(n > words[word] for word, n in _words([line]).items())
    ]


def _bare(lines: Iterable[str]) -> Counter[str]:
    """The lines that say something, whatever their indentation: a line that a side took out may stand in a block of the
    other's now."""
    return Counter(line.strip() for line in lines if line.strip())


def _keeps(
    whole: _Whole, name: Side, side: Sequence[str], other: Sequence[str], answer: Sequence[str]
) -> bool:
    """Whether the answer is one side, has of its own lines or words, or is without the lines that it took out: of those
    that the merge base had, its file has them no longer. A side that says nothing has nothing to lose where the other
    one only adds."""
    told, others, had = map(_bare, (side, other, answer))
    cut = {line for line in others - told if whole.gone[name][line]}
    # The other side's own text may have such a line too, as any block has an `end`: then there are fewer of it.
    without = any(not had[line] for line in cut) and all(had[line] < others[line] for line in cut)
    if tuple(answer) == side or bool((told - others) & had) or without or _in_words(side, other, answer):
        return True
    # A side that says nothing took the merge base's lines away from here, though it may have moved them elsewhere.
    taken = {line for line in others if whole.bare[line]}
    moved = bool(taken) and not any(had[line] for line in taken)
    return not told and (moved or whole.adds(other_side(name), other))


def _in_words(side: Sequence[str], other: Sequence[str], answer: Sequence[str]) -> bool:
    """Whether the answer has every word that one side has and the other has not: it may join both in one line."""
    own = _words(side) - _words(other)
    there, had = _words(answer), _words(side)
    return bool(own) and all(there[word] >= had[word] for word in own)


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in re.findall(r"\w+", line))
