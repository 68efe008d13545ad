"""A side that holds the other's change: a fix taken over early, or sent upstream and extended there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.lines import lines_of
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import tokens_of


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The side whose change has all of the other's, line by line or token by token, and more."""
    for unit, split in (("lines", lines_of), ("words", _signs)):
        base, ours, theirs = (Counter(split(text)) for text in (clash.base, clash.ours, clash.theirs))
        if ours in (base, theirs) or theirs == base:
            continue
        if _within(base, ours, theirs):
            yield Proposal(clash.theirs, f"theirs has our {unit} and more")
        elif _within(base, theirs, ours):
            yield Proposal(clash.ours, f"ours has their {unit} and more")


def _signs(text: str) -> list[str]:
    return [token for token in tokens_of(text) if not token.isspace()]


def _within(base: Counter[str], side: Counter[str], other: Counter[str]) -> bool:
    return side - base <= other - base and base - side <= base - other


RESOLVER = Resolver("contained", "one side's change has all of the other's", propose)
