"""A side that only put other words for some of the base's: what the other side wrote gets the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import changes
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import tokens_of, words

Tokens = tuple[str, ...]


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The other side's text with the substitutions made by the one that changed nothing else."""
    base, ours, theirs = (tokens_of(text) for text in (clash.base, clash.ours, clash.theirs))
    for side, other, whose in (
        (ours, theirs, "our words in their text"),
        (theirs, ours, "their words in our text"),
    ):
        pairs = substitutions(base, side)
        if not pairs or substitutions(base, other):
            continue
        made, found = replaced(other, pairs)
        if found and made != clash.base:
            # What the other side wrote anew instead may be what the rest of the words stood for.
            some = "" if found.keys() == pairs.keys() else "some of "
            more = "" if found.total() <= replaced(base, pairs)[1].total() else ", also where they are new"
            yield Proposal(made, some + whose + more)


def substitutions(base: Sequence[str], side: Sequence[str]) -> Mapping[Tokens, Tokens] | None:
    """What `side` puts for what, if it differs from the base in nothing else and does so everywhere; else None."""
    found: dict[Tokens, Tokens] = {}
    for change in changes(base, side):
        old = tuple(base[change.start : change.end])
        if (
            not _named(old)
            or not change.new
            or "\n" in old + change.new
            or found.get(old, change.new) != change.new
        ):
            return None
        found[old] = change.new
    if not found or replaced(base, found)[0] != "".join(side):
        return None
    return found


def _named(tokens: Tokens) -> bool:
    """Whether there is a word among the tokens: a number alone stands for other things elsewhere, as in a date."""
    return any(any(map(str.isalpha, word)) for word in words(tokens))


def replaced(tokens: Sequence[str], pairs: Mapping[Tokens, Tokens]) -> tuple[str, Counter[Tokens]]:
    """The text of `tokens` with every occurrence of a key replaced, the longest first, and how often each was there."""
    made: list[str] = []
    found: Counter[Tokens] = Counter()
    at = 0
    keys = sorted(pairs, key=len, reverse=True)
    while at < len(tokens):
        key = next((key for key in keys if tuple(tokens[at : at + len(key)]) == key), None)
        made += pairs[key] if key else (tokens[at],)
        found.update([key] if key else [])
        at += len(key) if key else 1
    return "".join(made), found


RESOLVER = Resolver(
    "substituted",
    "one side only put other words for some, which the other side has too",
    propose,
)
