"""Entries that both sides added at the same place of a list: imports, keys, cases, a changelog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import ended, lines_of
from syncfork.resolve.marked import line_end
from syncfork.resolve.odds import alike
from syncfork.resolve.resolver import Proposal, Resolver

# A list has to be so long on each side before its order is taken for intended.
_SORTED = 3


def propose(file: Disputed, clash: Clash) -> Iterator[Proposal]:
    """Both sides' additions: in the order of the list where it is a sorted one, else ours before theirs, and theirs
    before ours. An entry that both added is kept once; what two blocks begin or end with alike, which git leaves out
    of the conflict, each of them gets, or (it may be a block that both took over) one. Nothing where a side changed or
    deleted a line."""
    base, ours, theirs = (lines_of(text) for text in (clash.base, clash.ours, clash.theirs))
    mine, other = changes(base, ours), changes(base, theirs)
    if len(mine) != 1 or len(other) != 1 or mine[0].start != other[0].start:
        return
    place = mine[0].start
    if mine[0].end > place or other[0].end > place:
        return
    added, news = list(mine[0].new), list(other[0].new)
    entries = _entries(added) and _entries(news)
    once = [line for line in news if line not in added]
    if entries:
        news = once
    namesakes = _same_name(added, news)
    if not "".join(news).strip() or (namesakes and _same_name(_outermost(added), _outermost(news))):
        return
    lead, rest = base[:place], base[place:]
    is_list = min(len(ours), len(theirs)) >= _SORTED and not namesakes
    if is_list and ours == sorted(ours) and theirs == sorted(theirs):
        whole = [ended(line, line_end(file)) for line in (*base, *added, *once)]
        yield Proposal("".join(sorted(dict.fromkeys(whole))), "a sorted list")
        return
    left_out = [] if base else _left_out(file, clash)
    if left_out and not (entries and _entries([*added, *left_out])):
        yield Proposal(_joined(file, [*added, *left_out, *news]), f"{_ALIKE}, ours first")
        yield Proposal(_joined(file, [*news, *left_out, *added]), f"{_ALIKE}, theirs first")
        form = f"{_ALIKE}, what is alike once"
    else:
        form = "entries" if entries else "blocks"
    if namesakes:
        # Without an end each, these are most often two ways to do one thing.
        return
    yield Proposal(_joined(file, [*lead, *added, *news, *rest]), f"{form}, ours first")
    yield Proposal(_joined(file, [*lead, *news, *added, *rest]), f"{form}, theirs first")


def between(file: Disputed, clash: Clash) -> str:
    """What has to stand between the texts of two sides that both added a block, where these begin or end alike: git leaves
    that out of the conflict. Empty for any other conflict."""
    return "" if clash.base else _joined(file, [*_left_out(file, clash), ""])


_ALIKE = "blocks that begin or end alike"
# So many lines may two blocks begin and end with alike; so many beside them tell where they stand.
_ENDS, _AROUND = 12, 3


def _left_out(file: Disputed, clash: Clash) -> list[str]:
    """What has to stand between two added blocks: the end that both have, and then the beginning that both have.

    Under zdiff3 git takes lines that both sides added alike out of the conflict: `}` after it may be the end of both.
    They are settled lines beside it, in both sides, without which a side's lines around stand together in the merge
    base. Empty where there are none, or where that cannot be told.
    """
    at = next(number for number, part in enumerate(file.parts) if part is clash)
    before, after = (lines_of(str(file.parts[number])) for number in (at - 1, at + 1))
    base = _lined(file.base or "")
    sides = [
        _Side(_lined(whole or ""), lines_of(part))
        for whole, part in ((file.ours, clash.ours), (file.theirs, clash.theirs))
    ]
    for around in range(_AROUND, 0, -1):
        for heads, tails in _fewest_first(min(_ENDS, len(before)), min(_ENDS, len(after))):
            head, tail = before[len(before) - heads :], after[:tails]
            found = [side.around(head, tail) for side in sides]
            if all(found) and any(base.has(*each, around) for spots in found for each in spots):
                return [*tail, *head]
    return []


def _fewest_first(heads: int, tails: int) -> Iterator[tuple[int, int]]:
    """How many lines may be left out before and after a conflict, the fewest in all first."""
    for together in range(min(heads + tails, _ENDS) + 1):
        for head in range(max(0, together - tails), min(heads, together) + 1):
            yield head, together - head


class _Lined:
    """A text as lines, and where each of them stands."""

    def __init__(self, text: str) -> None:
        self.lines = lines_of(text)
        self.places: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self.lines):
            self.places[line].append(number)

    def has(self, before: Sequence[str], after: Sequence[str], around: int) -> bool:
        """Whether the ends of two stretches, so many lines of each, stand together here; the text's own beginning and
        end count as such. Never for lines without a letter or digit: they stand together everywhere."""
        left, right = before[-around:], after[:around]
        if not any(any(map(str.isalnum, line)) for line in (*left, *right)):
            return False
        for place in self.places.get(right[0], ()) if right else (len(self.lines),):
            begins = place == len(left) or len(left) == around
            ends = place + len(right) == len(self.lines) or len(right) == around
            there = self.lines[max(0, place - len(left)) : place + len(right)] == [*left, *right]
            if there and begins and ends:
                return True
        return False


# A file's conflicts are asked about one after the other.
_lined = lru_cache(maxsize=8)(_Lined)


class _Side:
    """One side's text, and the lines of it that are in conflict."""

    def __init__(self, whole: _Lined, part: Sequence[str]) -> None:
        self.lines, self.size = whole.lines, len(part)
        places = whole.places.get(part[0], ())
        self.spots = [at for at in places if self.lines[at : at + self.size] == list(part)]

    def around(self, head: Sequence[str], tail: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
        """What stands before `head` and after `tail`, wherever they stand around the lines in conflict."""
        found: list[tuple[Sequence[str], Sequence[str]]] = []
        for at in self.spots:
            first, last = at - len(head), at + self.size + len(tail)
            if first >= 0 and self.lines[first:at] == head and self.lines[at + self.size : last] == tail:
                found.append((self.lines[max(0, first - _AROUND) : first], self.lines[last : last + _AROUND]))
        return found


def _joined(file: Disputed, lines: Sequence[str]) -> str:
    """The lines as a text: one that ended its file without a line end gets one, unless it is the last."""
    return "".join([*(ended(line, line_end(file)) for line in lines[:-1]), *lines[-1:]])


def _same_name(added: Sequence[str], news: Sequence[str]) -> bool:
    """True where both added an entry of one name, and not the same one: these are no two entries."""
    named: dict[str, list[str]] = defaultdict(list)
    for line in added:
        named[_key(line)].append(line)
    return any(one != two and alike(one, two) for two in news for one in named.get(_key(two), ()))


def _outermost(lines: Sequence[str]) -> list[str]:
    """The lines that stand least deep: what is further in two blocks that each have an end of their own is no entry
    beside the other's (any two tests may each set the same thing)."""
    depths = [(len(line) - len(line.lstrip()), line) for line in lines if line.strip()]
    least = min((depth for depth, _ in depths), default=0)
    return [line for depth, line in depths if depth == least]


def _entries(lines: Sequence[str]) -> bool:
    """True for lines of one indentation, none of them blank: entries, and not blocks with an inner order."""
    return len({len(line) - len(line.lstrip()) for line in lines}) == 1 and all(map(str.strip, lines))


def _key(line: str) -> str:
    """What the entry of a line is called: two additions with one name are no two entries."""
    return line.replace(":", "=").split("=")[0].strip()


RESOLVER = Resolver("additions", "both sides added entries at the same place", propose)
