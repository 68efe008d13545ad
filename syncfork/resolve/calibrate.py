"""Which resolvers may answer on a fork: those that would have been right in its past merges.

A resolver is not trusted as a whole. What it proposes is of some sort, in a file of some kind: each of these classes
is counted, and switched on by itself, where it was right in so many merges in a row, up to the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork import __version__
from syncfork.resolve.base import Answer, Disputed, Source
from syncfork.resolve.past import outcomes
from syncfork.resolve.registry import resolvers
from syncfork.resolve.resolver import Resolver
from syncfork.resolve.table import Row, Table

# A path of a past merge: the merge, its day, what was in conflict, what people committed (None: no such file).
Past = tuple[str, date, Disputed, str | None]
# So many cases a class needs besides the merges: one clash in each of some merges is little to go by.
_CASES = 5
# In a narrower scope the share of right cases is told where it differs by so much from that of all cases.
_OTHERWISE = 0.25
# Each merge in which a class was ever wrong makes it prove itself in so many more.
_AGAIN = 2
# So many wrong cases of a class are told, the latest.
_TOLD = 5


class _Count(Struct):
    """The cases of one class; merges in the order of time, each with whether the class was right all through."""

    resolver: Resolver
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    since: int = 0  # cases since the last wrong one
    merges: dict[str, bool] = field(default_factory=dict)
    last: date = date.min

    def add(self, merge: str, day: date, path: str, right: bool) -> None:
        self.right += right
        self.since = self.since + 1 if right else 0
        self.merges[merge] = right and self.merges.get(merge, True)
        self.last = max(self.last, day)
        if not right:
            self.wrong.append(f"{merge} {path}")


def calibrate(past: Iterable[Past], head: str, measured: date) -> Table:
    """Ask every resolver about the paths of past merges, oldest merge first, and count what was right.

    A clash counts by what people made of it, where the text they committed tells (`outcomes`); where they edited
    its surroundings as well it is no evidence either way. `head` is the fork's commit, `measured` today.
    """
    known = tuple(resolvers().values())
    counts: dict[tuple[str, str], _Count] = {}
    merges: dict[str, None] = {}
    for merge, day, file, committed in past:
        merges[merge] = None
        scopes = scopes_of(file.path)
        for resolver, answer, right in judged(file, committed, known):
            for scope in scopes:
                key = answer.by, scope
                counts.setdefault(key, _Count(resolver)).add(merge, day, file.path, right)
    rows = (_row(by, scope, count) for (by, scope), count in sorted(counts.items(), key=_widest_first))
    kept = tuple(_worth_telling(tuple(rows)))
    return Table(measured=measured, head=head, syncfork=__version__, merges=len(merges), rows=kept)


def _widest_first(item: tuple[tuple[str, str], _Count]) -> tuple[str, bool, str]:
    (by, scope), _ = item
    return by, not scope.startswith("*"), scope


def _worth_telling(rows: Sequence[Row]) -> Iterator[Row]:
    """What was counted everywhere, what may answer where the next wider scope that is told may not, and where a class
    does quite otherwise than in the next wider one: a habit of a file or a folder, which is no proof but a suggestion.
    What may answer, as a wider scope tells already, is not told, but held against. A class's widest scopes come first."""
    told: dict[tuple[str, str], Row] = {}
    known: dict[tuple[str, str], Row] = {}
    # A folder's scope decides before a file's ending: what is off for one says that the folder has to be told.
    off_for_ending: set[str] = set()
    for row in rows:
        around = [(row.by, scope) for scope in scopes_of(row.scope)[:-1]]
        nearest = next((known[key] for key in reversed(around) if key in known), None)
        decides = next((told[key] for key in reversed(around) if key in told), None)
        doubted = row.scope.endswith("/") and row.by in off_for_ending
        earned = row.on and (doubted or not (decides and decides.on))
        habit = nearest and row.cases >= _CASES and abs(_share(row) - _share(nearest)) >= _OTHERWISE
        if row.scope == "*" or row.on or habit:
            known[row.by, row.scope] = row
        if row.scope == "*" or earned or habit:
            told[row.by, row.scope] = row
            if row.scope.startswith("*.") and not row.on:
                off_for_ending.add(row.by)
            # The widest scope tells what went wrong; a habit need not tell it again.
            yield row if row.on or row.scope == "*" else replace(row, wrong=())


def _share(row: Row) -> float:
    return row.right / row.cases


def judged(
    file: Disputed, committed: str | None, known: Iterable[Resolver]
) -> Iterator[tuple[Resolver, Answer, bool]]:
    """Every answer of the resolvers `known` of which the committed text tells whether it was right."""
    made = outcomes(file, committed) if committed is not None else (None,) * len(file.clashes)
    for resolver in known:
        yield from ((resolver, answer, answer.text == committed) for answer in resolver.answers(file, None))
        for number, outcome in enumerate(made):
            if outcome is not None:
                for answer in resolver.answers(file, number):
                    yield resolver, answer, answer.text == outcome


def scopes_of(path: str) -> tuple[str, ...]:
    """Where a case counts, the widest first: everywhere, the file's ending, each folder that holds it, its path."""
    parts = path.split("/")
    _, dot, ending = parts[-1].rpartition(".")
    folders = ("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
    # A path that cannot be written down has no scope of its own.
    named = (*folders, path) if path.isprintable() else ()
    return ("*", *((f"*.{ending}",) if dot and ending.isalnum() else ()), *named)


def _row(by: str, scope: str, count: _Count) -> Row:
    run = 0
    for right in reversed(count.merges.values()):
        if not right:
            break
        run += 1
    bad = sum(not right for right in count.merges.values())
    needed = count.resolver.needs(by).merges + _AGAIN * bad
    proven = run >= needed and count.since >= _CASES
    on = proven and count.resolver.may_be_on(by, scope)
    if proven:
        why = f"right in the last {run} merges with such a conflict"
        why += "" if on else "; it may answer in a narrower scope only"
    elif run >= needed:
        why = f"right in {count.since} of the {_CASES} cases in a row that it takes"
    elif bad and needed - run > len(count.merges):
        why = f"wrong in {bad} of {len(count.merges)} merges"
    else:
        why = f"right in {run} of the {needed} merges in a row that it takes"
    cases = count.right + len(count.wrong)
    wrong = tuple(count.wrong[: -_TOLD - 1 : -1])
    return Row(
        by=by,
        scope=scope,
        cases=cases,
        right=count.right,
        run=run,
        last=count.last,
        on=on,
        why=why,
        wrong=wrong,
    )


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
    sort = answer.by.partition(": ")[2]
    where = "on this fork" if row.scope == "*" else f"on this fork in {row.scope}"
    why = f"{sort}: right in {row.right} of {row.cases} past cases {where}"
    return Answer(answer.text, f"resolver {resolver.name}", why)


def enabled(table: Table, day: date) -> tuple[Source, ...]:
    """What `table` lets answer on `day`: the resolvers, each in the classes that are on and whose last case is not too
    long ago, as one source that is silent where they differ. Empty where there is none, or where another version of
    syncfork counted."""
    told = [replace(row, on=row.on and table.holds(row, day)) for row in table.rows]
    names = {row.by.partition(": ")[0] for row in told if row.on}
    if not names or table.outdated:
        return ()
    rows = {(row.by, row.scope): row for row in told}
    known = tuple(resolver for name, resolver in resolvers().items() if name in names)
    return (_Earned(known, rows),) if known else ()
