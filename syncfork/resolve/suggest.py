"""What may be the answer to a conflict, each with what speaks for it: for a person, who decides. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from syncfork.resolve.base import Clash, Disputed, Source, breaks, breaks_at
from syncfork.resolve.likely import usual
from syncfork.resolve.registry import resolvers
from syncfork.resolve.scopes import scopes_of
from syncfork.resolve.table import Row, Table

# More are not read.
_MOST = 9
# How many cases of the wider scope are counted into those of one.
_COUNTED_IN = 4

# What is less likely right than this is not worth reading: on three public forks no path would have come out right by it.
_WORTH_READING = 0.2
# From here on something is likelier right than wrong. Without this, 10 of 144 right suggestions were lost on one public fork.
_LIKELY = 0.5


class Suggestion(Struct, frozen=True):
    """A text (None: the path goes), `by` whom, `why` in a sentence, and how often that was right on this fork, where
    it was counted. `others` say the same; `doubt` is what speaks against it, whoever says so. `whole` is true where it is
    that of a file, in place of all of its conflicts."""

    text: str | None
    by: str
    why: str
    evidence: str = ""
    others: tuple[str, ...] = ()
    doubt: str = ""
    whole: bool = False


class _Ranked(Struct, frozen=True):
    """A suggestion with how much it weighs: what people decided before what was counted, that before the rest.
    `borne_out` is true where it was right on this fork; where nothing was counted here, likelier right than wrong on
    public ones."""

    weight: tuple[int, float, int]
    suggestion: Suggestion
    borne_out: bool = True

    @property
    def odds(self) -> float:
        """How likely it is right, from 0 to 1."""
        return self.weight[1]


def suggestions(
    file: Disputed,
    number: int | None,
    remembered: Sequence[tuple[Source, str]],
    table: Table | None = None,
) -> tuple[Suggestion, ...]:
    """What is known about clash `number` of a file, or (None) about the path as a whole: from `remembered`
    resolutions (each with what is to be said about it), and from every resolver, switched on or not. The best borne
    out first; each text once, a side's own only where something speaks for it, and none with which the file does not
    parse."""
    by_text: dict[str | None, list[_Ranked]] = {}
    for item in _ranked(file, number, remembered, table):
        by_text.setdefault(item.suggestion.text, []).append(item)
    found = (_together([item.suggestion for item in same]) for same in by_text.values())
    return tuple(islice((item for item in found if not _is_broken(file, number, item.text)), _MOST))


def _is_broken(file: Disputed, number: int | None, text: str | None) -> bool:
    return breaks(file, text) if number is None else breaks_at(file, number, text)


def of_a_side(
    file: Disputed, remembered: Sequence[tuple[Source, str]], table: Table | None = None
) -> Suggestion | None:
    """A side's whole file in place of its conflicts, where that is likelier right than wrong, and likelier than what is
    suggested first is in every single one of them; None where it is not."""
    sides = [item for item in _ranked(file, None, remembered, table) if item.suggestion.text in _texts(file)]
    if not sides or not file.clashes:
        return None
    firsts = (next(iter(_ranked(file, n, remembered, table)), None) for n in range(len(file.clashes)))
    odds = math.prod(item.odds if item else 0.0 for item in firsts)
    return replace(sides[0].suggestion, whole=True) if sides[0].odds > max(odds, _LIKELY) else None


def _ranked(
    file: Disputed, number: int | None, remembered: Sequence[tuple[Source, str]], table: Table | None
) -> list[_Ranked]:
    known = _texts(file) if number is None else _sides(file.clashes[number])
    proposed = (
        item for item in _proposed(file, number, table) if item.borne_out or item.suggestion.text not in known
    )
    worth = (item for item in proposed if item.odds >= _WORTH_READING)
    found = [*_remembered(file, number, remembered), *worth]
    return sorted(found, key=lambda item: item.weight, reverse=True)


def _texts(file: Disputed) -> tuple[str | None, str | None]:
    return file.ours, file.theirs


def _sides(clash: Clash) -> tuple[str, str]:
    return clash.ours, clash.theirs


def _together(same: Sequence[Suggestion]) -> Suggestion:
    first = same[0]
    others = tuple(dict.fromkeys(item.by for item in same if item.by != first.by))
    doubt = next((item.doubt for item in same if item.doubt), "")
    return Suggestion(first.text, first.by, first.why, first.evidence, others, doubt)


def _remembered(
    file: Disputed, number: int | None, sources: Iterable[tuple[Source, str]]
) -> Iterator[_Ranked]:
    for source, said in sources:
        answer = source.whole(file) if number is None else source.clash(file, number)
        if answer:
            yield _Ranked((2, 1.0, 0), Suggestion(answer.text, answer.by, answer.why, said))


def _proposed(file: Disputed, number: int | None, table: Table | None) -> Iterator[_Ranked]:
    rows = {(row.by, row.scope): row for row in table.rows} if table and not table.outdated else {}
    for resolver in resolvers().values():
        answers = [*resolver.answers(file, number)]
        # Of what one resolver says, that of which nothing was counted here is borne out where it is the likeliest.
        likeliest = max([_LIKELY, *(usual(answer.by) for answer in answers)])
        for answer in answers:
            expected = usual(answer.by)
            found = [row for scope in scopes_of(file.path) if (row := rows.get((answer.by, scope)))]
            # Where it may answer alone, the widest such scope; else the narrowest that was counted.
            row = next((row for row in found if row.on), found[-1] if found else None)
            # A resolver's reason speaks of forks on which it may answer; a doubt is one everywhere.
            why = answer.why if row is None or row.on else ""
            made = Suggestion(answer.text, answer.by, why, _told(row) if row else "", doubt=answer.doubt)
            odds = _odds(found, expected)
            weight = (1 if row and row.on else 0, odds, row.cases if row else 0)
            borne_out = any(row.right for row in found) if found else _LIKELY < expected == likeliest
            yield _Ranked(weight, made, borne_out)


def _odds(found: Sequence[Row], prior: float) -> float:
    """How likely a class is right, by what was counted from the widest scope to the narrowest. Into each some cases of
    the wider one are counted, as often right: a class that was right in two of two cases is not borne out better
    than one that was in 90 of 100."""
    odds = prior
    for row in found:
        odds = (row.right + _COUNTED_IN * odds) / (row.cases + _COUNTED_IN)
    return odds


def _told(row: Row) -> str:
    where = "on this fork" if row.scope == "*" else f"on this fork in {row.scope}"
    return f"right in {row.right} of {row.cases} past cases {where}"
