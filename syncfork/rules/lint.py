"""What is wrong with a set of rules as such, whatever upstream does next. Pure; knows texts, not git."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, permutations

from msgspec import Struct, field

from syncfork.errors import CannotReadError
from syncfork.globs import Globs
from syncfork.hold.made_from import MadeFromHold
from syncfork.hold.relate import RelateHold
from syncfork.hold.watch import WatchHold
from syncfork.own.derived import Derived
from syncfork.own.derived_folder import DerivedFolder
from syncfork.rewrite.base import Fork, Problem
from syncfork.rewrite.reformat import made_ready
from syncfork.rules.model import Rule
from syncfork.rules.spans import edited_spans, overlap
from syncfork.selectors.base import Selector
from syncfork.text import Document
from syncfork.words import listed


class Remark(Struct, frozen=True):
    """Something to mend in a rule file: what it is, and what to do."""

    source: str
    rule: str
    problem: str
    advice: str


class View(Struct, frozen=True):
    """A tree that rules are held against: all its paths, the texts of those that rules govern, and the day of its
    commit, None where that is of no account."""

    name: str
    paths: frozenset[str]
    documents: Mapping[str, Document] = field(default_factory=dict)
    day: date | None = None


def lint(rules: Sequence[Rule], fork: View | None, upstream: View | None, today: date) -> list[Remark]:
    """Everything worth mending, in the order of the rules. Without trees, what the files alone tell."""
    views = [view for view in (fork, upstream) if view]
    day = upstream.day if upstream else None
    remarks = [*_uncovered(rules), *_overdue(rules, day, today), *_repeated(rules)]
    if views:
        remarks += [
            *_idle(rules, views),
            *_sourceless(rules, views),
            *_never_made(rules, views, fork, upstream),
            *_blind(rules, views[-1]),
            *_owned_twice(rules, views),
        ]
    if fork:
        remarks += [*_stuck(rules, views, fork), *_overlapping(rules, views, fork)]
    order = {rule.id: number for number, rule in enumerate(rules)}
    return sorted(remarks, key=lambda remark: order[remark.rule])


def can_have_cases(rule: Rule) -> bool:
    """True where an example of one file can show what the rule does."""
    return bool(rule.steps) or any(
        not isinstance(hold, RelateHold | WatchHold | MadeFromHold) for hold in rule.holds
    )


def _uncovered(rules: Iterable[Rule]) -> Iterator[Remark]:
    for rule in rules:
        if can_have_cases(rule) and not rule.cases:
            advice = "add `cases:`, at least one text that it changes and one that it leaves alone"
            yield Remark(rule.source, rule.id, "it has no cases: nothing shows that it works", advice)


def _overdue(rules: Iterable[Rule], upstream: date | None, today: date) -> Iterator[Remark]:
    """Rules whose review is over: as a merge does, a learned one is held against the day of `upstream`'s commit."""
    for rule in rules:
        day = upstream or today if rule.learned else today
        if rule.review and rule.review < day:
            problem = f"it wanted to be reviewed by {rule.review}"
            if rule.learned:
                later = (
                    f"upstream's commit, which is of {upstream}" if upstream else "an upstream of a later day"
                )
                problem += f"; it was learned, and is not applied to {later}"
            yield Remark(rule.source, rule.id, problem, "see that it is still wanted, then move `review`")


def _repeated(rules: Sequence[Rule]) -> Iterator[Remark]:
    first: dict[str, Rule] = {}
    for rule in rules:
        before = first.setdefault(rule.why.casefold(), rule)
        if before is not rule:
            problem = f"`why` is word for word that of {before.id}"
            yield Remark(rule.source, rule.id, problem, "say what is particular to it, or make them one rule")


def _idle(rules: Iterable[Rule], views: Sequence[View]) -> Iterator[Remark]:
    where = " nor ".join(view.name for view in views)
    paths = _all_paths(views)
    for rule in rules:
        if not rule.files.among(paths):
            problem = f"no file of {where} matches {rule.files}"
            yield Remark(rule.source, rule.id, problem, "correct `files`, or delete the rule")


def _sourceless(rules: Iterable[Rule], views: Sequence[View]) -> Iterator[Remark]:
    """Rules whose files follow one that is nowhere any more."""
    where = " nor ".join(view.name for view in views)
    paths = _all_paths(views)
    there = frozenset(paths)
    for rule in rules:
        own = rule.own
        if isinstance(own, Derived) and not own.there(there) and rule.files.among(paths):
            what = "is below" if isinstance(own, DerivedFolder) else "is"
            problem = f"no file of {where} {what} {own.source}, which {rule.files} follows"
            advice = "name what upstream has instead, or make it `own: ours`"
            yield Remark(rule.source, rule.id, problem, advice)


def _never_made(
    rules: Iterable[Rule], views: Sequence[View], fork: View | None, upstream: View | None
) -> Iterator[Remark]:
    """Rules about files that are made from others, which never ask for them."""
    paths = _all_paths(views)
    where = " nor ".join(view.name for view in views)
    for rule in rules:
        made = [hold for hold in rule.holds if isinstance(hold, MadeFromHold)]
        for hold in made:
            if not hold.sources.among(paths):
                problem = f"no file of {where} matches {hold.sources}, from which it says its files are made"
                yield Remark(rule.source, rule.id, problem, "correct `made-from`")
        if made or not (fork and upstream and rule.own and rule.own.name == "regenerate"):
            continue
        if rule.files.among(sorted(fork.paths)) and not rule.files.among(sorted(upstream.paths)):
            problem = f"{upstream.name} has none of its files, so no merge ever has them made anew"
            advice = (
                "say what they are made from, and by which command, in `hold: [{made-from: [...], by: ...}]`"
            )
            yield Remark(rule.source, rule.id, problem, advice)


def _blind(rules: Iterable[Rule], view: View) -> Iterator[Remark]:
    """Rules that watch what none of their files has, or what cannot be looked for in them."""
    paths = sorted(view.paths)
    for rule in rules:
        watched = [hold for hold in rule.holds if isinstance(hold, WatchHold)]
        here = rule.files.among(paths) if watched else []
        for hold in watched:
            if not here or hold.selector is None:
                continue
            problem = _nothing_found(hold.selector, [view.documents.get(path) for path in here])
            if problem:
                said = f"it watches {hold.selector.label} in {listed(here)} of {view.name}: {problem}"
                yield Remark(rule.source, rule.id, said, "correct the selector, or `watch: file`")


def _nothing_found(selector: Selector, documents: Iterable[Document | None]) -> str:
    """Why a selector finds nothing in any of the files (None: no text); empty where it finds something."""
    why = "nothing is found"
    for document in documents:
        try:
            if document is None:
                why = "not a text file"
            elif selector.find(document):
                return ""
        except CannotReadError as error:
            why = str(error)
    return why


def _owned_twice(rules: Sequence[Rule], views: Sequence[View]) -> Iterator[Remark]:
    paths = _all_paths(views)
    ruling = _by_path(rules, paths)
    there = frozenset(paths)
    for rule in rules:
        if isinstance(rule.own, DerivedFolder) and not (rule.steps or rule.holds):
            # What is not a copy is nobody's, or another rule's.
            for path in rule.files.among(paths):
                if not rule.own.governed([path], there):
                    ruling[path].remove(rule)
    yield from _said_twice([rule for rule in rules if rule.own], ruling)
    advice = "take the path out of one of the two with `!`"
    for one, other, shared in _sharing(ruling, lambda one, other: bool(one.own and other.own)):
        if one.own and other.own and one.own != other.own:
            problem = f"{listed(shared)}: {one.id} says {one.own.name}, so `{other.own.name}` has no effect"
            yield Remark(other.source, other.id, problem, advice)
    for owner, rule, shared in _sharing(ruling, lambda owner, rule: _replaces(owner) and bool(rule.steps)):
        said = f"{owner.id} says {owner.own.name}" if owner.own else ""
        problem = f"{listed(shared)}: {said}: nothing of upstream's is left to rewrite"
        yield Remark(rule.source, rule.id, problem, advice)


def _replaces(rule: Rule) -> bool:
    """Whether nothing of upstream's version stays in what the rule governs."""
    return rule.own is not None and rule.own.name in ("ours", "absent")


def _all_paths(views: Sequence[View]) -> list[str]:
    return sorted({path for view in views for path in view.paths})


def _by_path(rules: Iterable[Rule], paths: Sequence[str]) -> dict[str, list[Rule]]:
    """The rules that govern each path, in order; nothing of a path that none does."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for path in rule.files.among(paths):
            found.setdefault(path, []).append(rule)
    return found


def _sharing(
    ruling: Mapping[str, Sequence[Rule]], meant: Callable[[Rule, Rule], bool]
) -> Iterator[tuple[Rule, Rule, list[str]]]:
    """Pairs of rules with the paths that both govern, each in an order in which they are `meant`; of two orders the
    first, by that of the rules."""
    shared: dict[tuple[str, str], tuple[Rule, Rule, list[str]]] = {}
    for path, rules in sorted(ruling.items()):
        for one, other in permutations(rules, 2):
            if meant(one, other) and (other.id, one.id) not in shared:
                shared.setdefault((one.id, other.id), (one, other, []))[2].append(path)
    yield from shared.values()


def _said_twice(owning: Sequence[Rule], ruling: Mapping[str, Sequence[Rule]]) -> Iterator[Remark]:
    """Rules that one other makes needless: it says the same for all their paths, and for as long."""
    owners = {path: [rule for rule in rules if rule.own] for path, rules in ruling.items()}
    governed: dict[str, set[str]] = {rule.id: set() for rule in owning}
    for path, rules in owners.items():
        for rule in rules:
            governed[rule.id].add(path)
    ranks = {
        rule.id: (rule.review or date.max if rule.learned else date.max, -number)
        for number, rule in enumerate(owning)
    }

    def covers(one: Rule, other: Rule) -> bool:
        theirs = governed[other.id]
        if one is other or one.own != other.own or not governed[one.id] >= theirs:
            return False
        if not _for_all(one.files, other.files) or any(
            third.own != other.own for path in theirs for third in owners[path]
        ):
            return False
        # Of two that govern the same for as long, the first one stays.
        either = _for_all(other.files, one.files)
        return ranks[one.id][0] >= ranks[other.id][0] and (not either or ranks[one.id] > ranks[other.id])

    for rule in (rule for rule in owning if governed[rule.id]):
        # Who governs all its paths governs this one.
        near = owners[min(governed[rule.id])]
        if cover := next((one for one in near if covers(one, rule)), None):
            alone = not (rule.steps or rule.holds or rule.accepts)
            advice = "delete it" if alone else "take `own` out of it"
            yield Remark(rule.source, rule.id, f"{cover.id} says the same for all its paths", advice)


def _for_all(one: Globs, other: Globs) -> bool:
    """Whether what `other` governs `one` does too, whatever files there will be."""
    if one.patterns == other.patterns:
        return True
    return len(other.literal) == len(other.patterns) and all(map(one.match, other.literal))


def _stuck(rules: Sequence[Rule], views: Sequence[View], fork: View) -> Iterator[Remark]:
    """Rules that cannot be applied to a file as it is today: they would be withheld in the next merge."""
    replaced = [rule.files for rule in rules if _replaces(rule)]
    for rule in (rule for rule in rules if rule.steps):
        siblings = tuple(text for path, text in sorted(fork.documents.items()) if rule.files.match(path))
        told: set[str] = set()
        texts = [d for view in views for path, d in view.documents.items() if rule.files.match(path)]
        made_ready((step, document) for step in rule.steps for document in texts)
        for view in views:
            for path, document in sorted(view.documents.items()):
                if path in told or not rule.files.match(path) or any(files.match(path) for files in replaced):
                    continue
                result = rule.apply(document, Fork(fork.documents.get(path), siblings))
                if isinstance(result, Problem):
                    told.add(path)
                    problem = f"it cannot be applied to {path} in {view.name}: {result.detail}"
                    advice = "correct its selectors, its `expect` or `files`"
                    yield Remark(rule.source, rule.id, problem, advice)


def _overlapping(rules: Sequence[Rule], views: Sequence[View], fork: View) -> Iterator[Remark]:
    """Two rules that write in the same place, and come to different texts in different orders."""
    # What gives files a form writes everywhere.
    rewriting = [rule for rule in rules if rule.steps and not rule.reforms]
    siblings = {
        rule.id: tuple(text for path, text in sorted(fork.documents.items()) if rule.files.match(path))
        for rule in rewriting
    }
    told: set[tuple[str, str]] = set()
    for view in views:
        for path, document in sorted(view.documents.items()):
            governing = [rule for rule in rewriting if rule.files.match(path)]
            carried = {r.id: Fork(fork.documents.get(path), siblings[r.id]) for r in governing}
            for one, other in combinations(governing, 2):
                line = _shared_line(one, other, document, carried)
                if line and (one.id, other.id) not in told:
                    told.add((one.id, other.id))
                    problem = f"{one.id} writes in the same place: {path}:{line} in {view.name}"
                    advice = "narrow one of the selectors, or make them one rule"
                    yield Remark(other.source, other.id, problem, advice)


def _shared_line(one: Rule, other: Rule, document: Document, forks: Mapping[str, Fork]) -> int:
    """The first line in which both rules write, 0 where there is none or their order does not matter."""
    mine = edited_spans(one, document, forks[one.id])
    theirs = edited_spans(other, document, forks[other.id])
    shared = [max(a.start, b.start) for a in mine for b in theirs if overlap(a, b)]
    if not shared or _both(one, other, document, forks) == _both(other, one, document, forks) != "":
        return 0
    return document.line_of(min(shared))


def _both(first: Rule, second: Rule, document: Document, forks: Mapping[str, Fork]) -> str:
    """The text after both rules, empty where one of them cannot be applied."""
    for rule in (first, second):
        result = rule.apply(document, forks[rule.id])
        if isinstance(result, Problem):
            return ""
        document = Document(document.path, result.text)
    return document.text
