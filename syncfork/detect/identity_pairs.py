"""Which name one side put in the place of another: read from lines that differ in nothing else."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher

from msgspec import Struct

from syncfork.detect.identity_mentions import mentions
from syncfork.detect.identity_names import Mention
from syncfork.text import Document


class Pair(Struct, frozen=True):
    """`old` in a line of the merge base, and `new` in the line that one side made of it."""

    kind: str
    place: str
    old: str
    new: str
    path: str
    line: int
    others: frozenset[str]


# Beyond this many lines that changed, what became of which line is a guess.
_MOST = 3000


def renamed_pairs(before: Document, after: Document) -> list[Pair]:
    """The names that were replaced from `before` to `after`, line by line."""
    if _names(before) == _names(after):
        return []
    then, now = (document.text.split("\n") for document in (before, after))
    pairs: list[Pair] = []
    was, has = _by_line(before), _by_line(after)
    for removed, added in _hunks(then, now):
        waiting: dict[str, list[int]] = defaultdict(list)
        for number in added:
            if number in has:
                waiting[_masked(now[number - 1], has[number])].append(number)
        for number in removed:
            if number in was and (others := waiting.get(_masked(then[number - 1], was[number]))):
                pairs += _paired(before.path, was[number], has[others.pop(0)])
    return pairs


def _names(document: Document) -> Counter[tuple[str, str, str]]:
    return Counter((mention.kind, mention.place, mention.name) for mention in mentions(document))


def _by_line(document: Document) -> dict[int, list[Mention]]:
    lines: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions(document):
        lines[mention.line].append(mention)
    return lines


def _hunks(then: list[str], now: list[str]) -> Iterator[tuple[range, range]]:
    """The numbers of the lines that were replaced, and of those in their place."""
    head = next(
        (i for i, (a, b) in enumerate(zip(then, now, strict=False)) if a != b), min(len(then), len(now))
    )
    tail = 0
    while tail < min(len(then), len(now)) - head and then[-1 - tail] == now[-1 - tail]:
        tail += 1
    old, new = then[head : len(then) - tail], now[head : len(now) - tail]
    if len(old) + len(new) > _MOST:
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace":
            yield range(head + a + 1, head + b + 1), range(head + c + 1, head + d + 1)


# A pin or a tag after a name, and a comment at the end of the line.
_PIN = re.compile(r"(?<=\x00)(?:[\w./-]*@[^\s\"']+|:[\w.-]+)")
_COMMENT = re.compile(r"\s+#.*$")


def _masked(text: str, named: list[Mention]) -> str:
    """The line without the names in it, and without what goes with a name."""
    for name in sorted({mention.name for mention in named}, key=len, reverse=True):
        text = text.replace(name, "\x00")
    return _COMMENT.sub("", _PIN.sub("", text.strip())).replace('"', "'")


def _paired(path: str, then: list[Mention], now: list[Mention]) -> list[Pair]:
    shapes = [[(mention.kind, mention.place) for mention in named] for named in (then, now)]
    if shapes[0] != shapes[1]:
        # What an image's name has in it depends on its registry: what both have is paired.
        if any(shape.count(("image", "")) != 1 for shape in shapes):
            return []
        then, now = (
            [item for item in named if [s.count((item.kind, item.place)) for s in shapes] == [1, 1]]
            for named in (then, now)
        )
        then, now = (sorted(named, key=lambda item: (item.kind, item.place)) for named in (then, now))
    others = frozenset(mention.name for mention in then if "/" in mention.name)
    return [
        Pair(old.kind, old.place, old.name, new.name, path, old.line, others)
        for old, new in zip(then, now, strict=True)
        if old.name != new.name
    ]
