"""Changes of different words in the same lines: a three-way merge of tokens instead of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import Change, changes, distance, merged
from syncfork.resolve.odds import AT_ODDS, DOUBTS, INDENTED, REWRITTEN, at_odds
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import is_word, tokens_of

# With fewer words than this left by both sides, what is common is chance and no frame for a merge.
_FRAME = 0.5


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The merge of both sides' tokens, where no token was changed by both.

    Of sorts of their own are merges where the sides look to be at odds, where one is more new than old, and where an
    indentation changes (whole blocks depend on it).
    """
    base, ours, theirs = (tokens_of(text) for text in (clash.base, clash.ours, clash.theirs))
    if not (base and ours and theirs):
        return
    mine, other = changes(base, ours), changes(base, theirs)
    if not mine or not other or merged(base, mine, other, both=True) is None:
        return
    doubt = _doubt(clash, base, mine, other)
    if tokens := merged(base, mine, other):
        found = [(tokens, doubt or _where(base, mine, other))]
    else:
        if any("\n" in each.new for each in (*mine, *other)):
            return
        place = f"same place, {doubt}" if doubt else "same place"
        orders = (mine, other, f"{place}, ours first"), (other, mine, f"{place}, theirs first")
        found = [(merged(base, one, two, both=True) or [], sort) for one, two, sort in orders]
    for tokens, sort in found:
        text = "".join(tokens)
        if text not in (clash.ours, clash.theirs):
            form = "" if doubt else _form(text, clash, base, mine, other)
            yield Proposal(text, sort + form, DOUBTS.get(doubt, ""))


def _doubt(clash: Clash, base: Sequence[str], ours: Sequence[Change], theirs: Sequence[Change]) -> str:
    """Why the changes may not go together, in a few words; empty where nothing speaks against it."""
    if at_odds(clash):
        return AT_ODDS
    if any(_kept(base, each) < _FRAME for each in (ours, theirs)):
        return REWRITTEN
    return INDENTED if any(_indents(base, each) for each in (ours, theirs)) else ""


def _where(base: Sequence[str], ours: Sequence[Change], theirs: Sequence[Change]) -> str:
    """In which way the changes are apart."""
    near = "near" if (distance(ours, theirs) or 0) < 2 else "apart"
    return f"{'same line' if _lines(base, ours) & _lines(base, theirs) else 'other lines'}, {near}"


def _form(
    text: str, clash: Clash, base: Sequence[str], ours: Sequence[Change], theirs: Sequence[Change]
) -> str:
    """What people might have written otherwise: where the lines break."""
    if _grown(text, clash):
        return ", long"
    return ", wrapped" if _breaks(base, ours) or _breaks(base, theirs) else ""


def _grown(text: str, clash: Clash) -> bool:
    """True where a line is longer than any that people wrote here: they might break it."""
    written = (line for side in (clash.base, clash.ours, clash.theirs) for line in side.split("\n"))
    return max(map(len, text.split("\n"))) > max(map(len, written))


def _lines(base: Sequence[str], made: Sequence[Change]) -> set[int]:
    before = [0]
    for token in base:
        before.append(before[-1] + (token == "\n"))
    return {line for each in made for line in range(before[each.start], before[each.end] + 1)}


def _kept(base: Sequence[str], made: Sequence[Change]) -> float:
    """Which part of the base's words is left."""
    lost = sum(is_word(token) for each in made for token in base[each.start : each.end])
    return 1 - lost / max(1, sum(map(is_word, base)))


def _breaks(base: Sequence[str], made: Sequence[Change]) -> bool:
    """True where a line is broken or joined: how people wrap it depends on what else is in it."""
    for each in made:
        old, new = base[each.start : each.end], each.new
        whole = not each.start or base[each.start - 1] == "\n" or "\n" in (*old[:1], *new[:1])
        if "\n" in (*old, *new) and not whole:
            return True
    return False


def _indents(base: Sequence[str], made: Sequence[Change]) -> bool:
    """True where a line that stays begins with other blanks."""
    for each in made:
        if each.start and base[each.start - 1] != "\n":
            continue
        old, new = base[each.start : each.end], each.new
        if (len(old) == 1 and old[0].isspace() and old != ["\n"]) or (len(new) == 1 and new[0].isspace()):
            return True
    return False


RESOLVER = Resolver("words", "both sides changed other words of the same lines", propose)
