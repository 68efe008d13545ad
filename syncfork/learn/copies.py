"""Copies: a file of the fork's own that began as one of upstream's, and that people keep in step with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from syncfork.learn.base import Ledger, Past, Proposal
from syncfork.learn.naming import identifier

# A copy shares this part of its telling lines with the source, and at least so many.
_SHARE = 0.6
_LEAST_LINES = 12
# So many merges changed both.
_LEAST = 2


def may_be_copy(copy: str, source: str) -> bool:
    """Whether one path could be a copy of the other: the same kind of file, in the same folder or with a name that
    holds the other's."""
    mine, theirs = PurePosixPath(copy), PurePosixPath(source)
    near = mine.parent == theirs.parent or mine.name == theirs.name
    return mine.suffix == theirs.suffix and near and theirs.stem in mine.stem


def learn(past: Past) -> Iterator[Proposal]:
    """`own: {derived: SOURCE}` for copies that the last merges which changed the source brought in step."""
    for path, change in past.own.items():
        if change.base is not None or change.ours is None or path in past.upstream:
            continue
        source = _source(path, change.ours, past)
        if source is None:
            continue
        ledger = Ledger(past.merges)
        for number, merge in enumerate(past.merges):
            if source in merge.moved:
                ledger.add(number, path, path in merge.touched)
        if len(ledger.bearing) < _LEAST or ledger.against:
            continue
        rule = {
            "id": identifier("copy", path, source),
            "why": f"This file is a copy of {source}, and each merge that changed that brought it in step.",
            "files": [path],
            "own": {"derived": source},
        }
        yield Proposal("copies", rule, ledger.evidence())


def _source(path: str, text: str, past: Past) -> str | None:
    """The one of upstream's files that shares most lines with the text, if that is enough to call it a copy."""
    lines = _telling(text)
    shared = {
        source: (lines & _telling(known)).total()
        for source, known in past.sources.items()
        if may_be_copy(path, source)
    }
    best = max(shared, key=lambda source: shared[source], default=None)
    if best is None or shared[best] < _LEAST_LINES or shared[best] < _SHARE * lines.total():
        return None
    return best


def _telling(text: str) -> Counter[str]:
    """The lines that say something: a lone bracket or a short word stands in any file."""
    stripped = (line.strip() for line in text.split("\n"))
    return Counter(line for line in stripped if len(line) > 5 and any(c.isalpha() for c in line))
