"""What a rewriting rule would have done where git had no conflict: nothing is what it should do there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from syncfork.git.repository import Repository
from syncfork.learn.base import Past, PastMerge, Proposal
from syncfork.merge.lift import Governed, lift
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.rewrite.base import Fork
from syncfork.rules.model import Applied, Rule
from syncfork.text import Document, decode_document

# So many of upstream's newest changes of a path are looked at.
_NEWEST = 20


class Clean(Struct, frozen=True):
    """Of `merges` without a conflict: in how many the rule would have been withheld, so that a person is needed, and in
    how many it would have changed what people committed."""

    merges: int = 0
    withheld: int = 0
    spoiled: int = 0


def where_clean(
    repository: Repository, past: Past, found: Sequence[tuple[Proposal, Rule]]
) -> dict[str, Clean]:
    """By rule id. Looked at are merges from the first on that bears the rule out: before, the fork may not have had
    what it is about. All texts are read by one process."""
    numbers = {merge.commit: number for number, merge in enumerate(past.merges)}
    asked: dict[str, list[tuple[PastMerge, str]]] = {}
    for proposal, rule in found:
        first = min(numbers[item.commit] for item in proposal.evidence.bearing)
        places = [
            (past.merges[passage.merge], path)
            for path in proposal.paths
            for passage in [p for p in past.passages.get(path, ()) if not p.kind][-_NEWEST:]
            if passage.merge >= first
        ]
        asked[rule.id] = places
    names = {name for places in asked.values() for merge, path in places for name in _names(merge, path)}
    blobs = repository.blobs(names) if names else {}
    return {
        rule.id: _sum([_one(rule, path, _texts(merge, path, blobs)) for merge, path in asked[rule.id]])
        for _, rule in found
    }


def _names(merge: PastMerge, path: str) -> list[str]:
    return [f"{commit}:{path}" for commit in (merge.base, merge.ours, merge.theirs, merge.commit)]


def _texts(merge: PastMerge, path: str, blobs: Mapping[str, bytes | None]) -> tuple[Document | None, ...]:
    contents = [blobs.get(name) for name in _names(merge, path)]
    read = [decode_document(path, content) if content is not None else None for content in contents]
    return tuple(item[0] if item else None for item in read)


def _one(rule: Rule, path: str, texts: tuple[Document | None, ...]) -> Clean:
    base, ours, theirs, committed = texts
    if ours is None or theirs is None or committed is None:
        return Clean()
    fork = Fork(ours, (ours,))
    sides = {OURS: ours, THEIRS: theirs} | ({BASE: base} if base else {})
    lifted = lift(Governed(sides, (rule,), {rule.id: fork}))
    made = rule.apply(Document(path, committed.text), fork)
    spoils = isinstance(made, Applied) and made.text != committed.text
    withheld = lifted.effects[0].problem is not None
    return Clean(1, int(withheld), int(spoils and not withheld))


def _sum(found: Sequence[Clean]) -> Clean:
    return Clean(
        sum(item.merges for item in found),
        sum(item.withheld for item in found),
        sum(item.spoiled for item in found),
    )
