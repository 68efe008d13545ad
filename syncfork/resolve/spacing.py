"""Sides that differ in blanks and line breaks only: from each other, or one of them from the merge base."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.resolver import HABIT, Proposal, Resolver


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The side that says something new; where both say the same, either."""
    base, ours, theirs = ("".join(text.split()) for text in (clash.base, clash.ours, clash.theirs))
    if not base and not ours and not theirs:
        return
    if ours == theirs:
        yield Proposal(clash.theirs, "both say the same, spaced as theirs")
        yield Proposal(clash.ours, "both say the same, spaced as ours")
    elif ours == base:
        yield Proposal(clash.theirs, "ours changed nothing but the spacing")
    elif theirs == base:
        yield Proposal(clash.ours, "theirs changed nothing but the spacing")


RESOLVER = Resolver("spacing", "the sides differ in blanks and line breaks only", propose, merges=HABIT)
