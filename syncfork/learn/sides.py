"""Paths that people take from one side as a whole, merge after merge, whatever upstream did to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.globs import exactly
from syncfork.learn.base import Ledger, Passage, Past, Proposal, Took
from syncfork.rules.naming import identifier

# Measured on the histories of sixteen forks: after so many conflicts in a row that were decided so as a whole, the next
# one was decided alike in 83 of 86 cases; after one or two fewer in 16 of 21. Each exception makes more necessary.
_RUN, _MORE = 8, 4
# The part of all of upstream's changes, those without a conflict included, that must have been decided alike.
_SHARE = 0.9
# What is older tells nothing about today.
_WINDOW = 40

_WHY = {
    "ours": "This file is the fork's own: {run} conflicts in a row with upstream's changes left all of them out.",
    "theirs": "The fork keeps nothing of its own here: {run} conflicts in a row took upstream's file as it was.",
}
_SIDES: tuple[Took, ...] = ("ours", "theirs")


def learn(past: Past) -> Iterator[Proposal]:
    """`own: ours` and `own: theirs` for paths that both sides still have."""
    for path, passages in past.passages.items():
        if path not in past.upstream or (path in past.own and past.own[path].ours is None):
            continue
        for side in _SIDES:
            recent = _since_it_began(passages, side)[-_WINDOW:]
            run = _settled(recent, side)
            if not run:
                continue
            ledger = Ledger(past.merges)
            for passage in recent:
                ledger.add(passage.merge, path, passage.took == side)
            rule = {
                "id": identifier(side, path),
                "why": _WHY[side].format(run=run),
                "files": [exactly(path)],
                "own": side,
            }
            yield Proposal("sides", rule, (path,), ledger.evidence())


def _settled(passages: Sequence[Passage], side: Took) -> int:
    """How many conflicts in a row were decided for this side; 0 where the path is not settled so."""
    agreed = [passage.took == side for passage in passages]
    conflicts = [passage.took == side for passage in passages if passage.kind]
    if not agreed or not agreed[-1] or sum(agreed) < _SHARE * len(agreed):
        return 0
    run = next((n for n, agrees in enumerate(reversed(conflicts)) if not agrees), len(conflicts))
    return run if run >= _RUN + _MORE * conflicts.count(False) else 0


def _since_it_began(passages: Sequence[Passage], side: Took) -> Sequence[Passage]:
    """The passages from the first conflict that went to this side: before it there was nothing to decide."""
    start = next((n for n, p in enumerate(passages) if p.kind and p.took == side), len(passages))
    return passages[start:]
