"""A side that holds the other's change: a fix taken over early, or sent upstream and extended there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.lines import lines_of
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import tokens_of


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The side whose change has all of the other's, line by line or token by token, and more."""
    words = _counted(clash, _signs)
    for unit, (base, ours, theirs) in (("lines", _counted(clash, lines_of)), ("words", words)):
        if ours in (base, theirs) or theirs == base:
            continue
        # Who only took lines out, which the other wrote anew, did something that the other did not.
        if _within(base, ours, theirs) and (ours - base or _within(words[0], words[1], words[2])):
            yield Proposal(clash.theirs, f"theirs has our {unit} and more")
        elif _within(base, theirs, ours) and (theirs - base or _within(words[0], words[2], words[1])):
            yield Proposal(clash.ours, f"ours has their {unit} and more")


def _counted(
    clash: Clash, split: Callable[[str], list[str]]
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    return Counter(split(clash.base)), Counter(split(clash.ours)), Counter(split(clash.theirs))


def _signs(text: str) -> list[str]:
    return [token for token in tokens_of(text) if not token.isspace()]


def _within(base: Counter[str], side: Counter[str], other: Counter[str]) -> bool:
    return side - base <= other - base and base - side <= base - other


RESOLVER = Resolver("contained", "one side's change has all of the other's", propose)
