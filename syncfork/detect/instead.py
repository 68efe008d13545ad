"""Which name a side wrote in the place of another one. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from syncfork.detect.lines import beyond
from syncfork.text import Document

_WORD = re.compile(r"\w+")
# So many lines of each text are held against each other.
_REMOVED, _ADDED = 50, 2000
_CONSTANTS = frozenset(
    ["None", "null", "nil", "true", "false", "True", "False", "undefined", "self", "this", "void"]
)


def instead(name: str, texts: Iterable[tuple[Document, Document]]) -> str:
    """The name that stands in the place of `name`, in lines that are the same for the rest, in the second of two texts; empty
    where there is no such line."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    votes: Counter[str] = Counter()
    for before, after in texts:
        added = [line.strip() for line in islice(beyond(after.text, before.text).values(), _ADDED)]
        removed = filter(word.search, beyond(before.text, after.text).values())
        for line in islice(removed, _REMOVED):
            start, _, end = line.strip().partition(name)
            # A line that is the name alone tells nothing.
            if "(" in start + end or _WORD.search(start + end):
                form = re.compile(rf"{re.escape(start)}([A-Za-z_]\w*){re.escape(end)}")
                votes.update({found[1] for other in added if (found := form.fullmatch(other))} - _CONSTANTS)
    # One that goes on from the name is meant rather than what took its place in a call here or there.
    near = Counter({other: count for other, count in votes.items() if name.lower() in other.lower()})
    return (near or votes).most_common(1)[0][0] if votes else ""
