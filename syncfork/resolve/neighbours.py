"""Changes of different lines that git takes for one: a three-way merge that lets them touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import Change, changes, distance, merged
from syncfork.resolve.lines import lines_of
from syncfork.resolve.odds import AT_ODDS, DOUBTS, REWRITTEN, alike, at_odds
from syncfork.resolve.resolver import Proposal, Resolver


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """The merge of both sides' lines, where no line was changed by both and nothing inserted at the same place.

    Of sorts of their own are merges where the sides look to be at odds, and where one wrote anew what the other's
    lines stood beside.
    """
    base, ours, theirs = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    mine, other = changes(base, ours), changes(base, theirs)
    lines = merged(base, mine, other)
    if not base or not mine or not other or lines is None:
        return
    made = "".join(lines)
    if made in (clash.ours, clash.theirs):
        return
    inserting = [all(each.start == each.end for each in side) for side in (mine, other)]
    deleting = [not any(each.new for each in side) for side in (mine, other)]
    forms = [
        "adds" if add else "deletes" if cut else "changes"
        for add, cut in zip(inserting, deleting, strict=True)
    ]
    near = "beside" if distance(mine, other) == 0 else "apart from"
    sort = f"ours {forms[0]} {near} where theirs {forms[1]}"
    if at_odds(clash):
        yield Proposal(made, f"{AT_ODDS}, {sort}", DOUBTS[AT_ODDS])
    elif any(_rewritten(base, each) for each in (*mine, *other)):
        yield Proposal(made, f"{REWRITTEN}, {sort}", DOUBTS[REWRITTEN])
    else:
        yield Proposal(made, sort)


def _rewritten(base: Sequence[str], change: Change) -> bool:
    """True where the new lines have little of those that they replace."""
    old = "".join(base[change.start : change.end])
    return bool(old.strip() and change.new) and not alike("".join(change.new), old)


RESOLVER = Resolver("neighbours", "both sides changed other lines, that are only next to each other", propose)
