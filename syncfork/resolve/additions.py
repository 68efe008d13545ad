"""Entries that both sides added at the same place of a list: imports, keys, cases, a changelog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import lines_of
from syncfork.resolve.odds import alike
from syncfork.resolve.resolver import HABIT, Proposal, Resolver

# A list has to be so long on each side before its order is taken for intended.
_SORTED = 3
# So many lines may two blocks begin and end with alike, and so many settled lines beside them tell.
_ENDS, _AROUND = 12, 3
_ALIKE = "blocks that begin or end alike"


def propose(file: Disputed, clash: Clash) -> Iterator[Proposal]:
    """Both sides' additions: in the order of the list where it is a sorted one, else ours before theirs, and theirs
    before ours. An entry that both added is kept once, but what two blocks begin or end with each gets (git leaves
    it out of the conflict). Nothing where a side changed or deleted a line."""
    base, ours, theirs = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    mine, other = changes(base, ours), changes(base, theirs)
    if len(mine) != 1 or len(other) != 1 or mine[0].start != other[0].start:
        return
    place = mine[0].start
    if mine[0].end > place or other[0].end > place:
        return
    added, news = (
        list(mine[0].new),
        [line for line in other[0].new if line.strip() == "" or line not in mine[0].new],
    )
    if not "".join(news).strip() or any(
        alike(one, two) and _key(one) == _key(two) for one in added for two in news
    ):
        return
    between = "" if base else _left_out(file, clash)
    if between and not _entries([*added, *news, *lines_of(between)]):
        first, second = "".join(added), "".join(other[0].new)
        yield Proposal(first + between + second, f"{_ALIKE}, ours first")
        yield Proposal(second + between + first, f"{_ALIKE}, theirs first")
        return
    form = "entries" if _entries(added) and _entries(news) else "blocks"
    frame = base[:place], base[place:]
    merged = sorted([*base, *added, *news])
    if min(len(ours), len(theirs)) >= _SORTED and ours == sorted(ours) and theirs == sorted(theirs):
        yield Proposal("".join(merged), "a sorted list")
        return
    yield Proposal("".join([*frame[0], *added, *news, *frame[1]]), f"{form}, ours first")
    yield Proposal("".join([*frame[0], *news, *added, *frame[1]]), f"{form}, theirs first")


def _left_out(file: Disputed, clash: Clash) -> str:
    """What has to stand between two added blocks: the end that both have, and then the beginning that both have.

    Under zdiff3 git takes lines that both sides added alike out of the conflict: `}` after it may be the end of both.
    They are the settled lines beside it that the merge base does not have; empty where there are none, or where that
    cannot be told.
    """
    at = next(number for number, part in enumerate(file.parts) if part is clash)
    before, after = (lines_of(str(file.parts[number])) for number in (at - 1, at + 1))
    base = f"\n{file.base or ''}"
    for heads, tails in _fewest_first(min(_ENDS, len(before)), min(_ENDS, len(after))):
        settled = len(before) - heads
        around = "".join([*before[:settled][-_AROUND:], *after[tails:][:_AROUND]])
        if any(map(str.isalnum, around)) and f"\n{around}" in base:
            return "".join([*after[:tails], *before[settled:]])
    return ""


def _fewest_first(heads: int, tails: int) -> Iterator[tuple[int, int]]:
    """How many lines may be left out before and after a conflict, the fewest in all first."""
    for together in range(min(heads + tails, _ENDS) + 1):
        for head in range(max(0, together - tails), min(heads, together) + 1):
            yield head, together - head


def _entries(lines: Sequence[str]) -> bool:
    """True for lines of one indentation, none of them blank: entries, and not blocks with an inner order."""
    return len({len(line) - len(line.lstrip()) for line in lines}) == 1 and all(map(str.strip, lines))


def _key(line: str) -> str:
    """What the entry of a line is called: two additions with one name are no two entries."""
    return line.replace(":", "=").split("=")[0].strip()


RESOLVER = Resolver("additions", "both sides added entries at the same place", propose, merges=HABIT)
