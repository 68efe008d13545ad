"""A text as the pieces that a three-way merge puts it together from, and what another text changes in them. Pure.

The merge is git's own (xdiff's xmerge.c): changes of the two sides that leave a line of the merge base between
them are both taken; those that touch are one if they come to the same, and clash otherwise.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from syncfork.git.patches import Edit

# same: as both sides have it. A clash is for somebody to decide.
Owner = Literal["same", "ours", "theirs", "clash"]


class Piece(Struct, frozen=True):
    """Consecutive lines, line ends included: the merged ones, those they took the place of, and for a clash ours and
    theirs."""

    owner: Owner
    lines: tuple[str, ...]
    before: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()


class Departure(Struct, frozen=True):
    """Where a text departs from the pieces: from line `first` of it (from 0) on; what it lacks and
    has instead; whose changes it touches, and whether it takes anything of them away."""

    first: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    owners: frozenset[Owner]
    drops: frozenset[Owner] = frozenset()

    @property
    def patch(self) -> list[str]:
        """What was there and what is there now, line by line as in a patch."""
        lines = (*(f"-{line}" for line in self.removed), *(f"+{line}" for line in self.added))
        return [line.rstrip("\r\n") for line in lines]

    @property
    def text(self) -> str:
        """As in a patch, cut short."""
        return "\n".join(self.patch[:12])[:500]


def combined(
    base: Sequence[str],
    ours: tuple[Sequence[str], Sequence[Edit]],
    theirs: tuple[Sequence[str], Sequence[Edit]],
) -> list[Piece]:
    """The merge of two texts, each given with the edits that lead to it from `base`. Clashes are as wide as the
    changes that touch."""
    pieces: list[Piece] = []
    at = 0
    for start, end, mine, other in _clusters(ours[1], theirs[1]):
        pieces += _same(base[at:start])
        before = tuple(base[start:end])
        one, two = (
            _applied(base, start, end, side[0], edits) for side, edits in ((ours, mine), (theirs, other))
        )
        if not mine or not other:
            pieces.append(Piece("ours" if mine else "theirs", one if mine else two, before))
        elif one == two:
            pieces.append(Piece("same", one, before))
        else:
            pieces.append(Piece("clash", one, before, two))
        at = end
    return [*pieces, *_same(base[at:])]


def _clusters(
    ours: Sequence[Edit], theirs: Sequence[Edit]
) -> Iterator[tuple[int, int, list[Edit], list[Edit]]]:
    """Ranges of the base, each with the edits of both sides in it; no line of the base is between those."""
    left, right = deque(ours), deque(theirs)
    while left or right:
        start = min(edits[0].start for edits in (left, right) if edits)
        end, taken = start, ([], [])  # type: int, tuple[list[Edit], list[Edit]]
        grown = True
        while grown:
            grown = False
            for edits, into in ((left, taken[0]), (right, taken[1])):
                while edits and edits[0].start <= end:
                    into.append(edits.popleft())
                    end, grown = max(end, into[-1].end), True
        yield start, end, *taken


def _applied(
    base: Sequence[str], start: int, end: int, new: Sequence[str], edits: Sequence[Edit]
) -> tuple[str, ...]:
    lines: list[str] = []
    for edit in edits:
        lines += [*base[start : edit.start], *new[edit.first : edit.last]]
        start = edit.end
    return (*lines, *base[start:end])


def _same(lines: Sequence[str]) -> list[Piece]:
    return [Piece("same", tuple(lines), tuple(lines))] if lines else []


# Clashes that so few common lines keep apart are one.
_APART = 3


def narrowed(pieces: Iterable[Piece], edits: Iterator[Sequence[Edit]]) -> list[Piece]:
    """The pieces with every clash cut down to where its sides differ; `edits` has for each in turn what leads from
    ours to theirs."""
    found: list[Piece] = []
    for piece in pieces:
        for part in _cut(piece, next(edits)) if piece.owner == "clash" else (piece,):
            near = len(found) > 1 and found[-1].owner == "same" and len(found[-1].lines) <= _APART
            if part.owner == "clash" and near and found[-2].owner == "clash":
                found[-2:] = [_joined(found[-2], found[-1], part)]
            elif found and found[-1].owner == part.owner == "same":
                found[-1:] = _same((*found[-1].lines, *part.lines))
            else:
                found.append(part)
    return found


def _cut(clash: Piece, edits: Sequence[Edit]) -> Iterator[Piece]:
    at = 0
    for edit in edits:
        yield from _same(clash.lines[at : edit.start])
        ours, theirs = clash.lines[edit.start : edit.end], clash.theirs[edit.first : edit.last]
        yield Piece("clash", ours, clash.before, theirs)
        at = edit.end
    yield from _same(clash.lines[at:])


def _joined(one: Piece, between: Piece, other: Piece) -> Piece:
    same = between.lines
    before = one.before if one.before == other.before else (*one.before, *same, *other.before)
    return Piece("clash", (*one.lines, *same, *other.lines), before, (*one.theirs, *same, *other.theirs))


# What stands around and between a clash's sides: no line of a text has a NUL before such a sign.
_OPEN, _BETWEEN, _CLOSE = "\0<\n", "\0=\n", "\0>\n"


def laid_out(pieces: Iterable[Piece]) -> list[str]:
    """The merged lines; in a clash both sides', between markers."""
    return [line for piece in pieces for line in _lines(piece)]


def _lines(piece: Piece) -> tuple[str, ...]:
    if piece.owner != "clash":
        return piece.lines
    return (_OPEN, *piece.lines, _BETWEEN, *piece.theirs, _CLOSE)


def departures(
    pieces: Sequence[Piece],
    text: Sequence[str],
    edits: Sequence[Edit],
    stands: Callable[[Piece, Sequence[str]], bool] = lambda _, __: False,
) -> list[Departure]:
    """What `edits`, which lead from the pieces as laid out to `text`, change outside the clashes. `stands` tells of a change,
    and of what is in its place, whether nothing of it is gone all the same.

    What touches a clash is its resolution; only lines that are gone from beyond it count, and of those not the blank
    ones, nor such as stand in the clash's place: which of two like lines it is that is gone, no difference can tell.
    """
    spans, layout = _spans(pieces), laid_out(pieces)
    ends = [span.end for span in spans]
    found = []
    for edit in edits:
        touched = []
        at = bisect_left(ends, edit.start)
        while at < len(spans) and spans[at].start <= edit.end:
            touched.append(spans[at])
            at += 1
        clashes = [span for span in touched if span.piece.owner == "clash"]
        beyond = [n for n in range(edit.start, edit.end) if not any(n in span for span in clashes)]
        if clashes:
            there = Counter(line for span in clashes for line in _outcome(span, text, edits))
            beyond = [n for n in beyond if not taken(there, layout[n])]
            if not any(layout[n].strip() for n in beyond):
                continue
        added = () if clashes else tuple(text[edit.first : edit.last])
        changed = [span for span in touched if span.piece.owner in ("ours", "theirs") and _meets(span, edit)]
        dropped = [
            span
            for span in changed
            if (any(n in span for n in beyond) or _taken_back(span.piece, added))
            and not (len(changed) == 1 and stands(span.piece, _outcome(span, text, edits)))
        ]
        removed = tuple(layout[n] for n in beyond)
        owners, drops = (frozenset(span.piece.owner for span in spans) for spans in (changed, dropped))
        found.append(Departure(edit.first, removed, added, owners, drops))
    return found


def taken(lines: Counter[str], line: str) -> bool:
    """Whether a line is among `lines`, from which it is taken."""
    lines[line] -= 1
    return lines[line] >= 0


def _meets(span: _Span, edit: Edit) -> bool:
    """Whether an edit that touches a change is in it, and not merely next to it."""
    return (
        span.start == span.end or edit.start == edit.end or (span.start < edit.end and edit.start < span.end)
    )


def _taken_back(piece: Piece, added: Sequence[str]) -> bool:
    """Whether lines that a change took out are there again."""
    return any(line.strip() and line in piece.before and line not in piece.lines for line in added)


class _Span(Struct, frozen=True):
    """Where a piece stands in the lines as laid out."""

    start: int
    end: int
    piece: Piece

    def __contains__(self, line: int) -> bool:
        return self.start <= line < self.end


def _spans(pieces: Sequence[Piece]) -> list[_Span]:
    spans = []
    at = 0
    for piece in pieces:
        end = at + len(_lines(piece))
        spans.append(_Span(at, end, piece))
        at = end
    return spans


def outcomes(
    pieces: Sequence[Piece], text: Sequence[str], edits: Sequence[Edit]
) -> list[tuple[Piece, int, tuple[str, ...]]]:
    """What stands in `text` in the place of each clash, and at which line (from 0) it begins."""
    found = []
    for span in _spans(pieces):
        if span.piece.owner == "clash":
            first = _place(edits, span.start, after=False)
            found.append((span.piece, first, _outcome(span, text, edits)))
    return found


def _outcome(span: _Span, text: Sequence[str], edits: Sequence[Edit]) -> tuple[str, ...]:
    """What stands in `text` in the place of a span."""
    return tuple(text[_place(edits, span.start, after=False) : _place(edits, span.end, after=True)])


def _place(edits: Sequence[Edit], at: int, *, after: bool) -> int:
    """Where in the new text what stands before line `at` of the old one ends; `after` counts what is put in there."""
    shift = 0
    for edit in edits:
        if edit.end < at or (edit.end == at and after):
            shift = edit.last - edit.end
        elif edit.start < at:
            return edit.last if after else edit.first
    return at + shift
