"""Which resolvers may answer on a fork: those that would have been right in its past merges.

A resolver is not trusted as a whole. What it proposes is of some sort, in a file of some kind: each of these classes
is counted, and switched on by itself. A class about a path as a whole is a decision of the fork's: it has to have been
right in so many merges in a row, not long ago. One about lines has to be likely right (`likely`), whenever it was met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import takewhile
from math import floor

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork import __version__
from syncfork.resolve.base import Answer, Disputed, Source
from syncfork.resolve.likely import SURE, likely, usual
from syncfork.resolve.past import came_of, outcomes
from syncfork.resolve.registry import resolvers
from syncfork.resolve.resolver import Resolver, parts_of
from syncfork.resolve.scopes import EVERYWHERE, is_path, scopes_of
from syncfork.resolve.table import FORM, Row, Table

# A path of a past merge: the merge, its day, what was in conflict, what people committed (None: no such file).
Past = tuple[str, date, Disputed, str | None]
# So many cases a class needs, and so many merges with some: one clash in each of some merges is little to go by.
_CASES, _MERGES = 5, 4
# A class about lines needs such a share of right merges in each scope around, whatever is usual on other forks.
_AROUND = 0.7
# In a narrower scope the share of right cases is told where it differs by so much from that of all cases.
_OTHERWISE = 0.25
# Each merge in which a class about paths was ever wrong makes it prove itself in so many more.
_AGAIN = 2
# So many wrong cases of a class are told, the latest.
_TOLD = 5
_NARROWER = "; it may answer in a narrower scope only"


class Case(Struct, frozen=True):
    """A past answer of a resolver's, about a path as a whole (`path`) or a clash: whether it was `right`, and whether nothing
    else was changed in the file, so that one who took it had nothing left to do (`enough`)."""

    resolver: Resolver
    answer: Answer
    path: bool
    right: bool
    enough: bool


class _Count(Struct):
    """The cases of one class; merges in the order of time, each with whether all of its cases were right and enough.
    `path` is true for a class about paths as a whole."""

    resolver: Resolver
    path: bool
    cases: int = 0
    right: int = 0
    since: int = 0  # cases since the last that was not right and enough
    merges: dict[str, bool] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    last: date = date.min

    def add(self, merge: str, day: date, path: str, case: Case) -> None:
        good = case.right and case.enough
        self.cases += 1
        self.right += case.right
        self.since = self.since + 1 if good else 0
        self.merges[merge] = good and self.merges.get(merge, True)
        self.last = max(self.last, day)
        if not good:
            self.wrong.append(f"{merge} {path}")

    @property
    def bad(self) -> int:
        """How many merges had a case that was not right and enough."""
        return sum(not good for good in self.merges.values())

    @property
    def good(self) -> int:
        return len(self.merges) - self.bad

    @property
    def run(self) -> int:
        """How many merges there were since the last such one."""
        return sum(1 for _ in takewhile(bool, reversed(self.merges.values())))


def calibrate(past: Iterable[Past], head: str, measured: date) -> Table:
    """Ask every resolver about the paths of past merges, oldest merge first, and count what was right.

    A clash counts by what people made of it, where the text they committed tells (`outcomes`); where they edited
    its surroundings as well it is no evidence either way. Where they changed something else in the file, no answer was
    enough: it would have kept them from looking. `head` is the fork's commit, `measured` today.
    """
    known = tuple(resolvers().values())
    counts: dict[tuple[str, str], _Count] = {}
    merges: dict[str, None] = {}
    for merge, day, file, committed in past:
        merges[merge] = None
        scopes = scopes_of(file.path)
        for case in judged(file, committed, known):
            for scope in scopes:
                count = counts.setdefault((case.answer.by, scope), _Count(case.resolver, case.path))
                count.add(merge, day, file.path, case)
    rows = (_row(counts, by, scope) for by, scope in sorted(counts, key=_widest_first))
    kept = tuple(_worth_telling(tuple(rows)))
    return Table(measured=measured, head=head, syncfork=__version__, merges=len(merges), rows=kept, form=FORM)


def _widest_first(key: tuple[str, str]) -> tuple[str, int, str]:
    by, scope = key
    return by, len(scopes_of(scope)), scope


def _worth_telling(rows: Sequence[Row]) -> Iterator[Row]:
    """What was counted everywhere, what may answer (or not) other than the next wider scope that is told, and where a class
    does quite otherwise than in the next wider one: a habit of a file or a folder, which is no proof but a suggestion.
    A class's widest scopes come first."""
    told: dict[tuple[str, str], Row] = {}
    known: dict[tuple[str, str], Row] = {}
    for row in rows:
        around = [(row.by, scope) for scope in reversed(scopes_of(row.scope)[:-1])]
        nearest = next((known[key] for key in around if key in known), None)
        decides = next((told[key] for key in around if key in told), None)
        on_around = bool(decides and decides.on)
        # Of a path, what is off in a narrower scope has but been met there too seldom.
        otherwise = row.on and not on_around if row.path else row.on != on_around
        habit = nearest and row.cases >= _CASES and abs(_share(row) - _share(nearest)) >= _OTHERWISE
        if row.scope == EVERYWHERE or row.on or habit:
            known[row.by, row.scope] = row
        if row.scope == EVERYWHERE or otherwise or habit:
            told[row.by, row.scope] = row
            # The widest scope tells what went wrong; a habit need not tell it again.
            yield row if row.on or row.scope == EVERYWHERE else replace(row, wrong=())


def _share(row: Row) -> float:
    return row.right / row.cases


def judged(file: Disputed, committed: str | None, known: Iterable[Resolver]) -> Iterator[Case]:
    """Every answer of the resolvers `known` of which the committed text tells whether it was right."""
    made = outcomes(file, committed) if committed is not None else (None,) * len(file.clashes)
    alone = came_of(file, made) == committed
    for resolver in known:
        for answer in resolver.answers(file, None):
            yield Case(resolver, answer, path=True, right=answer.text == committed, enough=True)
        for number, outcome in enumerate(made):
            if outcome is not None:
                for answer in resolver.answers(file, number):
                    yield Case(resolver, answer, path=False, right=answer.text == outcome, enough=alone)


def _row(counts: Mapping[tuple[str, str], _Count], by: str, scope: str) -> Row:
    count = counts[by, scope]
    nested = [found for around in scopes_of(scope) if (found := counts.get((by, around)))]
    odds = likely([(each.good, each.bad) for each in nested], usual(by))
    on, why = _of_path(count, by, scope) if count.path else _of_lines(nested, scope, odds)
    return Row(
        by=by,
        scope=scope,
        cases=count.cases,
        right=count.right,
        run=count.run,
        last=count.last,
        path=count.path,
        on=on,
        why=why,
        wrong=tuple(count.wrong[: -_TOLD - 1 : -1]),
    )


def _of_path(count: _Count, by: str, scope: str) -> tuple[bool, str]:
    """Whether a class about paths may answer, and why."""
    needed = count.resolver.needs(by).merges + _AGAIN * count.bad
    if count.run >= needed and count.since >= _CASES:
        on = count.resolver.may_be_on(by, scope)
        return on, f"right in the last {count.run} merges with such a conflict{'' if on else _NARROWER}"
    if count.run >= needed:
        return False, f"right in {count.since} of the {_CASES} cases in a row that it takes"
    if count.bad and needed - count.run > len(count.merges):
        return False, f"wrong in {count.bad} of {len(count.merges)} merges"
    return False, f"right in {count.run} of the {needed} merges in a row that it takes"


def _of_lines(nested: Sequence[_Count], scope: str, odds: float) -> tuple[bool, str]:
    """Whether a class about lines may answer, and why; `nested` are its cases in the scopes around and, last, in this."""
    told = f"likely right: {floor(odds * 100)} %"
    # What was right in files of another kind says how likely it is here, and is no case of it.
    like = nested[1:] or nested
    since, merges = max(each.since for each in like), max(len(each.merges) for each in like)
    if odds < SURE:
        return False, f"{told}, and it takes {floor(SURE * 100)} %"
    if nested[-1].bad:
        failed = f"{nested[-1].bad} of {len(nested[-1].merges)} merges"
        return False, f"{told}, but in {failed} it was wrong, or people changed more in the file"
    if since < _CASES or merges < _MERGES:
        return (
            False,
            f"{told}, but met in too few cases: it takes {_CASES} right in a row, and {_MERGES} merges",
        )
    if poor := next((each for each in nested[1:] if each.good < _AROUND * len(each.merges)), None):
        share = f"{poor.good} of {len(poor.merges)} merges"
        return False, f"{told}, but right in {share} around it, and it takes {floor(_AROUND * 100)} %"
    return (True, told) if _is_narrow(scope) else (False, f"{told}{_NARROWER}")


def _is_narrow(scope: str) -> bool:
    """Whether a scope is a folder or a path: what was right in all files of an ending says too little of a folder in which
    the class was never met."""
    return "/" in scope or is_path(scope)


class _Earned(Struct, frozen=True):
    """The resolvers in those classes that are on; silent where two of them say different things. `rows` are the
    table's, those that are off as well."""

    known: tuple[Resolver, ...]
    rows: Mapping[tuple[str, str], Row]

    def whole(self, file: Disputed) -> Answer | None:
        return self._agreed(file, None)

    def clash(self, file: Disputed, number: int) -> Answer | None:
        return self._agreed(file, number)

    def _agreed(self, file: Disputed, number: int | None) -> Answer | None:
        scopes = scopes_of(file.path)
        found: list[tuple[int, Answer]] = []
        for resolver in self.known:
            for answer in resolver.answers(file, number):
                told = [row for scope in scopes if (row := self.rows.get((answer.by, scope)))]
                # The narrowest one decides: a class that is on for an ending may be off for a folder or a file.
                if told and told[-1].on:
                    row = max((row for row in told if row.on), key=lambda row: row.cases)
                    found.append((row.cases, _told(resolver, answer, row)))
        if len({answer.text for _, answer in found}) != 1:
            return None
        return max(found, key=lambda pair: pair[0])[1]


def _told(resolver: Resolver, answer: Answer, row: Row) -> Answer:
    _, sort = parts_of(answer.by)
    where = "on this fork" if row.scope == "*" else f"on this fork in {row.scope}"
    why = f"{sort}: right in {row.right} of {row.cases} past cases {where}"
    return Answer(answer.text, f"resolver {resolver.name}", why)


def enabled(table: Table, day: date) -> tuple[Source, ...]:
    """What `table` lets answer on `day`: the resolvers, each in the classes that are on and whose last case is not too
    long ago, as one source that is silent where they differ. Empty where there is none, or where another version of
    syncfork counted."""
    told = [replace(row, on=row.on and table.holds(row, day)) for row in table.rows]
    names = {parts_of(row.by)[0] for row in told if row.on}
    if not names or table.outdated:
        return ()
    rows = {(row.by, row.scope): row for row in told}
    known = tuple(resolver for name, resolver in resolvers().items() if name in names)
    return (_Earned(known, rows),) if known else ()
