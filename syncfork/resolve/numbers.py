"""Numbers that count what stands before them: indexes, lengths, consecutive values of an enumeration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import Change, changes
from syncfork.resolve.lines import lines_of
from syncfork.resolve.resolver import Proposal, Resolver
from syncfork.resolve.tokens import form

# Whole numbers as people count with them: no leading zeros, no parts of a version or a name.
_NUMBER = re.compile(r"(?<![\w.])(?:0|[1-9][0-9]{0,8})(?![\w.])")


# Dates, ranges, times and years count nothing.
_NO_COUNT = re.compile(r"\d[-/:]\d|\b(?:19|20)\d\d\b")
# Of two steps that count the same, none is more than so many times the other, but for small ones.
_STEP, _TIMES = 20, 10


def propose(_: Disputed, clash: Clash) -> Iterator[Proposal]:
    """Both sides' steps added up; or both sides' new values, those of ours counted on from theirs."""
    if summed := _summed(clash):
        yield Proposal(summed, "both steps added up")
    if counted := _counted(clash):
        yield Proposal(counted, "our values counted on from theirs")


def _summed(clash: Clash) -> str | None:
    """The text with each number as far from the base's as both sides' steps together; None where the sides differ
    in anything else, or no number was moved by both."""
    frames = {_NUMBER.sub("\0", text) for text in (clash.base, clash.ours, clash.theirs)}
    if len(frames) != 1 or "\0" in clash.base:
        return None
    rows = list(zip(*(_numbers(text) for text in (clash.base, clash.ours, clash.theirs)), strict=True))
    if _NO_COUNT.search(clash.base) or any(map(_apart, rows)):
        return None
    sums = [ours + theirs - base for base, ours, theirs in rows]
    if min(sums, default=-1) < 0 or not any(base not in (ours, theirs) for base, ours, theirs in rows):
        return None
    rest = iter(sums)
    return re.sub("\0", lambda _: str(next(rest)), frames.pop())


def _apart(row: tuple[int, int, int]) -> bool:
    """Whether both sides moved a number, by steps of which one is no count of what the other counts: a port, a size."""
    base, ours, theirs = row
    small, large = sorted((abs(ours - base), abs(theirs - base)))
    return small > 0 and large > max(_STEP, _TIMES * small)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


def _counted(clash: Clash) -> str | None:
    """Theirs with our new lines behind its own, each number of them moved on; a number that ended the run on both
    sides (a length) ends it still. None where the new lines are no such runs of one form from the same number on,
    or where it is open what becomes of a blank line between them."""
    base, ours, theirs = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    mine, other = changes(base, ours), changes(base, theirs)
    if len(mine) != 1 or len(other) != 1 or (mine[0].start, mine[0].end) != (other[0].start, other[0].end):
        return None
    old, new, news = base[mine[0].start : mine[0].end], *(_run(each) for each in (mine[0], other[0]))
    if len(old) > 1 or not new or not news:
        return None
    ending = bool(old)
    if ending and not (_same_frame(old[0], mine[0].new[-1]) and _same_frame(old[0], other[0].new[-1])):
        return None
    entries, upstream = list(mine[0].new), list(other[0].new)
    step = news[-1] + (not ending) - new[0]
    if new[0] != news[0] or step <= 0 or not _one_list(entries, upstream):
        return None
    if not all(each.strip() for each in (entries[0], entries[-1], upstream[0], upstream[-1])):
        return None
    moved = [_NUMBER.sub(lambda found: str(int(found[0]) + step), line, count=1) for line in entries]
    made = [*(upstream[:-1] if ending else upstream), *moved]
    if not all(line.endswith("\n") for line in made):
        return None
    return "".join([*base[: mine[0].start], *made, *base[mine[0].end :]])


def _run(change: Change) -> list[int]:
    """The first number of each line that has one, if they count up by one; else nothing."""
    found = [int(number[0]) for line in change.new if (number := _NUMBER.search(line))]
    return found if found and found == list(range(found[0], found[0] + len(found))) else []


def _one_list(entries: Sequence[str], others: Sequence[str]) -> bool:
    """True where the first numbered lines are of one form, and name different things."""
    one, other = (next((line for line in lines if _NUMBER.search(line)), "") for lines in (entries, others))
    left, right = (_NUMBER.split(line)[0] for line in (one, other))
    return left.split() != right.split() and form(left) == form(right)


def _same_frame(one: str, other: str) -> bool:
    return _frame(one) == _frame(other)


def _frame(line: str) -> Sequence[str]:
    return _NUMBER.sub("\0", line, count=1).split()


RESOLVER = Resolver("numbers", "the numbers count what both sides added to", propose)
